"""Facts: sentences about mail that follow from the fields of one endpoint. The only place where mail logic is Python.

A fact is a function of the endpoint; its name is the word that rules use. It returns UNKNOWN where the text does not tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from smtplint import host as hosts
from smtplint import port as ports
from smtplint import provider as providers
from smtplint import reader as readers
from smtplint.format import Literal, Opaque, Reference, of_path
from smtplint.masking import names_secret
from smtplint.model import LOGIN_STEPS, TLS_STEPS, UNKNOWN, Endpoint, Malformed, Setting, Step, Unknown
from smtplint.provider import Provider, find, sinks
from smtplint.regex import regex
from smtplint.standin import is_example_host, is_stand_in_name, looks_like_a_secret
from smtplint.standin import is_placeholder as is_placeholder_text

Fact = str | int | float | bool | Unknown | None

FACTS: Final[dict[str, Callable[[Endpoint], Fact]]] = {}
SETTING_FACTS: Final[dict[str, Callable[[Endpoint, Setting], Fact]]] = {}


def fact(function: Callable[[Endpoint], Fact]) -> Callable[[Endpoint], Fact]:
    FACTS[function.__name__] = function
    return function


def fact_of_setting(function: Callable[[Endpoint, Setting], Fact]) -> Callable[[Endpoint, Setting], Fact]:
    SETTING_FACTS[function.__name__] = function
    return function


def facts(endpoint: Endpoint) -> Mapping[str, Fact]:
    """Every fact that is known of the endpoint, by name."""
    return {name: value for name, function in FACTS.items() if (value := function(endpoint)) is not UNKNOWN}


def setting_facts(endpoint: Endpoint, setting: Setting) -> Mapping[str, Fact]:
    """Every fact that is known of one setting of the endpoint, by name."""
    found = ((name, function(endpoint, setting)) for name, function in SETTING_FACTS.items())
    return {name: value for name, value in found if value is not UNKNOWN}


# --- fields as they are


def _plain(name: str) -> None:
    def read(endpoint: Endpoint) -> Fact:
        value = endpoint.value(name)
        return UNKNOWN if isinstance(value, Malformed) else value

    FACTS[name] = read


for _field in (
    "host",
    "port",
    "encryption",
    "verification",
    "tls_floor",
    "ciphers",
    "username",
    "timeout",
    "mechanism",
):
    _plain(_field)


@fact
def title(endpoint: Endpoint) -> Fact:
    """The product as people write it."""
    return endpoint.title


@fact
def dialect(endpoint: Endpoint) -> Fact:
    return endpoint.dialect


@fact
def protocol(endpoint: Endpoint) -> Fact:
    return endpoint.protocol


@fact
def encryption_overridable(endpoint: Endpoint) -> Fact:
    """True if only the default of a reference to the environment says how the session is encrypted."""
    return endpoint.field("encryption").overridable if endpoint.field("encryption").known else UNKNOWN


@fact
def port_overridable(endpoint: Endpoint) -> Fact:
    return endpoint.field("port").overridable if endpoint.field("port").known else UNKNOWN


@fact
def port_written(endpoint: Endpoint) -> Fact:
    """True if the text gives the port, false if it is a default."""
    return bool(endpoint.field("port").evidence)


@fact
def encryption_written(endpoint: Endpoint) -> Fact:
    """True if some setting decides the encryption, false if it is a default or follows from the port."""
    return bool(endpoint.field("encryption").evidence)


@fact
def begins_in_clear(endpoint: Endpoint) -> Fact:
    """True if the client waits for a plaintext greeting, whichever of the encryptions holds that are not excluded."""
    return endpoint.notes["begins"] == "greeting" if "begins" in endpoint.notes else UNKNOWN


@fact
def verification_expressible(endpoint: Endpoint) -> Fact:
    """Whether the product has any setting or argument that makes it verify the certificate."""
    return _able(endpoint, "verify")


@fact
def starttls_expressible(endpoint: Endpoint) -> Fact:
    """Whether the product has a form for mandatory STARTTLS."""
    return _able(endpoint, "starttls")


@fact
def timeout_expressible(endpoint: Endpoint) -> Fact:
    """Whether the product has a setting or argument for how long to wait."""
    return _able(endpoint, "timeout")


@fact
def opened_by_call(endpoint: Endpoint) -> Fact:
    """True if code opens the session by calling a library, so that what is not said there is said nowhere."""
    return _able(endpoint, "call")


@fact
def caller_chooses(endpoint: Endpoint) -> Fact:
    """True if code opens this session or another one beside it, to a server that it does not name: it offers both."""
    return endpoint.notes.get("choice") == "yes" and not endpoint.field("host").known


def _able(endpoint: Endpoint, note: str) -> Fact:
    return endpoint.notes[note] == "yes" if note in endpoint.notes else UNKNOWN


@fact
def ignored_setting(endpoint: Endpoint) -> Fact:
    """The key that the product silently ignores beside another one."""
    return endpoint.notes.get("ignored_setting", UNKNOWN)


@fact
def contradiction(endpoint: Endpoint) -> Fact:
    """What settings that exclude each other do in this product, as a sentence, where it is no matter of two kinds of TLS."""
    return endpoint.notes.get("contradiction", UNKNOWN)


# --- ports


def _port_number(endpoint: Endpoint) -> int | None:
    value = endpoint.value("port")
    return value if isinstance(value, int) else None


@fact
def port_text(endpoint: Endpoint) -> Fact:
    """What is written as the port although it is no number from 1 to 65535."""
    value = endpoint.value("port")
    return value.text if isinstance(value, Malformed) else UNKNOWN


@fact
def port_protocol(endpoint: Endpoint) -> Fact:
    """The protocol that the port belongs to; what the provider offers on it comes first (SMTP on 443 exists)."""
    number = _port_number(endpoint)
    if number is None:
        return UNKNOWN
    provider_ = _provider(endpoint)
    if provider_ is not None and provider_.port(number) is not None:
        return endpoint.protocol
    known = ports.ports().get(number)
    return known.protocol if known else UNKNOWN


@fact
def port_fits_protocol(endpoint: Endpoint) -> Fact:
    found = port_protocol(endpoint)
    return UNKNOWN if found is UNKNOWN else found == endpoint.protocol


@fact
def port_role(endpoint: Endpoint) -> Fact:
    """submission, relay, retrieval, web, or sink (the usual ports of development catchers)."""
    number = _port_number(endpoint)
    if number is None:
        return UNKNOWN
    if number in sinks()[1]:
        return "sink"
    known = ports.ports().get(number)
    return known.role if known else UNKNOWN


@fact
def port_speaks(endpoint: Endpoint) -> Fact:
    """How a server on this port opens: implicit (a TLS handshake) or starttls (a plaintext greeting)."""
    number = _port_number(endpoint)
    if number is None or port_fits_protocol(endpoint) is not True:
        return UNKNOWN
    provider_ = _provider(endpoint)
    listed = provider_.port(number) if provider_ is not None else None
    if listed is not None and listed.documented and listed.mode != "unknown":
        return "implicit" if listed.mode == "implicit" else "starttls"
    known = ports.ports().get(number)
    return known.opens if known and known.opens else UNKNOWN


@fact
def counterpart_port(endpoint: Endpoint) -> Fact:
    """The port of the endpoint's own protocol that opens in the same way, if the port belongs to another protocol."""
    number = _port_number(endpoint)
    if number is None or port_fits_protocol(endpoint) is not False:
        return UNKNOWN
    opens = _mode(endpoint) or ports.ports()[number].opens
    found = ports.standard(endpoint.protocol, opens) if opens else None
    return found if found is not None else UNKNOWN


@fact
def likely_port(endpoint: Endpoint) -> Fact:
    """The one port of this protocol from which the written port is one slip away."""
    number = _port_number(endpoint)
    provider_ = _provider(endpoint)
    if number is None or (provider_ is not None and provider_.port(number) is not None):
        return UNKNOWN
    found = ports.slip_candidates(number, endpoint.protocol)
    for keep in (_offered_by(provider_), _opening_as(_mode(endpoint))):
        found = tuple(p for p in found if keep(p)) or found if len(found) > 1 else found
    return found[0] if len(found) == 1 else UNKNOWN


def _offered_by(provider_: Provider | None) -> Callable[[int], bool]:
    return lambda port: provider_ is None or provider_.offers(port) is True


def _opening_as(mode: str | None) -> Callable[[int], bool]:
    return lambda port: mode is None or ports.ports()[port].opens == mode


def _mode(endpoint: Endpoint) -> str | None:
    """implicit or starttls, if the settings ask for one of them."""
    value = endpoint.value("encryption")
    if value == "implicit":
        return "implicit"
    return "starttls" if value in ("starttls", "opportunistic") else None


# --- hosts


def _host_name(endpoint: Endpoint) -> str | None:
    value = endpoint.value("host")
    return value.strip().lower().removesuffix(".") if isinstance(value, str) and value else None


@fact
def host_scope(endpoint: Endpoint) -> Fact:
    """loopback, private or public; unknown also for the default of a reference, which deployments replace."""
    name = _host_name(endpoint)
    return (hosts.scope(name) or UNKNOWN) if name and not endpoint.field("host").overridable else UNKNOWN


@fact
def host_is_local(endpoint: Endpoint) -> Fact:
    """True if the text names a loopback or private host or a development catcher; false also if no host is known."""
    if endpoint.value("host") is None:
        return True  # None is given as the host: there is nothing far away to talk to
    name = _host_name(endpoint)
    return host_scope(endpoint) in ("loopback", "private") or (name is not None and hosts.is_sink(name))


@fact
def host_flaw(endpoint: Endpoint) -> Fact:
    """What does not belong in a bare host name: scheme, user, port, path, comma, blank."""
    found = _flaw(endpoint)
    return found.kind if found else UNKNOWN


@fact
def clean_host(endpoint: Endpoint) -> Fact:
    found = _flaw(endpoint)
    return found.host if found else UNKNOWN


@fact
def clean_port(endpoint: Endpoint) -> Fact:
    """The port that the flawed host value contains."""
    found = _flaw(endpoint)
    return found.port if found and found.port is not None else UNKNOWN


def _flaw(endpoint: Endpoint) -> hosts.Flaw | None:
    value = endpoint.value("host")
    return hosts.flaw(value) if isinstance(value, str) else None


# --- login


@fact
def logs_in(endpoint: Endpoint) -> Fact:
    """True if a login happens: a step that logs in, or a user name; false if certainly none does."""
    steps = [s for s in endpoint.steps if s.name in LOGIN_STEPS]
    if steps:
        return True if any(s.certain for s in steps) else UNKNOWN
    if str(endpoint.value("mechanism")).lower() == "none" or endpoint.value("login") is False:
        return False
    name = endpoint.value("username")
    return UNKNOWN if name is UNKNOWN else bool(name)


@fact
def login_before_tls(endpoint: Endpoint) -> Fact:
    """True if the login happens while the session is in the clear: without any encryption, or before STARTTLS."""
    login = next((s for s in endpoint.steps if s.name in LOGIN_STEPS), None)
    if login is not None:
        return _step_before_tls(endpoint, login)
    encryption = endpoint.value("encryption")
    if encryption is UNKNOWN or logs_in(endpoint) is UNKNOWN:
        return UNKNOWN
    return encryption == "none" and logs_in(endpoint)


def _step_before_tls(endpoint: Endpoint, login: Step) -> Fact:
    """By the order of the steps; the session must be one that begins in the clear."""
    possible = endpoint.notes.get("encryption_possible", "").split()
    if not possible or not set(possible) <= {"none", "starttls", "opportunistic"}:
        return UNKNOWN
    if "none" not in possible and not any(s.name in TLS_STEPS for s in endpoint.steps):
        return False  # the constructor itself upgrades the session
    if any(s.name in TLS_STEPS for s in endpoint.steps[: endpoint.steps.index(login)]):
        return False if all(s.certain for s in endpoint.steps if s.name in TLS_STEPS) else UNKNOWN
    return True if login.certain else UNKNOWN


@fact
def login_made(endpoint: Endpoint) -> Fact:
    """False where the product skips the login without a word: a part of the credentials is missing, or a switch is off."""
    value = endpoint.value("login")
    return value if isinstance(value, bool) else UNKNOWN


@fact
def credentials(endpoint: Endpoint) -> Fact:
    """Which of them are given: both, username (and certainly no password), password, or none."""
    name, secret = _given(endpoint, "username"), _given(endpoint, "password")
    if name is None or secret is None or endpoint.notes.get("may_be_elsewhere") == "yes":
        return UNKNOWN
    return {(True, True): "both", (True, False): "username", (False, True): "password"}.get((name, secret), "none")


def _given(endpoint: Endpoint, name: str) -> bool | None:
    """Whether a field is given, if only by a reference; None if the text leaves that open."""
    found = endpoint.field(name)
    if found.value is UNKNOWN:
        return True if any(isinstance(e.value, Reference) for e in found.evidence) else None
    return None if found.overridable and not found.value else bool(found.value)


@fact
def password_written(endpoint: Endpoint) -> Fact:
    """True if the text spells out a password that is not empty; false for a reference to the environment."""
    value, found = endpoint.value("password"), endpoint.field("password")
    return bool(isinstance(value, str) and value and not found.overridable)


@fact
def username_is_stand_in(endpoint: Endpoint) -> Fact:
    """True if the user name plainly waits to be replaced by a real one."""
    value = endpoint.value("username")
    return is_stand_in_name(value) if isinstance(value, str) and value else UNKNOWN


@fact
def host_is_stand_in(endpoint: Endpoint) -> Fact:
    """True for `smtp.example.com` and other hosts that plainly wait to be replaced."""
    name = _host_name(endpoint)
    return is_example_host(name) if name else UNKNOWN


@fact
def password_looks_real(endpoint: Endpoint) -> Fact:
    """True if the text gives a password that was plainly made to be one, and no word that stands for it."""
    value, found = endpoint.value("password"), endpoint.field("password")
    if not isinstance(value, str) or found.overridable or not found.evidence:
        return UNKNOWN
    return looks_like_a_secret(value)


# --- providers


def _provider(endpoint: Endpoint) -> Provider | None:
    name = _host_name(endpoint)
    return find(name, endpoint.protocol) if name and not endpoint.field("host").overridable else None


@fact
def provider(endpoint: Endpoint) -> Fact:
    """The display name of who runs the host."""
    found = _provider(endpoint)
    return found.name if found else UNKNOWN


@fact
def provider_offers_port(endpoint: Endpoint) -> Fact:
    """Whether the provider documents the port; false only where its table is complete or names the port as absent."""
    found, number = _provider(endpoint), _port_number(endpoint)
    offered = found.offers(number) if found is not None and number is not None else None
    return offered if offered is not None else UNKNOWN


@fact
def provider_port(endpoint: Endpoint) -> Fact:
    """The provider's own port to use instead."""
    found = _provider(endpoint)
    best = found.preferred(_mode(endpoint)) if found else None
    return best.port if best else UNKNOWN


@fact
def provider_mode(endpoint: Endpoint) -> Fact:
    """How `provider_port` opens."""
    found = _provider(endpoint)
    best = found.preferred(_mode(endpoint)) if found else None
    return best.mode if best else UNKNOWN


@fact
def provider_offers_587(endpoint: Endpoint) -> Fact:
    """Whether the provider documents submission on 587 with STARTTLS."""
    found = _provider(endpoint)
    listed = found.port(587) if found else None
    return bool(listed.documented and listed.mode == "starttls") if listed else UNKNOWN


@fact
def provider_username(endpoint: Endpoint) -> Fact:
    """The literal word that the provider takes as every customer's user name."""
    found = _provider(endpoint)
    return found.user_name.literals[0] if found and found.user_name.literals else UNKNOWN


@fact
def provider_username_usual(endpoint: Endpoint) -> Fact:
    """How the user names end that the provider makes."""
    found = _provider(endpoint)
    return found.user_name.usual if found and found.user_name.usual else UNKNOWN


@fact
def username_flaw(endpoint: Endpoint) -> Fact:
    """What the provider does not take about the user name: literal, address, pattern, bare, unusual."""
    found, name = _provider(endpoint), endpoint.value("username")
    if found is None or not isinstance(name, str) or not name or endpoint.field("username").overridable:
        return UNKNOWN
    return UNKNOWN if is_stand_in_name(name) else found.user_name.flaw(name) or UNKNOWN


@fact
def username_must_fit(endpoint: Endpoint) -> Fact:
    """True if the provider is known to refuse every other form of user name."""
    found = _provider(endpoint)
    return found.user_name.strict if found else UNKNOWN


@fact
def password_flaw(endpoint: Endpoint) -> Fact:
    """What cannot be right about a real-looking password at this provider: prefix, wrong-prefix, pattern."""
    found, value = _provider(endpoint), endpoint.value("password")
    if found is None or not isinstance(value, str) or password_looks_real(endpoint) is not True:
        return UNKNOWN
    return found.password.flaw(value) or UNKNOWN


@fact
def provider_password(endpoint: Endpoint) -> Fact:
    """What the provider takes as the password, in words."""
    found = _provider(endpoint)
    return found.password.kind if found and found.password.kind else UNKNOWN


@fact
def likely_host(endpoint: Endpoint) -> Fact:
    """The one host of a provider from which the written host is one slip away."""
    name = _host_name(endpoint)
    return (providers.likely(name, endpoint.protocol) or UNKNOWN) if name else UNKNOWN


@fact
def counterpart_host(endpoint: Endpoint) -> Fact:
    """The provider's host for the endpoint's own protocol, if the written one serves another protocol only."""
    name = _host_name(endpoint)
    return (providers.counterpart(name, endpoint.protocol) or UNKNOWN) if name else UNKNOWN


def _renamed(endpoint: Endpoint) -> providers.Renamed | None:
    name = _host_name(endpoint)
    return providers.renamed(name, endpoint.protocol) if name else None


@fact
def host_renamed_to(endpoint: Endpoint) -> Fact:
    """The name that the host has now; empty if it was given up."""
    found = _renamed(endpoint)
    return found.new if found else UNKNOWN


@fact
def host_renamed_since(endpoint: Endpoint) -> Fact:
    """Since when, as far as a source tells (the day of the source, not of the switch)."""
    found = _renamed(endpoint)
    return found.since if found and found.since else UNKNOWN


@fact
def passwords_ended(endpoint: Endpoint) -> Fact:
    """What the provider says about logins by password, if it has ended them or announced that."""
    found = _ended(endpoint)
    return found.what if found else UNKNOWN


@fact
def passwords_ended_when(endpoint: Endpoint) -> Fact:
    """When, in the provider's own words."""
    found = _ended(endpoint)
    return found.when if found else UNKNOWN


@fact
def passwords_are_over(endpoint: Endpoint) -> Fact:
    """True if that time has come, false if it is announced."""
    found = _ended(endpoint)
    return found.over if found else UNKNOWN


def _ended(endpoint: Endpoint) -> providers.Ended | None:
    name = _host_name(endpoint)
    return providers.ended(name, endpoint.protocol) if name else None


# --- settings that are not there


@fact
def switched_off(endpoint: Endpoint) -> Fact:
    """True if the product sends nothing through this endpoint, because a setting that switches mail on is not there."""
    return endpoint.notes.get("off") == "yes"


@fact
def missing_setting(endpoint: Endpoint) -> Fact:
    """The setting without which mail does not work; several with `or`, of which one is enough."""
    return endpoint.notes.get("missing", UNKNOWN)


@fact
def missing_effect(endpoint: Endpoint) -> Fact:
    """What the product does without it, as a sentence."""
    return endpoint.notes.get("missing_effect", UNKNOWN)


# --- files


_TEMPLATE = frozenset(
    {"example", "sample", "template", "dist", "tmpl", "tpl", "skel", "skeleton", "default", "defaults", "stub"}
)
_TEST = frozenset(
    {
        "test", "tests", "testing", "spec", "specs", "conftest", "fixture", "fixtures", "mock", "mocks",
        "example", "examples", "doc", "docs", "demo", "demos", "sample", "samples",
    }
)  # fmt: skip
_PRODUCTION = frozenset({"prod", "production"})
_NOT_YET = frozenset({"pre", "non", "not", "no", "like"})


def _path_words(endpoint: Endpoint, folders: int) -> set[str]:
    """The words, in small letters, of the file's name and of so many folders above it."""
    return set(re.findall(r"[a-z]+", "/".join(endpoint.source.path.split("/")[-1 - folders :]).lower()))


@fact
def file_is_template(endpoint: Endpoint) -> Fact:
    """True if the file's name says that it is to be copied and filled in: `.env.example`, `settings.py.dist`."""
    return not _TEMPLATE.isdisjoint(_path_words(endpoint, 0))


@fact
def file_is_test(endpoint: Endpoint) -> Fact:
    """True if the path says that the file belongs to tests, examples or documentation."""
    return not _TEST.isdisjoint(_path_words(endpoint, 99))


@fact
def file_says_production(endpoint: Endpoint) -> Fact:
    """True for `.env.production`, `settings/production.py`, `values-prod.yaml`; not for pre-production."""
    words = _path_words(endpoint, 1)
    return not _PRODUCTION.isdisjoint(words) and _NOT_YET.isdisjoint(words)


@fact
def file_is_tracked(endpoint: Endpoint) -> Fact:
    """True if git keeps the file, so that everybody who has the repository has it."""
    return endpoint.notes.get("tracked") == "yes"


@fact
def file_name(endpoint: Endpoint) -> Fact:
    return endpoint.source.path.rpartition("/")[2]


@fact
def file_format(endpoint: Endpoint) -> Fact:
    """env, yaml, toml, ini or python."""
    return of_path(endpoint.source.path) or UNKNOWN


@fact
def host_is_sink(endpoint: Endpoint) -> Fact:
    """True for development catchers, on the network or run by somebody: what they take is never delivered."""
    name = _host_name(endpoint)
    if not name or endpoint.field("host").overridable:
        return UNKNOWN
    if hosts.scope(name) == "loopback":
        return False  # a relay, or a bridge that sends, may listen there as well
    return hosts.is_sink(name) or name in providers.hosted_sinks()


# --- TLS


_WEAK = regex(r"NULL|EXP|RC4|3DES|DES-CBC|MD5|ADH|AECDH|LOW|^DES$|^ALL$|^COMPLEMENTOFALL$|SECLEVEL=0", re.IGNORECASE)


@fact
def weak_cipher(endpoint: Endpoint) -> Fact:
    """The first element of the cipher list that lets in null, export, RC4, DES, MD5 or anonymous suites, or SECLEVEL=0."""
    value = endpoint.value("ciphers")
    if not isinstance(value, str):
        return UNKNOWN
    elements = re.split(r"[:,\s]+", value.upper())
    excluded = {e.lstrip("!") for e in elements if e.startswith("!")}
    tamed = {"ALL"} if {"ANULL", "ENULL"} <= excluded else set()
    let_in = [e for e in elements if not e.startswith(("!", "-")) and e not in excluded | tamed]
    return next((e for e in let_in if _WEAK.search(e)), UNKNOWN)


# --- single settings


@fact_of_setting
def setting_key(_: Endpoint, setting: Setting) -> Fact:
    """The key as the text spells it, without the path that leads to the endpoint."""
    return setting.key


@fact_of_setting
def setting_field(_: Endpoint, setting: Setting) -> Fact:
    """The field of the endpoint that the key sets by itself: host, port, username, password …"""
    return setting.told.get("field", UNKNOWN)


@fact_of_setting
def setting_is_secret(_: Endpoint, setting: Setting) -> Fact:
    """True if the value is, or may contain, a secret."""
    compound = setting.told.get("compound") in ("url", "hosturl") or "url" in setting.key.lower()
    return compound or setting.told.get("field") == "password" or names_secret(setting.entry.key[-1])


@fact_of_setting
def setting_value(endpoint: Endpoint, setting: Setting) -> Fact:
    """What stands there (of a reference its default); never a secret."""
    value = setting.entry.value.default if isinstance(setting.entry.value, Reference) else setting.entry.value
    if not isinstance(value, Literal) or setting_is_secret(endpoint, setting):
        return UNKNOWN
    return value.value


@fact_of_setting
def setting_overridable(_: Endpoint, setting: Setting) -> Fact:
    """True if the text gives only the default of a reference to the environment."""
    return isinstance(setting.entry.value, Reference)


@fact_of_setting
def unaccepted_value(_: Endpoint, setting: Setting) -> Fact:
    """The word that stands under a key which takes only certain words, and is none of them."""
    return setting.told.get("unaccepted_value", UNKNOWN)


@fact_of_setting
def unknown_word_effect(_: Endpoint, setting: Setting) -> Fact:
    """What the product does with a word that it does not take there, as a sentence."""
    return setting.told.get("effect", UNKNOWN)


@fact_of_setting
def accepted_word(_: Endpoint, setting: Setting) -> Fact:
    """The word that the product takes and that says what the unaccepted one was meant to say."""
    return setting.told.get("accepted_word", UNKNOWN)


@fact_of_setting
def comes_to_the_same(_: Endpoint, setting: Setting) -> Fact:
    """True if the product does with the word that it does not take what it does with the one that was meant."""
    return setting.told.get("comes_to_the_same", UNKNOWN)


@fact_of_setting
def plain_meaning(_: Endpoint, setting: Setting) -> Fact:
    """What a word such as `yes` or `off` plainly says, where the product takes it for the opposite."""
    return setting.told.get("plain_meaning", UNKNOWN)


@fact_of_setting
def any_text_is_true(_: Endpoint, setting: Setting) -> Fact:
    """True if the product takes every text but a few as true, so that a plainly negative word switches on."""
    return setting.told.get("any_text_is_true", UNKNOWN)


@fact_of_setting
def flag_made_of(_: Endpoint, setting: Setting) -> Fact:
    """What code makes a flag of without asking what the variable says: its `text`, its `truth` (not empty), its `presence`."""
    return setting.told.get("flag_made_of", UNKNOWN)


@fact_of_setting
def variable(_: Endpoint, setting: Setting) -> Fact:
    """The environment variable that the setting is read from."""
    return setting.entry.value.name if isinstance(setting.entry.value, Reference) else UNKNOWN


@fact_of_setting
def plain_word(_: Endpoint, setting: Setting) -> Fact:
    """The word with which this product is told what `plain_meaning` says."""
    return setting.told.get("plain_word", UNKNOWN)


@fact_of_setting
def retired_in_favour_of(_: Endpoint, setting: Setting) -> Fact:
    """The name that took the place of one which the product no longer reads; empty if none did."""
    return setting.told.get("retired", UNKNOWN)


@fact_of_setting
def successor_is_given(_: Endpoint, setting: Setting) -> Fact:
    """True if the name that took the place of a retired one stands beside it, or may."""
    return setting.told.get("successor_given", UNKNOWN)


@fact_of_setting
def older_version_likely(_: Endpoint, setting: Setting) -> Fact:
    """True if all settings beside a retired or idle one are such as well: an older version of the product may read them."""
    return setting.told.get("of_an_older_version", UNKNOWN)


@fact_of_setting
def value_fits_successor(_: Endpoint, setting: Setting) -> Fact:
    """False if the name that took the place of a retired one takes other words."""
    return setting.told.get("fits_successor", UNKNOWN)


@fact_of_setting
def setting_is_given(_: Endpoint, setting: Setting) -> Fact:
    """True if the text gives the setting a value that is not empty; a reference without a default leaves that open."""
    value = setting.entry.value
    if isinstance(value, Reference):
        value = value.default or Opaque()
    if isinstance(value, Opaque):
        return UNKNOWN
    return not isinstance(value, Literal) or value.value not in (None, "")


@fact_of_setting
def ineffective_because(_: Endpoint, setting: Setting) -> Fact:
    """Why the product reads the setting and does nothing with it, as a sentence."""
    return setting.told.get("ineffective", UNKNOWN)


@fact_of_setting
def overruled_by(_: Endpoint, setting: Setting) -> Fact:
    """The setting beside which this one has no say about the encryption."""
    return setting.told.get("overruled_by", UNKNOWN)


@fact_of_setting
def overridden(_: Endpoint, setting: Setting) -> Fact:
    """True if the same name is given once more, with another value, further below in the same place."""
    return setting.told.get("overridden", UNKNOWN)


@fact_of_setting
def likely_key(_: Endpoint, setting: Setting) -> Fact:
    """The one key of the product that was meant by a name which no product has."""
    return setting.told.get("likely_key", UNKNOWN)


# --- what the reader of the file makes of a value


def _reader(setting: Setting) -> readers.Reader | None:
    """Who reads the file that the setting stands in, if that is known."""
    return readers.readers().get(setting.entry.reader or str(setting.told.get("env_reader", "")))


def _literal_text(setting: Setting) -> str | None:
    value = setting.entry.value.default if isinstance(setting.entry.value, Reference) else setting.entry.value
    return value.value if isinstance(value, Literal) and isinstance(value.value, str) else None


def _decides(setting: Setting) -> bool:
    """True for a setting that says how to reach the server, rather than who writes to whom."""
    return bool(setting.told.get("field") or setting.told.get("decides"))


@fact_of_setting
def file_reader(_: Endpoint, setting: Setting) -> Fact:
    """Who reads the file and hands the value on to the program: Compose, Kubernetes …"""
    found = _reader(setting)
    return found.title if found else UNKNOWN


@fact_of_setting
def dollar_expanded(endpoint: Endpoint, setting: Setting) -> Fact:
    """True if a part of a password is taken for the name of a variable by the reader of the file."""
    found = _reader(setting)
    if found is None or setting.told.get("field") != "password" or isinstance(setting.entry.value, Reference):
        return UNKNOWN
    source = endpoint.source
    name = readers.swallowed_name(source.at(setting.entry.span), found)
    is_set = name is not None and re.search(rf"(?m)^\W*(?:export\s+)?{name}\s*[=:]", source.text)
    return True if name is not None and not is_set else UNKNOWN


@fact_of_setting
def dollar_escape(_: Endpoint, setting: Setting) -> Fact:
    """How a dollar sign that is to stay one is written for the reader of the file."""
    found = _reader(setting)
    return found.escape if found and found.escape else UNKNOWN


@fact_of_setting
def quotes_kept(endpoint: Endpoint, setting: Setting) -> Fact:
    """True if quotes around the value are part of it: those that the syntax takes away are gone already."""
    value = _literal_text(setting)
    read_as_text = setting.entry.reader or of_path(endpoint.source.path) in ("env", "python")
    if value is None or readers.unquoted(value) is None or not _decides(setting) or not read_as_text:
        return UNKNOWN
    return True


@fact_of_setting
def unquoted_value(endpoint: Endpoint, setting: Setting) -> Fact:
    """The value without the quotes that are part of it; never a secret."""
    value = _literal_text(setting)
    text = readers.unquoted(value) if value is not None else None
    return UNKNOWN if text is None or setting_is_secret(endpoint, setting) else text


@fact_of_setting
def url_cut_at(_: Endpoint, setting: Setting) -> Fact:
    """The character within user name or password of a URL that ends its host part too early."""
    value = _literal_text(setting)
    if value is None or setting.told.get("compound") not in ("url", "hosturl"):
        return UNKNOWN
    return readers.cut_userinfo(value) or UNKNOWN


@fact_of_setting
def bare_scalar(endpoint: Endpoint, setting: Setting) -> Fact:
    """The number or boolean that stands without quotes where the reader of the file takes nothing but text."""
    found, value = _reader(setting), setting.entry.value
    if found is None or not found.strict_text or not isinstance(value, Literal) or value.value is None:
        return UNKNOWN
    return UNKNOWN if isinstance(value.value, str) else endpoint.source.at(setting.entry.span)


@fact_of_setting
def is_placeholder(endpoint: Endpoint, setting: Setting) -> Fact:
    """True if the value is a text that somebody was to replace."""
    value, name = _literal_text(setting), setting.told.get("field")
    if value is None or name not in ("host", "username", "password") or isinstance(setting.entry.value, Reference):
        return UNKNOWN
    if name == "host" and find(value.lower(), endpoint.protocol) is not None:
        return False  # mail.your-server.de is a provider's own
    return is_placeholder_text(value, host=name == "host")


@fact_of_setting
def is_misplaced(endpoint: Endpoint, setting: Setting) -> Fact:
    """True for the first setting of a service that stands beside `image`, where Compose allows no names of its own."""
    first = next((s for s in endpoint.settings if s.entry.reader == "compose-misplaced"), None)
    return True if first is not None and first is setting else UNKNOWN


@fact
def in_container(endpoint: Endpoint) -> Fact:
    """True if the text puts the program into a container with a loopback of its own, and the host into its settings."""
    evidence = endpoint.field("host").evidence
    found = readers.readers().get(evidence[0].reader) if evidence else None
    return found.isolated if found else UNKNOWN


@fact
def sender_without_settings(endpoint: Endpoint) -> Fact:
    """The service that sends the product's mail, and has none of the settings that a neighbour of the same image has."""
    return endpoint.notes.get("sender", UNKNOWN)


@fact
def service_with_settings(endpoint: Endpoint) -> Fact:
    """The neighbour that has them."""
    return endpoint.notes.get("sends_for", UNKNOWN)
