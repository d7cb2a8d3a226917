"""What became of a file: what is left to report, and a line for all that was fixed or could not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from smtplint.finding import Finding
from smtplint.run import Checked
from smtplint.walk import reason

if TYPE_CHECKING:
    from smtplint.fix import Mended


class Outcome(Struct, frozen=True):
    """`fixed`: how many findings are gone; `notes`: lines to tell; `troubled`: they say that something was not done."""

    findings: tuple[Finding, ...]
    fixed: int = 0
    notes: tuple[str, ...] = ()
    troubled: bool = False


def written(item: Checked) -> Outcome:
    """The outcome with the mended text in the file, or with the file as it was if it cannot be written."""
    if item.data is not None and item.after is not None:
        from smtplint.fix import Changed, write  # only a run that fixes waits for it

        try:
            write(item.path, item.data, item.after)
        except (OSError, Changed) as error:
            why = "changed during the run" if isinstance(error, Changed) else reason(error)
            return Outcome(item.findings, notes=(f"smtplint: {item.source.path}: not written: {why}",), troubled=True)
    return mended(item)


def mended(item: Checked) -> Outcome:
    """The outcome once the mended text is where it belongs."""
    if item.mended is None:
        return Outcome(item.findings)
    done = tuple(f"fixed {_place(f)}: {f.fix.title}" for f in item.mended.fixed if f.fix is not None)
    return Outcome(item.left, len(done), done + unmade(item.mended), troubled=bool(item.mended.failed))


def unmade(mended: Mended) -> tuple[str, ...]:
    """A line for each fix that had to give way to another, or that could not be proven."""
    return tuple(f"skipped {_place(finding)}: {why}" for finding, why in (*mended.skipped, *mended.failed))


def _place(finding: Finding) -> str:
    place = finding.source.position(finding.span.start)
    return f"{finding.source.path}:{place.line}:{place.column}: {finding.rule}"
