"""One sentence about an endpoint: whom the program talks to, how the session is protected, and when it logs in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from smtplint.fact import Fact, facts
from smtplint.model import UNKNOWN, Endpoint, Malformed
from smtplint.report import discreet
from smtplint.terminal import printable

_ENCRYPTION: Final[Mapping[object, str]] = {
    "none": "no encryption",
    "opportunistic": "STARTTLS only if the server offers it",
    "starttls": "STARTTLS required",
    "implicit": "TLS from the first byte",
    "contradictory": "contradictory encryption settings",
    UNKNOWN: "encryption not known from here",
}

_CHECK: Final[Mapping[object, str]] = {
    "verified": "certificate checked",
    "unverified": "check of the certificate switched off",
    "unchecked": "certificate not checked",
}


def sentence(endpoint: Endpoint) -> str:
    """Such as `smtp.gmail.com:587, STARTTLS required, certificate checked, login after TLS; Django`. Holds no secret."""
    known = facts(endpoint)
    said = "; ".join((", ".join(_said(endpoint, known)), *_whose(endpoint)))
    return printable(discreet(said, endpoint))


def _said(endpoint: Endpoint, known: Mapping[str, Fact]) -> Iterator[str]:
    if known.get("switched_off"):
        yield "no mail is sent with these settings"
        return
    yield _server(endpoint)
    encryption = endpoint.value("encryption")
    yield _ENCRYPTION.get(encryption, _ENCRYPTION[UNKNOWN])
    if encryption not in ("none", "contradictory") and (check := _CHECK.get(endpoint.value("verification"))):
        yield check
    if (login := _login(encryption, known)) is not None:
        yield login


def _server(endpoint: Endpoint) -> str:
    host, port = endpoint.value("host"), endpoint.value("port")
    match host:
        case Malformed():
            name = "a host that is not understood"
        case str() if host:
            name = host
        case _:
            name = "a host that is not written here" if host is UNKNOWN else "no host"
    if isinstance(port, Malformed):
        return f"{name}, a port that is not understood"
    return f"{name}, on a port that is not written here" if port in (UNKNOWN, None) else f"{name}:{port}"


def _login(encryption: object, known: Mapping[str, Fact]) -> str | None:
    logs_in = known.get("logs_in")
    if logs_in is False or known.get("login_made") is False:
        return "no login"
    if not logs_in:
        return None
    if known.get("login_before_tls"):
        return "login in clear text"
    if encryption == "opportunistic":
        return "login also without TLS"
    return "login after TLS" if encryption in ("starttls", "implicit") else "login"


def _whose(endpoint: Endpoint) -> Iterator[str]:
    yield endpoint.title if endpoint.protocol == "smtp" else f"{endpoint.title} ({endpoint.protocol.upper()})"
    if any(endpoint.field(name).overridable for name in ("host", "port", "encryption")):
        yield "the environment may say otherwise"
