"""Calls of mail libraries and the sessions they open: which name holds one, what is done with it, where it leaves."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from msgspec import Struct, field

from smtplint.formats.python.names import Frame, self_attribute, text_of
from smtplint.formats.python.place import Path, Place, covers, excludes, firm, within

HARMLESS = frozenset({"quit", "close", "logout", "set_debuglevel", "ehlo", "helo", "__exit__"})


class Step(Struct, frozen=True):
    """A method call on a session; not `sole` if by then the name may hold another one."""

    name: str
    node: cst.Call
    method: cst.Name
    place: Place
    sole: bool


class Handed(Struct, frozen=True):
    """The session given to a function of this text, by identity, under the name that it has there."""

    function: int
    name: str
    node: cst.Call
    place: Place
    sole: bool


class Session(Struct, eq=False):
    """A call of a wanted callable and what the text does with its result.

    Without `callables` it stands for a session from elsewhere: a parameter, the result of a function (`function`), what
    an attribute holds when a method begins.
    """

    node: cst.CSTNode
    callables: frozenset[str]
    place: Place
    steps: list[Step | Handed] = field(default_factory=list)
    escapes: list[cst.CSTNode] = field(default_factory=list)
    held: list[tuple[Frame, str]] = field(default_factory=list)
    returned: list[tuple[int, cst.CSTNode]] = field(default_factory=list)  # from which function
    kept: list[tuple[Frame, str]] = field(default_factory=list)  # as which attribute of which class
    function: int = 0


class Touch(Struct, frozen=True):
    """Something done to an object by its name: an attribute set (`value`), a method called, or handed on (no `name`).

    `key` is the item that is set, where the text spells it out.
    """

    name: str | None
    node: cst.CSTNode
    place: Place
    value: cst.BaseExpression | None = None
    attribute: cst.Name | None = None
    key: str | None = None


class _Held(Struct, frozen=True):
    session: Session | None
    path: Path


class Book(Struct):
    """All sessions of one text, and which name holds which of them where."""

    sessions: list[Session] = field(default_factory=list)
    touches: dict[tuple[int, str], list[Touch]] = field(default_factory=dict)
    paths: dict[int, Path] = field(default_factory=dict)
    results: dict[int, Session] = field(default_factory=dict)  # of calls of functions of this text
    calls_of: dict[int, list[Session]] = field(default_factory=dict)  # by function; those of a class by its `__init__`
    given: dict[tuple[int, str], Session] = field(default_factory=dict)  # by function: its parameters and attributes
    own_calls: dict[int, list[Handed]] = field(default_factory=dict)  # by method: calls of other methods of its object
    foreign: set[str] = field(default_factory=set)  # attributes that are asked for of other objects than `self`
    _held: dict[tuple[int, str], list[_Held]] = field(default_factory=dict)

    def open(self, node: cst.Call, callables: frozenset[str], place: Place) -> Session:
        session = Session(node, callables, place)
        self.sessions.append(session)
        return session

    def receive(self, node: cst.FunctionDef, place: Place) -> None:
        """Each parameter may be a session that a caller hands over."""
        params = node.params
        for param in (*params.posonly_params, *params.params, *params.kwonly_params):
            if param.name.value not in ("self", "cls"):
                self.hold(param.name, [self._from_elsewhere(param, node, place)], place)

    def _from_elsewhere(self, node: cst.Param | cst.Attribute, function: cst.FunctionDef, place: Place) -> Session:
        session = Session(node, frozenset(), place)
        name = node.name.value if isinstance(node, cst.Param) else f"self.{node.attr.value}"
        self.given[id(function), name] = session
        return session

    def result(self, node: cst.Call, function: cst.FunctionDef, place: Place) -> Session:
        """What a function of this text gives back, which may be a session."""
        if id(node) not in self.results:
            self.results[id(node)] = self._called(node, function, place)
        return self.results[id(node)]

    def make(self, node: cst.Call, made: cst.ClassDef, place: Place) -> None:
        """An object of a class of this text: what it is given, `__init__` gets."""
        for method in made.body.body:
            if isinstance(method, cst.FunctionDef) and method.name.value == "__init__":
                self._called(node, method, place)

    def _called(self, node: cst.Call, function: cst.FunctionDef, place: Place) -> Session:
        call = Session(node, frozenset(), place, function=id(function))
        self.calls_of.setdefault(id(function), []).append(call)
        return call

    def give_back(self, sessions: list[Session], node: cst.CSTNode, place: Place) -> None:
        function = owner(place.frame).node
        for session in sessions:
            session.returned.append((id(function), node))

    def hold(self, target: cst.BaseExpression, sessions: list[Session], place: Place) -> None:
        """A name gets these sessions, or loses those that it held."""
        name = text_of(target)
        if name is None:
            escape(sessions, target)
            return
        key = (id(owner(place.frame)), name)
        if sessions or key in self._held:
            held = self._held.setdefault(key, [])
            new = [firm(session.place.path) for session in sessions] or [firm(place.path)]
            held[:] = [h for h in held if not all(covers(path, h.path) for path in new)]  # what is overwritten
            held += [_Held(session, firm(session.place.path)) for session in sessions] or [
                _Held(None, firm(place.path))
            ]
        for session in sessions:
            session.held.append((owner(place.frame), name))
        attribute, home = self_attribute(target), place.frame.class_frame
        if attribute and home is not None:
            for session in sessions:
                session.kept.append((home, attribute))
        elif not isinstance(target, cst.Name):
            escape(sessions, target)

    def _kept_before(self, node: cst.BaseExpression, place: Place) -> None:
        """`self.x` in a method which has not set it holds what another method put there."""
        attribute, home, frame = self_attribute(node), place.frame.class_frame, owner(place.frame)
        key = (id(frame), f"self.{attribute}")
        if attribute is None or home is None or not isinstance(frame.node, cst.FunctionDef) or key in self._held:
            return
        if not isinstance(node, cst.Attribute) or text_of(node) != key[1]:
            return
        begin = within(place, frame.node)
        session = self._from_elsewhere(node, frame.node, begin)
        session.kept.append((home, attribute))
        self._held[key] = [_Held(session, firm(begin.path))]

    def holding(self, node: cst.BaseExpression, place: Place) -> list[tuple[Session, bool]]:
        """The sessions that a name may hold at a place, and of each whether it is certainly that one if it was opened."""
        self._kept_before(node, place)
        name = text_of(node)
        held = self._held.get((id(owner(place.frame)), name), []) if name else []
        path = firm(place.path)
        live: list[_Held] = []
        for item in held:
            if covers(item.path, path):
                live = [item]
            elif not excludes(item.path, path):
                live.append(item)
        return [(item.session, _sole(item, live)) for item in live if item.session is not None]

    def touch(self, node: cst.BaseExpression, touch: Touch) -> None:
        key = object_key(node, touch.place.frame)
        if key is not None:
            self.touches.setdefault(key, []).append(touch)


def _sole(item: _Held, live: list[_Held]) -> bool:
    later = live[live.index(item) + 1 :]
    return all(excludes(item.path, other.path) for other in later)


def escape(sessions: list[Session], node: cst.CSTNode) -> None:
    for session in sessions:
        session.escapes.append(node)


def owner(frame: Frame) -> Frame:
    """The frame that statements belong to: a comprehension runs inside the one around it."""
    while isinstance(frame.node, cst.BaseComp) and frame.parent is not None:
        frame = frame.parent
    return frame


def object_key(node: cst.BaseExpression, frame: Frame) -> tuple[int, str] | None:
    """What two mentions of one object have in common: the frame that binds its name, and the name."""
    if isinstance(node, cst.Name):
        home = frame.home(node.value)
        return (id(home), node.value) if home is not None else None
    attribute, holder = self_attribute(node), frame.class_frame
    return (id(holder), f"self.{attribute}") if attribute and holder is not None else None


def captured(frame: Frame, name: str) -> bool:
    """True if a function inside `frame` reads the name that `frame` binds."""
    return any(name in inner.loads and inner.home(name) is frame for inner in _inside(frame))


def _inside(frame: Frame) -> Iterator[Frame]:
    for inner in frame.inner.values():
        if not isinstance(inner.node, cst.BaseComp):
            yield inner
        yield from _inside(inner)
