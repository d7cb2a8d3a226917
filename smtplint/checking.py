"""One call of `smtplint check`: settings and files in, reports out, and the exit code that they call for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, TextIO

import click
from msgspec import Struct, field
from msgspec.structs import replace

from smtplint import __version__, outcome, report, run, walk
from smtplint.book import Book
from smtplint.clock import clock
from smtplint.config import Settings
from smtplint.console import BUG, CLEAN, FOUND, WRONG, ArgumentError, complain, put, put_bytes, write_text
from smtplint.finding import Severity
from smtplint.format import of_path
from smtplint.model import Endpoint
from smtplint.nearest import settings_for, verified
from smtplint.outcome import Outcome
from smtplint.reading import LIMIT, text_of, worth_parsing
from smtplint.source import Unreadable
from smtplint.terminal import Paint, has_colours

LONG: Final = 200
"""Files of a run that is worth a progress bar."""


class Target(Struct, frozen=True):
    """An output and the file that it goes to; None for standard output."""

    output: str
    file: str | None = None


class Options(Struct, frozen=True):
    """The command line of `check`."""

    paths: tuple[str, ...]
    fix: bool
    unsafe_fixes: bool | None
    diff: bool
    output_format: tuple[Target, ...]
    output_file: str | None
    quiet: bool
    verbose: bool
    select: frozenset[str] | None
    ignore: frozenset[str] | None
    fail_on: str | None
    exit_zero: bool
    statistics: bool
    stdin_filename: str | None
    ignored_env: bool | None
    baseline: Path | None
    write_baseline: bool
    add_ignores: bool
    reason: str
    profile: bool

    @property
    def targets(self) -> tuple[Target, ...]:
        """Where the findings go: to people on standard output unless something else is asked for."""
        given = self.output_format or (Target("text"),)
        if self.output_file is None:
            return given
        if len(given) > 1 or given[0].file is not None:
            raise ArgumentError("--output-file goes with one --output-format; else write FORMAT=FILE")
        return (Target(given[0].output, self.output_file),)


def checked(options: Options) -> int:
    """Run; the exit code."""
    clock.running = options.profile
    try:
        return _run(options)
    finally:
        for line in clock.table().splitlines() if clock.running else ():
            complain(line)
        clock.running = False
        clock.spent.clear()


def _run(options: Options) -> int:
    if options.add_ignores and (options.fix or options.diff or options.write_baseline or "-" in options.paths):
        raise ArgumentError("--add-ignores goes with files, and without --fix, --diff and --write-baseline")
    if options.reason and not options.add_ignores:
        raise ArgumentError("--reason goes with --add-ignores")
    return _checked_text(options) if "-" in options.paths else _checked_files(options)


class Found(Struct):
    """The files of a run as they are found, and the exit code so far: a path that is not there is a mistake of the caller."""

    shown: set[str] = field(default_factory=set)
    code: int = CLEAN

    def each(self, paths: Iterable[str], settings: Settings) -> Iterator[walk.Candidate]:
        """The files to look at; why others are not is told."""
        for item in walk.files(tuple(paths), settings):
            if isinstance(item, walk.Candidate):
                self.shown.add(item.shown)
                yield item
                continue
            complain(f"smtplint: {item.shown}: {item.reason}")
            self.code = WRONG if item.missing else self.code

    def all(self, paths: Iterable[str], settings: Settings) -> list[walk.Candidate]:
        """The same, ordered by name."""
        return sorted(self.each(paths, settings), key=lambda one: one.shown)


def configured(found: Iterable[walk.Candidate], workshop: run.Workshop) -> Iterator[Endpoint]:
    """Every mail endpoint in the files; what cannot be read is told."""
    for one in found:
        try:
            read = worth_parsing(one.path, one.shown, workshop.settings.dialects)
            yield from workshop.endpoints(read[0], one.path) if read is not None else ()
        except Unreadable as error:
            complain(f"smtplint: {one.shown}: not checked: {error.reason}")


def _tell_recognised(endpoints: Iterable[Endpoint]) -> None:
    for endpoint in endpoints:
        line = endpoint.source.position(endpoint.anchor.start).line
        why = endpoint.notes.get("recognised_by", "the service that sends its mail")
        complain(f"smtplint: {endpoint.source.path}:{line}: {endpoint.title} ({endpoint.dialect}), told by {why}")


def _for_run(options: Options, start: Path) -> Settings:
    """The settings, overridden by the command line."""
    settings = settings_for(start)
    names = ("select", "ignore", "fail_on", "ignored_env", "unsafe_fixes", "baseline")
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    return verified(replace(settings, **given), None)


def _checked_files(options: Options) -> int:
    paths = options.paths or (".",)
    with clock.phase("load"):
        settings = _for_run(options, Path(paths[0]))
    workshop = run.Workshop(settings, fixing=options.fix or options.diff)
    run.collect_rarely()
    found = Found()
    done = _each(found, paths, workshop, options)
    if not found.shown and not found.code:
        complain("smtplint: no .env, TOML, YAML, INI or Python file here")
    book = Book.of(settings, frozenset(found.shown), to_write=options.write_baseline)
    with clock.phase("report"):
        return max(found.code, _finished(done, len(found.shown), workshop, options, outcome.written, sys.stdout, book))


def _each(
    found: Found, paths: Sequence[str], workshop: run.Workshop, options: Options
) -> list[run.Checked | run.Crash]:
    """All of them by name; they are looked at while others are still searched for, unless somebody wants to know their number."""
    with_bar = not options.quiet and sys.stderr.isatty()
    if not (with_bar or options.verbose or clock.running):
        done = workshop.each(found.each(paths, workshop.settings))
        return sorted(done, key=lambda one: one.shown)
    with clock.phase("walk"):
        files = found.all(paths, workshop.settings)
    if options.verbose:
        _tell_recognised(configured(files, workshop))
    if not with_bar or len(files) < LONG:
        return list(workshop.each(files))
    with click.progressbar(length=len(files), label="smtplint", file=sys.stderr, show_pos=True) as bar:
        return list(workshop.each(files, bar.update))


def _checked_text(options: Options) -> int:
    """Standard input: with --fix the mended text goes to standard output, and the report to standard error."""
    name = options.stdin_filename
    if options.paths != ("-",):
        raise ArgumentError("`-` stands alone: standard input and files are two runs")
    if name is None or of_path(name) is None:
        raise ArgumentError("`-` needs --stdin-filename with a name that tells the format, such as .env or settings.py")
    settings = _for_run(options, walk.absolute(Path(name)))
    workshop = run.Workshop(settings, fixing=options.fix or options.diff)
    data = sys.stdin.buffer.read(LIMIT + 1)
    if options.verbose:
        _tell_recognised(_configured_in(data, Path(name), workshop))
    done = list(workshop.text(walk.candidate(Path(name)), data))
    if options.fix and not options.diff:
        put_bytes(next((i.after for i in done if isinstance(i, run.Checked) and i.after is not None), data))
    stream = sys.stderr if options.fix else sys.stdout
    book = Book.of(settings, frozenset({walk.shown(Path(name))}), to_write=options.write_baseline)
    return _finished(done, 1, workshop, options, outcome.mended, stream, book)


def _configured_in(data: bytes, path: Path, workshop: run.Workshop) -> tuple[Endpoint, ...]:
    try:
        read = text_of(data, walk.shown(path), workshop.settings.dialects)
        return workshop.endpoints(read[0], path) if read is not None else ()
    except Unreadable:  # a finding says so
        return ()


def _finished(
    done: Sequence[run.Checked | run.Crash],
    candidates: int,
    workshop: run.Workshop,
    options: Options,
    deliver: Callable[[run.Checked], Outcome],
    stream: TextIO,
    book: Book,
) -> int:
    """Show the differences, or deliver what is mended and report what is left; the exit code."""
    crashed = _tell_crashes(done)
    checked = [item for item in done if isinstance(item, run.Checked)]
    if options.add_ignores:
        from smtplint.adoption import add_ignores

        return crashed or add_ignores(checked, workshop, options.reason, book)
    if options.diff:
        return max(crashed, _show_diffs(checked, workshop, options))
    mending = options.fix and not crashed
    outcomes = [deliver(item) if mending else Outcome(item.findings) for item in checked]
    looked_at = candidates - len(done) + len(checked)
    return max(crashed, _reported(outcomes, looked_at, options, workshop, stream, book))


def _tell_crashes(done: Iterable[run.Checked | run.Crash]) -> int:
    crashes = [item for item in done if isinstance(item, run.Crash)]
    for crash in crashes:
        complain(f"smtplint: internal error in {crash.shown}: {BUG}", crash.traceback)
    return WRONG if crashes else CLEAN


# --- reporting


def _show_diffs(checked: Iterable[run.Checked], workshop: run.Workshop, options: Options) -> int:
    """The exit code: whether --fix would change anything."""
    from smtplint.difference import unified

    changes = 0
    for item in checked:
        for note in outcome.unmade(item.mended) if item.mended is not None and item.mended.failed else ():
            complain(note)
        if item.mended is not None and item.after is not None:
            old, new = (workshop.endpoints(source, item.path) for source in (item.source, item.mended.source))
            put(unified(item.source, item.mended.source, old, new, Paint(has_colours(sys.stdout))))
            changes += 1
    complain(f"{changes} file{'s' * (changes != 1)} would change")
    return FOUND if changes and not options.exit_zero else CLEAN


def _reported(
    outcomes: Sequence[Outcome], checked: int, options: Options, workshop: run.Workshop, stream: TextIO, book: Book
) -> int:
    """Print the report, and write those that go to files; the exit code that the findings call for."""
    _tell(outcomes, quiet=options.quiet)
    every = sorted((f for one in outcomes for f in one.findings), key=lambda finding: finding.order)
    if options.write_baseline:
        return book.write(every)
    findings = book.new(every)
    what = report.Run(
        version=__version__,
        checked=checked,
        findings=findings,
        known=len(every) - len(findings),
        fixed=sum(one.fixed for one in outcomes),
        wire=workshop.wire,
        rules=workshop.rules,
        statistics=options.statistics,
        quiet=options.quiet,
    )
    for target in options.targets:
        _delivered(target, what, stream)
    if options.statistics and not any(t.output in report.TO_PEOPLE for t in options.targets):
        put(report.statistics(findings), sys.stderr)
    least = Severity[workshop.settings.fail_on.upper()]
    found = any(finding.severity >= least for finding in findings) and not options.exit_zero
    return FOUND if found else CLEAN


def _delivered(target: Target, what: report.Run, stream: TextIO) -> None:
    if target.file is None:
        width = _width() if stream.isatty() else 100
        put(report.render(target.output, replace(what, colour=has_colours(stream), width=width)), stream)
        return
    write_text(Path(target.file), report.render(target.output, what), walk.reason)


def _width() -> int:
    import shutil  # of no use in a hook

    return shutil.get_terminal_size((100, 24)).columns


def _tell(outcomes: Iterable[Outcome], *, quiet: bool = False) -> None:
    """What happened while fixing."""
    for one in outcomes:
        for note in one.notes if one.troubled or not quiet else ():
            complain(note)
