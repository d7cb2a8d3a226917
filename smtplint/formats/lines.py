"""Whole lines of a text: one more below another, or one less."""

from __future__ import annotations

from smtplint.regex import regex
from smtplint.source import Edit, Span

_LINE_END = regex(r"\r\n|\n|\r")


def start(text: str, at: int) -> int:
    """Where the line that holds the offset `at` begins."""
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def added_below(text: str, at: int, line: str) -> Edit:
    """`line` (without a line end) below the line that holds `at`, with that line's own kind of line end."""
    end = _LINE_END.search(text, at)
    if end is not None:
        return Edit(Span(end.end(), end.end()), line + end[0])
    usual = _LINE_END.search(text)
    return Edit(Span(len(text), len(text)), (usual[0] if usual else "\n") + line)


def removed(text: str, span: Span) -> Edit | None:
    """Without the lines that `span` stands on; None if something other than blanks, such as a comment, follows it."""
    end = _LINE_END.search(text, span.end)
    line_ends, next_begins = (end.start(), end.end()) if end else (len(text), len(text))
    if text[span.end : line_ends].strip():
        return None
    return Edit(Span(start(text, span.start), next_begins), "")
