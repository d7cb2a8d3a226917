"""Suppression comments, by lines and so the same in every format; one that suppresses nothing is itself a finding."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from smtplint.config import Settings, suggestion
from smtplint.finding import Finding, Fix, Safety
from smtplint.format import of_path
from smtplint.regex import regex
from smtplint.rule import Rule, current_names, load_rules
from smtplint.source import Edit, Source, Span

UNUSED: Final = "unused-ignore"

# The reason runs to the end of the line or to the next comment that starts with a word, such as a noqa.
_COMMENT = regex(
    r"#[ \t]*smtplint:[ \t]*(?P<word>ignore(?:-file)?)(?![\w-])[ \t]*(?:\[(?P<names>[^\]\r\n]*)\])?"
    r"(?P<reason>(?:(?![ \t]+#[ \t]*[A-Za-z])[^\r\n])*)"
)


_LEXEME = regex(
    r"""\"""(?:\\[\s\S]|[^\\])*?\"""|'''(?:\\[\s\S]|[^\\])*?'''|"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'|#[^\r\n]*"""
)


# YAML and .env: what stands between quotes in one line. An apostrophe within a word opens none.
_QUOTED = regex(r"""(?<![^\s=:,\[{(])(?:"(?:\\.|[^"\\])*"|'(?:''|[^'])*')""")


class Ignore(Struct, frozen=True):
    """One comment, and the `lines` it speaks for (None: the whole file, and without `names` of every rule)."""

    span: Span
    names: tuple[str, ...]
    names_span: Span
    lines: range | None

    @property
    def vague(self) -> bool:
        return not self.names and self.lines is not None

    def covers(self, finding: Finding) -> bool:
        return not self.names or finding.rule in self.names

    def reaches(self, finding: Finding) -> bool:
        return self.lines is None or bool(set(self.lines) & _lines(finding))


def suppressed(source: Source, found: Iterable[Finding], settings: Settings) -> list[Finding]:
    """The findings that no comment suppresses, and one for each comment that suppresses nothing."""
    found = list(found)
    rules = load_rules(settings.rules)
    ignores = [] if "smtplint:" not in source.text else [_current(i, rules) for i in comments(source)]
    kept = [finding for finding in found if not any(_silences(ignore, finding) for ignore in ignores)]
    if not settings.selects(UNUSED):
        return kept
    return kept + [f for ignore in ignores if (f := _unused(source, ignore, found, settings, rules)) is not None]


def _current(ignore: Ignore, rules: Mapping[str, Rule]) -> Ignore:
    names = current_names(rules)
    return replace(ignore, names=tuple(names.get(name, name) for name in ignore.names)) if names else ignore


def _silences(ignore: Ignore, finding: Finding) -> bool:
    return not ignore.vague and ignore.covers(finding) and ignore.reaches(finding)


def _lines(finding: Finding) -> set[int]:
    first = finding.source.position(finding.span.start).line
    # A span that ends with a line break does not touch the next line.
    last = finding.source.position(max(finding.span.start, finding.span.end - 1)).line
    return set(range(first, last + 1))


# --- reading


def comments(source: Source) -> Iterator[Ignore]:
    """Every suppression comment of the text, in order."""
    real = _real_comments(source.text) if of_path(source.path) in ("python", "toml") else None
    for found in _COMMENT.finditer(source.text):
        if _is_real(source, found.start(), real):
            yield _ignore(source, found)


def may_stand_behind(source: Source) -> bool:
    """False where readers (container runtimes, configparser) take a comment behind a value for a part of it."""
    return of_path(source.path) not in ("env", "ini")


def _is_real(source: Source, start: int, real: Sequence[Span] | None) -> bool:
    """False for a comment that is only quoted in a string."""
    if real is not None:
        return any(span.start <= start < span.end for span in real)
    line = source.line_span(source.position(start).line)
    return not any(q.start() < start - line.start < q.end() for q in _QUOTED.finditer(source.at(line)))


def _ignore(source: Source, found: re.Match[str]) -> Ignore:
    line = source.position(found.start()).line
    before = source.text[source.line_span(line).start : found.start()].lstrip()
    alone = not before or before.startswith("#")
    names = tuple(name.strip() for name in (found["names"] or "").split(",") if name.strip())
    spoken_for = None if found["word"] == "ignore-file" else range(line, (_next(source, line) if alone else line) + 1)
    end = found.start() + len(found[0].rstrip())
    return Ignore(Span(found.start(), end), names, Span(*found.span("names")), spoken_for)


def _next(source: Source, line: int) -> int:
    """The line that a comment which stands alone is meant for: comments above one another speak for the same one."""
    last = source.position(len(source.text)).line
    while line < last:
        line += 1
        if not _COMMENT.match(source.at(source.line_span(line)).lstrip()):
            break
    return line


def _real_comments(text: str) -> list[Span]:
    """Where comments are in Python and TOML, so that a string which quotes one is left alone."""
    return [Span(*found.span()) for found in _LEXEME.finditer(text) if found[0].startswith("#")]


# --- reporting


def _unused(
    source: Source, ignore: Ignore, found: Sequence[Finding], settings: Settings, rules: Mapping[str, Rule]
) -> Finding | None:
    """The finding about a comment of which some part suppresses nothing, although its rule was looked for."""
    if UNUSED in ignore.names:
        return None
    if ignore.vague:
        return _about(source, ignore, rules, "nothing is suppressed unless it is named: `ignore[rule-name]`", None)
    if not ignore.names:
        if found or not all(settings.selects(name) for name in rules):
            return None
        return _about(source, ignore, rules, "no finding in this file to suppress", _removal(source, ignore))
    idle_names = [name for name in ignore.names if _is_idle(name, ignore, found, settings, rules)]
    if not idle_names:
        return None
    message = "; ".join(_said(name, ignore, rules) for name in idle_names)
    return _about(source, ignore, rules, message, _without(source, ignore, idle_names))


def _is_idle(name: str, ignore: Ignore, found: Sequence[Finding], settings: Settings, rules: Collection[str]) -> bool:
    if name not in rules:
        return True
    return settings.selects(name) and not any(f.rule == name and ignore.reaches(f) for f in found)


def _said(name: str, ignore: Ignore, rules: Collection[str]) -> str:
    if name not in rules:
        return f"no rule is called `{name}`{suggestion(name, rules)}"
    return f"`{name}` has nothing to suppress {'here' if ignore.lines is not None else 'in this file'}"


def _about(source: Source, ignore: Ignore, rules: Mapping[str, Rule], message: str, edit: Edit | None) -> Finding:
    fix = None if edit is None else Fix("remove what suppresses nothing", Safety.SAFE, {}, (edit,))
    return Finding(UNUSED, rules[UNUSED].severity, message, source, ignore.span, fix=fix)


def _without(source: Source, ignore: Ignore, idle: Collection[str]) -> Edit:
    left = [name for name in ignore.names if name not in idle]
    return Edit(ignore.names_span, ", ".join(left)) if left else _removal(source, ignore)


def _removal(source: Source, ignore: Ignore) -> Edit:
    """Without the comment: the whole line if it stands alone, and no blanks left behind at the end of another."""
    line = source.line_span(source.position(ignore.span.start).line)
    rest = source.text[ignore.span.end : line.end]
    if rest.strip():
        return Edit(Span(ignore.span.start, ignore.span.end + len(rest) - len(rest.lstrip())), "")
    before = source.text[line.start : ignore.span.start].rstrip()
    if not before:
        return Edit(Span(line.start, _after_line_end(source.text, line.end)), "")
    return Edit(Span(line.start + len(before), line.end), "")


def _after_line_end(text: str, end: int) -> int:
    return end + 2 if text.startswith("\r\n", end) else min(end + 1, len(text))
