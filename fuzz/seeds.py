"""Texts for a fuzzer to begin with: the test corpus, the rules' own examples, the tables, and any folder of real files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from smtplint.dialect import load_dialects
from smtplint.format import PATTERNS, of_path
from smtplint.rule import load_rules
from tests.corpora import files
from tests.spelling import render

FOUND: Final = Path(__file__).parent / "corpus"
"""What once broke a law, kept for good: a folder for each target."""

LARGEST: Final = 20_000
"""Bytes: a fuzzer learns little from longer files and waits long for them."""

_ROOT = Path(__file__).parent.parent
_URLS = (
    "smtp://user:secret@mail.example.org:587?encryption=tls",
    "smtps://user%40example.org:p%3Aw@mail.example.org:465/?verify_peer=0",
    "submission://[::1]:587",
    "mail.example.org:465",
    "${HOST}:25",
    " ssl://mail.example.org ",
)
_COMMENTS = (
    "EMAIL_PORT=465 # smtplint: ignore[unknown-port]: why\n",
    "# smtplint: ignore-file[cleartext-password]\nA = '# smtplint: ignore'\n",
    "a: \"x # smtplint: ignore\" # smtplint:ignore[a, b] # noqa\n'''\n",
)


def of(target: str) -> Iterator[bytes]:
    """Those for a target, what once broke it first."""
    yield from kept(target)
    name = target.partition("-")[2]
    if name in PATTERNS:
        yield from _of_format(name)
    elif target == "compound":
        yield from (url.encode() for url in _URLS)
    elif target == "comments":
        yield from (comment.encode() for comment in _COMMENTS)
    elif target == "settings":
        for folder in ("rules", "smtplint/dialects", "."):
            yield from (path.read_bytes() for path in sorted((_ROOT / folder).glob("*.toml")))
        yield b'{"smtplint-baseline": 1, "findings": [{"rule": "a", "path": "b", "mark": "c"}]}'


def kept(target: str) -> Iterator[bytes]:
    return (path.read_bytes() for path in sorted((FOUND / target).glob("*")))


def real(folder: Path, target: str) -> Iterator[bytes]:
    """The files below a folder that are of the target's format, the long ones left out."""
    name = target.partition("-")[2]
    for path in sorted(folder.rglob("*")):
        if of_path(path.as_posix()) == name and path.is_file() and path.stat().st_size <= LARGEST:
            yield path.read_bytes()


def _of_format(name: str) -> Iterator[bytes]:
    yield from (path.read_bytes() for kind, path in files() if kind == name)
    for rule in load_rules().values():
        for example in rule.examples:
            for text in (example.bad, example.good):
                if text is not None and of_path(example.path) == name:
                    yield text.encode()
    for dialect in load_dialects().values():
        values = dict.fromkeys(list(dialect.keys())[:8], "587")
        if name in dialect.formats and (text := render(dialect, name, values)) is not None:
            yield text.encode()


def words() -> Iterator[str]:
    """What a fuzzer would hardly guess: names of keys, values, and the words of each syntax."""
    for dialect in load_dialects().values():
        yield from (key.rpartition(".")[2] for key in dialect.keys())
    yield from ("465", "587", "2525", "true", "False", "starttls", "ssl", "smtp.gmail.com", "smtplint: ignore[")
    yield from (
        "smtplib.SMTP(",
        "ssl.create_default_context()",
        ".starttls(",
        ".login(",
        "os.environ.get(",
        "env.bool(",
    )
    yield from (
        "${X:-587}",
        "{{ x }}",
        "<<: *a",
        "&a ",
        "|-\n",
        '"""',
        "'''",
        "environment:\n",
        "- name: ",
        "  value: ",
    )
