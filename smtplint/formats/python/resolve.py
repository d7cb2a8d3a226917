"""From an expression to what it means: the imported name behind it, or the expression that a name stands for."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from itertools import accumulate

import libcst as cst
from msgspec import Struct, field

from smtplint.format import Wanted
from smtplint.formats.python.names import Binding, Frame, self_attribute, small_statements, text_of
from smtplint.formats.python.tree import Tree

_BUILTINS = frozenset(dir(builtins))
PLAIN_BASES = frozenset(
    {
        "ABC", "BaseModel", "BaseSettings", "Enum", "Flag", "Generic", "IntEnum", "IntFlag", "NamedTuple", "Protocol",
        "StrEnum", "TypedDict", "object",
    }
)  # fmt: skip
"""Base classes that bring no settings of their own."""
_DEPTH = 12  # names standing for names: a longer chain is a circle


class Bound(Struct, frozen=True):
    """The one meaning of a name, and the frame in which its value is to be read."""

    binding: Binding
    frame: Frame


class Resolver(Struct, frozen=True):
    """All questions about names in one text."""

    tree: Tree
    wanted: Wanted
    rebound: frozenset[str] = field(default_factory=frozenset)
    returns: dict[int, cst.BaseExpression | None] = field(default_factory=dict)
    asked: set[int] = field(default_factory=set)  # objects whose class is being looked for

    def bound(self, node: cst.BaseExpression, frame: Frame) -> Bound | None:
        """What a name, `self.x` or the attribute of a class of this text stands for, if it is bound exactly once."""
        if isinstance(node, cst.Name):
            return self._name(node.value, frame)
        if not isinstance(node, cst.Attribute):
            return None
        attribute, owner = self_attribute(node), frame.class_frame
        if attribute and owner is not None:
            return self.attribute(attribute, owner)
        made = self.class_of(node.value, frame)
        return self.attribute(node.attr.value, made) if made is not None else None

    def class_of(self, node: cst.BaseExpression, frame: Frame) -> Frame | None:
        """The frame of the class that a name stands for, or of which it is an object made without arguments."""
        asked = id(node)
        if asked in self.asked or not _may_be_object(node):
            return None
        self.asked.add(asked)  # names may go in circles
        node, home = self.followed(node, frame)
        if isinstance(node, cst.Call) and not node.args:
            node, home = self.followed(node.func, home)
        self.asked.discard(asked)
        bound = self._name(node.value, home) if isinstance(node, cst.Name) else None
        if bound is None or not isinstance(bound.binding.made, cst.ClassDef):
            return None
        return bound.frame.enter(bound.binding.made)

    def attribute(self, name: str, owner: Frame, depth: int = _DEPTH) -> Bound | None:
        """`self.x`: assigned once in the methods, or once in the body of the class, or of a base class of this text."""
        assigned, listed = owner.attributes.get(name, []), owner.bindings.get(name, [])
        if len(assigned) == 1:
            return Bound(*assigned[0]) if not listed else None
        if assigned or listed:
            return Bound(listed[0], owner) if not assigned and len(listed) == 1 else None
        for base in self.bases(owner) if depth else ():
            if base is None:
                return None
            if name in base.attributes or name in base.bindings:
                return self.attribute(name, base, depth - 1)
            if (found := self.attribute(name, base, depth - 1)) is not None:
                return found
        return None

    def bases(self, owner: Frame) -> list[Frame | None]:
        """The frames of the base classes, None for one of another text; classes that set nothing are left out."""
        if not isinstance(owner.node, cst.ClassDef) or owner.parent is None:
            return []
        around = owner.parent
        named = [base for base in owner.node.bases if base.keyword is None and base_name(base) not in PLAIN_BASES]
        return [self.class_of(base.value, around) if isinstance(base.value, cst.Name) else None for base in named]

    def _name(self, name: str, frame: Frame) -> Bound | None:
        home = frame.home(name)
        if home is None or name in self.rebound:
            return None
        first, *others = home.bindings[name]
        if others and (first.dotted is None or any(other != first for other in others)):
            return None
        return Bound(first, home)

    def followed(self, node: cst.BaseExpression, frame: Frame) -> tuple[cst.BaseExpression, Frame]:
        """The expression that a chain of names and of functions of this text ends at; parameters end it too."""
        for _ in range(_DEPTH):
            following = self.next(node, frame)
            if following is None:
                break
            node, frame = following
        return node, frame

    def next(self, node: cst.BaseExpression, frame: Frame) -> tuple[cst.BaseExpression, Frame] | None:
        """What a name stands for, or what a call of a function of this text gives, if it always gives the same."""
        if isinstance(node, cst.Call):
            bound = self.bound(node.func, frame)
            made = bound.binding.made if bound is not None else None
            value = self.returned(made) if isinstance(made, cst.FunctionDef) else None
            return (value, bound.frame.enter(made)) if value is not None and bound is not None and made else None
        bound = self.bound(node, frame)
        if bound is None or bound.binding.value is None or bound.binding.parameter:
            return None
        return bound.binding.value, bound.frame

    def returned(self, function: cst.FunctionDef) -> cst.BaseExpression | None:
        """The one expression that a function gives back, if there is no other way out of it with a value."""
        if id(function) not in self.returns:
            found = [node.value for node in small_statements(function.body) if isinstance(node, cst.Return)]
            plain = function.asynchronous is None and all(_keeps_result(d) for d in function.decorators)
            self.returns[id(function)] = found[0] if len(found) == 1 and plain else None
        return self.returns[id(function)]

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
        """The wanted callables that a callee may be, by their outermost names; empty if it may also be anything else."""
        if depth and (found := frozenset(self._callables(node, frame, depth))) <= self.wanted.calls:
            return frozenset(outermost(dotted, self.wanted.calls) for dotted in found)
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


def _keeps_result(decorator: cst.Decorator) -> bool:
    node = decorator.decorator.func if isinstance(decorator.decorator, cst.Call) else decorator.decorator
    return (text_of(node) or "").rpartition(".")[2] in ("cache", "classmethod", "lru_cache", "staticmethod")


def _may_be_object(node: cst.BaseExpression) -> bool:
    """A name, an attribute of `self`, or a call of one of these: longer chains lead out of the text."""
    node = node.func if isinstance(node, cst.Call) else node
    return isinstance(node, cst.Name) or self_attribute(node) is not None


def outermost(dotted: str, wanted: AbstractSet[str]) -> str:
    """`aiosmtplib.SMTP` for `aiosmtplib.smtp.SMTP` if both are wanted: one class, whose arguments the tables name once."""
    modules, _, name = dotted.rpartition(".")
    outer = (f"{home}.{name}" for home in accumulate(modules.split("."), "{}.{}".format))
    return next((other for other in outer if other in wanted), dotted)


def base_name(base: cst.Arg) -> str:
    """The last name of a base class."""
    node = base.value.value if isinstance(base.value, cst.Subscript) else base.value
    return (text_of(node) or "").rpartition(".")[2]


def _joined(dotted: str | None, more: str) -> str | None:
    return dotted + more if dotted is not None else None


def written(node: cst.BaseExpression) -> str | None:
    """The text of an object that settings are put into: names, attributes, and calls without arguments."""
    if isinstance(node, cst.Call) and not node.args:
        inner = written(node.func)
        return f"{inner}()" if inner else None
    return text_of(node)
