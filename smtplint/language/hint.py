"""What each endpoint does on the wire, where an editor can show it: on hovering, in a line above, at the end of the line."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from smtplint.language.desk import Checked
from smtplint.language.sentence import sentence
from smtplint.model import Endpoint
from smtplint.source import Span

_MOST = 3
"""Sentences of one hover: a key that more endpoints share is not explained better by more of them."""


def hover(checked: Checked, offset: int) -> types.Hover | None:
    """The sentence about the endpoints of which a setting stands here; None where there is none."""
    found = [(place, one) for one in checked.endpoints for place in _places(one) if place.start <= offset <= place.end]
    if not found:
        return None
    place = min((place for place, _ in found), key=lambda span: span.end - span.start)
    said = list(dict.fromkeys(sentence(one) for _, one in found))[:_MOST]
    return types.Hover(
        types.MarkupContent(types.MarkupKind.PlainText, "\n".join(said)), range=checked.text.range(place)
    )


def _places(endpoint: Endpoint) -> Iterator[Span]:
    """Where keys and values of the endpoint stand."""
    entries = [setting.entry for setting in endpoint.settings]
    entries += [entry for field in endpoint.fields.values() for entry in field.evidence]
    for entry in entries:
        yield entry.span
        if entry.key_span is not None:
            yield entry.key_span


def lenses(checked: Checked) -> list[types.CodeLens]:
    # A command without a name does nothing: it only shows its title.
    return [
        types.CodeLens(checked.text.range(one.anchor), types.Command(sentence(one), "")) for one in checked.endpoints
    ]


def inlays(checked: Checked, shown: Span) -> list[types.InlayHint]:
    """A hint at the end of the line in which an endpoint begins, for those in the part of the text that is shown."""
    found = []
    for one in checked.endpoints:
        if shown.start <= one.anchor.start <= shown.end:
            line = one.source.line_span(one.source.position(one.anchor.start).line)
            hint = types.InlayHint(checked.text.position(line.end), sentence(one), padding_left=True)
            found.append(hint)
    return found
