"""Values that are filled in before the product reads them: `${X:-25}`, `{{ x | default(25) }}`, `%env(X)%`."""

from __future__ import annotations

import re

from smtplint.format import Literal, Opaque, Reference, Value
from smtplint.formats.yaml_template import Expression
from smtplint.regex import regex
from smtplint.source import Span

_NAME = r"[A-Za-z_][A-Za-z0-9_.]*"
_WHOLE = regex(
    r"\$\{\{\s*(?P<action>(?:(?!\}\}).)+?)\s*\}\}"  # GitHub Actions
    r"|\$\[\[\s*(?P<input>(?:(?!\]\]).)+?)\s*\]\]"  # GitLab CI inputs
    # Compose and shells; with a bare colon, Spring. A bare dash only after capitals: Spring's names have dashes.
    rf"|\$\{{(?P<braced>{_NAME})(?:(?::[-=]|(?<=[A-Z0-9_])[-=]|:(?![?+]))(?P<default>[^${{}}]*)|:?\?[^{{}}]*|[-:=][^{{}}]*(?:\$\{{[^{{}}]*\}}[^{{}}]*)+)?\}}"
    rf"|\$(?P<bare>[A-Za-z_][A-Za-z0-9_]*)|\$\((?P<round>{_NAME})\)"
    rf"|%env\((?:\w+:)*(?P<symfony>\w+)\)%|%\{{(?P<curly>{_NAME})\}}|%(?P<percent>{_NAME})%",
    re.DOTALL,
)
_PART = regex(rf"(?<!\$)(?:\$\$)*\$(?:[A-Za-z_{{(]|\[\[)|%env\(|%\{{{_NAME}\}}")
_LITERAL = r"(?:(?P<quote>[\"'])(?P<text>[^\"'\\]*)(?P=quote)|(?P<bare>-?\d{1,18}|[Tt]rue|[Ff]alse))"
_FILTERS = r"(?:\s*\|\s*(?:quote|squote|string|int|bool|float|toString)(?:\s*\(\))?)*"
_DEFAULTS = (
    regex(rf"(?P<name>[^|]+?)\s*\|\s*d(?:efault)?\s*\(\s*{_LITERAL}\s*(?:,\s*\w+\s*)?\){_FILTERS}"),  # Jinja
    regex(rf"(?P<name>[^|]+?)\s*\|\s*default\s+{_LITERAL}{_FILTERS}"),  # Helm
    regex(rf"default\s+{_LITERAL}\s+(?P<name>[.$][\w.]+){_FILTERS}"),
)
_MARKS = regex("[$%]")


def expanded(value: str, content: Span | None) -> Reference | Opaque | None:
    """What the text `value` stands for if a shell, Compose or a framework expands it; None if it stands for itself.

    `content` is where its characters stand in the file, if they do.
    """
    if not _MARKS.search(value):
        return None
    whole = _WHOLE.fullmatch(value)
    if whole is None:
        return Opaque() if _PART.search(value) else None
    name = next(n for k, n in whole.groupdict().items() if n is not None and k != "default")
    if whole["default"] is None:
        return Reference(name)
    at = content and Span(*whole.span("default")).shifted(content.start)
    return Reference(name, Literal(whole["default"]), at, at)


def templated(expression: Expression, text: str) -> Value:
    """What a value that consists of one template expression stands for; `text` is the whole file."""
    if not expression.output or expression.writes_mapping:
        return Opaque()
    default = next(filter(None, (d.fullmatch(expression.body) for d in _DEFAULTS)), None)
    if default is None:
        return Reference(expression.body)
    group = "text" if default["quote"] else "bare"
    begin = text.index(expression.body, expression.span.start)
    at = Span(*default.span(group)).shifted(begin)
    literal = Literal(_plain(default))
    return Reference(default["name"], literal, at, at if str(literal.value) == default[group] else None)


def _plain(default: re.Match[str]) -> str | int | bool:
    if default["quote"]:
        return default["text"]
    word = default["bare"]
    return word.lower() == "true" if word[0] in "TtFf" else int(word)
