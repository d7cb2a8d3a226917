"""The texts that the laws about formats are checked on: the corpus, and texts made of each format's own pieces."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from smtplint.format import PATTERNS, Entry, Literal, Reference, Wanted, load
from smtplint.source import Source, Unreadable, decode

CORPUS = Path(__file__).parent / "corpus"

WANTED = Wanted(
    frozenset(
        f"{module}.{name}"
        for module, names in {
            "smtplib": ("SMTP", "SMTP_SSL"),
            "imaplib": ("IMAP4", "IMAP4_SSL"),
            "poplib": ("POP3", "POP3_SSL"),
            "aiosmtplib": ("SMTP", "send"),
        }.items()
        for name in names
    )
)

# fmt: off
_TEXT = ["", "a", "KEY", "host", "port", "é", "✉", "'", '"', "\\", "#", " # note", "=", ":", " ", "\t", "\n", "\r\n"]
_WORDS = ["587", "true", "False", "${X:-587}", "$X", "smtp.example.com", "{{ x }}", '"a b"', "'a b'", "null"]
_PIECES = {
    "env": [
        "A=", "B = ", "export C=", "\nD=", "\r\nE='", '\nF="', "\r", "\\n", '\\"', "\ufeff", "\x0c", "\x0b", "\x85",
    ],
    "toml": [
        "a = ", "\nb.c = ", "\n[t]\n", "\n[[s]]\n", "\n[s.t]\n", "[", "]", "{", "}", ", ", '"""', "'''", "1979-05-27",
        "0x1F", "\\u00e9", "x = 1\n", '"q" = ',
    ],
    "ini": [
        "[s]\n", "\n[t.u]\n", "a = ", "\nb: ", "\n  ", "\n; c\n", "\n# c\n", "(", ")", "[", "]", "{", "}", ", ", "'k': ",
        "%(x)s", "\x0c", "\x85", "\xa0", "\r", "*", "-", "1", "b'x'", "\\n", "[s]\nargs = (('h', 25), None, ())\n",
    ],
    "yaml": [
        "a: ", "\n  b: ", "\n- ", "&x ", "*x", "<<: ", "!!str ", "|\n  ", ">-\n  ", "{", "}", "[", "]", ", ", "\n---\n",
        "? ", "- K=v\n", "\n  - name: A\n    value: ", "{% if x %}\n",
    ],
    "python": [
        "a = ", "\nb = ", "import smtplib\n", "smtplib.SMTP(", ")", "\ndef f():\n    ", "\n    ", "if a:\n    ",
        "class C:\n    ", "\x0c", "os.environ['X']", "b'x'", "f'{a}'", ", ", "(", "[", "]", "{", "}", "-", "1",
        "with smtplib.SMTP('h', 25) as s:\n    s.starttls()\n",
    ],
}
# fmt: on


def files() -> list[tuple[str, Path]]:
    """Name of the format and path of every file of the corpus."""
    return [(name, path) for name in PATTERNS for path in sorted((CORPUS / name).rglob("*")) if path.is_file()]


def name_of(argument: str | Path) -> str:
    """How pytest shows a parameter of `files`."""
    return argument.name if isinstance(argument, Path) else argument


def source_of(path: Path) -> Source:
    return decode(path.relative_to(CORPUS).as_posix(), path.read_bytes())


@cache
def entries_of(name: str, path: Path) -> tuple[Entry, ...]:
    return load(name).read(source_of(path), WANTED)


def entries_or_none(name: str, text: str) -> tuple[Entry, ...]:
    """The entries of any text; none if it is refused."""
    try:
        return load(name).read(Source("text", text), WANTED)
    except Unreadable:
        return ()


def texts(name: str) -> st.SearchStrategy[str]:
    """Texts that come near to the format, and texts that do not."""
    pieces = st.sampled_from(_TEXT + _WORDS + _PIECES[name])
    return st.lists(pieces, max_size=25).map("".join) | st.text(
        st.characters(exclude_characters="\0", codec="utf-8"), max_size=60
    )


def is_spelled_out(entry: Entry) -> bool:
    """False for what is no literal of the text: the step of a session, which is there or not, or a value worked out."""
    if isinstance(entry.value, Reference) and entry.value.span is None:
        return False
    return not entry.key[-1].endswith("()") and not (isinstance(entry.value, Literal) and entry.value.computed)
