"""Reports: what a run found, as one of the outputs. They know nothing of rules or formats."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol, cast

from msgspec import Struct, field

from smtplint.finding import Finding, Safety, Severity
from smtplint.format import Entry, Literal, Reference
from smtplint.masking import masked, masked_words
from smtplint.model import Endpoint, Malformed
from smtplint.source import Source, Span

# The only list of outputs: each is a module in reports/.
OUTPUTS: Final = ("text", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson", "checkstyle")

HOME: Final = "https://github.com/smtplint/smtplint"

TO_PEOPLE: Final = frozenset({"text", "concise", "github"})
"""Outputs that end with lines for people; nothing may stand beside the others."""


class RuleText(Struct, frozen=True):
    """What a report may say of a rule itself."""

    name: str
    summary: str
    why: str
    severity: Severity
    references: tuple[str, ...] = ()


def _nothing(finding: Finding) -> str:
    del finding
    return ""


class Run(Struct, frozen=True):
    """What there is to report; `known` counts the findings that a baseline covers.

    `wire` tells what a finding means on the wire, or nothing; `width` is in columns.
    """

    version: str
    checked: int
    findings: Sequence[Finding]
    fixed: int = 0
    known: int = 0
    wire: Callable[[Finding], str] = _nothing
    statistics: bool = False
    quiet: bool = False
    colour: bool = False
    width: int = 100
    rules: Mapping[str, RuleText] = field(default_factory=dict)


class Report(Protocol):
    """A module in `reports/`."""

    @staticmethod
    def render(run: Run) -> str:
        """The whole output, line end included; empty for none."""


def render(output: str, run: Run) -> str:
    return cast("Report", importlib.import_module(f"smtplint.reports.{output}")).render(run)


def hidden(source: Source, endpoints: Iterable[Endpoint]) -> Source:
    """The source as it may be shown: secrets masked, the endpoints' passwords among them, every character in place."""
    entries = [entry for endpoint in endpoints for entry in endpoint.field("password").evidence]
    return source.with_text(masked(source.text, {place for entry in entries if (place := _place(entry)) is not None}))


def _place(entry: Entry) -> Span | None:
    if isinstance(entry.value, Literal):
        return entry.content or entry.span
    return entry.value.content or entry.value.span if isinstance(entry.value, Reference) else None


_OUR_WORDS = frozenset({"password", "user name", "clear", "text", "mail", "login"})
"""Words of our own sentences: who has one of them as a password is not betrayed by it."""


def worded(finding: Finding) -> str:
    """The message without the secrets that a malformed value may have carried into it."""
    return told(finding.message, finding)


def told(text: str, finding: Finding) -> str:
    """A text about a finding, without its endpoint's password."""
    return discreet(text, finding.endpoint)


def discreet(text: str, endpoint: Endpoint | None) -> str:
    """A text about an endpoint, without its password."""
    password = endpoint.value("password") if endpoint is not None else None
    secret = password.text if isinstance(password, Malformed) else password
    if isinstance(secret, str) and len(secret) > 3 and secret.lower() not in _OUR_WORDS:
        text = text.replace(secret, "****")
    return masked_words(text)


def closing(run: Run) -> str:
    """The last line, if one is wanted."""
    return "" if run.quiet else summary(run) + "\n"


def summary(run: Run) -> str:
    """How many findings there are, and what can be done about them."""
    counts = Counter(finding.severity for finding in run.findings)
    parts = [_number(counts[s], s.word) for s in sorted(counts, reverse=True)]
    where = f"{_number(run.checked, 'file')} checked"
    fixed = f", {_number(run.fixed, 'finding')} fixed" if run.fixed else ""
    fixed += f", {_number(run.known, 'finding')} known" if run.known else ""
    if not parts:
        return f"nothing {'left ' if run.fixed else ''}to report: {where}{fixed}"
    return f"{_number(len(run.findings), 'finding')} ({', '.join(parts)}): {where}{fixed}{_fixable(run.findings)}"


def _fixable(findings: Sequence[Finding]) -> str:
    safe = sum(f.fix is not None and f.fix.safety is Safety.SAFE for f in findings)
    unsafe = sum(f.fix is not None for f in findings) - safe
    parts = [f"{safe} with `--fix`"] if safe else []
    if unsafe:
        parts.append(f"{unsafe}{' more' if safe else ''} with `--fix --unsafe-fixes`")
    return f"; can be fixed: {', '.join(parts)}" if parts else ""


def _number(count: int, noun: str) -> str:
    return f"{count} {noun if count == 1 or noun == 'info' else noun + 's'}"


def statistics(findings: Sequence[Finding]) -> str:
    """How often each rule has something to say, most often first; `[*]` where a fix is to be had."""
    counts = Counter(finding.rule for finding in findings)
    able = {finding.rule for finding in findings if finding.fix is not None}
    width = len(str(max(counts.values(), default=0)))
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return "".join(f"{count:>{width}}  {'[*]' if rule in able else '   '} {rule}\n" for rule, count in rows)
