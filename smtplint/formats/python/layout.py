"""Lines that an edit makes too long, broken at their last bracket as black and ruff do it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from smtplint.regex import regex
from smtplint.source import Edit, Source, Span, apply

_WIDTHS = (88, 100, 120)
_TOKEN = regex(
    r"""(?P<text>[rRbBuUfF]{0,2}(?:\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'))|(?P<bracket>[()\[\]{}])|(?P<comma>,)|(?P<comment>\#)"""
)
_TAIL = regex(r"(?:\s+as\s+[\w.]+)?\s*:?\s*")
_LINE = regex(r"[^\r\n]*")


class _Bracket(Struct, frozen=True):
    """A pair of brackets of one line, with the commas between them that belong to no inner pair."""

    opening: int
    closing: int
    commas: tuple[int, ...]


def laid_out(source: Source, edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """The same edits, with the lines broken that only they make longer than the lines of this text are."""
    width = _width(source.text)
    text = apply(source.text, edits)
    breaks = [change for line in _changed_lines(text, edits) for change in _breaks(text, line, width)]
    if not breaks or max(map(len, source.text.splitlines()), default=0) > _WIDTHS[-1]:
        return edits
    return _composed(edits, breaks)


@lru_cache(maxsize=2)
def _width(text: str) -> int:
    """The width that the text is formatted to, by the look of its code lines."""
    longest = max((len(line) for line in text.splitlines() if len(line) <= _WIDTHS[-1]), default=0)
    return next(width for width in _WIDTHS if longest <= width)


def _changed_lines(text: str, edits: Sequence[Edit]) -> Iterator[Span]:
    """The lines of the new text that hold something new."""
    shift, seen = 0, set()
    for edit in sorted(edits, key=lambda e: e.span.start):
        start = edit.span.start + shift
        for piece in _pieces(text, start, start + len(edit.text)):
            if piece not in seen:
                seen.add(piece)
                yield piece
        shift += len(edit.text) - (edit.span.end - edit.span.start)


def _pieces(text: str, start: int, end: int) -> Iterator[Span]:
    at = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    while at <= end:
        found = _LINE.match(text, at)
        stop = found.end() if found else at
        yield Span(at, stop)
        at = stop + (2 if text.startswith("\r\n", stop) else 1)


def _breaks(text: str, line: Span, width: int) -> list[Edit]:
    """What breaks one line; nothing where it fits, has a comment, or is only a part of a statement."""
    content = text[line.start : line.end]
    newline = "\r\n" if "\r\n" in text else "\n"
    indent = content[: len(content) - len(content.lstrip())]
    outer = _pairs(content)
    if len(content) <= width or outer is None:
        return []
    if _is_body(text, line):
        return _one_a_line(
            line.start, _Bracket(len(indent) - 1, len(content), _commas(content)), content, indent, newline, bare=True
        )
    if not outer or not _TAIL.fullmatch(content[outer[-1].closing + 1 :]):
        return []
    return _broken(line.start, outer[-1], content, indent, newline, width)


def _broken(start: int, pair: _Bracket, content: str, indent: str, newline: str, width: int) -> list[Edit]:
    """The brackets on lines of their own; what is between them on one line if it fits and is no display of values."""
    inner = content[pair.opening + 1 : pair.closing]
    deeper = indent + _unit(indent)
    is_call = re.search(r"[\w)\]]$", content[: pair.opening]) is not None and not re.search(
        r"\b(?:in|and|or|not|return|is|else|if)\s*$", content[: pair.opening]
    )
    if is_call and len(deeper) + len(inner) <= width:
        return [
            Edit(Span(start + pair.opening + 1, start + pair.opening + 1), newline + deeper),
            Edit(Span(start + pair.closing, start + pair.closing), newline + indent),
        ]
    return _one_a_line(start, pair, content, indent, newline, bare=False)


def _one_a_line(start: int, pair: _Bracket, content: str, indent: str, newline: str, *, bare: bool) -> list[Edit]:
    deeper = indent if bare else indent + _unit(indent)
    ends_in_comma = bool(pair.commas) and not content[pair.commas[-1] + 1 : pair.closing].strip()
    edits = [] if bare else [Edit(Span(start + pair.opening + 1, start + pair.opening + 1), newline + deeper)]
    for comma in pair.commas[: -1 if ends_in_comma else None]:
        blanks = len(content[comma + 1 :]) - len(content[comma + 1 :].lstrip(" "))
        edits.append(Edit(Span(start + comma + 1, start + comma + 1 + blanks), newline + deeper))
    last = ("" if ends_in_comma else ",") + ("" if bare else newline + indent)
    if last:
        edits.append(Edit(Span(start + pair.closing, start + pair.closing), last))
    return edits


def _unit(indent: str) -> str:
    return "\t" if indent.startswith("\t") else "    "


def _is_body(text: str, line: Span) -> bool:
    """True for the one line between brackets that stand on the lines around it."""
    before, after = text[: line.start].rstrip(), text[line.end :].lstrip()
    return before.endswith(("(", "[", "{")) and after.startswith((")", "]", "}"))


def _pairs(content: str) -> list[_Bracket] | None:
    """The outermost pairs of brackets; None if the line is not balanced or has a comment."""
    found: list[_Bracket] = []
    depth, opening, commas = 0, 0, []
    for token in _TOKEN.finditer(content):
        if token["comment"]:
            return None
        if token["comma"] and depth == 1:
            commas.append(token.start())
        elif token["bracket"] and token["bracket"] in "([{":
            depth += 1
            if depth == 1:
                opening, commas = token.start(), []
        elif token["bracket"]:
            depth -= 1
            if depth == 0:
                found.append(_Bracket(opening, token.start(), tuple(commas)))
            elif depth < 0:
                return None
    return found if depth == 0 else None


def _commas(content: str) -> tuple[int, ...]:
    """The commas outside of all brackets."""
    depth, found = 0, []
    for token in _TOKEN.finditer(content):
        if token["bracket"]:
            depth += 1 if token["bracket"] in "([{" else -1
        elif token["comma"] and depth == 0:
            found.append(token.start())
    return tuple(found)


def _composed(edits: Sequence[Edit], later: Sequence[Edit]) -> tuple[Edit, ...]:
    """One set of edits that does what two do one after the other."""
    result = sorted(edits, key=lambda e: e.span.start)
    for change in sorted(later, key=lambda e: e.span.start, reverse=True):
        result = _with(result, change)
    return tuple(sorted(result, key=lambda e: (e.span.start, e.span.end)))


def _with(edits: list[Edit], change: Edit) -> list[Edit]:
    shift = 0
    for i, edit in enumerate(edits):
        start = edit.span.start + shift
        end = start + len(edit.text)
        if start <= change.span.start and change.span.end <= end and edit.text:
            at, to = change.span.start - start, change.span.end - start
            return [*edits[:i], Edit(edit.span, edit.text[:at] + change.text + edit.text[to:]), *edits[i + 1 :]]
        if change.span.end <= start:
            break
        shift += len(edit.text) - (edit.span.end - edit.span.start)
    return sorted(
        [*edits, Edit(Span(change.span.start - shift, change.span.end - shift), change.text)],
        key=lambda e: e.span.start,
    )
