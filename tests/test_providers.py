"""Every provider, port and mode, written in five dialects: what is offered is silent, the rest is found and mended."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pytest

from smtplint.check import check
from smtplint.config import Settings
from smtplint.finding import Finding, Severity
from smtplint.fix import mend
from smtplint.source import Source
from tests.spelling import Nowhere

PROVIDERS: list[dict[str, Any]] = tomllib.loads((files("smtplint") / "facts" / "providers.toml").read_text("utf-8"))[
    "provider"
]

# How each dialect says host, port and mode: file name, text, and the words for STARTTLS and TLS from the first byte.
SPELLINGS: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "django": (
        "settings.py",
        'EMAIL_HOST = "{host}"\nEMAIL_PORT = {port}\n{mode} = True\nEMAIL_TIMEOUT = 9\n',
        {"starttls": "EMAIL_USE_TLS", "implicit": "EMAIL_USE_SSL"},
    ),
    "vaultwarden": (
        ".env",
        "SMTP_HOST={host}\nSMTP_PORT={port}\nSMTP_SECURITY={mode}\nSMTP_FROM=me@mail.example.net\n",
        {"starttls": "starttls", "implicit": "force_tls"},
    ),
    "n8n": (
        "compose.yaml",
        (
            "services:\n  n8n:\n    image: n8nio/n8n\n    environment:\n"
            '      N8N_SMTP_HOST: {host}\n      N8N_SMTP_PORT: {port}\n      N8N_SMTP_SSL: "{mode}"\n'
        ),
        {"starttls": "false", "implicit": "true"},
    ),
    "flask-mail": (
        "config.py",
        'MAIL_SERVER = "{host}"\nMAIL_PORT = {port}\nMAIL_USE_TLS = {mode}\n',
        {"starttls": "True\nMAIL_USE_SSL = False", "implicit": "False\nMAIL_USE_SSL = True"},
    ),
    "node-generic": (
        "config.toml",
        '[mail]\nsmtp_host = "{host}"\nsmtp_port = {port}\nsmtp_secure = {mode}\n',
        {"starttls": "false", "implicit": "true"},
    ),
}

MISMATCH = {"starttls-on-implicit-tls-port", "implicit-tls-on-starttls-port"}


@dataclass(frozen=True)
class Case:
    provider: str
    dialect: str
    host: str
    port: int
    mode: str
    source: Source


def _cases(ports: Mapping[str, set[tuple[int, str]]]) -> Iterator[Case]:
    for raw in PROVIDERS:
        hosts = [host for host in raw.get("smtp_hosts", ()) if not host.startswith("*")][:1]
        for host in hosts:
            for port, mode in sorted(ports[raw["id"]]):
                for dialect, (path, text, words) in SPELLINGS.items():
                    named = host.replace("*", "x1")
                    source = Source(path, text.format(host=named, port=port, mode=words[mode]))
                    yield Case(raw["id"], dialect, named, port, mode, source)


def _documented(raw: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    for port in raw.get("smtp", ()):
        if port.get("documented", True) and port["mode"] in ("starttls", "implicit"):
            yield port["port"], port["mode"]


OFFERED = {raw["id"]: {(p, m) for p, m in _documented(raw) if p != 25} for raw in PROVIDERS}
WRONG = {
    raw["id"]: {
        (port, "implicit" if mode == "starttls" else "starttls")
        for port, mode in OFFERED[raw["id"]]
        if not {m for p, m in OFFERED[raw["id"]] if p == port} - {mode}
    }
    for raw in PROVIDERS
}
NOT_THERE = {
    raw["id"]: {
        (port, mode)
        for port, mode in ((587, "starttls"), (465, "implicit"), (2525, "starttls"))
        if (raw.get("smtp_complete") or port in raw.get("smtp_absent", ()))
        and port not in {p["port"] for p in raw.get("smtp", ())}
        and OFFERED[raw["id"]]
    }
    for raw in PROVIDERS
}


def _loud(source: Source) -> list[Finding]:
    return [f for f in check(source, Settings(), Nowhere()) if f.severity > Severity.INFO]


def _rules(case: Case) -> set[str]:
    return {f.rule for f in _loud(case.source)}


@pytest.mark.parametrize("dialect", SPELLINGS)
def test_what_a_provider_offers_is_silent(dialect: str) -> None:
    cases = [case for case in _cases(OFFERED) if case.dialect == dialect]
    loud = [(c.provider, c.port, c.mode, rules) for c in cases if (rules := _rules(c))]
    assert len(cases) > 300
    assert not loud


@pytest.mark.parametrize("dialect", SPELLINGS)
def test_the_other_mode_is_found_and_mended(dialect: str) -> None:
    cases = [case for case in _cases(WRONG) if case.dialect == dialect]
    missed = [(c.provider, c.port, c.mode) for c in cases if not _rules(c) & MISMATCH]
    left = [(c.provider, c.port, c.mode, rules) for c in cases if (rules := _after(c))]
    assert len(cases) > 300
    assert not missed
    assert not left


@pytest.mark.parametrize("dialect", SPELLINGS)
def test_a_port_that_a_provider_does_not_have_is_found_and_mended(dialect: str) -> None:
    cases = [case for case in _cases(NOT_THERE) if case.dialect == dialect]
    missed = [(c.provider, c.port, c.mode) for c in cases if "port-not-offered" not in _rules(c)]
    left = [(c.provider, c.port, c.mode, rules) for c in cases if (rules := _after(c))]
    assert len(cases) > 10
    assert not missed
    assert not left


def _after(case: Case) -> set[str]:
    """The rules that speak once everything is mended that can be mended safely."""
    mended = mend(case.source, _loud(case.source), Settings(), Nowhere(), unsafe=False)
    assert not mended.failed, case
    return {f.rule for f in _loud(mended.source)}
