"""SARIF 2.1.0, for code scanning: rules with their help, places, related places, fixes, and fingerprints that last."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from smtplint.finding import Finding, Fix, Severity
from smtplint.fingerprint import fingerprints
from smtplint.report import HOME, RuleText, Run, told, worded
from smtplint.source import Source, Span

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render(run: Run) -> str:
    """One object; columns count characters, paths are relative to the folder of the run."""
    index = {name: i for i, name in enumerate(run.rules)}
    results = [_result(f, index, mark) for f, mark in zip(run.findings, fingerprints(run.findings), strict=True)]
    driver = {
        "name": "smtplint",
        "informationUri": HOME,
        "version": run.version,
        "rules": [_rule(rule) for rule in run.rules.values()],
    }
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }
    return json.dumps(log, indent=2) + "\n"


def _rule(rule: RuleText) -> dict[str, Any]:
    markdown = "\n".join([rule.why, "", *(f"- {reference}" for reference in rule.references)])
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": rule.why, "markdown": markdown},
        "helpUri": f"{HOME}/blob/main/docs/rules.md#{rule.name}",
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": ["mail", "security"]},
    }


def _result(finding: Finding, index: dict[str, int], mark: str) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": LEVELS[finding.severity],
        "message": {"text": worded(finding)},
        "locations": [{"physicalLocation": _place(finding.source, finding.span)}],
        "partialFingerprints": {"smtplint/v1": mark},
    }
    if finding.rule in index:
        result["ruleIndex"] = index[finding.rule]
    if finding.related:
        result["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": _place(finding.source, related.span),
                "message": {"text": told(related.message, finding)},
            }
            for number, related in enumerate(finding.related, 1)
        ]
    if finding.fix is not None:
        result["fixes"] = [_fix(finding, finding.fix)]
    return result


def _place(source: Source, span: Span) -> dict[str, Any]:
    return {"artifactLocation": _artifact(source), "region": _region(source, span)}


def _artifact(source: Source) -> dict[str, str]:
    return {"uri": quote(source.path.encode("utf-8", "surrogateescape"))}


def _region(source: Source, span: Span) -> dict[str, int]:
    start, end = source.position(span.start), source.position(span.end)
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }


def _fix(finding: Finding, fix: Fix) -> dict[str, Any]:
    replacements = [
        {"deletedRegion": _region(finding.source, edit.span), "insertedContent": {"text": edit.text}}
        for edit in fix.edits
    ]
    return {
        "description": {"text": f"{told(fix.title, finding)} ({fix.safety.word})"},
        "artifactChanges": [{"artifactLocation": _artifact(finding.source), "replacements": replacements}],
    }
