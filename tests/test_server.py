"""The language server, before a real client: what it says is what the command line says of the same text."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lsprotocol import types

from smtplint.server import make
from smtplint.source import Source
from tests.editor import Editor, applied
from tests.invoke import put, smtplint

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


# --- one thing at a time


def place_of(text: str, word: str, last: bool = False) -> types.Position:
    """The position behind a word, in UTF-16."""
    end = text.index(word) + len(word)
    start = max(text.rfind("\n", 0, end), text.rfind("\r", 0, end)) + 1
    return types.Position(text.count("\n", 0, end), len(text[start:end].encode("utf-16-le")) // 2)


def hovered(editor: Editor, uri: str, word: str) -> str | None:
    params = types.HoverParams(types.TextDocumentIdentifier(uri), place_of(editor.texts[uri], word))
    found = editor.ask(types.TEXT_DOCUMENT_HOVER, params)
    return found.contents.value if found is not None else None


def test_hovering_says_what_happens_on_the_wire(editor: Editor, folder: Path) -> None:
    text = (
        'EMAIL_HOST = "smtp.gmail.com"\nEMAIL_PORT = 587\nEMAIL_USE_TLS = True\n'
        'EMAIL_HOST_USER = "me@gmail.com"\nEMAIL_HOST_PASSWORD = "hunter2hunter2"\nDEBUG = False\n'
    )
    uri = editor.open(folder / "settings.py", text)
    said = hovered(editor, uri, "EMAIL_PORT")
    assert said is not None
    assert said.startswith("smtp.gmail.com:587, STARTTLS required, ")
    assert said.endswith("login after TLS; Django")
    assert hovered(editor, uri, "hunter2") == said
    assert hovered(editor, uri, "DEBUG") is None
    editor.close(uri)


def completed(editor: Editor, uri: str, word: str) -> list[str]:
    params = types.CompletionParams(types.TextDocumentIdentifier(uri), place_of(editor.texts[uri], word))
    return [item.label for item in editor.ask(types.TEXT_DOCUMENT_COMPLETION, params) or []]


@pytest.mark.parametrize(
    ("name", "text", "word", "first"),
    [
        (".env", "N8N_SMTP_HOST=smtp.gmail.com\nN8N_SMTP_PORT=\n", "N8N_SMTP_PORT=", ["465", "587"]),
        (".env", "N8N_SMTP_HOST=😀\nN8N_SMTP_SSL=\n", "N8N_SMTP_SSL=", ["true", "false"]),
        ("settings.py", 'EMAIL_HOST = "mail.example.org"\nEMAIL_USE_TLS = \n', "EMAIL_USE_TLS = ", ["True", "False"]),
        ("settings.py", 'EMAIL_HOST = "smtp.gmail.com"\nEMAIL_PORT = 58\n', "EMAIL_PORT = 58", ["465", "587"]),
    ],
)
def test_values_are_completed(name: str, text: str, word: str, first: list[str], editor: Editor, folder: Path) -> None:
    uri = editor.open(folder / name, text)
    assert completed(editor, uri, word)[: len(first)] == first
    editor.close(uri)


def test_quick_fixes_are_marked(editor: Editor, folder: Path) -> None:
    text = 'EMAIL_HOST = "smtp.gmail.com"\nEMAIL_PORT = 465\nEMAIL_USE_TLS = True\n'
    uri = editor.open(folder / "settings.py", text)
    fixes = [a for a in editor.actions(uri, None, "quickfix") if not a.title.startswith("Ignore")]
    safe = [a for a in fixes if a.is_preferred]
    assert [after(a, text) for a in safe] == [text.replace("USE_TLS", "USE_SSL")]
    assert all("(unsafe" in a.title for a in fixes if not a.is_preferred)
    assert all(a.diagnostics for a in fixes)
    editor.close(uri)


@pytest.mark.parametrize("name", BAD)
def test_ignoring_here_silences_that_and_nothing_else(name: str, editor: Editor, folder: Path) -> None:
    text = BAD[name]
    uri = editor.open(folder / name, text)
    offered = [a for a in editor.actions(uri) if a.title.startswith("Ignore")]
    assert offered
    for action in offered:
        ignored = after(action, text)
        rule = action.title.split()[1]
        assert f"# smtplint: ignore[{rule}] say why" in ignored
        before = [line.split(": ")[1] for line in concise(name, text, folder)]
        left = [line.split(": ")[1] for line in concise(name, ignored, folder)]
        assert left == [one for one in before if one != rule]
    editor.close(uri)


def test_tags_and_related_places(editor: Editor, folder: Path) -> None:
    uri = editor.open(folder / ".env", "EMAIL_HOST=smtp.gmail.com\nEMAIL_PORT=25\nEMAIL_PORT=587\nEMAIL_USE_TLS=True\n")
    (twice,) = (d for d in editor.diagnostics(uri) if d.code == "duplicate-setting")
    assert list(twice.tags or ()) == [types.DiagnosticTag.Unnecessary]
    assert twice.related_information
    assert twice.related_information[0].location.range.start.line == 2
    editor.close(uri)


def test_settings_are_read_again(tmp_path: Path) -> None:
    folder = put(tmp_path.resolve(), {"pyproject.toml": ""})
    with Editor(folder) as editor:
        uri = editor.open(folder / ".env", BAD[".env"])
        assert editor.diagnostics(uri)
        put(folder, {"pyproject.toml": '[tool.smtplint]\nignore = ["starttls-on-implicit-tls-port"]\n'})
        other = editor.open(folder / "pyproject.toml", "")
        editor.save(other)
        assert not editor.diagnostics(uri)
        put(folder, {"pyproject.toml": '[tool.smtplint]\nignroe = ["no-timeout"]\n'})
        editor.change(uri, BAD[".env"] + "\n")
        assert not editor.diagnostics(uri), "what held before still holds"
        assert any("ignroe" in line and "did you mean" in line for line in editor.said)


def test_an_unsaved_env_file_counts_for_what_stands_beside_it(tmp_path: Path) -> None:
    compose = (
        "services:\n  app:\n    image: n8nio/n8n\n    environment:\n      N8N_SMTP_HOST: smtp.gmail.com\n"
        "      N8N_SMTP_PORT: 587\n    env_file: mail.env\n"
    )
    folder = put(tmp_path.resolve(), {"mail.env": "N8N_SMTP_SSL=false\n"})
    with Editor(folder) as editor:
        uri = editor.open(folder / "compose.yaml", compose)
        assert not editor.diagnostics(uri), "the other file may say anything of TLS"
        beside = editor.open(folder / "mail.env", "N8N_SMTP_SSL=false\n")
        assert not editor.diagnostics(uri)
        editor.change(beside, "OTHER=1\n")
        assert [d.code for d in editor.diagnostics(uri)] == ["implicit-tls-on-starttls-port"], "the default holds"
        editor.close(beside)
        assert not editor.diagnostics(uri)


def test_clients_that_can_more(tmp_path: Path) -> None:
    """One that pulls gets nothing sent; versions, snippets, UTF-8 columns, lenses and hints are for those who ask."""
    folders = [put(tmp_path.resolve() / name, {"x": ""}) for name in ("one", "two")]
    can = types.ClientCapabilities(
        general=types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind.Utf8]),
        text_document=types.TextDocumentClientCapabilities(diagnostic=types.DiagnosticClientCapabilities()),
        workspace=types.WorkspaceClientCapabilities(
            workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True, snippet_edit_support=True)
        ),
    )
    put(folders[1], {"smtplint.toml": 'ignore = ["starttls-on-implicit-tls-port"]\n'})
    with Editor(*folders, can=can, options={"codeLens": True, "inlayHints": True}) as editor:
        one, two = (editor.open(folder / "settings.py", BAD["settings.py"]) for folder in folders)
        wrong = [d for d in editor.pulled(one) if d.code == "starttls-on-implicit-tls-port"]
        assert [d.range.start.character for d in wrong] == [len('"😀"; EMAIL_USE_TLS = '.encode())]
        assert "starttls-on-implicit-tls-port" not in [d.code for d in editor.pulled(two)]
        changes = [a.edit.document_changes for a in editor.actions(one) if a.edit is not None]
        assert changes
        documents = [c[0].text_document for c in changes if c and isinstance(c[0], types.TextDocumentEdit)]
        assert [d.version for d in documents] == [editor.versions[one]] * len(changes)
        assert "${1:say why}" in str(changes)
        document = types.TextDocumentIdentifier(one)
        lenses = editor.ask(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensParams(document))
        everywhere = types.Range(types.Position(0, 0), types.Position(9, 0))
        hints = editor.ask(types.TEXT_DOCUMENT_INLAY_HINT, types.InlayHintParams(document, everywhere))
        assert [lens.command.title for lens in lenses] == [hint.label for hint in hints] != []


@pytest.mark.parametrize(
    "text",
    [
        "EMAIL_HOST=\0",
        "\ufeffEMAIL_PORT=465\nEMAIL_USE_TLS=True",
        "EMAIL_HOST=\ud800",
        "EMAIL_HOST='",
        "\x0c\u2028\x85EMAIL_PORT=x\r",
    ],
)
@pytest.mark.parametrize("name", BAD)
def test_bad_text_is_no_end(name: str, text: str, editor: Editor, folder: Path) -> None:
    uri = editor.open(folder / name, text)
    editor.diagnostics(uri)
    editor.actions(uri)
    hovered(editor, uri, "EMAIL_")
    completed(editor, uri, "EMAIL_")
    editor.close(uri)
    (uri,) = (editor.open(folder / ".env", BAD[".env"]),)
    assert editor.diagnostics(uri)
    editor.close(uri)


def test_no_secret_is_told(editor: Editor, folder: Path) -> None:
    text = (
        "MAILER_DSN=smtp://me:s3cr3t-p4ss@smtp.gmail.com:99465\nEMAIL_HOST=smtp://me:s3cr3t-p4ss@smtp.gmail.com\n"
        "EMAIL_PORT=465\nEMAIL_USE_TLS=True\nEMAIL_HOST_PASSWORD=s3cr3t-p4ss\nEMAIL_HOST_USER=s3cr3t-p4ss\n"
    )
    uri = editor.open(folder / ".env", text)
    found = editor.diagnostics(uri)
    said = [d.message for d in found] + [r.message for d in found for r in d.related_information or ()]
    said += [a.title for a in editor.actions(uri)]
    said += [hovered(editor, uri, word) or "" for word in ("MAILER_DSN", "EMAIL_HOST", "EMAIL_PORT")]
    assert found
    assert "s3cr3t" not in " ".join(said)
    editor.close(uri)


def test_nothing_is_kept_of_a_change_that_is_done() -> None:
    async def edited() -> int:
        server = make()
        tell = server.protocol._handle_notification  # what the transport calls
        server.protocol._handle_request(1, types.INITIALIZE, types.InitializeParams(types.ClientCapabilities()))
        item = types.TextDocumentItem("file:///x/.env", "dotenv", 0, "A=1\n")
        tell(types.TEXT_DOCUMENT_DID_OPEN, types.DidOpenTextDocumentParams(item))
        for version in range(1, 50):
            document = types.VersionedTextDocumentIdentifier(version, item.uri)
            whole = types.TextDocumentContentChangeWholeDocument(f"A={version}\n")
            tell(types.TEXT_DOCUMENT_DID_CHANGE, types.DidChangeTextDocumentParams(document, [whole]))
        assert server.texts[item.uri].written == "A=49\n"
        await asyncio.sleep(0.1)
        return len(server.protocol._request_futures)

    assert asyncio.run(edited()) <= 1
