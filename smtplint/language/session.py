"""The session with one client: its open texts, the thread in which they are checked, and what is published of it."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from lsprotocol import types
from msgspec import Struct
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol
from pygls.uris import to_fs_path

from smtplint import __version__
from smtplint.language.desk import Checked, Desk
from smtplint.language.diagnostic import diagnostics
from smtplint.language.text import Text
from smtplint.walk import absolute

DELAY: Final = 0.008
"""Seconds that a change waits for the next one."""

_NAMES: Final = {
    "dotenv": ".env",
    "env": ".env",
    "python": "untitled.py",
    "yaml": "untitled.yaml",
    "toml": "untitled.toml",
    "ini": "untitled.ini",
    "cfg": "untitled.cfg",
    "dosini": "untitled.ini",
}
"""How a text without a file is called, by what the client says of its language."""

T = TypeVar("T")


class Options(Struct, frozen=True):
    """What the user of the editor asked for; all of it is off by default."""

    code_lens: bool = False
    inlay_hints: bool = False

    @classmethod
    def of(cls, given: object) -> Options:
        """From `{"codeLens": true, "inlayHints": true}`, if need be below `smtplint`; what else is there does not matter."""
        raw = given if isinstance(given, dict) else {}
        own = raw.get("smtplint", raw)
        said = own if isinstance(own, dict) else {}
        return cls(said.get("codeLens") is True, said.get("inlayHints") is True)


class _Protocol(LanguageServerProtocol):
    """pygls 2.1 keeps what came of each notification for ever: some 1,400 bytes for each change of a text."""

    def _check_handler_result(self, future: Future[Any]) -> None:
        super()._check_handler_result(future)
        for key in [key for key, kept in self._request_futures.items() if kept is future]:
            del self._request_futures[key]


class Session(LanguageServer):
    """One client's session. Everything but the checks themselves happens on the event loop; checks queue in one thread."""

    def __init__(self) -> None:
        super().__init__("smtplint", __version__, types.TextDocumentSyncKind.Full, protocol_cls=_Protocol)
        self.desk = Desk()
        self.options = Options()
        self.texts: dict[str, Text] = {}
        self._results: dict[str, Checked] = {}
        self._waiting: dict[str, asyncio.Task[None]] = {}
        self._thread = ThreadPoolExecutor(1, "check")

    # --- texts

    def put(self, uri: str, version: int | None, language: str | None = None) -> None:
        """Take the client's text as it is now."""
        document = self.workspace.text_documents[uri]
        path = self._path(uri, language or document.language_id)
        units = self.workspace.position_encoding
        text = Text(uri, version, path, self.desk.shown(path), document.source, str(getattr(units, "value", units)))
        self.texts[uri] = text
        self.desk.buffers[path] = text.written

    def drop(self, uri: str) -> None:
        if (text := self.texts.pop(uri, None)) is not None:
            self.desk.buffers.pop(text.path, None)
        self._results.pop(uri, None)
        if (task := self._waiting.pop(uri, None)) is not None:
            task.cancel()

    def _path(self, uri: str, language: str | None) -> Path:
        place = to_fs_path(uri) if uri.startswith("file:") else None
        if place:
            return absolute(Path(place))
        name = _NAMES.get(language or "", Path(uri.rpartition(":")[2]).name or "untitled")
        return (self.desk.folders[0] if self.desk.folders else Path.cwd()) / name

    # --- checks

    async def checked(self, uri: str) -> Checked | None:
        """What is to be said of a text as it is now; None if it was closed, or our own bug was met."""
        text = self.texts.get(uri)
        if text is None:
            return None
        result = await self.aside(lambda: self._check(text))
        while self.desk.complaints:
            self._say(self.desk.complaints.pop(0))
        return result

    async def aside(self, work: Callable[[], T]) -> T | None:
        """Do it in the thread of the checks, so that the client can go on, or cancel; None for our own bug."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, _guarded, work)

    def _check(self, text: Text) -> Checked | None:
        """In the thread. A text that has changed while it waited is not worth a check."""
        if self.texts.get(text.uri) is not text:
            return None
        known = self._results.get(text.uri)
        if known is not None and known.text is text:
            return known
        while True:
            era, buffers = self.desk.era, dict(self.desk.buffers)
            result = self.desk.checked(text)
            if self.texts.get(text.uri) is not text:
                return result
            beside = result.around.read
            if era == self.desk.era and all(buffers.get(p) is self.desk.buffers.get(p) for p in beside):
                self._results[text.uri] = result
                return result

    def _say(self, line: str) -> None:
        self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"smtplint: {line}"))

    # --- diagnostics

    def schedule(self, uri: str, delay: float = DELAY) -> None:
        """Publish soon what is to be said of a text; a change meanwhile begins the wait anew."""
        if self.pulls:
            return
        if (task := self._waiting.get(uri)) is not None:
            task.cancel()
        self._waiting[uri] = asyncio.ensure_future(self._publish(uri, delay))

    @property
    def pulls(self) -> bool:
        """True for a client that asks for diagnostics by itself: it would show those that are sent a second time."""
        document = self.client_capabilities.text_document
        return document is not None and document.diagnostic is not None

    async def _publish(self, uri: str, delay: float) -> None:
        await asyncio.sleep(delay)
        result = await self.checked(uri)
        if result is None or self.texts.get(uri) is not result.text:
            return
        found = await self.aside(lambda: diagnostics(result))
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, found or [], version=result.text.version)
        )

    def anew(self, *, but: str = "") -> None:
        """Check every open text again: what stands around them has changed."""
        self._results = {uri: result for uri, result in self._results.items() if uri == but}
        workspace = self.client_capabilities.workspace
        if not self.pulls:
            for uri in self.texts:
                if uri != but:
                    self.schedule(uri)
        elif workspace is not None and workspace.diagnostics and workspace.diagnostics.refresh_support:
            self.workspace_diagnostic_refresh(None)

    def beside(self, uri: str) -> None:
        """Check the open texts again that were read together with this one."""
        text = self.texts.get(uri)
        for other, result in list(self._results.items()):
            if text is not None and other != uri and text.path in result.around.read:
                del self._results[other]
                self.schedule(other)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """What the protocol layer could not do; the error itself may quote a text, and with it a secret."""
        del source
        _log(error)


def _guarded(work: Callable[[], T]) -> T | None:
    try:
        return work()
    except Exception as error:  # whatever it is: the editor goes on
        _log(error)
        return None


def _log(error: Exception) -> None:
    """Where our own bug was met, without the words of the error: they may quote a secret."""
    place = "".join(traceback.format_tb(error.__traceback__))
    sys.stderr.write(f"smtplint: internal error: this is a bug of smtplint: {type(error).__name__}\n{place}")
