"""A dialect table read in both directions: a group of entries to an endpoint, and a change of the endpoint to edits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from smtplint.compound import taken_apart
from smtplint.format import Entry, Format, Literal, Name, Opaque, Reference, Scalar, Value, load
from smtplint.match import Group
from smtplint.model import LOGIN_STEPS, TLS_STEPS, UNKNOWN, Endpoint, Field, FieldValue, Malformed, Step, Unknown
from smtplint.source import Source
from smtplint.stray import encryption_beside, secret_beside
from smtplint.table import NEVER, Dialect, Row, Test, base_key
from smtplint.tlsversion import floor


class Absent:
    """The value of a key that is certainly not given."""


ABSENT: Final = Absent()
Known = Scalar | Name | Absent
State = Known | Unknown
"""What a key counts as in a test."""


class Lens(Struct, frozen=True, dict=True):
    """One group under its dialect. `changes` holds keys as they would be after an edit that is only thought of."""

    source: Source
    group: Group
    format_name: str
    changes: Mapping[str, Known] = field(default_factory=dict)
    written_in: str = ""  # the format of the text, where the settings are seen as those of another one
    certain: bool = True  # whether it is beyond doubt which product reads the settings
    port: FieldValue = UNKNOWN  # the port that a fix assigns together with other fields

    @property
    def dialect(self) -> Dialect:
        return self.group.dialect

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """The entries by key, with the parts of URLs and `host:port` values as entries of their own."""
        found = dict(self.group.entries)
        for key, kind in self.dialect.parts.items():
            if key in found and not self._says_nothing(found[key].value, kind):
                for part in taken_apart(found[key], kind):
                    found[f"{key}:{part.key[-1].rpartition(':')[2]}"] = part
        return found

    def _says_nothing(self, value: Value, kind: str) -> bool:
        """True for a word that counts as absent, and for an empty URL: such a value has no parts, and hides none."""
        if not isinstance(value, Literal):
            return False
        return value.value in self.dialect.absent_words or (kind == "url" and value.value == "")

    def with_changes(self, changes: Mapping[str, Known], port: FieldValue = UNKNOWN) -> Lens:
        changed = replace(self, changes={**self.changes, **changes}, port=self.port if port is UNKNOWN else port)
        # The text is the same: no need to look values up and take them apart again.
        changed.__dict__.update(entries=self.entries, _values=self._values)
        return changed

    @property
    def format(self) -> Format:
        """How the text is written."""
        return load(self.written_in or self.format_name)

    # --- keys

    def spelling(self, key: str) -> str:
        """The alternative of a key that is given; the first one if none is."""
        alternatives = self.dialect.alternatives(key)
        return next((k for k in alternatives if k in self.changes or k in self.entries), alternatives[0])

    def value(self, key: str) -> Value | Absent:
        """What stands under a key (or one of its alternatives), whatever `changes` say."""
        if key not in self._values:
            self._values[key] = self._found(key)
        return self._values[key]

    @cached_property
    def _values(self) -> dict[str, Value | Absent]:
        return {}

    def _found(self, key: str) -> Value | Absent:
        alternatives = self.dialect.alternatives(key)
        for spelled in alternatives:
            if spelled in self.entries:
                return self.entries[spelled].value
        return next((Opaque() for k in alternatives if self.may_be_given(k)), ABSENT)

    def may_be_given(self, key: str) -> bool:
        """True if the text leaves open whether a key without an entry is given."""
        if key.startswith(NEVER):
            return False
        base = base_key(key)
        if base == key or base not in self.entries:
            return self.group.absent(key) is not None or (key in self._switches and self._has_rival)
        return f"{base}:*" in self.entries

    @cached_property
    def _switches(self) -> frozenset[str]:
        """The keys, under all their names, by which the encryption is chosen."""
        tested = {key for row in self.dialect.rows.get("encryption", ()) for key, _ in row.tests}
        return frozenset(name for key in tested for name in (key, *self.dialect.alternatives(key)))

    @cached_property
    def _has_rival(self) -> bool:
        """True if another setting may be what chooses the encryption, in a product that this table does not know."""
        return not self.certain and encryption_beside(self.group)

    def state(self, key: str) -> State:
        """What a key counts as; a reference counts as its default."""
        spelled = self.spelling(key)
        if spelled in self.changes:
            return self._counted(key, self.changes[spelled])
        value = self.value(key)
        if isinstance(value, Reference):
            value = value.default or Opaque()
        if isinstance(value, Opaque):
            return UNKNOWN
        known = value.value if isinstance(value, Literal) else value
        return self._counted(key, self._as_environment(spelled, known))

    def _as_environment(self, spelled: str, known: Known) -> Known:
        """A YAML word such as `on` for an environment variable: a boolean to YAML, but Compose hands the word itself over."""
        if not isinstance(known, bool) or self.format_name != "yaml" or not self.dialect.reads_environment:
            return known
        span = self.entries[spelled].span
        word = self.source.text[span.start : span.end]
        return word if word.lower() in ("on", "off", "yes", "no", "y", "n") else text_of(known)

    def _counted(self, key: str, value: Known) -> Known:
        if isinstance(value, bool) and self.format_name == "yaml" and self.dialect.reads_environment:
            return text_of(value)  # an environment variable holds the text, whatever YAML makes of it
        if isinstance(value, Absent):
            return next(
                (self.dialect.absent[k] for k in (key, *self.dialect.alternatives(key)) if k in self.dialect.absent),
                ABSENT,
            )
        return value

    # --- tests and rows

    def holds(self, key: str, test: Test) -> bool | None:
        """Whether a test holds; None if that cannot be known."""
        if test.operator == "written":
            return self.is_written(key) if test.operands[0] else not self.is_written(key)
        value = self._field_state(key) if key in ("port", "host") else self.state(key)
        return None if isinstance(value, Unknown) else _OPERATORS[test.operator](self, value, test)

    def is_written(self, key: str) -> bool:
        """True if the text gives the key, even with a value that cannot be known or under a condition."""
        spelled = self.spelling(key)
        return not isinstance(self.changes[spelled], Absent) if spelled in self.changes else spelled in self.entries

    def _field_state(self, name: str) -> State:
        value = self.port if name == "port" and self.port is not UNKNOWN else self.read(name).value
        return UNKNOWN if isinstance(value, Malformed) else value if value is not None else ABSENT

    def is_one_of(self, value: Known, operands: Sequence[Scalar]) -> bool | None:
        if isinstance(value, Name):
            value = value.dotted
        results = [self._equals(value, operand) for operand in operands]
        if any(results):
            return True
        return None if None in results else False

    def _equals(self, value: Scalar | Absent, operand: Scalar) -> bool | None:
        if isinstance(value, Absent):
            return False
        if isinstance(operand, bool):
            truth = self.dialect.vocabulary(self.format_name).boolean(value)
            return None if truth is None else truth is operand
        mine, wanted = text_of(value), text_of(operand)
        return mine.lower() == wanted.lower() if self.dialect.words_ignore_case else mine == wanted

    def row_holds(self, row: Row) -> bool | None:
        results = [self.holds(key, test) for key, test in row.tests]
        if False in results:
            return False
        return None if None in results else True

    def decide(self, rows: Iterable[Row]) -> tuple[FieldValue, tuple[Row, ...]]:
        """The meaning of the first row that holds, and the rows that had a say; UNKNOWN if rows that mean different things may."""
        possible: list[Row] = []
        for row in rows:
            verdict = self.row_holds(row)
            # A program that may be refused and one that runs are judged by the one that runs.
            if verdict or (verdict is None and row.means != "contradictory"):
                possible.append(row)
            if verdict:
                means = {r.means for r in possible}
                return (row.means if len(means) == 1 else UNKNOWN), tuple(possible)
        return UNKNOWN, tuple(possible)

    @cached_property
    def encryption(self) -> tuple[FieldValue, tuple[Row, ...]]:
        """What the rows for it decide: asked for again and again."""
        return self.decide(self.dialect.rows.get("encryption", ()))

    # --- fields

    def read(self, name: str) -> Field:
        """A field: from its key, else from the rows of its table, else from the defaults."""
        for key in self.dialect.fields.get(name, ()):
            value = self.value(key)
            if not isinstance(value, Absent):
                taken = self._from_entry(name, self.spelling(key), value)
                if taken is not None:
                    return taken
        if name == "port" and self._is_blank("port") and self._is_blank("host"):
            return Field(UNKNOWN)  # a form: whoever fills in the one fills in the other
        return self._derived(name)

    def _is_blank(self, name: str) -> bool:
        """True if a field is given, and as the empty text."""
        given = [v for key in self.dialect.fields.get(name, ()) if not isinstance(v := self.value(key), Absent)]
        return bool(given) and all(v == Literal("") for v in given)

    def _from_entry(self, name: str, key: str, value: Value) -> Field | None:
        """The field that an entry gives, or None if it is as good as absent."""
        entry = self.entries.get(key)
        evidence = (entry,) if entry is not None else ()
        overridable = isinstance(value, Reference)
        if isinstance(value, Reference):
            value = value.default or Opaque()
        if isinstance(value, Opaque):
            return Field(UNKNOWN, evidence, overridable)
        scalar = value.value if isinstance(value, Literal) else value.dotted
        if scalar is None and name == "host" and self.dialect.calls:
            return Field(None, evidence)
        if (
            scalar is None
            or scalar in self.dialect.absent_words
            or (scalar == "" and name not in ("username", "password"))
        ):
            return None
        return Field(_converted(name, scalar), evidence, overridable)

    def _derived(self, name: str) -> Field:
        if rows := self.dialect.rows.get(name):
            value, possible = self.encryption if name == "encryption" else self.decide(rows)
            if possible:
                entries = self._evidence(rows, possible)
                overridable = any(isinstance(e.value, Reference) for e in entries)
                return Field(value, entries, overridable)
        if name in self.dialect.defaults:
            return Field(_converted(name, self.dialect.defaults[name]))
        if self.dialect.fields.get(name) and name in ("username", "password") and not self.dialect.partial:
            return Field(None)
        return Field(UNKNOWN)

    def _evidence(self, rows: Sequence[Row], possible: Sequence[Row]) -> tuple[Entry, ...]:
        """The entries that the deciding row tests; if it tests none that is given, those of the rows that failed."""
        for tested in (possible[-1:], rows):
            found = {
                self.entries[k] for row in tested for key, _ in row.tests if (k := self.spelling(key)) in self.entries
            }
            if found:
                return tuple(sorted(found, key=lambda entry: entry.span))
        return ()

    def ignored(self) -> str | None:
        """The key that the product silently ignores beside the others, if the deciding row says so."""
        _, possible = self.encryption
        key = possible[-1].ignores if possible else None
        return key if key is not None and key in self.entries else None

    def contradiction(self) -> str:
        """What the settings that exclude each other do in this product, if its table says it."""
        _, possible = self.encryption
        return possible[-1].says if possible else ""

    def encryption_possible(self) -> str:
        """The encryptions that are not excluded, separated by blanks."""
        _, possible = self.encryption
        return " ".join(sorted({str(row.means) for row in possible}))

    @property
    def begins(self) -> str | None:
        """How the session begins, whatever the unknown flags are: `greeting` or `handshake`; None if that cannot be said."""
        decided = [lens.encryption[0] for lens in self._worlds()]
        ways = {_BEGINNINGS.get(str(value)) for value in decided}
        return ways.pop() if len(ways) == 1 else None

    def _worlds(self) -> Iterator[Lens]:
        """This lens with every combination of the flags that are unknown; nothing if there are too many, or other words too."""
        tests = [pair for row in self.dialect.rows.get("encryption", ()) for pair in row.tests]
        unknown = {key for key, _ in tests if key not in ("port", "host") and isinstance(self.state(key), Unknown)}
        flags = {
            k for k in unknown if all(isinstance(o, bool) for key, test in tests if key == k for o in test.operands)
        }
        if unknown == flags and len(flags) <= _MOST_FLAGS:
            for values in product((True, False), repeat=len(flags)):
                yield self.with_changes({self.spelling(k): v for k, v in zip(sorted(flags), values, strict=True)})

    @property
    def off(self) -> bool:
        """True if the product certainly sends no mail through this endpoint."""
        return any(self.row_holds(row) for row in self.dialect.off)


def endpoint(lens: Lens, fields: Iterable[str]) -> Endpoint:
    """The endpoint that a group describes (its `binding` is set by the caller)."""
    read = {name: lens.read(name) for name in fields}
    notes = {"encryption_possible": lens.encryption_possible()}
    if secret_beside(lens.group):
        notes["may_be_elsewhere"] = "yes"
    if ignored := lens.ignored():
        notes["ignored_setting"] = ignored
    if said := lens.contradiction():
        notes["contradiction"] = said
    if called := [element for element in lens.group.scope if element.startswith("given@")]:
        notes["given_by"] = called[-1]
    taken = tuple(_steps(lens))
    read["upgrade"] = _upgrade(taken)
    anchor = next((e.span for n in ("host", "port") for e in read[n].evidence if not e.foreign), lens.group.first.span)
    return Endpoint(
        source=lens.source,
        dialect=lens.dialect.name,
        title=lens.dialect.title,
        protocol=lens.dialect.protocol,
        fields=read,
        anchor=anchor,
        steps=taken,
        notes=notes,
    )


def steps(lens: Lens) -> list[Entry]:
    """The method calls on the session that a call opens, in the order in which they are made."""
    if not lens.dialect.calls:
        return []
    module = ".".join(lens.group.first.key[:-1])
    return sorted(lens.group.surrounding.steps(module, lens.group.scope), key=lambda e: (e.order, e.span))


def _steps(lens: Lens) -> Iterator[Step]:
    for entry in steps(lens):
        yield Step(entry.key[-1].removesuffix("()"), isinstance(entry.value, Literal), entry.span)


def _upgrade(taken: Sequence[Step]) -> Field:
    """Whether the session is encrypted before the login or after it, where both are certain."""
    certain = [step.name for step in taken if step.certain]
    places = [next((i for i, name in enumerate(certain) if name in names), -1) for names in (TLS_STEPS, LOGIN_STEPS)]
    if -1 in places:
        return Field(UNKNOWN)
    return Field("before login" if places[0] < places[1] else "after login")


_MOST_FLAGS = 3

_BEGINNINGS = {"none": "greeting", "opportunistic": "greeting", "starttls": "greeting", "implicit": "handshake"}


# --- values


def text_of(value: Scalar | Name | Absent) -> str:
    """A value as a test compares it: booleans in lower case, nothing as the empty text."""
    if value is None or isinstance(value, Absent):
        return ""
    if isinstance(value, Name):
        return value.dotted
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_set(_: Lens, value: Known, test: Test) -> bool | None:
    return (text_of(value) != "") is test.operands[0]


def _is(lens: Lens, value: Known, test: Test) -> bool | None:
    return lens.is_one_of(value, test.operands)


def _is_not(lens: Lens, value: Known, test: Test) -> bool | None:
    same = lens.is_one_of(value, test.operands)
    return None if same is None else not same


def _matches(_: Lens, value: Known, test: Test) -> bool | None:
    return re.search(str(test.operands[0]), text_of(value)) is not None


def _is_name(_: Lens, value: Known, test: Test) -> bool | None:
    names = [str(operand).removesuffix("()") for operand in test.operands]
    return isinstance(value, Name) and value.dotted.removesuffix("()") in names


_OPERATORS = {"is": _is, "set": _is_set, "not": _is_not, "matches": _matches, "name": _is_name}


def _converted(name: str, scalar: Scalar) -> FieldValue:
    if name == "port":
        return _port(scalar)
    if name == "tls_floor":
        return floor(text_of(scalar)) or UNKNOWN
    if name == "timeout":
        return _number(scalar)
    return scalar if name in ("encryption", "verification") else text_of(scalar)


def _port(scalar: Scalar) -> FieldValue:
    if isinstance(scalar, int) and not isinstance(scalar, bool):
        return scalar if 0 < scalar < 65536 else Malformed(str(scalar))
    text = text_of(scalar).strip()
    return (
        int(text)
        if text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536
        else Malformed(text_of(scalar))
    )


def _number(scalar: Scalar) -> FieldValue:
    if text_of(scalar) == "":
        return None  # nothing ends the waiting
    try:
        return float(text_of(scalar))
    except ValueError:
        return UNKNOWN
