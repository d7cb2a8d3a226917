"""What readers of files do to values (`facts/readers.toml`), and what people write into values by mistake."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from msgspec import Struct, field

from smtplint import knowledge
from smtplint.format import Entry
from smtplint.handover import Surroundings
from smtplint.regex import regex
from smtplint.wildcard import fits


class Reader(Struct, frozen=True):
    """A row of the table; its file says what the keys mean."""

    title: str
    source: str
    expands: bool = False
    single_quotes: bool = False
    escape: str = ""
    strict_text: bool = False
    isolated: bool = False
    names: tuple[str, ...] = ()
    manifests: Mapping[str, re.Pattern[str]] = field(default_factory=dict)


@cache
def readers() -> Mapping[str, Reader]:
    raw = knowledge.facts("readers")
    return {name: _reader(row) for name, row in raw.items()}


def _reader(row: dict[str, Any]) -> Reader:
    manifests = {name: regex(pattern) for name, pattern in row.get("manifests", {}).items()}
    return Reader(**{**row, "names": tuple(row.get("names", ())), "manifests": manifests})


def of_env_file(entries: Iterable[Entry], around: Surroundings) -> str:
    """The reader of a bare `.env` file, told by names in it or by the project around it; empty if none or several are."""
    names = {entry.key[-1] for entry in entries}
    found = [name for name, reader in readers().items() if _is_told(reader, names, around)]
    return found[0] if len(found) == 1 else ""


def _is_told(reader: Reader, names: set[str], around: Surroundings) -> bool:
    if any(fits(name, pattern) for pattern in reader.names for name in names):
        return True
    return any((text := around.text(n)) is not None and p.search(text) for n, p in reader.manifests.items())


# --- values

_NAME_AFTER_DOLLAR = regex(r"(?<![\\$])(?:\$\$)*\$([A-Za-z_][A-Za-z0-9_]*)")
_CONSTANT = regex(r"[A-Z][A-Z0-9]*_?[A-Z0-9_]{2,}")


def swallowed_name(written: str, reader: Reader) -> str | None:
    """The name that the reader takes for a variable in a value of which it is not the whole; None if there is none.

    `written`: the value with its quotes. A name in capitals, and `${NAME}`, is meant to be a variable.
    """
    if not reader.expands or (reader.single_quotes and written.startswith("'")) or "${" in written or "{{" in written:
        return None
    inner = written.strip("'\"")
    found = [m for m in _NAME_AFTER_DOLLAR.finditer(inner) if m.span() != (0, len(inner))]
    return next((m[1] for m in found if not _CONSTANT.fullmatch(m[1])), None)


def unquoted(value: str) -> str | None:
    """What stands between quotes that are part of the value; None if there are none."""
    is_quoted = len(value) > 2 and value[0] in "'\"" and value[-1] == value[0]
    return value[1:-1] if is_quoted and value[0] not in value[1:-1] else None


_URL = regex(r"[A-Za-z][A-Za-z0-9+.-]*://(?P<authority>[^/?#]*)(?P<rest>.*)", re.DOTALL)
_BEHIND = regex(r"[^@\s]*@(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::\d+)?(?:[/?].*)?", re.DOTALL)


def cut_userinfo(url: str) -> str | None:
    """The character that ends the host part of a URL too early, in the middle of a password: `/`, `?` or `#`.

    All parsers end it there (RFC 3986 section 3.2). What stands before is then no host and port: the port is no number.
    """
    found = _URL.fullmatch(url.strip())
    if found is None or "${" in url or "{{" in url or not found["rest"]:
        return None
    port = found["authority"].rpartition("@")[2].partition(":")[2]
    if not port or port.isdigit() or _BEHIND.fullmatch(found["rest"]) is None:
        return None
    return found["rest"][0]
