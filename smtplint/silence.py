"""Suppression comments written for findings: each is put where its format allows one, and proven by checking again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from smtplint.check import check, entries
from smtplint.config import Settings
from smtplint.consumer import Surroundings
from smtplint.finding import Finding
from smtplint.format import Reference, Value, of_path
from smtplint.source import Edit, Source, Span, Unreadable, apply
from smtplint.suppress import UNUSED, Ignore, comments, may_stand_behind

WIDTH: Final = 120
"""Columns of a line beyond which the comment goes above it."""


class Silenced(Struct, frozen=True):
    """The text with its new comments, how many findings these silence, and those that are `left` as they were."""

    source: Source
    count: int
    left: tuple[Finding, ...]


def silenced(
    source: Source, findings: Sequence[Finding], settings: Settings, around: Surroundings, reason: str = ""
) -> Silenced:
    """A comment for each line with findings; none where it would change what the file says, or where it would not help.

    From the last line to the first, so that a comment moves no line that is still to come.
    """
    by_line: dict[int, list[Finding]] = {}
    for finding in findings:
        by_line.setdefault(source.position(finding.span.start).line, []).append(finding)
    text, left = source, []
    for line, found in sorted(by_line.items(), reverse=True):
        after = (
            None if any(f.rule == UNUSED for f in found) else _with_comment(text, line, found, reason, settings, around)
        )
        if after is None:
            left += found
        text = after or text
    return Silenced(text, len(findings) - len(left), tuple(sorted(left, key=lambda finding: finding.order)))


def _with_comment(
    source: Source, line: int, found: Sequence[Finding], reason: str, settings: Settings, around: Surroundings
) -> Source | None:
    names = sorted({finding.rule for finding in found})
    wanted = Counter(map(_what, check(source, settings, around))) - Counter(map(_what, found))
    for edit in _ways(source, line, names, reason):
        after = source.with_text(apply(source.text, (edit,)))
        if not _encodes(after) or not _says_the_same(source, after, settings):
            continue
        if Counter(map(_what, check(after, settings, around))) == wanted:
            return after
    return None


def _what(finding: Finding) -> tuple[str, str]:
    return finding.rule, finding.message


# --- where a comment may stand


def _ways(source: Source, line: int, names: Sequence[str], reason: str) -> Iterator[Edit]:
    """Places for the comment, best first: in one that is there, at the end of the line, alone above it."""
    for ignore in comments(source):
        if ignore.names and ignore.lines is not None and line in ignore.lines:
            yield _added(source, ignore, names)
    comment = f"# smtplint: ignore[{', '.join(names)}]" + (f" {reason}" if reason else "")
    place = source.line_span(line)
    text = source.at(place)
    above = Edit(Span(place.start, place.start), _margin(text) + comment + _line_end(source, place))
    behind = Edit(Span(place.start + len(text.rstrip()), place.start + len(text.rstrip())), f"  {comment}")
    if may_stand_behind(source):
        yield from (behind, above) if len(text.rstrip()) + len(behind.text) <= WIDTH else (above, behind)
    else:
        yield above


def _added(source: Source, ignore: Ignore, names: Sequence[str]) -> Edit:
    end = ignore.names_span.start + len(source.at(ignore.names_span).rstrip(" \t,"))
    new = [name for name in names if name not in ignore.names]
    return Edit(Span(end, end), "".join(f", {name}" for name in new))


def _margin(text: str) -> str:
    return text[: len(text) - len(text.lstrip())]


def _line_end(source: Source, place: Span) -> str:
    """As the line itself ends; the last one as the one before it."""
    here = source.text[place.end : place.end + 2]
    before = source.text[max(0, place.start - 2) : place.start]
    for ends in (here, before):
        if ends.startswith("\r\n") or ends == "\r\n":
            return "\r\n"
        if ends.strip(" \t") and ends[:1] in "\r\n":
            return ends[0]
    return "\n"


# --- proof


def _encodes(source: Source) -> bool:
    try:
        source.encode()
    except UnicodeEncodeError:
        return False
    return True


def _says_the_same(before: Source, after: Source, settings: Settings) -> bool:
    """True if every setting of the file is there as it was: within a string of several lines, a comment is text."""
    try:
        return _said(before, settings) == _said(after, settings)
    except Unreadable:
        return False


def _said(source: Source, settings: Settings) -> list[tuple[tuple[str, ...], Value]]:
    name = of_path(source.path)
    found = entries(source, name, settings.dialects, sure=True) if name is not None else ()
    return [(e.key, _bare(e.value)) for e in found]


def _bare(value: Value) -> Value:
    """The value without its place."""
    return replace(value, span=None, content=None) if isinstance(value, Reference) else value
