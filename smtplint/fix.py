"""Fixes: conflicts resolved, edits applied, the result proven by reading it again, and the file written in one step."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import tempfile
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from pathlib import Path

from msgspec import Struct, field

from smtplint.check import check, endpoints, judged
from smtplint.config import Settings
from smtplint.consumer import Surroundings
from smtplint.finding import Finding, Fix, Safety
from smtplint.model import FIELDS, Change, Endpoint
from smtplint.source import Edit, Source, Span, Unreadable, apply

ROUNDS = 8
"""A fix that had to wait for another is tried again; more rounds than this would mean that two rules fight."""


class Changed(Exception):
    """The file is no longer what was read: somebody else wrote it meanwhile."""


class Mended(Struct, frozen=True):
    """The new text; what was fixed, what was left and why, and what failed its proof and was left as well."""

    source: Source
    fixed: tuple[Finding, ...] = ()
    skipped: tuple[tuple[Finding, str], ...] = ()
    failed: tuple[tuple[Finding, str], ...] = ()


class _Bench(Struct):
    """One file at work."""

    settings: Settings
    around: Surroundings
    fixed: list[Finding] = field(default_factory=list)
    failed: list[tuple[Finding, str]] = field(default_factory=list)


def mend(
    source: Source, findings: Sequence[Finding], settings: Settings, around: Surroundings, *, unsafe: bool
) -> Mended:
    """The text with every fix made that is allowed, does not conflict with a graver one, and can be proven."""
    bench = _Bench(settings, around)
    pending = _allowed(findings, unsafe)
    waiting: list[tuple[Finding, str]] = []
    for _ in range(ROUNDS):
        chosen, waiting = _resolved(pending)
        mended = _proven(source, chosen, bench)
        if mended is None:
            break
        source = mended
        given_up = {(f.rule, f.message) for f, _ in bench.failed}
        again = _allowed(check(source, settings, around), unsafe)
        pending = [f for f in again if (f.rule, f.message) not in given_up]
        if not pending:  # what failed in an older text may hold in this one
            pending, bench.failed = again, []
        if not pending:
            waiting = []
            break
    return Mended(source, tuple(bench.fixed), tuple(waiting), tuple(bench.failed))


def alone(source: Source, finding: Finding, settings: Settings, around: Surroundings) -> Source | None:
    """The text with this one fix made; None if it has none, or if that proves wrong."""
    return _tried(source, [finding], _Bench(settings, around)) if finding.fix is not None else None


def _allowed(findings: Iterable[Finding], unsafe: bool) -> list[Finding]:
    """What may be fixed, gravest first: severity, then trust in the fix, then position."""
    able = [f for f in findings if f.fix is not None and (unsafe or f.fix.safety is Safety.SAFE)]
    return sorted(able, key=lambda f: (-f.severity, -f.fix.safety if f.fix else 0, f.order))


def _resolved(findings: Sequence[Finding]) -> tuple[list[Finding], list[tuple[Finding, str]]]:
    """Fixes that can be made together, and the rest with the reason. All edits of a fix or none."""
    chosen: list[Finding] = []
    waiting: list[tuple[Finding, str]] = []
    taken: dict[int, Edit] = {}
    assigned: dict[tuple[int, str], tuple[object, str]] = {}
    for finding in findings:
        reason = _conflict(finding, taken, assigned)
        if reason is not None:
            waiting.append((finding, reason))
            continue
        chosen.append(finding)
        if finding.fix is not None:
            taken.update({place: edit for edit in finding.fix.edits for place in _places(edit)})
            assigned.update({(id(finding.endpoint), f): (v, finding.rule) for f, v in finding.fix.set.items()})
    return chosen, waiting


def _places(edit: Edit) -> range:
    """Every character that an edit claims; its start also if it only inserts."""
    return range(edit.span.start, max(edit.span.end, edit.span.start + 1))


def _conflict(
    finding: Finding, taken: dict[int, Edit], assigned: dict[tuple[int, str], tuple[object, str]]
) -> str | None:
    if finding.fix is None:
        return "it has no fix"
    for name, value in finding.fix.set.items():
        other = assigned.get((id(finding.endpoint), name))
        if other is not None and (other[0] != value or not set(finding.fix.edits) <= set(taken.values())):
            return f"the fix of {other[1]} sets the {name.replace('_', ' ')} already"
    for edit in finding.fix.edits:
        if any(taken.get(place, edit) != edit for place in _places(edit)):
            return "another fix changes the same place"
    return None


# --- proof


def _proven(source: Source, chosen: Sequence[Finding], bench: _Bench) -> Source | None:
    """The text after all chosen fixes; if that proves wrong, after those that hold together. None if nothing changed."""
    held, mended = _holding(source, chosen, bench)
    bench.fixed += held
    return mended


def _holding(source: Source, chosen: Sequence[Finding], bench: _Bench) -> tuple[list[Finding], Source | None]:
    """Those of the fixes that prove right, found by halves, and the text that they make together."""
    if not chosen:
        return [], None
    if (mended := _tried(source, chosen, bench)) is not None:
        return list(chosen), mended
    if len(chosen) == 1:
        bench.failed.append((chosen[0], "not certain to do what it promises here, so it was not made"))
        return [], None
    middle = len(chosen) // 2
    first, second = (_holding(source, half, bench) for half in (chosen[:middle], chosen[middle:]))
    if not first[0] or not second[0]:
        return first if first[0] else second
    both = [*first[0], *second[0]]
    together = _tried(source, both, bench)
    return first if together is None else (both, together)  # else the next round sees the others at their new places


def _tried(source: Source, chosen: Sequence[Finding], bench: _Bench) -> Source | None:
    edits = {edit for f in chosen if f.fix is not None for edit in f.fix.edits}
    try:
        mended = source.with_text(apply(source.text, edits))
        mended.encode()
        before = endpoints(source, bench.settings, bench.around)
        after = endpoints(mended, bench.settings, bench.around)
    except (ValueError, Unreadable):
        return None
    of_endpoint = [f for f in chosen if f.endpoint is not None]
    return mended if _as_promised(before, after, of_endpoint, sorted(edits), bench.settings) else None


def _as_promised(
    before: Sequence[Endpoint],
    after: Sequence[Endpoint],
    chosen: Sequence[Finding],
    edits: Sequence[Edit],
    settings: Settings,
) -> bool:
    """Every assigned field reads back as assigned, every other field is as it was, and the rules are silent now."""
    if len(before) != len(after):
        return False
    order = {(e.anchor, e.dialect, e.protocol): i for i, e in enumerate(before)}
    promises = [_Promise() for _ in before]
    for finding in chosen:
        if finding.endpoint is not None and finding.fix is not None:
            i = order[finding.endpoint.anchor, finding.endpoint.dialect, finding.endpoint.protocol]
            promises[i].take(finding, finding.fix)
    decided = {_path_after(change) for promise in promises for change in promise.changes}
    return all(
        _same_but_for(old, new, promise, edits, decided) and not _speaks_again(new, promise, settings)
        for old, new, promise in zip(before, after, promises, strict=True)
    )


class _Promise(Struct):
    """What fixes say that an endpoint will be: its fields, its settings, and which rules are silent."""

    fields: dict[str, object] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    cured: set[str] = field(default_factory=set)  # rules that are silent about the endpoint
    cured_at: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)  # rules that are silent about a setting

    def take(self, finding: Finding, fix: Fix) -> None:
        self.fields.update(fix.set)
        if fix.change is None:
            self.cured.add(finding.rule)
        else:
            self.changes.append(fix.change)
            self.cured_at |= {(finding.rule, fix.change.setting.entry.key), (finding.rule, _path_after(fix.change))}


def _path_after(change: Change) -> tuple[str, ...]:
    path = change.setting.entry.key
    return path if change.name is None else (*path[:-1], change.name)


def _same_but_for(
    old: Endpoint, new: Endpoint, promise: _Promise, edits: Sequence[Edit], decided: set[tuple[str, ...]]
) -> bool:
    """`decided`: the paths of changed settings, which may have a say about a field that they had not before."""
    if any(new.value(name) != value for name, value in promise.fields.items()):
        return False
    if not all(_holds(old, new, change) for change in promise.changes):
        return False
    kept = [n for n in FIELDS if n not in promise.fields and not _touched(old, n, edits)]
    kept = [n for n in kept if decided.isdisjoint(entry.key for entry in new.field(n).evidence)]
    # That a certificate is checked besides is no harm: some protocol constants of Python bring it along.
    return all(old.value(n) == new.value(n) or (n, new.value(n)) == ("verification", "verified") for n in kept)


def _holds(old: Endpoint, new: Endpoint, change: Change) -> bool:
    """True if the setting has its new value, and one of that name more (or less) is there if that was promised."""
    path, before = _path_after(change), change.setting.entry
    values = [s.entry.value for s in new.settings if s.entry.key == path]
    if change.compared or change.value is not None:
        return before.value not in values and len(values) == _count(old, path)
    if change.name is not None:
        return before.value in values and _count(new, before.key) < _count(old, before.key)
    return len(values) < _count(old, path)


def _count(endpoint: Endpoint, path: tuple[str, ...]) -> int:
    return sum(setting.entry.key == path for setting in endpoint.settings)


def _touched(endpoint: Endpoint, name: str, edits: Sequence[Edit]) -> bool:
    """True if a field may follow from what was edited: it stands there, or nobody wrote it and it is derived."""
    evidence = endpoint.field(name).evidence
    return not evidence or any(_overlap(e.span, edits) for e in evidence)


def _overlap(span: Span, edits: Sequence[Edit]) -> bool:
    """True if one of the edits, which are sorted and apart from one another, falls on a place."""
    first = max(0, bisect_left(edits, span.start, key=lambda edit: edit.span.start) - 1)
    near = takewhile(lambda edit: edit.span.start <= span.end, map(edits.__getitem__, range(first, len(edits))))
    return any(span.overlaps(edit.span) for edit in near)


def _speaks_again(endpoint: Endpoint, promise: _Promise, settings: Settings) -> bool:
    if not promise.cured and not promise.cured_at:
        return False
    return any(
        finding.rule in promise.cured or (finding.rule, _path_of(finding)) in promise.cured_at
        for finding in judged([endpoint], settings)
    )


def _path_of(finding: Finding) -> tuple[str, ...] | None:
    return finding.setting.entry.key if finding.setting is not None else None


# --- writing


def write(path: Path, before: bytes, after: bytes) -> None:
    """Replace the file in one step, keeping mode, owner, times of others' attributes, and the link that leads to it.

    OSError if it cannot be written; Changed if it no longer holds `before`. A file that the user made read-only stays so,
    and so does one that has other names: they would keep the old text.
    """
    target = path.resolve(strict=True)
    status = target.stat()
    if not status.st_mode & 0o222:
        raise PermissionError(errno.EACCES, "read-only", str(path))
    if status.st_nlink > 1:
        raise OSError(errno.EMLINK, "it has other names (hard links), which would keep the old text", str(path))
    with _uninterrupted():
        _replace(target, status, before, after)


def _replace(target: Path, status: os.stat_result, before: bytes, after: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".smtplint")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        shutil.copystat(target, temporary)
        with contextlib.suppress(PermissionError):  # only root may give files away
            os.chown(temporary, status.st_uid, status.st_gid)
        if target.read_bytes() != before:
            raise Changed(str(target))  # noqa: TRY301 - the handler below cleans up after every way out
        os.utime(temporary)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits for the file that is just being written, so that nothing half done is left behind."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
