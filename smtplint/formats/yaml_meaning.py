"""What a YAML scalar means: a literal, a reference, or something that the text does not tell."""

from __future__ import annotations

from msgspec import Struct

from smtplint.format import Literal, Opaque, Reference, Value
from smtplint.formats.yaml_reference import expanded, templated
from smtplint.formats.yaml_scalar import tag_of, typed
from smtplint.formats.yaml_template import Expression, Template
from smtplint.formats.yaml_tree import Scalar
from smtplint.regex import regex
from smtplint.source import Span

# Indentation given in figures counts from the parent: read alone, the value would differ.
_INDENTED_BLOCK = regex(r"[|>][-+]?[1-9]")
_OLD_LINE_END = regex("[\x85\u2028\u2029]")


class Meaning(Struct, frozen=True):
    """The scalars of one text: `original` has the template expressions that `template.blanked` has not."""

    original: str
    template: Template

    def is_verbatim(self, value: Value, content: Span | None) -> bool:
        """False if the characters at `content` are not the text of the value: `off`, `0x1D1`, `~`."""
        if content is None or not isinstance(value, Literal) or isinstance(value.value, str):
            return True
        return self.template.blanked[content.start : content.end] == str(value.value)

    def value(self, node: Scalar, span: Span, content: Span | None, expressions: tuple[Expression, ...]) -> Value:
        if node.tag and node.tag != "!":
            return self._tagged(node, span)
        if expressions:
            inner = Span(span.start + 1, span.end - 1) if node.style in ("'", '"') else span
            return self.templated(inner) or Opaque()
        value = typed(node)
        if isinstance(value, str):
            return self._text(value, node, span, content)
        return Opaque() if value is None and not self._has_room(span) else Literal(value)

    def _text(self, value: str, node: Scalar, span: Span, content: Span | None) -> Value:
        if not node.style and value[:1] == "=":
            return Opaque()  # a lone `=` is how a list item without a value is written
        if node.style in ("|", ">") and _unusual(self.template.blanked, span):
            return Opaque()
        return expanded(value, content) or Literal(value)

    def _tagged(self, node: Scalar, span: Span) -> Value:
        if node.tag == "!secret":
            return Reference(f"!secret {node.value}")
        # `!!str 25`: the span says 25, the value is a text. Between quotes both are.
        if tag_of(node) != "str" or not node.style or self.template.within(span):
            return Opaque()
        return self._text(node.value, node, span, None)

    def _has_room(self, span: Span) -> bool:
        """False for an empty value with no colon, dash, anchor or tag before it: nothing could be written there."""
        return span.start < span.end or self.template.blanked[max(0, span.start - 9) : span.start].rstrip(" \t")[
            -1:
        ] in (":", "-")

    def templated(self, content: Span) -> Value | None:
        """What a value with a template expression in it stands for, None if there is none in it."""
        expressions = self.template.within(content)
        if not expressions:
            return None
        if expressions[0].span != content:
            whole = self.original[content.start : content.end]
            return expanded(whole, None) if whole.startswith("${{") and len(expressions) == 1 else Opaque()
        return templated(expressions[0], self.original)


def _unusual(text: str, span: Span) -> bool:
    """True for a block scalar that reads differently away from its place."""
    return bool(_INDENTED_BLOCK.match(text, span.start) or _OLD_LINE_END.search(text, span.start, span.end))
