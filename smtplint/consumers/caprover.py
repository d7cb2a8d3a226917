"""CapRover's one-click apps: a compose file whose `$$cap_…` the installer asks for and fills in.

Source: caprover/one-click-apps, README.md (variables), `captainVersion` 2 and 4.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from smtplint.format import Entry, Literal, Opaque
from smtplint.handover import Given

_VARIABLE = "$$cap_"


def handed(given: Given) -> Sequence[Entry]:
    if not any(e.key == ("captainVersion",) for e in given.entries):
        return given.entries
    return [_filled_in(e) for e in given.entries]


def _filled_in(entry: Entry) -> Entry:
    """Whoever installs the app may also leave a value empty."""
    value = entry.value.value if isinstance(entry.value, Literal) else None
    return replace(entry, value=Opaque()) if isinstance(value, str) and _VARIABLE in value else entry
