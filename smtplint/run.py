"""One run over files: each is read, checked and, if asked for, mended. Nothing is written before all are known."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from smtplint import limit, spread
from smtplint.check import check, endpoints, unreadable
from smtplint.clock import clock
from smtplint.config import Settings
from smtplint.fact import facts
from smtplint.finding import Finding
from smtplint.model import Endpoint
from smtplint.reading import Neighbours, text_of, worth_parsing
from smtplint.report import RuleText
from smtplint.rule import load_rules, worded
from smtplint.source import Source, Unreadable
from smtplint.table import load_dialects
from smtplint.walk import Candidate, candidate

if TYPE_CHECKING:
    from smtplint.fix import Mended


class Checked(Struct, frozen=True):
    """A file with something to say about it. `data`: its bytes as they were read; None if they could not be.

    `mended`: what fixing makes of it, if that was asked for, and what is `left` to report then.
    """

    path: Path
    data: bytes | None
    source: Source
    findings: tuple[Finding, ...]
    mended: Mended | None = None
    left: tuple[Finding, ...] = ()

    @property
    def shown(self) -> str:
        """How reports call the file."""
        return self.source.path

    @property
    def after(self) -> bytes | None:
        """The bytes to write; None if there is nothing to."""
        if self.mended is None or self.mended.source.text == self.source.text:
            return None
        return self.mended.source.encode()


class Crash(Struct, frozen=True):
    """Our own bug, met in this file."""

    shown: str
    traceback: str


Reading = Callable[[], tuple[Source, bytes] | None]


def collect_rarely() -> None:
    """Garbage: trees have many nodes and hardly a circle, and live for one file."""
    gc.set_threshold(50_000, 20, 100)


@contextmanager
def _in_time() -> Iterator[None]:
    """Unreadable once the work on one file has taken too long."""
    try:
        with limit.at_most(limit.LONGEST):
            yield
    except limit.TookTooLong as error:
        raise Unreadable(f"it takes longer than {limit.LONGEST:.0f} seconds") from error


class Workshop(Struct):
    """What all files of a run share."""

    settings: Settings
    fixing: bool = False
    manifests: dict[Path, str | None] = field(default_factory=dict)
    modules: dict[Path, tuple[str, ...]] = field(default_factory=dict)

    def each(
        self, candidates: Iterable[Candidate], done: Callable[[int], None] = lambda _: None
    ) -> Iterator[Checked | Crash]:
        """One for each file that has findings, in their order; `done` is told how many files more were looked at."""
        load_dialects(self.settings.dialects)  # workers inherit what is loaded here
        for looked_at, found in spread.over(self._all, candidates):
            done(looked_at)
            yield from found

    def _all(self, candidates: Sequence[Candidate]) -> list[Checked | Crash]:
        """The same for some of the files."""
        folders = self.settings.dialects
        read = ((one, partial(worth_parsing, one.place, one.shown, folders)) for one in candidates)
        return [told for one, reading in read for told in self._guarded(one, reading)]

    def text(self, named: Candidate, data: bytes) -> Iterator[Checked | Crash]:
        """The same for bytes that did not come from the file."""
        yield from self._guarded(named, partial(text_of, data, named.shown, self.settings.dialects))

    def endpoints(self, source: Source, path: Path) -> tuple[Endpoint, ...]:
        """What a text would configure in this place; Unreadable if it does not parse."""
        with _in_time():
            return endpoints(source, self.settings, self.around(candidate(path)))

    def wire(self, finding: Finding) -> str:
        """What a finding means on the wire; empty if its rule does not say, or names a fact that is not known here."""
        try:
            template = load_rules(self.settings.rules)[finding.rule].wire
            return worded(template, facts(finding.endpoint) if finding.endpoint is not None else {})
        except KeyError:
            return ""

    @property
    def rules(self) -> dict[str, RuleText]:
        """What may be said of each selected rule."""
        return {
            r.name: RuleText(r.name, r.summary, r.why, r.severity, r.references)
            for r in load_rules(self.settings.rules).values()
            if self.settings.selects(r.name)
        }

    def around(self, named: Candidate) -> Neighbours:
        return Neighbours(named.path.parent, named.tree, self.manifests, modules_in=self.modules)

    def _guarded(self, named: Candidate, read: Reading) -> Iterator[Checked | Crash]:
        try:
            checked = self._checked(named, read)
        except Exception:  # whatever it is: the other files are still to be looked at
            import traceback

            yield Crash(named.shown, traceback.format_exc())
            return
        if checked is not None and checked.findings:
            yield checked

    def _checked(self, named: Candidate, read: Reading) -> Checked | None:
        try:
            with clock.phase("read"):
                found = read()
        except Unreadable as error:
            # Reported also if only other rules were selected: a file that was not checked must never look clean.
            source = Source(named.shown, "")
            told = unreadable(source, error, self.settings)
            return Checked(named.path, None, source, told)
        if found is None:
            return None
        try:
            with _in_time():
                return self._judged(named, *found)
        except Unreadable as error:
            return Checked(named.path, None, found[0], unreadable(found[0], error, self.settings))

    def _judged(self, named: Candidate, source: Source, data: bytes) -> Checked:
        around = self.around(named)
        findings = check(source, self.settings, around)
        if not self.fixing:
            return Checked(named.path, data, source, findings)
        with clock.phase("fix"):
            return self._mended(named, source, data, findings)

    def _mended(self, named: Candidate, source: Source, data: bytes, findings: tuple[Finding, ...]) -> Checked:
        from smtplint.fix import mend  # only a run that fixes waits for it

        around = self.around(named)
        mended = mend(source, findings, self.settings, around, unsafe=self.settings.unsafe_fixes)
        left = check(mended.source, self.settings, around)
        return Checked(named.path, data, source, findings, mended, left)
