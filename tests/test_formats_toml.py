"""What the laws cannot say of TOML files: paths, references, errors, new and lost keys."""

from __future__ import annotations

import time

import pytest

from smtplint.format import Entry, Literal, Name, Opaque, Reference, Scalar, Value, Wanted, load
from smtplint.source import Source, Unreadable, apply

TOML = load("toml")


def _read(text: str) -> tuple[Entry, ...]:
    return TOML.read(Source("x.toml", text), Wanted())


def _entry(text: str, path: str) -> Entry:
    return next(e for e in _read(text) if e.path == path)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ('a = 1\n"b.c".d = 2', [("a",), ("b.c", "d")]),
        ("[a.b]\nc.d = 1", [("a", "b", "c", "d")]),
        ("a = {b = 1, c = {d = 2}}", [("a", "b"), ("a", "c", "d")]),
        ("a = [1, [2], {b = 3}]", [("a", "[0]"), ("a", "[1]", "[0]"), ("a", "[2]", "b")]),
        ("[[a]]\nb = 1\n[a.c]\nd = 2\n[[a]]\nb = 3", [("a", "[0]", "b"), ("a", "[0]", "c", "d"), ("a", "[1]", "b")]),
        ("[[a]]\n[[a.b]]\nc = 1\n[[a.b]]\nc = 2\n[[a]]\n[[a.b]]\nc = 3",
         [("a", "[0]", "b", "[0]", "c"), ("a", "[0]", "b", "[1]", "c"), ("a", "[1]", "b", "[0]", "c")]),
        ("[t.a]\nx = 1\n[[s]]\nx = 2\n[t.b]\nx = 3\n[s.u]\nx = 4",
         [("t", "a", "x"), ("s", "[0]", "x"), ("t", "b", "x"), ("s", "[0]", "u", "x")]),
    ],
)  # fmt: skip
def test_paths(text: str, paths: list[tuple[str, ...]]) -> None:
    assert [e.key for e in _read(text)] == paths


@pytest.mark.parametrize(
    ("text", "written"), [("a . 'b' = 1", "'b'"), ('"a\\"b" = 1', '"a\\"b"'), ("a = {b.c=1}", "c"), ("\ta\t=\t1", "a")]
)
def test_key_spans(text: str, written: str) -> None:
    span = _read(text)[0].key_span
    assert span is not None
    assert text[span.start : span.end] == written


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a = 'b'", Literal("b")),
        ("a = 0x1F", Literal(31)),
        ("a = 1_000", Literal(1000)),
        ("a = 'pa$word'", Literal("pa$word")),
        ("a = 'env(B)'", Reference("B")),
        ("a = '$B'", Reference("B")),
        ("a = '${B}'", Reference("B")),
        ("a = 1979-05-27 # c", Opaque()),
        ("a = 'b.${C}'", Opaque()),
        ("a = '{{ b }}'", Opaque()),
    ],
)
def test_values(text: str, value: Value) -> None:
    assert _read(text)[0].value == value


def test_a_default_is_a_value_of_its_own() -> None:
    text = 'a = "${B:-587}"'
    value = _read(text)[0].value
    assert isinstance(value, Reference)
    assert (value.name, value.default) == ("B", Literal(587))
    assert value.span is not None
    assert text[value.span.start : value.span.end] == "587"


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("a = 1\nb = \n", 10),
        ('a = 1\nb = "c\nd = 2\n', 10),
        ("a = 1\na = 2\n\nb = 3", 11),
        ("[a]\nb = 1\n[a]\nb = 2\n", None),
        ("a = " + "[" * 10_000, None),
        ("a = " + "{b = " * 10_000, None),
        ("a" + ".a" * 10_000 + " = 1", None),
        ("[" * 10_000, None),
    ],
)
def test_errors(text: str, offset: int | None) -> None:
    with pytest.raises(Unreadable) as caught:
        _read(text)
    assert offset is None or caught.value.offset == offset
    assert 0 <= caught.value.offset <= len(text)


def test_an_error_does_not_quote_the_file() -> None:
    with pytest.raises(Unreadable) as caught:
        _read("password not-a-real-password")
    assert "real" not in caught.value.reason


def test_five_thousand_lines_are_read_at_once() -> None:
    text = "".join(f"[table.t{i}]\nkey{i} = 'value' # note\n" for i in range(2_500))
    start = time.process_time()  # other work on the machine does not count
    assert len(_read(text)) == 2_500
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("value", "like", "text"),
    [
        (465, "587", "465"),
        (465, "'587'", "'465'"),
        (False, "true", "false"),
        (False, '"True"', '"False"'),
        ("starttls", "true", '"starttls"'),
        ("C:\\é\x01", '"x"', '"C:\\\\é\\u0001"'),
        ("a\n'b'", "'''x'''", "'''a\n'b''''"),
        ("\na", '"""x"""', '"""\n\na"""'),
        ("a", '"""\r\nx"""', '"""\r\na"""'),
        ("mail", "localhost", "mail"),
    ],
)
def test_encode(value: Scalar, like: str, text: str) -> None:
    assert TOML.encode(value, like) == text


@pytest.mark.parametrize(
    ("value", "like"), [(None, "1"), (Name("a.b"), "1"), ("it's", "'x'"), ("a\nb", "'x'"), ("'''", "'''x'''")]
)
def test_encode_refuses(value: Scalar | Name, like: str) -> None:
    with pytest.raises(ValueError, match=r"TOML|quotes"):
        TOML.encode(value, like)


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ("[s]\nport = 587 # c\n\n[t]\n", "s.port", True, "[s]\nport = 587 # c\nnew = true\n\n[t]\n"),
        ("\ta='b'", "a", "c", "\ta='b'\n\tnew='c'"),
        ('s.host = "a"\r\nb = 1\r\n', "s.host", "it's", 's.host = "a"\r\ns.new = "it\'s"\r\nb = 1\r\n'),
        ("a = '''b\nc''' # d\n", "a", 1, "a = '''b\nc''' # d\nnew = 1\n"),
        ("s = { a = 1, b=2 }", "s.b", 3, "s = { a = 1, b=2, new=3 }"),
        ("s = [{ t.a = 1 }]", "s.[0].t.a", 3, "s = [{ t.a = 1, t.new = 3 }]"),
    ],
)
def test_insert(before: str, path: str, value: Scalar, after: str) -> None:
    edits = TOML.insert(Source("x.toml", before), _entry(before, path), "new", value)
    assert edits is not None
    assert apply(before, edits) == after


def test_a_key_is_quoted_where_it_must_be() -> None:
    edits = TOML.insert(Source("x.toml", "a = 1"), _read("a = 1")[0], "mail.host", "b")
    assert edits is not None
    assert apply("a = 1", edits) == 'a = 1\n"mail.host" = "b"'


def test_elements_of_arrays_have_no_key() -> None:
    source, element = Source("x.toml", "a = [1]"), _read("a = [1]")[0]
    assert TOML.insert(source, element, "b", 1) is None
    assert TOML.rename(source, element, "b") is None
    assert TOML.remove(source, element) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [("a.'b' = 1 # c", "a.new = 1 # c"), ("s = {b=1}", "s = {new=1}"), ("[[b]]\nb = 1", "[[b]]\nnew = 1")],
)
def test_rename(before: str, after: str) -> None:
    edits = TOML.rename(Source("x.toml", before), _read(before)[0], "new")
    assert edits is not None
    assert apply(before, edits) == after


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        ("a = 1\n  b = 2  \nc = 3\n", "b", "a = 1\nc = 3\n"),
        ("a = 1\r\nb.c = '''x\r\ny'''", "b.c", "a = 1\r\n"),
        ("a = 1 # c\n", "a", None),
        ("s = { a = 1, b = 2 }", "s.a", "s = { b = 2 }"),
        ("s = { a = 1, b = 2 }", "s.b", "s = { a = 1 }"),
        ("s = { a = 1 }", "s.a", "s = {  }"),
    ],
)
def test_remove(before: str, path: str, after: str | None) -> None:
    edits = TOML.remove(Source("x.toml", before), _entry(before, path))
    assert (None if edits is None else apply(before, edits)) == after
