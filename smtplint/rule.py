"""Rules: the TOML files of `rules/`, read, checked, and asked about one endpoint at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from smtplint import knowledge
from smtplint.fact import FACTS, SETTING_FACTS, Fact, facts, setting_facts
from smtplint.finding import Finding, Fix, Related, Safety, Severity
from smtplint.format import Entry, Reference
from smtplint.masking import masked_value
from smtplint.model import FIELDS, UNKNOWN, Change, Endpoint, Field, Setting
from smtplint.source import Span

PLACES = ("call", "login", "starttls", "missing")
"""What `points_at` may name beside fields: the constructor of a session, its steps, and a setting that is there but empty."""

TAGS = ("", "unnecessary", "deprecated")
"""How editors draw the place: faded because it does nothing, or struck through because its name is no longer read."""

SETTING_PLACES = ("setting", "setting_key")
"""In a rule about single settings: the value of the one that it speaks of, and its name."""

KNOWN = frozenset((*FACTS, *SETTING_FACTS))

OPERATORS = ("not", "set", "matches", "known")


class RuleError(Exception):
    """A rule file that cannot be used: the message names file and key."""


class Test(Struct, frozen=True):
    """A condition on one fact; `operator` is `is` (one of `operands`), `not`, `set`, `matches` or `known`."""

    fact: str
    operator: str
    operands: tuple[Any, ...]

    def holds(self, known: Mapping[str, Fact]) -> bool:
        if self.operator == "known":
            return (self.fact in known) is self.operands[0]
        if self.fact not in known:
            return False
        value = known[self.fact]
        match self.operator:
            case "is":
                return any(_same(value, operand) for operand in self.operands)
            case "not":
                return not any(_same(value, operand) for operand in self.operands)
            case "set":
                return (value not in (None, "")) is self.operands[0]
            case _:
                return re.search(self.operands[0], str(value)) is not None


def _same(value: Fact, operand: object) -> bool:
    return value == operand and isinstance(value, bool) == isinstance(operand, bool)


class Condition(Struct, frozen=True, omit_defaults=True):
    """One way in which a rule fires: all tests hold. `severity` and `message` are the rule's unless this way has its own."""

    tests: tuple[Test, ...]
    severity: Severity
    message: str

    def holds(self, known: Mapping[str, Fact]) -> bool:
        return all(test.holds(known) for test in self.tests)


class Plan(Struct, frozen=True, omit_defaults=True):
    """A fix as the rule says it: fields and their new values, of which a lone placeholder stands for a fact.

    Of a rule about single settings it may instead give the setting another value (`value`) or name, or take it away.
    """

    set: Mapping[str, str | int | float]
    safety: Safety
    title: str
    tests: tuple[Test, ...] = ()
    value: str | int | float | None = None
    name: str | None = None
    removes: bool = False
    compares: bool = False


class Example(Struct, frozen=True):
    """`bad` gives one finding at the text `at`; with `good` beside it that is what the fix makes of it."""

    path: str
    bad: str | None
    good: str | None
    at: str | None


class Rule(Struct, frozen=True, omit_defaults=True, dict=True):
    """One rule file. A rule without conditions is about the run itself and fires elsewhere in the program."""

    name: str
    summary: str
    severity: Severity
    message: str
    why: str
    wire: str = ""
    points_at: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    fixes: tuple[Plan, ...] = ()
    examples: tuple[Example, ...] = ()
    tag: str = ""

    @cached_property
    def named(self) -> frozenset[str]:
        """The facts that some condition names."""
        return frozenset(test.fact for condition in self.conditions for test in condition.tests)

    @cached_property
    def about_settings(self) -> bool:
        """True for a rule that is asked once for each setting of an endpoint."""
        return not self.named.isdisjoint(SETTING_FACTS) or not set(SETTING_PLACES).isdisjoint(self.points_at)


# --- asking


def findings(
    rule: Rule, endpoint: Endpoint, known: Mapping[str, Fact], setting: Setting | None = None
) -> Iterator[Finding]:
    """The finding of this rule about this endpoint, or about one setting of it. `known`: the facts of both."""
    condition = next((c for c in rule.conditions if c.holds(known)), None)
    if condition is None:
        return
    place = _place(rule, condition, endpoint, setting)
    if place is None:
        return
    severity = Severity.INFO if "unconfirmed" in endpoint.notes else condition.severity
    yield Finding(
        rule=rule.name,
        severity=severity,
        message=worded(condition.message, known),
        source=endpoint.source,
        span=place,
        related=tuple(_related(condition, endpoint, place, setting)),
        endpoint=endpoint,
        fix=_fix(rule, condition, endpoint, known, setting),
        setting=setting,
    )


def worded(template: str, known: Mapping[str, Fact]) -> str:
    """A message with its placeholders filled in; KeyError if it names a fact that is not known."""
    return template.format_map(_Shown(known))


class _Shown(dict[str, Fact]):
    """Facts as a message shows them; most messages name few."""

    def __getitem__(self, name: str) -> Fact:
        return _on_one_line(super().__getitem__(name))


def _on_one_line(value: Fact) -> Fact:
    """As a message shows it: of a text with several lines only the first, for whatever stands in the others."""
    if isinstance(value, str):
        first, *more = value.splitlines() or [""]
        return masked_value(first) + (" …" if more else "")
    return f"{value:g}" if isinstance(value, float) else value


def _place(rule: Rule, condition: Condition, endpoint: Endpoint, setting: Setting | None) -> Span | None:
    """What is underlined; None if all that the rule tests stands in another file, which has a finding of its own."""
    if "seen_by_code" in endpoint.notes:
        return _place_here(rule, condition, endpoint, setting)
    for name in rule.points_at:
        if name in SETTING_PLACES and setting is not None:
            key_span = setting.entry.key_span if name == "setting_key" else None
            return _shown(setting.entry) if key_span is None else key_span
        if name in PLACES:
            if (place := _called(name, endpoint)) is not None:
                return place
        elif evidence := endpoint.field(name).evidence:
            return _shown(evidence[0])
    return endpoint.anchor


def _place_here(rule: Rule, condition: Condition, endpoint: Endpoint, setting: Setting | None) -> Span | None:
    """The same where code sees the text: the first tested value that is given by it."""
    if setting is not None:
        return None if setting.entry.foreign else _shown(setting.entry)
    tested = {name for test in condition.tests for name in _fields_behind(test.fact)}
    if any(_is_left_open(endpoint.field(name)) for name in tested):
        return None
    given = (e for name in rule.points_at if name in tested for e in endpoint.field(name).evidence if not e.foreign)
    return next(map(_shown, given), None)


def _is_left_open(field: Field) -> bool:
    """True for a default of the code: another file may well give what this one does not."""
    return field.overridable and all(entry.foreign for entry in field.evidence)


def _called(name: str, endpoint: Endpoint) -> Span | None:
    """Where the session is opened (what decides how, is the name that is called), or where a step is taken."""
    if name == "call":
        evidence = endpoint.field("encryption").evidence
        return evidence[0].span if evidence and endpoint.notes.get("call") == "yes" else None
    if name == "missing":
        keys = endpoint.notes.get("missing", "").split(" or ")
        return next((_shown(s.entry) for s in endpoint.settings if s.key in keys), None)
    return next((s.span for s in endpoint.steps if s.name in _STEPS[name]), None)


_STEPS = {"login": ("login", "auth", "user", "authenticate"), "starttls": ("starttls", "stls")}


def _shown(entry: Entry) -> Span:
    """The characters to underline: the value, or the key of an empty one."""
    return entry.span if entry.span.end > entry.span.start or entry.key_span is None else entry.key_span


def _related(condition: Condition, endpoint: Endpoint, place: Span, setting: Setting | None) -> Iterator[Related]:
    """The other places that made the rule fire: what the tested fields were read from, and where a value is used."""
    seen = {place}
    for entry, said in setting.beside if setting is not None else ():
        if not entry.foreign and (span := _shown(entry)) not in seen:
            seen.add(span)
            yield Related(span, said)
    for test in condition.tests:
        for field_name in _fields_behind(test.fact):
            for entry in endpoint.field(field_name).evidence:
                if not entry.foreign and (span := _shown(entry)) not in seen:
                    seen.add(span)
                    yield Related(span, _told(field_name, endpoint))
                if entry.also is not None and entry.also not in seen:
                    seen.add(entry.also)
                    yield Related(entry.also, "used here")


def _fields_behind(fact: str) -> tuple[str, ...]:
    stem = fact.partition("_")[0]
    return tuple(f for f in FIELDS if f in (fact, stem)) or (
        ("username",) if fact in ("logs_in", "login_before_tls") else ()
    )


def _told(field_name: str, endpoint: Endpoint) -> str:
    value = endpoint.value(field_name)
    if field_name in ("password", "username") or not isinstance(value, str | int):
        return f"the {field_name.replace('_', ' ')} is set here"
    return f"{field_name.replace('_', ' ')}: {value}"


def _fix(
    rule: Rule, condition: Condition, endpoint: Endpoint, known: Mapping[str, Fact], setting: Setting | None
) -> Fix | None:
    """The first of the rule's fixes that the text can be made to say."""
    for plan in rule.fixes:
        if endpoint.binding is None or not all(test.holds(known) for test in plan.tests):
            continue
        wanted, change = _assigned(plan, known), _change(plan, known, setting)
        edits = endpoint.binding.changed(change) if change else endpoint.binding.edits(wanted) if wanted else None
        if edits:
            safety = _safety(plan, condition, endpoint, setting)
            return Fix(worded(plan.title, known), safety, wanted or {}, edits, change)
    return None


def _assigned(plan: Plan, known: Mapping[str, Fact]) -> Mapping[str, str | int | float] | None:
    """The plan's values, placeholders replaced by facts; None if one of them is not known."""
    values: dict[str, str | int | float] = {}
    for field_name, value in plan.set.items():
        filled = _filled(value, known)
        if filled is None:
            return None
        values[field_name] = filled
    return values


def _change(plan: Plan, known: Mapping[str, Fact], setting: Setting | None) -> Change | None:
    """What the plan does to the setting that the finding is about, None if it does nothing or a fact is not known."""
    if setting is None:
        return None
    if plan.removes or plan.compares:
        return Change(setting, compared=plan.compares)
    value = None if plan.value is None else _filled(plan.value, known)
    name = None if plan.name is None else _filled(plan.name, known)
    return None if value is None and name is None else Change(setting, value, None if name is None else str(name))


def _filled(value: str | float, known: Mapping[str, Fact]) -> str | int | float | None:
    """The value, or the fact for which it stands as a lone placeholder; None if that is not known."""
    if isinstance(value, str) and (found := re.fullmatch(r"\{(\w+)\}", value)):
        fact = known.get(found[1], UNKNOWN)
        return fact if isinstance(fact, str | int | float) else None
    return value


def _safety(plan: Plan, condition: Condition, endpoint: Endpoint, setting: Setting | None) -> Safety:
    """The default of a reference is what some deployments replace and others rely on: never safe to change."""
    if setting is not None and isinstance(setting.entry.value, Reference):
        return Safety.UNSAFE
    named = {f for test in condition.tests for f in _fields_behind(test.fact)} | set(plan.set)
    return Safety.UNSAFE if any(endpoint.field(name).overridable for name in named) else plan.safety


def ask(rules: Iterable[Rule], endpoint: Endpoint) -> list[Finding]:
    """What all rules find in one endpoint."""
    known = facts(endpoint)
    if known.get("switched_off"):
        rules = [r for r in rules if "switched_off" in r.named]  # what is not used cannot be used wrongly
    whole = [r for r in rules if not r.about_settings]
    single = [r for r in rules if r.about_settings]
    found = [finding for rule in whole for finding in findings(rule, endpoint, known)]
    for setting in endpoint.settings if single else ():
        both = {**known, **setting_facts(endpoint, setting)}
        found += [finding for rule in single for finding in findings(rule, endpoint, both, setting)]
    return found


# --- loading


@cache
def load_rules(extra: tuple[Path, ...] = ()) -> Mapping[str, Rule]:
    """The rules of the package and of the given folders, sorted by name; RuleError for a file that is not understood."""
    rules = _own_rules()
    for file in (file for folder in extra for file in folder.iterdir() if file.name.endswith(".toml")):
        if file.stem in rules:
            raise RuleError(f"{file}: there is a rule {file.stem!r} already")
        rules[file.stem] = read_rule(file.stem, _text(file), str(file))
    return dict(sorted(rules.items()))


RULES: Final = "rules"


def _own_rules() -> dict[str, Rule]:
    made = knowledge.worked_out(RULES)
    if made is not None:
        return msgspec.json.decode(made, type=dict[str, Rule])
    return {name: _rule(name, raw, f"rules/{name}.toml") for name, raw in knowledge.tables("rules").items()}


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"{file}: {error}") from error


def current_names(rules: Mapping[str, Rule]) -> Mapping[str, str]:
    """The names that rules had once, each with the name it has now: settings and suppressions may still use them."""
    return {former: rule.name for rule in rules.values() for former in rule.formerly}


_KEYS = frozenset(
    {
        "summary",
        "severity",
        "message",
        "wire",
        "points_at",
        "references",
        "why",
        "when",
        "fix",
        "example",
        "formerly",
        "tag",
    }
)


def read_rule(name: str, text: str, place: str = "") -> Rule:
    """A rule from the text of its file, which is in `place`; RuleError, naming file and key, if it is not understood."""
    place = place or f"rules/{name}.toml"
    try:
        raw = knowledge.toml(text)
    except (ValueError, RecursionError) as error:
        raise RuleError(f"{place}: {error}") from error
    return _rule(name, raw, place)


def _rule(name: str, raw: dict[str, Any], place: str) -> Rule:
    try:
        return _checked(name, raw)
    except (KeyError, TypeError, ValueError, AttributeError, re.error) as error:
        detail = f"missing key {error}" if isinstance(error, KeyError) else str(error)
        raise RuleError(f"{place}: {detail}") from error


def _checked(name: str, raw: dict[str, Any]) -> Rule:
    _refuse_unknown("key", raw, _KEYS)
    severity = Severity[raw["severity"].upper()]
    rule = Rule(
        name=name,
        summary=raw["summary"],
        severity=severity,
        message=raw["message"],
        why=raw["why"].strip(),
        wire=raw.get("wire", ""),
        points_at=_strings(raw.get("points_at", ())),
        references=_strings(raw["references"]),
        formerly=_strings(raw.get("formerly", ())),
        conditions=tuple(_condition(w, severity, raw["message"]) for w in _several(raw.get("when", ()))),
        fixes=tuple(_plan(f) for f in _several(raw.get("fix", ()))),
        examples=tuple(_example(e) for e in raw.get("example", ())),
        tag=raw.get("tag", ""),
    )
    _refuse_unknown("tag", (rule.tag,), TAGS)
    _refuse_unknown("points_at", rule.points_at, (*FIELDS, *PLACES, *SETTING_PLACES))
    texts = [rule.message, rule.wire, *(c.message for c in rule.conditions), *(p.title for p in rule.fixes)]
    if rule.conditions:
        about = KNOWN if rule.about_settings else FACTS
        _refuse_unknown("placeholder", (name for text in texts for name in _placeholders(text)), about)
    if not rule.about_settings and any(plan.value or plan.name or plan.removes or plan.compares for plan in rule.fixes):
        raise ValueError("fix: changes a setting, but no condition names one")
    if rule.conditions and not rule.examples:
        raise ValueError("no [[example]]")
    return rule


def _refuse_unknown(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    if unknown := [str(k) for k in given if k not in known]:
        raise ValueError(f"{what}: {', '.join(unknown)} not understood")


def _placeholders(template: str) -> list[str]:
    import string  # a wheel holds rules that were checked

    return [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]


def _strings(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _several(value: Any) -> Sequence[dict[str, Any]]:
    return [value] if isinstance(value, dict) else value


def _condition(raw: dict[str, Any], severity: Severity, message: str) -> Condition:
    tests = _tests({k: v for k, v in raw.items() if k not in ("severity", "message")})
    own = Severity[raw["severity"].upper()] if "severity" in raw else severity
    return Condition(tests, own, raw.get("message", message))


def _tests(raw: dict[str, Any]) -> tuple[Test, ...]:
    _refuse_unknown("when", raw, KNOWN)
    return tuple(_test(name, value) for name, value in raw.items())


def _test(name: str, raw: Any) -> Test:
    if not isinstance(raw, dict):
        return Test(name, "is", tuple(raw) if isinstance(raw, list) else (raw,))
    if len(raw) != 1 or next(iter(raw)) not in OPERATORS:
        raise ValueError(f"when.{name}: {raw!r} is none of the operators {', '.join(OPERATORS)}")
    operator, operand = next(iter(raw.items()))
    if operator == "matches":
        re.compile(operand)
    return Test(name, operator, tuple(operand) if isinstance(operand, list) else (operand,))


def _plan(raw: dict[str, Any]) -> Plan:
    _refuse_unknown("fix", raw, ("set", "rename", "remove", "compare", "safety", "title", "when"))
    assigned = {k: v for k, v in raw.get("set", {}).items() if k != "setting"}
    _refuse_unknown("fix.set", assigned, (*FIELDS, "upgrade"))
    value = raw.get("set", {}).get("setting")
    if [bool(assigned), value is not None, *(k in raw for k in ("rename", "remove", "compare"))].count(True) != 1:
        raise ValueError("fix: one of: fields to set, set.setting, rename, remove, compare")
    safety = Safety[raw.get("safety", "unsafe").upper()]
    tests = _tests(raw.get("when", {}))
    return Plan(
        assigned,
        safety,
        raw["title"],
        tests,
        value,
        raw.get("rename"),
        bool(raw.get("remove")),
        bool(raw.get("compare")),
    )


def _example(raw: dict[str, Any]) -> Example:
    _refuse_unknown("example", raw, ("path", "bad", "good", "at"))
    if "bad" in raw and raw.get("at", "") not in raw["bad"]:
        raise ValueError(f"example: {raw['at']!r} does not occur in bad")
    if "bad" not in raw and "good" not in raw:
        raise ValueError("example: neither bad nor good")
    return Example(raw["path"], raw.get("bad"), raw.get("good"), raw.get("at"))
