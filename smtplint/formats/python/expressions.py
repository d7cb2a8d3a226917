"""One pass over the expressions of a text: finds the calls of mail libraries and follows their sessions."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cache

import libcst as cst
from msgspec import Struct

from smtplint.formats.python.names import Frame, Holder, self_attribute, text_of
from smtplint.formats.python.place import Arm, Place
from smtplint.formats.python.resolve import Resolver
from smtplint.formats.python.sessions import Book, Handed, Session, Step, Touch, escape, owner

_LAYOUT = (
    "whitespace",
    "leading",
    "trailing",
    "lpar",
    "rpar",
    "lbracket",
    "rbracket",
    "lbrace",
    "rbrace",
    "comma",
    "semicolon",
)
_READERS = frozenset(
    {"bool", "callable", "dir", "getattr", "hasattr", "id", "isinstance", "len", "print", "repr", "str", "type"}
)
_LOGGERS = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})
_WRAPPERS = frozenset({"closing", "aclosing", "enter_context", "enter_async_context"})


@cache
def _parts(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(f.name for f in dataclasses.fields(kind) if not f.name.startswith(_LAYOUT))


def parts(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes below one, without blanks, brackets and commas."""
    for name in _parts(type(node)):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from (item for item in value if isinstance(item, cst.CSTNode))


def _parameters(function: cst.FunctionDef, *, is_method: bool) -> list[str]:
    """The names of the positional parameters that a caller fills."""
    names = [param.name.value for param in (*function.params.posonly_params, *function.params.params)]
    static = any(isinstance(d.decorator, cst.Name) and d.decorator.value == "staticmethod" for d in function.decorators)
    return names[1:] if is_method and not static else names


def argument_for(name: str, call: cst.CSTNode, function: Frame) -> cst.BaseExpression | None:
    """What a call of a function of this text gives for one of its parameters; None for its default, or if unknown."""
    if not isinstance(call, cst.Call) or not isinstance(function.node, cst.FunctionDef):
        return None
    if any(argument.star for argument in call.args):
        return None
    names = _parameters(function.node, is_method=function.parent is not None and function.parent.is_class)
    for position, argument in enumerate(call.args):
        if argument.keyword is not None:
            if argument.keyword.value == name:
                return argument.value
        elif position < len(names) and names[position] == name:
            return argument.value
    return None


class Expressions(Struct, frozen=True):
    """Follows sessions through expressions; `leaves` says that the value of one goes where it cannot be followed."""

    resolver: Resolver
    book: Book

    def visit(self, node: cst.CSTNode, place: Place, *, leaves: bool = True) -> None:
        match node:
            case cst.Name() | cst.Attribute() | cst.Await() | cst.NamedExpr() | cst.IfExp() | cst.Call():
                sessions = self.denoted(node, place, leaves=leaves)
                if leaves:
                    escape(sessions, node)
            case cst.Lambda() | cst.BaseComp():
                self._nested(node, place)
            case cst.BooleanOperation():
                self.visit(node.left, place, leaves=leaves)
                self.visit(node.right, place.under(self._arm("if", node.right)), leaves=leaves)
            case cst.Comparison() | cst.UnaryOperation():
                self._below(node, place, leaves=False)
            case cst.Yield(value=cst.BaseExpression() as value):
                self.book.give_back(self.denoted(value, place, leaves=True), value, place)
            case cst.SimpleString() | cst.Integer():
                pass
            case _:
                self._below(node, place, leaves=leaves)

    def _below(self, node: cst.CSTNode, place: Place, *, leaves: bool) -> None:
        for part in parts(node):
            self.visit(part, place, leaves=leaves)

    def _arm(self, word: str, node: cst.CSTNode) -> Arm:
        return Arm(f"{word}@{self.resolver.tree.start(node)}", id(node))

    def _nested(self, node: Holder, place: Place) -> None:
        frame = place.frame.enter(node)
        inner = Place(frame, (*place.path, self._arm("for", node)), None)
        for part in parts(node):
            self.visit(part, inner)

    def denoted(self, node: cst.BaseExpression, place: Place, *, leaves: bool = False) -> list[Session]:
        """The sessions that an expression stands for, after following everything inside it."""
        match node:
            case cst.Name() | cst.Attribute():
                return self._named(node, place, leaves=leaves)
            case cst.Await(expression=inner):
                return self.denoted(inner, place)
            case cst.NamedExpr(target=target, value=value):
                sessions = self.denoted(value, place)
                self.book.hold(target, sessions, place)
                return sessions
            case cst.IfExp(test=test, body=body, orelse=orelse):
                self.visit(test, place, leaves=False)
                arms = (
                    Arm(self._arm(word, arm).label, id(node), test=test, holds=word == "if", frame=place.frame)
                    for word, arm in (("if", body), ("else", orelse))
                )
                pairs = zip((body, orelse), arms, strict=True)
                return [
                    session for part, arm in pairs for session in self.denoted(part, place.under(arm), leaves=leaves)
                ]
            case cst.Call():
                return self._call(node, place)
        self.visit(node, place)
        return []

    def _named(self, node: cst.Name | cst.Attribute, place: Place, *, leaves: bool) -> list[Session]:
        held = [session for session, _ in self.book.holding(node, place)]
        if leaves:
            self.book.touch(node, Touch(None, node, place))
        if isinstance(node, cst.Name):
            owner(place.frame).loads.add(node.value)
        elif not held:
            self.visit(node.value, place, leaves=False)
        if isinstance(node, cst.Attribute) and self_attribute(node) is None:
            self.book.foreign.add(node.attr.value)
        return held

    def _call(self, node: cst.Call, place: Place) -> list[Session]:
        self.book.paths[id(node)] = place.path
        if wanted := self.resolver.callables(node.func, place.frame):
            self.visit(node.func, place, leaves=False)
            self._arguments(node, place, leaves=False)
            return [self.book.open(node, wanted, place)]
        if isinstance(node.func, cst.Attribute):
            return self._method(node, node.func, place)
        self.visit(node.func, place, leaves=False)
        return self._function(node, place)

    def _method(self, node: cst.Call, func: cst.Attribute, place: Place) -> list[Session]:
        sessions = self._receivers(func.value, place)
        for session, sole in sessions:
            session.steps.append(Step(func.attr.value, node, func.attr, place, sole))
        if not any(session.callables for session, _ in sessions):  # at best a session: what it is given may be one too
            self.book.touch(func.value, Touch(func.attr.value, node, place, attribute=func.attr))
            return self._function(node, place)
        self._arguments(node, place, leaves=False)
        return []

    def _receivers(self, node: cst.BaseExpression, place: Place) -> list[tuple[Session, bool]]:
        if isinstance(node, (cst.Name, cst.Attribute)):
            self.visit(node, place, leaves=False)
            return self.book.holding(node, place)
        return [(session, True) for session in self.denoted(node, place)]

    def _function(self, node: cst.Call, place: Place) -> list[Session]:
        """A call of something else: its arguments leave, unless it only looks at them or hands them through."""
        bound = self.resolver.bound(node.func, place.frame)
        if bound is not None and isinstance(bound.binding.made, cst.FunctionDef):
            return self._own_function(node, bound.binding.made, place, is_method=bound.frame.is_class)
        if bound is not None and isinstance(bound.binding.made, cst.ClassDef):
            self.book.make(node, bound.binding.made, place)
        name = node.func.attr.value if isinstance(node.func, cst.Attribute) else text_of(node.func)
        if name in _WRAPPERS and len(node.args) == 1:
            return self.denoted(node.args[0].value, place)
        harmless = name in (_LOGGERS if isinstance(node.func, cst.Attribute) else _READERS)
        self._arguments(node, place, leaves=not harmless)
        return []

    def _own_function(
        self, node: cst.Call, function: cst.FunctionDef, place: Place, *, is_method: bool
    ) -> list[Session]:
        """A function or method of this text: what it does with its arguments can be read there."""
        if self_attribute(node.func) is not None:
            caller = id(owner(place.frame).node)
            self.book.own_calls.setdefault(caller, []).append(Handed(id(function), "", node, place, sole=True))
        names = _parameters(function, is_method=is_method)
        for position, argument in enumerate(node.args):
            name = argument.keyword.value if argument.keyword else names[position] if position < len(names) else None
            if argument.star or name is None:
                self.visit(argument.value, place, leaves=True)
                continue
            for session in self.denoted(argument.value, place, leaves=True):
                session.steps.append(
                    Handed(id(function), name, node, place, self._is_sole(argument.value, place, session))
                )
        return [self.book.result(node, function, place)]

    def _is_sole(self, node: cst.BaseExpression, place: Place, session: Session) -> bool:
        return next((sole for held, sole in self.book.holding(node, place) if held is session), True)

    def _arguments(self, node: cst.Call, place: Place, *, leaves: bool) -> None:
        for argument in node.args:
            self.visit(argument.value, place, leaves=leaves)
