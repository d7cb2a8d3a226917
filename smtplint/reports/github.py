"""Workflow commands of GitHub Actions: each finding becomes an annotation at its line."""

from __future__ import annotations

from smtplint.finding import Finding, Severity
from smtplint.report import Run, closing, told, worded

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(run: Run) -> str:
    return "".join(f"{_command(finding, run)}\n" for finding in run.findings) + closing(run)


def _command(finding: Finding, run: Run) -> str:
    start, end = (finding.source.position(offset) for offset in (finding.span.start, finding.span.end))
    # GitHub refuses an end column where the place spans several lines.
    columns = {"col": start.column, "endColumn": end.column} if start.line == end.line else {}
    properties = {
        "file": finding.source.path,
        "line": start.line,
        "endLine": end.line,
        **columns,
        "title": f"smtplint: {finding.rule}",
    }
    given = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{COMMANDS[finding.severity]} {given}::{_data(_message(finding, run))}"


def _message(finding: Finding, run: Run) -> str:
    wire = run.wire(finding)
    parts = [worded(finding), f"on the wire: {told(wire, finding)}" if wire else ""]
    parts.append(f"fix ({finding.fix.safety.word}): {told(finding.fix.title, finding)}" if finding.fix else "")
    return "\n".join(part for part in parts if part)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
