"""Mail ports: how a server on a port opens, whose port it is, and which port a mistyped one was meant to be."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from smtplint import knowledge


class Port(Struct, frozen=True):
    """A row of facts/ports.toml; `opens` (implicit or starttls) is None for ports that are not for mail."""

    port: int
    protocol: str
    role: str
    opens: str | None = None
    standard: bool = True
    twin: int | None = None


@cache
def _table() -> Mapping[str, Any]:
    return knowledge.facts("ports")


@cache
def ports() -> Mapping[int, Port]:
    return {raw["port"]: Port(**raw) for raw in _table()["port"]}


@cache
def in_use() -> frozenset[int]:
    """Ports near a mail port that are not slips of the finger."""
    return frozenset(number for raw in _table()["in_use"] for number in raw["ports"])


def standard(protocol: str, opens: str) -> int | None:
    """The registered port of a protocol for clients, by how it opens: (smtp, implicit) -> 465."""
    found = [
        p.port
        for p in ports().values()
        if (p.protocol, p.opens, p.standard) == (protocol, opens, True) and p.role != "relay"
    ]
    return found[0] if len(found) == 1 else None


def slip_candidates(port: int, protocol: str) -> tuple[int, ...]:
    """The registered client ports from which `port` is one slip away: a digit changed, dropped, doubled, or two swapped."""
    if port in ports() or port in in_use():
        return ()
    likely = (
        p for p in ports().values() if p.protocol == protocol and p.standard and p.role in ("submission", "retrieval")
    )
    return tuple(sorted(p.port for p in likely if str(port) in _slips(str(p.port))))


def _slips(digits: str) -> frozenset[str]:
    places = range(len(digits))
    changed = {digits[:i] + d + digits[i + 1 :] for i in places for d in "0123456789"}
    dropped = {digits[:i] + digits[i + 1 :] for i in places}
    doubled = {digits[:i] + digits[i] + digits[i:] for i in places}
    swapped = {digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :] for i in places[:-1]}
    return frozenset(s for s in changed | dropped | doubled | swapped if s != digits and not s.startswith("0"))
