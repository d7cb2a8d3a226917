"""Mail providers, found by host name: which ports they offer and how each opens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from msgspec import Struct

from smtplint import knowledge
from smtplint.slip import is_slip

_ORDER = (587, 465, 993, 995, 2525, 2587, 2465)
"""What to recommend first: the standard ports, then the stand-ins for networks that block them."""


class OfferedPort(Struct, frozen=True):
    """`mode`: starttls, implicit, none or unknown; not `documented`: seen somewhere, never to be leaned on."""

    port: int
    mode: str
    documented: bool = True
    plain_ok: bool = False


class UserName(Struct, frozen=True):
    """What a user name looks like: `form` is email, local, any, none, or literal:… and pattern:… with what follows.

    `strict`: other forms are known to fail; `never_address`: an e-mail address is wrong; `never_bare`: one without a
    domain is wrong; `usual`: how the names end that the provider makes by itself.
    """

    form: str
    also: tuple[str, ...] = ()
    strict: bool = False
    never_address: bool = False
    never_bare: bool = False
    usual: str = ""

    @property
    def literals(self) -> tuple[str, ...]:
        return tuple(f.removeprefix("literal:") for f in (self.form, *self.also) if f.startswith("literal:"))

    def flaw(self, name: str) -> str | None:
        """What is known to be wrong with a name: literal, address, pattern, bare, unusual; None if nothing is."""
        if any(self._is(name, form) for form in (self.form, *self.also)):
            return None if self._ends_as_usual(name) else "unusual"
        if self.never_address and "@" in name:
            return "literal" if self.literals else "address"
        if self.form.startswith("literal:"):
            return "literal"
        if self.form.startswith("pattern:"):
            return "pattern" if self.strict else None
        return "bare" if self.never_bare and "@" not in name else None

    def _is(self, name: str, form: str) -> bool:
        kind, _, text = form.partition(":")
        if kind == "literal":
            return name == text
        if kind == "pattern":
            return re.search(text, name) is not None
        return kind == "email" and re.fullmatch(r"[^@\s]+@[^@\s]+", name) is not None

    def _ends_as_usual(self, name: str) -> bool:
        return name.lower().endswith(self.usual)


class Secret(Struct, frozen=True):
    """What the provider takes as the password: `kind` in its own words, `pattern` and `prefix` of it, prefix of what it is not."""

    kind: str = ""
    pattern: str = ""
    prefix: str = ""
    wrong_prefix: str = ""

    def flaw(self, text: str) -> str | None:
        """prefix, wrong-prefix or pattern, if the text cannot be right; None if nothing is known to be wrong."""
        if self.wrong_prefix and text.startswith(self.wrong_prefix):
            return "wrong-prefix"
        if self.prefix and not text.startswith(self.prefix):
            return "prefix"
        return "pattern" if self.pattern and re.fullmatch(self.pattern, text) is None else None


class Provider(Struct, frozen=True):
    """A service as the hosts of one protocol show it."""

    name: str
    ports: tuple[OfferedPort, ...]
    complete: bool
    absent: tuple[int, ...]
    sources: tuple[str, ...]
    hosts: Mapping[str, tuple[str, ...]]
    user_name: UserName
    password: Secret

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


class Renamed(Struct, frozen=True):
    """A host that has another name now (`new`, empty if it has none); `since` may be empty."""

    old: str
    new: str
    status: str
    since: str


class Ended(Struct, frozen=True):
    """The end of logins by password at some hosts: `what` happens, `when` in the provider's own words, `over` if it has."""

    what: str
    when: str
    over: bool


def find(host: str, protocol: str) -> Provider | None:
    """Whose host this is, as far as it serves that protocol (smtp, imap, pop3); the longest pattern wins."""
    exact, patterns = _hosts(protocol)
    row = exact[host] if host in exact else next((row for pattern, row in patterns if _fits(pattern, host)), None)
    return _of_row(row, protocol) if row is not None else None


@cache
def _table() -> Mapping[str, Any]:
    return knowledge.facts("providers")


HOSTS: Final = "hosts"
ROWS: Final = "providers"
_Hosts = tuple[dict[str, int], list[tuple[str, int]]]


@cache
def _hosts(protocol: str) -> _Hosts:
    made: Mapping[str, _Hosts] | None = knowledge.records(HOSTS, _Hosts)
    return made[protocol] if made is not None else hosts_of(protocol)


def hosts_of(protocol: str) -> _Hosts:
    """The numbers of the providers' rows by host name, and by pattern, longest pattern first."""
    exact: dict[str, int] = {}
    patterns: list[tuple[str, int]] = []
    for row, raw in enumerate(_table()["provider"]):
        for host in raw.get(f"{protocol}_hosts", ()):
            if "*" in host:
                patterns.append((host, row))
            else:
                exact.setdefault(host, row)
    patterns.sort(key=lambda item: -len(item[0]))
    return exact, patterns


def _fits(pattern: str, host: str) -> bool:
    """True if the host is the pattern with something, but no dot, in the place of each `*`; most differ at an end."""
    begin, _, end = pattern.partition("*")
    return (
        host.startswith(begin)
        and host.endswith(end.rpartition("*")[2])
        and _compiled(pattern).fullmatch(host) is not None
    )


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("[^.]+".join(re.escape(piece) for piece in pattern.split("*")))


@cache
def _of_row(row: int, protocol: str) -> Provider:
    """Made when a host of it is met first: most runs meet few of some hundred."""
    return _provider(_rows()[str(row)], protocol)


@cache
def _rows() -> Mapping[str, Mapping[str, Any]]:
    made = knowledge.records(ROWS)
    return made if made is not None else rows()


def rows() -> Mapping[str, Mapping[str, Any]]:
    """The rows of the providers by number."""
    return {str(number): row for number, row in enumerate(_table()["provider"])}


def _provider(raw: Mapping[str, Any], protocol: str) -> Provider:
    submits = protocol == "smtp"
    return Provider(
        name=raw["name"],
        ports=tuple(OfferedPort(**port) for port in raw.get(protocol, ())),
        complete=submits and raw.get("smtp_complete", False),
        absent=tuple(raw.get("smtp_absent", ())) if submits else (),
        sources=tuple(raw.get("sources", ())),
        hosts={p: tuple(raw.get(f"{p}_hosts", ())) for p in _PROTOCOLS},
        user_name=_user_name(raw, protocol),
        password=_password(raw),
    )


def _user_name(raw: Mapping[str, Any], protocol: str) -> UserName:
    """What is said of user names is about sending; for reading only what is said of reading."""
    if protocol != "smtp":
        return UserName(raw.get("imap_username", "any"))
    return UserName(
        form=raw.get("username", "any"),
        also=tuple(raw.get("username_also", ())),
        strict=raw.get("username_strict", False),
        never_address=raw.get("username_never_email", False),
        never_bare=raw.get("username_never_bare", False),
        usual=raw.get("username_usual", ""),
    )


def _password(raw: Mapping[str, Any]) -> Secret:
    return Secret(
        kind=raw.get("password_kind", ""),
        pattern=raw.get("password_pattern", ""),
        prefix=raw.get("password_prefix", ""),
        wrong_prefix=raw.get("password_prefix_wrong", ""),
    )


# --- names of hosts


_PROTOCOLS = ("smtp", "imap", "pop3")
_OWN_LABELS = {"smtp": r"smtps?\b|smtp[-.]", "imap": r"imaps?\b|imap[-.]", "pop3": r"pop3?s?\b|pop[-.]"}


def renamed(host: str, protocol: str) -> Renamed | None:
    """The row about a host that has another name now."""
    return _renamed().get((host, protocol))


@cache
def _renamed() -> Mapping[tuple[str, str], Renamed]:
    rows = [raw for raw in _table()["renamed_host"] if raw["confidence"] != "unconfirmed"]
    return {
        (raw["old"], raw["protocol"]): Renamed(raw["old"], raw.get("new", ""), raw["status"], raw.get("since", ""))
        for raw in rows
    }


def ended(host: str, protocol: str) -> Ended | None:
    """What the provider says about the end of password logins at this host."""
    for raw in _table()["auth_deadline"]:
        if protocol in raw.get("passwords", ()) and host in raw["hosts"]:
            return Ended(raw["what"], raw["date_text"], raw["status"] == "in effect")
    return None


def counterpart(host: str, protocol: str) -> str | None:
    """The provider's host for `protocol`, if `host` is by name and by the provider's word one for another protocol only."""
    if find(host, protocol) is not None:
        return None
    for other in _PROTOCOLS:
        found = find(host, other) if other != protocol else None
        if found is not None and re.match(_OWN_LABELS[other], host):
            return _beside(host, found.hosts.get(protocol, ()))
    return None


def _beside(host: str, candidates: tuple[str, ...]) -> str | None:
    """The one of the candidates under the same domain, or the only one."""
    domain = host.partition(".")[2]
    near = [c for c in candidates if c.partition(".")[2] == domain] or list(candidates)
    return near[0] if len(near) == 1 and "*" not in near[0] else None


def likely(host: str, protocol: str) -> str | None:
    """The one host of a provider from which `host`, nobody's own name, is one slip away."""
    if any(find(host, p) is not None or (host, p) in _renamed() for p in _PROTOCOLS):
        return None
    labels = host.split(".")
    found = {known for known in _hosts(protocol)[0] if _is_mistyped(labels, known.split("."))}
    return found.pop() if len(found) == 1 else None


def _is_mistyped(typed: list[str], meant: list[str]) -> bool:
    """True if all labels but one are the same, and that one is a slip that makes no other name."""
    if len(typed) != len(meant):
        return False
    pairs = [(a, b) for a, b in zip(typed, meant, strict=True) if a != b]
    if len(pairs) != 1:
        return False
    (wrong, right), is_last = pairs[0], typed[:-1] == meant[:-1]
    # Short labels are one slip away from too many others, and two letters at the end are a country.
    return is_slip(wrong, right) and (len(wrong) >= 3 if is_last else len(right) >= 4)


@cache
def sinks() -> tuple[frozenset[str], frozenset[int]]:
    """Host names and SMTP ports of local development catchers and gateways."""
    local = [raw for raw in _table()["dev_sink"] if not raw.get("hosted")]
    hosts = frozenset(host for raw in local for host in raw["hosts"])
    return hosts, frozenset(p["port"] for raw in local for p in raw["smtp"]) - {25}


@cache
def hosted_sinks() -> frozenset[str]:
    """Host names of services that take mail and show it to its developers instead of delivering it."""
    return frozenset(host for raw in _table()["dev_sink"] if raw.get("hosted") for host in raw["hosts"])
