"""Where in a program a statement stands: in which function or class, and under which conditions."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from msgspec import Struct
from msgspec.structs import replace

from smtplint.formats.python.names import Frame


class Arm(Struct, frozen=True):
    """One way that a program may go: a branch, a loop's body, a function's body; arms of one `group` exclude each other."""

    label: str
    group: int
    certain: bool = False  # runs whenever the statement is reached, and what follows only if all of it has run
    attempt: bool = False  # may end anywhere, and the program goes on behind it: `try: … except: pass`
    test: cst.BaseExpression | None = None  # what a branch asks for, and whether it is taken where that holds
    holds: bool = True
    before: tuple[cst.BaseExpression, ...] = ()  # what was asked first, and did not hold
    frame: Frame | None = None  # whose names the tests mean

    def asked(self) -> Iterator[tuple[cst.BaseExpression, bool]]:
        """Each test on the way into the branch, and what came of it."""
        yield from ((test, False) for test in self.before)
        if self.test is not None:
            yield self.test, self.holds


Path = tuple[Arm, ...]


class Place(Struct, frozen=True):
    """`prefix` is the key under which names are settings: () in a module, the class names in a class, None in a function."""

    frame: Frame
    path: Path = ()
    prefix: tuple[str, ...] | None = ()

    @property
    def scope(self) -> tuple[str, ...]:
        return tuple(arm.label for arm in self.path)

    def under(self, arm: Arm | None) -> Place:
        return self if arm is None else replace(self, path=(*self.path, arm))


def within(place: Place, function: cst.FunctionDef) -> Place:
    """Where the body of the function around a place begins."""
    return replace(place, path=place.path[: len(place.path) - len(inside(place.path, id(function)))])


def inside(path: Path, function: int) -> Path:
    """The arms of a path from the body of a function on."""
    groups = [arm.group for arm in path]
    return path[groups.index(function) + 1 :] if function in groups else ()


def firm(path: Path) -> Path:
    """The arms that make a difference to whether something runs."""
    return tuple(arm for arm in path if not arm.certain)


def covers(outer: Path, inner: Path) -> bool:
    """True if what stands at `inner` runs only when `outer` is reached too."""
    return inner[: len(outer)] == outer


def excludes(one: Path, other: Path) -> bool:
    """True if the two stand in different branches of one statement."""
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            return mine.group == theirs.group
    return False
