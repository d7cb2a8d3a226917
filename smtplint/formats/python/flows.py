"""From calls to flows: what happens to one session in order, through the functions and methods that it passes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import cast

import libcst as cst
from msgspec import Struct, field
from msgspec.structs import replace

from smtplint.formats.python.names import Frame
from smtplint.formats.python.place import Path, covers, firm, inside
from smtplint.formats.python.resolve import PLAIN_BASES, base_name
from smtplint.formats.python.sessions import HARMLESS, Book, Handed, Session, Step, captured
from smtplint.formats.python.tree import Tree

_DEPTH = 5  # functions in functions that a session is followed through
_MOST = 3000  # events of one session
_MANY = 60  # methods that use one attribute
_UPGRADES = frozenset({"starttls", "stls"})
_USES = HARMLESS | {
    "append", "copy", "dele", "expunge", "fetch", "idle", "list", "noop", "retr", "search", "select", "send",
    "send_message", "sendmail", "stat", "store", "top", "uid", "uidl",
}  # fmt: skip
"""Steps that say nothing of how the session is opened."""


class Flow(Struct, frozen=True):
    """One session with its steps, as `callers` lead to it: the calls of the functions around it, the innermost first."""

    session: Session
    path: Path
    scope: tuple[str, ...]
    steps: tuple[Step, ...]
    ways_out: tuple[cst.CSTNode, ...]
    callers: tuple[Session, ...] = ()
    by_argument: bool = False  # the last of them only gives arguments: the session does not come out there

    @property
    def opening(self) -> cst.Call:
        """The call that opens the session."""
        return cast("cst.Call", self.session.node)

    def calls(self) -> Iterator[cst.CSTNode]:
        """The call that opens it, and each of its steps once."""
        yield self.opening
        yield from {id(step.node): step.node for step in self.steps}.values()

    def certain(self, step: Step) -> bool:
        """True if the step is taken whenever the session is used further."""
        path, own = firm(step.place.path), firm(self.path)
        extra = path[_common(path, own) :]
        if not step.sole or not all(arm.attempt for arm in extra):
            return False
        if not extra:
            return True
        later = self.steps[self.steps.index(step) + 1 :]
        following = [firm(other.place.path) for other in later if other.name not in HARMLESS]
        return bool(following) and all(covers(path, other) for other in following)


def _common(one: Path, other: Path) -> int:
    shared = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        shared += 1
    return shared


class _Seen(Struct, frozen=True):
    """Steps as one caller sees them, where the session leaves the text, and which methods have had it."""

    steps: tuple[Step, ...] = ()
    ways_out: tuple[cst.CSTNode, ...] = ()
    methods: frozenset[int] = frozenset()

    def __add__(self, other: _Seen) -> _Seen:
        return _Seen(self.steps + other.steps, self.ways_out + other.ways_out, self.methods | other.methods)


class Flows(Struct, frozen=True, dict=True):
    """Joins what was noted of sessions, parameters, results and attributes."""

    book: Book
    tree: Tree
    budget: list[int] = field(default_factory=list)  # events that may still be followed for one session

    @cached_property
    def _by_attribute(self) -> dict[tuple[int, str], dict[int, Session]]:
        """What methods find in the attributes of their object, by class and attribute."""
        found: dict[tuple[int, str], dict[int, Session]] = {}
        for (function, name), given in self.book.given.items():
            for home, attribute in given.kept:
                if name == f"self.{attribute}":
                    found.setdefault((id(home), attribute), {})[function] = given
        return found

    def all(self) -> Iterator[Flow]:
        for session in self.book.sessions:
            for chain in self._chains(session, _DEPTH):
                yield self._flow(session, chain)

    def _chains(self, session: Session, depth: int) -> Iterator[tuple[Session, ...]]:
        """The results through which a session may come to where it is used; none for one that is used where it is opened."""
        callers = [r for f in dict.fromkeys(f for f, _ in session.returned) for r in self.book.calls_of.get(f, ())]
        if not callers or depth == 0:
            yield ()
        for caller in callers if depth else ():
            for rest in self._chains(caller, depth - 1):
                yield caller, *rest

    def _flow(self, session: Session, chain: tuple[Session, ...]) -> Flow:
        self.budget[:] = [_MOST]
        links = [session, *chain]
        paths = [self._rebased(links, i, link.place.path) for i, link in enumerate(links)]
        seen = _Seen()
        for i, link in enumerate(links):
            seen += self._lived(link, links, i, returned=i == len(links) - 1)
        seen += self._elsewhere(session, paths[0], seen)
        last = links[-1]
        calls = tuple(f"call@{self.tree.start(link.node)}" for link in chain)
        return Flow(session, paths[0], (*last.place.scope, *calls), seen.steps, seen.ways_out, chain)

    def _rebased(self, links: list[Session], index: int, path: Path) -> Path:
        """A path inside one function of the chain, as the last function of it sees it."""
        for caller in links[index + 1 :]:
            path = (*caller.place.path, *inside(path, caller.function))
        return path

    def _lived(self, link: Session, links: list[Session], index: int, *, returned: bool) -> _Seen:
        seen = self._expanded(link, _DEPTH)
        steps = tuple(self._moved(s, self._rebased(links, index, s.place.path)) for s in seen.steps)
        outs = seen.ways_out + (tuple(node for _, node in link.returned) if returned else ())
        return _Seen(steps, outs, seen.methods)

    def _moved(self, step: Step, path: Path) -> Step:
        return replace(step, place=replace(step.place, path=path)) if path != step.place.path else step

    def _expanded(self, session: Session, depth: int) -> _Seen:
        """The steps of a session with those that functions take which it is handed to."""
        seen = _Seen((), self._ways_out(session))
        for event in self._events(session):
            self.budget[0] -= 1
            if self.budget[0] < 0:
                return seen + _Seen((), (event.node,))
            if isinstance(event, Step):
                seen += _Seen((event,))
            elif depth == 0:
                seen += _Seen((), (event.node,))
            else:
                seen += self._handed(event, depth - 1)
        return seen

    def _ways_out(self, session: Session) -> tuple[cst.CSTNode, ...]:
        if session.escapes or not any(captured(frame, name) for frame, name in session.held):
            return tuple(session.escapes)
        return (session.node.func if isinstance(session.node, cst.Call) else session.node,)

    def _events(self, session: Session) -> list[Step | Handed]:
        """In order of the text; an attribute of `self` is also there in every method that is called from here."""
        events = list(session.steps)
        function = self._function_of(session)
        start = self.tree.start(session.node) if session.callables else 0
        for _, attribute in session.kept[:1]:
            calls = (c for c in self.book.own_calls.get(function, ()) if self.tree.start(c.node) > start)
            events += [replace(c, name=f"self.{attribute}") for c in calls]
        return sorted(events, key=lambda event: self._order(event))

    def _order(self, event: Step | Handed) -> int:
        return self.tree.span(event.node).end  # `SMTP(…).starttls()` ends later than what it begins with

    def _function_of(self, session: Session) -> int:
        return next((arm.group for arm in reversed(session.place.path) if arm.label.startswith("def@")), 0)

    def _handed(self, event: Handed, depth: int) -> _Seen:
        given = self.book.given.get((event.function, event.name))
        if given is None:
            return _Seen((), (), frozenset({event.function}))
        seen = self._expanded(given, depth)
        steps = tuple(
            replace(
                self._moved(s, (*event.place.path, *inside(s.place.path, event.function))), sole=s.sole and event.sole
            )
            for s in seen.steps
        )
        result = self.book.results.get(id(event.node))
        after = self._expanded(result, depth) if given.returned and result is not None else _Seen()
        outs = seen.ways_out if not (given.kept and not event.name.startswith("self.")) else (event.node,)
        return _Seen(steps, outs, seen.methods | {event.function}) + after

    # --- attributes

    def _elsewhere(self, session: Session, path: Path, seen: _Seen) -> _Seen:
        """What methods do with the attribute that are called from who knows where."""
        found = _Seen()
        for home, attribute in session.kept:
            if attribute in self.book.foreign or _is_open(home):
                return found + _Seen((), (session.node,))
            own = self._function_of(session)
            every = self._by_attribute.get((id(home), attribute), {})
            if len(every) > _MANY:
                return found + _Seen((), (session.node,))
            others = {f: given for f, given in every.items() if f not in seen.methods and f != own}
            found += self._by_methods(others, path)
        return found

    def _by_methods(self, others: dict[int, Session], path: Path) -> _Seen:
        """In which order methods are called nobody knows: that matters where one of them upgrades the session."""
        each = {function: self._expanded(given, _DEPTH) for function, given in others.items()}
        reached = {function for seen in each.values() for function in seen.methods}
        each = {function: seen for function, seen in each.items() if function not in reached}
        telling = [f for f, seen in each.items() if any(step.name not in _USES for step in seen.steps)]
        upgraded = any(step.name in _UPGRADES for seen in each.values() for step in seen.steps)
        found = _Seen()
        for function, seen in each.items():
            steps = tuple(
                replace(
                    self._moved(s, (*path, *inside(s.place.path, function))),
                    sole=s.sole and not (upgraded and len(telling) > 1),
                )
                for s in seen.steps
            )
            found += _Seen(steps, seen.ways_out, seen.methods)
        return found


def _is_open(home: Frame) -> bool:
    """True if classes of other texts may have a hand in the attributes."""
    node = home.node
    return isinstance(node, cst.ClassDef) and any(
        base_name(base) not in PLAIN_BASES | {"Thread", "Process", "TestCase"} for base in node.bases
    )
