"""Who reads a file and hands its settings on to programs, and what these programs are handed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType

from smtplint.consumers import (
    ansible,
    caprover,
    compose,
    devcontainer,
    environment,
    gitlab,
    helm,
    kubernetes,
    sealed,
    spring,
    workflow,
)
from smtplint.format import Entry
from smtplint.handover import Given, Surroundings
from smtplint.source import Source

__all__ = ["Surroundings", "handed"]

# Each has a function `handed`, which gives back the entries of files that are not its own as they are.
_CONSUMERS: Mapping[str, tuple[ModuleType, ...]] = {
    "yaml": (sealed, caprover, compose, kubernetes, workflow, gitlab, ansible, spring, devcontainer, helm),
    "env": (sealed, environment),
    "toml": (sealed,),
}


def handed(source: Source, entries: Sequence[Entry], format_name: str, around: Surroundings) -> Sequence[Entry]:
    """The entries as the programs see them: moved to where they are used, under the names that they are used by."""
    for consumer in _CONSUMERS.get(format_name, ()):
        entries = consumer.handed(Given(source, entries, around))
    return entries
