"""What the laws cannot say of INI files: where options stand, the parts of Python displays, new and lost keys."""

from __future__ import annotations

import logging
import logging.config
from logging.handlers import SMTPHandler
from pathlib import Path

import pytest

from smtplint.check import endpoints
from smtplint.config import Settings
from smtplint.format import Entry, Literal, Name, Opaque, Reference, Scalar, Value, Wanted, load
from smtplint.model import Endpoint
from smtplint.source import Source, Unreadable, apply
from tests.spelling import Nowhere

INI = load("ini")


def _read(text: str) -> tuple[Entry, ...]:
    return INI.read(Source("x.ini", text), Wanted())


def _entry(text: str, path: str) -> Entry:
    return next(e for e in _read(text) if e.path == path)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("[s]\na = 1\nb: 2\n c=3\n", ["s.a", "s.b"]),
        ("[s]\n a = 1\n b = 2\n", ["s.a", "s.b"]),
        ("[s]\na = 1\n[t.u]\nA = 2", ["s.a", "t.u.A"]),
        ("# a = 1\n[s]\n; b = 1\n  # c = 1\na = 1", ["s.a"]),
        ("[s]\na = (1, ('x',), {'b': 2, c: 3})", ["s.a.[0]", "s.a.[1].[0]", "s.a.[2].b", "s.a.[2].*"]),
        ("[s]\na = (1, *b)", ["s.a.[0]", "s.a.*"]),
        ("[s]\na = (\n  1,\n\n  # c\n  2)\nb = 3", ["s.a.[0]", "s.a.[1]", "s.b"]),
        ("[s]\na = [x for x in y]", ["s.a"]),
        ("[s]\na = (1", ["s.a"]),
    ],
)
def test_paths(text: str, paths: list[str]) -> None:
    assert [e.path for e in _read(text)] == paths


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("587", Literal("587")),
        ("a b # c", Literal("a b # c")),  # configparser takes no comment off behind a value
        ("", Literal("")),
        ('"a"', Opaque()),  # who knows who takes the quotes off
        ("a\n  b", Opaque()),
        ("50%", Literal("50%")),
        ("%(b)s", Opaque()),
        ("${B:-587}", Reference("B", Literal(587))),
        ("x${B}", Opaque()),
        ("{{ b }}", Opaque()),
        ("()", Name("()")),
        ("[]", Name("[]")),
        ("( )", Name("()")),
    ],
)
def test_values(written: str, value: Value) -> None:
    found = _read(f"[s]\na = {written}\n")[0].value
    assert (found.name, found.default) == ("B", Literal(587)) if isinstance(found, Reference) else found == value


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("'a'", Literal("a")),
        ("'a' 'b'", Literal("ab")),
        ("None", Literal(None)),
        ("-1.5", Literal(-1.5)),
        ("500 + 87", Literal(587)),
        ("'%(b)s'", Opaque()),
        ("sys.stdout", Opaque()),
        ("b'a'", Opaque()),
    ],
)
def test_parts_of_displays(written: str, value: Value) -> None:
    text = f"[s]\na = ('é✉', {written}, 1)\n"
    part = _entry(text, "s.a.[1]")
    assert part.value == value
    assert text[part.span.start : part.span.end] == written


def test_a_word_may_be_the_default_of_a_part() -> None:
    text = "[s]\na = ('${HOST:-mail}', 25)\n"
    assert [e.path for e in _read(text)] == ["s.a.[0]", "s.a.[1]"]
    value = _entry(text, "s.a.[0]").value
    assert isinstance(value, Reference)
    assert (value.name, value.default) == ("HOST", Literal("mail"))


def test_of_an_option_given_twice_the_last_one_counts() -> None:
    assert [e.value for e in _read("[s]\na = 1\na = 2\n[s]\nb = 3\n")] == [Opaque(), Literal("2"), Literal("3")]


@pytest.mark.parametrize(
    ("text", "offset"), [("a = 1\n", 0), ("[s]\nno option\n", 4), ("[s]\na = 1\n\n= 2\n", 11), ("x\n[s]", 0)]
)
def test_errors(text: str, offset: int) -> None:
    with pytest.raises(Unreadable, match="not an INI file") as caught:
        _read(text)
    assert caught.value.offset == offset


@pytest.mark.parametrize(
    ("path", "value", "after"),
    [
        ("s.a", 25, "[s]\na = 25\nb = ('x', 587)\n"),
        ("s.a", "mail", "[s]\na = mail\nb = ('x', 587)\n"),
        ("s.a", True, "[s]\na = 1\nb = ('x', 587)\n"),
        ("s.a", "a\nb", None),
        ("s.a", "50%", None),
        ("s.a", "(x", None),
        ("s.b.[0]", "it's", "[s]\na = 1\nb = ('it\\'s', 587)\n"),
        ("s.b.[1]", 25, "[s]\na = 1\nb = ('x', 25)\n"),
        ("s.b.[1]", Name("()"), "[s]\na = 1\nb = ('x', ())\n"),
    ],
)
def test_replace(path: str, value: Scalar | Name, after: str | None) -> None:
    text = "[s]\na = 1\nb = ('x', 587)\n"
    edits = INI.replace(Source("x.ini", text), _entry(text, path), value)
    assert (None if edits is None else apply(text, edits)) == after


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ("[s]\r\n a: 1\r\n b: 2\r\n", "s.a", "x", "[s]\r\n a: 1\r\n new: x\r\n b: 2\r\n"),
        ("[s]\na = x\n  y", "s.a", 1, "[s]\na = x\n  y\nnew = 1"),
        ("[s]\na = {'b': 1}", "s.a.b", "it", "[s]\na = {'b': 1, 'new': 'it'}"),
        ("[s]\na = {'b': 1}", "s.a.b", Name("()"), "[s]\na = {'b': 1, 'new': ()}"),
        ("[s]\na = (1,)", "s.a.[0]", 1, None),
    ],
)
def test_insert(before: str, path: str, value: Scalar | Name, after: str | None) -> None:
    edits = INI.insert(Source("x.ini", before), _entry(before, path), "new", value)
    assert (None if edits is None else apply(before, edits)) == after


def test_what_is_no_name_of_an_option_is_not_written() -> None:
    text = "[s]\na = 1\nb = {'c': 1}\n"
    source = Source("x.ini", text)
    assert INI.insert(source, _entry(text, "s.a"), "x:y", 1) is None
    assert INI.rename(source, _entry(text, "s.a"), "[x") is None
    assert INI.remove(source, _entry(text, "s.b.c")) is None


@pytest.mark.parametrize(
    ("path", "after"), [("s.a", "[s]\nnew = 1\nb = {'c': 1}\n"), ("s.b.c", "[s]\na = 1\nb = {'new': 1}\n")]
)
def test_rename(path: str, after: str) -> None:
    text = "[s]\na = 1\nb = {'c': 1}\n"
    edits = INI.rename(Source("x.ini", text), _entry(text, path), "new")
    assert edits is not None
    assert apply(text, edits) == after


def test_a_text_with_a_prefix_stays_a_text() -> None:
    text = "[s]\na = (u'x', 25)\n"
    edits = INI.replace(Source("x.ini", text), _entry(text, "s.a.[0]"), "y")
    assert edits is not None
    assert apply(text, edits) == "[s]\na = (u'y', 25)\n"


def test_remove_takes_every_line_of_a_value() -> None:
    text = "[s]\na = x\n  y\nb = 1\n"
    edits = INI.remove(Source("x.ini", text), _entry(text, "s.a"))
    assert edits is not None
    assert apply(text, edits) == "[s]\nb = 1\n"


# --- the standard library as the judge

_TO = '"a@example.com", ["b@example.com"], "Error"'
_LOGIN = '("a@example.com", "not-a-real-password")'


@pytest.mark.parametrize(
    "options",
    [
        f'args = ("mail.example.org", {_TO})',
        f'args = (("mail.example.org", 587), {_TO}, {_LOGIN}, ())',
        f'args = (("mail.example.org", 587), {_TO}, {_LOGIN})\nkwargs = {{"secure": (), "timeout": 3}}',
        f'args: (("mail.example.org", 465),\n\n  # who\n  {_TO},\n  {_LOGIN}, (), 7.5)',
        f'args = (("mail.example.org", 2500 + 25), {_TO}, None)',
        f'kwargs = {{"mailhost": ("mail.example.org", 25), "fromaddr": "", "toaddrs": [], "subject": "", "credentials": {_LOGIN}}}',
    ],
)
def test_what_is_read_is_what_logging_makes_of_it(options: str, tmp_path: Path) -> None:
    head = "[loggers]\nkeys = root\n[handlers]\nkeys = m\n[formatters]\nkeys =\n[logger_root]\nhandlers = m\n"
    text = f"{head}[handler_m]\nclass = handlers.SMTPHandler\n{options}\n"
    (found,) = endpoints(Source("logging.ini", text), Settings(), Nowhere())
    made = _made(text, tmp_path / "logging.ini")
    assert found.value("host") == made.mailhost
    assert found.value("port") == (made.mailport or 25)
    assert found.value("username") == made.username
    assert found.value("timeout") == made.timeout
    assert found.value("encryption") == _encryption(made)


def _made(text: str, file: Path) -> SMTPHandler:
    file.write_text(text)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        logging.config.fileConfig(file, disable_existing_loggers=False)
        (made,) = root.handlers
        assert isinstance(made, SMTPHandler)
        return made
    finally:
        root.handlers[:] = before
        root.setLevel(level)


def _encryption(made: SMTPHandler) -> str:
    return "starttls" if made.username and made.secure == () else "none"


def test_other_handlers_are_none_of_ours() -> None:
    text = "[handler_x]\nclass = FileHandler\nargs = ('smtp.example.org', 'SMTPHandler')\n"
    found: tuple[Endpoint, ...] = endpoints(Source("logging.ini", text), Settings(), Nowhere())
    assert found == ()
