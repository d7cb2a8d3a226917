"""What the server knows of the project: folders, settings, open buffers, the files beside them; and the check of a text."""

from __future__ import annotations

import os
import time
from functools import cached_property
from pathlib import Path
from typing import Final

from msgspec import Struct, field

from smtplint import baseline, nearest, reading, walk
from smtplint.check import check, endpoints, unreadable
from smtplint.config import ConfigError, Settings
from smtplint.finding import Finding
from smtplint.language.text import Text
from smtplint.model import Endpoint
from smtplint.reading import Neighbours
from smtplint.rule import RuleError, load_rules
from smtplint.run import Workshop
from smtplint.source import Source, Unreadable
from smtplint.table import TableError

_FRESH: Final = 2.0
"""Seconds that a file beside a checked one is not read again, unless the client tells of a change."""

Signature = tuple[tuple[str, int, int], ...]


class Checked(Struct, frozen=True, dict=True):
    """A text with what is to be said of it. `source` is None if it configures no mail, or is no text."""

    text: Text
    source: Source | None
    settings: Settings
    around: Neighbours
    findings: tuple[Finding, ...] = ()

    @cached_property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """What the text configures; nothing if it does not parse."""
        return () if self.source is None else self.of(self.source)

    def of(self, source: Source) -> tuple[Endpoint, ...]:
        """What another text would configure in this place."""
        try:
            return endpoints(source, self.settings, self.around)
        except Unreadable:
            return ()

    def wire(self, finding: Finding) -> str:
        return Workshop(self.settings).wire(finding)


class Desk(Struct):
    """Everything that outlives one check. `complaints`: lines for the user that nobody has been told yet.

    `era` counts how often everything was forgotten.
    """

    folders: list[Path] = field(default_factory=list)
    buffers: dict[Path, str] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    era: int = 0
    _told: set[str] = field(default_factory=set)
    _settings: dict[Path, tuple[Signature, Settings]] = field(default_factory=dict)
    _disk: dict[Path, str | None] = field(default_factory=dict)
    _read_at: float = 0.0

    def shown(self, path: Path) -> str:
        """The path as reports give it: from its workspace folder on."""
        inside = [folder for folder in self.folders if path.is_relative_to(folder)]
        deepest = max(inside, key=lambda folder: len(folder.parts), default=None)
        return path.relative_to(deepest).as_posix() if deepest is not None else walk.shown(path)

    def checked(self, text: Text) -> Checked:
        """The text with its findings: those of the command line for the same bytes in the same place."""
        settings = self.settings(text.path)
        around = Neighbours(text.path.parent, walk.candidate(text.path).tree, reader=self._text)
        if walk.left_out(text.path, settings):
            return Checked(text, None, settings, around)
        try:
            source = text.read(settings.dialects)
        except Unreadable as error:
            nothing = Source(text.shown, "")
            told = unreadable(nothing, error, settings)
            return Checked(text, None, settings, around, told)
        if source is None:
            return Checked(text, None, settings, around)
        return Checked(text, source, settings, around, self._new(check(source, settings, around), settings, text))

    def forget(self) -> None:
        """Read everything anew: something on the disk is no longer what it was."""
        self.era += 1
        self._settings = {}
        self._disk = {}
        load_rules.cache_clear()
        reading.forget()

    # --- files beside

    def _text(self, path: Path, tree: Path) -> str | None:
        """The text of another file: as it stands in an open buffer, or on the disk."""
        if path in self.buffers:
            return self.buffers[path]
        if time.monotonic() - self._read_at > _FRESH:
            self._disk = {}
            self._read_at = time.monotonic()
        disk = self._disk  # another thread may put an empty one in its place
        if path not in disk:
            disk[path] = reading.small_text(path, tree)
        return disk[path]

    # --- settings

    def settings(self, path: Path) -> Settings:
        """The settings that hold for a file; those that held before while what is written is not understood."""
        now = _signature(path)
        before = self._settings.get(path.parent)
        if before is not None and before[0] == now:
            return before[1]
        try:
            settings = nearest.settings_for(path)
        except (ConfigError, RuleError, TableError) as error:
            self._complain(str(error))
            settings = before[1] if before is not None else Settings()
        self._settings[path.parent] = (now, settings)
        return settings

    def _complain(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self.complaints.append(line)

    # --- known findings

    def _new(self, findings: tuple[Finding, ...], settings: Settings, text: Text) -> tuple[Finding, ...]:
        """The findings that the baseline of the settings does not know."""
        if settings.baseline is None or not findings:
            return findings
        place = Path(os.path.relpath(text.path, walk.absolute(settings.baseline).parent)).as_posix()
        try:
            known = baseline.read(settings.baseline.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, baseline.BaselineError) as error:
            self._complain(f"{settings.baseline}: {walk.reason(error)}")
            return findings
        return baseline.compared(findings, known, lambda _: place, lambda _: False).new


def _signature(path: Path) -> Signature:
    """What tells that the settings for a file are still as they were read."""
    found = []
    for file in walk.settings_files(path):
        try:
            status = file.stat()
        except OSError:
            continue
        found.append((str(file), status.st_mtime_ns, status.st_size))
    return tuple(found)
