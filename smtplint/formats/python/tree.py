"""A Python text as a libcst tree in which every node knows its characters."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from types import TracebackType
from typing import Any

import libcst as cst
from libcst._nodes.internal import (
    CodegenState,
)  # the only way to all positions in one pass: providers take five times as long

from smtplint.source import Source, Span, Unreadable

_LONE_CR = re.compile(r"\r(?!\n)")
_PLACE = re.compile(r"error at (\d+):(\d+)")
_BRACKETS = re.compile(r"[\[({})\]]")
_BLANKS = (" ", "\t", "\f")
_NESTING = 200  # CPython's own limit; libcst's parser overflows the C stack at about 1,000
_CHAIN = 4000  # operators, dots or calls in one text before a chain of them could overflow it


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed module; `marks` gives for each node, by identity, the tokens between which it was written."""

    module: cst.Module
    text: str
    marks: dict[int, tuple[int, int]]
    starts: Sequence[int]  # of each token, and the length of the text
    ends: Sequence[int]
    memo: dict[object, Any] = field(default_factory=dict)  # what is worked out once for all who ask

    def span(self, node: cst.CSTNode) -> Span:
        """The characters of an expression (without the brackets around it) or of a statement."""
        first, last = self.marks[id(node)]
        start = self.starts[first]
        return Span(start, self.ends[last - 1] if last > first else start)

    def start(self, node: cst.CSTNode) -> int:
        return self.starts[self.marks[id(node)][0]]

    def at(self, node: cst.CSTNode) -> str:
        span = self.span(node)
        return self.text[span.start : span.end]


class _Mark:
    """Notes between which tokens a node is written; a class, since a generator-based one takes twice as long."""

    __slots__ = ("first", "node", "state")

    def __init__(self, state: _Recorder, node: cst.CSTNode) -> None:
        self.state = state
        self.node = node

    def __enter__(self) -> None:
        self.first = len(self.state.tokens)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.state.marks[id(self.node)] = (self.first, len(self.state.tokens))


class _Recorder(CodegenState):
    """Writes the module back, noting for each node where it came to stand."""

    def __init__(self, module: cst.Module) -> None:
        super().__init__(module.default_indent, module.default_newline)
        self.marks: dict[int, tuple[int, int]] = {}
        self._open: list[int] = []

    def record_syntactic_position(  # type: ignore[override]  # a context manager, though not made by contextlib
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,  # noqa: ARG002
        end_node: cst.CSTNode | None = None,  # noqa: ARG002
    ) -> _Mark:
        return _Mark(self, node)

    def before_codegen(self, node: cst.CSTNode) -> None:  # noqa: ARG002 - as libcst calls it
        self._open.append(len(self.tokens))

    def after_codegen(self, node: cst.CSTNode) -> None:
        """Also notes arguments, dict items and whatever else has no position of its own, with the blanks they own."""
        first = self._open.pop()
        self.marks.setdefault(id(node), (first, len(self.tokens)))


def parse(source: Source) -> Tree:
    """The tree of a text, with the positions of its nodes.

    Unreadable if it is not Python 3, nested too deeply, or not written back as it was read (positions would be wrong then).
    """
    # Lone carriage returns are line ends that libcst does not give back; one character stands for another.
    text = _LONE_CR.sub("\n", source.text) if "\r" in source.text else source.text
    return _parsed(text, source.text)


# The fixes and the proof of a file ask for its tree again and again; nothing changes a tree once it is made.
@lru_cache(maxsize=2)
def _parsed(text: str, original: str) -> Tree:
    try:
        _refuse_deep_nesting(text)
        module = cst.parse_module(text)
        state = _Recorder(module)
        module._codegen(state)
    except cst.ParserSyntaxError as error:
        raise _refusal(text, error) from error
    except (RecursionError, MemoryError) as error:
        raise Unreadable("nested too deeply to be parsed") from error
    except (cst.CSTValidationError, cst.CSTLogicError, ValueError) as error:
        raise Unreadable(f"not parsed: {error}") from error
    starts, ends = _places(state.tokens, text)
    # The line end behind the last statement is written, then taken back where the text has none.
    return Tree(module, original, state.marks, [*starts, len(text)], [*ends, len(text)])


def _places(tokens: list[str], text: str) -> tuple[Sequence[int], Sequence[int]]:
    """Where each token begins and ends; Unreadable if the tokens are not those of the text."""
    if "".join(tokens) == text:
        starts = list(accumulate(map(len, tokens), initial=0))
        return starts, starts[1:]
    return _aligned(tokens, text)


def _aligned(tokens: list[str], text: str) -> tuple[Sequence[int], Sequence[int]]:
    """Some versions of libcst drop a few blanks: that before the colon in `except A :`, a form feed."""
    starts: list[int] = []
    ends: list[int] = []
    end = 0
    for token in tokens:
        start = end
        while not text.startswith(token, start):
            if text[start : start + 1] not in _BLANKS:
                raise Unreadable(
                    "the parser does not give this text back unchanged, so that no position in it is known", end
                )
            start += 1
        end = start + len(token)
        starts.append(start)
        ends.append(end)
    return [*starts, len(text)], ends


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
