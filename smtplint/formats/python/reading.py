"""One walk over the statements of a text, handing settings and expressions to those who know them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import libcst as cst
from msgspec import Struct, field
from msgspec.structs import replace

from smtplint.format import Entry, Wanted
from smtplint.formats.python.calls import Calls
from smtplint.formats.python.expressions import Expressions, parts
from smtplint.formats.python.names import Frame, rebound_names, text_of
from smtplint.formats.python.place import Arm, Place
from smtplint.formats.python.resolve import Resolver
from smtplint.formats.python.sessions import Book, Session, Touch, escape
from smtplint.formats.python.settings import Settings
from smtplint.formats.python.sink import Sink
from smtplint.formats.python.strings import plain_string
from smtplint.formats.python.tree import Tree

_EXITS = frozenset({"exit", "quit", "_exit", "abort", "fail"})
_EXPECTED = frozenset({"assertRaises", "assertRaisesRegex", "raises"})
_Statement = cst.BaseStatement | cst.BaseSmallStatement


def entries(tree: Tree, wanted: Wanted) -> tuple[Entry, ...]:
    """Every setting and every wanted call of a text, in order of position."""
    sink = Sink(Resolver(tree, wanted, rebound_names(tree.text)))
    reading = Reading(sink, Settings(sink), calls=_may_call(tree.text, wanted))
    reading.suite(tree.module.body, Place(Frame(tree.module)))
    Calls(sink, reading.book).report()
    return tuple(sorted(sink.entries, key=_position))


def _position(entry: Entry) -> tuple[int, int]:
    return (entry.key_span or entry.also or entry.span).start, entry.span.start


def _may_call(text: str, wanted: Wanted) -> bool:
    """Following sessions costs as much as all the rest: only where the words of a wanted call stand in the text."""
    return any(all(part in text for part in dotted.split(".")) for dotted in wanted.calls)


class Reading(Struct, frozen=True):
    """The walk; `calls` tells whether expressions are looked into at all."""

    sink: Sink
    settings: Settings
    calls: bool
    book: Book = field(default_factory=Book)

    def suite(self, body: Sequence[_Statement], place: Place) -> None:
        for node in body:
            self._statement(node, place)
            if isinstance(node, cst.If):
                place = self._past(node, place)

    def _past(self, node: cst.If, place: Place) -> Place:
        """What follows `if x: return` is the other way to go; `if x: raise` only says what cannot be."""
        if node.orelse is None and isinstance(_last(node.body), (cst.Return, cst.Continue, cst.Break)):
            arm = replace(self._arm("past", node, id(node)), certain=True)
            return place.under(_where_not(node.test, arm, place))
        return place

    def _block(self, block: cst.BaseSuite, place: Place) -> None:
        self.suite(block.body, place)

    def _statement(self, node: _Statement, place: Place) -> None:  # noqa: C901 - one case for each statement
        match node:
            case cst.SimpleStatementLine(body=body):
                self.suite(body, place)
            case cst.BaseSmallStatement():
                self.settings.simple(node, place)
                if self.calls:
                    self._small(node, place)
            case cst.FunctionDef():
                self._function(node, place)
            case cst.ClassDef():
                self._class(node, place)
            case cst.If():
                self._if(node, place, id(node), "if")
            case cst.Try() | cst.TryStar():
                self._try(node, place)
            case cst.With():
                self._with(node, place)
            case cst.For() | cst.While():
                self._loop(node, place)
            case cst.Match():
                self._match(node, place)

    def _arm(self, word: str, node: cst.CSTNode, group: int) -> Arm:
        return Arm(f"{word}@{self.sink.tree.start(node)}", group)

    def _visit(self, nodes: Iterable[cst.CSTNode], place: Place, *, leaves: bool = False) -> None:
        if self.calls:
            for node in nodes:
                self._expressions.visit(node, place, leaves=leaves)

    @property
    def _expressions(self) -> Expressions:
        return Expressions(self.sink.resolver, self.book)

    def _function(self, node: cst.FunctionDef, place: Place) -> None:
        self._visit((*node.decorators, node.params), place)
        inside = Place(place.frame.enter(node), (*place.path, self._arm("def", node, id(node))), None)
        if self.calls:
            self.book.receive(node, inside)
        self._block(node.body, inside)

    def _class(self, node: cst.ClassDef, place: Place) -> None:
        frame = place.frame.enter(node)
        inside = Place(frame, place.path, (*(place.prefix or ()), node.name.value))
        self.settings.enter_class(node, frame, inside)
        self._block(node.body, inside)

    def _if(
        self, node: cst.If, place: Place, group: int, word: str, before: tuple[cst.BaseExpression, ...] = ()
    ) -> None:
        own = replace(self._arm(word, node, group), test=node.test, frame=place.frame, before=before)
        body = place.under(own)
        # `if (server := SMTP(…)):` is no condition: sessions are always true.
        self._visit([node.test], body if isinstance(node.test, cst.NamedExpr) else place)
        self._block(node.body, place if _is_main(node.test) else body)
        if isinstance(node.orelse, cst.If):
            self._if(node.orelse, place, group, "else", (*before, node.test))
        elif node.orelse is not None:
            arm = replace(self._arm("else", node.orelse, group), before=before)
            self._block(node.orelse.body, place.under(_where_not(node.test, arm, place)))

    def _try(self, node: cst.Try | cst.TryStar, place: Place) -> None:
        """What stands in `try` is certain for what follows, unless an `except` lets the program go on."""
        goes_on = not all(_leaves(handler.body) for handler in node.handlers)
        label = self._arm("try", node, id(node)).label
        body = place.under(Arm(label, id(node), certain=not goes_on, attempt=goes_on))
        self._block(node.body, body)
        for handler in node.handlers:
            self._block(handler.body, place.under(self._arm("except", handler, id(node))))
        if node.orelse is not None:
            self._block(node.orelse.body, body)
        if node.finalbody is not None:
            self._block(node.finalbody.body, place)

    def _with(self, node: cst.With, place: Place) -> None:
        """What is opened under `pytest.raises(…)` is wrong on purpose: nothing is to be said of it."""
        opened = len(self.book.sessions)
        self._entered(node, place)
        if any(_expects_failure(item.item) for item in node.items):
            del self.book.sessions[opened:]

    def _entered(self, node: cst.With, place: Place) -> None:
        inside = place
        for item in node.items:
            self._enter(item, inside)
            if _suppresses(item.item) or _expects_failure(item.item):
                inside = inside.under(Arm(f"try@{self.sink.tree.start(node)}", id(node), attempt=True))
        self._block(node.body, inside)

    def _enter(self, item: cst.WithItem, place: Place) -> None:
        if not self.calls:
            return
        sessions = self._expressions.denoted(item.item, place)
        if item.asname is not None:
            self._hold(item.asname.name, sessions, place)

    def _loop(self, node: cst.For | cst.While, place: Place) -> None:
        self._visit([node.iter if isinstance(node, cst.For) else node.test], place)
        forever = isinstance(node, cst.While) and isinstance(node.test, cst.Name) and node.test.value == "True"
        self._block(node.body, place if forever else place.under(self._arm("for", node, id(node))))
        if node.orelse is not None:
            self._block(node.orelse.body, place)

    def _match(self, node: cst.Match, place: Place) -> None:
        self._visit([node.subject], place)
        for case in node.cases:
            self._block(case.body, place.under(self._arm("case", case, id(node))))

    def _small(self, node: cst.BaseSmallStatement, place: Place) -> None:
        match node:
            case cst.Assign(targets=targets, value=value):
                self._assign([target.target for target in targets], value, place)
            case cst.AnnAssign(target=target, value=value) if value is not None:
                self._assign([target], value, place)
            case cst.AugAssign(target=target, value=value):
                self._set(target, node, value, place)
                self._visit([value], place, leaves=True)
            case cst.Expr(value=value) | cst.Assert(test=value):
                self._visit([value], place)
            case cst.Return(value=cst.BaseExpression() as value):
                self.book.give_back(self._expressions.denoted(value, place, leaves=True), value, place)
            case cst.Del(target=cst.Subscript() as target):
                self._set(target, target, target.value, place)
            case cst.Import() | cst.ImportFrom() | cst.Del() | cst.Global() | cst.Nonlocal() | cst.AnnAssign():
                pass
            case _:
                self._visit(parts(node), place, leaves=True)

    def _assign(self, targets: list[cst.BaseAssignTargetExpression], value: cst.BaseExpression, place: Place) -> None:
        sessions = self._expressions.denoted(value, place)
        for target in targets:
            self._set(target, target, value, place)
            self._hold(target, sessions, place)

    def _hold(self, target: cst.BaseExpression, sessions: list[Session], place: Place) -> None:
        self.book.hold(target, sessions, place)
        if isinstance(target, cst.Name) and target.value in self.sink.resolver.rebound:
            escape(sessions, target)
        elif isinstance(target, cst.Subscript):
            self._visit([target], place)

    def _set(self, target: cst.BaseExpression, node: cst.CSTNode, value: cst.BaseExpression, place: Place) -> None:
        """`context.check_hostname = False`, `context.options |= …`, `options["timeout"] = 5`."""
        if isinstance(target, cst.Attribute):
            kept = (
                value
                if isinstance(node, cst.Attribute) or isinstance(getattr(node, "operator", None), cst.BitOrAssign)
                else None
            )
            self.book.touch(target.value, Touch(target.attr.value, node, place, kept, target.attr))
        elif isinstance(target, cst.Subscript):
            self.book.touch(target.value, Touch(None, node, place, key=_item_key(target)))


def _where_not(test: cst.BaseExpression, arm: Arm, place: Place) -> Arm:
    return replace(arm, test=test, holds=False, frame=place.frame)


def _item_key(target: cst.Subscript) -> str | None:
    match target.slice:
        case [cst.SubscriptElement(slice=cst.Index(value=index))]:
            return plain_string(index)
    return None


def _is_main(test: cst.BaseExpression) -> bool:
    return isinstance(test, cst.Comparison) and text_of(test.left) == "__name__"


def _last(block: cst.BaseSuite) -> cst.CSTNode:
    last: cst.CSTNode = block.body[-1]
    return last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last


def _leaves(block: cst.BaseSuite) -> bool:
    """True if a handler does not let the program go on behind the `try`."""
    last = _last(block)
    if isinstance(last, cst.Expr) and isinstance(last.value, cst.Call):
        return (text_of(last.value.func) or "").rpartition(".")[2] in _EXITS
    return isinstance(last, (cst.Raise, cst.Return, cst.Continue, cst.Break))


def _expects_failure(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Call) and (text_of(node.func) or "").rpartition(".")[2] in _EXPECTED


def _suppresses(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Call) and (text_of(node.func) or "").rpartition(".")[2] == "suppress"
