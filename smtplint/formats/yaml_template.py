"""Template expressions in YAML: blanked out by filler of equal length, so that every offset stays true.

An expression alone on its lines becomes line feeds: unlike a comment, empty lines end no block scalar and set no
indentation. One within a line becomes letters, which are harmless in a key, in a plain scalar and between quotes.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator

from msgspec import Struct, field

from smtplint.formats.yaml_jsonc import without_comments
from smtplint.regex import regex
from smtplint.source import Span, Unreadable

_CLOSERS = {"{{": "}}", "{%": "%}", "{#": "#}", "<%": "%>"}
# `${#list[@]}` is a shell's length of a list, and `<%d` a pattern of a logger.
_OPENER = regex(r"\{\{|\{%|(?<!\$)\{#|<%(?=[\s=-])")
_BODY = regex(r"(?:\{\{\{?|\{%|\{#|<%)[-~+=]?(.*?)[-~+]?(?:\}?\}\}|%\}|#\}|%>)", re.DOTALL)
_BLOCK = regex(
    r"(?P<open>(?:if|unless|range|with|for|define|block|macro|filter|call|autoescape|raw)\s|raw\s*$|[#^]\s*[\w.])"
    r"|(?P<other>(?:else|elif|elsif)\b)"
    r"|(?P<close>end(?:[a-z]*)\s*$|/\s*[\w.]+\s*$)"
)
_SILENT = regex(r"/\*|!|\$\w*\s*:?=|set\s|fail\s|import\s|from\s|extends\s|do\s|\$?_\s")
_INDENT = regex(r"\bn?indent\s*\(?\s*(\d+)")
_MAPPING_OUTPUT = regex(r"\b(?:toYaml|toJson|nindent|include|template|tpl|to_yaml|to_nice_yaml|to_json)\b")


_NESTING = 100


class Expression(Struct, frozen=True):
    """`{{ … }}` and its like: where it stands, what is in it, and whether its lines hold nothing else."""

    span: Span
    opener: str
    body: str
    alone: bool = False
    column: int = 0

    @property
    def output(self) -> bool:
        """True if it may write settings of its own."""
        if self.opener == "{%":
            return self.body.startswith("include")
        return self.opener == "{{" and not _SILENT.match(self.body) and not _BLOCK.match(self.body)

    @property
    def writes_mapping(self) -> bool:
        """True if what it writes is likely to be more than one value."""
        return self.output and _MAPPING_OUTPUT.search(self.body) is not None

    @property
    def indentation(self) -> int:
        """The column at which its output stands."""
        said = _INDENT.search(self.body)
        return int(said[1][:4]) if said else self.column


class Template(Struct, frozen=True):
    """A text, its expressions, and `blanked`: the same text without them, equally long."""

    blanked: str
    expressions: tuple[Expression, ...] = ()
    _turns: list[int] = field(default_factory=list)
    _scopes: list[tuple[str, ...]] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)  # of the expressions
    _ends: list[int] = field(default_factory=list)

    def within(self, span: Span) -> tuple[Expression, ...]:
        """The expressions that share a character with `span`."""
        if not self.expressions:
            return ()
        first = bisect.bisect_right(self._ends, span.start)
        last = bisect.bisect_left(self._starts, span.end)
        return self.expressions[first:last]

    def scope(self, offset: int) -> tuple[str, ...]:
        """The branches that stand open at `offset`, outermost first."""
        turn = bisect.bisect_right(self._turns, offset)
        return self._scopes[turn - 1] if turn else ()


def template(text: str) -> Template:
    text = without_comments(text)
    if not _OPENER.search(text):
        return Template(text)
    expressions = tuple(_placed(text, list(_expressions(text))))
    turns = list(_branches(expressions))
    starts, ends = [e.span.start for e in expressions], [e.span.end for e in expressions]
    return Template(
        _blanked(text, expressions), expressions, [t for t, _ in turns], [s for _, s in turns], starts, ends
    )


def _expressions(text: str) -> Iterator[Expression]:
    # The next place of each closer is kept: looking it up anew for every stray opener would be quadratic.
    closers: dict[str, int] = {}
    position = 0
    while opener := _OPENER.search(text, position):
        span = _closed(text, opener, closers)
        position = span.end if span else opener.end()
        if span:
            body = _BODY.fullmatch(text, span.start, span.end)
            yield Expression(span, opener[0], body[1].strip() if body else "")


def _closed(text: str, opener: re.Match[str], closers: dict[str, int]) -> Span | None:
    closer = _CLOSERS[opener[0]]
    comment = text[opener.end() : opener.end() + 8].lstrip("- \t\r\n").startswith("/*")
    if comment:
        closer = "*/"
    if closers.get(closer, 0) < opener.end():
        found = text.find(closer, opener.end())
        closers[closer] = found if found >= 0 else len(text)
    end = closers[closer]
    if comment:
        end = text.find("}}", end, end + 8)
        closer = "}}"
    # An opener before the closer: this one is stray, and blanking up to there would swallow settings.
    elif text.find(opener[0], opener.end() + 1, end) >= 0:
        return None
    if end < 0 or end == len(text):
        return None
    triple = text.startswith("{{{", opener.start()) and text.startswith("}}}", end)
    return Span(opener.start(), end + len(closer) + triple)


def _placed(text: str, expressions: list[Expression]) -> Iterator[Expression]:
    """The same expressions, knowing which of them (or which row of them) have their lines for themselves."""
    row: list[Expression] = []
    before, done = "", 0
    for expression in expressions:
        gap = text[done : expression.span.start]
        if row and gap.strip(" \t"):
            yield from _row(row, before, gap)
            row = []
        if not row:
            before = gap
        row.append(expression)
        done = expression.span.end
    yield from _row(row, before, text[done:])


def _row(row: list[Expression], before: str, after: str) -> Iterator[Expression]:
    """Expressions with nothing but blanks between them, and the text before and after."""
    column = _ends_line(before)
    alone = column is not None and _begins_line(after)
    return (Expression(e.span, e.opener, e.body, alone, column or 0) for e in row)


def _ends_line(gap: str) -> int | None:
    """How many blanks stand after the last line end of `gap`, None if something else does."""
    rest = gap.rstrip(" \t")
    return len(gap) - len(rest) if not rest or rest[-1] in "\r\n" else None


def _begins_line(gap: str) -> bool:
    rest = gap.lstrip(" \t")
    return not rest or rest[0] in "\r\n"


def _blanked(text: str, expressions: tuple[Expression, ...]) -> str:
    pieces: list[str] = []
    done = 0
    for expression in expressions:
        start, end = expression.span.start, expression.span.end
        pieces.append(text[done:start] if not expression.alone else _emptied(text[done:start]))
        pieces.append("\n" * (end - start) if expression.alone else _letters(text, expression))
        done = end
    pieces.append(text[done:])
    return "".join(pieces)


def _emptied(gap: str) -> str:
    """Without the blanks that indent what follows: empty lines with more blanks would set a block's margin."""
    kept = gap.rstrip(" \t")
    return kept + "\n" * (len(gap) - len(kept))


_LINE_END = regex(r"\r\n|\r|\n")
_ROW = r"[ \t]*(?:\{\{[^{}\r\n]*\}\}[ \t]*)*"
_BEFORE = regex(rf"[^\r\n]*:{_ROW}")
_AFTER = regex(rf"{_ROW}[\r\n]")
_NEAR = 400
"""How many characters of a line are looked at: looking at all of a long one would be quadratic."""


def _letters(text: str, expression: Expression) -> str:
    start, end = expression.span.start, expression.span.end
    below = not expression.output or (expression.writes_mapping and _goes_on_below(text, expression.span))
    if below and expression.opener == "{{" and _is_whole_value(text, expression.span):
        return " " * (end - start)
    # `key:{{ toYaml … | nindent 2 }}` becomes a value on the next lines.
    if text[start - 1 : start] == ":" and "nindent" in expression.body:
        return " " + "T" * (end - start - 1)
    return "T" * (end - start)


_MARGIN = regex(r"[ \t]*(?:-[ \t]+)*")
_SKIPPED = regex(r"(?:[ \t]*(?:#[^\r\n]*|\{\{[^\r\n]*\}\}[ \t]*)?(?:\r\n|\r|\n))*")


def _goes_on_below(text: str, span: Span) -> bool:
    """True in `labels: {{ include … | nindent 4 }}` if further members follow on the next lines."""
    near = max(0, span.start - _NEAR)
    begin = max(text.rfind("\n", near, span.start), text.rfind("\r", near, span.start)) + 1
    end = _LINE_END.search(text, span.end, span.end + _NEAR)
    if end is None or (begin == 0 and near > 0):
        return False
    skipped = _SKIPPED.match(text, end.end(), end.end() + 2 * _NEAR)
    rest = text[skipped.end() if skipped else end.end() :][:_NEAR]
    margin, own = len(rest) - len(rest.lstrip(" ")), _MARGIN.match(text, begin, span.start)
    column = own.end() - begin if own else 0
    return margin > column or (margin == column and rest.lstrip(" ").startswith("- "))


def _is_whole_value(text: str, span: Span) -> bool:
    """True in `key: {{- range … }}`, where what stands below is the value."""
    near = max(0, span.start - _NEAR)
    line = max(text.rfind("\n", near, span.start), text.rfind("\r", near, span.start)) + 1
    if line == 0 and near > 0:
        return False
    after = _AFTER.match(text, span.end, span.end + _NEAR)
    return after is not None and _BEFORE.fullmatch(text, line, span.start) is not None


def _branches(expressions: tuple[Expression, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Where the open branches change, and which are open from there on."""
    scope: tuple[str, ...] = ()
    for expression in expressions:
        turn = _BLOCK.match(expression.body) if expression.opener in ("{{", "{%", "<%") else None
        if turn is None:
            continue
        if turn["open"]:
            if len(scope) == _NESTING:
                raise Unreadable(f"template branches nested more than {_NESTING} levels deep", expression.span.start)
            scope = (*scope, f"if@{expression.span.start}")
        elif turn["other"]:
            scope = (*scope[:-1], f"else@{expression.span.start}")
        else:
            scope = scope[:-1]
        yield expression.span.end, scope
