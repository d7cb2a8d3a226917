"""What every run would work out of the tables of the package, as the files that a wheel holds of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from msgspec.structs import asdict

from smtplint import dialect, sieve, stray, table
from smtplint.format import PATTERNS


def files() -> Iterator[tuple[str, str]]:
    """Names for `knowledge.worked_out`, and the texts."""
    known = table.load_dialects().values()
    yield table.WORKED_OUT, "".join(f"{name}\t{_json(raw)}\n" for name, raw in table.worked_out())
    yield dialect.CALLS, _json(sorted(dialect.calls_of(known)))
    for name in PATTERNS:
        yield dialect.INDEX + name, _json(asdict(dialect.spellings_of(name, known)))
    for kind in (*sieve.OF_THEIR_OWN, "other"):
        yield sieve.SIEVE + kind, _json(sieve.pieces(kind, known))
    yield sieve.CLUES, _json(sieve.clues(known))
    yield stray.VOCABULARY, _json(stray.vocabulary(known))


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=True, separators=(",", ":"))
