"""The man page, built from what `--help` says of every command: `python -m tools.manpage` writes docs/smtplint.1."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from smtplint import __version__
from smtplint.cli import every_command

FILE: Final = Path(__file__).parent.parent / "docs" / "smtplint.1"


def page() -> str:
    """The whole page in the language of man."""
    check = every_command()["check"]
    lines = [
        f'.TH SMTPLINT 1 "" "smtplint {__version__}" "User Commands"',
        ".SH NAME",
        "smtplint \\- say what a mail configuration will do on the wire",
        ".SH SYNOPSIS",
        *(f".B {_plain(name)}\n{_plain(_usage(name, command))}\n.br" for name, command in _every()),
        ".SH DESCRIPTION",
        *_paragraphs(check.help or ""),
        ".SH OPTIONS",
        *_options(check),
        ".SH COMMANDS",
    ]
    for name, command in _every():
        if command is not check:
            lines += [f".SS {_plain(f'{name} {_usage(name, command)}')}", *_paragraphs(command.help or "")]
            lines += _options(command)
    lines += [".SH NOTES", ".nf", *(map(_plain, (check.epilog or "").replace("\b\n", "").splitlines())), ".fi"]
    return "\n".join(lines) + "\n"


def _every() -> Iterator[tuple[str, click.Command]]:
    """The commands as people call them, those within others too."""
    for name, command in every_command().items():
        called = "smtplint" if name == "check" else f"smtplint {name}"
        yield called, command
        if isinstance(command, click.Group):
            yield from ((f"{called} {below}", inner) for below, inner in sorted(command.commands.items()))


def _usage(name: str, command: click.Command) -> str:
    return " ".join(command.collect_usage_pieces(_context(command, name)))


def _options(command: click.Command) -> Iterator[str]:
    context = _context(command, "smtplint")
    options = [param for param in command.params if isinstance(param, click.Option)]
    records = [record for option in options if (record := option.get_help_record(context)) is not None]
    for name, said in (*records, ("-h, --help", "Show this and exit.")):
        yield f".TP\n.B {_plain(name)}\n{_plain(said)}"


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.replace("\b", "").split("\n\n"):
        yield f".PP\n{_plain(' '.join(paragraph.split()))}"


def _plain(text: str) -> str:
    """Text of which nothing is taken for an instruction."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _context(command: click.Command, name: str) -> click.Context:
    """With the command's own settings: click keeps the help option of the first context that it meets."""
    return click.Context(command, info_name=name, **command.context_settings)


if __name__ == "__main__":
    FILE.write_text(page(), "utf-8")
