"""Arguments in, exit code out: the only part of smtplint that prints."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from smtplint import __version__, config, report
from smtplint.book import BASELINE
from smtplint.checking import Options, Target, checked
from smtplint.config import ConfigError
from smtplint.console import BUG, CLEAN, COMPLETES, INTERRUPTED, WRONG, ArgumentError, UnwrittenError, complain, flush
from smtplint.rule import RuleError
from smtplint.table import TableError
from smtplint.walk import reason

EPILOG: Final = """\b
Other commands:
  smtplint explain NAME   what a rule says, why, and examples; or what a product's settings do
  smtplint rules          all rules
  smtplint dialects       all products whose settings are known
  smtplint dialects new NAME   the beginning of a table for a product of your own
  smtplint config PATH    the settings that hold there, and where each one comes from
  smtplint facts PATH     every mail endpoint, what is known of it and from where
  smtplint completion SHELL   completion for bash, zsh or fish
  smtplint server         the language server for editors
  smtplint check PATH     the same as smtplint PATH, for a path called like one of these

\b
Exit codes:
  0  nothing at or above --fail-on; with --fix, nothing left; with --diff, nothing to change
  1  something
  2  wrong usage, output that cannot be written, or a bug of smtplint itself
A named file of another format is mentioned on standard error and does not count.
"""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run, and leave with an exit code. Without the name of a command, everything is an argument of `check`."""
    for stream in (sys.stdout, sys.stderr):
        if callable(reconfigure := getattr(stream, "reconfigure", None)):
            reconfigure(errors="backslashreplace")  # a terminal of another encoding is no reason to fail
    if (asked := os.environ.get(COMPLETES)) is not None:
        from smtplint import completion

        sys.exit(completion.answer(asked, every_command()))
    given = list(sys.argv[1:] if arguments is None else arguments)
    name = given.pop(0) if given and given[0] in NAMES else "check"
    try:
        code = _run(name, given)
        flush()
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        code = CLEAN
        _hold_back()
    except UnwrittenError as error:
        complain(f"smtplint: standard output: not written: {reason(error)}")
        code = WRONG
        _hold_back()
    sys.exit(code)


def _hold_back() -> None:
    """What was not written shall not be tried again at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(name: str, arguments: list[str]) -> int:
    program = "smtplint" if name == "check" else f"smtplint {name}"
    try:
        code = _command(name).main(arguments, prog_name=program, standalone_mode=False)
        return code if isinstance(code, int) else CLEAN
    except click.ClickException as error:
        error.show()
        return WRONG
    except click.Abort:
        return INTERRUPTED
    except (ArgumentError, ConfigError, RuleError, TableError) as error:
        complain(f"smtplint: {error}")
        return WRONG
    except (BrokenPipeError, UnwrittenError):
        raise
    except Exception:  # what no file is to blame for
        import traceback

        complain(f"smtplint: internal error: {BUG}", traceback.format_exc())
        return WRONG


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


def _one_line(_: click.Context, __: click.Parameter, given: str) -> str:
    if not given.isprintable():
        raise click.BadParameter("a comment is one line")
    return given.strip()


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
@click.option("-v", "--verbose", is_flag=True, help="Say whose settings were recognised, and by what.")
@click.option("--select", **_RULES, help="Only these rules; again or with commas for several.")
@click.option("--ignore", **_RULES, help="Not these rules.")
@click.option("--fail-on", type=click.Choice(config.FAIL_ON), help="Least severity of exit code 1.  [default: warning]")
@click.option("--exit-zero", is_flag=True, help="Exit code 0 whatever is found.")
@click.option("--statistics", is_flag=True, help="Add how often each rule spoke.")
@click.option("--stdin-filename", metavar="NAME", help="How the text is called that `-` reads from standard input.")
@click.option("--ignored-env/--no-ignored-env", default=None, help="Read .env files that git ignores.  [default: yes]")
@click.option("--baseline", type=click.Path(path_type=Path), help="A file of known findings: only new ones count.")
@click.option("--write-baseline", is_flag=True, help=f"Record the present findings there.  [default: {BASELINE}]")
@click.option("--add-ignores", is_flag=True, help="Write a suppression comment for each present finding.")
@click.option("--reason", metavar="TEXT", default="", callback=_one_line, help="What these comments say besides.")
@click.option("--profile", is_flag=True, help="Tell on standard error where the time went.")
@click.version_option(__version__, prog_name="smtplint", message="%(prog)s %(version)s")
def check(**given: Any) -> int:
    """Say what mail settings in .env, TOML, YAML, INI and Python files will do on the wire, and what is wrong with them.

    PATHS are files, folders, or - for standard input; without any, the current folder.
    """
    code = checked(Options(**given))
    _hint(given["paths"])
    return code


def _hint(paths: Sequence[str]) -> None:
    """A mistyped command is taken for a path."""
    first = paths[0] if paths else ""
    near = config.suggestion(first, NAMES) if first.isalpha() and not Path(first).exists() else ""
    if near:
        complain(f"smtplint: {first} is no command either{near}")


NAMES: Final = ("check", "explain", "rules", "dialects", "facts", "config", "completion", "server")
"""The commands; all but the first are those of `commands.py`, which is loaded when one is asked for: hooks call `check`."""


def every_command() -> dict[str, click.Command]:
    from smtplint.commands import COMMANDS

    return {"check": check, **COMMANDS}


def _command(name: str) -> click.Command:
    return check if name == "check" else every_command()[name]
