"""Wanted calls as entries: the callable, its arguments, the objects passed to it, and the steps of its session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from smtplint.format import ANY, Literal, Name, Opaque
from smtplint.formats.python.names import Frame
from smtplint.formats.python.place import covers, firm
from smtplint.formats.python.sessions import Book, Session, Step, Touch, captured, object_key
from smtplint.formats.python.sink import Item, Sink, Slot, mapping
from smtplint.formats.python.value import Read

_HOPS = 12


@dataclass(frozen=True)
class Calls:
    """Turns the sessions of a text into entries, once everything that is done with them is known."""

    sink: Sink
    book: Book

    def report(self) -> None:
        for session in self.book.sessions:
            self._session(session)

    def _session(self, session: Session) -> None:
        module = min(session.callables).rpartition(".")[0]
        label = f"{module}@{self.sink.tree.start(session.node)}"
        slot = Slot((module,), (*session.place.scope, label))
        self._callee(slot, session)
        self._arguments(slot, session.node, session.place.frame, "")
        for step in session.steps:
            self._step(slot, session, step)
        for node in _ways_out(session):  # more steps may follow there, but no more arguments
            self._put(slot.below(f"{ANY}()"), Opaque(), node)

    def _callee(self, slot: Slot, session: Session) -> None:
        """The class that is called, where its name is written; unknown if the name may stand for several."""
        tree, func = self.sink.tree, session.node.func
        names = {dotted.rpartition(".")[2] for dotted in session.callables}
        written, _ = self.sink.resolver.followed(func, session.place.frame) if len(names) == 1 else (func, None)
        last = written.attr if isinstance(written, cst.Attribute) else written
        below = Slot((*slot.key, "call"), slot.scope, use=tree.span(func))
        self.sink.put(below, Read(Name(min(names)) if len(names) == 1 else Opaque(), tree.span(last)))

    def _put(self, slot: Slot, value: Name | Opaque | Literal, node: cst.CSTNode) -> None:
        self.sink.put(slot, Read(value, self.sink.tree.span(node)))

    def _step(self, slot: Slot, session: Session, step: Step) -> None:
        name = f"{step.name}()"
        self._put(slot.below(name), Literal(value=True) if session.certain(step) else Opaque(), step.method)
        self._arguments(slot, step.node, step.place.frame, f"{name}.")

    def _arguments(self, slot: Slot, node: cst.Call, frame: Frame, before: str) -> None:
        position = 0
        for argument in node.args:
            if argument.star == "*" and (items := self._listed(argument.value, frame)):
                for value, home in items:
                    self._argument(slot, f"{before}{position}", None, value, home)
                    position += 1
            elif argument.star:
                self._unpacked(slot, argument, frame, before)
            elif argument.keyword is not None:
                self._argument(slot, before + argument.keyword.value, argument.keyword, argument.value, frame)
            else:
                self._argument(slot, f"{before}{position}", None, argument.value, frame)
                position += 1

    def _listed(self, node: cst.BaseExpression, frame: Frame) -> list[tuple[cst.BaseExpression, Frame]]:
        """The items of a tuple or list that the text spells out, as `*SERVER` hands them over."""
        found, home = self.sink.resolver.followed(node, frame)
        if not isinstance(found, (cst.Tuple, cst.List)) or any(
            isinstance(item, cst.StarredElement) for item in found.elements
        ):
            return []
        return [(item.value, home) for item in found.elements]

    def _unpacked(self, slot: Slot, argument: cst.Arg, frame: Frame, before: str) -> None:
        """`**options` of a dict that the text spells out are arguments; anything else may hold any."""
        node, home = self.sink.resolver.followed(argument.value, frame)
        items = mapping(node, home, self.sink.resolver) if argument.star == "**" else []
        for item in items or [Item(None, argument.value, argument.value)]:
            if item.key is None:
                self._put(slot.below(before + ANY), Opaque(), argument.value)
            else:
                self._argument(slot, before + item.key, item.key_node, item.value, home)

    def _argument(
        self, slot: Slot, name: str, key_node: cst.CSTNode | None, value: cst.BaseExpression, frame: Frame
    ) -> None:
        tree = self.sink.tree
        own = Slot((*slot.key, name), slot.scope, key_node, joined=True, use=tree.span(value))
        self.sink.put(own, self.sink.values.read(value, frame))
        node, home = self.sink.resolver.followed(value, frame)
        if mapping(node, home, self.sink.resolver) or (isinstance(node, (cst.Tuple, cst.List)) and node.elements):
            self.sink.value(own, node, home)
        elif isinstance(node, cst.Call) and (self.sink.resolver.qualified(node.func, home) or "").startswith("ssl."):
            self._object(own, node, home, list(self._touches(value, frame)))

    def _object(self, slot: Slot, node: cst.Call, frame: Frame, touches: list[Touch]) -> None:
        """An object that is passed on: how it was made, and what was done to it since."""
        below = Slot(slot.key, slot.scope)
        self._arguments_of_object(below, node, frame)
        made = self.book.paths.get(id(node), ())
        for touch in sorted(touches, key=lambda touch: self.sink.tree.start(touch.node)):
            certain = covers(firm(touch.place.path), firm(made))
            self._touch(Slot(slot.key, slot.scope, touch.attribute, joined=True), touch, certain=certain)

    def _arguments_of_object(self, slot: Slot, node: cst.Call, frame: Frame) -> None:
        *first, last = slot.key
        self._arguments(Slot(tuple(first), slot.scope), node, frame, f"{last}.")

    def _touch(self, slot: Slot, touch: Touch, *, certain: bool) -> None:
        if touch.name is None:
            self.sink.anything(Slot(slot.key, slot.scope, None, joined=True), touch.node)
        elif isinstance(touch.node, cst.Call):
            below = slot.below(f"{touch.name}()", touch.attribute)
            self._put(below, Literal(value=True) if certain else Opaque(), touch.attribute or touch.node)
            self._arguments_of_object(below, touch.node, touch.place.frame)
        elif touch.value is not None and certain:
            self.sink.value(slot.below(touch.name, touch.attribute), touch.value, touch.place.frame)
        else:
            self._put(slot.below(touch.name, touch.attribute), Opaque(), touch.value or touch.node)

    def _touches(self, node: cst.BaseExpression, frame: Frame) -> Iterator[Touch]:
        """What is done to an object under each of the names that lead to it."""
        for _ in range(_HOPS):
            key, bound = object_key(node, frame), self.sink.resolver.bound(node, frame)
            if key is None or bound is None or bound.binding.value is None:
                return
            yield from self.book.touches.get(key, ())
            node, frame = bound.binding.value, bound.frame


def _ways_out(session: Session) -> list[cst.CSTNode]:
    """Where the session leaves what can be followed, once."""
    if session.escapes:
        return session.escapes[:1]
    return [session.node.func] if any(captured(frame, name) for frame, name in session.held) else []
