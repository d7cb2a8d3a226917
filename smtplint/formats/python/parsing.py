"""From a Python text to its tree: refused, parsed as a whole, or grown out of that of a text that differs in little."""

from __future__ import annotations

import ast
import re
import warnings
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Final

import libcst as cst

from smtplint.formats.python.tree import Tree, recorded, tree
from smtplint.regex import regex
from smtplint.source import Source, Unreadable

_LONE_CR = regex(r"\r(?!\n)")
_PLACE = regex(r"error at (\d+):(\d+)")
_BRACKETS = regex(r"[\[({})\]]")
_NESTING = 200  # CPython's own limit; libcst's parser overflows the C stack at about 1,000
_CHAIN = 4000  # operators, dots or calls in one text before a chain of them could overflow it


def parse(source: Source) -> Tree:
    """The tree of a text, with the positions of its nodes.

    Unreadable if it is not Python 3, nested too deeply, or not written back as it was read (positions would be wrong then).
    """
    # Lone carriage returns are line ends that libcst does not give back; one character stands for another.
    text = _LONE_CR.sub("\n", source.text) if "\r" in source.text else source.text
    return _parsed(text, source.text)


# The fixes and the proof of a file ask for its tree again and again, an editor for that of a text that has just changed a
# little; nothing changes a tree once it is made.
_KEPT: Final = 2
_LONG: Final = 4000
"""Characters of a text of which it is worth to parse only what has changed."""

_kept: OrderedDict[tuple[str, str], Tree] = OrderedDict()
_lock = Lock()


def _parsed(text: str, original: str) -> Tree:
    with _lock:
        found = _kept.get((text, original))
        trees = [(kept, base) for (kept, _), base in reversed(_kept.items())]
    if found is None:
        near = next(((kept, base) for kept, base in trees if _is_like(kept, text)), None)
        found = (grown(near[1], near[0], text, original) if near is not None else None) or whole(text, original)
    with _lock:
        _kept[text, original] = found
        _kept.move_to_end((text, original))
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return found


def is_at_hand(text: str) -> bool:
    """True if the tree of a text that differs in little is still there: then parsing takes little time."""
    with _lock:
        texts = [kept for kept, _ in _kept]
    return any(_is_like(kept, text) for kept in texts)


def _is_like(kept: str, text: str) -> bool:
    """True if at least half of a long text is the same."""
    longer, shorter = max(len(kept), len(text)), min(len(kept), len(text))
    return len(text) >= _LONG and 2 * shorter > longer and 2 * sum(_same(kept, text)) > longer


def _same(one: str, other: str) -> tuple[int, int]:
    """How many characters two texts have in common at the beginning, and at the end behind those."""
    begin = _longest(min(len(one), len(other)), lambda i, j: one.startswith(other[i:j], i))
    most = min(len(one), len(other)) - begin
    return begin, _longest(most, lambda i, j: one.endswith(other[len(other) - j : len(other) - i], 0, len(one) - i))


def _longest(most: int, fits: Callable[[int, int], bool]) -> int:
    """The largest number up to which everything fits: asked for from where it is known to fit on, by halves."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if fits(low, middle):
            low = middle
        else:
            high = middle - 1
    return low


def whole(text: str, original: str) -> Tree:
    try:
        _refuse_deep_nesting(text)
        module = cst.parse_module(text)
        return tree(module, text, original, list(recorded(module, module)))
    except cst.ParserSyntaxError as error:
        raise _refusal(text, error) from error
    except (RecursionError, MemoryError) as error:
        raise Unreadable("nested too deeply to be parsed") from error
    except (cst.CSTValidationError, cst.CSTLogicError, ValueError) as error:
        raise Unreadable(f"not parsed: {error}") from error


_PARSER_ERRORS = (
    cst.ParserSyntaxError, cst.CSTValidationError, cst.CSTLogicError, ValueError, RecursionError, MemoryError,
)  # fmt: skip


def grown(base: Tree, before: str, text: str, original: str) -> Tree | None:
    """The tree of a text out of that of a similar one, `before`: only the statements that may differ are parsed.

    None if that cannot be done: the whole text may still be right, or tells better what is wrong with it.
    """
    try:
        return _grown(base, before, text, original)
    except (*_PARSER_ERRORS, Unreadable):
        return None


def _grown(base: Tree, before: str, text: str, original: str) -> Tree | None:
    header, *statements, footer = base.pieces.values()
    # A statement more is parsed again at either end: what follows it may belong to it.
    begin, end = _same(before, text)
    first = max(sum(place + piece.starts[-1] <= begin for place, piece in statements) - 1, 0)
    tail = len(statements) - max(sum(place >= len(before) - end for place, _ in statements) - 1, 0)
    start = statements[first][0] if 0 < first < len(statements) else 0
    stop = statements[tail][0] + len(text) - len(before) if tail < len(statements) else len(text)
    if not start < stop:
        return None
    _refuse_deep_nesting(text[start:stop])
    part = cst.parse_module(text[start:stop])
    if not _joins(part, base.module, text[start:stop], is_last=tail == len(statements)):
        return None
    if start:
        part = _without_header(part)
    module = _joined(base.module, part, first if start else 0, tail)
    new = list(recorded(part, module))
    earlier = [header, *statements[:first]] if start else []
    later = [*statements[tail:], footer] if tail < len(statements) else []
    middle = new[bool(start) : len(new) - bool(later)]
    return tree(module, text, original, [*(p for _, p in earlier), *middle, *(p for _, p in later)])


def _joins(part: cst.Module, module: cst.Module, text: str, *, is_last: bool) -> bool:
    """True if a part that was parsed by itself is what it would be within the whole."""
    same_indent = part.default_indent == module.default_indent or re.search(r"^[ \t]", text, re.MULTILINE) is None
    ends = is_last or not part.footer  # a comment at its end belongs to what follows
    return bool(part.body) and ends and same_indent and part.default_newline == module.default_newline


def _without_header(part: cst.Module) -> cst.Module:
    """Comments that begin a module belong to it; further down they belong to the next statement."""
    first, *others = part.body
    lines = [*part.header, *first.leading_lines]
    return part.with_changes(header=(), body=(first.with_changes(leading_lines=lines), *others))


def _joined(module: cst.Module, part: cst.Module, first: int, tail: int) -> cst.Module:
    last = part if tail == len(module.body) else module
    return module.with_changes(
        header=module.header if first else part.header,
        body=(*module.body[:first], *part.body, *module.body[tail:]),
        footer=last.footer,
        has_trailing_newline=last.has_trailing_newline,
    )


def _refuse_deep_nesting(text: str) -> None:
    """libcst crashes on what CPython's parser only refuses, so a suspicious text is shown to CPython first."""
    if not _looks_deep(text):
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        if "nested" in error.msg:  # other errors may only mean a syntax newer than this interpreter
            raise Unreadable(f"not Python 3: {error.msg}", _offset(text, error.lineno or 1, 0)) from error


def _looks_deep(text: str) -> bool:
    if len(text) > _CHAIN and _longest_chain(text) > _CHAIN:
        return True
    depth = deepest = 0
    for bracket in _BRACKETS.finditer(text):
        depth += 1 if bracket[0] in "([{" else -1
        deepest = max(deepest, depth)
    return deepest > _NESTING


def _longest_chain(text: str) -> int:
    return max(map(text.count, "+-~.(")) + text.count("not ")


def _refusal(text: str, error: cst.ParserSyntaxError) -> Unreadable:
    """The parser's message names the place more exactly than its attributes do; the list of what it expected is dropped."""
    place = _PLACE.search(error.message)
    line, column = (int(place[1]), int(place[2])) if place else (error.raw_line, error.raw_column)
    reason = "unexpected text" if place else error.message.splitlines()[0]
    return Unreadable(f"not Python 3: {reason}", _offset(text, line, column))


def _offset(text: str, line: int, column: int) -> int:
    starts = [0, *(match.end() for match in re.finditer(r"\r\n?|\n", text))]
    return min(starts[min(max(line, 1), len(starts)) - 1] + max(column, 0), len(text))
