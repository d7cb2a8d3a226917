"""Mail providers, found by host name: which ports they offer and how each opens."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_ORDER = (587, 465, 993, 995, 2525, 2587, 2465)
"""What to recommend first: the standard ports, then the stand-ins for networks that block them."""


@dataclass(frozen=True, slots=True)
class OfferedPort:
    """`mode`: starttls, implicit, none or unknown; not `documented`: seen somewhere, never to be leaned on."""

    port: int
    mode: str
    documented: bool = True
    plain_ok: bool = False


@dataclass(frozen=True, slots=True)
class Provider:
    """A service as the hosts of one protocol show it."""

    name: str
    ports: tuple[OfferedPort, ...]
    complete: bool
    absent: tuple[int, ...]
    sources: tuple[str, ...]

    def offers(self, port: int) -> bool | None:
        """True or False where the provider itself says so, None where absence proves nothing."""
        listed = self.port(port)
        if listed is not None:
            return True if listed.documented else None
        return False if self.complete or port in self.absent else None

    def port(self, number: int) -> OfferedPort | None:
        return next((p for p in self.ports if p.port == number), None)

    def preferred(self, mode: str | None) -> OfferedPort | None:
        """The port to use instead: one that opens as `mode` says if there is one, a standard one if there is one."""
        usable = [p for p in self.ports if p.documented and p.mode in ("starttls", "implicit") and p.port != 25]
        rank = {port: i for i, port in enumerate(_ORDER)}
        return min(usable, key=lambda p: (p.mode != mode if mode else False, rank.get(p.port, 99)), default=None)


def find(host: str, protocol: str) -> Provider | None:
    """Whose host this is, as far as it serves that protocol (smtp, imap, pop3); the longest pattern wins."""
    exact, patterns = _hosts(protocol)
    if host in exact:
        return exact[host]
    return next((provider for pattern, provider in patterns if pattern.fullmatch(host)), None)


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads((files("smtplint") / "facts" / "providers.toml").read_text("utf-8"))


@cache
def _hosts(protocol: str) -> tuple[Mapping[str, Provider], tuple[tuple[re.Pattern[str], Provider], ...]]:
    """Providers by host name, and by pattern, longest pattern first."""
    exact: dict[str, Provider] = {}
    patterns: list[tuple[str, Provider]] = []
    for raw in _table()["provider"]:
        provider = _provider(raw, protocol)
        for host in raw.get(f"{protocol}_hosts", ()):
            if "*" in host:
                patterns.append((host, provider))
            else:
                exact.setdefault(host, provider)
    patterns.sort(key=lambda item: -len(item[0]))
    return exact, tuple((_pattern(host), provider) for host, provider in patterns)


def _pattern(host: str) -> re.Pattern[str]:
    return re.compile("[^.]+".join(re.escape(piece) for piece in host.split("*")))


def _provider(raw: Mapping[str, Any], protocol: str) -> Provider:
    submits = protocol == "smtp"
    return Provider(
        name=raw["name"],
        ports=tuple(OfferedPort(**port) for port in raw.get(protocol, ())),
        complete=submits and raw.get("smtp_complete", False),
        absent=tuple(raw.get("smtp_absent", ())) if submits else (),
        sources=tuple(raw.get("sources", ())),
    )


@cache
def sinks() -> tuple[frozenset[str], frozenset[int]]:
    """Host names and SMTP ports of local development catchers and gateways."""
    local = [raw for raw in _table()["dev_sink"] if not raw.get("hosted")]
    hosts = frozenset(host for raw in local for host in raw["hosts"])
    return hosts, frozenset(p["port"] for raw in local for p in raw["smtp"]) - {25}
