"""The code quality report of GitLab: a list of findings with places and fingerprints that last."""

from __future__ import annotations

import json
from typing import Any

from smtplint.finding import Finding, Severity
from smtplint.fingerprint import fingerprints
from smtplint.report import Run, worded

SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}


def render(run: Run) -> str:
    marks = fingerprints(run.findings)
    return json.dumps([_issue(f, mark) for f, mark in zip(run.findings, marks, strict=True)], indent=2) + "\n"


def _issue(finding: Finding, mark: str) -> dict[str, Any]:
    start, end = (finding.source.position(offset) for offset in (finding.span.start, finding.span.end))
    return {
        "type": "issue",
        "check_name": finding.rule,
        "description": worded(finding),
        "categories": ["Security"],
        "severity": SEVERITIES[finding.severity],
        "fingerprint": mark,
        "location": {
            "path": finding.source.path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
            "positions": {
                "begin": {"line": start.line, "column": start.column},
                "end": {"line": end.line, "column": end.column},
            },
        },
    }
