"""What an expression says: a literal, a library's name, a reference with its default, or nothing that can be known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeGuard
from typing import cast as typed

import libcst as cst
from msgspec import Struct
from msgspec.structs import replace

from smtplint.format import Literal, Name, Opaque, Reference, Scalar, Value
from smtplint.formats.literal import CASTS, COMPOSERS, CONVERSIONS, METHODS, decode, evaluate, strtobool
from smtplint.formats.python.environment import MADE, Lookup, argument, is_environment, lookup
from smtplint.formats.python.fields import Declared, configured, declared, env_prefix
from smtplint.formats.python.names import Frame, text_of
from smtplint.formats.python.resolve import Bound, Resolver
from smtplint.formats.python.strings import content, plain_string
from smtplint.source import Span

_DEPTH = 12
_DIGITS = 4000  # CPython refuses to read longer numbers
_CONSTANTS = {"True": True, "False": False, "None": None}
_EMPTY = {cst.Tuple: "()", cst.List: "[]", cst.Dict: "{}"}
_COMPOSED = (
    cst.ConcatenatedString,
    cst.FormattedString,
    cst.UnaryOperation,
    cst.BinaryOperation,
    cst.BooleanOperation,
    cst.Comparison,
    cst.IfExp,
    cst.Call,
)


_PLAIN = (cst.SimpleString, cst.Integer, cst.Float)


class Read(Struct, frozen=True):
    """A value and where it is written, as in `Entry`."""

    value: Value
    span: Span
    content: Span | None = None
    optional: bool = False  # a reference that is None, rather than an error, where the variable is not set


class Values(Struct, frozen=True):
    """Reads expressions with the names of one text."""

    resolver: Resolver

    def read(self, node: cst.BaseExpression, frame: Frame, depth: int = _DEPTH) -> Read:
        if depth == 0:
            return self._opaque(node)
        return (
            self._literal(node)
            or self._meaning(node, frame, depth)
            or self._looked_up(node, frame, depth)
            or self._returned(node, frame, depth)
            or self._constant(node)
            or self._object(node, frame)
            or self._item(node, frame, depth)
            or self._cast(node, frame, depth)
            or self._either(node, frame, depth)
            or self._one_of_two(node, frame, depth)
            or self._whether_set(node, frame)
            or self._with_default(node, frame, depth)
            or self._derived(node, frame, depth)
            or self._opaque(node)
        )

    def _opaque(self, node: cst.CSTNode) -> Read:
        return Read(Opaque(), self.resolver.tree.span(node))

    def _literal(self, node: cst.BaseExpression) -> Read | None:
        tree = self.resolver.tree
        if isinstance(node, cst.SimpleString) and plain_string(node) is not None:
            span = tree.span(node)
            inside = content(node, span)
            # The text, not the tree: a form feed may have been taken out of the tree.
            return Read(Literal(tree.text[inside.start : inside.end]), span, inside)
        if isinstance(node, cst.Name) and node.value in _CONSTANTS:
            return Read(Literal(_CONSTANTS[node.value]), tree.span(node))
        if isinstance(node, cst.Integer) and (node.value == "0" or (node.value.isdecimal() and node.value[0] != "0")):
            return Read(Literal(int(node.value)), tree.span(node)) if len(node.value) < _DIGITS else self._opaque(node)
        if isinstance(node, (cst.SimpleString, cst.Integer, cst.Float)):
            return self._constant(node, force=True)
        if type(node) in _EMPTY and not typed("cst.Tuple", node).elements:
            return Read(Name(_EMPTY[type(node)]), tree.span(node))
        return None

    def _constant(self, node: cst.BaseExpression, *, force: bool = False) -> Read | None:
        """An expression of nothing but literals."""
        if not force and not isinstance(node, _COMPOSED):
            return None
        try:
            return Read(Literal(decode(self.resolver.tree.at(node))), self.resolver.tree.span(node))
        except ValueError:
            return None

    def _meaning(self, node: cst.BaseExpression, frame: Frame, depth: int) -> Read | None:
        """A name that stands for something else."""
        if not isinstance(node, (cst.Name, cst.Attribute)):
            return None
        bound = self.resolver.bound(node, frame)
        if bound is None or bound.binding.dotted is not None:
            return self._library_name(node, frame) or self._opaque(node)
        if bound.binding.value is None:
            return self._opaque(node)
        if bound.binding.parameter:
            return self._parameter(node, bound, depth)
        if isinstance(node, cst.Attribute) and bound.frame.is_class:
            return self.field(node.attr.value, bound.binding.value, bound.frame, depth - 1)
        read = self.read(bound.binding.value, bound.frame, depth - 1)
        return self._opaque(node) if isinstance(read.value, Opaque) else read

    def _returned(self, node: cst.BaseExpression, frame: Frame, depth: int) -> Read | None:
        """What a function of this text gives back."""
        following = self.resolver.next(node, frame) if isinstance(node, cst.Call) else None
        return self.read(*following, depth - 1) if following is not None else None

    def field(self, name: str, node: cst.BaseExpression, frame: Frame, depth: int = _DEPTH) -> Read:
        """The value of a name in the body of a class: of settings that come from the environment the default at most."""
        if (found := configured(node, name, frame, self.resolver)) is not None:
            return self._declared(found, found.alias or name, node, frame, depth)
        found, prefix = declared(node), env_prefix(frame, self.resolver)
        if prefix is not None:
            return self._declared(found, found.alias or prefix + name.upper(), node, frame, depth)
        return self.read(found.default, frame, depth) if found.default is not None else self._opaque(node)

    def _declared(self, found: Declared, name: str, node: cst.CSTNode, frame: Frame, depth: int) -> Read:
        read = self.read(found.default, frame, depth) if found.default is not None else None
        environment = self.resolver.wanted.environment
        variable = next((v for v in environment if v.upper() == name.upper()), None)  # pydantic ignores capitals
        if variable is not None:
            looked_up = Lookup(variable, made=_as_declared(read.value if read else None))
            return Read(_given(looked_up, environment[variable], None), self.resolver.tree.span(node))
        if read is None:
            return Read(Reference(name), self.resolver.tree.span(node))
        if not isinstance(read.value, Literal):
            return read
        return Read(Reference(name, _plain(read.value), _place(read), read.content), read.span, read.content)

    def _library_name(self, node: cst.BaseExpression, frame: Frame) -> Read | None:
        """Names of `ssl` and wanted callables mean the same in every program; other modules' attributes are settings."""
        dotted = self.resolver.qualified(node, frame)
        if dotted is None or "()" in dotted or not (dotted.startswith("ssl.") or dotted in self.resolver.wanted.calls):
            return None
        return Read(Name(dotted), self.resolver.tree.span(node))

    def _parameter(self, node: cst.BaseExpression, bound: Bound, depth: int) -> Read:
        """The default of a parameter is read where the function is defined: in the frame around it."""
        around = bound.frame.parent or bound.frame
        default = self.read(typed("cst.BaseExpression", bound.binding.value), around, depth - 1)
        if isinstance(default.value, Reference):
            return default
        return self._reference(node, _last(text_of(node) or ""), default)

    def _reference(self, node: cst.BaseExpression, name: str, default: Read) -> Read:
        span = self.resolver.tree.span(node)
        if not isinstance(default.value, (Literal, Name)):
            return Read(Opaque(), span)
        return Read(Reference(name, _plain(default.value), _place(default), default.content), span)

    def _looked_up(self, node: cst.BaseExpression, frame: Frame, depth: int) -> Read | None:
        found = lookup(node, frame, self.resolver, lambda name: self._spelled(name, frame, depth))
        if found is None:
            return None
        return Read(self._variable(found, frame, depth), self.resolver.tree.span(node), None, found.optional)

    def _spelled(self, node: cst.BaseExpression, frame: Frame, depth: int) -> str | None:
        value = self.read(node, frame, depth - 1).value
        return value.value if isinstance(value, Literal) and isinstance(value.value, str) else None

    def _variable(self, found: Lookup, frame: Frame, depth: int) -> Reference:
        default = self.read(found.default, frame, depth - 1) if found.default is not None else None
        if (text := self.resolver.wanted.environment.get(found.name)) is not None:
            return _given(found, text, default.value if default is not None else None)
        arrives = "text" if found.text else ""
        if default is None:
            return Reference(found.name, arrives=arrives)
        if isinstance(default.value, Reference):
            return replace(default.value, name=found.name, arrives=arrives)
        if (
            found.by_default
            and isinstance(default.value, Literal)
            and not isinstance(default.value.value, (str, type(None)))
        ):
            arrives = ""
        if not isinstance(default.value, (Literal, Name)) or default.value == Literal(None):
            return Reference(found.name, arrives=arrives if isinstance(default.value, (Literal, Name)) else "")
        reference = Reference(found.name, _plain(default.value), _place(default), default.content, arrives)
        return _converted(reference, found.convert) if found.convert else reference

    def _object(self, node: cst.BaseExpression, frame: Frame) -> Read | None:
        """An object that a call of `ssl` makes, by the callee's name."""
        made = self._library_name(node.func, frame) if isinstance(node, cst.Call) else None
        return (
            made if made is not None and isinstance(made.value, Name) and made.value.dotted.startswith("ssl.") else None
        )

    def _cast(self, node: cst.BaseExpression, frame: Frame, depth: int) -> Read | None:
        """`int(x)`, `bool(x)` and the like around a reference."""
        if not isinstance(node, cst.Call) or len(node.args) != 1:
            return None
        convert = CONVERSIONS.get(self.resolver.qualified(node.func, frame) or "")
        inner = self.read(node.args[0].value, frame, depth - 1) if convert is not None else None
        if convert is None or inner is None or not isinstance(inner.value, Reference):
            return None
        converted = _converted(inner.value, convert, optional=inner.optional)
        return Read(converted, self.resolver.tree.span(node))

    def _either(self, node: cst.BaseExpression, frame: Frame, depth: int) -> Read | None:
        """`x or 25`: a reference whose default is 25."""
        if not isinstance(node, cst.BooleanOperation) or not isinstance(node.operator, cst.Or):
            return None
        left, right = self.read(node.left, frame, depth - 1), self.read(node.right, frame, depth - 1)
        span = self.resolver.tree.span(node)
        if not isinstance(left.value, Reference):
            name = text_of(node.left) if isinstance(left.value, Opaque) else None
            return self._reference(node, name, right) if name else None
        if isinstance(left.value.default, Name) or (left.value.default is not None and left.value.default.value):
            return Read(left.value, span)
        given = left.value.given and isinstance(right.value, Literal)
        return Read(replace(_defaulted(left.value.name, right), arrives=left.value.arrives, given=given), span)

    def _item(self, node: cst.BaseExpression, frame: Frame, depth: int) -> Read | None:
        """`PLACE[1]` of a tuple, `SERVER["port"]` and `SERVER.get("port")` of a dict that the text spells out."""
        match node:
            case cst.Subscript(value=owner, slice=[cst.SubscriptElement(slice=cst.Index(value=index))]):
                pass
            case cst.Call(func=cst.Attribute(value=owner, attr=cst.Name(value="get")), args=[cst.Arg(value=index), *_]):
                pass
            case _:
                return None
        holder, home = self._container(owner, frame, depth)
        key = self.read(index, frame, depth - 1).value if isinstance(holder, (cst.Tuple, cst.List, cst.Dict)) else None
        found = _element(holder, key.value) if isinstance(key, Literal) else None
        if found is None:
            return None
        read = self.read(found, home, depth - 1)
        return Read(uneditable(read.value), read.span)  # other places may read the same item under other conditions

    def _container(self, node: cst.BaseExpression, frame: Frame, depth: int) -> tuple[cst.BaseExpression, Frame]:
        """The tuple, list or dict behind names and subscripts: `SETTINGS["smtp"]`."""
        node, frame = self.resolver.followed(node, frame)
        match node:
            case cst.Subscript(value=owner, slice=[cst.SubscriptElement(slice=cst.Index(value=index))]) if depth > 0:
                holder, home = self._container(owner, frame, depth - 1)
                key = self.read(index, frame, depth - 1).value
                found = _element(holder, key.value) if isinstance(key, Literal) else None
                return self.resolver.followed(found, home) if found is not None else (node, frame)
        return node, frame

    def _one_of_two(self, node: cst.BaseExpression, frame: Frame, depth: int) -> Read | None:
        """`a if x else b`: what both are; or what one variable makes of it where that is not set."""
        if not isinstance(node, cst.IfExp):
            return None
        span = self.resolver.tree.span(node)
        body, orelse = (self.read(arm, frame, depth - 1).value for arm in (node.body, node.orelse))
        if body == orelse or (isinstance(body, Literal) and isinstance(orelse, Literal) and _same(body, orelse)):
            return Read(uneditable(body), span)
        read = self.read(node.test, frame, depth - 1)
        test = read.value
        if not isinstance(test, Reference):
            return Read(Opaque(), span)
        if not isinstance(test.default, Literal) and not (test.default is None and read.optional):
            return Read(Reference(test.name), span)
        chosen = body if isinstance(test.default, Literal) and test.default.value else orelse
        arms = (body, orelse)
        of_one_variable = any(isinstance(arm, Reference) and arm.name == test.name for arm in arms)
        if isinstance(chosen, Literal) and (of_one_variable or all(_is_truth(arm) for arm in arms)):
            arrives = test.arrives if body == Literal(value=True) else ""
            return Read(Reference(test.name, _plain(chosen), arrives=arrives, given=test.given), span)
        return Read(Reference(test.name), span)

    def _whether_set(self, node: cst.BaseExpression, frame: Frame) -> Read | None:
        """`"X" in os.environ`."""
        match node:
            case cst.Comparison(
                left=cst.SimpleString() as left,
                comparisons=[cst.ComparisonTarget(operator=cst.In() | cst.NotIn() as operator, comparator=where)],
            ) if is_environment(where, frame, self.resolver):
                is_in = isinstance(operator, cst.In)
                value = Reference(plain_string(left) or "", Literal(not is_in), arrives="presence" if is_in else "")
                return Read(value, self.resolver.tree.span(node))
        return None

    def _with_default(self, node: cst.BaseExpression, frame: Frame, depth: int) -> Read | None:
        """`getattr(settings, "X", 25)` and `options.get("x", 25)`: a reference named after the object."""
        if not isinstance(node, cst.Call):
            return None
        name = self._default_name(node)
        default = argument(node, "default", 2 if isinstance(node.func, cst.Name) else 1)
        return (
            self._reference(node, name, self.read(default, frame, depth - 1)) if name and default is not None else None
        )

    def _default_name(self, node: cst.Call) -> str | None:
        match node:
            case cst.Call(func=cst.Attribute(value=owner, attr=cst.Name(value="get")), args=[first, _]):
                pass
            case cst.Call(func=cst.Name(value="getattr"), args=[cst.Arg(value=owner), first, _]):
                pass
            case _:
                return None
        key, prefix = plain_string(first.value), text_of(owner)
        return f"{prefix}.{key}" if key is not None and prefix else None

    def _derived(self, node: cst.BaseExpression, frame: Frame, depth: int) -> Read | None:
        """What becomes of the default of one reference by comparing and converting; such a value cannot be edited."""
        if not isinstance(node, _COMPOSED):
            return None
        known: dict[str, object] = {}
        references: list[Reference] = []
        for part in _parts(node):
            read = self.read(part, frame, depth - 1)
            text, value = self.resolver.tree.at(part), read.value
            if isinstance(value, Reference):
                references.append(value)
                if isinstance(value.default, Literal) or (value.default is None and read.optional):
                    known[text] = value.default.value if value.default else None
            elif isinstance(value, Literal) and not _is_switch(part, value):
                known[text] = value.value
            elif (found := self._collection(part, frame, depth)) is not None:
                known[text] = found
            else:
                return None  # a switch that has a name (`DEBUG`) is there to be thrown
        return self._evaluated(node, known, references)

    def _collection(self, node: cst.BaseExpression, frame: Frame, depth: int) -> tuple[Scalar, ...] | None:
        """The words of a tuple or list that has a name: `os.environ["X"] in TRUE_WORDS`."""
        found, home = self.resolver.followed(node, frame)
        if not isinstance(found, (cst.Tuple, cst.List, cst.Set)) or found is node:
            return None
        values = [self.read(item.value, home, depth - 1).value for item in found.elements]
        literals = tuple(value.value for value in values if isinstance(value, Literal))
        return literals if len(literals) == len(values) else None

    def _evaluated(
        self, node: cst.BaseExpression, known: dict[str, object], references: list[Reference]
    ) -> Read | None:
        names = {reference.name for reference in references}
        if len(names) > 1:
            return None
        try:
            result = evaluate(self.resolver.tree.at(node), known)
        except ValueError:
            result = ...
        span = self.resolver.tree.span(node)
        if not references:
            return Read(Literal(result, computed=True), span) if _is_scalar(result) else None
        arrives = _arrives(node, references[0].arrives) if len(references) == 1 else ""
        default = Literal(result) if _is_scalar(result) else None
        given = all(reference.given for reference in references)
        return Read(Reference(references[0].name, default, arrives=arrives, given=given), span)


def _is_scalar(value: object) -> TypeGuard[Scalar]:
    return value is None or isinstance(value, (str, int, float))


def _arrives(node: cst.BaseExpression, inner: str) -> str:
    """What of the variable's text is left after one more step."""
    match node:
        case cst.Call(func=cst.Attribute(attr=cst.Name(value=name))) if name in METHODS:
            return inner
        case cst.Comparison(
            comparisons=[cst.ComparisonTarget(operator=cst.IsNot(), comparator=cst.Name(value="None"))]
        ):
            return "presence" if inner == "text" else ""
    return ""


def uneditable(value: Value) -> Value:
    """The value where it is not to be edited."""
    if isinstance(value, Literal):
        return replace(value, computed=True)
    return replace(value, span=None, content=None) if isinstance(value, Reference) else value


def _plain(value: Literal | Name) -> Literal | Name:
    """A default, of which its place tells whether it can be edited."""
    return replace(value, computed=False) if isinstance(value, Literal) else value


def _place(read: Read) -> Span | None:
    return None if isinstance(read.value, Literal) and read.value.computed else read.span


def _same(one: Literal, other: Literal) -> bool:
    return type(one.value) is type(other.value) and one.value == other.value


def _is_switch(node: cst.BaseExpression, value: Literal) -> bool:
    return isinstance(value.value, bool) and not (isinstance(node, cst.Name) and node.value in _CONSTANTS)


def _is_truth(value: Value) -> bool:
    return isinstance(value, Literal) and isinstance(value.value, bool)


def _element(holder: cst.BaseExpression, key: Scalar) -> cst.BaseExpression | None:
    """The item of a spelled-out tuple, list or dict, if nothing is unpacked into it."""
    if isinstance(holder, (cst.Tuple, cst.List)):
        plain = isinstance(key, int) and not any(isinstance(e, cst.StarredElement) for e in holder.elements)
        inside = plain and isinstance(key, int) and -len(holder.elements) <= key < len(holder.elements)
        return holder.elements[key].value if inside and isinstance(key, int) else None
    if not isinstance(holder, cst.Dict) or any(isinstance(e, cst.StarredDictElement) for e in holder.elements):
        return None
    items = (e for e in holder.elements if isinstance(e, cst.DictElement))
    found = [item.value for item in items if plain_string(item.key) == key and key is not None]
    return found[-1] if found else None


def _last(dotted: str) -> str:
    return dotted.rpartition(".")[2]


def _defaulted(name: str, right: Read) -> Reference:
    if isinstance(right.value, Reference):
        return replace(right.value, name=name)
    if isinstance(right.value, (Literal, Name)):
        return Reference(name, _plain(right.value), _place(right), right.content)
    return Reference(name)


def _converted(reference: Reference, convert: Callable[..., object], *, optional: bool = False) -> Reference:
    """The reference with its default converted; still to be edited only where the text means the same before and after."""
    default = reference.default
    arrives = {bool: "truth", str: "text"}.get(typed("type", convert), "") if reference.arrives == "text" else ""
    if isinstance(default, Name) or (default is None and not optional):
        return Reference(reference.name, arrives=arrives)
    before = default.value if default is not None else None
    try:
        after = convert(before)
    except (ValueError, TypeError, SyntaxError):
        return Reference(reference.name, arrives=arrives)
    if not _is_scalar(after):
        return Reference(reference.name)
    kept = type(before) is type(after) or (str(before) == str(after) and not isinstance(after, bool))
    return Reference(
        reference.name,
        Literal(after),
        reference.span if kept else None,
        reference.content if type(before) is type(after) else None,
        arrives,
        reference.given,
    )


def _given(found: Lookup, text: str, default: Value | None) -> Reference:
    """The reference of a variable whose text is known: with what the program makes of that."""
    kind = type(default.value) if found.by_default and isinstance(default, Literal) else str
    make = found.made if kind in (str, type(None)) else MADE.get(kind.__name__)
    try:
        value = make(text) if make is not None else ...
    except ValueError:
        value = ...
    if not _is_scalar(value):
        return Reference(found.name)
    return Reference(found.name, Literal(value), arrives="text" if found.text else "", given=True)


def _as_declared(default: Value | None) -> Callable[[str], object] | None:
    """What a field makes of a text, as its default tells; without one, words that may be a truth value are not known."""
    kind = type(default.value).__name__ if isinstance(default, Literal) else "NoneType"
    return _untyped if kind == "NoneType" else MADE.get(kind)


def _untyped(text: str) -> object:
    if text.isdecimal() and len(text) > 1:
        return int(text)
    try:
        strtobool(text)
    except ValueError:
        return text
    raise ValueError("a text, a number, or a truth value")


def _parts(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """The outermost parts of a composed expression that are not composed themselves."""
    for child in _operands(node):
        if isinstance(child, (cst.Tuple, cst.List, cst.Set)):
            yield from (item.value for item in child.elements if not isinstance(item.value, _PLAIN))
            continue
        if isinstance(child, _COMPOSED) and not (isinstance(child, cst.Call) and not _converts(child)):
            yield from _parts(child)
        elif not isinstance(child, _PLAIN):
            yield child


def _converts(node: cst.Call) -> bool:
    match node.func:
        case cst.Name(value=name):
            return name in CASTS or name == "strtobool"
        case cst.Attribute(attr=cst.Name(value=name)):
            return name in METHODS or name in COMPOSERS
    return False


def _operands(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    match node:
        case cst.Comparison(left=left, comparisons=comparisons):
            return [left, *(target.comparator for target in comparisons)]
        case cst.UnaryOperation(expression=inner):
            return [inner]
        case cst.FormattedString(parts=parts):
            return [part.expression for part in parts if isinstance(part, cst.FormattedStringExpression)]
        case cst.ConcatenatedString(left=left, right=right):
            return [left, right]
        case cst.BinaryOperation(left=left, right=right) | cst.BooleanOperation(left=left, right=right):
            return [left, right]
        case cst.IfExp(test=test, body=body, orelse=orelse):
            return [test, body, orelse]
        case cst.Call(func=cst.Attribute(value=owner), args=args):
            return [owner, *(item.value for item in args)]
        case cst.Call(args=args):
            return [item.value for item in args]
    return []
