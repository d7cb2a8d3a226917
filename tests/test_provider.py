"""What is known of providers agrees with itself: no host is a slip of another, every form of name fits its own."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

import pytest

from smtplint import provider
from smtplint.slip import is_slip
from smtplint.standin import is_example_host, is_stand_in_name, looks_like_a_secret

TABLE: dict[str, Any] = tomllib.loads((files("smtplint") / "facts" / "providers.toml").read_text("utf-8"))
PROTOCOLS = ("smtp", "imap", "pop3")
HOSTS = [
    (protocol, host)
    for raw in TABLE["provider"]
    for protocol in PROTOCOLS
    for host in raw.get(f"{protocol}_hosts", ())
    if "*" not in host
]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_known_host_is_taken_for_another(protocol: str) -> None:
    for _, host in HOSTS:
        assert provider.likely(host, protocol) is None, host
    for kind, host in HOSTS:
        assert kind != protocol or provider.counterpart(host, protocol) is None, host


def test_old_names_are_old_and_new_ones_are_known() -> None:
    known = {host for _, host in HOSTS}
    for raw in TABLE["renamed_host"]:
        assert raw["old"] not in known
        assert provider.likely(raw["old"], raw["protocol"]) is None
        new = raw.get("new")
        assert new is None or provider.find(new, raw["protocol"]) is not None, new


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("smtp.gmial.com", "smtp.gmail.com"),
        ("smpt.gmail.com", "smtp.gmail.com"),
        ("smtp.gmaill.com", "smtp.gmail.com"),
        ("smtp.gmail.con", "smtp.gmail.com"),
        ("smtp.offce365.com", "smtp.office365.com"),
        ("smtp.sendgird.net", "smtp.sendgrid.net"),
        ("smtp.email.com", None),
        ("smtp.ymail.com", None),
        ("smtp.gmail.co", None),
        ("smtp.gmail.org", None),
        ("mail.gmail.com", None),
        ("smtp.gmail.example.org", None),
    ],
)
def test_a_host_is_a_slip_of_one_or_of_none(typed: str, meant: str | None) -> None:
    assert provider.likely(typed, "smtp") == meant


@pytest.mark.parametrize(
    ("typed", "meant", "slip"),
    [
        ("TSL", "TLS", True),
        ("hsot", "host", True),
        ("hots", "host", True),
        ("hostt", "host", True),
        ("ost", "host", False),
        ("hosts", "host", False),
        ("port2", "port1", False),
        ("hoost", "host", True),
        ("hpst", "host", True),
        ("hzst", "host", False),
        ("host", "host", False),
        ("", "host", False),
    ],
)
def test_slips(typed: str, meant: str, slip: bool) -> None:
    assert is_slip(typed.lower(), meant.lower()) is slip


@pytest.mark.parametrize("raw", TABLE["provider"], ids=lambda raw: raw["id"])
def test_what_a_provider_makes_fits_its_own_form(raw: dict[str, Any]) -> None:
    for host in raw["smtp_hosts"]:
        found = provider.find(host.replace("*", "x"), "smtp")
        if found is None or found.name != raw["name"]:
            continue
        for literal in found.user_name.literals:
            assert found.user_name.flaw(literal) is None
        if found.password.prefix:
            assert found.password.flaw(found.password.prefix + "x" * 30) is None
        assert not found.password.pattern or found.password.kind


@pytest.mark.parametrize(
    ("host", "name", "flaw"),
    [
        ("smtp.sendgrid.net", "apikey", None),
        ("smtp.sendgrid.net", "orders@example.org", "literal"),
        ("smtp.postmarkapp.com", "orders@example.org", "address"),
        ("smtp.postmarkapp.com", "0b9a1c2e-1111-2222-3333-444455556666", None),
        ("email-smtp.eu-west-1.amazonaws.com", "AKIAQ7W2R9T4Y6U8I0P3", None),
        ("email-smtp.eu-west-1.amazonaws.com", "ses-user.2024", "pattern"),
        ("smtp.office365.com", "orders", "bare"),
        ("smtp.gmail.com", "orders", None),
        ("smtp-relay.brevo.com", "7f2a@smtp-brevo.com", None),
        ("smtp-relay.brevo.com", "orders@example.org", "unusual"),
        ("live.smtp.mailtrap.io", "smtp@mailtrap.io", None),
    ],
)
def test_user_names(host: str, name: str, flaw: str | None) -> None:
    found = provider.find(host, "smtp")
    assert found is not None
    assert found.user_name.flaw(name) == flaw


@pytest.mark.parametrize(
    ("host", "password", "flaw"),
    [
        ("smtp.gmail.com", "ozkw dmht qxva perj", None),
        ("smtp.gmail.com", "ozkwdmhtqxvaperj", None),
        ("smtp.gmail.com", "Melange-2023!", "pattern"),
        ("smtp.sendgrid.net", "Melange-2023!", "prefix"),
        ("smtp-relay.brevo.com", "xkeysib-0a1b2c", "wrong-prefix"),
        ("email-smtp.eu-west-1.amazonaws.com", "B" + "a1" * 21 + "Z", None),
        ("email-smtp.eu-west-1.amazonaws.com", "a1" * 20, "pattern"),
        ("smtp.ionos.com", "Melange-2023!", None),
    ],
)
def test_passwords(host: str, password: str, flaw: str | None) -> None:
    found = provider.find(host, "smtp")
    assert found is not None
    assert found.password.flaw(password) == flaw


def test_only_logins_by_password_end_and_nothing_superseded_is_told() -> None:
    for raw in TABLE["auth_deadline"]:
        assert not (raw["status"] == "superseded" and "passwords" in raw)
        for protocol in raw.get("passwords", ()):
            assert raw["date_text"]
            assert all(provider.ended(host, protocol) is not None for host in raw["hosts"][:1])
    assert provider.ended("smtp.gmail.com", "smtp") is None


@pytest.mark.parametrize(
    "text",
    ["", "changeme", "<password>", "your-app-password", "xxxxxxxx", "not-a-real-password", "secret123", "hunter2",
     "abcd efgh ijkl mnop", "${SMTP_PASSWORD}", "{{ vault_mail }}", "/run/secrets/mail", "vault:mail#value",
     "ENC[AES256_GCM,data:x]", "my_smtp_password", "correct horse battery", "aaaaaaaaaaaa", "Passw0rd!", "P4$$w0rd1", "Sup3rS3cr3t!"],
)  # fmt: skip
def test_stand_ins_are_no_secrets(text: str) -> None:
    assert not looks_like_a_secret(text)


@pytest.mark.parametrize(
    "text", ["Melange-2023!", "ozkw dmht qxva perj", "SG.x7Qa.9fK2", "kX9$wq!2Lp", "f3a9c1d27be84650"]
)
def test_real_ones_are(text: str) -> None:
    assert looks_like_a_secret(text)


@pytest.mark.parametrize(
    "name", ["<login>", "your_username", "username", "smtp_user", "your@mail.tld", "xxx", "%(user)s"]
)
def test_stand_ins_for_names(name: str) -> None:
    assert is_stand_in_name(name)


@pytest.mark.parametrize(
    "name", ["orders", "orders@example.org", "ses-smtp-user.2024", "AKIAQ7W2R9T4Y6U8I0P3", "sharelatex"]
)
def test_names(name: str) -> None:
    assert not is_stand_in_name(name)


def test_hosts_for_examples() -> None:
    assert is_example_host("smtp.example.com")
    assert is_example_host("mail.yourdomain.net")
    assert not is_example_host("smtp.gmail.com")
    assert not is_example_host("mail.kaffeehaus.org")
