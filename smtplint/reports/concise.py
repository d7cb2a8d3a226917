"""One line for each finding: `path:line:column: severity[rule] message`, and `[*]` where there is a safe fix."""

from __future__ import annotations

from smtplint.finding import Finding, Safety
from smtplint.report import Run, closing, statistics, worded
from smtplint.terminal import printable


def render(run: Run) -> str:
    end = statistics(run.findings) if run.statistics else ""
    return "".join(f"{_line(finding)}\n" for finding in run.findings) + end + closing(run)


def _line(finding: Finding) -> str:
    place = finding.source.position(finding.span.start)
    able = "" if finding.fix is None else " [*]" if finding.fix.safety is Safety.SAFE else " [* unsafe]"
    head = f"{printable(finding.source.path)}:{place.line}:{place.column}"
    return f"{head}: {finding.severity.word}[{finding.rule}] {printable(worded(finding))}{able}"
