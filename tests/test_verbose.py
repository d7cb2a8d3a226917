"""`-v`: whose settings were recognised, and by which kind of evidence, on standard error."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.invoke import put, smtplint

SMTP = "SMTP_HOST=mail.example.org\nSMTP_PORT=587\n"
COMPOSE = (
    "services:\n  a:\n    image: vaultwarden/server:1\n    environment:\n      SMTP_HOST: mail.example.org\n"
    "      SMTP_SECURITY: starttls\n"
)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"smtplint.toml": 'per-file-dialects = { ".env" = "vaultwarden" }', ".env": SMTP},
            ".env:1: Vaultwarden (vaultwarden), told by your settings, which name it for this file",
        ),
        (
            {"compose.yaml": COMPOSE},
            "Vaultwarden (vaultwarden), told by the image or action vaultwarden/server",
        ),
        ({".env": "N8N_SMTP_HOST=mail.example.org\n"}, "n8n (n8n), told by N8N_SMTP_HOST, which no other product has"),
        ({".env": SMTP}, "told by what the names say by themselves"),
        ({"a.py": "import smtplib\ns = smtplib.SMTP('mail.example.org', 25, timeout=9)\n"}, "told by its call"),
        ({"settings.py": "EMAIL_HOST = 'mail.example.org'\nEMAIL_PORT = 587\n"}, "Django (django), told by "),
    ],
)
def test_who_and_why(files: dict[str, str], said: str, tmp_path: Path) -> None:
    put(tmp_path, files)
    done = smtplint("-v", "--exit-zero", folder=tmp_path)
    assert said in done.stderr
    assert done.stdout == smtplint("--exit-zero", folder=tmp_path).stdout
    assert smtplint("--exit-zero", folder=tmp_path).stderr == ""


def test_of_standard_input(tmp_path: Path) -> None:
    done = smtplint("-v", "-", "--stdin-filename", ".env", folder=tmp_path, stdin=b"N8N_SMTP_HOST=mail.example.org\n")
    assert ".env:1: n8n (n8n), told by N8N_SMTP_HOST" in done.stderr
