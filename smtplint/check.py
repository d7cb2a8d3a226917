"""The pipeline: a text and the settings in, findings out. Pure, so that an editor or a pool of processes can call it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from smtplint import dialect, embedded, program
from smtplint.clock import clock
from smtplint.config import Settings
from smtplint.consumer import Surroundings, handed
from smtplint.fact import opened_by_call
from smtplint.finding import Finding, Severity
from smtplint.format import Entry, Wanted, is_at_hand, load, of_path
from smtplint.model import Endpoint
from smtplint.regex import regex
from smtplint.rule import Rule, ask, load_rules
from smtplint.sieve import may_configure, sieve
from smtplint.source import Source, Span, Unreadable
from smtplint.standin import is_rehearsal, is_test_double
from smtplint.suppress import suppressed
from smtplint.table import Folders

UNREADABLE = "unreadable-file"
_MAIL = regex(
    r"smtp|imap|pop3|poplib|starttls|mailer|"
    r"mail[_.-]?(?:host|server|port|ur[li]|dsn|backend|driver|transport|use|pass|encrypt|secur|ssl|tls)|^\s*[\"']?e?mail[\"']?:\s*$",
    re.IGNORECASE | re.MULTILINE,
)
"""The name of a mail setting, or of what opens a session; an address or the word alone is none."""
_BRANCH = regex(r"^[ \t]*\{\{-?\s*(?:if|else|range|with|define|block)\b[^\n]*\}\}[ \t]*$", re.MULTILINE)
"""A line that is a control statement of a template: what stands in its branches need not parse together."""


def check(source: Source, settings: Settings, around: Surroundings) -> tuple[Finding, ...]:
    """Every finding in one file, in order of position; what cannot be parsed gives an `unreadable-file` finding."""
    settings = settings.in_file(source.path)
    try:
        configured = endpoints(source, settings, around)
        with clock.phase("judge"):
            found = judged(configured, settings)
    except Unreadable as error:
        found = list(unreadable(source, error, settings))
    left = [_graded(finding, settings) for finding in suppressed(source, found, settings)]
    return tuple(sorted(left, key=lambda finding: finding.order))


def _graded(finding: Finding, settings: Settings) -> Finding:
    """The finding as grave as the user's settings want it."""
    word = settings.severity.get(finding.rule)
    return finding if word is None else replace(finding, severity=Severity[word.upper()])


def endpoints(source: Source, settings: Settings, around: Surroundings) -> tuple[Endpoint, ...]:
    """Every mail endpoint that the file configures; Unreadable if it does not parse."""
    name = of_path(source.path)
    if name is None:
        return ()
    with clock.phase("parse", name):
        found = entries(source, name, settings.dialects, sure=settings.dialect_of(source.path) is not None)
    if not found:
        return ()
    with clock.phase("recognise", name):
        return _recognised(source, found, name, settings, around)


def _recognised(
    source: Source, found: Sequence[Entry], name: str, settings: Settings, around: Surroundings
) -> tuple[Endpoint, ...]:
    chosen = settings.dialect_of(source.path)
    seen = handed(source, found, name, around)
    by_code = _by_code(source, seen, around, settings.dialects) if name == "env" and chosen is None else []
    told = {setting.entry.span for endpoint in by_code for setting in endpoint.settings}
    left = [entry for entry in seen if entry.span not in told] if told else seen
    own = (*by_code, *dialect.endpoints(source, left, name, around, chosen, settings.dialects))
    inner = [e for part in embedded.texts(source, found) for e in _inside(part, around, chosen, settings.dialects)]
    return tuple(sorted((*own, *inner), key=lambda e: e.anchor))


def _by_code(source: Source, seen: Sequence[Entry], around: Surroundings, folders: Folders) -> list[Endpoint]:
    """The endpoints of an `.env` file as the project's own code makes them out of it."""
    found = []
    for view in program.views(seen, around, dialect.calls(folders)):
        inside = dialect.endpoints(source, view.entries, program.FORMAT, around, None, folders, written_in="env")
        found += [replace(e, notes={**e.notes, "recognised_by": f"{view.path}, which reads it"}) for e in inside]
    return found


def _inside(part: embedded.Embedded, around: Surroundings, chosen: str | None, folders: Folders) -> list[Endpoint]:
    """The endpoints of a file within a file; none if it does not parse, for it may be a template of its holder."""
    name = of_path(part.inner.path)
    if name is None or not sieve(name, folders).search(part.inner.text.lower().encode("utf-8", "replace")):
        return []
    try:
        read = entries(part.inner, name, folders)
    except Unreadable:
        return []
    found = dialect.endpoints(part.inner, handed(part.inner, read, name, around), name, around, chosen, folders)
    return [part.outward(endpoint) for endpoint in found]


def entries(source: Source, name: str, folders: Folders = (), *, sure: bool = False) -> tuple[Entry, ...]:
    """Every setting of a text of that format, if it can be of mail; Unreadable if it does not parse.

    `sure`: whoever asks knows that it can.
    """
    if not sure and not is_at_hand(name, source.text) and not may_configure(source.text, name, folders):
        return ()
    try:
        return load(name).read(source, Wanted(dialect.calls(folders)))
    except RecursionError as error:
        raise Unreadable("nested too deeply") from error


def judged(found: Sequence[Endpoint], settings: Settings) -> list[Finding]:
    """What the selected rules say about endpoints; one finding for a place that several endpoints share."""
    rules = selected(settings)
    every = [finding for endpoint in found if not _is_made_up(endpoint) for finding in ask(rules, endpoint)]
    # The one to keep is of the endpoint that is known best: a call rather than the constants that it was given.
    every.sort(key=lambda f: sum(x.known for x in f.endpoint.fields.values()) if f.endpoint else 0)
    kept = [f for same in _by_place(every) for f in _told_once(same)]
    return [replace(f, fix=None) if _takes_from_others(f, found) else f for f in kept]


def _by_place(every: Iterable[Finding]) -> Iterable[list[Finding]]:
    found: dict[tuple[str, Span], list[Finding]] = {}
    for finding in every:
        found.setdefault((finding.rule, finding.span), []).append(finding)
    return found.values()


def _told_once(same: Sequence[Finding]) -> Iterable[Finding]:
    """What holds for whoever calls is said once, the rest once for each caller whose arguments make it so."""
    givers = [f.endpoint.notes.get("given_by") if f.endpoint else None for f in same]
    whoever = [f for f, giver in zip(same, givers, strict=True) if giver is None]
    return whoever[-1:] or dict(zip(givers, same, strict=True)).values()


def _is_made_up(endpoint: Endpoint) -> bool:
    """True for what only a test makes up: nobody ever connects to it."""
    host, source = endpoint.value("host"), endpoint.source
    if isinstance(host, str) and is_test_double(source.path, host):
        return True
    return opened_by_call(endpoint) is True and is_rehearsal(source.path, source.text)


def _takes_from_others(finding: Finding, found: Sequence[Endpoint]) -> bool:
    """True if a fix changes a value that an endpoint of another protocol reads too: what cures the one breaks the other."""
    endpoint, fix = finding.endpoint, finding.fix
    if endpoint is None or fix is None:
        return False
    spans = [edit.span for edit in fix.edits if edit.span.end > edit.span.start]
    return any(
        entry.span.overlaps(span)
        for other in found
        if other.protocol != endpoint.protocol
        for field in other.fields.values()
        for entry in field.evidence
        for span in spans
    )


def selected(settings: Settings) -> tuple[Rule, ...]:
    return tuple(rule for rule in load_rules(settings.rules).values() if settings.selects(rule.name))


def unreadable(source: Source, error: Unreadable, settings: Settings) -> tuple[Finding, ...]:
    """The finding for a file that names mail settings and cannot be parsed: it must never look clean.

    None for one that only has words such as `host`. Only information for a template in a language of its own
    (cookiecutter, helmfile): it is no file of that format yet.
    """
    if UNREADABLE in settings.ignore or (source.text and _MAIL.search(source.text) is None):
        return ()
    rule = load_rules(settings.rules)[UNREADABLE]
    is_chart = "{{" in source.text and "templates/" in source.path
    is_template = (
        is_chart
        or "{%" in source.text
        or "<%" in source.text
        or "{{" in source.path
        or _BRANCH.search(source.text) is not None
    )
    severity = Severity.INFO if is_template else rule.severity
    reason = "a template, not yet what it will be" if is_template else error.reason
    place = source.line_span(source.position(error.offset).line) if error.offset else Span(0, 0)
    span = Span(max(place.start, error.offset), place.end)
    return (Finding(UNREADABLE, severity, f"not checked: {reason}", source, span),)
