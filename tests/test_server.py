"""The language server, before a real client: what it says is what the command line says of the same text."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lsprotocol import types

from smtplint.source import Source
from tests.editor import Editor, applied
from tests.invoke import smtplint

ROOT = Path(__file__).parent.parent

BAD = {
    ".env": "# 😀\nexport EMAIL_HOST='smtp.gmail.com'\nEMAIL_PORT=465\nEMAIL_USE_TLS=True\n",
    "settings.py": 'X = "😀"; EMAIL_HOST = "smtp.gmail.com"\r\nEMAIL_PORT = 465\r\n"😀"; EMAIL_USE_TLS = True  # é\r\n',
    "compose.yaml": (
        "services:\n  app:\n    image: n8nio/n8n\n    environment:\n"
        '      { "😀": x, N8N_SMTP_HOST: smtp.gmail.com, N8N_SMTP_PORT: 587, N8N_SMTP_SSL: "true" }\n'
    ),
    "config.toml": '[smtp]\n"😀" = { x = 1 }\nhost = "smtp.gmail.com:465"\nport = 465\nstarttls = true\n',
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("project").resolve()


@pytest.fixture(scope="module")
def editor(folder: Path) -> Iterator[Editor]:
    with Editor(folder) as session:
        yield session


def concise(name: str, text: str, folder: Path) -> list[str]:
    """`line:column: rule` of every finding, by the command line."""
    found = smtplint(
        "-", "--stdin-filename", name, "--output-format", "concise", "-q", folder=folder, stdin=text.encode()
    )
    lines = [line.split(":", 3) for line in found.stdout.splitlines()]
    return sorted(f"{line}:{column}: {rest.split('[')[1].split(']')[0]}" for _, line, column, rest in lines)


def shown(text: str, found: types.Diagnostic) -> str:
    """The same of a diagnostic: columns counted in characters, from the UTF-16 units of the protocol."""
    place = found.range.start
    source = Source("", text)
    line = source.at(source.line_span(place.line + 1)).encode("utf-16-le")
    return f"{place.line + 1}:{len(line[: 2 * place.character].decode('utf-16-le')) + 1}: {found.code}"


@pytest.mark.parametrize("name", BAD)
def test_it_says_what_the_command_line_says(name: str, editor: Editor, folder: Path) -> None:
    uri = editor.open(folder / name, BAD[name])
    found = editor.diagnostics(uri)
    assert sorted(shown(BAD[name], one) for one in found) == concise(name, BAD[name], folder) != []
    assert all(one.source == "smtplint" and one.code_description and one.message for one in found)
    assert [d.code for d in editor.pulled(uri)] == [d.code for d in found]
    editor.close(uri)


@pytest.mark.parametrize("name", BAD)
def test_fix_all_is_what_the_command_line_writes(name: str, editor: Editor, folder: Path) -> None:
    uri = editor.open(folder / name, BAD[name])
    (fix_all,) = editor.actions(uri, None, "source.fixAll")
    written = smtplint("-", "--stdin-filename", name, "--fix", folder=folder, stdin=BAD[name].encode()).stdout
    assert fix_all.kind == "source.fixAll.smtplint"
    assert after(fix_all, BAD[name]) == written != BAD[name]
    editor.close(uri)


def after(action: types.CodeAction, text: str) -> str:
    assert action.edit is not None
    assert action.edit.changes is not None
    (edits,) = action.edit.changes.values()
    return applied(text, edits)


def test_the_package_is_named_if_it_is_missing() -> None:
    code = "import sys; sys.modules['pygls'] = None; from smtplint.cli import main; main(['server'])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("smtplint: the server needs pygls") or "pygls" in run.stderr
    assert run.stderr.count("\n") == 1
