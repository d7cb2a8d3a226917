"""The dialect table backwards: which keys must change for a field to have a value, and the edits that change them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from msgspec import Struct

from smtplint.format import Code, Entry, Format, Literal, Name, Opaque, Reference, Scalar, default_edit
from smtplint.lens import ABSENT, Absent, Known, Lens, steps, text_of
from smtplint.model import LOGIN_STEPS, TLS_STEPS, UNKNOWN, Assignments, Change
from smtplint.source import Edit, Span
from smtplint.table import NEVER, Row, Test, base_key
from smtplint.tlsversion import raised

Changes = dict[str, Known]

_PAIRS = (("true", "false"), ("yes", "no"), ("on", "off"), ("1", "0"), ("y", "n"), ("t", "f"))


class TextBinding(Struct, frozen=True):
    """The way back from an endpoint; several lenses if several dialects may hold, and then all must want the same edits."""

    lenses: tuple[Lens, ...]

    def edits(self, assignments: Assignments) -> tuple[Edit, ...] | None:
        if not all(lens.dialect.rewrite for lens in self.lenses):
            return None
        return self._laid_out(_same([_edits(lens, assignments) for lens in self.lenses]))

    def changed(self, change: Change) -> tuple[Edit, ...] | None:
        if not all(lens.dialect.rewrite for lens in self.lenses):
            return None
        return self._laid_out(_same([_changed(lens, change) for lens in self.lenses]))

    def _laid_out(self, edits: tuple[Edit, ...] | None) -> tuple[Edit, ...] | None:
        lens = self.lenses[0]
        format_ = lens.format
        return format_.laid_out(lens.source, edits) if edits and isinstance(format_, Code) else edits


def _same(wanted: Sequence[tuple[Edit, ...] | None]) -> tuple[Edit, ...] | None:
    return wanted[0] if all(edits == wanted[0] for edits in wanted) else None


def expressible(lens: Lens, name: str, value: str) -> bool:
    """True if the table has a way to say that the field has this value."""
    rows = lens.dialect.rows.get(name, ())
    said = any(row.means == value and not _is_dead(lens, row) for row in rows)
    return said or lens.dialect.defaults.get(name) == value


def _is_dead(lens: Lens, row: Row) -> bool:
    """True for a row of an engine that asks for a key which the product has no name for."""
    return any(lens.spelling(key).startswith(NEVER) and lens.holds(key, test) is False for key, test in row.tests)


def _edits(lens: Lens, assignments: Assignments) -> tuple[Edit, ...] | None:
    """The fewest edits that make all assignments true at once, None if there are none."""
    if "upgrade" in assignments:
        return _upgraded(lens)
    plans = list(_plans(lens, assignments))
    done = [edits for plan in plans if (edits := _written(lens, plan)) is not None]
    return min(done, key=lambda edits: (len(edits), _size(edits)), default=None)


def _upgraded(lens: Lens) -> tuple[Edit, ...] | None:
    """The step that encrypts, moved before the one that logs in."""
    format_ = lens.format
    found = steps(lens)
    upgrade = next((e for e in found if e.key[-1].removesuffix("()") in TLS_STEPS), None)
    login = next((e for e in found if e.key[-1].removesuffix("()") in LOGIN_STEPS), None)
    if upgrade is None or login is None or upgrade.shared or not isinstance(format_, Code):
        return None
    return format_.moved(lens.source, upgrade, login)


def _size(edits: Sequence[Edit]) -> int:
    return sum(len(e.text) + e.span.end - e.span.start for e in edits)


def _plans(lens: Lens, assignments: Assignments) -> Iterator[Changes]:
    """Every set of changed keys after which all assigned fields read back as assigned."""
    fixed: Changes = {}
    for name, value in assignments.items():
        if name in lens.dialect.rows and name not in lens.dialect.fields:
            continue
        key = _key_of(lens, name)
        if key is None:
            return
        if lens.read(name).value != value:
            fixed[key] = value
    ruled = [(n, v) for n, v in assignments.items() if n in lens.dialect.rows and n not in lens.dialect.fields]
    port = assignments.get("port")
    start = lens.with_changes(fixed, int(port)) if port is not None else lens.with_changes(fixed)
    for plan in _row_plans(start, ruled, {}):
        changes = _carried(lens, {**fixed, **plan})
        after = lens.with_changes(changes or {}, start.port)
        if changes is None or not all(after.read(n).value == v for n, v in ruled):
            continue
        if _keeps_the_rest(lens, after, assignments):
            yield changes


def _carried(lens: Lens, changes: Changes) -> Changes | None:
    """With what moves from a step that goes to the constructor, or from there to a step that comes; None if it cannot move.

    What moves is known by its text alone, so that what it makes of the session is proven by reading again.
    """
    result = dict(changes)
    for step_key, call_key in lens.dialect.carries.items():
        step_argument, call_argument = lens.spelling(step_key), lens.spelling(call_key)
        step = step_argument.rpartition("().")[0] + "()"
        going = isinstance(changes.get(step), Absent)
        source = step_argument if going else call_argument if changes.get(step) is True else None
        target = call_argument if going else step_argument
        if source is None or source not in lens.entries:
            continue
        text = _moved(lens, lens.entries[source], lens.entries.get(f"{step.rpartition('.')[0]}.call"))
        if text is None:
            return None
        result[target] = Name(text)
        if not going:
            result[source] = ABSENT
    return result


def _moved(lens: Lens, entry: Entry, call: Entry | None) -> str | None:
    """The text of an argument, if it means the same where the session is opened."""
    format_ = lens.format
    return format_.movable(lens.source, entry, call) if isinstance(format_, Code) and call is not None else None


def _keeps_the_rest(before: Lens, after: Lens, assignments: Assignments) -> bool:
    """True if the program still uses the endpoint, and in the same way but for what is assigned."""
    # Where the port decides how to encrypt, a new port may do so too.
    kept = [name for name in ("port", "encryption") if name not in assignments and "port" not in assignments]
    same = all(before.read(n).value in (UNKNOWN, after.read(n).value) for n in kept)
    # Checking certificates is no reason to open the session otherwise, least of all where it is not known how it goes on.
    as_open = "verification" not in assignments or "encryption" not in kept or _encryption(before) == _encryption(after)
    return same and as_open and after.off == before.off


def _encryption(lens: Lens) -> object:
    return lens.read("encryption").value


def _key_of(lens: Lens, name: str) -> str | None:
    """The key that sets a field: the one that does now, else the first that could."""
    keys = [lens.spelling(k) for k in lens.dialect.fields.get(name, ())]
    return next((k for k in keys if k in lens.entries), keys[0] if keys else None)


def _row_plans(lens: Lens, ruled: Sequence[tuple[str, Scalar]], so_far: Changes) -> Iterator[Changes]:
    if not ruled:
        yield so_far
        return
    (name, wanted), *rest = ruled
    if lens.read(name).value == wanted:
        yield from _row_plans(lens, rest, so_far)
        return
    rows = lens.dialect.rows[name]
    for i, row in enumerate(rows):
        if row.means == wanted:
            for changes in _made_true(lens, row, rows[:i]):
                yield from _row_plans(lens.with_changes(changes), rest, {**so_far, **changes})


def _made_true(lens: Lens, row: Row, earlier: Sequence[Row]) -> Iterator[Changes]:
    """Changes after which the row is the first that holds."""
    changes: Changes = {}
    for key, test in row.tests:
        if lens.holds(key, test):
            continue
        value = None if key in ("port", "host") else _satisfying(lens, key, test)
        if (
            value is None
            or lens.spelling(key).startswith(NEVER)
            or (isinstance(value, Absent) and (_is_field(lens, key) or not _is_removable(lens, key)))
        ):
            return
        changes[lens.spelling(key)] = value
    kept = {lens.spelling(key) for key, _ in row.tests}
    after = lens.with_changes(changes)
    for other in earlier:
        if after.row_holds(other) is not False:
            silenced = _made_false(after, other, kept)
            if silenced is None:
                return
            changes |= silenced
            after = lens.with_changes(changes)
    yield changes


def _is_removable(lens: Lens, key: str) -> bool:
    """False for what is given in several spellings, or from elsewhere: a fix takes away only what it can see whole."""
    given = [lens.entries[name] for name in lens.dialect.alternatives(key) if name in lens.entries]
    return len(given) < 2 and not any(isinstance(entry.value, Opaque | Reference) for entry in given)


def _made_false(lens: Lens, row: Row, kept: set[str]) -> Changes | None:
    """A change of one key of the row, none of the kept ones, after which it does not hold."""
    for key, test in row.tests:
        spelled = lens.spelling(key)
        if key in ("port", "host") or spelled in kept or _is_field(lens, key):
            continue
        for value in _contradicting(test):
            if lens.with_changes({spelled: value}).holds(key, test) is False:
                return {spelled: value}
    return None


def _is_field(lens: Lens, key: str) -> bool:
    """True for a key that says more than how to encrypt, such as the host: a fix never takes it away."""
    keys = {base_key(lens.spelling(k)) for keys in lens.dialect.fields.values() for k in keys}
    return base_key(lens.spelling(key)) in keys


def _satisfying(lens: Lens, key: str, test: Test) -> Known | None:
    """The value to write so that a test holds; ABSENT to take the key away; None if the test does not say."""
    operand = test.operands[0]
    match test.operator:
        case "is":
            return operand if operand is not None else ABSENT
        case "name":
            return Name(str(operand))
        case "set" | "written":
            return True if operand and key.endswith("()") else ABSENT if not operand else None
        case _:
            return next(
                (v for v in (False, ABSENT) if lens.with_changes({lens.spelling(key): v}).holds(key, test)), None
            )


def _contradicting(test: Test) -> Iterator[Known]:
    if test.operator == "is" and isinstance(test.operands[0], bool):
        yield not test.operands[0]
    yield ABSENT


# --- one setting changed


def _changed(lens: Lens, change: Change) -> tuple[Edit, ...] | None:
    entry = change.setting.entry
    if entry.shared:
        return None
    key = next((k for k, e in lens.entries.items() if e == entry), None)
    if key is not None and _switched(lens, key, change):
        return None
    format_ = lens.format
    if change.compared:
        return format_.compared(lens.source, entry) if isinstance(format_, Code) else None
    if change.value is not None:
        if key is None:
            return None if entry.editable == "nothing" else format_.replace(lens.source, entry, change.value)
        return _change(lens, format_, key, change.value)
    if ":" in entry.key[-1] or not _may_add(lens) or entry.editable != "all":
        return None
    if change.name is not None:
        return format_.rename(lens.source, entry, change.name)
    return format_.remove(lens.source, entry)


def _switched(lens: Lens, key: str, change: Change) -> bool:
    """True if the product would begin or cease to use the endpoint, by a change of one of its keys."""
    if change.name is not None or change.compared:
        return False
    value = ABSENT if change.value is None else change.value
    return lens.with_changes({key: value}).off != lens.off


# --- changed keys to edits


def _written(lens: Lens, changes: Changes) -> tuple[Edit, ...] | None:
    format_ = lens.format
    renamed = _renamed_flag(lens, changes, format_)
    if renamed is not None:
        return renamed
    edits: list[Edit] = []
    for key, value in _steps_with_arguments(lens, changes).items():
        made = _change(lens.with_changes(changes), format_, key, value)
        if made is None:
            return None
        edits += made
    return _together(edits)


def _steps_with_arguments(lens: Lens, changes: Changes) -> Changes:
    """A step that comes together with its argument is one new call: `starttls(context=…)`."""
    result = dict(changes)
    for key, value in changes.items():
        step, found, argument = key.rpartition("().")
        if found and f"{step}()" in changes and f"{step}()" not in lens.entries and isinstance(value, Name):
            del result[key]
            result.pop(f"{step}()", None)
            result[f"{step}({argument}={value.dotted})"] = True
    return result


def _together(edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Sorted edits; what is inserted at one place, or before what is replaced there, becomes one edit in the order asked for."""
    merged: dict[int, Edit] = {}
    for edit in sorted(dict.fromkeys(edits), key=lambda e: (e.span.start, e.span.end)):
        before = merged.get(edit.span.start)
        merged[edit.span.start] = edit if before is None else Edit(edit.span, before.text + edit.text)
    return tuple(merged.values())


def _renamed_flag(lens: Lens, changes: Changes, format_: Format) -> tuple[Edit, ...] | None:
    """One flag going while another comes is a rename: `EMAIL_USE_TLS = True` becomes `EMAIL_USE_SSL = True`."""
    going = [k for k, v in changes.items() if k in lens.entries and (v is False or isinstance(v, Absent))]
    coming = [k for k, v in changes.items() if k not in lens.entries and v is True]
    if len(changes) != 2 or len(going) != 1 or len(coming) != 1 or ":" in going[0] + coming[0] or not _may_add(lens):
        return None
    entry = lens.entries[going[0]]
    old, new = lens.group.path(going[0]), lens.group.path(coming[0])
    gone_is_false = lens.with_changes({going[0]: ABSENT, coming[0]: True})
    if text_of(getattr(entry.value, "value", None)).lower() in ("false", "no", "off", "0"):
        return None  # a word that this program takes as true, and nobody else
    same_effect = all(
        gone_is_false.read(f).value == lens.with_changes(changes).read(f).value for f in lens.dialect.rows
    )
    is_on = isinstance(entry.value, Literal) and lens.holds(going[0], Test("is", (True,)))
    is_name = entry.editable == "all" and not entry.key[-1].endswith("()")
    if not same_effect or not is_on or not is_name or old.rpartition(".")[0] != new.rpartition(".")[0]:
        return None
    return format_.rename(lens.source, entry, new.rpartition(".")[2])


def _may_add(lens: Lens) -> bool:
    """A new name means something only if the program itself reads it, which is not known of a program without a table."""
    return not lens.dialect.fallback and (lens.format_name != "env" or lens.dialect.reads_environment)


def _change(lens: Lens, format_: Format, key: str, value: Known) -> tuple[Edit, ...] | None:
    entry = lens.entries.get(key)
    if entry is not None and entry.shared:
        return None
    if entry is None and isinstance(value, Absent):
        return None if lens.may_be_given(key) else ()
    if entry is None:
        return None if isinstance(value, Absent) else _added(lens, format_, key, value)
    if isinstance(value, Absent):
        removable = ":" not in key and _may_add(lens) and entry.editable == "all"
        return format_.remove(lens.source, entry) if removable else None
    if ":" in key:
        return _part_replaced(lens, entry, key, value)
    return _replaced(lens, format_, key, entry, value)


def _replaced(lens: Lens, format_: Format, key: str, entry: Entry, value: Scalar | Name) -> tuple[Edit, ...] | None:
    span = _editable(entry)
    if span is None:
        return None
    try:
        spelled = _spelled(lens, key, entry, value)
        if not isinstance(entry.value, Reference):
            return format_.replace(lens.source, entry, spelled)
        if isinstance(spelled, Name) and spelled.dotted.endswith("()"):
            return None  # a default is made once, when the function is defined
        return default_edit(format_, lens.source, entry, spelled)
    except ValueError:
        return None


def _editable(entry: Entry) -> Span | None:
    """The characters to replace: the literal, or the literal default of a reference."""
    computed = isinstance(entry.value, Literal) and entry.value.computed
    if isinstance(entry.value, Opaque) or computed or entry.editable == "nothing":
        return None
    return entry.value.span if isinstance(entry.value, Reference) else entry.span


def _part_replaced(lens: Lens, entry: Entry, key: str, value: Scalar | Name) -> tuple[Edit, ...] | None:
    if entry.content is None or entry.editable == "nothing":
        return None
    try:
        text = text_of(_spelled(lens, key, entry, value))
    except ValueError:
        return None
    return (Edit(entry.content, text if key.endswith((":scheme", ":host", ":port")) else quote(text, safe="")),)


def _spelled(lens: Lens, key: str, entry: Entry, value: Scalar | Name) -> Scalar | Name:
    """The value in the words of the dialect and in the manner of what stands there."""
    old = entry.value.default if isinstance(entry.value, Reference) else entry.value
    current = old.value if isinstance(old, Literal) else None
    if isinstance(value, Name) and isinstance(old, Name):
        if lens.group.surrounding.at(f"{entry.path}.0", entry.scope) is not None and value.dotted.endswith("()"):
            raise ValueError("the arguments of the call that stands there would not fit the other one")
        return Name(value.dotted.removesuffix("()"))
    if key in _keys_of(lens, "tls_floor") and isinstance(value, str):
        return _raised(old, value)
    if isinstance(value, bool) and isinstance(current, str) and lens.format_name != "python":
        return boolean_word(lens, value, current)
    if isinstance(value, int) and not isinstance(value, bool) and isinstance(current, str):
        return str(value)
    return value


def _raised(old: object, to: str) -> Scalar | Name:
    if isinstance(old, Name):
        name = raised(old.dotted, to)
        if name is None:
            raise ValueError(f"{old.dotted} has no name of that kind for {to}")
        return Name(name)
    if not isinstance(old, Literal):
        return to
    text = raised(text_of(old.value), to)
    # The version that is there already, in a spelling that the product does not take, is written anew.
    return text if text is not None and text != text_of(old.value) else to


def _keys_of(lens: Lens, name: str) -> set[str]:
    return {lens.spelling(k) for k in lens.dialect.fields.get(name, ())}


def boolean_word(lens: Lens, value: bool, like: str) -> str:
    """A word that the program takes for `value`: the partner of the word that stands there, if it has one. ValueError if none."""
    vocabulary = lens.dialect.vocabulary(lens.format_name)
    pair = next((p for p in _PAIRS if like.lower() in p), None)
    if pair is not None:
        word = _in_capitals_of(pair[0] if value else pair[1], like)
        if vocabulary.boolean(word) is value:
            return word
    words = (*(vocabulary.true if value else vocabulary.false), "true" if value else "false")
    accepted = [word for word in words if vocabulary.boolean(word) is value]
    if not accepted:
        raise ValueError(f"no word for {value}")
    return accepted[0]


def _in_capitals_of(word: str, like: str) -> str:
    if len(like) > 1 and like.isupper():
        return word.upper()
    return word.capitalize() if like[:1].isupper() else word


# --- new keys


def _added(lens: Lens, format_: Format, key: str, value: Scalar | Name) -> tuple[Edit, ...] | None:
    if ":" in key:
        return _part_added(lens, key, value)
    if not _may_add(lens):
        return None
    path = lens.group.path(key)
    parent = _python_parent(path) if lens.format_name == "python" else path.rpartition(".")[0]
    beside = _neighbour(lens, key, parent)
    last = path.removeprefix(f"{parent}.") if beside is None or beside.path == parent else _last_element(path, beside)
    if beside is None or last is None or last.startswith("[") or beside.shared:
        return None
    try:
        return format_.insert(lens.source, beside, last, _new_value(lens, beside, key, value))
    except ValueError:
        return None


def _last_element(path: str, beside: Entry) -> str | None:
    """The key to write beside a neighbour: `ssl.trust` where the neighbour's own key has a dot, None where levels are missing."""
    holder = ".".join(beside.key[:-1])
    last = path.removeprefix(f"{holder}.") if holder else path
    return last if last.endswith(")") or last.count(".") == beside.key[-1].count(".") else None


def _python_parent(path: str) -> str:
    """`smtplib.starttls().context` is an argument of a step: its place is the step `smtplib.starttls()`."""
    if path.endswith(")"):
        return path.partition("(")[0].rpartition(".")[0]
    return path.rpartition("().")[0] + "()" if "()." in path else path.rpartition(".")[0]


def _neighbour(lens: Lens, key: str, parent: str) -> Entry | None:
    """The entry beside which a new key belongs: the call or step for an argument, else the last one of the same parent."""
    staying = [
        e
        for k, e in lens.entries.items()
        if ":" not in e.key[-1] and e.editable == "all" and not isinstance(lens.changes.get(k), Absent)
    ]
    by_path = {e.path: e for e in staying}
    if parent in by_path:
        return by_path[parent]
    if f"{parent}.call" in by_path:
        return by_path[f"{parent}.call"]
    beside = [e for p, e in by_path.items() if p.rpartition(".")[0] == parent]
    # A row may test a field too (an empty host, a login without a user name): that makes no flag of it.
    switches = {lens.group.path(k) for k in lens.dialect.row_keys(but="login") if not _is_field(lens, k)}
    flags = [e for e in beside if e.path in switches]
    return max(flags or _same_kind(lens, beside, key), key=lambda e: e.span, default=None)


def _same_kind(lens: Lens, beside: list[Entry], key: str) -> list[Entry]:
    ports = [e for e in beside if e.path in {lens.group.path(k) for k in lens.dialect.fields.get("port", ())}]
    return ports if ports and key else beside


def _new_value(lens: Lens, beside: Entry, key: str, value: Scalar | Name) -> Scalar | Name:
    """A boolean is written as text where the neighbours are environment variables, else as itself."""
    as_text = lens.format_name == "env" or (lens.format_name == "yaml" and _is_variable(lens, beside, key))
    if not isinstance(value, bool) or not as_text:
        return value
    try:
        return boolean_word(lens, value, "")
    except ValueError:
        if lens.format_name == "env":
            raise
        return value


def _is_variable(lens: Lens, beside: Entry, key: str) -> bool:
    named_so = lens.dialect.reads_environment or key == key.upper()
    return named_so and not isinstance(getattr(beside.value, "value", None), bool)


def _part_added(lens: Lens, key: str, value: Scalar | Name) -> tuple[Edit, ...] | None:
    """A port can be put behind the host; nothing else has one certain place."""
    host: Mapping[str, Entry] = lens.entries
    entry = host.get(f"{base_key(key)}:host")
    if not key.endswith(":port") or entry is None or entry.content is None or entry.editable == "nothing":
        return None
    end = entry.content.end
    return (Edit(Span(end, end), f":{text_of(value)}"),)
