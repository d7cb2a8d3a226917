"""Reviewdog's diagnostic format, with suggestions; its columns count bytes of UTF-8, from 1."""

from __future__ import annotations

import json
from typing import Any

from smtplint.finding import Finding
from smtplint.report import HOME, Run, told, worded
from smtplint.source import Source, Span


def render(run: Run) -> str:
    diagnostics = [_diagnostic(finding) for finding in run.findings]
    source = {"name": "smtplint", "url": HOME}
    return json.dumps({"source": source, "diagnostics": diagnostics}, indent=2) + "\n"


def _diagnostic(finding: Finding) -> dict[str, Any]:
    result: dict[str, Any] = {
        "message": worded(finding),
        "location": _location(finding.source, finding.span),
        "severity": finding.severity.word.upper(),
        "code": {"value": finding.rule, "url": f"{HOME}/blob/main/docs/rules.md#{finding.rule}"},
    }
    if finding.related:
        result["related_locations"] = [
            {"message": told(related.message, finding), "location": _location(finding.source, related.span)}
            for related in finding.related
        ]
    if finding.fix is not None:
        result["suggestions"] = [
            {"range": _range(finding.source, edit.span), "text": edit.text} for edit in finding.fix.edits
        ]
    return result


def _location(source: Source, span: Span) -> dict[str, Any]:
    path = source.path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return {"path": path, "range": _range(source, span)}


def _range(source: Source, span: Span) -> dict[str, Any]:
    return {"start": _position(source, span.start), "end": _position(source, span.end)}


def _position(source: Source, offset: int) -> dict[str, int]:
    place = source.position(offset)
    before = source.text[offset - place.column + 1 : offset]
    return {"line": place.line, "column": len(before.encode()) + 1}
