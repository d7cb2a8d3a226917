"""What the callers of a function give for its parameters, and which of its branches they choose by that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

import libcst as cst
from msgspec import Struct
from msgspec.structs import replace

from smtplint.format import Literal
from smtplint.formats.python.conditions import mentions
from smtplint.formats.python.expressions import argument_for
from smtplint.formats.python.flows import Flow
from smtplint.formats.python.names import Frame, text_of
from smtplint.formats.python.place import Arm, Path
from smtplint.formats.python.resolve import Bound
from smtplint.formats.python.sessions import Book, Session, Step
from smtplint.formats.python.value import Values

_MANY = 12  # callers of one function that are looked at
_DEEP = 3  # callers of callers
_SAME = (cst.Equal, cst.Is)
_OTHER = (cst.NotEqual, cst.IsNot)


class Given(Struct, frozen=True):
    """The parameters of functions in one chain of calls, the innermost function first."""

    values: Values
    callers: tuple[Session, ...]

    def argument(self, node: cst.BaseExpression, frame: Frame) -> tuple[cst.BaseExpression, Frame, Session | None]:
        """What an expression is where it comes from: an argument of the outermost caller that gives it, and that caller."""
        giver = None
        for caller in self.callers:
            bound = self.parameter(node, frame)
            if bound is None or id(bound[1].frame.node) != caller.function:
                continue
            found = argument_for(bound[0], caller.node, bound[1].frame)
            if found is None:
                break
            node, frame, giver = found, caller.place.frame, caller
        return node, frame, giver

    def parameter(self, node: cst.BaseExpression, frame: Frame) -> tuple[str, Bound] | None:
        """The parameter that a name, or `self.x`, stands for."""
        node, frame = self.values.resolver.followed(node, frame)
        bound = self.values.resolver.bound(node, frame)
        name = text_of(node)
        return (name, bound) if bound is not None and bound.binding.parameter and name is not None else None

    def chosen(self, arm: Arm) -> bool | None:
        """Whether a branch is taken; None if what is given does not tell."""
        if arm.frame is None or not self.callers:
            return None
        told = [(self._truth(test, arm.frame), holds) for test, holds in arm.asked()]
        if any(found is not None and found is not holds for found, holds in told):
            return False
        return True if told and all(found is not None for found, _ in told) else None

    def doubts(self, path: Path) -> bool:
        """True if a branch on the way depends on a parameter, and nobody knows how."""
        functions = {caller.function for caller in self.callers}
        return any(
            bound is not None and id(bound[1].frame.node) in functions
            for arm in path
            if arm.frame is not None
            for test, _ in arm.asked()
            for name in mentions(test)
            for bound in [self.parameter(name, arm.frame)]
        )

    def _truth(self, test: cst.BaseExpression, frame: Frame) -> bool | None:
        match test:
            case cst.UnaryOperation(operator=cst.Not(), expression=inner):
                truth = self._truth(inner, frame)
                return None if truth is None else not truth
            case cst.BooleanOperation(left=left, operator=operator, right=right):
                sides = (self._truth(left, frame), self._truth(right, frame))
                decisive = isinstance(operator, cst.Or)  # one true side decides `or`, one false side `and`
                return decisive if decisive in sides else None if None in sides else not decisive
            case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=operator, comparator=right)]):
                return self._compared(left, operator, right, frame)
        found = self._settled(test, frame)
        return bool(found.value) if found is not None else None

    def _compared(
        self, left: cst.BaseExpression, operator: cst.BaseCompOp, right: cst.BaseExpression, frame: Frame
    ) -> bool | None:
        one, other = self._settled(left, frame), self.values.read(right, frame).value
        if one is None or not isinstance(other, Literal) or not isinstance(operator, (*_SAME, *_OTHER)):
            return None
        return (one.value == other.value) is isinstance(operator, _SAME)

    def _settled(self, node: cst.BaseExpression, frame: Frame) -> Literal | None:
        """The literal that a caller gives for a parameter, or leaves to its default."""
        found, home, giver = self.argument(node, frame)
        if giver is None:
            return self._default(node, frame)
        value = self.values.read(found, home).value
        return value if isinstance(value, Literal) else None

    def _default(self, node: cst.BaseExpression, frame: Frame) -> Literal | None:
        bound = self.parameter(node, frame)
        caller = next((c for c in self.callers if bound and c.function == id(bound[1].frame.node)), None)
        call = caller.node if caller is not None else None
        if bound is None or not isinstance(call, cst.Call) or any(argument.star for argument in call.args):
            return None
        default = bound[1].binding.value
        value = (
            self.values.read(default, bound[1].frame.parent or bound[1].frame).value if default is not None else None
        )
        return value if isinstance(value, Literal) else None


class Callers(Struct, frozen=True):
    """Follows the arguments of sessions to those who call the functions around them."""

    values: Values
    book: Book

    def followed(self, flows: Iterable[Flow]) -> Iterator[Flow]:
        """Each flow as it is for whoever calls, and once more for each caller of this text who says more of it.

        A session that none of its callers chooses is still there for others: then nothing is given.
        """
        for _, ways in groupby(flows, key=lambda flow: id(flow.session)):
            every = list(ways)
            yield from [f for flow in every for f in self._chosen(flow, _DEEP)] or [replace(every[0], callers=())]

    def _chosen(self, flow: Flow, depth: int) -> Iterator[Flow]:
        given = Given(self.values, flow.callers)
        decided = _decided(flow, given)
        if decided is None:
            return
        yield decided
        callers = self._asked(flow, given) if depth else []
        for caller in callers if len(callers) <= _MANY else ():
            calls = tuple(element for element in flow.scope if element.startswith(("call@", "given@")))
            here = f"given@{self.values.resolver.tree.start(caller.node)}"
            scope = (*caller.place.scope, *calls, here)
            called = replace(flow, scope=scope, callers=(*flow.callers, caller), by_argument=True)
            yield from self._chosen(called, depth - 1)

    def _asked(self, flow: Flow, given: Given) -> list[Session]:
        """The calls of the first function, or class, of whose parameters the session is made."""
        for argument in flow.opening.args:
            node, frame, _ = given.argument(argument.value, flow.session.place.frame)
            bound = given.parameter(node, frame)
            if bound is not None and all(c.function != id(bound[1].frame.node) for c in flow.callers):
                return self.book.calls_of.get(id(bound[1].frame.node), [])
        return []


def _decided(flow: Flow, given: Given) -> Flow | None:
    """The flow without the branches that its callers do not choose; None if it is in one of them."""
    path = _taken(flow.path, given)
    if path is None:
        return None
    return replace(flow, path=path, steps=tuple(_steps(flow, given)))


def _steps(flow: Flow, given: Given) -> Iterator[Step]:
    for step in flow.steps:
        path = _taken(step.place.path, given)
        if path is not None:
            yield replace(step, place=replace(step.place, path=path))


def _taken(path: Path, given: Given) -> Path | None:
    chosen = [given.chosen(arm) for arm in path]
    return None if False in chosen else tuple(arm for arm, taken in zip(path, chosen, strict=True) if not taken)
