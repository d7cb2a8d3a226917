"""Dialect tables: what the TOML files in `dialects/` may say, read into types and checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, field

from smtplint import knowledge
from smtplint.format import PATTERNS, Scalar
from smtplint.model import ENCRYPTIONS, FIELDS, PROTOCOLS, VERIFICATIONS

ROW_FIELDS = ("host", "port", "encryption", "verification", "tls_floor", "timeout", "login")
PARTS = ("hostport", "url", "hosturl")
OPERATORS = ("set", "not", "matches", "name", "written")


class TableError(Exception):
    """A table that cannot be used: the message names file and key."""


class Test(Struct, frozen=True):
    """A condition on the value of one key: `operator` is `is` (one of `operands`), or one of OPERATORS."""

    operator: str
    operands: tuple[Scalar, ...]


class Row(Struct, frozen=True, omit_defaults=True):
    """What a field is (`means`) where all tests hold; `ignores` names a key that then has no effect.

    `says`: what a contradiction does in this product, as a sentence, where it is another one than two kinds of TLS.
    """

    means: Scalar
    tests: tuple[tuple[str, Test], ...]
    ignores: str | None = None
    says: str = ""


class Vocabulary(Struct, frozen=True, omit_defaults=True):
    """How text becomes a boolean; `other` is what every further word means, None if that is unknown."""

    true: tuple[str, ...] = ()
    false: tuple[str, ...] = ()
    other: bool | None = None
    exact: bool = False

    def boolean(self, value: Scalar) -> bool | None:
        if not isinstance(value, str):
            return bool(value)
        if " " in value.strip():
            return None  # a sentence about the flag, such as its description
        text = value if self.exact else value.lower()
        for words, meaning in ((self.true, True), (self.false, False)):
            if text in (words if self.exact else tuple(word.lower() for word in words)):
                return meaning
        return self.other


class Words(Struct, frozen=True, omit_defaults=True):
    """The words that a key takes; `other` is a sentence about what any further word does, `meant` the slips and their cure."""

    words: tuple[str, ...]
    other: str
    ignores_case: bool = False
    meant: Mapping[str, str] = field(default_factory=dict)

    @property
    def stops(self) -> bool:
        """True if the sentence about other words says that the product refuses them, or sends nothing then."""
        return (
            re.search(
                r"refuse|stop|fail|(?:not|never|nothing) (?:start|sent|send)|no mail|sends nothing|crash", self.other
            )
            is not None
        )

    def accepts(self, word: str) -> bool:
        return word in self.words or (self.ignores_case and word.lower() in {w.lower() for w in self.words})


class Need(Struct, frozen=True, omit_defaults=True):
    """Where all tests hold, one of `keys` must be given; `without` is a sentence about what happens else."""

    keys: tuple[str, ...]
    without: str
    tests: tuple[tuple[str, Test], ...] = ()


class Idle(Struct, frozen=True, omit_defaults=True):
    """Where all tests hold, the product reads `key` and does nothing with it; `because` is a sentence."""

    key: str
    because: str
    tests: tuple[tuple[str, Test], ...] = ()


class Pattern(Struct, frozen=True):
    """A regular expression of a table, compiled when it is first needed: most runs need few of some hundred."""

    text: str

    def search(self, text: str) -> bool:
        return _compiled(self.text).search(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


class Dialect(Struct, frozen=True, omit_defaults=True):
    """How one program spells its mail settings; see CONTRIBUTING.md for what each key of the file means."""

    name: str
    title: str
    source: str
    protocol: str = "smtp"
    formats: tuple[str, ...] = ()
    engine: bool = False
    unique: tuple[str, ...] = ()
    anchors: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    siblings: tuple[str, ...] = ()
    manifests: Mapping[str, Pattern] = field(default_factory=dict)
    pins: Mapping[str, Pattern] = field(default_factory=dict)
    needs_evidence: bool = False
    fallback: bool = False
    reads_environment: bool = False
    env_reader: str = ""
    senders: Mapping[str, Pattern] = field(default_factory=dict)
    rewrite: bool = True
    ignores_case: bool = False
    words_ignore_case: bool = False
    absent_words: tuple[str, ...] = ()
    partial: bool = False
    parts: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    calls: tuple[str, ...] = ()
    carries: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    defaults: Mapping[str, Scalar] = field(default_factory=dict)
    absent: Mapping[str, Scalar] = field(default_factory=dict)
    vocabularies: Mapping[str, Vocabulary] = field(default_factory=dict)
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    off: tuple[Row, ...] = ()
    others: tuple[str, ...] = ()
    accepts: Mapping[str, Words] = field(default_factory=dict)
    requires: tuple[Need, ...] = ()
    retired: Mapping[str, str] = field(default_factory=dict)
    ineffective: tuple[Idle, ...] = ()

    def vocabulary(self, format_name: str) -> Vocabulary:
        return self.vocabularies.get(format_name) or self.vocabularies.get("", Vocabulary())

    def alternatives(self, key: str) -> tuple[str, ...]:
        """The spellings of a key, first the one to write."""
        return self.aliases.get(key, (key,))

    def row_keys(self, *, but: str = "") -> Iterable[str]:
        """Every key, aliases resolved, that a row tests (fields such as `port` left out); without the rows of the field `but`."""
        for rows in (*(rows for name, rows in self.rows.items() if name != but), self.off):
            for row in rows:
                for key, _ in row.tests:
                    if key not in ("host", "port"):
                        yield from self.alternatives(key)

    def keys(self) -> tuple[str, ...]:
        """Every key of the table as the files spell it, parts of values (`KEY:port`) by their key."""
        named = [k for keys in self.fields.values() for key in keys for k in self.alternatives(key)]
        anchors = [anchor for anchor in self.anchors if "*" not in anchor]  # a pattern of anchors is no key of its own
        every = (*named, *self.row_keys(), *self.parts, *anchors, *self._judged_keys())
        return tuple(dict.fromkeys(base_key(key) for key in every))

    def _judged_keys(self) -> Iterable[str]:
        """The keys of which more is known than what they set: words they take, whether they must be there, or do nothing."""
        judged: tuple[Need | Idle, ...] = (*self.requires, *self.ineffective)
        tested = [key for one in judged for key, _ in one.tests]
        named = [key for need in self.requires for key in need.keys] + [idle.key for idle in self.ineffective]
        for key in (*self.accepts, *self.retired, *named, *tested):
            if key not in ("host", "port"):
                yield from self.alternatives(key)


def base_key(key: str) -> str:
    """The key in whose value a part such as `MAILER_DSN:port` stands."""
    return key.partition(":")[0]


Folders = tuple[Path, ...]
"""Folders of tables that users have of their own."""


def load_dialects(folders: Folders = ()) -> Mapping[str, Dialect]:
    """Every table of the package and of the folders that can match a file, by name (the file name without `.toml`)."""
    return _loaded(folders)


WORKED_OUT: Final = "dialects"


@cache
def _loaded(folders: Folders) -> Mapping[str, Dialect]:
    made = knowledge.records(WORKED_OUT, Dialect) if not folders else None
    if made is not None:
        return made
    raw = dict(knowledge.tables("dialects"))
    places: dict[str, str] = {}
    for file in (file for folder in folders for file in sorted(folder.iterdir()) if file.name.endswith(".toml")):
        if file.stem in raw:
            raise TableError(f"{file}: there is a dialect {file.stem!r} already")
        raw[file.stem], places[file.stem] = _parsed(_text(file), str(file)), str(file)
    return _built(raw, places, sound=knowledge.tables("dialects"))


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(f"{file}: {error}") from error


def read_tables(texts: Mapping[str, str]) -> Mapping[str, Dialect]:
    """Tables by name from their TOML texts; TableError for anything that is not understood."""
    return _built({name: _parsed(text, _place(name)) for name, text in texts.items()}, {})


def _place(name: str) -> str:
    return f"dialects/{name}.toml"


def _parsed(text: str, place: str) -> dict[str, Any]:
    try:
        return knowledge.toml(text)
    except (ValueError, RecursionError) as error:
        raise TableError(f"{place}: {error}") from error


def _built(
    raw: Mapping[str, dict[str, Any]], places: Mapping[str, str], sound: Collection[str] = ()
) -> Mapping[str, Dialect]:
    """The tables with what they inherit. `places`: the files of those that users have of their own; `sound`: tested ones."""
    tables: dict[str, Dialect] = {}
    for name in sorted(raw):
        try:
            _refuse_other_types(raw[name])
            if name not in sound:
                _refuse_broken_patterns(raw[name])
            tables[name] = _checked(name, _extended(name, raw))
        except (TableError, RecursionError, KeyError, TypeError, ValueError, AttributeError, re.error) as error:
            detail = f"missing key {error}" if isinstance(error, KeyError) else str(error)
            raise TableError(f"{places.get(name, _place(name))}: {detail}") from error
    return {name: table for name, table in tables.items() if not table.engine}


def _extended(name: str, raw: Mapping[str, dict[str, Any]], seen: tuple[str, ...] = ()) -> dict[str, Any]:
    """The table with what it inherits: `[rename]` turns the keys of the engine into its own."""
    own = dict(raw[name])
    parent = own.pop("extends", None)
    rename = own.pop("rename", {})
    if parent is None:
        return own
    if parent not in raw or parent in seen:
        raise TableError(f"extends: no table {parent!r} to extend")
    inherited = _extended(parent, raw, (*seen, name))
    is_engine = inherited.get("engine", False)
    if "pins" not in own:  # one era of a product is told apart as the product is
        inherited = {k: v for k, v in inherited.items() if k not in _IDENTITY}
    names = {name: name for name in own.get("aliases", {})} | rename  # an alias of its own is a name of its own
    return _merged(_renamed(inherited, names, keep=not is_engine), own)


_IDENTITY = frozenset(
    {
        "title",
        "source",
        "engine",
        "unique",
        "anchors",
        "images",
        "paths",
        "siblings",
        "manifests",
        "needs_evidence",
        "fallback",
    }
)


NEVER = "~"
"""Begins the name of an engine's key that the product has no name for: it matches nothing and is always absent."""


def _renamed(table: dict[str, Any], names: Mapping[str, Any], *, keep: bool) -> dict[str, Any]:
    """The engine's keys under their new names; what got none counts as absent, unless the names are to be kept."""

    def new(key: str) -> str:
        base, colon, part = key.partition(":")
        if key in names or base in names:
            return str(names.get(key, names.get(base, "") + colon + part))
        return key if keep or key in ("port", "host") or key.startswith(NEVER) else NEVER + key

    result = dict(table)
    result["fields"] = {f: [new(k) for k in _strings(keys)] for f, keys in table.get("fields", {}).items()}
    result["absent"] = {new(k): v for k, v in table.get("absent", {}).items()}
    result["parts"] = {new(k): v for k, v in table.get("parts", {}).items()}
    result["aliases"] = {new(k): [new(x) for x in v] for k, v in table.get("aliases", {}).items()}
    result["accepts"] = {new(k): v for k, v in table.get("accepts", {}).items()}
    result["retired"] = {new(k): new(v) if v else v for k, v in table.get("retired", {}).items()}
    for rows in (*ROW_FIELDS, "off", "ineffective"):
        if rows in table:
            result[rows] = [_renamed_row(r, new) for r in table[rows]]
    if "requires" in table:
        result["requires"] = [_renamed_need(need, new) for need in table["requires"]]
    return result


def _renamed_row(row: dict[str, Any], new: Callable[[str], str]) -> dict[str, Any]:
    named = {**row, "keys": {new(k): t for k, t in row.get("keys", {}).items()}}
    return named | {key: new(row[key]) for key in ("ignores", "key") if key in row}


def _renamed_need(need: dict[str, Any], new: Callable[[str], str]) -> dict[str, Any]:
    when = {new(k): t for k, t in need.get("when", {}).items()}
    return {**need, "keys": [new(k) for k in _strings(need["keys"])], "when": when}


def _merged(inherited: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Own sub-tables are added to the inherited ones; own rows replace the inherited rows of that field."""
    result = dict(inherited)
    for key, value in own.items():
        below = result.get(key)
        result[key] = {**below, **value} if isinstance(value, dict) and isinstance(below, dict) else value
    return result


_KEYS = frozenset(
    {
        "title", "source", "protocol", "formats", "engine", "unique", "anchors", "images", "paths", "siblings",
        "manifests", "pins", "needs_evidence", "fallback", "reads_environment", "env_reader", "senders", "carries",
        "rewrite", "case", "words", "parts", "aliases", "calls", "marks", "partial",
        "fields", "defaults", "absent", "booleans", "off", "others", "accepts", "requires", "retired", "ineffective", *ROW_FIELDS,
    }
)  # fmt: skip


_TEXTS = ("title", "source", "protocol", "env_reader", "case", "extends")
_FLAGS = ("engine", "needs_evidence", "fallback", "reads_environment", "rewrite", "partial")
_LISTS = ("formats", "unique", "anchors", "images", "paths", "siblings", "calls", "marks", "others")
_ROWS = (*ROW_FIELDS, "off", "requires", "ineffective")


def _refuse_broken_patterns(raw: Mapping[str, Any]) -> None:
    """TableError for a text that is no regular expression."""
    patterns = [p for key in ("manifests", "pins", "senders") for p in raw.get(key, {}).values()]
    rows = [row for rows in raw.values() if _is_list_of(rows, dict) for row in rows]
    tested = [row[key] for row in rows for key in ("keys", "when") if isinstance(row.get(key), dict)]
    tests = [test for one in tested for test in one.values()]
    patterns += [test["matches"] for test in tests if isinstance(test, dict) and "matches" in test]
    for pattern in patterns:
        try:
            re.compile(pattern)
        except (re.error, TypeError) as error:
            raise TableError(f"{pattern!r} is no regular expression: {error}") from error


def _refuse_other_types(raw: Mapping[str, Any]) -> None:
    """TableError, naming the key, for a value of a kind that the key does not take."""
    for key, value in raw.items():
        if key in _TEXTS:
            fits, kind = isinstance(value, str), "text"
        elif key in _FLAGS:
            fits, kind = isinstance(value, bool), "true or false"
        elif key in _LISTS:
            fits, kind = isinstance(value, str) or _is_list_of(value, str), "a list of texts"
        elif key in _ROWS:
            fits, kind = _is_list_of(value, dict), f"rows, each under [[{key}]]"
        else:
            fits, kind = isinstance(value, dict) or key not in _KEYS, f"a table [{key}]"
        if not fits:
            raise TableError(f"{key}: {kind} expected, not {value!r}")


def _is_list_of(value: object, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(item, kind) for item in value)


def _checked(name: str, raw: dict[str, Any]) -> Dialect:
    _refuse_unknown("key", raw, _KEYS)
    _refuse_unknown("[words]", raw.get("words", {}), ("case", "absent"))
    _refuse_unknown("[fields]", raw.get("fields", {}), FIELDS)
    _refuse_unknown("[defaults]", raw.get("defaults", {}), FIELDS)
    _refuse_unknown("formats", raw.get("formats", ()), PATTERNS)
    _refuse_unknown("parts", raw.get("parts", {}).values(), PARTS)
    _refuse_unknown("protocol", [raw.get("protocol", "smtp")], PROTOCOLS)
    fields = {f: _strings(keys) for f, keys in raw.get("fields", {}).items()}
    unique = _strings(raw.get("unique", ()))
    aliases = {k: _strings(v) for k, v in raw.get("aliases", {}).items()}
    spelled = tuple(k for keys in fields.values() for key in keys for k in aliases.get(key, (key,)))
    found = (*unique, *(base_key(key) for key in spelled if not key.startswith(NEVER)))
    anchors = _strings(raw.get("anchors", ())) or tuple(dict.fromkeys(found))
    return Dialect(
        name=name,
        title=raw["title"],
        source=raw["source"],
        protocol=raw.get("protocol", "smtp"),
        formats=_strings(raw.get("formats", ())),
        engine=raw.get("engine", False),
        unique=unique,
        anchors=(*anchors, *(u for u in unique if u not in anchors)),
        images=_strings(raw.get("images", ())),
        paths=_strings(raw.get("paths", ())),
        siblings=_strings(raw.get("siblings", ())),
        manifests={k: Pattern(v) for k, v in raw.get("manifests", {}).items()},
        pins={k: Pattern(v) for k, v in raw.get("pins", {}).items()},
        needs_evidence=raw.get("needs_evidence", False),
        fallback=raw.get("fallback", False),
        reads_environment=raw.get("reads_environment", False),
        env_reader=raw.get("env_reader", ""),
        senders={k: Pattern(v) for k, v in raw.get("senders", {}).items()},
        rewrite=raw.get("rewrite", True),
        ignores_case=_ignores_case(raw.get("case", "exact")),
        words_ignore_case=_ignores_case(raw.get("words", {}).get("case", "exact")),
        absent_words=_strings(raw.get("words", {}).get("absent", ())),
        partial=raw.get("partial", False),
        parts=raw.get("parts", {}),
        aliases=aliases,
        calls=_strings(raw.get("calls", ())),
        carries=raw.get("carries", {}),
        marks=_strings(raw.get("marks", ())),
        fields=fields,
        defaults=raw.get("defaults", {}),
        absent=raw.get("absent", {}),
        vocabularies=_vocabularies(raw.get("booleans", {})),
        rows={f: tuple(_row(f, r) for r in raw[f]) for f in ROW_FIELDS if f in raw},
        off=tuple(_row("off", r) for r in raw.get("off", ())),
        others=_strings(raw.get("others", ())),
        accepts={k: _words(k, v) for k, v in raw.get("accepts", {}).items()},
        requires=tuple(_need(r) for r in raw.get("requires", ())),
        retired=raw.get("retired", {}),
        ineffective=tuple(_idle(r) for r in raw.get("ineffective", ())),
    )


def _words(key: str, raw: dict[str, Any]) -> Words:
    _refuse_unknown(f"[accepts.{key}]", raw, ("words", "other", "case", "meant"))
    words = Words(_strings(raw["words"]), raw["other"], _ignores_case(raw.get("case", "exact")), raw.get("meant", {}))
    for wrong, right in words.meant.items():
        if words.accepts(wrong) or not words.accepts(right):
            raise ValueError(f"[accepts.{key}] meant: {wrong!r} is accepted, or {right!r} is not")
    return words


def _need(raw: dict[str, Any]) -> Need:
    _refuse_unknown("[[requires]]", raw, ("keys", "without", "when"))
    return Need(_strings(raw["keys"]), raw["without"], _tests(raw.get("when", {})))


def _idle(raw: dict[str, Any]) -> Idle:
    _refuse_unknown("[[ineffective]]", raw, ("key", "because", "keys"))
    return Idle(raw["key"], raw["because"], _tests(raw.get("keys", {})))


def _tests(raw: Mapping[str, Any]) -> tuple[tuple[str, Test], ...]:
    return tuple((k, _test(v)) for k, v in raw.items())


def _refuse_unknown(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    if unknown := [str(k) for k in given if k not in known]:
        raise ValueError(f"{what}: {', '.join(unknown)} not understood")


def _ignores_case(word: str) -> bool:
    if word not in ("exact", "ignore"):
        raise ValueError(f"case: {word!r} is neither 'exact' nor 'ignore'")
    return word == "ignore"


def _strings(value: Any) -> tuple[str, ...]:
    values = (value,) if isinstance(value, str) else tuple(value)
    if not all(isinstance(v, str) for v in values):
        raise TypeError(f"text expected, not {values!r}")
    return values


def _vocabularies(raw: dict[str, Any]) -> dict[str, Vocabulary]:
    own = {k: v for k, v in raw.items() if not isinstance(v, dict)}
    result = {"": _vocabulary(own)} if own else {}
    return result | {k: _vocabulary(v) for k, v in raw.items() if isinstance(v, dict)}


def _vocabulary(raw: dict[str, Any]) -> Vocabulary:
    _refuse_unknown("[booleans]", raw, ("true", "false", "other", "case"))
    exact = raw.get("case", "ignore") == "exact"
    return Vocabulary(_strings(raw.get("true", ())), _strings(raw.get("false", ())), raw.get("other"), exact)


_MEANINGS: Mapping[str, tuple[str, ...]] = {"encryption": ENCRYPTIONS, "verification": VERIFICATIONS}


def _row(field_name: str, raw: dict[str, Any]) -> Row:
    _refuse_unknown(f"[[{field_name}]]", raw, ("means", "keys", "ignores", "says"))
    means = True if field_name == "off" else raw["means"]
    if field_name == "login" and not isinstance(means, bool):
        raise ValueError(f"[[login]] means = {means!r} is neither true nor false")
    if field_name in _MEANINGS and means not in _MEANINGS[field_name]:
        raise ValueError(f"[[{field_name}]] means = {means!r} is none of {', '.join(_MEANINGS[field_name])}")
    if "says" in raw and means != "contradictory":
        raise ValueError(f"[[{field_name}]] says is for rows that mean contradictory")
    return Row(means, _tests(raw.get("keys", {})), raw.get("ignores"), raw.get("says", ""))


def _test(raw: Any) -> Test:
    if not isinstance(raw, dict):
        return Test("is", tuple(raw) if isinstance(raw, list) else (raw,))
    if len(raw) != 1 or next(iter(raw)) not in OPERATORS:
        raise ValueError(f"{raw!r} is not one of the operators {', '.join(OPERATORS)}")
    operator, operand = next(iter(raw.items()))
    return Test(operator, tuple(operand) if isinstance(operand, list) else (operand,))
