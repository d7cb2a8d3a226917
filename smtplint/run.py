"""One run over files: each is read, checked and, if asked for, mended. Nothing is written before all are known."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from smtplint.check import UNREADABLE, check, sieve, unreadable
from smtplint.config import Settings
from smtplint.finding import Finding
from smtplint.fix import Mended, mend
from smtplint.reading import Neighbours, text_of, worth_parsing
from smtplint.source import Source, Unreadable
from smtplint.walk import Candidate


@dataclass(frozen=True)
class Checked:
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
    def after(self) -> bytes | None:
        """The bytes to write; None if there is nothing to, or if a fix failed its proof and nothing may be trusted."""
        if self.mended is None or self.mended.failed or self.mended.source.text == self.source.text:
            return None
        return self.mended.source.encode()


@dataclass(frozen=True)
class Crash:
    """Our own bug, met in this file."""

    shown: str
    traceback: str


Reading = Callable[[], tuple[Source, bytes] | None]


@dataclass
class Workshop:
    """What all files of a run share."""

    settings: Settings
    fixing: bool = False
    manifests: dict[Path, str | None] = field(default_factory=dict)

    def each(self, candidates: Iterable[Candidate]) -> Iterator[Checked | Crash]:
        """One for each file that has findings."""
        for candidate in candidates:
            yield from self._guarded(candidate, partial(worth_parsing, candidate.path, candidate.shown, sieve()))

    def text(self, candidate: Candidate, data: bytes) -> Iterator[Checked | Crash]:
        """The same for bytes that did not come from the file."""
        yield from self._guarded(candidate, partial(text_of, data, candidate.shown, sieve()))

    def around(self, candidate: Candidate) -> Neighbours:
        return Neighbours(candidate.path.parent, candidate.tree, self.manifests)

    def _guarded(self, candidate: Candidate, read: Reading) -> Iterator[Checked | Crash]:
        try:
            checked = self._checked(candidate, read)
        except Exception:  # whatever it is: the other files are still to be looked at
            yield Crash(candidate.shown, traceback.format_exc())
            return
        if checked is not None and checked.findings:
            yield checked

    def _checked(self, candidate: Candidate, read: Reading) -> Checked | None:
        try:
            found = read()
        except Unreadable as error:
            # Reported also if only other rules were selected: a file that was not checked must never look clean.
            source = Source(candidate.shown, "")
            told = () if UNREADABLE in self.settings.ignore else (unreadable(source, error, self.settings),)
            return Checked(candidate.path, None, source, told)
        return None if found is None else self._judged(candidate, *found)

    def _judged(self, candidate: Candidate, source: Source, data: bytes) -> Checked:
        around = self.around(candidate)
        findings = check(source, self.settings, around)
        if not self.fixing:
            return Checked(candidate.path, data, source, findings)
        mended = mend(source, findings, self.settings, around, unsafe=self.settings.unsafe_fixes)
        left = check(mended.source, self.settings, around)
        return Checked(candidate.path, data, source, findings, mended, left)
