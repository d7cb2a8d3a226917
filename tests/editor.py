"""An editor for tests: the client of pygls, in a thread of its own, before a server process that speaks over pipes."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from smtplint.source import Edit, Source, Span, apply

PATIENCE = 120.0
"""Seconds: only a server that hangs takes so long."""

_ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}

T = TypeVar("T")


class Editor:
    """One session. `versions` and `texts` are what the editor holds of each open file."""

    def __init__(
        self, *folders: Path, can: types.ClientCapabilities | None = None, options: Mapping[str, Any] | None = None
    ) -> None:
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.said: list[str] = []
        self._version = 0
        self._published: dict[str, types.PublishDiagnosticsParams] = {}
        self._news = threading.Condition()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._client = LanguageClient("editor", "1")
        self._client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: self._take(params))
        self._client.feature(types.WINDOW_SHOW_MESSAGE)(lambda params: self.said.append(params.message))
        self._await(self._client.start_io(sys.executable, "-m", "smtplint", "server", cwd=folders[0], env=_ENVIRONMENT))
        params = types.InitializeParams(
            can or types.ClientCapabilities(),
            workspace_folders=[types.WorkspaceFolder(f.as_uri(), f.name) for f in folders],
            initialization_options=dict(options or {}),
        )
        self.server: types.ServerCapabilities = self.ask(types.INITIALIZE, params).capabilities
        self.tell(types.INITIALIZED, types.InitializedParams())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.ask(types.SHUTDOWN, None)
        self.tell(types.EXIT, None)
        self._await(self._client.stop())  # type: ignore[no-untyped-call]
        self._loop.call_soon_threadsafe(self._loop.stop)

    # --- texts

    def open(self, path: Path, text: str, language: str = "") -> str:
        return self.open_uri(path.as_uri(), text, language)

    def open_uri(self, uri: str, text: str, language: str = "") -> str:
        self.texts[uri], self.versions[uri] = text, self._next()
        item = types.TextDocumentItem(uri, language, self.versions[uri], text)
        self.tell(types.TEXT_DOCUMENT_DID_OPEN, types.DidOpenTextDocumentParams(item))
        return uri

    def change(self, uri: str, text: str) -> None:
        self.texts[uri] = text
        self.versions[uri] = self._next()
        document = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        whole = types.TextDocumentContentChangeWholeDocument(text)
        self.tell(types.TEXT_DOCUMENT_DID_CHANGE, types.DidChangeTextDocumentParams(document, [whole]))

    def save(self, uri: str) -> None:
        self.tell(types.TEXT_DOCUMENT_DID_SAVE, types.DidSaveTextDocumentParams(_named(uri)))

    def close(self, uri: str) -> None:
        self.tell(types.TEXT_DOCUMENT_DID_CLOSE, types.DidCloseTextDocumentParams(_named(uri)))
        del self.texts[uri], self.versions[uri]

    def _next(self) -> int:
        """Versions of the whole session, so that what was published of a text that was closed is never mistaken."""
        self._version += 1
        return self._version

    # --- answers

    def diagnostics(self, uri: str) -> Sequence[types.Diagnostic]:
        """What was published for the present version."""
        with self._news:
            assert self._news.wait_for(lambda: self._is_there(uri), PATIENCE), "nothing was published"
            return self._published.pop(uri).diagnostics

    def pulled(self, uri: str) -> Sequence[types.Diagnostic]:
        report = self.ask(types.TEXT_DOCUMENT_DIAGNOSTIC, types.DocumentDiagnosticParams(_named(uri)))
        return list(report.items)

    def actions(self, uri: str, place: types.Range | None = None, *only: str) -> Sequence[types.CodeAction]:
        everywhere = types.Range(types.Position(0, 0), types.Position(100_000, 0))
        context = types.CodeActionContext([], only=list(only) or None)
        params = types.CodeActionParams(_named(uri), place or everywhere, context)
        return list(self.ask(types.TEXT_DOCUMENT_CODE_ACTION, params) or [])

    def ask(self, method: str, params: Any) -> Any:
        return self._await(self._asked(method, params))

    async def _asked(self, method: str, params: Any) -> Any:
        return await self._client.protocol.send_request_async(method, params)

    def tell(self, method: str, params: Any) -> None:
        self._loop.call_soon_threadsafe(self._client.protocol.notify, method, params)

    def _take(self, params: types.PublishDiagnosticsParams) -> None:
        with self._news:
            self._published[params.uri] = params
            self._news.notify_all()

    def _is_there(self, uri: str) -> bool:
        found = self._published.get(uri)
        return found is not None and found.version == self.versions.get(uri)

    def _await(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)


def _named(uri: str) -> types.TextDocumentIdentifier:
    return types.TextDocumentIdentifier(uri)


def applied(text: str, edits: Iterable[types.TextEdit]) -> str:
    """The text with the edits made as an editor makes them, which counts columns in UTF-16."""
    source = Source("", text)

    def offset(place: types.Position) -> int:
        if place.line >= source.position(len(text)).line:
            return len(text)
        line = source.line_span(place.line + 1)
        units = source.at(line).encode("utf-16-le", "surrogatepass")[: 2 * place.character]
        return line.start + len(units.decode("utf-16-le", "surrogatepass"))

    return apply(text, {Edit(Span(offset(e.range.start), offset(e.range.end)), e.new_text) for e in edits})
