"""`--add-ignores`: suppression comments go into the files, and what got none is told."""

from __future__ import annotations

from collections.abc import Sequence

from smtplint.book import Book
from smtplint.console import CLEAN, FOUND, complain
from smtplint.finding import Finding
from smtplint.fix import Changed, write
from smtplint.run import Checked, Workshop
from smtplint.silence import Silenced, silenced
from smtplint.walk import candidate, reason


def add_ignores(items: Sequence[Checked], workshop: Workshop, why: str, book: Book) -> int:
    """Silence what is found and not known to the baseline; the exit code: whether something is left."""
    new = {id(finding) for finding in book.new([finding for item in items for finding in item.findings])}
    count, files, left = 0, 0, 0
    for item in items:
        findings = [finding for finding in item.findings if id(finding) in new]
        done = _silenced(item, findings, workshop, why)
        for finding in done.left:
            _tell(finding)
        count, files, left = count + done.count, files + (done.count > 0), left + len(done.left)
    complain(
        f"smtplint: {_counted(count, 'finding')} silenced in {_counted(files, 'file')}" + f", {left} left" * (left > 0)
    )
    return FOUND if left else CLEAN


def _silenced(item: Checked, findings: Sequence[Finding], workshop: Workshop, why: str) -> Silenced:
    """What became of one file, which is written then."""
    if item.data is None or not findings:
        return Silenced(item.source, 0, tuple(findings))
    settings = workshop.settings
    done = silenced(item.source, findings, settings, workshop.around(candidate(item.path)), why)
    if not done.count:
        return done
    try:
        write(item.path, item.data, done.source.encode())
    except (OSError, Changed) as error:
        told = "changed during the run" if isinstance(error, Changed) else reason(error)
        complain(f"smtplint: {item.source.path}: not written: {told}")
        return Silenced(item.source, 0, tuple(findings))
    return done


def _tell(finding: Finding) -> None:
    place = finding.source.position(finding.span.start)
    complain(
        f"{finding.source.path}:{place.line}:{place.column}: {finding.rule}: no comment fits here; see per-file-ignores"
    )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"
