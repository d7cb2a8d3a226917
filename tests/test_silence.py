"""`--add-ignores`: comments for the present findings, nothing else changed, and silence when checked again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.invoke import put, smtplint

RULE = "starttls-on-implicit-tls-port"
FILES = {
    "a/settings.py": 'EMAIL_HOST = "mail.example.org"\nEMAIL_PORT = 465\nEMAIL_USE_TLS = True\n',
    "call.py": (
        "import smtplib\n\n\ndef send():\n    s = smtplib.SMTP(\n        'mail.example.org',\n        465,  # as told\n"
        "        timeout=9,\n    )\n    s.starttls()\n"
    ),
    ".env": 'EMAIL_HOST=mail.example.org\r\nEMAIL_PORT="465"\r\n  export EMAIL_USE_TLS=True\r\nDJANGO_SETTINGS_MODULE=x',
    "compose.yaml": (
        "services:\n  web:\n    image: n8nio/n8n\n    environment:\n      N8N_SMTP_HOST: mail.example.org\n"
        '      N8N_SMTP_PORT: 465\n      N8N_SMTP_SSL: "false"\n'
    ),
    "list.yml": (
        "services:\n  web:\n    image: n8nio/n8n\n    environment:\n"
        '      - N8N_SMTP_HOST=mail.example.org\n      - N8N_SMTP_PORT=465\n      - "N8N_SMTP_SSL=false"\n'
    ),
    "config.toml": '[default]\nEMAIL_HOST = "mail.example.org"\nEMAIL_PORT = 465\nEMAIL_USE_TLS = true',
}


def _without_comments(text: str) -> list[str]:
    lines = [line.partition("# smtplint: ignore[")[0].rstrip(" ") for line in text.splitlines(keepends=True)]
    return [line.rstrip("\r\n") for line in lines if line.strip()]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("reason", ["", "the relay is old – see #7"])
def test_what_got_a_comment_is_silent(name: str, reason: str, tmp_path: Path) -> None:
    put(tmp_path, {name: FILES[name]})
    before = smtplint(".", "--output-format", "concise", folder=tmp_path)
    assert "[" in before.stdout
    assert before.stdout.count("\n") > 1
    done = smtplint(".", "--add-ignores", *(("--reason", reason) if reason else ()), folder=tmp_path)
    text = (tmp_path / name).read_bytes().decode()
    assert done.code == 0, (done.stderr, text)
    again = smtplint(".", "--output-format", "concise", "-q", folder=tmp_path)
    assert (again.code, again.stdout) == (0, ""), text
    assert _without_comments(text) == _without_comments(FILES[name])
    assert reason in text
    assert ("\r\n" in text) == ("\r\n" in FILES[name])
    assert text.replace("\r\n", "").count("\r") == 0
    assert smtplint(".", "--add-ignores", folder=tmp_path).stderr == "smtplint: 0 findings silenced in 0 files\n"
    assert (tmp_path / name).read_bytes().decode() == text


def test_in_env_files_the_comment_stands_above_and_elsewhere_behind(tmp_path: Path) -> None:
    put(tmp_path, {name: FILES[name] for name in (".env", "a/settings.py")})
    smtplint(".", "--select", RULE, "--add-ignores", "--reason", "later", folder=tmp_path)
    assert f"\r\n  # smtplint: ignore[{RULE}] later\r\n  export EMAIL_USE_TLS=True\r\n" in (
        (tmp_path / ".env").read_bytes().decode()
    )
    assert f"\nEMAIL_USE_TLS = True  # smtplint: ignore[{RULE}] later\n" in (tmp_path / "a/settings.py").read_text(
        "utf-8"
    )


def test_a_name_is_added_to_the_comment_that_is_there(tmp_path: Path) -> None:
    there = FILES["compose.yaml"].replace('"false"', '"false" # smtplint: ignore[port-typo, ] old')
    put(tmp_path, {"compose.yaml": there})
    smtplint(".", "--select", RULE, "--add-ignores", folder=tmp_path)
    assert (tmp_path / "compose.yaml").read_text("utf-8") == there.replace("port-typo, ]", f"port-typo, {RULE}, ]")


def test_a_long_line_gets_its_comment_above(tmp_path: Path) -> None:
    long = f"EMAIL_USE_TLS = True  # {'x' * 80}"
    put(tmp_path, {"settings.py": FILES["a/settings.py"].replace("EMAIL_USE_TLS = True", long)})
    smtplint(".", "--select", RULE, "--add-ignores", folder=tmp_path)
    assert f"\n# smtplint: ignore[{RULE}]\n{long}\n" in (tmp_path / "settings.py").read_text("utf-8")


INSIDE = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  settings.py: |\n    EMAIL_HOST = 'mail.example.org'\n"
    "    EMAIL_PORT = 465\n    EMAIL_USE_TLS = True\n"
)


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("map.yaml", INSIDE, f"map.yaml:9:21: {RULE}: no comment fits here"),
        (".env", b"EMAIL_HOST=mail.example.org\nEMAIL_PORT=465\n\xff\n", "unreadable-file: no comment fits here"),
        ("settings.py", "EMAIL_HOST = (\n", "unreadable-file: no comment fits here"),
    ],
)
def test_where_no_comment_fits_the_file_is_left(name: str, text: str | bytes, what: str, tmp_path: Path) -> None:
    put(tmp_path, {name: text})
    before = (tmp_path / name).read_bytes()
    done = smtplint(".", "--add-ignores", folder=tmp_path)
    assert what in done.stderr
    assert done.code == 1
    assert (tmp_path / name).read_bytes() == before


def test_what_the_baseline_knows_needs_no_comment(tmp_path: Path) -> None:
    put(tmp_path, {"config.toml": FILES["config.toml"]})
    smtplint(".", "--write-baseline", folder=tmp_path)
    done = smtplint(".", "--baseline", ".smtplint-baseline.json", "--add-ignores", folder=tmp_path)
    assert done.stderr == "smtplint: 0 findings silenced in 0 files\n"
    assert (tmp_path / "config.toml").read_text("utf-8") == FILES["config.toml"]


@pytest.mark.parametrize(
    "arguments",
    [("--add-ignores", "--fix"), ("--add-ignores", "--diff"), ("--reason", "x"), ("--add-ignores", "--reason", "a\nb")],
)
def test_what_does_not_go_together(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert smtplint(*arguments, folder=tmp_path).code == 2
