"""Calls of mail libraries and the sessions they open: which name holds one, what is done with it, where it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from smtplint.formats.python.names import Frame, self_attribute, text_of
from smtplint.formats.python.place import Path, Place, covers, excludes, firm

HARMLESS = frozenset({"quit", "close", "logout", "set_debuglevel", "ehlo", "helo", "__exit__"})


@dataclass(frozen=True, slots=True)
class Step:
    """A method call on a session; not `sole` if by then the name may hold another one."""

    name: str
    node: cst.Call
    method: cst.Name
    place: Place
    sole: bool


@dataclass(eq=False, slots=True)
class Session:
    """A call of a wanted callable and what the text does with its result."""

    node: cst.Call
    callables: frozenset[str]
    place: Place
    steps: list[Step] = field(default_factory=list)
    escapes: list[cst.CSTNode] = field(default_factory=list)
    held: list[tuple[Frame, str]] = field(default_factory=list)

    def certain(self, step: Step) -> bool:
        """True if the step is taken whenever the session is used further."""
        path, own = firm(step.place.path), firm(self.place.path)
        extra = path[_common(path, own) :]
        if not step.sole or not all(arm.attempt for arm in extra):
            return False
        later = (
            firm(other.place.path) for other in self.steps[self.steps.index(step) + 1 :] if other.name not in HARMLESS
        )
        if not extra:
            return True
        following = list(later)
        return bool(following) and all(covers(path, other) for other in following)


def _common(one: Path, other: Path) -> int:
    shared = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        shared += 1
    return shared


@dataclass(frozen=True, slots=True)
class Touch:
    """Something done to an object by its name: an attribute set (`value`), a method called, or handed on (no `name`)."""

    name: str | None
    node: cst.CSTNode
    place: Place
    value: cst.BaseExpression | None = None
    attribute: cst.Name | None = None


@dataclass(frozen=True, slots=True)
class _Held:
    session: Session | None
    path: Path


@dataclass
class Book:
    """All sessions of one text, and which name holds which of them where."""

    sessions: list[Session] = field(default_factory=list)
    touches: dict[tuple[int, str], list[Touch]] = field(default_factory=dict)
    paths: dict[int, Path] = field(default_factory=dict)
    _held: dict[tuple[int, str], list[_Held]] = field(default_factory=dict)

    def open(self, node: cst.Call, callables: frozenset[str], place: Place) -> Session:
        session = Session(node, callables, place)
        self.sessions.append(session)
        return session

    def hold(self, target: cst.BaseExpression, sessions: list[Session], place: Place) -> None:
        """A name gets these sessions, or loses those that it held."""
        name = text_of(target)
        if name is None:
            escape(sessions, target)
            return
        key = (id(owner(place.frame)), name)
        if sessions or key in self._held:
            held = self._held.setdefault(key, [])
            held += [_Held(session, firm(session.place.path)) for session in sessions] or [
                _Held(None, firm(place.path))
            ]
        for session in sessions:
            session.held.append((owner(place.frame), name))
        if not isinstance(target, cst.Name):
            escape(sessions, target)

    def holding(self, node: cst.BaseExpression, place: Place) -> list[tuple[Session, bool]]:
        """The sessions that a name may hold at a place, and of each whether it is certainly that one if it was opened."""
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
