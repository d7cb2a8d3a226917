"""Pages to read: one rule explained, the list of rules, and what is known of an endpoint."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from smtplint.config import Layer
from smtplint.fact import facts, setting_facts
from smtplint.masking import masked_value
from smtplint.model import FIELDS, UNKNOWN, Endpoint, Malformed
from smtplint.rule import Example, Plan, Rule
from smtplint.terminal import printable


def explain(rule: Rule) -> str:
    """The rule as a page."""
    parts = [f"{rule.name} ({rule.severity.word})", rule.summary, *_said(rule), rule.why]
    parts += [_fix(plan) for plan in rule.fixes]
    parts += [_example(example) for example in rule.examples]
    if rule.references:
        parts.append("\n".join(["References", *(f"  {reference}" for reference in rule.references)]))
    return "\n\n".join(part for part in parts if part) + "\n"


def _said(rule: Rule) -> Iterator[str]:
    wire = f"\non the wire: {rule.wire}" if rule.wire else ""
    yield f"it says: {rule.message}{wire}"


def _fix(plan: Plan) -> str:
    return f"Fix ({plan.safety.word}): {plan.title}\n  {_done(plan)}"


def _done(plan: Plan) -> str:
    if plan.removes:
        return "removes the setting"
    if plan.name is not None:
        return f"renames the setting to {plan.name}"
    sets = plan.set if plan.value is None else {"the setting": plan.value}
    return "sets " + ", ".join(f"{name} = {value}" for name, value in sets.items())


def _example(example: Example) -> str:
    words = {"bad": example.bad, "good": example.good}
    title = "Example" if example.bad is not None else "Stays silent"
    shown = {"": example.good} if example.bad is None else words
    parts = [f"{title}: {example.path}"]
    parts += [_indented(name, text) for name, text in shown.items() if text is not None]
    return "\n".join(parts)


def _indented(name: str, text: str) -> str:
    return (f"  {name}:\n" if name else "") + textwrap.indent(text.rstrip("\n"), "    ")


def rules(every: Iterable[Rule]) -> str:
    """Name, severity, what fix there is, and summary: a line each."""
    rows = [(rule.name, rule.severity.word, _best_fix(rule), rule.summary) for rule in every]
    width = max((len(row[0]) for row in rows), default=0)
    return "".join(f"{name:<{width}}  {severity:<7}  {fix:<10}  {summary}\n" for name, severity, fix, summary in rows)


def _best_fix(rule: Rule) -> str:
    best = max((plan.safety for plan in rule.fixes), default=None)
    return "-" if best is None else f"{best.word} fix"


def settings(layers: Sequence[Layer], schema: Mapping[str, Any]) -> str:
    """Every setting with its value, and the file that says so; what no file says holds by default."""
    import json  # every run imports this module, few write JSON

    said = {key: layer for layer in reversed(layers) for key in layer.said}
    width = max(len(key) for key in schema["properties"])
    lines = []
    for key, rule in schema["properties"].items():
        layer = said.get(key)
        value = json.dumps(layer.said[key], ensure_ascii=False) if layer is not None else "-"
        place = f"  # {printable(str(layer.file))}" if layer is not None else ""
        lines.append(f"{key:<{width}}  {printable(value)}{place or '  # default: ' + rule['x-help']}")
    return "\n".join(lines) + "\n"


def endpoint(found: Endpoint) -> str:
    """Every field with its value and where that was read, then every fact that is known."""
    lines = [f"{_path(found)}:{_place(found, found.anchor.start)}: {found.title} ({found.dialect}), {found.protocol}"]
    lines += _table({name: _field(found, name) for name in FIELDS})
    lines.append("  facts")
    lines += _table({name: _shown(value, found) for name, value in sorted(facts(found).items())}, indent=4)
    for setting in found.settings:
        lines.append(f"  setting {printable(setting.key)}, read at {_place(found, setting.entry.span.start)}")
        lines += _table({n: _shown(v, found) for n, v in sorted(setting_facts(found, setting).items())}, indent=4)
    return "\n".join(lines) + "\n"


def _path(found: Endpoint) -> str:
    return printable(found.source.path)


def _place(found: Endpoint, offset: int) -> str:
    place = found.source.position(offset)
    return f"{place.line}:{place.column}"


def _field(found: Endpoint, name: str) -> str:
    field = found.field(name)
    secret = name == "password" and field.known and field.value not in (None, "")
    value = "****" if secret else _shown(field.value, found)
    where = ", ".join(_place(found, entry.span.start) for entry in field.evidence)
    told = f"read at {where}" if where else "default" if field.known else "nothing says"
    return f"{value:<32}  {told}{' (the environment may differ)' if field.overridable else ''}"


def _shown(value: object, found: Endpoint) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return str(value).lower()
        case Malformed(text=text):
            return f"{_shown(text, found)} (not understood)"
    if value is UNKNOWN:
        return "unknown"
    password = found.value("password")
    text = str(value)
    if isinstance(password, str) and len(password) > 3:
        text = text.replace(password, "****")
    return printable(masked_value(text)) or '""'


def _table(rows: Mapping[str, str], indent: int = 2) -> list[str]:
    width = max(map(len, rows), default=0)
    return [f"{' ' * indent}{name:<{width}}  {text}".rstrip() for name, text in rows.items()]
