"""The lens law: assign a field and read it back; assign what is there and nothing changes.

Over every dialect row, in every state of its keys, in every format of the dialect.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from smtplint.check import endpoints
from smtplint.config import Settings
from smtplint.dialect import load_dialects
from smtplint.model import UNKNOWN, Endpoint
from smtplint.source import Source, apply
from smtplint.table import Dialect
from tests.spelling import Nowhere, field_key, file_name, render, states, typed

RULED = ("encryption", "verification")
PORTS = (25, 465, 587, 993)


def _pairs() -> Iterator[object]:
    for dialect in load_dialects().values():
        for format_name in dialect.formats:
            yield pytest.param(dialect, format_name, id=f"{dialect.name}-{format_name}")


def _read(dialect: Dialect, path: str, text: str) -> Endpoint | None:
    settings = Settings(per_file_dialects={"*": dialect.name})
    found = [e for e in endpoints(Source(path, text), settings, Nowhere()) if dialect.name in e.dialect.split(" | ")]
    return found[0] if len(found) == 1 else None


def _texts(dialect: Dialect, format_name: str) -> Iterator[str]:
    """One text for each state of the tested keys and a few ports, with a host, a user name and a password."""
    for number, state in enumerate(states(dialect)):
        values: dict[str, object] = {}
        for name, value in (("host", "mail.example.org"), ("port", PORTS[number % len(PORTS)]), ("username", "me")):
            key = field_key(dialect, name, format_name)
            if key is not None and key not in state:
                values[key] = typed(format_name, value)
        if not {*values, *state} & {*dialect.anchors} and (
            anchor := next((a for a in dialect.anchors if "*" not in a and not dialect.calls), None)
        ):
            state.setdefault(anchor, True)
        text = render(dialect, format_name, {**values, **state})
        if text is not None:
            yield text


@pytest.mark.parametrize(("dialect", "format_name"), list(_pairs()))
def test_what_is_assigned_reads_back(dialect: Dialect, format_name: str) -> None:
    path = file_name(format_name)
    for text in _texts(dialect, format_name):
        endpoint = _read(dialect, path, text)
        if endpoint is None or endpoint.binding is None:
            continue
        for name in RULED:
            for wanted in {str(row.means) for row in dialect.rows.get(name, ())} - {"contradictory", "unchecked"}:
                edits = endpoint.binding.edits({name: wanted})
                if edits is None:
                    continue
                changed = apply(text, edits)
                again = _read(dialect, path, changed)
                assert again is not None, changed
                assert again.value(name) == wanted, f"{text}\n--- {name} = {wanted}\n{changed}"
                if endpoint.value(name) == wanted:
                    assert changed == text


@pytest.mark.parametrize(("dialect", "format_name"), list(_pairs()))
def test_a_port_that_is_assigned_reads_back(dialect: Dialect, format_name: str) -> None:
    path = file_name(format_name)
    for text in _texts(dialect, format_name):
        endpoint = _read(dialect, path, text)
        if endpoint is None or endpoint.binding is None or endpoint.value("port") is UNKNOWN:
            continue
        edits = endpoint.binding.edits({"port": 2525})
        if edits is not None:
            again = _read(dialect, path, apply(text, edits))
            assert again is not None
            assert again.value("port") == 2525


@pytest.mark.parametrize(("dialect", "format_name"), list(_pairs()))
def test_the_spelling_of_the_law_is_read_at_all(dialect: Dialect, format_name: str) -> None:
    """The two laws above must not pass because nothing was read."""
    texts = list(_texts(dialect, format_name))
    if not texts:
        pytest.skip("no key of this dialect can be written in this format")
    read = [e for text in texts if (e := _read(dialect, file_name(format_name), text)) is not None]
    off = len(dialect.off) > 0
    assert read or off
