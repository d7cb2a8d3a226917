"""What every run would work out of the tables and rules of the package, as the files that a wheel holds of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from smtplint import dialect, knowledge, provider, rule, sieve, stray, table
from smtplint.format import PATTERNS
from smtplint.model import PROTOCOLS

_json: Final = msgspec.json.encode


def files() -> Iterator[tuple[str, bytes]]:
    """Names for `knowledge.worked_out`, and what the files hold."""
    tables = table.load_dialects()
    known = tables.values()
    yield from knowledge.as_records(table.WORKED_OUT, dict(sorted(tables.items())))
    for name, facts in knowledge.tables("facts").items():
        yield from knowledge.as_records(knowledge.FACTS + name, facts)
    yield from knowledge.as_records(provider.ROWS, provider.rows())
    yield from knowledge.as_records(provider.HOSTS, {p: provider.hosts_of(p) for p in PROTOCOLS})
    yield rule.RULES, _json(rule.load_rules())
    yield dialect.CALLS, _json(sorted(dialect.calls_of(known)))
    for name in PATTERNS:
        spelled = dialect.spellings_of(name, known)
        yield from knowledge.as_records(dialect.INDEX + name, spelled.by_tail)
        yield dialect.WILD + name, _json(spelled.wild)
    for kind in (*sieve.OF_THEIR_OWN, "other"):
        yield sieve.SIEVE + kind, _json(sieve.pieces(kind, known))
    yield sieve.CLUES, _json(sieve.clues(known))
    yield from knowledge.as_records(stray.VOCABULARY, stray.vocabulary(known))
