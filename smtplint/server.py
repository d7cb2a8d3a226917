"""The language server: which requests and notes of an editor it answers, over standard input and output."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from lsprotocol import types
from pygls.uris import to_fs_path

from smtplint.language import action, hint
from smtplint.language.completion import completions
from smtplint.language.desk import Checked
from smtplint.language.diagnostic import diagnostics
from smtplint.language.session import Options, Session
from smtplint.rule import load_rules
from smtplint.run import collect_rarely
from smtplint.source import Span
from smtplint.table import load_dialects
from smtplint.walk import absolute

_WATCHED: Final = ("**/*.toml", "**/*.{yaml,yml,json}", "**/{.env,.env.*,*.env}", "**/.gitignore", "**/Gemfile")


T = TypeVar("T")


def make() -> Session:
    server = Session()
    server.feature(types.INITIALIZE)(_initialize)
    server.feature(types.INITIALIZED)(_initialized)
    server.feature(types.TEXT_DOCUMENT_DID_OPEN)(_opened)
    server.feature(types.TEXT_DOCUMENT_DID_CHANGE)(_changed)
    server.feature(types.TEXT_DOCUMENT_DID_SAVE)(_saved)
    server.feature(types.TEXT_DOCUMENT_DID_CLOSE)(_closed)
    server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)(_watched)
    server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(_folders)
    server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(_configured)
    server.feature(types.TEXT_DOCUMENT_HOVER)(_hover)
    server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=list("=:'\" ")))(
        _completion
    )
    server.feature(types.TEXT_DOCUMENT_CODE_LENS)(_lenses)
    server.feature(types.TEXT_DOCUMENT_INLAY_HINT)(_inlays)
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
    collect_rarely()
    make().start_io()


# --- handlers


def _initialize(ls: Session, params: types.InitializeParams) -> None:
    ls.options = Options.of(params.initialization_options)
    _take_folders(ls)


def _take_folders(ls: Session) -> None:
    uris = list(ls.workspace.folders) or ([ls.workspace.root_uri] if ls.workspace.root_uri else [])
    ls.desk.folders = [absolute(Path(place)) for uri in uris if (place := to_fs_path(uri))]


async def _initialized(ls: Session, _params: types.InitializedParams) -> None:
    workspace = ls.client_capabilities.workspace
    watched = workspace.did_change_watched_files if workspace is not None else None
    if watched is not None and watched.dynamic_registration:
        watchers = [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        one = types.Registration("smtplint-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        await ls.client_register_capability_async(types.RegistrationParams([one]))
    await ls.aside(lambda: (load_rules(), load_dialects()))


def _opened(ls: Session, params: types.DidOpenTextDocumentParams) -> None:
    document = params.text_document
    ls.put(document.uri, document.version, document.language_id)
    ls.schedule(document.uri, 0)
    ls.beside(document.uri)


def _changed(ls: Session, params: types.DidChangeTextDocumentParams) -> None:
    ls.put(params.text_document.uri, params.text_document.version)
    ls.schedule(params.text_document.uri)
    ls.beside(params.text_document.uri)


def _saved(ls: Session, _params: types.DidSaveTextDocumentParams) -> None:
    ls.desk.forget()
    ls.anew()


def _closed(ls: Session, params: types.DidCloseTextDocumentParams) -> None:
    ls.beside(params.text_document.uri)
    ls.drop(params.text_document.uri)
    if not ls.pulls:
        ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(params.text_document.uri, []))


def _watched(ls: Session, _params: object) -> None:
    ls.desk.forget()
    ls.anew()


def _folders(ls: Session, _params: types.DidChangeWorkspaceFoldersParams) -> None:
    _take_folders(ls)
    for uri in list(ls.texts):
        ls.put(uri, ls.texts[uri].version)
    ls.anew()


def _configured(ls: Session, params: types.DidChangeConfigurationParams) -> None:
    if isinstance(params.settings, dict) and params.settings:
        ls.options = Options.of(params.settings)
    ls.desk.forget()
    ls.anew()


async def _answer(ls: Session, uri: str, work: Callable[[Checked], T]) -> T | None:
    """What the work makes of the text as it is now; None if it was closed, or our own bug was met."""
    result = await ls.checked(uri)
    return None if result is None else await ls.aside(lambda: work(result))


async def _pulled(ls: Session, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    return types.RelatedFullDocumentDiagnosticReport(await _answer(ls, params.text_document.uri, diagnostics) or [])


async def _actions(ls: Session, params: types.CodeActionParams) -> list[types.CodeAction]:
    only = None if params.context.only is None else [str(getattr(k, "value", k)) for k in params.context.only]

    def work(checked: Checked) -> list[types.CodeAction]:
        return action.Offer(checked, ls.client_capabilities).actions(_span(checked, params.range), only)

    return await _answer(ls, params.text_document.uri, work) or []


async def _hover(ls: Session, params: types.HoverParams) -> types.Hover | None:
    return await _answer(ls, params.text_document.uri, lambda c: hint.hover(c, c.text.offset(params.position)))


async def _completion(ls: Session, params: types.CompletionParams) -> list[types.CompletionItem]:
    return await _answer(ls, params.text_document.uri, lambda c: completions(c, c.text.offset(params.position))) or []


async def _lenses(ls: Session, params: types.CodeLensParams) -> list[types.CodeLens]:
    if not ls.options.code_lens:
        return []
    return await _answer(ls, params.text_document.uri, hint.lenses) or []


async def _inlays(ls: Session, params: types.InlayHintParams) -> list[types.InlayHint]:
    if not ls.options.inlay_hints:
        return []
    return await _answer(ls, params.text_document.uri, lambda c: hint.inlays(c, _span(c, params.range))) or []


def _span(checked: Checked, given: types.Range) -> Span:
    start, end = checked.text.offset(given.start), checked.text.offset(given.end)
    return Span(start, max(start, end))
