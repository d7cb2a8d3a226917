"""What the laws cannot say of .env files: keys, references, new lines, and lines that are none."""

from __future__ import annotations

import pytest

from smtplint.format import Entry, Literal, Name, Opaque, Reference, Scalar, Value, Wanted, load
from smtplint.source import Source, Unreadable, apply

ENV = load("env")


def _read(text: str) -> tuple[Entry, ...]:
    return ENV.read(Source(".env", text), Wanted())


def _only(text: str) -> Value:
    (entry,) = _read(text)
    return entry.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=b", "b"),
        ("export A = b # c", "b"),
        ("A=", ""),
        ("A= # c", ""),
        ("A=#b", "#b"),
        ("A='b $C'", "b $C"),
        ('A="b\\nc"', "b\nc"),
        ('A="b\nc" # d', "b\nc"),
        ("A=b$$c", "b$$c"),
        ("A=5$", "5$"),
        ('A="\\$B"', "\\$B"),
    ],
)
def test_literals(text: str, value: str) -> None:
    assert _only(text) == Literal(value)


@pytest.mark.parametrize(
    ("text", "name", "default"),
    [
        ("A=$B", "B", None),
        ("A=${B}", "B", None),
        ('A="${B}"', "B", None),
        ("A=${B:-587}", "B", "587"),
        ('A="${B-587}" # c', "B", "587"),
        ("A=${B:-}", "B", ""),
        ("A=${B:?missing}", "B", None),
        ("A=${B:-${C}}", "B", None),
        ('A=${B:-"c"}', "B", None),
        ("A", "A", None),
    ],
)
def test_references(text: str, name: str, default: str | None) -> None:
    value = _only(text)
    assert isinstance(value, Reference)
    assert (value.name, value.default) == (name, default if default is None else Literal(default))
    assert value.span is None or text[value.span.start : value.span.end] == default


@pytest.mark.parametrize(
    "text",
    [
        "A=b$C",
        "A=${B}c",
        'A="b ${C}"',
        "A=$(b)",
        "A=`b`",
        "A={{ b }}",
        "A='{{ b }}'",
        'A="b" c',
        "A=b; export C",
        "A=${B:+c}",
    ],
)
def test_what_cannot_be_known(text: str) -> None:
    assert _only(text) == Opaque()


@pytest.mark.parametrize("text", ["", "# A=b", "if [ -f x ]; then", "source x", "export A", "a: b", "= b", '"A"', "'A"])
def test_lines_that_are_passed_over(text: str) -> None:
    assert [e.key for e in _read(f"B=1\n{text}\nC=2\n")] == [("B",), ("C",)]


def test_every_duplicate_is_told() -> None:
    assert [(e.key, e.value) for e in _read("A=1\nA=2\n")] == [(("A",), Literal("1")), (("A",), Literal("2"))]


@pytest.mark.parametrize("text", ['B=1\n\nA="b\nC=2\n', "B=1\n\nA='b\nC='2'\n", 'B=1\n\nA="b'])
def test_a_quote_that_swallows_what_follows(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        _read(text)
    assert text[: caught.value.offset] == "B=1\n\nA="


@pytest.mark.parametrize(
    ("value", "like", "text"),
    [
        (465, "587", "465"),
        (465, '"587"', '"465"'),
        (False, "True", "False"),
        (False, "TRUE", "FALSE"),
        (False, "'true'", "'false'"),
        (True, "", "true"),
        ("no", "YES", "no"),
        ('say "hi" \\o/', '""', '"say \\"hi\\" \\\\o/"'),
    ],
)
def test_encode(value: Scalar, like: str, text: str) -> None:
    assert ENV.encode(value, like) == text


@pytest.mark.parametrize(
    ("value", "like"),
    [
        (None, "x"),
        (Name("ssl.CERT_NONE"), "x"),
        ("it's", "'x'"),
        ("a # b", "x"),
        (" a", "x"),
        ("a\nb", "x"),
        ("$X", '"x"'),
        ("a\\", '"x"'),
    ],
)
def test_encode_refuses(value: Scalar | Name, like: str) -> None:
    with pytest.raises(ValueError, match="text"):
        ENV.encode(value, like)


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("A=1\nB=2\n", 3, "A=1\nN=3\nB=2\n"),
        ("A=1", True, "A=1\nN=true"),
        ("B=2\r\nexport A = '1' # c\r\n", "x", "B=2\r\nexport A = '1' # c\r\nexport N = x\r\n"),
        ('  A="1\n2" # c\nB=2\n', "a b", '  A="1\n2" # c\n  N=a b\nB=2\n'),
        ("A=\n", "a # b", "A=\nN='a # b'\n"),
        ("A\n", "x", "A\nN=x\n"),
    ],
)
def test_insert(before: str, value: Scalar, after: str) -> None:
    source = Source(".env", before)
    beside = next(e for e in _read(before) if e.key == ("A",))
    edits = ENV.insert(source, beside, "N", value)
    assert edits is not None
    assert apply(before, edits) == after


def test_nothing_is_inserted_that_cannot_be_written() -> None:
    assert ENV.insert(Source(".env", "A=1"), _read("A=1")[0], "N M", "x") is None
    assert ENV.insert(Source(".env", "A=1"), _read("A=1")[0], "N", Name("x.y")) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [("A=1 # c\n", "N=1 # c\n"), ("export 'A' = 1", "export N = 1"), ("A", "N"), ("A=\r\n", "N=\r\n")],
)
def test_rename(before: str, after: str) -> None:
    edits = ENV.rename(Source(".env", before), _read(before)[0], "N")
    assert edits is not None
    assert apply(before, edits) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("B=1\nA=2\nC=3\n", "B=1\nC=3\n"),
        ("B=1\r\nexport A=2  \r\nC=3", "B=1\r\nC=3"),
        ('B=1\n  A="2\n3"', "B=1\n"),
        ("# c\n\nA=2 # c\n", None),
        ("A= # c\n", None),
    ],
)
def test_remove(before: str, after: str | None) -> None:
    entry = next(e for e in _read(before) if e.key == ("A",))
    edits = ENV.remove(Source(".env", before), entry)
    assert (None if edits is None else apply(before, edits)) == after
