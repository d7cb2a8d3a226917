"""What the branches around a call say of its arguments: `if port == 465:` settles the port, or leaves it open."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from msgspec import Struct
from msgspec.structs import replace

from smtplint.format import Literal, Name, Opaque, Reference
from smtplint.formats.python.expressions import parts
from smtplint.formats.python.names import Frame, text_of
from smtplint.formats.python.place import Path
from smtplint.formats.python.value import Read, Values


class Conditions(Struct, frozen=True):
    """Corrects what was read of an argument by the tests of the branches that lead to the call."""

    values: Values
    path: Path
    frame: Frame

    def corrected(self, node: cst.BaseExpression, read: Read) -> Read:
        """The value as it is where the call stands; unknown where a branch makes it doubtful."""
        mentioned = _names(node)
        if not mentioned:
            return read
        for arm in self.path:
            for test, holds in arm.asked():
                read = self._under(test, node, mentioned, read, holds=holds)
        return read

    def _under(
        self, test: cst.BaseExpression, node: cst.BaseExpression, mentioned: set[str], read: Read, *, holds: bool
    ) -> Read:
        if mentioned & _names(test):
            return self._equal(test, node, holds=holds) or replace(read, value=Opaque(), content=None)
        if isinstance(read.value, Literal) and isinstance(read.value.value, str):
            return read
        reached = self._reached(test, holds=holds)
        if reached is False and isinstance(read.value, (Literal, Name, Reference)):
            return replace(read, value=Opaque(), content=None)
        # Who asks for one setting under a condition sets the others to fit.
        if reached is None and isinstance(read.value, Reference):
            return replace(read, value=Opaque(), content=None)
        return read

    def _equal(self, test: cst.BaseExpression, node: cst.BaseExpression, *, holds: bool) -> Read | None:
        """`if port == 465:` says what the port is in that branch; so does the other branch of `!=`."""
        match test:
            case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=operator, comparator=right)]):
                pass
            case _:
                return None
        equal = isinstance(operator, cst.Equal) if holds else isinstance(operator, cst.NotEqual)
        if not equal or text_of(node) is None:
            return None
        for mine, other in ((left, right), (right, left)):
            said = self.values.read(other, self.frame)
            if text_of(mine) == text_of(node) and isinstance(said.value, Literal):
                return replace(said, value=replace(said.value, computed=True), content=None)
        return None

    def _reached(self, test: cst.BaseExpression, *, holds: bool) -> bool | None:
        """Whether the branch is taken with what the text says, defaults of references included; None if that is unknown."""
        value = self.values.read(test, self.frame).value
        if isinstance(value, Reference):
            value = value.default or Opaque()
        return bool(value.value) is holds if isinstance(value, Literal) else None


def _names(node: cst.CSTNode) -> set[str]:
    return {text for name in mentions(node) if (text := text_of(name)) is not None}


def mentions(node: cst.CSTNode) -> Iterator[cst.Name | cst.Attribute]:
    """The names and attributes that an expression mentions, called functions left out."""
    if isinstance(node, (cst.Name, cst.Attribute)):
        if not isinstance(node, cst.Name) or node.value not in ("True", "False", "None"):
            yield node
        return
    if isinstance(node, cst.Call):
        for argument in node.args:
            yield from mentions(argument.value)
        if isinstance(node.func, cst.Attribute):
            yield from mentions(node.func.value)
        return
    for part in parts(node):
        yield from mentions(part)
