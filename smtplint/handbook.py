"""The rules as a handbook: one Markdown section each, or JSON for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smtplint.format import of_path
from smtplint.rule import Example, Rule

PREFACE = """# The rules of smtplint

What each rule says, why, what happens on the wire, and what to do. `smtplint explain RULE` shows the same in the terminal.
This page is made from the files in `rules/` by `smtplint rules --output-format markdown`.
"""


def markdown(rules: Iterable[Rule]) -> str:
    """The whole handbook: a table of contents, then a section for each rule."""
    every = list(rules)
    contents = "\n".join(f"- [`{rule.name}`](#{rule.name}) ({rule.severity.word}): {rule.summary}" for rule in every)
    return "\n".join([PREFACE, contents, "", *("\n".join(_section(rule)) for rule in every)])


def _section(rule: Rule) -> Iterator[str]:
    yield f"## {rule.name}\n"
    yield f"**{rule.severity.word}**: {rule.summary}\n"
    if rule.message:
        yield f"It says: {rule.message}\n"
    if rule.wire:
        yield f"On the wire: {rule.wire}\n"
    yield f"{rule.why.strip()}\n"
    for plan in rule.fixes:
        yield f"- Fix ({plan.safety.word}): {plan.title}"
    if rule.fixes:
        yield ""
    for example in rule.examples:
        yield from _example(example)
    if rule.references:
        yield f"References: {'; '.join(rule.references)}\n"


def _example(example: Example) -> Iterator[str]:
    language = {"env": "sh"}.get(of_path(example.path) or "", of_path(example.path) or "")
    title = "reported" if example.bad is not None else "silent"
    for said, text in ((title, example.bad), ("mended" if example.bad is not None else title, example.good)):
        if text is not None:
            yield f"`{example.path}`, {said}:\n\n```{language}\n{_lines(text)}\n```\n"


def _lines(text: str) -> str:
    """With the line ends of the page itself."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")


def as_json(rules: Iterable[Rule]) -> str:
    """A list of objects: name, severity, summary, why, references, former names, and what fixes there are."""
    import json  # every run imports this module, few write JSON

    return json.dumps([_object(rule) for rule in rules], indent=2) + "\n"


def _object(rule: Rule) -> dict[str, object]:
    return {
        "name": rule.name,
        "severity": rule.severity.word,
        "summary": rule.summary,
        "message": rule.message,
        "wire": rule.wire,
        "why": rule.why,
        "references": list(rule.references),
        "formerly": list(rule.formerly),
        "fixes": [{"title": plan.title, "safety": plan.safety.word} for plan in rule.fixes],
    }
