"""Random opens, changes, saves and closes: the server never falls over, and says what the command line says."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests.editor import Editor
from tests.invoke import put, smtplint
from tests.test_server import BAD, after, concise, shown

PIECES = (
    *(line for text in BAD.values() for line in text.splitlines(keepends=True)),
    "EMAIL_PORT=25\n", "EMAIL_PORT = 587\r\n", "EMAIL_USE_SSL=1\n", "SMTP_HOST: ${HOST:-x}\n", "# smtplint: ignore[no-timeout]\n",
    "# smtplint: ignore-file\n", "😀", "\ufeff", "\0", "\x0c", "\u2028", "\r", "'", '"', "[", "{{ x }}", "\t", "é\n", "\\\n",
)  # fmt: skip

NAMES = (*BAD, "values.yml", "prod.env", "mail.toml", "latin.py")

TEXTS = strategies.lists(strategies.sampled_from(PIECES), max_size=6).map("".join)

ENCODINGS = strategies.sampled_from(["utf-8", "utf-8-sig", "utf-16"])


class Desk(RuleBasedStateMachine):
    """One session for all of a run; `open` holds the names of the open files."""

    editor: Editor
    folder: Path

    @initialize()
    def begin(self) -> None:
        self.open: dict[str, str] = {}

    @rule(name=strategies.sampled_from(NAMES), text=TEXTS)
    def opens(self, name: str, text: str) -> None:
        if name not in self.open:
            self.open[name] = self.editor.open(self.folder / name, text)

    @precondition(lambda self: self.open)
    @rule(data=strategies.data(), piece=strategies.sampled_from(PIECES))
    def changes(self, data: strategies.DataObject, piece: str) -> None:
        uri = self.open[data.draw(strategies.sampled_from(sorted(self.open)))]
        text = self.editor.texts[uri]
        start = data.draw(strategies.integers(0, len(text)))
        end = data.draw(strategies.integers(start, min(len(text), start + 12)))
        self.editor.change(uri, text[:start] + piece + text[end:])

    @precondition(lambda self: self.open)
    @rule(data=strategies.data(), encoding=ENCODINGS)
    def saves(self, data: strategies.DataObject, encoding: str) -> None:
        name = data.draw(strategies.sampled_from(sorted(self.open)))
        uri = self.open[name]
        put(self.folder, {name: self.editor.texts[uri].encode(encoding)})
        self.editor.save(uri)
        self._agrees(name)

    @precondition(lambda self: self.open)
    @rule(data=strategies.data())
    def mends(self, data: strategies.DataObject) -> None:
        name = data.draw(strategies.sampled_from(sorted(self.open)))
        text = self.editor.texts[self.open[name]]
        found = self.editor.actions(self.open[name], None, "source.fixAll.smtplint")
        run = smtplint("-", "--stdin-filename", name, "--fix", folder=self.folder, stdin=text.encode())
        assert (after(found[0], text) if found else text) == run.stdout

    @precondition(lambda self: self.open)
    @rule(data=strategies.data())
    def closes(self, data: strategies.DataObject) -> None:
        self.editor.close(self.open.pop(data.draw(strategies.sampled_from(sorted(self.open)))))

    def teardown(self) -> None:
        for name, uri in self.open.items():
            self._agrees(name)
            self.editor.close(uri)

    def _agrees(self, name: str) -> None:
        text = self.editor.texts[self.open[name]]
        found = self.editor.pulled(self.open[name])
        assert sorted(shown(text, one) for one in found) == concise(name, text, self.folder)


def test_any_session_agrees_with_the_command_line() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        with Editor(folder) as editor:
            machine = type("Session", (Desk,), {"editor": editor, "folder": folder})
            run_state_machine_as_test(machine, settings=settings(max_examples=25, stateful_step_count=12))
