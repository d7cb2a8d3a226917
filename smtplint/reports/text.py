"""For people: each finding with its line and place underlined, what it means on the wire, and what would mend it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import Struct

from smtplint.finding import Finding, Fix, Safety
from smtplint.report import Run, closing, hidden, statistics, told, worded
from smtplint.source import Source, Span
from smtplint.terminal import Paint, cells, columns, printable


class _Mark(Struct, frozen=True):
    """What is underlined in one line: characters from `start` to `end`, counted from 0."""

    line: int
    start: int
    end: int
    label: str
    primary: bool


def render(run: Run) -> str:
    paint = Paint(run.colour)
    blocks = [_block(finding, source, run, paint) for finding, source in _with_sources(run.findings)]
    end = f"{statistics(run.findings)}\n" if run.statistics and run.findings else ""
    return "".join(f"{block}\n" for block in blocks) + end + paint.bold(closing(run).rstrip()) + "\n" * (not run.quiet)


def _with_sources(findings: Sequence[Finding]) -> Iterator[tuple[Finding, Source]]:
    """Each finding with its source as it may be shown; the masking is done once a file."""
    for _, group in groupby(findings, key=lambda finding: id(finding.source)):
        together = list(group)
        shown = hidden(together[0].source, [f.endpoint for f in together if f.endpoint is not None])
        yield from ((finding, shown) for finding in together)


class _Sheet(Struct, frozen=True):
    """What one finding is drawn on: `margin` columns for line numbers, `width` columns in all."""

    margin: int
    width: int
    paint: Paint
    severity: str

    @property
    def edge(self) -> str:
        return " " * self.margin

    def loud(self, text: str) -> str:
        return self.paint.severity(self.severity, text)


def _block(finding: Finding, source: Source, run: Run, paint: Paint) -> str:
    marks = _marks(finding, source) if source.text else []
    margin = len(str(max((mark.line for mark in marks), default=1)))
    sheet = _Sheet(margin, run.width, paint, finding.severity.word)
    title = paint.bold(f": {printable(worded(finding))}")
    lines = [f"{sheet.loud(f'{finding.severity.word}[{finding.rule}]')}{title}"]
    lines.append(f"{sheet.edge}{paint.faint('-->')} {_place(finding, source)}")
    lines += _snippet(source, marks, sheet)
    lines += (f"{sheet.edge} {paint.faint('=')} {note}" for note in _notes(finding, run, paint))
    return "\n".join(lines) + "\n"


def _place(finding: Finding, source: Source) -> str:
    path = printable(source.path)
    if not source.text:
        return path
    place = source.position(finding.span.start)
    return f"{path}:{place.line}:{place.column}"


def _notes(finding: Finding, run: Run, paint: Paint) -> Iterator[str]:
    if wire := run.wire(finding):
        yield f"{paint.bold('wire:')} {printable(told(wire, finding))}"
    if (fix := finding.fix) is not None:
        yield f"{paint.good(f'fix ({fix.safety.word}):')} {printable(told(fix.title, finding))} {_how(fix)}"


def _how(fix: Fix) -> str:
    return "[--fix]" if fix.safety is Safety.SAFE else "[--fix --unsafe-fixes]"


# --- the lines


def _marks(finding: Finding, source: Source) -> list[_Mark]:
    marks = _underlined(source, finding.span, "", primary=True)
    for related in finding.related:
        marks += _underlined(source, related.span, told(related.message, finding), primary=False)
    return sorted(marks, key=lambda mark: (mark.line, not mark.primary, mark.start))


def _underlined(source: Source, span: Span, label: str, *, primary: bool) -> list[_Mark]:
    """The first line of a span and, if it has several, the last."""
    first = source.position(span.start)
    last = source.position(max(span.start, span.end - 1))
    length = last.column - first.column + (1 if span.end > span.start else 0)
    if first.line == last.line:
        return [_Mark(first.line, first.column - 1, first.column - 1 + length, label, primary)]
    whole = source.line_span(first.line)
    return [
        _Mark(first.line, first.column - 1, whole.end - whole.start, "", primary),
        _Mark(last.line, 0, last.column, label, primary),
    ]


def _snippet(source: Source, marks: Sequence[_Mark], sheet: _Sheet) -> Iterator[str]:
    """The marked lines between two bare bars; `...` where lines are left out."""
    faint = sheet.paint.faint
    bare = f"{sheet.edge} {faint('|')}"
    if marks:
        yield bare
    before = 0
    for line, group in groupby(marks, key=lambda mark: mark.line):
        if before and line != before + 1:
            yield faint("...")
        before = line
        together = list(group)
        window = _Window(source.at(source.line_span(line)), together[0], sheet.width - sheet.margin - 3)
        yield f"{faint(f'{line:>{sheet.margin}} |')} {window.text}".rstrip()
        for mark in together:
            drawn = f"{window.underline(mark)} {printable(mark.label)}".rstrip()
            yield f"{bare} {' ' * window.column(mark)}{sheet.loud(drawn) if mark.primary else faint(drawn)}"
    if marks:
        yield bare


_REACH = 2000
"""Characters on either side of a place that are looked at: more than any terminal shows."""


class _Window:
    """The part of a line that fits: all of it, or what lies around a place."""

    def __init__(self, line: str, around: _Mark, width: int) -> None:
        self._offset = max(0, around.start - _REACH)
        self._cells = cells(line[self._offset : around.start + _REACH])
        self._more = len(line) > around.start + _REACH
        self._first, self._after = _cropped(self._cells, around.start - self._offset, max(width, 20))

    @property
    def text(self) -> str:
        end = "…" if self._more or self._after < len(self._cells) else ""
        return self._start + "".join(self._cells[self._first : self._after]) + end

    @property
    def _start(self) -> str:
        return "…" if self._offset or self._first else ""

    def column(self, mark: _Mark) -> int:
        """The column, from 0, in which the mark begins."""
        return columns(self._start + self._between(self._first, mark.start - self._offset))

    def underline(self, mark: _Mark) -> str:
        inside = self._between(mark.start - self._offset, mark.end - self._offset)
        return ("^" if mark.primary else "-") * max(columns(inside), 1)

    def _between(self, start: int, end: int) -> str:
        return "".join(self._cells[max(start, self._first) : max(0, min(end, self._after))])


def _cropped(line: Sequence[str], place: int, width: int) -> tuple[int, int]:
    """From which cell to which a line is shown: so that it fits, and a third of it stands before the place."""
    widths = [columns(cell) for cell in line]
    if sum(widths) <= width:
        return 0, len(line)
    first = min(place, len(line))
    room = width // 3
    while first and widths[first - 1] <= room:
        first -= 1
        room -= widths[first]
    after, room = first, width - 2
    while after < len(line) and widths[after] <= room:
        room -= widths[after]
        after += 1
    return first, after
