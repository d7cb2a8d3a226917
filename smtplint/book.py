"""The baseline of a run as a file: which findings it knows, what of it is gone, and how it is written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from smtplint import baseline, walk
from smtplint.config import Settings
from smtplint.console import CLEAN, ArgumentError, complain, write_text
from smtplint.finding import Finding

BASELINE: Final = ".smtplint-baseline.json"


class Book(Struct, frozen=True):
    """The baseline of a run, if there is one; `looked_at` holds files as reports show them."""

    file: Path | None
    looked_at: frozenset[str]

    @classmethod
    def of(cls, settings: Settings, looked_at: frozenset[str], *, to_write: bool) -> Book:
        default = (settings.folder or Path()) / BASELINE if to_write else None
        return cls(settings.baseline or default, looked_at)

    def write(self, findings: Sequence[Finding]) -> int:
        """Record the findings; the exit code."""
        file = self.file or Path(BASELINE)
        write_text(file, baseline.written(findings, self._called), walk.reason)
        count = len(findings)
        complain(f"smtplint: {count} finding{'s' * (count != 1)} recorded in {file}")
        return CLEAN

    def new(self, findings: list[Finding]) -> list[Finding]:
        """The findings that the baseline does not know; what it knows and is gone is told."""
        if self.file is None:
            return findings
        try:
            known = baseline.read(self.file.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise ArgumentError(f"{self.file}: {walk.reason(error)}; --write-baseline makes one") from error
        except baseline.BaselineError as error:
            raise ArgumentError(f"{self.file}: {error}") from error
        seen = {self._place(shown) for shown in self.looked_at}
        compared = baseline.compared(
            findings, known, self._called, lambda path: path in seen or not self._is_there(path)
        )
        for one in compared.gone:
            complain(f"smtplint: {self.file}: {one.path}: {one.rule} is no longer found; --write-baseline forgets it")
        return list(compared.new)

    def _called(self, finding: Finding) -> str:
        return self._place(finding.source.path)

    def _place(self, shown: str) -> str:
        folder = walk.absolute(self.file or Path(BASELINE)).parent
        return Path(os.path.relpath(walk.absolute(Path(shown)), folder)).as_posix()

    def _is_there(self, path: str) -> bool:
        return (walk.absolute(self.file or Path(BASELINE)).parent / path).exists()
