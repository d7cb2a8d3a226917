"""Arguments in, exit code out: the only part of smtplint that prints."""

from __future__ import annotations

import os
import shutil
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NoReturn, TextIO

import click

from smtplint import __version__, baseline, config, handbook, manual, outcome, page, report, run, walk
from smtplint.check import sieve
from smtplint.config import ConfigError, Settings
from smtplint.difference import unified
from smtplint.finding import Finding, Severity
from smtplint.format import of_path
from smtplint.nearest import layers, settings_for, verified
from smtplint.outcome import Outcome
from smtplint.reading import LIMIT, worth_parsing
from smtplint.rule import RuleError, current_names, load_rules
from smtplint.source import Unreadable
from smtplint.table import TableError, load_dialects
from smtplint.terminal import Paint, has_colours, printable

CLEAN, FOUND, WRONG, INTERRUPTED = 0, 1, 2, 130

BUG: Final = "this is a bug of smtplint, nothing was written"

BASELINE: Final = ".smtplint-baseline.json"

EPILOG: Final = """\b
Other commands:
  smtplint explain NAME   what a rule says, why, and examples; or what a product's settings do
  smtplint rules          all rules
  smtplint dialects       all products whose settings are known
  smtplint config PATH    the settings that hold there, and where each one comes from
  smtplint facts PATH     every mail endpoint, what is known of it and from where
  smtplint server         the language server for editors
  smtplint check PATH     the same as smtplint PATH, for a path called like one of these

\b
Exit codes:
  0  nothing at or above --fail-on; with --fix, nothing left; with --diff, nothing to change
  1  something
  2  wrong usage, or a bug of smtplint itself
A named file of another format is mentioned on standard error and does not count.
"""


class ArgumentError(Exception):
    """The caller's mistake, in one line."""


@dataclass(frozen=True, slots=True)
class Target:
    """An output and the file that it goes to; None for standard output."""

    output: str
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """The command line of `check`."""

    paths: tuple[str, ...]
    fix: bool
    unsafe_fixes: bool | None
    diff: bool
    output_format: tuple[Target, ...]
    output_file: str | None
    quiet: bool
    select: frozenset[str] | None
    ignore: frozenset[str] | None
    fail_on: str | None
    exit_zero: bool
    statistics: bool
    stdin_filename: str | None
    ignored_env: bool | None
    baseline: Path | None
    write_baseline: bool

    @property
    def targets(self) -> tuple[Target, ...]:
        """Where the findings go: to people on standard output unless something else is asked for."""
        given = self.output_format or (Target("text"),)
        if self.output_file is None:
            return given
        if len(given) > 1 or given[0].file is not None:
            raise ArgumentError("--output-file goes with one --output-format; else write FORMAT=FILE")
        return (Target(given[0].output, self.output_file),)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run, and leave with an exit code. Without the name of a command, everything is an argument of `check`."""
    for stream in (sys.stdout, sys.stderr):
        if callable(reconfigure := getattr(stream, "reconfigure", None)):
            reconfigure(errors="backslashreplace")  # a terminal of another encoding is no reason to fail
    given = list(sys.argv[1:] if arguments is None else arguments)
    name = given.pop(0) if given and given[0] in COMMANDS else "check"
    try:
        code = _run(name, given)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = CLEAN
    sys.exit(code)


def _run(name: str, arguments: list[str]) -> int:
    program = "smtplint" if name == "check" else f"smtplint {name}"
    try:
        code = COMMANDS[name].main(arguments, prog_name=program, standalone_mode=False)
        return code if isinstance(code, int) else CLEAN
    except click.ClickException as error:
        error.show()
        return WRONG
    except click.Abort:
        return INTERRUPTED
    except (ArgumentError, ConfigError, RuleError, TableError) as error:
        _complain(f"smtplint: {error}")
        return WRONG
    except BrokenPipeError:
        raise
    except Exception:  # what no file is to blame for
        _complain(f"smtplint: internal error: {BUG}", traceback.format_exc())
        return WRONG


def _complain(line: str, more: str = "") -> None:
    sys.stderr.write(f"{printable(line)}\n{more}")


# --- commands


def _names(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> frozenset[str] | None:
    names = {name.strip() for text in given for name in text.split(",")} - {""}
    return frozenset(names) if given else None


def _targets(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[Target, ...]:
    targets = tuple(Target(output, file or None) for output, _, file in (text.partition("=") for text in given))
    for target in targets:
        if target.output not in report.OUTPUTS:
            near = config.suggestion(target.output, report.OUTPUTS)
            raise click.BadParameter(f"{target.output!r} is not one of {', '.join(report.OUTPUTS)}{near}")
    if sum(target.file is None for target in targets) > 1:
        raise click.BadParameter("only one output can go to standard output; write FORMAT=FILE for the others")
    return targets


HELP: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 110}
_OUTPUTS: Final = f"{', '.join(report.OUTPUTS)}; again for several, such as sarif=out.sarif.  [default: text]"
_RULES: Final[dict[str, Any]] = {"multiple": True, "metavar": "RULE", "callback": _names}


@click.command(context_settings=HELP, epilog=EPILOG)
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--fix", is_flag=True, help="Mend what can be mended safely, and report what is left.")
@click.option("--unsafe-fixes/--no-unsafe-fixes", default=None, help="Also fix what may work today.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and write nothing.")
@click.option("--output-format", multiple=True, metavar="FORMAT[=FILE]", callback=_targets, help=_OUTPUTS)
@click.option("--output-file", metavar="FILE", help="Where the output goes instead of standard output.")
@click.option("-q", "--quiet", is_flag=True, help="Only the findings: no counts, nothing about fixes.")
@click.option("--select", **_RULES, help="Only these rules; again or with commas for several.")
@click.option("--ignore", **_RULES, help="Not these rules.")
@click.option("--fail-on", type=click.Choice(config.FAIL_ON), help="Least severity of exit code 1.  [default: warning]")
@click.option("--exit-zero", is_flag=True, help="Exit code 0 whatever is found.")
@click.option("--statistics", is_flag=True, help="Add how often each rule spoke.")
@click.option("--stdin-filename", metavar="NAME", help="How the text is called that `-` reads from standard input.")
@click.option("--ignored-env/--no-ignored-env", default=None, help="Read .env files that git ignores.  [default: yes]")
@click.option("--baseline", type=click.Path(path_type=Path), help="A file of known findings: only new ones count.")
@click.option("--write-baseline", is_flag=True, help=f"Record the present findings there.  [default: {BASELINE}]")
@click.version_option(__version__, prog_name="smtplint", message="%(prog)s %(version)s")
def check(**given: Any) -> int:
    """Say what mail settings in .env, TOML, YAML and Python files will do on the wire, and what is wrong with them.

    PATHS are files, folders, or - for standard input; without any, the current folder.
    """
    options = Options(**given)
    return _checked_text(options) if "-" in options.paths else _checked_files(options)


@click.command(context_settings=HELP)
@click.argument("name", metavar="RULE|DIALECT")
def explain(name: str) -> int:
    """Explain a RULE (what it says, what happens on the wire, what to do) or a DIALECT (keys, meanings, defaults)."""
    known, tables = load_rules(settings_for(Path()).rules), load_dialects()
    rule = known.get(current_names(known).get(name, name))
    if rule is None and name not in tables:
        near = config.suggestion(name, (*known, *tables))
        raise ArgumentError(f"no rule and no dialect is called {name!r}{near}")
    _put(page.explain(rule) if rule is not None else manual.explain(tables[name]))
    return CLEAN


@click.command(context_settings=HELP)
def dialects() -> int:
    """List all products that smtplint knows: dialect, product, protocol, formats, and where its facts were read."""
    _put(manual.dialects(load_dialects().values()))
    return CLEAN


@click.command(context_settings=HELP)
@click.option("--output-format", type=click.Choice(("text", "json", "markdown")), default="text", show_default=True)
def rules(output_format: str) -> int:
    """List all rules: severity, whether there is a fix, and what each one says."""
    render = {"text": page.rules, "json": handbook.as_json, "markdown": handbook.markdown}[output_format]
    _put(render(load_rules(settings_for(Path()).rules).values()))
    return CLEAN


@click.command(name="facts", context_settings=HELP)
@click.argument("path")
def show_facts(path: str) -> int:
    """Show every mail endpoint under PATH: each field, where it was read, and every fact that follows."""
    settings = settings_for(Path(path))
    workshop = run.Workshop(settings)
    candidates, code = _candidates((path,), settings)
    for candidate in candidates:
        try:
            read = worth_parsing(candidate.path, candidate.shown, sieve())
            found = workshop.endpoints(read[0], candidate.path) if read is not None else ()
        except Unreadable as error:
            _complain(f"smtplint: {candidate.shown}: not checked: {error.reason}")
            continue
        for endpoint in found:
            _put(page.endpoint(endpoint) + "\n")
    return code


@click.command(name="config", context_settings=HELP)
@click.argument("path", default=".")
def show_config(path: str) -> int:
    """Show the settings that hold for PATH, and which file says so."""
    settings_for(Path(path))  # complains about what is not understood
    _put(page.settings(layers(Path(path)), config.schema()))
    return CLEAN


@click.command(name="server", context_settings=HELP)
def serve() -> int:
    """Speak with an editor over standard input and output (the Language Server Protocol). docs/editors.md has setups."""
    try:
        from smtplint import server  # only who serves needs its packages
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "smtplint":
            raise
        raise ArgumentError(f"the server needs {error.name}: pip install 'smtplint[server]'") from error
    server.main()
    return CLEAN


COMMANDS: Final[dict[str, click.Command]] = {
    "check": check,
    "explain": explain,
    "rules": rules,
    "dialects": dialects,
    "facts": show_facts,
    "config": show_config,
    "server": serve,
}


# --- settings and files


def _for_run(options: Options, start: Path) -> Settings:
    """The settings, overridden by the command line."""
    settings = settings_for(start)
    names = ("select", "ignore", "fail_on", "ignored_env", "unsafe_fixes", "baseline")
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    return verified(replace(settings, **given), None)


def _candidates(paths: Iterable[str], settings: Settings) -> tuple[list[walk.Candidate], int]:
    """The files to look at, and the exit code so far: a path that is not there is a mistake of the caller."""
    code, found = CLEAN, []
    for item in walk.files(tuple(paths), settings):
        if isinstance(item, walk.Candidate):
            found.append(item)
            continue
        _complain(f"smtplint: {item.shown}: {item.reason}")
        code = WRONG if item.missing else code
    return found, code


# --- findings that are known


@dataclass(frozen=True, slots=True)
class _Book:
    """The baseline of a run, if there is one; `looked_at` holds files as reports show them."""

    file: Path | None
    looked_at: frozenset[str]

    @classmethod
    def of(cls, settings: Settings, options: Options, looked_at: frozenset[str]) -> _Book:
        default = (settings.folder or Path()) / BASELINE if options.write_baseline else None
        return cls(settings.baseline or default, looked_at)

    def write(self, findings: Sequence[Finding]) -> int:
        file = self.file or Path(BASELINE)
        try:
            file.write_text(baseline.written(findings, self._called), "utf-8", newline="\n")
        except OSError as error:
            raise ArgumentError(f"{file}: not written: {walk.reason(error)}") from error
        count = len(findings)
        _complain(f"smtplint: {count} finding{'s' * (count != 1)} recorded in {file}")
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
            _complain(f"smtplint: {self.file}: {one.path}: {one.rule} is no longer found; --write-baseline forgets it")
        return list(compared.new)

    def _called(self, finding: Finding) -> str:
        return self._place(finding.source.path)

    def _place(self, shown: str) -> str:
        folder = walk.absolute(self.file or Path(BASELINE)).parent
        return Path(os.path.relpath(walk.absolute(Path(shown)), folder)).as_posix()

    def _is_there(self, path: str) -> bool:
        return (walk.absolute(self.file or Path(BASELINE)).parent / path).exists()


# --- checking


def _checked_files(options: Options) -> int:
    paths = options.paths or (".",)
    settings = _for_run(options, Path(paths[0]))
    candidates, code = _candidates(paths, settings)
    if not candidates and not code:
        _complain("smtplint: no .env, TOML, YAML or Python file here")
    workshop = run.Workshop(settings, fixing=options.fix or options.diff)
    done = list(workshop.each(candidates))
    book = _Book.of(settings, options, frozenset(candidate.shown for candidate in candidates))
    return max(code, _finished(done, len(candidates), workshop, options, outcome.written, sys.stdout, book))


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
    done = list(workshop.text(walk.candidate(Path(name)), data))
    if options.fix and not options.diff:
        _put_bytes(next((i.after for i in done if isinstance(i, run.Checked) and i.after is not None), data))
    stream = sys.stderr if options.fix else sys.stdout
    book = _Book.of(settings, options, frozenset({walk.shown(Path(name))}))
    return _finished(done, 1, workshop, options, outcome.mended, stream, book)


def _finished(
    done: Sequence[run.Checked | run.Crash],
    candidates: int,
    workshop: run.Workshop,
    options: Options,
    deliver: Callable[[run.Checked], Outcome],
    stream: TextIO,
    book: _Book,
) -> int:
    """Show the differences, or deliver what is mended and report what is left; the exit code."""
    crashed = _tell_crashes(done)
    checked = [item for item in done if isinstance(item, run.Checked)]
    if options.diff:
        return max(crashed, _show_diffs(checked, workshop, options))
    mending = options.fix and not crashed
    outcomes = [deliver(item) if mending else Outcome(item.findings) for item in checked]
    looked_at = candidates - len(done) + len(checked)
    return max(crashed, _reported(outcomes, looked_at, options, workshop, stream, book))


def _tell_crashes(done: Iterable[run.Checked | run.Crash]) -> int:
    crashes = [item for item in done if isinstance(item, run.Crash)]
    for crash in crashes:
        _complain(f"smtplint: internal error in {crash.shown}: {BUG}", crash.traceback)
    return WRONG if crashes else CLEAN


# --- reporting


def _show_diffs(checked: Iterable[run.Checked], workshop: run.Workshop, options: Options) -> int:
    """The exit code: whether --fix would change anything, or fail."""
    code, changes = CLEAN, 0
    for item in checked:
        if item.mended is not None and item.mended.failed:
            code = max(code, _tell((outcome.mended(item),)))
        elif item.mended is not None and item.after is not None:
            old, new = (workshop.endpoints(source, item.path) for source in (item.source, item.mended.source))
            _put(unified(item.source, item.mended.source, old, new, Paint(has_colours(sys.stdout))))
            changes += 1
    _complain(f"{changes} file{'s' * (changes != 1)} would change")
    return max(code, FOUND if changes and not options.exit_zero else CLEAN)


def _reported(
    outcomes: Sequence[Outcome], checked: int, options: Options, workshop: run.Workshop, stream: TextIO, book: _Book
) -> int:
    """Print the report, and write those that go to files; the exit code that the findings call for."""
    code = _tell(outcomes, quiet=options.quiet)
    every = sorted((f for one in outcomes for f in one.findings), key=lambda finding: finding.order)
    if options.write_baseline:
        return max(code, book.write(every))
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
        _put(report.statistics(findings), sys.stderr)
    least = Severity[workshop.settings.fail_on.upper()]
    found = any(finding.severity >= least for finding in findings) and not options.exit_zero
    return max(code, FOUND if found else CLEAN)


def _delivered(target: Target, what: report.Run, stream: TextIO) -> None:
    if target.file is None:
        width = shutil.get_terminal_size((100, 24)).columns if stream.isatty() else 100
        _put(report.render(target.output, replace(what, colour=has_colours(stream), width=width)), stream)
        return
    try:
        Path(target.file).write_text(report.render(target.output, what), "utf-8", newline="\n")
    except OSError as error:
        raise ArgumentError(f"{target.file}: not written: {walk.reason(error)}") from error


def _tell(outcomes: Iterable[Outcome], *, quiet: bool = False) -> int:
    """What happened while fixing; the exit code that this calls for."""
    for one in outcomes:
        for note in one.notes if one.troubled or not quiet else ():
            _complain(note)
    return WRONG if any(one.broken for one in outcomes) else CLEAN


def _put(text: str, stream: TextIO | None = None) -> None:
    (stream or sys.stdout).write(text)


def _put_bytes(data: bytes) -> None:
    """The text itself, and what of standard input was too much to look at: nothing of it may be lost."""
    sys.stdout.buffer.write(data)
    shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)
    sys.stdout.buffer.flush()
