"""Host names as settings spell them: where they lie, and what does not belong in them."""

from __future__ import annotations

import ipaddress

from msgspec import Struct

from smtplint.provider import sinks
from smtplint.regex import regex

_PRIVATE_ENDINGS = (
    ".internal", ".local", ".lan", ".home", ".home.arpa", ".localdomain", ".localhost", ".svc", ".cluster.local",
    ".intranet", ".corp", ".private", ".test", ".docker", ".consul",
)  # fmt: skip
"""RFC 6762, RFC 8375, RFC 2606, and what clusters and companies use inside."""

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?"
_NAME = regex(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_FLAWED = regex(
    r"\s*(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?:(?P<user>[^@/\s]*)@)?"
    r"(?P<host>[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?(?P<path>/[^\s,]*)?(?P<comma>,)?\s*"
)


class Flaw(Struct, frozen=True):
    """What does not belong in a bare host name (`kind`), and what the value means without it."""

    kind: str
    host: str
    port: int | None


def scope(host: str) -> str | None:
    """Where a host lies: loopback, private (one label, RFC 1918, inside names) or public; None if it is no host name.

    A path is a Unix socket (`smtplib.LMTP("/run/dovecot/lmtp")`).
    """
    name = host.strip().lower().removesuffix(".")
    if name.startswith("/"):
        return "loopback"
    if name in ("localhost", "localhost.localdomain", "ip6-localhost", "host.docker.internal"):
        return "loopback" if name != "host.docker.internal" else "private"
    if (address := _address(name)) is not None:
        return (
            "loopback"
            if address.is_loopback
            else "private"
            if address.is_private or address.is_link_local
            else "public"
        )
    if not _NAME.fullmatch(name):
        return None
    return "private" if "." not in name or name.endswith(_PRIVATE_ENDINGS) else "public"


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return None


def is_sink(host: str) -> bool:
    """True for the host names of local development catchers (Mailpit, MailHog …)."""
    return host.strip().lower() in sinks()[0]


def flaw(host: str) -> Flaw | None:
    """The first thing that does not belong in a host name, if the rest of the value is one; None if nothing is wrong."""
    if host == "" or _address(host) is not None or _NAME.fullmatch(host):
        return None
    found = _FLAWED.fullmatch(host)
    if found is None:
        return None
    kind = next((k for k in ("scheme", "user", "port", "path", "comma") if found[k]), "blank")
    port = int(found["port"]) if found["port"] else None
    return Flaw(kind, found["host"], port if port is not None and 0 < port < 65536 else None)
