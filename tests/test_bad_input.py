"""Whatever is wrong with the input: one finding or one line, the other files are looked at, and nothing is lost."""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from smtplint import reading
from smtplint.report import OUTPUTS
from tests.invoke import put, smtplint

BAD = "EMAIL_HOST=mail.example.org\nEMAIL_PORT=465\nEMAIL_USE_TLS=True\n"
RULE = "starttls-on-implicit-tls-port"
YAML_DEEP = "EMAIL_HOST: " + "[" * 10_000 + "]" * 10_000 + "\n"
YAML_BOMB = "a: &a [EMAIL_HOST, EMAIL_HOST]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefghijkl", "bcdefghijklm", strict=True)
)

UNREADABLE = {
    "bytes that are no text": (".env", b"EMAIL_HOST=\xff\xfe\n", "not utf-8 text: byte 0xff in line 1"),
    "latin-1 in TOML": ("a.toml", b'# x\nEMAIL_HOST = "m\xe4il"\n', "not utf-8 text: byte 0xe4 in line 2"),
    "a binary file": ("a.yaml", b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 8 + b"EMAIL_HOST", "not utf-8 text"),
    "a NUL character": (".env", b"A=1\nEMAIL_HOST=a\0b\n", "a NUL character in line 2: not a text file"),
    "half a UTF-16 character": (".env", b"\xff\xfe" + "EMAIL_HOST=x".encode("utf-16-le") + b"x", "not utf-16-le text"),
    "an unknown coding line": ("a.py", b"# coding: klingon\nEMAIL_HOST = 'x'\n", "coding line not understood"),
    "an unterminated quote in .env": (".env", b'A="x\n' + BAD.encode(), ""),
    "an unterminated string in Python": ("a.py", b'EMAIL_HOST = "x\n', ""),
    "an unterminated string in TOML": ("a.toml", b'EMAIL_HOST = "x\n', ""),
    "an unterminated string in YAML": ("a.yaml", b'EMAIL_HOST: "x\n', ""),
    "a duplicate key in TOML": ("a.toml", b'EMAIL_HOST = "x"\nEMAIL_HOST = "y"\n', ""),
    "brackets 10,000 deep in YAML": ("a.yaml", YAML_DEEP.encode(), ""),
    "brackets 10,000 deep in TOML": ("a.toml", YAML_DEEP.replace(":", " =").encode(), ""),
    "brackets 10,000 deep in Python": ("a.py", YAML_DEEP.replace(":", " =").encode(), ""),
    "a bomb of aliases": ("a.yaml", YAML_BOMB.encode(), ""),
}

READABLE = {
    "a byte-order mark": (".env", b"\xef\xbb\xbf" + BAD.encode()),
    "UTF-16 with a mark": (".env", b"\xff\xfe" + BAD.encode("utf-16-le")),
    "UTF-16 of the other end": (".env", b"\xfe\xff" + BAD.encode("utf-16-be")),
    "Windows line ends": (".env", BAD.replace("\n", "\r\n").encode()),
    "no last line end": (".env", BAD.rstrip().encode()),
    "Latin-1 Python with a coding line": (
        "a.py",
        b'# -*- coding: latin-1 -*-\n# \xfc\nEMAIL_HOST = "mail.example.org"\nEMAIL_PORT = 465\nEMAIL_USE_TLS = True\n',
    ),
    "a duplicate key": (".env", b"EMAIL_PORT=25\n" + BAD.encode()),
    "a duplicate key in YAML": ("a.yaml", b"EMAIL_PORT: 25\n" + BAD.replace("=", ": ").encode()),
}


def report(folder: Path, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    result = smtplint("--output-format", "json", *arguments, folder=folder)
    assert "Traceback" not in result.stderr, result.stderr
    return result.code, json.loads(result.stdout)["findings"]


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_a_finding_and_the_run_goes_on(case: str, tmp_path: Path) -> None:
    name, data, said = UNREADABLE[case]
    put(tmp_path, {f"bad/{name}": data, "good/.env": BAD})
    started = time.monotonic()
    code, found = report(tmp_path, "--fix")
    assert time.monotonic() - started < 20
    (unreadable,) = [f for f in found if f["path"] == f"bad/{name}"]
    assert (unreadable["rule"], unreadable["severity"]) == ("unreadable-file", "warning")
    assert unreadable["message"].startswith("not checked: ")
    assert said in unreadable["message"]
    assert len(unreadable["message"]) < 300
    assert code == 1
    assert (tmp_path / "bad" / name).read_bytes() == data
    assert "EMAIL_PORT=587" in (tmp_path / "good/.env").read_text()


def test_what_has_template_branches_and_does_not_parse_is_only_information(tmp_path: Path) -> None:
    branches = b"a:\n{{- if .x }}\n  EMAIL_HOST: x\nb: {}\n{{- else }}\n  EMAIL_HOST: y\nb: {}\n  c: 1\n{{- end }}\n"
    put(tmp_path, {"helmfile.yaml": branches, "plain.yaml": branches.replace(b"{{-", b"# {{-")})
    _, found = report(tmp_path)
    assert [(f["path"], f["severity"]) for f in found] == [("helmfile.yaml", "info"), ("plain.yaml", "warning")]


@pytest.mark.parametrize("case", READABLE)
def test_what_is_only_unusual_is_read_and_mended_byte_for_byte(case: str, tmp_path: Path) -> None:
    name, data = READABLE[case]
    put(tmp_path, {name: data})
    _, found = report(tmp_path, "--select", RULE)
    assert [f["rule"] for f in found] == [RULE]
    result = smtplint("--fix", "--select", RULE, folder=tmp_path)
    assert "Traceback" not in result.stderr, result.stderr
    after = (tmp_path / name).read_bytes()
    old, new = ("465", "587") if name == ".env" else ("EMAIL_USE_TLS", "EMAIL_USE_SSL")
    encoding = "utf-16-le" if data.startswith(b"\xff\xfe") else "utf-16-be" if data.startswith(b"\xfe\xff") else "ascii"
    assert after == data.replace(old.encode(encoding), new.encode(encoding))
    assert result.code == 0


# --- sizes


def sparse(path: Path, tail: bytes) -> None:
    """50 MB, of which the disk holds the end only."""
    with path.open("wb") as file:
        file.seek(50_000_000)
        file.write(tail)


def test_50_megabytes_without_a_mail_setting_are_nothing(tmp_path: Path) -> None:
    sparse(tmp_path / "a.yaml", b"\nname: x\n")
    assert report(tmp_path) == (0, [])


def test_50_megabytes_with_one_are_not_checked(tmp_path: Path) -> None:
    sparse(tmp_path / "a.yaml", b"\nEMAIL_HOST: x\n")
    put(tmp_path, {".env": BAD})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _, found = report(tmp_path)
    assert [(f["rule"], f["message"]) for f in found if f["path"] == "a.yaml"] == [
        ("unreadable-file", "not checked: larger than 10 MB")
    ]
    assert RULE in [f["rule"] for f in found]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000, "kilobytes"


@pytest.mark.parametrize("place", range(reading.LIMIT - 9, reading.LIMIT + 3, 3))
def test_a_name_across_two_pieces_is_found(tmp_path: Path, place: int) -> None:
    data = b" " * place + b"EMAIL_HOST" + b" " * reading.CHUNK
    put(tmp_path, {".env": data})
    _, found = report(tmp_path)
    assert [f["rule"] for f in found] == ["unreadable-file"]


def test_a_large_file_of_two_byte_letters_is_sieved_too(tmp_path: Path) -> None:
    put(tmp_path, {".env": b"\xff\xfe" + ("#" * 6_000_000 + "\nEMAIL_HOST=x\n").encode("utf-16-le")})
    _, found = report(tmp_path)
    assert [f["rule"] for f in found] == ["unreadable-file"]


# --- files that change, and files that are no files


def during(monkeypatch: pytest.MonkeyPatch, what: Callable[[Path], None]) -> None:
    """Do something to a file between listing and reading."""
    real = os.open

    def opened(path: Any, *rest: Any, **more: Any) -> int:
        if Path(path).name == "victim.env":
            what(Path(path))
        return real(path, *rest, **more)

    monkeypatch.setattr("os.open", opened)


def vanish(path: Path) -> None:
    path.unlink()


def become_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def become_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def be_closed(path: Path) -> None:
    raise PermissionError(13, "Permission denied", str(path))  # the tests may run as root, whom no mode stops


def be_broken(path: Path) -> None:
    raise OSError(5, "Input/output error", str(path))


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (vanish, "no such file or directory"),
        (become_a_pipe, "not a regular file"),
        (become_a_folder, "not a regular file"),
        (be_closed, "permission denied"),
        (be_broken, "input/output error"),
    ],
)
def test_a_file_that_changes_under_our_eyes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: Callable[[Path], None], said: str
) -> None:
    put(tmp_path, {"victim.env": BAD, "z.env": BAD})
    during(monkeypatch, what)
    code, found = report(tmp_path)
    assert [(f["rule"], f["message"]) for f in found if f["path"] == "victim.env"] == [
        ("unreadable-file", f"not checked: {said}")
    ]
    assert RULE in [f["rule"] for f in found if f["path"] == "z.env"]
    assert code == 1


def test_reading_that_fails_half_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {"a.env": BAD})

    def broken(_: int, __: int) -> bytes:
        raise OSError(116, "Stale file handle")

    monkeypatch.setattr(os, "read", broken)
    assert [f["message"] for f in report(tmp_path)[1]] == ["not checked: stale file handle"]


def test_a_file_that_holds_more_than_the_system_says_is_read_to_its_end(tmp_path: Path) -> None:
    """As in /proc, where every file is said to be empty."""
    sizes = {place: len(read) for place in ("/proc/cpuinfo", "/proc/meminfo") if (read := _all_of(place))}
    if not sizes:
        pytest.skip("no /proc")
    assert {place: len(reading._start(place)) for place in sizes} == pytest.approx(sizes, rel=0.2)
    (tmp_path / "empty").write_bytes(b"")
    assert reading._start(tmp_path / "empty") == b""


def _all_of(place: str) -> bytes:
    try:
        return Path(place).read_bytes()
    except OSError:
        return b""


def test_a_read_only_file_stays_as_it_is(tmp_path: Path) -> None:
    """Also for root, whom the mode would not stop."""
    put(tmp_path, {"a.env": BAD, "b.env": BAD})
    (tmp_path / "a.env").chmod(0o444)
    result = smtplint("--fix", "--select", RULE, folder=tmp_path)
    assert result.code == 1
    assert "smtplint: a.env: not written: read-only\n" in result.stderr
    assert (tmp_path / "a.env").read_text() == BAD
    assert (tmp_path / "b.env").read_text() != BAD
    assert "a.env:" in result.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.env", "b.env"]


def test_a_full_disk_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {"a.env": BAD})

    def fsync(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fsync)
    result = smtplint("--fix", "--select", RULE, folder=tmp_path)
    assert result.stderr == "smtplint: a.env: not written: no space left on device\n"
    assert result.code == 1
    assert (tmp_path / "a.env").read_text() == BAD
    assert [path.name for path in tmp_path.iterdir()] == ["a.env"]


def test_a_link_is_written_through(tmp_path: Path) -> None:
    put(tmp_path, {"real/settings.env": BAD})
    (tmp_path / ".env").symlink_to("real/settings.env")
    smtplint("--fix", "--select", RULE, ".env", folder=tmp_path)
    assert (tmp_path / ".env").is_symlink()
    assert (tmp_path / "real/settings.env").read_text() == BAD.replace("465", "587")


def test_a_named_link_to_itself_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.env").symlink_to("a.env")
    result = smtplint("a.env", folder=tmp_path)
    assert result.stderr.startswith("smtplint: a.env: too many levels of symbolic links\n")
    assert result.code == 2


def test_bytes_that_are_no_text_on_standard_input(tmp_path: Path) -> None:
    result = smtplint("--stdin-filename", ".env", "-", folder=tmp_path, stdin=b"EMAIL_HOST=\xff")
    assert "not checked: not utf-8 text" in result.stdout
    assert result.code == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.env", 'SMTP_PASSWORD="{}\nSMTP_HOST=1\n'),
        ("a.toml", 'smtp_password = "{}\n'),
        ("b.toml", "smtp_password = {}\n"),
        ("a.yaml", 'smtp_password: "{}\n'),
        ("b.yaml", "smtp_password: {}: x\n"),
        ("c.yaml", "smtp_password: %{}\n\tx: @{}"),
        ("a.py", 'EMAIL_HOST_PASSWORD = "{}\n'),
        ("b.py", "EMAIL_HOST_PASSWORD = {} {}\n"),
    ],
)
def test_a_parser_that_complains_gives_no_secret_away(name: str, text: str, tmp_path: Path) -> None:
    put(tmp_path, {name: text.replace("{}", "not-a-real-password")})
    for output in OUTPUTS:
        result = smtplint("--output-format", output, folder=tmp_path)
        assert "unreadable-file" in result.stdout
        assert "not-a-real" not in result.stdout + result.stderr


def test_a_mode_is_kept(tmp_path: Path) -> None:
    put(tmp_path, {"a.env": BAD})
    (tmp_path / "a.env").chmod(0o640)
    smtplint("--fix", "--select", RULE, folder=tmp_path)
    assert (tmp_path / "a.env").read_text() != BAD
    assert (tmp_path / "a.env").stat().st_mode & 0o777 == 0o640
