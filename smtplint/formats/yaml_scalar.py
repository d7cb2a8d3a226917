"""One YAML scalar: where it is written, what it stands for, and how a value is written in its manner."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import yaml

from smtplint.format import Name
from smtplint.format import Scalar as Value
from smtplint.formats.yaml_tree import Collection, Node, Scalar, documents
from smtplint.regex import regex
from smtplint.source import Span, Unreadable

_TAG = "tag:yaml.org,2002:"
_PROPERTIES = regex(
    r"(?:(?:&[\w-]+|!(?:<[^>]*>|[^\s,\[\]{}]*))(?:[ \t\r\n\x85\u2028\u2029]++(?:#[^\r\n\x85\u2028\u2029]*+)?)*+){1,2}+"
)
_BLOCK_HEADER = regex(
    r"(?P<style>[|>])(?P<indicators>[-+0-9]*)(?P<rest>[^\r\n]*)(?P<eol>\r\n|\r|\n)(?P<body>.*)", re.DOTALL
)
_TRAILING = regex(r"(?P<blanks>[ \t]*)(?:\r\n|\r|\n)?")
_MARGIN = regex(r"[\r\n]*( +)\S")
_ESCAPED = regex("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_AMBIGUOUS = frozenset(("y", "n", "~", "<<", "="))
_WORDS = ({"true": "false", "on": "off", "yes": "no"}, {"false": "true", "off": "on", "no": "yes"})
_TRUE = frozenset(("yes", "true", "on"))
_CONSTRUCTOR = yaml.constructor.SafeConstructor()
_RESOLVERS: dict[str, list[tuple[str, re.Pattern[str]]]] = yaml.SafeLoader.yaml_implicit_resolvers


def text_span(text: str, node: Scalar) -> Span:
    """Where the value is written, quotes or block header too: after anchor and tag, before what follows."""
    start, end = node.start, node.end
    if text[start : start + 1] in ("&", "!") and (properties := _PROPERTIES.match(text, start, end)):
        start = properties.end()
    if node.style in ("|", ">"):
        end = _block_end(text, start, end)
    return Span(start, end)


def _block_end(text: str, start: int, end: int) -> int:
    """A block's own end: libyaml's goes on to the next token. The last line end stays if the value has it."""
    chomping = text[start + 1 : start + 3]
    if "+" in chomping:
        return end
    last = _TRAILING.match(text, start + len(text[start:end].rstrip(" \t\r\n")), end)
    return last.end("blanks" if "-" in chomping else 0) if last else end


def content_span(text: str, span: Span, node: Scalar) -> Span | None:
    """Where the characters of the value stand, if they stand there one by one."""
    value: str = node.value
    if text[span.start : span.end] == value:
        return span
    if node.style in ("'", '"'):
        inner = Span(span.start + 1, span.end - 1)
        return inner if text[inner.start : inner.end] == value else None
    if node.style in ("|", ">") and "\n" not in value:
        at = text.rfind(value, span.start, span.end)
        return Span(at, at + len(value)) if at >= 0 else None
    return None


def tag_of(node: Scalar) -> str:
    """The short name of a YAML type (`int`), or the whole tag (`!secret`) if it is not one of YAML's own."""
    if node.tag and node.tag != "!":
        return node.tag.removeprefix(_TAG)
    if node.style:
        return "str"
    for tag, pattern in _RESOLVERS.get(node.value[:1], ()):
        if pattern.match(node.value):
            return tag.removeprefix(_TAG)
    return "str"


def typed(node: Scalar) -> Value:
    """The value of a node as YAML 1.1 types it, but that base 60 (`25:465`), dates and not-a-number stay text."""
    tag = tag_of(node)
    if tag == "int":
        return _number(node.value, _CONSTRUCTOR.construct_yaml_int)
    if tag == "float":
        return _number(node.value, _CONSTRUCTOR.construct_yaml_float)
    if tag == "bool":
        return node.value.lower() in _TRUE
    return None if tag == "null" else node.value


def _number(text: str, construct: Any) -> int | float | str:
    if ":" in text:
        return text
    try:
        number: int | float = construct(yaml.ScalarNode("", text))
    except (ValueError, OverflowError, IndexError):  # `0b_`, or more digits than Python turns into a number
        return text
    return text if math.isnan(number) else number


def decode(text: str) -> Value:
    """The value of a scalar's own text; ValueError if it is not one scalar. `=` is an empty list item (`- KEY=`)."""
    if text == "=":
        return ""
    node = _scalar(text)
    if node is None:
        if text.strip(" \t\r\n"):
            raise ValueError(f"not one YAML scalar: {text!r}")
        return None
    return typed(node)


def _scalar(text: str) -> Scalar | None:
    node = _only(" " + text)  # at the start of a line `---` and `%` would not be scalars
    return node if isinstance(node, Scalar) else None


def _only(text: str) -> Node | None:
    try:
        roots = documents(text)
    except Unreadable:
        return None
    return roots[0] if len(roots) == 1 else None


def encode(value: Value | Name, like: str) -> str:
    """`value` written in the quotes of `like`.

    A text that reads as a number or a boolean stays bare only where such a thing stood bare before. An empty `like`
    is a setting without a value, right after its colon; `=` is a list item (`- KEY=`) that has no value.
    """
    if isinstance(value, Name):
        raise ValueError(f"YAML cannot name {value.dotted}")  # noqa: TRY004 - what format.py promises
    if like == "=":
        return "=" + plain_text(value, like)
    if like == "":
        return "" if value is None else " " + _bare(value, like)
    if like[0] in "|>":
        return _in_block(value, like)
    if like[0] in "'\"" and value is not None:
        return quoted(_worded(value, like[1:-1]), like[0])
    return _bare(value, like)


def plain_text(value: Value, like: str) -> str:
    """The text of a value, booleans in the words of `like`."""
    return "null" if value is None else _worded(value, like)


def _worded(value: Value, like: str) -> str:
    if isinstance(value, bool):
        return _boolean(value, like)
    if isinstance(value, float):
        return _float(value)
    return str(value)


def _boolean(value: bool, like: str) -> str:
    word = like.lower()
    same, other = _WORDS if value else reversed(_WORDS)
    spelled = word if word in same else other.get(word, "true" if value else "false")
    if like.isupper():
        return spelled.upper()
    return spelled.capitalize() if like[:1].isupper() and word in {*same, *other} else spelled


def _float(value: float) -> str:
    text = repr(value)
    if "e" in text and "." not in text:  # YAML 1.1 asks for a point
        return text.replace("e", ".0e")
    return {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}.get(text, text)


def _bare(value: Value, like: str) -> str:
    text = plain_text(value, like)
    if not isinstance(value, str):
        return text
    was_text = like == "" or isinstance(_like_value(like), str)
    if stands_plain(text) and not (was_text and _reads_otherwise(text)):
        return text
    if not was_text:  # it may be the value of `- KEY=465`, where quotes would become part of it
        raise ValueError(f"{value!r} cannot be written without quotes")
    return quoted(text, '"')


def _like_value(like: str) -> Value:
    try:
        return decode(like)
    except ValueError:
        return like


def stands_plain(text: str) -> bool:
    """True if `text` is a plain scalar of just these characters, in block and in flow style."""
    node = _scalar(text)
    if node is None or node.style or node.value != text:
        return False
    flow = _only(f"[ {text} ]")
    items = flow.items if isinstance(flow, Collection) else []
    return len(items) == 1 and isinstance(items[0], Scalar) and items[0].value == text


def _reads_otherwise(text: str) -> bool:
    """True if some reader, of YAML 1.1 or 1.2, takes the plain text for something else than text."""
    node = _scalar(text)
    if node is None or tag_of(node) != "str" or text.lower() in _AMBIGUOUS:
        return True
    try:
        float(text)
    except ValueError:
        return re.fullmatch(r"0o[0-7]+", text) is not None
    return True


def quoted(text: str, quote: str) -> str:
    """`text` between quotes: single ones only where they have no need of an escape."""
    if quote == "'" and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("YAML has no room for half a surrogate pair")
    return _ESCAPED.sub(lambda c: f"\\u{ord(c[0]):04x}", json.dumps(text, ensure_ascii=False))


def _in_block(value: Value, like: str) -> str:
    header = _BLOCK_HEADER.fullmatch(like)
    text = plain_text(value, like)
    tail = header["eol"] if header and like.endswith(("\n", "\r")) else ""
    margin = _MARGIN.match(like, header.start("body")) if header else None
    if not header or not margin or not isinstance(value, str) or not _stands_in_block(text):
        return (quoted(text, '"') if isinstance(value, str) else text) + tail
    lines = text.removesuffix("\n").split("\n")
    style = header["style"] if len(lines) == 1 else "|"
    chomping = "" if text.endswith("\n") else "-"
    body = header["eol"].join(margin[1] + line if line else "" for line in lines)
    end = header["eol"] if text.endswith("\n") else tail
    return f"{style}{chomping}{header['rest']}{header['eol']}{body}{end}"


def _stands_in_block(text: str) -> bool:
    lines = text.removesuffix("\n").split("\n")
    if not lines[0] or not lines[-1] or lines[0][0] in " \t":
        return False
    return all(line.isprintable() for line in lines)
