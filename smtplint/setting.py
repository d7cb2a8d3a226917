"""The settings of an endpoint: every entry of its group with what the tables that may hold say of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, field

from smtplint.format import Entry, Literal, Reference, Scalar
from smtplint.lens import Lens, text_of
from smtplint.model import FIELDS, Setting, Unknown
from smtplint.regex import regex
from smtplint.rewrite import boolean_word
from smtplint.source import Span
from smtplint.standin import is_stand_in_word
from smtplint.stray import mistyped, overridden
from smtplint.table import Need, Test, Words

Told = Mapping[str, str | bool]
Place = tuple[tuple[str, ...], Span]


class _View(Struct, frozen=True):
    """One entry as one table sees it."""

    key: str
    entry: Entry
    told: dict[str, str | bool] = field(default_factory=dict)
    beside: tuple[tuple[Entry, str], ...] = ()


def settings(lenses: Sequence[Lens]) -> tuple[Setting, ...]:
    """Every entry that some table knows, in order of position; what is told of it is what all tables say."""
    views = [dict(_views(lens)) for lens in lenses]
    found: dict[Place, _View] = {}
    for view in views:
        for place, seen in view.items():
            found.setdefault(place, seen)
    agreed = [Setting(seen.key, seen.entry, _agreed(place, seen, views), seen.beside) for place, seen in found.items()]
    return tuple(sorted(agreed, key=lambda setting: (setting.entry.span, setting.key)))


def _agreed(place: Place, seen: _View, views: Sequence[Mapping[Place, _View]]) -> Told:
    told = [view[place].told if place in view else {} for view in views]
    return {name: value for name, value in seen.told.items() if all(other.get(name) == value for other in told)}


def missing(lenses: Sequence[Lens]) -> Need | None:
    """What mail cannot do without and the settings lack, if all tables that may hold say so."""
    needs = [_unmet(lens) for lens in lenses]
    return needs[0] if needs and all(need == needs[0] for need in needs) else None


def _unmet(lens: Lens) -> Need | None:
    if lens.dialect.partial:
        return None
    return next(
        (n for n in lens.dialect.requires if all(lens.holds(k, t) for k, t in n.tests) and _lacks(lens, n)), None
    )


def _lacks(lens: Lens, need: Need) -> bool:
    """True if certainly none of the keys is given, or none with more than an empty value."""
    return all(lens.holds(key, Test("set", (False,))) and not _holds_more(lens, key) for key in need.keys)


def _holds_more(lens: Lens, key: str) -> bool:
    """True if a list or a mapping stands under the key."""
    paths = [lens.group.path(name) for name in lens.dialect.alternatives(key)]
    return any(lens.group.surrounding.under(path, lens.group.scope) for path in paths)


def _views(lens: Lens) -> Iterator[tuple[Place, _View]]:
    """Each entry of the group, parts of values too, with what the table says of its key and of its value."""
    for key, entry in lens.entries.items():
        told = {name: value for name, value in _said(lens, key, entry) if value is not None}
        yield (entry.key, entry.span), _View(_shown(lens, entry), entry, told)
    for entry, winner in overridden(lens.group):
        told = {"overridden": True}
        yield (entry.key, entry.span), _View(_shown(lens, entry), entry, told, ((winner, "this one counts"),))
    for entry, meant in mistyped(lens.group):
        if lens.format_name == "python" and _is_used(lens, entry):
            continue  # a variable of the program's own
        yield (entry.key, entry.span), _View(_shown(lens, entry), entry, {"likely_key": meant})


def _is_used(lens: Lens, entry: Entry) -> bool:
    """True if the name occurs once more in the text."""
    return len(re.findall(rf"\b{re.escape(entry.key[-1])}\b", lens.source.text)) > 1


def _shown(lens: Lens, entry: Entry) -> str:
    """The key as people write it: without the path to the group, a part of a value as `scheme of MAILER_DSN`."""
    root = lens.group.root
    path = entry.path.removeprefix(f"{root}.") if root else entry.path
    base, colon, part = path.partition(":")
    return f"{part} of {base}" if colon else path


def _said(lens: Lens, key: str, entry: Entry) -> Iterator[tuple[str, str | bool | None]]:
    yield "field", _field_of(lens, key)
    yield "compound", lens.dialect.parts.get(key)
    yield "decides", True if key in lens.dialect.row_keys() else None
    yield "env_reader", (lens.format_name == "env" and lens.dialect.env_reader) or None
    if (name := _named(lens, lens.dialect.retired, key)) is not None:
        successor = lens.dialect.retired[name]
        yield "retired", successor
        yield "of_an_older_version", _is_older(lens)
        yield "successor_given", bool(successor) and (lens.is_written(successor) or lens.may_be_given(successor))
        yield "fits_successor", _fits(lens, successor, entry)
    if (because := _idle(lens, key)) is not None:
        yield "ineffective", because
        yield "of_an_older_version", _is_older(lens)
    if (overruling := _overruling(lens, key)) is not None:
        yield "overruled_by", overruling
    if isinstance(entry.value, Reference) and entry.value.arrives and _is_switch(lens, key):
        vocabulary = lens.dialect.vocabulary(lens.format_name)
        if entry.value.arrives != "text" or (vocabulary.other is True and vocabulary.boolean("False") is True):
            yield "flag_made_of", entry.value.arrives
    value = entry.value.default if isinstance(entry.value, Reference) else entry.value
    if isinstance(value, Literal):
        yield from _of_words(lens, key, value.value)
        yield from _of_truth(lens, key, value.value)


def _field_of(lens: Lens, key: str) -> str | None:
    """The field that the key sets by itself (`host`, `password` …)."""
    names = lens.dialect.fields.items()
    return next((f for f, keys in names if any(key in lens.dialect.alternatives(k) for k in keys)), None)


def _named(lens: Lens, names: Iterable[str], key: str) -> str | None:
    """The name, of those that the table gives, of which the key is a spelling."""
    return next((name for name in names if key in lens.dialect.alternatives(name)), None)


def _is_older(lens: Lens) -> bool:
    """True if all settings have names that are no longer read, or do nothing now: then an older version may read the file."""
    return all(_named(lens, lens.dialect.retired, key) or _idle(lens, key) for key in lens.group.entries)


def _fits(lens: Lens, successor: str, entry: Entry) -> bool:
    """True unless the table knows that the new name takes other words than the one which stands there."""
    words = lens.dialect.accepts.get(successor)
    value = entry.value.value if isinstance(entry.value, Literal) else None
    return words is None or (value is not None and words.accepts(text_of(value)))


def _idle(lens: Lens, key: str) -> str | None:
    """Why the product does nothing with the key, if it certainly does nothing."""
    for idle in lens.dialect.ineffective:
        if key in lens.dialect.alternatives(idle.key) and all(lens.holds(k, test) for k, test in idle.tests):
            return idle.because
    return None


def _overruling(lens: Lens, key: str) -> str | None:
    """The keys beside which the row that decides the encryption says that this one has no effect."""
    value, possible = lens.encryption
    if isinstance(value, Unknown) or not possible or possible[-1].ignores != key:
        return None
    others = [k for k, _ in possible[-1].tests if k != key and lens.spelling(k) in lens.entries]
    return lens.spelling(others[0]) if others else None


# --- words


def _of_words(lens: Lens, key: str, value: Scalar) -> Iterator[tuple[str, str | bool]]:
    """Of a key that takes only certain words: the one that is none of them, what it does, and which one was meant."""
    words = lens.dialect.accepts.get(_named(lens, lens.dialect.accepts, key) or "")
    word = _word(lens, value)
    if words is None or word is None or words.accepts(word) or word in lens.dialect.absent_words:
        return
    yield "unaccepted_value", word
    yield "effect", words.other
    if (meant := _meant(words, word)) is not None:
        yield "accepted_word", meant
        yield "comes_to_the_same", not words.stops and _reads_as(lens, key, meant)


def _reads_as(lens: Lens, key: str, word: str) -> bool:
    """True if the product certainly does the same as with that word, and something that the table knows."""
    after = lens.with_changes({key: word})
    same = all(lens.read(name).value == after.read(name).value for name in FIELDS)
    return same and lens.off == after.off and lens.read("encryption").known


def _word(lens: Lens, value: Scalar) -> str | None:
    """The word as the product gets it; None for numbers and booleans of a typed file, for nothing, and for stand-ins."""
    handed_over = lens.format_name == "yaml" and lens.dialect.reads_environment
    if not isinstance(value, str) and not (handed_over and isinstance(value, bool | int)):
        return None
    word = text_of(value)
    return word if _A_WORD.fullmatch(word) and not is_stand_in_word(word) else None


_A_WORD = regex(r"[A-Za-z0-9_.+:/-]{1,24}")


def _meant(words: Words, word: str) -> str | None:
    if word in words.meant:
        return words.meant[word]
    alike = [w for w in words.words if w.lower() == word.lower()]
    return alike[0] if len(alike) == 1 else None


_TRUE = frozenset({"true", "yes", "on", "1", "enable", "enabled"})
_FALSE = frozenset({"false", "no", "off", "0", "disable", "disabled"})


def _of_truth(lens: Lens, key: str, value: Scalar) -> Iterator[tuple[str, str | bool]]:
    """Of a key that the rows ask for true or false: what the word plainly says, and what the product makes of it."""
    word = text_of(value).strip().lower()
    plain = True if word in _TRUE else False if word in _FALSE else None
    if plain is None or not isinstance(value, str) or not _is_flag(lens, key):
        return
    taken = lens.dialect.vocabulary(lens.format_name).boolean(value)
    if taken is None or taken is plain:
        return
    yield "plain_meaning", plain
    yield "any_text_is_true", lens.dialect.vocabulary(lens.format_name).other is True
    try:
        yield "plain_word", boolean_word(lens, plain, value)
    except ValueError:
        return


def _is_flag(lens: Lens, key: str) -> bool:
    """True if the rows ask of the key whether it is true or false, and never for a word."""
    tests = [
        test
        for rows in (*lens.dialect.rows.values(), lens.dialect.off)
        for row in rows
        for tested, test in row.tests
        if key in lens.dialect.alternatives(tested)
    ]
    # `set` asks whether there is anything, not what it says.
    asks = any(test.operator in ("is", "not") for test in tests)
    return asks and all(isinstance(operand, bool) for test in tests for operand in test.operands)


def _is_switch(lens: Lens, key: str) -> bool:
    """True for a flag that a row wants on or off, not only given: a user name is none because it may be missing."""
    rows = (row for rows in (*lens.dialect.rows.values(), lens.dialect.off) for row in rows)
    asked = (test for row in rows for tested, test in row.tests if key in lens.dialect.alternatives(tested))
    return _is_flag(lens, key) and _field_of(lens, key) is None and any(test.operator == "is" for test in asked)
