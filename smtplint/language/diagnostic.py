"""Findings as diagnostics: the message, what it means on the wire, tags, and related places."""

from __future__ import annotations

from typing import Final

from lsprotocol import types

from smtplint.finding import Finding, Severity
from smtplint.language.desk import Checked
from smtplint.report import HOME, told, worded
from smtplint.rule import load_rules
from smtplint.terminal import printable

SOURCE: Final = "smtplint"

_SEVERITIES: Final = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}


def diagnostics(checked: Checked) -> list[types.Diagnostic]:
    return [diagnostic(finding, checked) for finding in checked.findings]


def diagnostic(finding: Finding, checked: Checked) -> types.Diagnostic:
    wire = checked.wire(finding)
    message = printable(worded(finding)) + (f"\non the wire: {printable(told(wire, finding))}" if wire else "")
    return types.Diagnostic(
        checked.text.range(finding.span),
        message,
        severity=_SEVERITIES[finding.severity],
        code=finding.rule,
        code_description=types.CodeDescription(f"{HOME}/blob/main/docs/rules.md#{finding.rule}"),
        source=SOURCE,
        tags=_tags(finding, checked),
        related_information=_related(finding, checked),
    )


def _related(finding: Finding, checked: Checked) -> list[types.DiagnosticRelatedInformation]:
    return [
        types.DiagnosticRelatedInformation(
            types.Location(checked.text.uri, checked.text.range(related.span)),
            printable(told(related.message, finding)),
        )
        for related in finding.related
    ]


_TAGS: Final = {"unnecessary": types.DiagnosticTag.Unnecessary, "deprecated": types.DiagnosticTag.Deprecated}


def _tags(finding: Finding, checked: Checked) -> list[types.DiagnosticTag] | None:
    rule = load_rules(checked.settings.rules).get(finding.rule)
    return [_TAGS[rule.tag]] if rule is not None and rule.tag else None
