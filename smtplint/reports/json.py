"""One JSON object, as `findings.schema.json` describes it: positions from 1, columns in characters."""

from __future__ import annotations

import json
from typing import Any

from smtplint.finding import Finding, Fix, Related
from smtplint.masking import masked_words
from smtplint.model import UNKNOWN, Endpoint, FieldValue, Malformed
from smtplint.report import Run, told, worded
from smtplint.source import Source, Span


def render(run: Run) -> str:
    """Only ASCII, so that neither the terminal's encoding nor bytes in file names that are not text can break it."""
    found = [_finding(finding) for finding in run.findings]
    return json.dumps({"version": run.version, "checked": run.checked, "findings": found}, indent=2) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.word,
        "message": worded(finding),
        **_place(finding.source, finding.span),
        "related": [_related(finding, related) for related in finding.related],
        "endpoint": None if finding.endpoint is None else _endpoint(finding.endpoint),
        "fix": None if finding.fix is None else _fix(finding, finding.fix),
    }


def _place(source: Source, span: Span) -> dict[str, Any]:
    return {"path": source.path, "start": _position(source, span.start), "end": _position(source, span.end)}


def _position(source: Source, offset: int) -> dict[str, int]:
    place = source.position(offset)
    return {"line": place.line, "column": place.column}


def _related(finding: Finding, related: Related) -> dict[str, Any]:
    return {**_place(finding.source, related.span), "message": told(related.message, finding)}


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    """What is not known is null."""
    values = {name: _value(endpoint.value(name)) for name in ("host", "port", "encryption")}
    return {"dialect": endpoint.dialect, "protocol": endpoint.protocol, **values}


def _value(value: FieldValue) -> str | int | float | None:
    if value is UNKNOWN:
        return None
    if isinstance(value, Malformed):
        return masked_words(value.text)
    return masked_words(value) if isinstance(value, str) else value


def _fix(finding: Finding, fix: Fix) -> dict[str, Any]:
    edits = [{**_place(finding.source, edit.span), "text": edit.text} for edit in fix.edits]
    return {"title": told(fix.title, finding), "safety": fix.safety.word, "edits": edits}
