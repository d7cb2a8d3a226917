"""The language server: texts of an editor in, diagnostics, fixes and explanations out, over standard input and output."""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from smtplint import __version__
from smtplint.check import sieve
from smtplint.language import action
from smtplint.language.desk import Checked, Desk
from smtplint.language.diagnostic import diagnostics
from smtplint.language.text import Text
from smtplint.rule import load_rules
from smtplint.source import Span
from smtplint.walk import absolute

DELAY: Final = 0.008
"""Seconds that a change waits for the next one."""

_WATCHED: Final = ("**/*.toml", "**/*.{yaml,yml,json}", "**/{.env,.env.*,*.env}", "**/.gitignore", "**/Gemfile")

_NAMES: Final = {
    "dotenv": ".env",
    "env": ".env",
    "python": "untitled.py",
    "yaml": "untitled.yaml",
    "toml": "untitled.toml",
}
"""How a text without a file is called, by what the client says of its language."""

T = TypeVar("T")


class Server(LanguageServer):
    """One client's session. Everything but the checks themselves happens on the event loop; checks queue in one thread."""

    def __init__(self) -> None:
        super().__init__("smtplint", __version__, types.TextDocumentSyncKind.Full)
        self.desk = Desk()
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
        era = self.desk.era
        result = self.desk.checked(text)
        if self.texts.get(text.uri) is text and self.desk.era == era:
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


def make() -> Server:
    server = Server()
    server.feature(types.INITIALIZE)(_initialize)
    server.feature(types.INITIALIZED)(_initialized)
    server.feature(types.TEXT_DOCUMENT_DID_OPEN)(_opened)
    server.feature(types.TEXT_DOCUMENT_DID_CHANGE)(_changed)
    server.feature(types.TEXT_DOCUMENT_DID_SAVE)(_saved)
    server.feature(types.TEXT_DOCUMENT_DID_CLOSE)(_closed)
    server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)(_watched)
    server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(_folders)
    server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(_watched)
    server.feature(
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False, identifier="smtplint"),
    )(_pulled)
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(list(action.KINDS)))(_actions)
    return server


def main() -> None:
    """Serve until the client ends the session."""
    logging.getLogger("pygls").addHandler(logging.NullHandler())
    logging.getLogger("pygls").propagate = False  # its lines quote what the client sends
    make().start_io()


# --- handlers


def _initialize(ls: Server, _params: types.InitializeParams) -> None:
    _take_folders(ls)


def _take_folders(ls: Server) -> None:
    uris = list(ls.workspace.folders) or ([ls.workspace.root_uri] if ls.workspace.root_uri else [])
    ls.desk.folders = [absolute(Path(place)) for uri in uris if (place := to_fs_path(uri))]


async def _initialized(ls: Server, _params: types.InitializedParams) -> None:
    workspace = ls.client_capabilities.workspace
    watched = workspace.did_change_watched_files if workspace is not None else None
    if watched is not None and watched.dynamic_registration:
        watchers = [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        one = types.Registration("smtplint-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        await ls.client_register_capability_async(types.RegistrationParams([one]))
    await ls.aside(lambda: (load_rules(), sieve()))


def _opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    document = params.text_document
    ls.put(document.uri, document.version, document.language_id)
    ls.schedule(document.uri, 0)
    ls.beside(document.uri)


def _changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    ls.put(params.text_document.uri, params.text_document.version)
    ls.schedule(params.text_document.uri)
    ls.beside(params.text_document.uri)


def _saved(ls: Server, _params: types.DidSaveTextDocumentParams) -> None:
    ls.desk.forget()
    ls.anew()


def _closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    ls.beside(params.text_document.uri)
    ls.drop(params.text_document.uri)
    if not ls.pulls:
        ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(params.text_document.uri, []))


def _watched(ls: Server, _params: object) -> None:
    ls.desk.forget()
    ls.anew()


def _folders(ls: Server, _params: types.DidChangeWorkspaceFoldersParams) -> None:
    _take_folders(ls)
    for uri in list(ls.texts):
        ls.put(uri, ls.texts[uri].version)
    ls.anew()


async def _pulled(ls: Server, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    result = await ls.checked(params.text_document.uri)
    found = await ls.aside(lambda: diagnostics(result)) if result is not None else None
    return types.RelatedFullDocumentDiagnosticReport(found or [])


async def _actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    result = await ls.checked(params.text_document.uri)
    if result is None:
        return []
    start, end = (result.text.offset(place) for place in (params.range.start, params.range.end))
    only = None if params.context.only is None else [str(getattr(k, "value", k)) for k in params.context.only]
    place = Span(start, max(start, end))
    return await ls.aside(lambda: action.Offer(result, ls.client_capabilities).actions(place, only)) or []
