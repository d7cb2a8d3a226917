"""What makes a finding the same one after edits elsewhere: rule, file, endpoint and content, but no line number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from smtplint.finding import Finding
from smtplint.masking import masked_words
from smtplint.model import Malformed
from smtplint.source import Span


def fingerprints(findings: Iterable[Finding]) -> list[str]:
    """One for each finding, in their order, no two alike: of equal ones the second, third … is counted."""
    seen: Counter[str] = Counter()
    result = []
    for finding in findings:
        one = fingerprint(finding)
        seen[one] += 1
        result.append(one if seen[one] == 1 else _hash(one, str(seen[one])))
    return result


def fingerprint(finding: Finding, path: str | None = None) -> str:
    """32 hexadecimal digits. Blanks do not matter; nothing secret goes in, not even hashed.

    `path`: how the file is called, if not as reports show it.
    """
    return _hash(finding.rule, path or finding.source.path, *_endpoint(finding), _content(finding))


def _hash(*parts: str) -> str:
    import hashlib  # only a baseline and outputs for other programs wait for it

    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _endpoint(finding: Finding) -> tuple[str, ...]:
    """Which program talks to which server; its other fields may be mended one by one."""
    if finding.endpoint is None:
        return ()
    host = finding.endpoint.value("host")
    return finding.endpoint.dialect, finding.endpoint.protocol, "" if isinstance(host, Malformed) else str(host)


def _content(finding: Finding) -> str:
    """The line up to the end of the place, which names the setting and its value; a comment behind it may come and go."""
    place = finding.source.position(finding.span.start)
    line = finding.source.line_span(place.line)
    text = finding.source.at(Span(line.start, max(finding.span.end, line.start)))
    return " ".join(masked_words(text).split())
