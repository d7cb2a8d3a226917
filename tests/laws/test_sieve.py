"""Code in which the sieve finds no name configures nothing: whether it is asked or not makes no difference to what is said."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from smtplint import check
from smtplint.config import Settings
from smtplint.rule import load_rules
from smtplint.sieve import LONG, may_configure
from smtplint.source import Source, Unreadable
from tests.test_dialects import Folder
from tests.test_python_flows import FLOWS
from tests.wire.programs import programs

_CASES = Path(__file__).parents[1] / "dialects"


def _texts() -> Iterator[tuple[str, dict[str, str]]]:
    for file in sorted(_CASES.glob("*.toml")):
        for case in tomllib.loads(file.read_text("utf-8")).get("case", []):
            if case["path"].endswith(".py"):
                yield case["text"], case.get("files", {})
    examples = [example for rule in load_rules().values() for example in rule.examples if example.path.endswith(".py")]
    yield from ((text, {}) for example in examples for text in (example.bad, example.good) if text is not None)
    yield from ((f"import smtplib\n{text}", {}) for text, _ in FLOWS.values())
    yield from ((text, {}) for _, text in programs())


def test_what_the_sieve_leaves_out_configures_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "may_configure", lambda *_: True)
    filler = "\nUNRELATED = 1" * (LONG // 10)
    said = 0
    for text, files in _texts():
        for longer in (
            text,
            f"{text}\n{filler}\n",
        ):  # names are looked at once in a short text, and again in a long one
            try:
                found = check.endpoints(Source("app/settings.py", longer), Settings(), Folder(files))
            except Unreadable:
                continue
            said += bool(found)
            assert may_configure(longer, "python") or not found, text
    assert said > 500
