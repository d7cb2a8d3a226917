"""Edits of YAML settings: another value, another name, one more, one less."""

from __future__ import annotations

import re

from smtplint.format import Entry, Literal, Name, Scalar
from smtplint.formats.yaml_place import Place, place
from smtplint.formats.yaml_scalar import encode, plain_text, quoted, stands_plain
from smtplint.formats.yaml_tree import Collection, Node
from smtplint.formats.yaml_tree import Scalar as ScalarNode
from smtplint.regex import regex
from smtplint.source import Edit, Source, Span

_TEXT_ONLY = ("kubernetes", "devcontainer")
"""Readers that take nothing but text, hence quotes whatever stood there."""

_REST = regex("[ \t]*(?:(?<=[ \t])#[^\x85\u2028\u2029]*)?")  # libyaml ends lines there too
_DASH = regex(r"[ \t]*-[ \t]+")
_KEY_MARGIN = regex(r"[ \t]*(?:-[ \t]+)*")
_GAP = regex(r"[\s:,{}-]*")


def replace(source: Source, entry: Entry, value: Scalar | Name) -> tuple[Edit, ...] | None:
    """Another value for a setting, None where it cannot be written. Unlike `encode` it sees the text around."""
    like = source.at(entry.span)
    if _lacks_colon(source, entry):
        return None
    try:
        text = _assigned_text(source, entry, value) if _is_assigned(source, entry) else _text(entry, value, like)
    except ValueError:
        return None
    return None if text is None else (Edit(entry.span, text),)


def _lacks_colon(source: Source, entry: Entry) -> bool:
    """True for a key that stands alone in braces: a value put behind it would be a part of the key."""
    key, span = entry.key_span, entry.span
    if key is None or span.start != span.end or source.text[span.start - 1] == "=":
        return False
    return ":" not in source.text[key.end : span.start]


def _text(entry: Entry, value: Scalar | Name, like: str) -> str:
    is_text = not isinstance(entry.value, Literal) or isinstance(entry.value.value, str)
    if is_text or not entry.reader.startswith(_TEXT_ONLY) or isinstance(value, Name):
        return encode(value, like)
    return quoted(plain_text(value, like), '"')


def _is_assigned(source: Source, entry: Entry) -> bool:
    """True for the value in `- NAME=value`."""
    key = entry.key_span
    return key is not None and source.text[key.end : key.end + 1] == "=" and entry.span.start in (key.end, key.end + 1)


def _assigned_text(source: Source, entry: Entry, value: Scalar | Name) -> str | None:
    like = source.at(entry.span)
    if isinstance(value, Name) or entry.key_span is None:
        return None
    sign = "=" if entry.span.start == entry.key_span.end else ""
    text = plain_text(value, like.removeprefix(sign))
    quote = source.text[entry.key_span.start - 1 : entry.key_span.start]
    whole = f"{source.at(entry.key_span)}={text}"
    fits = quoted(whole, quote) == quote + whole + quote if quote in ("'", '"') else stands_plain(whole)
    return sign + text if fits else None


def rename(source: Source, entry: Entry, key: str) -> tuple[Edit, ...] | None:
    found = place(source, entry)
    if found is None or entry.key_span is None:
        return None
    old = source.at(entry.key_span)
    quote = source.text[entry.key_span.start - 1 : entry.key_span.start]
    if found.shape != "assignment" and quote not in ("'", '"'):
        return (Edit(entry.key_span, encode(key, old)),)
    if re.fullmatch(r"[A-Za-z_][\w.-]*", key) is None:
        return None
    return (Edit(entry.key_span, key),)


def insert(source: Source, beside: Entry, key: str, value: Scalar | Name) -> tuple[Edit, ...] | None:
    found = place(source, beside)
    end = found.end if found else None
    if found is None or end is None or isinstance(value, Name):
        return None
    like = source.at(beside.span)
    if beside.reader.startswith(_TEXT_ONLY) and not isinstance(value, str):
        value, like = plain_text(value, like), '""'
    try:
        setting = _WRITERS[found.shape](found, like, key, value)
    except ValueError:
        return None
    if found.holder.flow:
        own_line = found.shape == "pair" and not found.margin.strip(" \t") and found.margin != found.text[: found.start]
        return (
            Edit(
                Span(end, end), f",{found.line_end(found.start)}{found.margin}{setting}" if own_line else f", {setting}"
            ),
        )
    return _line(found, end, setting)


def _line(found: Place, end: int, setting: str) -> tuple[Edit, ...] | None:
    """`setting` on a line of its own, below the one that ends at or after `end`."""
    rest = found.rest(end)
    pattern = _KEY_MARGIN if found.shape == "pair" else _DASH
    if not _REST.fullmatch(" " + rest) or not pattern.fullmatch(found.margin):
        return None
    if found.template.within(Span(end, end + len(rest))):
        return None
    margin = re.sub(r"[^ \t]", " ", found.margin) if found.shape == "pair" else found.margin
    line_end = found.line_end(end)
    if found.text[end - 1 : end] in ("\n", "\r"):
        return (Edit(Span(end, end), margin + setting + line_end),)
    return (Edit(Span(end + len(rest), end + len(rest)), line_end + margin + setting),)


def _pair(found: Place, like: str, key: str, value: Scalar) -> str:
    old = found.text[found.span(found.members[0]).start :]
    name = quoted(key, old[0]) if old[0] in "'\"" else encode(key, "x")
    # A text beside a bare number must not become one, nor a number or boolean beside a quoted text a text.
    quotes = isinstance(value, str) and like[:1] in ("'", '"')
    manner = _one_line(like) if quotes else '""' if isinstance(value, str) and _is_json(found, name) else "x"
    return f"{name}: {encode(value, manner)}"


def _is_json(found: Place, name: str) -> bool:
    """True in braces with names between quotes: there text stands between quotes too."""
    return found.holder.flow and name.startswith('"')


def _variable(found: Place, like: str, key: str, value: Scalar) -> str:
    inner = found.inner
    keys = [n.value for n in inner.items[::2] if isinstance(n, ScalarNode)] if inner else []
    capital = "Name" in keys
    # Kubernetes takes nothing but text here, hence quotes whatever the neighbour has.
    text = encode(value, like if like[:1] in ("'", '"') else '""')
    name, word = ("Name", "Value") if capital else ("name", "value")
    if inner and inner.flow:
        return f"{{{name}: {encode(key, 'x')}, {word}: {text}}}"
    margin = re.sub(r"[^ \t]", " ", found.margin)
    return f"{name}: {encode(key, 'x')}{found.line_end(found.start)}{margin}{word}: {text}"


def _assignment(found: Place, like: str, key: str, value: Scalar) -> str:
    item = found.text[found.members[0].start : found.members[0].end]
    return encode(f"{key}={plain_text(value, like)}", _one_line(item))


def _one_line(like: str) -> str:
    """A manner to write a new value in: that of the neighbour, unless it is a block, nothing, or no literal."""
    return "x" if not like or like[0] in "|>*&!=${[" else like


_WRITERS = {"pair": _pair, "variable": _variable, "assignment": _assignment}


def remove(source: Source, entry: Entry) -> tuple[Edit, ...] | None:
    found = place(source, entry)
    end = found.end if found else None
    if found is None or end is None or not _stands_alone(found):
        return None
    lines = Span(found.start - len(found.margin), end + len(found.rest(end)))
    if found.rest(end).strip(" \t") or not _only_nodes(found, lines) or found.template.within(lines):
        return None
    line_end = re.compile(r"\r\n|\r|\n|").match(source.text, lines.end)
    if line_end and source.text[end - 1 : end] not in ("\n", "\r"):
        lines = Span(lines.start, line_end.end())
    return (Edit(lines, ""),)


def _stands_alone(found: Place) -> bool:
    """True if the lines hold nothing else, and the collection would not be left empty."""
    pattern = re.compile(r"[ \t]*") if found.shape == "pair" else _DASH
    several = len(found.holder.items) > len(found.members) if found.shape == "pair" else len(found.holder.items) > 1
    sole = found.inner is None or len(found.inner.items) == 4
    return not found.holder.flow and several and sole and pattern.fullmatch(found.margin) is not None


def _only_nodes(found: Place, lines: Span) -> bool:
    """True if nothing but scalars and punctuation stands in the lines: no comment, anchor or tag."""
    done = lines.start
    for node in found.members:
        span = found.span(node)
        if isinstance(node, Collection) or _has_comment(found, node, span):
            return False
        if not _GAP.fullmatch(found.text, done, span.start):
            return False
        done = span.end
    return _GAP.fullmatch(found.text, done, lines.end) is not None


def _has_comment(found: Place, node: Node, span: Span) -> bool:
    """True for a block scalar with a comment in its header."""
    return isinstance(node, ScalarNode) and node.style in ("|", ">") and "#" in found.rest(span.start)
