"""Completion of values: the words that the recognised product takes for a key, and the ports of the provider."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from lsprotocol import types

from smtplint import provider
from smtplint.format import Literal, of_path
from smtplint.language.desk import Checked
from smtplint.model import Endpoint, Setting
from smtplint.port import ports
from smtplint.source import Source, Span
from smtplint.table import Dialect, Row, Test, load_dialects

STAND_IN: Final = "0"
"""Put where nothing is written yet, so that the text can be read."""

_OPENS: Final = {"implicit": "TLS from the first byte", "starttls": "STARTTLS", "none": "clear text"}

Offered = tuple[str, str]
"""A word, and what is to be said about it."""


def completions(checked: Checked, offset: int) -> list[types.CompletionItem]:
    """What may be written as the value in which the offset lies."""
    if checked.source is None:
        return []
    text = checked.source.text
    filled = checked.source.with_text(text[:offset] + STAND_IN + text[offset:])
    for source, more in ((checked.source, 0), (filled, len(STAND_IN))):
        for endpoint in checked.endpoints if not more else checked.of(source):
            for setting in endpoint.settings:
                place = setting.entry.content or setting.entry.span
                if place.start <= offset <= place.end and _is_plain(setting, source, place):
                    return _items(checked, Span(place.start, place.end - more), offered(endpoint, setting))
    return []


def _is_plain(setting: Setting, source: Source, place: Span) -> bool:
    """True for a value that the text spells out in one line, and may be replaced there."""
    written = source.at(place)
    return isinstance(setting.entry.value, Literal) and not setting.entry.value.computed and "\n" not in written


def _items(checked: Checked, place: Span, words: Iterable[Offered]) -> list[types.CompletionItem]:
    where = checked.text.range(place)
    found: dict[str, str] = {}
    for word, said in words:
        found.setdefault(word, said)
    return [
        types.CompletionItem(
            word,
            kind=types.CompletionItemKind.Value,
            detail=said or None,
            sort_text=f"{number:03}",
            text_edit=types.TextEdit(where, word),
        )
        for number, (word, said) in enumerate(found.items())
    ]


def offered(endpoint: Endpoint, setting: Setting) -> Iterator[Offered]:
    """The words for a setting, best first."""
    table = load_dialects().get(endpoint.dialect)
    if setting.told.get("field") == "port":
        yield from _ports(endpoint)
    if table is None:
        return
    for name, words in table.accepts.items():
        if _is(setting, table, name):
            yield from ((word, table.title) for word in words.words if word)
    tests = [(row, test) for row in _rows(table) for name, test in row.tests if _is(setting, table, name)]
    if any(isinstance(operand, bool) for _, test in tests for operand in test.operands if test.operator == "is"):
        yield from ((word, table.title) for word in _flags(table, endpoint))
    yield from ((word, table.title) for _, test in tests for word in _spelled(test))


def _rows(table: Dialect) -> Iterator[Row]:
    for rows in (*table.rows.values(), table.off):
        yield from rows


def _is(setting: Setting, table: Dialect, name: str) -> bool:
    """True if the setting has one of the spellings of a key of the table."""
    own = setting.entry.path.lower() if table.ignores_case else setting.entry.path
    spellings = [key.lower() if table.ignores_case else key for key in table.alternatives(name)]
    return any(own == key or own.endswith(f".{key}") for key in spellings)


def _flags(table: Dialect, endpoint: Endpoint) -> tuple[str, ...]:
    form = of_path(endpoint.source.path) or ""
    if form in ("python", "toml"):
        return ("True", "False") if form == "python" else ("true", "false")
    vocabulary = table.vocabulary(form)
    found = (*vocabulary.true[:1], *vocabulary.false[:1])
    return tuple(word for word in found if word) or ("true", "false")


def _spelled(test: Test) -> Iterator[str]:
    if test.operator == "is":
        yield from (word for word in test.operands if isinstance(word, str) and word)


def _ports(endpoint: Endpoint) -> Iterator[Offered]:
    """The provider's ports where it is known, and else those of the protocol; how each opens."""
    host = endpoint.value("host")
    found = provider.find(host, endpoint.protocol) if isinstance(host, str) and host else None
    if found is not None:
        yield from ((str(p.port), _OPENS.get(p.mode, "")) for p in found.ports if p.documented)
        return
    for port in ports().values():
        if port.protocol == endpoint.protocol and port.opens is not None and port.role != "relay":
            yield str(port.port), _OPENS[port.opens]
