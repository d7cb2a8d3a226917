"""Settings inside one value: mail URLs and `host:port`, taken apart into entries of their own with exact places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import unquote

from msgspec.structs import replace

from smtplint.format import Entry, Literal, Opaque, Reference, Value
from smtplint.regex import regex
from smtplint.source import Span

_AUTHORITY = r"""
    (?:(?P<username>[^:/?\#]*)(?::(?P<password>[^/?\#]*))?@)?
    (?P<host>\[[^\]/?\#]*\]|[^:/?\#@\[\]]*)
    (?::(?P<port>[^/?\#@]*))?
"""
_PATTERNS = {
    "url": regex(
        rf"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://{_AUTHORITY}(?P<path>/[^?\#]*)?(?:\?(?P<query>[^\#]*))?", re.VERBOSE
    ),
    "hosturl": regex(rf"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?{_AUTHORITY}/?", re.VERBOSE),
    "hostport": regex(r"(?P<host>\[[^\]]*\]|[^:/\[\]@]*)(?::(?P<port>[^:/@]*))?", re.VERBOSE),
}
_MOST_ITEMS = 200  # of a query: no mail URL comes near
_QUERY_ITEM = regex(r"(?P<name>[^&=]+)=(?P<value>[^&]*)")
_EXPANSION = regex(r"\$\{|\$\(|\{\{|%\(|<%")


def taken_apart(entry: Entry, kind: str) -> tuple[Entry, ...]:
    """The parts of an entry's value as entries `KEY:host`, `KEY:port` …; all unknown if the value cannot be told apart.

    A part that is not there is left out. `kind` is one of `url`, `hosturl`, `hostport`.
    """
    text, content = _literal(entry)
    if text is None or _EXPANSION.search(text):
        return _unknown(entry)
    match = _PATTERNS[kind].fullmatch(text.strip())
    if match is None:
        # What was meant as a host is one still, though with something in it that does not belong there.
        whole = (_part(entry, "host", text, Span(0, len(text)), content, 0),) if kind == "hostport" else ()
        return (*whole, *_unknown(entry))
    return tuple(_parts(entry, match, content, len(text) - len(text.lstrip())))


def _literal(entry: Entry) -> tuple[str | None, Span | None]:
    """The text of the value (or of a reference's default) and where it stands verbatim."""
    value, content = entry.value, entry.content
    if isinstance(value, Reference) and value.default is not None:
        content, value = value.content, value.default
    return (str(value.value), content) if isinstance(value, Literal) and value.value is not None else (None, None)


def _unknown(entry: Entry) -> tuple[Entry, ...]:
    if isinstance(entry.value, Literal) and entry.value.value is None:
        return ()
    return (replace(entry, key=(*entry.key[:-1], f"{entry.key[-1]}:*"), value=Opaque(), content=None),)


def _parts(entry: Entry, match: re.Match[str], content: Span | None, indent: int) -> Iterator[Entry]:
    groups = match.groupdict()
    for name in ("scheme", "username", "password", "host", "port", "path"):
        if groups.get(name) is not None:
            text = unquote(groups[name]) if name in ("username", "password") else groups[name]
            yield _part(entry, name, text, Span(*match.span(name)), content, indent)
    if groups.get("query"):
        for item in islice(_QUERY_ITEM.finditer(groups["query"]), _MOST_ITEMS):
            place = Span(*item.span("value")).shifted(match.start("query"))
            yield _part(entry, f"query.{item['name']}", unquote(item["value"]), place, content, indent)


def _part(entry: Entry, name: str, text: str, place: Span, content: Span | None, indent: int) -> Entry:
    """One part; without a verbatim place it keeps the span of the whole value and cannot be edited (no `content`)."""
    if name == "host":
        text = text.strip("[]")
    key = (*entry.key[:-1], f"{entry.key[-1]}:{name}")
    span = place.shifted(content.start + indent) if content is not None else None
    value: Value = Literal(text)
    if isinstance(entry.value, Reference):
        value = Reference(entry.value.name, Literal(text), span, span)
    return replace(entry, key=key, value=value, span=span or entry.span, content=span)
