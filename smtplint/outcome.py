"""What became of a file: what is left to report, and a line for all that was fixed or could not be."""

from __future__ import annotations

from dataclasses import dataclass

from smtplint.finding import Finding
from smtplint.fix import Changed, Mended, write
from smtplint.run import Checked
from smtplint.walk import reason


@dataclass(frozen=True, slots=True)
class Outcome:
    """`fixed`: how many findings are gone; `notes`: lines to tell; `broken`: a fix failed its proof, our bug.

    `troubled`: the notes say that something was not done.
    """

    findings: tuple[Finding, ...]
    fixed: int = 0
    notes: tuple[str, ...] = ()
    broken: bool = False
    troubled: bool = False


def written(item: Checked) -> Outcome:
    """The outcome with the mended text in the file, or with the file as it was if it cannot be written."""
    if item.data is not None and item.after is not None:
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
    if item.mended.failed:
        return Outcome(item.findings, notes=_failures(item.mended), broken=True, troubled=True)
    done = tuple(f"fixed {_place(f)}: {f.fix.title}" for f in item.mended.fixed if f.fix is not None)
    skipped = tuple(f"skipped {_place(finding)}: {why}" for finding, why in item.mended.skipped)
    return Outcome(item.left, len(done), done + skipped)


def _failures(mended: Mended) -> tuple[str, ...]:
    return tuple(
        f"smtplint: internal error: {_place(finding)}: {why}: this is a bug of smtplint, the file is as it was"
        for finding, why in mended.failed
    )


def _place(finding: Finding) -> str:
    place = finding.source.position(finding.span.start)
    return f"{finding.source.path}:{place.line}:{place.column}: {finding.rule}"
