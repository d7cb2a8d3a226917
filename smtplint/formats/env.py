"""`.env` files: python-dotenv's parser says what a line means, its original text where every part of it stands."""

from __future__ import annotations

import importlib
import importlib.util
import io
import re
from collections.abc import Iterator
from functools import cache
from importlib.machinery import PathFinder
from types import ModuleType
from typing import TYPE_CHECKING

from smtplint.format import Entry, Literal, Name, Opaque, Reference, Scalar, Value, Wanted, in_place
from smtplint.formats import lines
from smtplint.formats.expansion import is_expanded, is_templated, reference
from smtplint.regex import regex
from smtplint.source import Edit, Source, Span, Unreadable

if TYPE_CHECKING:
    from dotenv.parser import Binding

_QUOTES = ("'", '"')
_LINE = regex(r"\s*(?P<export>export[^\S\r\n]+)?(?P<key>'[^']+'|[^=#\s]+)[^\S\r\n]*(?P<equal>=[^\S\r\n]*)?")
_QUOTED = regex(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_.-]*")
_NEW_KEY = regex(r"[^=#\s'\"]+")
_PLAIN = regex(r"(?! )[\w./:@%+,-]*(?: +[\w./:@%+,-]+)*", re.ASCII)  # no reader takes it for more than itself
# `.envrc` and friends are shell scripts: a command that is replaced by its output, a second command behind the value.
_SHELL = regex(r"`.*`|.*;\s*export\s.*", re.DOTALL)


def read(source: Source, wanted: Wanted) -> tuple[Entry, ...]:  # noqa: ARG001 - as every format
    """Every `KEY=value` of the text, duplicates included; lines that are none are passed over, as dotenv readers do."""
    bindings: list[Binding] = list(_parser().parse_stream(io.StringIO(source.text)))
    return tuple(_entries(bindings, len(source.text) - sum(len(b.original.string) for b in bindings)))


@cache
def _parser() -> ModuleType:
    """`dotenv.parser` without the rest of its package, whose imports (logging, tempfile) are a tenth of a hook's run."""
    package = importlib.util.find_spec("dotenv")
    spec = PathFinder.find_spec("dotenv.parser", package.submodule_search_locations if package is not None else None)
    if spec is None or spec.loader is None:
        return importlib.import_module("dotenv.parser")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _entries(bindings: list[Binding], offset: int) -> Iterator[Entry]:
    """`offset`: how many characters the parser swallowed in front (a second byte-order mark)."""
    for binding in bindings:
        entry = _entry(binding, offset)
        if entry is not None:
            yield entry
        offset += len(binding.original.string)


def _entry(binding: Binding, offset: int) -> Entry | None:
    line = _LINE.match(binding.original.string)
    if line is None or (binding.key is None and not binding.error):
        return None
    if line["equal"] is None:
        return None if binding.error else _bare_name(line, offset)
    value, span, content = _broken(line, offset) if binding.error else _valued(line, offset, binding.value or "")
    return Entry((_key(line),), value, span, Span(*line.span("key")).shifted(offset), content)


def _key(line: re.Match[str]) -> str:
    return line["key"][1:-1] if line["key"].startswith("'") else line["key"]


def _bare_name(line: re.Match[str], offset: int) -> Entry | None:
    """`NAME` alone is taken from the environment; after `export` it is one that was set before."""
    if line["export"] or not _NAME.fullmatch(line["key"]):
        return None
    key_span = Span(*line.span("key")).shifted(offset)
    return Entry((line["key"],), Reference(line["key"]), Span(key_span.end, key_span.end), key_span)


_Part = tuple[Value, Span, Span | None]


def _broken(line: re.Match[str], offset: int) -> _Part:
    """A value that no two readers take alike, such as `"a" b`; Unreadable if its quote swallows the lines below."""
    rest = line.string[line.end() :].rstrip("\r\n")
    quoted = _QUOTED.match(rest)
    if quoted is None or "\n" in rest or "\r" in rest:
        raise Unreadable("a quote is opened here and not closed", offset + line.end())
    return Opaque(), Span(line.end(), line.end() + len(rest)).shifted(offset), None


def _valued(line: re.Match[str], offset: int, value: str) -> _Part:
    written = _written(line.string[line.end() :], value)
    if written is None:
        rest = line.string[line.end() :].rstrip()
        return Opaque(), Span(line.end(), line.end() + len(rest)).shifted(offset), None
    # An empty value stands directly behind the `=`, whatever blanks and comments follow.
    start = offset + (line.end() if written else line.start("equal") + 1)
    content = _content(written, value, start)
    return _meaning(written, value, content), Span(start, start + len(written)), content


def _written(rest: str, value: str) -> str | None:
    """The characters at the start of `rest` that say `value`, None if that cannot be told."""
    quoted = _QUOTED.match(rest) if rest.startswith(_QUOTES) else None
    written = quoted[0] if quoted else value
    return written if rest.startswith(written) and _decoded(written) == value else None


def _content(written: str, value: str, start: int) -> Span | None:
    margin = 1 if written.startswith(_QUOTES) else 0
    inner = written[margin : len(written) - margin]
    return Span(start + margin, start + margin + len(inner)) if inner == value else None


def _meaning(written: str, value: str, content: Span | None) -> Value:
    if is_templated(value):
        return Opaque()
    if written.startswith("'"):
        return Literal(value)
    if not written.startswith('"') and ("`" in value or ";" in value) and _SHELL.fullmatch(value):
        return Opaque()
    return reference(value, content, decode) or (Opaque() if is_expanded(value) else Literal(value))


def decode(text: str) -> Scalar:
    """What python-dotenv makes of a value; text that it would not take as one stands for itself."""
    value = _decoded(text)
    return text if value is None else value


def _decoded(text: str) -> str | None:
    if _PLAIN.fullmatch(text):
        return text
    bindings: list[Binding] = list(_parser().parse_stream(io.StringIO(f"K={text}")))
    return bindings[0].value if len(bindings) == 1 else None


def encode(value: Scalar | Name, like: str) -> str:
    """`value` in the quotes of `like`, booleans in its capitals; ValueError if these quotes cannot hold it."""
    if value is None or isinstance(value, Name):
        raise ValueError("an .env file holds nothing but text")
    text = _boolean(value, like.strip("'\"")) if isinstance(value, bool) else str(value)
    written = _quoted(text, like[:1]) if like.startswith(_QUOTES) else text
    # python-dotenv before 1.2 takes the `\\"` at the end of "C:\\" for an escaped quote.
    if written.endswith('\\"') or _decoded(written) != text or not isinstance(_meaning(written, text, None), Literal):
        raise ValueError("the text cannot be written in this manner")
    return written


_WORDS = (("true", "false"), ("yes", "no"), ("on", "off"), ("y", "n"), ("t", "f"), ("1", "0"))


def _boolean(value: bool, like: str) -> str:
    words = next((pair for pair in _WORDS if like.lower() in pair), _WORDS[0])
    word = words[0] if value else words[1]
    if like.isupper():
        return word.upper()
    return word.capitalize() if like.istitle() else word


def _quoted(text: str, quote: str) -> str:
    # Within single quotes a backslash is literal to all readers but one: what needs an escape there is refused by the
    # comparison in `encode`.
    return f"'{text}'" if quote == "'" else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


replace = in_place(encode)


def insert(source: Source, beside: Entry, key: str, value: Scalar | Name) -> tuple[Edit, ...] | None:
    """A line directly below `beside`, with its indentation, its `export` and its blanks around the `=`."""
    written = _fresh(value)
    if written is None or beside.key_span is None or not _NEW_KEY.fullmatch(key):
        return None
    before = source.text[lines.start(source.text, beside.key_span.start) : beside.key_span.start]
    equal = source.text[beside.key_span.end : beside.span.start] or "="
    return (lines.added_below(source.text, beside.span.end, f"{before}{key}{equal}{written}"),)


def _fresh(value: Scalar | Name) -> str | None:
    """Without quotes if possible: not every reader takes them off."""
    for like in ("", "''", '""'):
        try:
            return encode(value, like)
        except ValueError:
            continue
    return None


def rename(source: Source, entry: Entry, key: str) -> tuple[Edit, ...] | None:  # noqa: ARG001 - as every format
    if entry.key_span is None or not _NEW_KEY.fullmatch(key):
        return None
    return (Edit(entry.key_span, key),)


def remove(source: Source, entry: Entry) -> tuple[Edit, ...] | None:
    """Without the whole line; None if a comment follows the value."""
    if entry.key_span is None:
        return None
    edit = lines.removed(source.text, Span(entry.key_span.start, entry.span.end))
    return None if edit is None else (edit,)
