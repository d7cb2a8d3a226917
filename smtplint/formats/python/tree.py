"""A Python text as a libcst tree in which every node knows its characters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, count
from types import TracebackType
from typing import Any

import libcst as cst
from libcst._nodes.internal import (
    CodegenState,
)  # the only way to all positions in one pass: providers take five times as long
from msgspec import Struct, field

from smtplint.source import Span, Unreadable

_BLANKS = (" ", "\t", "\f")


class Piece(Struct, frozen=True):
    """A top-level statement, or the comments at either end of a module, as it was written.

    `marks` gives for each node, by identity, this piece and the tokens of it between which the node was written.
    """

    number: int
    marks: dict[int, tuple[int, int, int]]
    starts: Sequence[int]  # of each token, and the length of the piece
    ends: Sequence[int]


class Tree(Struct, frozen=True):
    """A parsed module; `pieces` are by their numbers, in order, with their places in the text."""

    module: cst.Module
    text: str
    pieces: Mapping[int, tuple[int, Piece]]
    marks: Mapping[int, tuple[int, int, int]]
    memo: dict[object, Any] = field(default_factory=dict)  # what is worked out once for all who ask

    def span(self, node: cst.CSTNode) -> Span:
        """The characters of an expression (without the brackets around it) or of a statement."""
        if node is self.module:
            return Span(0, len(self.text))
        number, first, last = self.marks[id(node)]
        place, piece = self.pieces[number]
        start = place + piece.starts[first]
        return Span(start, place + piece.ends[last - 1] if last > first else start)

    def start(self, node: cst.CSTNode) -> int:
        number, first, _ = self.marks[id(node)]
        place, piece = self.pieces[number]
        return place + piece.starts[first]

    def at(self, node: cst.CSTNode) -> str:
        span = self.span(node)
        return self.text[span.start : span.end]


_numbers = count()


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
        self.state.marks[id(self.node)] = (self.state.number, self.first, len(self.state.tokens))


class _Recorder(CodegenState):
    """Writes the module back, noting for each node where it came to stand."""

    def __init__(self, module: cst.Module) -> None:
        super().__init__(module.default_indent, module.default_newline)
        self.number = next(_numbers)
        self.marks: dict[int, tuple[int, int, int]] = {}
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
        self.marks.setdefault(id(node), (self.number, first, len(self.tokens)))


def tree(module: cst.Module, text: str, original: str, parts: Iterable[Piece | Tokens]) -> Tree:
    """The tree of a module of which some pieces are known from before."""
    pieces: dict[int, tuple[int, Piece]] = {}
    marks: dict[int, tuple[int, int, int]] = {}
    place = 0
    for one in parts:
        piece = one if isinstance(one, Piece) else _piece(one, text, place)
        pieces[piece.number] = (place, piece)
        marks.update(piece.marks)
        place += piece.starts[-1]
    if text[place:].strip("".join(_BLANKS)):
        raise Unreadable("the parser does not give this text back unchanged, so that no position in it is known", place)
    return Tree(module, original, pieces, marks)


class Tokens(Struct, frozen=True):
    """What was written for a piece, and between which tokens each node was."""

    number: int
    tokens: list[str]
    marks: dict[int, tuple[int, int, int]]


def recorded(part: cst.Module, module: cst.Module) -> Iterator[Tokens]:
    """The pieces of a module, or of a part of one that was parsed by itself, written as the whole would be."""
    groups = [part.header, *((statement,) for statement in part.body), part.footer]
    last = max((number for number, nodes in enumerate(groups) if nodes), default=len(groups) - 1)
    for number, nodes in enumerate(groups):
        state = _Recorder(module)
        for node in nodes:
            node._codegen(state)
        is_last = number == last
        if is_last and not part.has_trailing_newline:
            state.pop_trailing_newline()  # it is written, then taken back where the text has none
        elif is_last and not state.tokens:
            state.add_token(module.default_newline)
        yield Tokens(state.number, state.tokens, state.marks)


def _piece(one: Tokens, text: str, place: int) -> Piece:
    starts, ends = _places(one.tokens, text, place)
    length = starts[-1]
    return Piece(one.number, one.marks, [*starts, length], [*ends, length])


def _places(tokens: list[str], text: str, place: int) -> tuple[Sequence[int], Sequence[int]]:
    """Where each token begins and ends, from `place` on; Unreadable if the tokens are not those of the text."""
    written = "".join(tokens)
    if text.startswith(written, place):
        starts = list(accumulate(map(len, tokens), initial=0))
        return starts, starts[1:]
    return _aligned(tokens, text, place)


def _aligned(tokens: list[str], text: str, place: int) -> tuple[Sequence[int], Sequence[int]]:
    """Some versions of libcst drop a few blanks: that before the colon in `except A :`, a form feed."""
    starts: list[int] = []
    ends: list[int] = []
    end = 0
    for token in tokens:
        start = end
        while not text.startswith(token, place + start):
            if text[place + start : place + start + 1] not in _BLANKS:
                raise Unreadable(
                    "the parser does not give this text back unchanged, so that no position in it is known", place + end
                )
            start += 1
        end = start + len(token)
        starts.append(start)
        ends.append(end)
    return [*starts, end], ends
