"""Shell completion: click's own, over all commands and, where none is named, over what `check` takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import click
from click.shell_completion import CompletionItem, get_completion_class, shell_complete

from smtplint.console import COMPLETES

SHELLS: Final = ("bash", "zsh", "fish")
_PROGRAM: Final = "smtplint"


class _Whole(click.Group):
    """The command line as a whole: the first word is a command, or already a path for `check`."""

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        found = super().shell_complete(ctx, incomplete)
        return found if incomplete.startswith("-") else [*found, CompletionItem(incomplete, type="file")]


def _whole(commands: Mapping[str, click.Command]) -> click.Group:
    options = [param for param in commands["check"].params if isinstance(param, click.Option)]
    return _Whole(_PROGRAM, commands=dict(commands), params=[*options], invoke_without_command=True)


def script(shell: str, commands: Mapping[str, click.Command]) -> str:
    """What a shell has to evaluate once so that it completes."""
    kind = get_completion_class(shell)
    if kind is None:
        raise ValueError(shell)
    return kind(_whole(commands), {}, _PROGRAM, COMPLETES).source() + "\n"


def answer(instruction: str, commands: Mapping[str, click.Command]) -> int:
    """Print the words for the line that the shell has left in the environment; the exit code."""
    return shell_complete(_whole(commands), {}, _PROGRAM, COMPLETES, instruction)
