"""The built wheel, in an empty environment, lints."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from smtplint import dialect, knowledge, provider, rule, sieve, stray, table, worked_out
from smtplint.format import PATTERNS
from smtplint.model import PROTOCOLS
from smtplint.table import load_dialects

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)],
        check=True, capture_output=True,
    )  # fmt: skip
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_holds_the_knowledge(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for folder, here in (
        ("rules", ROOT / "rules"),
        ("dialects", ROOT / "smtplint" / "dialects"),
        ("facts", ROOT / "smtplint" / "facts"),
    ):
        inside = {n.rpartition("/")[2] for n in names if n.startswith(f"smtplint/{folder}/")}
        assert inside == {p.name for p in here.iterdir() if p.is_file()}
    assert not [n for n in names if n.startswith(("tests/", "rules/"))]


@pytest.mark.parametrize("folder", knowledge.COMPILED)
def test_the_wheel_holds_the_knowledge_once_more_in_a_form_that_loads_fast(wheel: Path, folder: str) -> None:
    compiled = json.loads(zipfile.ZipFile(wheel).read(f"smtplint/{folder}.json"))
    assert compiled == knowledge.parsed(knowledge.folder_of(folder))
    assert list(compiled) == sorted(compiled)


def test_the_wheel_holds_what_every_run_would_work_out(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = zipfile.ZipFile(wheel)
    made = {name: archive.read(f"smtplint/compiled/{name}") for name, _ in worked_out.files()}
    assert made == dict(worked_out.files())
    from_toml = [dict(load_dialects()), rule._own_rules(), *_parts()]
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.setattr(knowledge, "_MADE", tmp_path)
    monkeypatch.setattr(table, "_loaded", table._loaded.__wrapped__)
    from_wheel = [dict(load_dialects()), rule._own_rules(), *_parts()]
    assert type(load_dialects()) is not dict, "what the wheel holds was not asked for"
    assert from_wheel == from_toml


def _parts() -> list[object]:
    """What is asked of the tables in every run, past the caches."""
    spelled = [dialect._index.__wrapped__(name, ())._spelled for name in PATTERNS]
    plain = [(dict(found.by_tail), found.wild) for found in spelled]
    sieves = [sieve.sieve.__wrapped__(name) for name in ("python", "ini", "env")]
    names = [*plain, *sieves, sieve._clues.__wrapped__(()), dialect.calls.__wrapped__()]
    facts = [dict(knowledge.facts.__wrapped__(name)) for name in ("ports", "providers", "readers")]
    hosts = [provider._hosts.__wrapped__(protocol) for protocol in PROTOCOLS]
    return [*names, *facts, *hosts, dict(provider._rows.__wrapped__()), dict(stray._vocabulary.__wrapped__(()))]


@pytest.fixture(scope="module")
def empty(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that holds the wheel, and what it asks for."""
    environment = tmp_path_factory.mktemp("env")
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", str(wheel)], check=True, capture_output=True)
    return python


def test_the_wheel_lints_in_an_empty_environment(empty: Path, tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text('EMAIL_HOST = "mail.example.org"\nEMAIL_PORT = 465\nEMAIL_USE_TLS = True\n')
    run = subprocess.run(
        [str(empty.with_name("smtplint")), "--output-format", "json", "."],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1, run.stderr
    assert "starttls-on-implicit-tls-port" in {f["rule"] for f in json.loads(run.stdout)["findings"]}


def test_the_wheel_says_what_the_checkout_says(empty: Path, tmp_path: Path) -> None:
    for place, text in _texts():
        file = tmp_path / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", newline="")
    from_wheel, from_toml = (
        subprocess.run(
            [str(python), "-m", "smtplint", "--output-format", "json", "."],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )
        for python in (empty, sys.executable)
    )  # fmt: skip
    assert from_wheel.stderr == from_toml.stderr == ""
    assert json.loads(from_wheel.stdout) == json.loads(from_toml.stdout)
    assert len(json.loads(from_toml.stdout)["findings"]) > 1000


def _texts() -> Iterator[tuple[str, str]]:
    """Each text of which the tests of tables and rules say something, in a folder of its own."""
    for file in sorted((ROOT / "tests" / "dialects").glob("*.toml")):
        for number, case in enumerate(tomllib.loads(file.read_text("utf-8")).get("case", [])):
            yield f"{file.stem}-{number}/{case['path']}", case["text"]
    for name, known in rule.load_rules().items():
        for number, example in enumerate(known.examples):
            yield f"rule-{name}-{number}/{example.path}", example.bad or example.good or ""
