"""From an expression to what it means: the imported name behind it, or the expression that a name stands for."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from smtplint.format import Wanted
from smtplint.formats.python.names import Binding, Frame, self_attribute, text_of
from smtplint.formats.python.tree import Tree

_BUILTINS = frozenset(dir(builtins))
_DEPTH = 12  # names standing for names: a longer chain is a circle


@dataclass(frozen=True, slots=True)
class Bound:
    """The one meaning of a name, and the frame in which its value is to be read."""

    binding: Binding
    frame: Frame


@dataclass(frozen=True)
class Resolver:
    """All questions about names in one text."""

    tree: Tree
    wanted: Wanted
    rebound: frozenset[str] = field(default_factory=frozenset)

    def bound(self, node: cst.BaseExpression, frame: Frame) -> Bound | None:
        """What a name or `self.x` stands for, if it is bound exactly once."""
        if isinstance(node, cst.Name):
            return self._name(node.value, frame)
        attribute = self_attribute(node)
        owner = frame.class_frame
        return _attribute(attribute, owner) if attribute and owner is not None else None

    def _name(self, name: str, frame: Frame) -> Bound | None:
        home = frame.home(name)
        if home is None or name in self.rebound:
            return None
        first, *others = home.bindings[name]
        if others and (first.dotted is None or any(other != first for other in others)):
            return None
        return Bound(first, home)

    def followed(self, node: cst.BaseExpression, frame: Frame) -> tuple[cst.BaseExpression, Frame]:
        """The expression that a chain of names ends at; parameters end it too."""
        for _ in range(_DEPTH):
            bound = self.bound(node, frame)
            if bound is None or bound.binding.value is None or bound.binding.parameter:
                break
            node, frame = bound.binding.value, bound.frame
        return node, frame

    def qualified(self, node: cst.BaseExpression, frame: Frame, depth: int = _DEPTH) -> str | None:
        """The dotted name behind an expression, `()` for each call: `environ.Env().bool`; built-ins by their bare name."""
        if depth == 0:
            return None
        if isinstance(node, cst.Call):
            return _joined(self.qualified(node.func, frame, depth - 1), "()")
        bound = self.bound(node, frame)
        if bound is not None:
            return self._behind(bound, depth)
        if isinstance(node, cst.Attribute):
            return _joined(self.qualified(node.value, frame, depth - 1), f".{node.attr.value}")
        return self._unbound(node.value, frame) if isinstance(node, cst.Name) else None

    def _behind(self, bound: Bound, depth: int) -> str | None:
        binding = bound.binding
        if binding.dotted is not None:
            return binding.dotted
        if (
            binding.value is None
            or binding.parameter
            or not isinstance(binding.value, (cst.Name, cst.Attribute, cst.Call))
        ):
            return None
        return self.qualified(binding.value, bound.frame, depth - 1)

    def _unbound(self, name: str, frame: Frame) -> str | None:
        if frame.home(name) is not None:
            return None
        starred = (f"{module}.{name}" for module in frame.stars)
        return next((dotted for dotted in starred if dotted in self.wanted.calls), name if name in _BUILTINS else None)

    def callables(self, node: cst.BaseExpression, frame: Frame, depth: int = _DEPTH) -> frozenset[str]:
        """The wanted callables that a callee may be; empty if it may also be anything else."""
        if depth and (found := frozenset(self._callables(node, frame, depth))) <= self.wanted.calls:
            return found
        return frozenset()

    def _callables(self, node: cst.BaseExpression, frame: Frame, depth: int) -> Iterator[str]:
        if isinstance(node, cst.IfExp):
            for arm in (node.body, node.orelse):
                yield from self.callables(arm, frame, depth - 1) or ("",)
        elif dotted := self.qualified(node, frame):
            yield dotted
        elif isinstance(node, cst.Name) and (home := frame.home(node.value)) is not None:
            for binding in home.bindings[node.value]:
                yield from self._meant(binding, home, depth)

    def _meant(self, binding: Binding, frame: Frame, depth: int) -> Iterator[str]:
        if binding.dotted is not None:
            yield binding.dotted
        elif binding.value is not None and not binding.parameter:
            yield from self.callables(binding.value, frame, depth - 1) or ("",)
        else:
            yield ""


def _attribute(name: str, owner: Frame) -> Bound | None:
    """`self.x`: assigned once in the methods, or once in the body of the class."""
    assigned = owner.attributes.get(name, [])
    if len(assigned) == 1:
        binding, frame = assigned[0]
        return Bound(binding, frame) if name not in owner.bindings else None
    listed = owner.bindings.get(name, [])
    return Bound(listed[0], owner) if not assigned and len(listed) == 1 else None


def _joined(dotted: str | None, more: str) -> str | None:
    return dotted + more if dotted is not None else None


def written(node: cst.BaseExpression) -> str | None:
    """The text of an object that settings are put into: names, attributes, and calls without arguments."""
    if isinstance(node, cst.Call) and not node.args:
        inner = written(node.func)
        return f"{inner}()" if inner else None
    return text_of(node)
