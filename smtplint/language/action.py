"""What an editor can do about findings: the fix of each, all that `smtplint --fix` would do, and a comment that ignores one."""

from __future__ import annotations

import difflib
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from lsprotocol import types
from msgspec import Struct

from smtplint import fix
from smtplint.finding import Finding, Safety
from smtplint.language.desk import Checked
from smtplint.language.diagnostic import diagnostic
from smtplint.language.ignoring import REASON, ignoring
from smtplint.report import told
from smtplint.source import Edit, Source, Span
from smtplint.terminal import printable

FIX_ALL: Final = f"{types.CodeActionKind.SourceFixAll.value}.smtplint"

KINDS: Final = (types.CodeActionKind.QuickFix.value, FIX_ALL)


class Offer(Struct, frozen=True):
    """The actions for one text, as this client can take them."""

    checked: Checked
    client: types.ClientCapabilities

    def actions(self, place: Span, only: Sequence[str] | None) -> list[types.CodeAction]:
        """What can be done in a place. `only`: the kinds that the client asks for, each with all below it."""
        found: list[types.CodeAction] = []
        if _wanted(types.CodeActionKind.QuickFix.value, only):
            here = [f for f in self.checked.findings if f.span.start <= place.end and place.start <= f.span.end]
            found += (action for f in here if (action := self._quick_fix(f)) is not None)
            found += (action for f in here if (action := self._ignore(f)) is not None)
        if _wanted(FIX_ALL, only) and (edits := fix_all(self.checked)):
            unsafe = self.checked.settings.unsafe_fixes
            title = "Fix all that smtplint can fix" + (" (unsafe fixes too)" if unsafe else " safely")
            found.append(types.CodeAction(title, FIX_ALL, edit=self._edit(edits)))
        return found

    def _quick_fix(self, finding: Finding) -> types.CodeAction | None:
        checked = self.checked
        if finding.fix is None or checked.source is None:
            return None
        if fix.alone(checked.source, finding, checked.settings, checked.around) is None:
            return None
        safe = finding.fix.safety is Safety.SAFE
        title = printable(told(finding.fix.title, finding))
        return types.CodeAction(
            f"{title[:1].upper()}{title[1:]}{'' if safe else ' (unsafe: may change what works today)'}",
            types.CodeActionKind.QuickFix,
            diagnostics=[diagnostic(finding, checked)],
            is_preferred=safe or None,
            edit=self._edit(finding.fix.edits),
        )

    def _ignore(self, finding: Finding) -> types.CodeAction | None:
        edit = ignoring(finding, self.checked)
        if edit is None:
            return None
        return types.CodeAction(
            f"Ignore {finding.rule} here, with a reason",
            types.CodeActionKind.QuickFix,
            diagnostics=[diagnostic(finding, self.checked)],
            edit=self._snippet(edit) if self._can("snippet_edit_support") else self._edit((edit,)),
        )

    # --- edits of the protocol

    def _can(self, what: str) -> bool:
        """What the client does with documents that have versions."""
        edits = self.client.workspace.workspace_edit if self.client.workspace is not None else None
        return bool(edits is not None and edits.document_changes and getattr(edits, what))

    def _edit(self, edits: Iterable[Edit]) -> types.WorkspaceEdit:
        texts = [types.TextEdit(self.checked.text.range(edit.span), edit.text) for edit in sorted(set(edits))]
        if self._can("document_changes"):
            return self._versioned(texts)
        return types.WorkspaceEdit(changes={self.checked.text.uri: texts})

    def _versioned(self, texts: Sequence[types.TextEdit | types.SnippetTextEdit]) -> types.WorkspaceEdit:
        document = types.OptionalVersionedTextDocumentIdentifier(self.checked.text.uri, self.checked.text.version)
        return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, list(texts))])

    def _snippet(self, edit: Edit) -> types.WorkspaceEdit:
        """The same edit, after which the reason is selected."""
        escaped = edit.text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")
        value = types.StringValue(escaped.replace(REASON, f"${{1:{REASON}}}"))
        return self._versioned([types.SnippetTextEdit(self.checked.text.range(edit.span), value)])


def _wanted(kind: str, only: Sequence[str] | None) -> bool:
    return only is None or any(kind == asked or kind.startswith(f"{asked}.") or not asked for asked in only)


def fix_all(checked: Checked) -> tuple[Edit, ...]:
    """The edits after which the text is what `smtplint --fix` writes."""
    if checked.source is None or not any(finding.fix for finding in checked.findings):
        return ()
    settings = checked.settings
    mended = fix.mend(checked.source, checked.findings, settings, checked.around, unsafe=settings.unsafe_fixes)
    return tuple(_difference(checked.source, mended.source))


def _difference(before: Source, after: Source) -> Iterator[Edit]:
    """The lines that differ; whole lines, for no place of the protocol lies between the characters of a line end."""
    old, new = _lines(before.text), _lines(after.text)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield Edit(Span(starts[i], starts[j]), "".join(new[k:m]))


def _lines(text: str) -> list[str]:
    return list(io.StringIO(text, newline=""))
