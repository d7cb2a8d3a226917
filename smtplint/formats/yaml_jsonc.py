"""JSON with comments, as `devcontainer.json` is written: without them, and without tabs, it is YAML."""

from __future__ import annotations

import re

from smtplint.regex import regex

# A row of comments before the brace is matched one by one: no two ways to match one text.
_BEGIN = regex(r"(?:\s+|//[^\r\n]*|/\*(?:[^*]|\*(?!/))*\*/)*\{(?=[\s/\"}])(?![{%])")
_PART = regex(r"(?P<text>\"(?:[^\"\\\r\n]|\\.)*\")|(?<!:)//[^\r\n]*|/\*(?:[^*]|\*(?!/))*\*/|\t")
_FILLED = regex(r"[^\r\n]")


def without_comments(text: str) -> str:
    """The same text, equally long, with blanks for comments and tabs; unchanged if it does not begin as JSON does."""
    return _PART.sub(_blank, text) if _BEGIN.match(text) else text


def _blank(part: re.Match[str]) -> str:
    return part[0] if part["text"] else _FILLED.sub(" ", part[0])
