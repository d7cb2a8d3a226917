"""Suppression comments that an editor may put in: where the format allows one, proven by checking the text with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from smtplint.check import UNREADABLE, check
from smtplint.finding import Finding
from smtplint.language.desk import Checked
from smtplint.model import FIELDS, Endpoint
from smtplint.source import Edit, Source, Span, apply
from smtplint.suppress import UNUSED, comments, may_stand_behind

REASON: Final = "say why"
"""Stands where the reason belongs."""


def ignoring(finding: Finding, checked: Checked) -> Edit | None:
    """The edit after which the finding is gone and nothing else is changed; None if no comment can do that."""
    if checked.source is None or finding.rule in (UNUSED, UNREADABLE):
        return None
    return next((edit for edit in _comments(finding, checked.source) if _holds(edit, finding, checked)), None)


def _comments(finding: Finding, source: Source) -> Iterator[Edit]:
    """The ways to say it, best first: one more name in the comment that is there, behind the line, above it."""
    place = source.position(finding.span.start)
    for ignore in comments(source):
        if ignore.names and ignore.lines is not None and place.line in ignore.lines:
            yield Edit(Span(ignore.names_span.end, ignore.names_span.end), f", {finding.rule}")
    line = source.line_span(place.line)
    text = source.at(line)
    comment = f"# smtplint: ignore[{finding.rule}] {REASON}"
    if may_stand_behind(source) and "#" not in text:
        yield Edit(Span(line.end, line.end), f"  {comment}")
    indent = text[: len(text) - len(text.lstrip())]
    yield Edit(Span(line.start, line.start), f"{indent}{comment}{_line_end(source)}")


def _line_end(source: Source) -> str:
    return next((end for end in ("\r\n", "\n", "\r") if end in source.text), "\n")


def _holds(edit: Edit, finding: Finding, checked: Checked) -> bool:
    assert checked.source is not None  # noqa: S101 - the caller asked
    source = checked.source.with_text(apply(checked.source.text, [edit]))
    before = Counter((f.rule, f.message) for f in check(checked.source, checked.settings, checked.around))
    after = Counter((f.rule, f.message) for f in check(source, checked.settings, checked.around))
    gone = before - after
    return (
        not after - before
        and (finding.rule, finding.message) in gone
        and {rule for rule, _ in gone} == {finding.rule}
        and list(map(_said, checked.endpoints)) == list(map(_said, checked.of(source)))
    )


def _said(endpoint: Endpoint) -> tuple[object, ...]:
    values = tuple(endpoint.value(name) for name in FIELDS)
    return endpoint.dialect, values, len(endpoint.settings)
