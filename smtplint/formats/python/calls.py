"""Wanted calls as entries: the callable, its arguments, the objects passed to it, and the steps of its session."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import libcst as cst
from msgspec import Struct
from msgspec.structs import replace

from smtplint.format import ANY, Literal, Name, Opaque, Reference
from smtplint.formats.python.callers import Callers, Given
from smtplint.formats.python.conditions import Conditions
from smtplint.formats.python.flows import Flow, Flows
from smtplint.formats.python.names import Frame, text_of
from smtplint.formats.python.place import Path, covers, excludes, firm
from smtplint.formats.python.sessions import Book, Session, Step, Touch, object_key
from smtplint.formats.python.sink import Item, Sink, Slot, mapping
from smtplint.formats.python.value import Read
from smtplint.source import Span

_HOPS = 12
_LOOKS = frozenset({"copy", "get", "items", "keys", "values"})  # methods that leave a dict as it is
_NEAR = 100  # branches of one statement that are looked into


class _Around(Struct, frozen=True):
    """Where a call with arguments stands: in which flow, under which conditions, with which names in dispute."""

    flow: Flow
    given: Given
    path: Path
    shared: frozenset[int]
    contested: frozenset[str]

    def shares(self, node: cst.CSTNode) -> bool:
        """True if a change of this call would change other endpoints."""
        return self.flow.by_argument or id(node) in self.shared


class Calls(Struct, frozen=True):
    """Turns the sessions of a text into entries, once everything that is done with them is known."""

    sink: Sink
    book: Book

    def report(self) -> None:
        flows = list(Callers(self.sink.values, self.book).followed(Flows(self.book, self.sink.tree).all()))
        uses = Counter(id(node) for flow in flows for node in flow.calls() if not flow.by_argument)
        uses += Counter(id(caller.node) for flow in flows for caller in flow.callers)
        shared = frozenset(node for node, count in uses.items() if count > 1)
        branches = _by_branch(flows)
        for flow in flows:
            around = _Around(flow, Given(self.sink.values, flow.callers), flow.path, shared, _contested(flow, branches))
            self._flow(around)

    def _flow(self, around: _Around) -> None:
        flow, session = around.flow, around.flow.session
        module = min(session.callables).rpartition(".")[0]
        label = f"{module}@{self.sink.tree.start(session.node)}"
        slot = Slot((module,), (*flow.scope, label), use=self._asked_from(flow), shared=around.shares(flow.opening))
        self._callee(slot, session, flow.opening)
        self._arguments(slot, flow.opening, session.place.frame, "", around)
        for order, step in enumerate(flow.steps, 1):
            here = replace(around, path=step.place.path, contested=frozenset())
            self._step(replace(slot, order=order, shared=around.shares(step.node)), here, step)
        for node in flow.ways_out[:1]:  # more steps may follow there, but no more arguments
            self._put(slot.below(f"{ANY}()"), Opaque(), node)

    def _asked_from(self, flow: Flow) -> Span | None:
        """Where to tell of a flow that is what it is by a caller's arguments."""
        last = flow.callers[-1].node if flow.by_argument else None
        return self.sink.tree.span(last.func) if isinstance(last, cst.Call) else None

    def _callee(self, slot: Slot, session: Session, node: cst.Call) -> None:
        """The class that is called, where its name is written; unknown if the name may stand for several."""
        tree, func = self.sink.tree, node.func
        names = {dotted.rpartition(".")[2] for dotted in session.callables}
        written, _ = self.sink.resolver.followed(func, session.place.frame) if len(names) == 1 else (func, None)
        last = written.attr if isinstance(written, cst.Attribute) else written
        below = replace(slot, key=(*slot.key, "call"), use=slot.use or tree.span(func))
        self.sink.put(below, Read(Name(min(names)) if len(names) == 1 else Opaque(), tree.span(last)))

    def _put(self, slot: Slot, value: Name | Opaque | Literal, node: cst.CSTNode) -> None:
        self.sink.put(slot, Read(value, self.sink.tree.span(node)))

    def _step(self, slot: Slot, around: _Around, step: Step) -> None:
        name = f"{step.name}()"
        self._put(slot.below(name), Literal(value=True) if around.flow.certain(step) else Opaque(), step.method)
        self._arguments(slot, step.node, step.place.frame, f"{name}.", around)

    def _arguments(self, slot: Slot, node: cst.Call, frame: Frame, before: str, around: _Around | None = None) -> None:
        position = 0
        for argument in node.args:
            if argument.star == "*" and (items := self._listed(argument.value, frame)):
                for value, home in items:
                    self._argument(slot, f"{before}{position}", None, value, home, around)
                    position += 1
            elif argument.star:
                self._unpacked(slot, argument, frame, before)
            elif argument.keyword is not None:
                name = before + argument.keyword.value
                self._argument(slot, name, argument.keyword, argument.value, frame, around)
            else:
                self._argument(slot, f"{before}{position}", None, argument.value, frame, around)
                position += 1

    def _put_given(
        self, slot: Slot, asked: cst.BaseExpression, at: Frame, around: _Around
    ) -> tuple[cst.BaseExpression, Frame, Slot]:
        """An argument as the callers of its function give it, and where that leads."""
        value, frame, giver = around.given.argument(asked, at)
        slot = replace(slot, use=self.sink.tree.span(value))
        read = self._settled(self.sink.values.read(value, frame), asked, at, around)
        if giver is not None:
            slot = replace(slot, shared=id(giver.node) in around.shared)
            if _is_number(read) and around.given.doubts(around.path):
                read = replace(read, value=Opaque(), content=None)
        self.sink.put(slot, read)
        return value, frame, slot

    def _settled(self, read: Read, node: cst.BaseExpression, frame: Frame, around: _Around) -> Read:
        """What the branches leave of a value: a number that two of them hand to different calls fits one of them."""
        settled = Conditions(self.sink.values, around.path, frame).corrected(node, read)
        if settled is read and _is_number(read) and text_of(node) in around.contested:
            return replace(read, value=Opaque(), content=None)
        return settled

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
        later = self._set_later(argument.value, frame) if items else {}
        changed = {item.key for item in items} if ANY in later else set(later)
        for item in items or [Item(None, argument.value, argument.value)]:
            if item.key is None:
                self._put(slot.below(before + ANY), Opaque(), argument.value)
            elif item.key in changed:
                later.setdefault(item.key, item.value)
            else:
                self._argument(slot, before + item.key, item.key_node, item.value, home)
        for key, value in later.items():
            self._put(slot.below(before + key), Opaque(), value)

    def _set_later(self, node: cst.BaseExpression, frame: Frame) -> dict[str, cst.CSTNode]:
        """The keys that a dict gets after it was made: `options["timeout"] = 5`; any, where something else changes it."""
        touches = (touch for touch in self._touches(node, frame) if touch.name not in _LOOKS)
        return {touch.key if touch.key is not None else ANY: touch.node for touch in touches}

    def _argument(
        self,
        slot: Slot,
        name: str,
        key_node: cst.CSTNode | None,
        value: cst.BaseExpression,
        frame: Frame,
        around: _Around | None = None,
    ) -> None:
        own = replace(slot, key=(*slot.key, name), key_node=key_node, joined=True)
        if around is not None:
            value, frame, own = self._put_given(own, value, frame, around)
        else:
            own = replace(own, use=self.sink.tree.span(value))
            self.sink.put(own, self.sink.values.read(value, frame))
        node, home = self.sink.resolver.followed(value, frame)
        if mapping(node, home, self.sink.resolver) or (isinstance(node, (cst.Tuple, cst.List)) and node.elements):
            self.sink.value(own, node, home)
        elif isinstance(node, cst.Call) and (self.sink.resolver.qualified(node.func, home) or "").startswith("ssl."):
            self._object(own, node, home, list(self._touches(value, frame)))

    def _object(self, slot: Slot, node: cst.Call, frame: Frame, touches: list[Touch]) -> None:
        """An object that is passed on: how it was made, and what was done to it since."""
        self._arguments_of_object(replace(slot, key_node=None, joined=False, use=None), node, frame)
        made = self.book.paths.get(id(node), ())
        for touch in sorted(touches, key=lambda touch: self.sink.tree.start(touch.node)):
            certain = covers(firm(touch.place.path), firm(made))
            self._touch(replace(slot, key_node=touch.attribute, use=None), touch, certain=certain)

    def _arguments_of_object(self, slot: Slot, node: cst.Call, frame: Frame) -> None:
        *first, last = slot.key
        self._arguments(replace(slot, key=tuple(first), key_node=None, joined=False), node, frame, f"{last}.")

    def _touch(self, slot: Slot, touch: Touch, *, certain: bool) -> None:
        if touch.name is None:
            self.sink.anything(replace(slot, key_node=None), touch.node)
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
            key, following = object_key(node, frame), self.sink.resolver.next(node, frame)
            if following is None:
                return
            if key is not None:
                yield from (t for t in self.book.touches.get(key, ()) if not self._is_given_back(t, node))
            node, frame = following

    def _is_given_back(self, touch: Touch, node: cst.BaseExpression) -> bool:
        """True for the `return` through which the object came here."""
        return touch.name is None and touch.node is node


def _by_branch(flows: Sequence[Flow]) -> Mapping[int, list[Flow]]:
    """The flows in the branches of each statement."""
    found: dict[int, list[Flow]] = {}
    for flow in flows:
        for arm in flow.path:
            if arm.test is not None:
                found.setdefault(arm.group, []).append(flow)
    return found


def _contested(flow: Flow, branches: Mapping[int, list[Flow]]) -> frozenset[str]:
    """Names that another branch hands to another class: `if use_ssl: SMTP_SSL(host, port) else: SMTP(host, port)`."""
    mine = frozenset(_handed(flow.opening))
    near = [other for arm in flow.path for other in branches.get(arm.group, ())[:_NEAR]] if mine else []
    others = [o for o in near if o.session.callables != flow.session.callables and excludes(o.path, flow.path)]
    return frozenset(name for other in others for name in _handed(other.opening)) & mine


def _handed(call: cst.Call) -> Iterator[str]:
    return (text for argument in call.args if (text := text_of(argument.value)) is not None)


def _is_number(read: Read) -> bool:
    return isinstance(read.value, (Literal, Reference)) and not isinstance(_plain(read.value), str)


def _plain(value: Literal | Reference) -> object:
    found = value.default if isinstance(value, Reference) else value
    return found.value if isinstance(found, Literal) else None
