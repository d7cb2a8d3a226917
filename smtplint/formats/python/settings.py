"""Settings by name: assignments, `app.config[…]`, `.update(…)`, star imports, and fields of settings classes."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from msgspec import Struct, field

from smtplint.format import Opaque, Reference
from smtplint.formats.python.fields import configured, declared, env_prefix
from smtplint.formats.python.names import Frame, paired, text_of
from smtplint.formats.python.place import Place
from smtplint.formats.python.resolve import PLAIN_BASES, base_name, written
from smtplint.formats.python.sink import Item, Sink, Slot, mapping, settings_default
from smtplint.formats.python.strings import plain_string
from smtplint.formats.python.value import Read, uneditable

_BASES = 12  # classes above a class: a longer line is a circle
_NAMESPACES = frozenset({"locals()", "globals()", "vars()"})
_DYNACONF = frozenset({"dynaconf.Dynaconf()", "dynaconf.LazySettings()", "dynaconf.settings"})
_FILLS_MODULE = "dynaconf.DjangoDynaconf"


class Settings(Struct, frozen=True):
    """Reads the statements that set something by name into the sink."""

    sink: Sink
    environment_classes: dict[int, str] = field(
        default_factory=dict
    )  # BaseSettings: frame of the class, its env_prefix

    def simple(self, node: cst.BaseSmallStatement, place: Place) -> None:
        match node:
            case cst.Assign(targets=targets, value=value):
                for target in targets:
                    self._assign(target.target, value, place)
                self._handed_over(value, place)
            case cst.AnnAssign(target=target, value=value):
                self._annotated(target, value, place)
            case cst.AugAssign(target=target, operator=cst.BitOrAssign(), value=value):
                self._merged(target, value, place)
            case cst.Expr(value=cst.Call() as call):
                self._call(call, place)
                self._handed_over(call, place)
            case cst.ImportFrom(names=cst.ImportStar()):
                self.sink.anything(Slot((), place.scope), node)

    def _assign(self, target: cst.BaseExpression, value: cst.BaseExpression, place: Place) -> None:
        match target:
            case cst.Name(value=name):
                self._named(name, target, value, place)
            case cst.Attribute():
                self._attribute(target, value, place)
            case cst.Subscript():
                self._subscript(target, value, place)
            case cst.Tuple() | cst.List():
                for left, right in paired(target, value):
                    self._assign(left, right, place)

    def _attribute(self, target: cst.Attribute, value: cst.BaseExpression, place: Place) -> None:
        """A dict as an attribute has names of its own; for Dynaconf attributes are the settings."""
        dotted, owner = text_of(target), written(target.value)
        if dotted is None or owner is None:
            return
        if items := mapping(value, place.frame, self.sink.resolver):
            self.sink.items(Slot((dotted,), place.scope, target), items, place.frame)
        elif self._is_dynaconf(target.value, place):
            self.sink.value(Slot((owner, target.attr.value), place.scope, target.attr), value, place.frame)

    def _is_dynaconf(self, node: cst.BaseExpression, place: Place) -> bool:
        return isinstance(node, cst.Name) and self.sink.resolver.qualified(node, place.frame) in _DYNACONF

    def _named(self, name: str, target: cst.Name, value: cst.BaseExpression, place: Place) -> None:
        """A setting of the module or class; inside a function only what is in a dict has names of its own."""
        if place.prefix is None:
            if items := mapping(value, place.frame, self.sink.resolver):
                self.sink.items(Slot((name,), place.scope, target), items, place.frame)
            return
        slot = Slot((*place.prefix, name), place.scope, target)
        if name == "model_config" and place.frame.is_class:
            return
        if self._is_field(name, value, place):
            self.sink.put(slot, self.sink.values.field(name, value, place.frame))
        else:
            self.sink.value(slot, value, place.frame)

    def _is_field(self, name: str, value: cst.BaseExpression, place: Place) -> bool:
        """True if the class does more with the value than to have it."""
        if not place.frame.is_class:
            return False
        found = declared(value).default is not value or configured(value, name, place.frame, self.sink.resolver)
        return bool(found) or self._prefix(place) is not None

    def _prefix(self, place: Place) -> str | None:
        return self.environment_classes.get(id(place.frame))

    def _annotated(self, target: cst.BaseExpression, value: cst.BaseExpression | None, place: Place) -> None:
        if value is not None:
            self._assign(target, value, place)
        elif isinstance(target, cst.Name) and place.prefix and (prefix := self._prefix(place)) is not None:
            name = prefix + target.value.upper()
            slot = Slot((*place.prefix, target.value), place.scope, target)
            self.sink.put(slot, Read(Reference(name), self.sink.tree.span(target)))

    def _subscript(self, target: cst.Subscript, value: cst.BaseExpression, place: Place) -> None:
        if (slot := self._subscript_slot(target, place)) is not None:
            self.sink.value(slot, value, place.frame)

    def _subscript_slot(self, target: cst.BaseExpression, place: Place) -> Slot | None:
        match target:
            case cst.Subscript(value=owner, slice=[cst.SubscriptElement(slice=cst.Index(value=index))]):
                slot = self._subscript_slot(owner, place)
                if slot is None or slot.key[-1:] == ("*",):
                    return slot
                key = plain_string(index)
                return slot.below(key if key is not None else "*", index)
            case cst.Name() | cst.Attribute() | cst.Call():
                return self._object(target, place)
        return None

    def _object(self, node: cst.BaseExpression, place: Place) -> Slot | None:
        """The object that settings are put into: its text, `os.environ` under whatever name, () for a namespace; none of a mock."""
        name = written(node)
        if name is None or "mock" in name.lower():
            return None
        if name in _NAMESPACES:
            return Slot((), place.scope)
        known = self.sink.resolver.qualified(node, place.frame)
        return Slot((known if known == "os.environ" else name,), place.scope)

    def _merged(self, target: cst.BaseExpression, value: cst.BaseExpression, place: Place) -> None:
        """`app.config |= {…}`."""
        if items := mapping(value, place.frame, self.sink.resolver):
            slot = self._subscript_slot(target, place)
            if slot is not None:
                self.sink.items(slot, items, place.frame)

    def _call(self, node: cst.Call, place: Place) -> None:
        match node.func:
            case cst.Attribute(value=owner, attr=cst.Name(value="update" | "from_mapping" | "configure" as method)):
                if method != "configure" or self._is_django(owner, place):
                    self._update(node, owner, place)
            case cst.Attribute(value=owner, attr=cst.Name(value="setdefault")):
                self._setdefault(node, owner, place)
            case cst.Attribute(value=owner, attr=cst.Name(value="set")):
                self._set(node, owner, place)
            case cst.Attribute(value=owner, attr=cst.Name(value=method)) if method.startswith(("from_", "load_")):
                if (name := written(owner)) and name.rpartition(".")[2] == "config":
                    self.sink.anything(Slot((name,), place.scope), node)
            case cst.Name(value="exec"):
                self.sink.anything(Slot((), place.scope), node)

    def _is_django(self, owner: cst.BaseExpression, place: Place) -> bool:
        return self.sink.resolver.qualified(owner, place.frame) == "django.conf.settings"

    def _update(self, node: cst.Call, owner: cst.BaseExpression, place: Place) -> None:
        slot = self._subscript_slot(owner, place)
        if slot is None:
            return
        if not slot.key:
            self.sink.anything(slot, node)
            return
        for item in _updates(node, place.frame, self.sink):
            self.sink.items(slot, [item], place.frame)

    def _setdefault(self, node: cst.Call, owner: cst.BaseExpression, place: Place) -> None:
        """What was set before wins: for the environment, the literal is the default of a reference."""
        key = plain_string(node.args[0].value) if len(node.args) == 2 else None
        slot = self._subscript_slot(owner, place)
        if key is None or slot is None or not slot.key:
            return
        below = slot.below(key, node.args[0].value)
        if slot.key == ("os.environ",):
            self.sink.put(below, settings_default(self.sink.values.read(node.args[1].value, place.frame), key))
        else:
            self.sink.value(below, node.args[1].value, place.frame)

    def _handed_over(self, node: cst.BaseExpression, place: Place) -> None:
        """`DjangoDynaconf(__name__)` fills the module with what its files and the environment say."""
        if isinstance(node, cst.Call) and self.sink.resolver.qualified(node.func, place.frame) == _FILLS_MODULE:
            self.sink.anything(Slot((), place.scope), node)

    def _set(self, node: cst.Call, owner: cst.BaseExpression, place: Place) -> None:
        """Dynaconf's `settings.set("EMAIL_PORT", 587)`."""
        key = plain_string(node.args[0].value) if len(node.args) == 2 else None
        name = written(owner)
        if key is not None and name is not None and self._is_dynaconf(owner, place):
            self.sink.value(Slot((name, key), place.scope, node.args[0].value), node.args[1].value, place.frame)

    def enter_class(self, node: cst.ClassDef, frame: Frame, place: Place) -> None:
        """Notes what the bases of a class say: unknown settings, or fields that come from the environment."""
        if (prefix := env_prefix(frame, self.sink.resolver)) is not None:
            self.environment_classes[id(frame)] = prefix
        foreign = [base for base in node.bases if base_name(base) not in PLAIN_BASES]
        known = self.sink.resolver.bases(frame)
        for base, home in zip(foreign, known, strict=False):
            if home is None:
                self.sink.anything(Slot(place.prefix or (), place.scope), base.value)
                return
        self._inherit(frame, place)

    def _inherit(self, frame: Frame, place: Place) -> None:
        """What a base class of the text sets and this one does not; it stands there, and is not to be edited from here."""
        seen = set(frame.bindings)
        waiting = [home for home in self.sink.resolver.bases(frame) if home is not None]
        if self._prefix(place) is not None:  # fields without a default bind no name
            self.sink.anything(Slot(place.prefix or (), place.scope), frame.node)
        for home in waiting[:_BASES]:
            for name, bindings in home.bindings.items():
                value = bindings[-1].value
                if name not in seen and value is not None and name != "model_config":
                    self._inherited(name, value, home, place)
            seen |= set(home.bindings)
            waiting += [base for base in self.sink.resolver.bases(home) if base is not None and base not in waiting]

    def _inherited(self, name: str, value: cst.BaseExpression, home: Frame, place: Place) -> None:
        slot = Slot((*(place.prefix or ()), name), place.scope)
        if mapping(value, home, self.sink.resolver) or len(home.bindings[name]) > 1:
            self.sink.put(slot, Read(Opaque(), self.sink.tree.span(value)))
            return
        read = self.sink.values.field(name, value, home)
        self.sink.put(slot, Read(uneditable(read.value), read.span))


def _updates(node: cst.Call, frame: Frame, sink: Sink) -> Iterator[Item]:
    for item in node.args:
        if item.keyword is not None:
            yield Item(item.keyword.value, item.keyword, item.value)
            continue
        value, _ = sink.resolver.followed(item.value, frame)
        items = mapping(item.value, frame, sink.resolver)
        # A dict that has a name gives its entries under that name already: here it may hold anything.
        yield from items or (
            [] if isinstance(value, cst.Dict) and not value.elements else [Item(None, item.value, item.value)]
        )
