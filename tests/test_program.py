"""An `.env` file is read as the project's own code reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.invoke import put, smtplint

OWN_NAMES = """\
import os
EMAIL_HOST = os.environ["RELAY"]
EMAIL_PORT = int(os.environ.get("RELAY_PORT", "25"))
EMAIL_USE_TLS = os.environ.get("RELAY_TLS", "False") == "True"
EMAIL_USE_SSL = os.environ.get("RELAY_SSL", "no").lower() in ("yes", "true")
"""

SESSION = """\
import os, smtplib
def send(message):
    with smtplib.SMTP(os.environ["OUT_SMTP"], int(os.environ["OUT_PORT"]), timeout=30) as session:
        session.starttls()
        session.send_message(message)
"""

FIELDS = """\
from pydantic_settings import BaseSettings
class Mail(BaseSettings, env_prefix="SHOP_"):
    smtp_host: str = "localhost"
    smtp_port: int = 587
settings = Mail()
import smtplib
def send(message):
    with smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=30) as session:
        session.send_message(message)
"""


def rules(folder: Path, name: str = ".env") -> dict[int, set[str]]:
    """The rules of warnings and errors by line of one file."""
    result = smtplint("--output-format", "concise", "--exit-zero", ".", folder=folder)
    found: dict[int, set[str]] = {}
    for line in result.stdout.splitlines():
        path, _, rest = line.partition(":")
        if path == name and " info" not in line:
            found.setdefault(int(rest.partition(":")[0]), set()).add(rest.split("[")[1].split("]")[0])
    return found


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        (OWN_NAMES, "RELAY=smtp.example.org\nRELAY_PORT=465\nRELAY_TLS=True\n", {3: {"starttls-on-implicit-tls-port"}}),
        (OWN_NAMES, "RELAY=smtp.example.org\nRELAY_PORT=587\nRELAY_SSL=yes\n", {3: {"implicit-tls-on-starttls-port"}}),
        (OWN_NAMES, "RELAY=smtp.example.org\nRELAY_PORT=587\nRELAY_TLS=True\n", {}),
        # `== "True"`: other words leave it off, and Django does not encrypt at all.
        (
            OWN_NAMES,
            "RELAY=smtp.example.org\nRELAY_PORT=465\nRELAY_TLS=true\nRELAY_SSL=no\n",
            {2: {"cleartext-on-implicit-tls-port"}},
        ),
        (SESSION, "OUT_SMTP=smtp.example.org\nOUT_PORT=465\n", {2: {"starttls-on-implicit-tls-port"}}),
        (SESSION, "OUT_SMTP=smtp.example.org\nOUT_PORT=587\n", {}),
        (FIELDS, "shop_smtp_host=smtp.example.org\nSHOP_SMTP_PORT=587\n", {2: {"implicit-tls-on-starttls-port"}}),
        (FIELDS, "SHOP_SMTP_HOST=smtp.example.org\nSHOP_SMTP_PORT=465\n", {}),
    ],
)
def test_settings_count_where_the_code_uses_them(code: str, text: str, said: object, tmp_path: Path) -> None:
    put(tmp_path, {"shop/settings.py": code, ".env": text})
    assert rules(tmp_path) == said


def test_the_fix_writes_the_file_in_its_own_words(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "shop/settings.py": OWN_NAMES,
            ".env": "RELAY=smtp.example.org\nRELAY_PORT=465\nRELAY_TLS=False\nRELAY_SSL=no\n",
        },
    )
    smtplint("--fix", ".", folder=tmp_path)
    assert (tmp_path / ".env").read_text() == "RELAY=smtp.example.org\nRELAY_PORT=465\nRELAY_TLS=False\nRELAY_SSL=yes\n"
    assert rules(tmp_path) == {}
    assert (tmp_path / "shop/settings.py").read_text() == OWN_NAMES


def test_the_defaults_of_code_are_for_code_to_answer_for(tmp_path: Path) -> None:
    """What the file does not say is no fault of it."""
    put(tmp_path, {"settings.py": OWN_NAMES, ".env": "RELAY=smtp.example.org\n"})
    assert rules(tmp_path) == {}


def test_another_module_that_takes_everything_and_sets_more_leaves_it_open(tmp_path: Path) -> None:
    files = {
        "shop/base.py": 'import os\nEMAIL_HOST = os.environ["RELAY"]\nEMAIL_PORT = os.environ["RELAY_PORT"]\nEMAIL_USE_TLS = True\n',
        ".env": "RELAY=smtp.example.org\nRELAY_PORT=465\n",
    }
    assert rules(put(tmp_path, files)) == {2: {"starttls-on-implicit-tls-port"}}
    put(tmp_path, {"shop/production.py": "from shop.base import *\nEMAIL_USE_TLS = False\nEMAIL_USE_SSL = True\n"})
    assert rules(tmp_path) == {}


def test_tests_and_containers_of_others_do_not_count(tmp_path: Path) -> None:
    put(tmp_path, {"tests/settings.py": OWN_NAMES, ".env": "RELAY=smtp.example.org\nRELAY_PORT=465\nRELAY_TLS=True\n"})
    assert rules(tmp_path) == {}


def test_code_that_does_not_parse_is_passed_over(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "settings.py": OWN_NAMES + "\nprint 'x'\n",
            ".env": "RELAY=smtp.example.org\nRELAY_PORT=465\nRELAY_TLS=True\n",
        },
    )
    assert rules(tmp_path) == {}
