"""Silence where the text leaves doubt: whose settings these are, and whether anybody ever connects."""

from __future__ import annotations

from pathlib import Path

import pytest

from smtplint.check import check
from smtplint.config import Settings
from smtplint.source import Source
from tests.invoke import put, smtplint
from tests.spelling import Nowhere

_NESTED = "authentik:\n  email:\n    host: mail.firm.org\n    port: 465\n    {}\n    username: a@firm.org\n"
_FLAT = 'EMAIL_HOST = "mail.firm.org"\nEMAIL_PORT = 465\n{}\nEMAIL_HOST_USER = "a@firm.org"\n'


def _rules(text: str, path: str, folder: Path) -> str:
    put(folder, {path: text})
    return smtplint(".", "--output-format", "concise", folder=folder).stdout


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("values.yaml", _NESTED, "security: tls"),
        ("values.yaml", _NESTED, "encryption_mode: ssl"),
        ("settings.py", _FLAT, 'EMAIL_SECURITY = "ssl"'),
        ("settings.py", _FLAT, 'EMAIL_ENCRYPTION = "implicit"'),
    ],
)
def test_an_unknown_setting_about_encryption_leaves_the_default_open(
    path: str, text: str, line: str, tmp_path: Path
) -> None:
    assert "on-implicit-tls-port" not in _rules(text.format(line), path, tmp_path)


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("values.yaml", _NESTED, "from: a@firm.org"),
        ("values.yaml", _NESTED, "use_tls: true"),  # the product's own
        ("settings.py", _FLAT, 'EMAIL_SSL_CERTFILE = "/etc/ssl/client.pem"'),  # of certificates
        ("settings.py", _FLAT, 'EMAIL_SECURITY = ""'),
        ("settings.py", _FLAT, "REDIS_TLS = True"),  # of another family
        ("settings.py", _FLAT, "EMAIL_USE_TSL = True"),  # a slip, named as such
    ],
)
def test_other_neighbours_leave_no_doubt(path: str, text: str, line: str, tmp_path: Path) -> None:
    assert "on-implicit-tls-port" in _rules(text.format(line), path, tmp_path)


_MAIL = 'EMAIL_HOST = "{}"\nEMAIL_PORT = 465\nEMAIL_USE_TLS = True\n'


@pytest.mark.parametrize(
    ("path", "host", "speaks"),
    [
        ("app/tests/settings.py", "smtp.example.com", False),
        ("app/test_mail.py", "smtp.example.com", False),
        ("app/tests/settings.py", "smtp.gmail.com", True),
        ("app/contest.py", "smtp.example.com", True),
        ("app/settings.py", "smtp.example.com", True),
    ],
)
def test_a_made_up_server_of_a_test_has_no_faults(path: str, host: str, speaks: bool, tmp_path: Path) -> None:
    assert ("starttls-on-implicit-tls-port" in _rules(_MAIL.format(host), path, tmp_path)) is speaks


@pytest.mark.parametrize(
    ("path", "text", "speaks"),
    [
        ("config.yaml", "smtp:\n  host: mail.firm.org\n port: 25\n", True),
        ("config.yaml", "email:\n  host: mail.firm.org\n port: 25\n", True),
        ("app.toml", "MAIL_HOST = mail.firm.org\n", True),
        ("send.py", "import smtplib\nprint smtplib.SMTP('h')\n", True),
        ("ci.yaml", "database:\n  host: db\n port: 1\nauthor: somebody@gmail.com\n", False),
        ("ci.yaml", "email: me@firm.org\nhost: {{ x }}: y\n", False),
        ("old.py", "print 'server', host\n", False),
    ],
)
def test_only_a_file_that_names_mail_settings_must_parse(path: str, text: str, speaks: bool, tmp_path: Path) -> None:
    assert ("unreadable-file" in _rules(text, path, tmp_path)) is speaks


@pytest.mark.parametrize(("path", "found"), [("tests/test_mail.py", 0), ("src/mail.py", 1)])
def test_a_session_in_a_test_that_puts_doubles_in_its_place_is_silent(path: str, found: int) -> None:
    text = "from unittest.mock import Mock\nimport smtplib\ns = smtplib.SMTP('mail.kaffee.org', 465, timeout=9)\n"
    findings = check(Source(path, text), Settings(), Nowhere())
    assert [f.rule for f in findings if f.severity > 1] == ["cleartext-on-implicit-tls-port"] * found


def test_a_helper_that_hands_its_session_on_has_chosen_how_it_is_encrypted() -> None:
    text = "import smtplib\n\n\ndef f(h):\n    s = smtplib.SMTP(h, 587)\n    s.starttls()\n    return s\n"
    findings = check(Source("mail.py", text), Settings(), Nowhere())
    assert "unverified-tls-context" in [f.rule for f in findings]
