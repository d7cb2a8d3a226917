"""Who reads a file and hands its settings on to programs, and what these programs are handed."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Protocol, cast

from smtplint.format import Entry
from smtplint.handover import Given, Surroundings
from smtplint.source import Source

__all__ = ["Surroundings", "handed"]


class _Consumer(Protocol):
    """A module in `consumers/`."""

    @staticmethod
    def handed(given: Given) -> Sequence[Entry]:
        """The entries as programs see them; those of files that are not its own as they are."""


_CONSUMERS: Mapping[str, tuple[str, ...]] = {
    "yaml": (
        "sealed", "caprover", "compose", "kubernetes", "workflow", "gitlab", "ansible", "spring", "devcontainer", "helm",
    ),
    "env": ("sealed", "environment"),
    "toml": ("sealed",),
    "ini": ("sealed",),
}  # fmt: skip


@cache
def _loaded(name: str) -> _Consumer:
    """Each is imported when a file of its format comes first."""
    return cast("_Consumer", importlib.import_module(f"smtplint.consumers.{name}"))


def handed(source: Source, entries: Sequence[Entry], format_name: str, around: Surroundings) -> Sequence[Entry]:
    """The entries as the programs see them: moved to where they are used, under the names that they are used by."""
    for name in _CONSUMERS.get(format_name, ()):
        entries = _loaded(name).handed(Given(source, entries, around))
    return entries
