"""Secrets hidden in everything that is shown: each character of one becomes `*`, so that columns stay true."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from smtplint.regex import regex
from smtplint.source import Span

# A key is secret by a word in it, slips of the finger among them; `password_file` and `token_url` name places.
_WORD: Final = (
    r"(?:pass?_?w(?:or|ro|o|r)?d?|pass(?:phrase|code)?|pswd|pwd|pw|secret|token|bearer"
    r"|(?:api|access|private|signing)[_-]?key|credentials?)"
)
_KEY: Final = rf"{_WORD}s?\d*(?:[_.\-](?:value|default|key|base|string|smtp|mail|e?mail|imap|x|\d+))*(?![A-Za-z0-9_\-])"
_WHOLE_KEY: Final = rf"[\w.\-]{{0,80}}?{_KEY}"  # where a quote stands before it

_TRIPLE: Final = r"""\"\"\"[\s\S]*?(?:\"\"\"|\Z)|'''[\s\S]*?(?:'''|\Z)"""
_ONE: Final = rf"""(?:[rbfu]{{0,2}}(?:{_TRIPLE}|"(?:\\.|[^"\\\r\n])*"?|'(?:\\.|''|[^'\\\r\n])*'?))"""
_QUOTED: Final = rf"(?:{_ONE}(?:\s*{_ONE})*)"  # adjacent strings are one in Python
_SIGN: Final = r"(?:=(?!=)|:[ \t]*+\w[\w.\[\] |]{0,60}=(?!=)|:)"
_REST: Final = r"[^\s(][^\r\n]*"  # what is not quoted may go on to the end of the line

_SECRET: Final = rf"(?P<secret>{_QUOTED}[^\s,;:)}}\]]*|{_REST})"  # a quote may end before the value does
_STRING: Final = rf"(?P<secret>{_QUOTED})"
_NAME: Final = r"""name["']?[ \t]*+:[ \t]*+["']?"""
_VALUE: Final = r"""value["']?[ \t]*+:[ \t]*+"""
_NEXT: Final = r"""[ \t]*+(?:,|\r?\n)[ \t]*+["']?"""

_FIRST: Final = rf"""(?:{_ONE}|[^(),"']++|\([^()]*+\))*+"""

_CUES: Final = ("pas", "psw", "pw", "secret", "token", "bearer", "key", "credential")
"""Of a word that makes a key secret, one of these stands in every spelling."""

_QUOTES: Final = ('"', "'")

Needs = tuple[tuple[str, ...], ...]
"""Of each group one must stand in the text, in small letters, or the pattern cannot fit: it is not even compiled."""

# Every repetition is bounded or possessive: a long line without an end must not cost more than its length.
_PATTERNS: Final[tuple[tuple[Needs, str], ...]] = (
    # KEY=…, key: …, "key": …, app.config["KEY"] = …, and with a type between: password: str = "…"
    ((_CUES, ("=", ":")), rf"""{_KEY}["']?[ \t]*+\]?[ \t]*+{_SIGN}[ \t]*+{_SECRET}"""),
    # the same with the value on the next line, or behind a parenthesis
    (
        (_CUES, ("=", ":"), _QUOTES),
        rf"""{_KEY}["']?[ \t]*+\]?[ \t]*+(?:=[ \t]*+(?:\(\s*+|\\?[ \t]*+\r?\n\s*+)|:[ \t]*+\r?\n\s*+){_STRING}""",
    ),
    # an argument after the key's own name: setdefault("KEY", "…"), getenv("KEY", "…"), config("KEY", default="…")
    ((_CUES, (",",), _QUOTES), rf"""["']{_WHOLE_KEY}["'][ \t]*+,\s*(?:default[ \t]*+=[ \t]*+)?{_STRING}"""),
    # a block scalar, and `- name: KEY` with `value: …` before or after it
    (
        (_CUES, (":",), ("|", ">")),
        (
            rf"""^(?P<indent>[ \t]*+)[^\r\n]{{0,100}}?{_KEY}["']?:[ \t]*+[|>][^\r\n]*\r?\n"""
            r"""(?P<secret>(?:(?:(?P=indent)[ \t]+[^\r\n]*|[ \t]*+)(?:\r?\n|\Z))+)"""
        ),
    ),
    ((_CUES, ("name",), ("value",)), rf"""{_NAME}{_WHOLE_KEY}["']?{_NEXT}{_VALUE}{_SECRET}"""),
    (
        (_CUES, ("name",), ("value",)),
        rf"""(?<!\w){_VALUE}{_SECRET}{_NEXT}{_NAME}{_WHOLE_KEY}["']?[ \t]*+(?=$|[,}}\r\n])""",
    ),
    # the second argument of a login, and of a pair of credentials
    (
        (("login(", "auth(", "authenticate("), _QUOTES),
        rf"""\.(?:login|auth|authenticate)\({_FIRST},\s*(?:password[ \t]*+=[ \t]*+)?{_STRING}""",
    ),
    (((".pass_(",), _QUOTES), rf"""\.pass_\(\s*{_STRING}"""),
    # where the sign was forgotten, and what a comment tells
    ((_CUES, (" ", "\t")), rf"""^[ \t]*+[\w.\-]{{0,80}}?{_KEY}[ \t]++(?P<secret>[^\s=:][^\r\n]*)"""),
    ((_CUES, ("#",)), rf"""#[^\r\n]{{0,200}}?(?<![A-Za-z\-]){_WORD}[ \t]++(?P<secret>[^\s=:][^\r\n]*)"""),
    ((("credential",), ("(",), _QUOTES), rf"""credentials?["']?[ \t]*+[=:][ \t]*+\([^,()\r\n]{{1,200}},\s*{_STRING}"""),
)

_SHAPES: Final[tuple[tuple[Needs, str], ...]] = (
    # user info of a URL, up to its last @; then of something that lacks the scheme
    ((("://",), ("@",)), r"""(?<![a-z0-9+.\-])[a-z][a-z0-9+.\-]{1,30}://(?P<secret>[^\s"'<>]{1,500})@"""),
    (
        ((":",), ("@",)),
        r"""(?<![\w/@.+%\-])[\w.+%\-]{1,100}:(?P<secret>[^\s"'<>/:@]{1,200})@(?!sha256:)(?:[\w-]+\.[\w.\-]+|localhost)""",
    ),
    # shapes that are a secret wherever they stand
    (
        (("sg.", "xsmtpsib-", "akia"),),
        r"""(?<![\w.\-])(?P<secret>SG\.[\w\-]{8,80}\.[\w\-]{16,80}|xsmtpsib-[\w\-]{16,120}|AKIA[0-9A-Z]{16})""",
    ),
    # letters small and large with digits between: nothing that people write by hand, but for names of protocols and classes
    (
        (tuple("0123456789"),),
        (
            r"""(?<![\w/+.@\-])(?!PROTOCOL_|OP_NO_)(?P<secret>(?-i:(?=[\w+/\-]{0,40}[a-z])(?=[\w+/\-]{0,40}[A-Z])"""
            r"""(?=[\w+/\-]{0,40}\d)[\w+/\-]{10,200}+))(?![\w(.])"""
        ),
    ),
)

# What may be shown where a secret could stand: nothing, placeholders, and ways into the environment.
_HARMLESS = regex(
    r"""["']{0,2}$|["']?\$\{[\w.]+\}["']?$|["']?\{\{[^{}]*\}\}["']?$|["']?env\(\w+\)["']?$"""
    r"""|(?:null|~|none|true|false)[,\s)}\]]*$|(?:[A-Za-z_][\w.]*)\((?=["']\w+["']\s*\))[^()]*\)[,\s)]*$"""
    r"""|[A-Za-z_][\w.]*\[["']\w+["']\][,\s)]*$"""
)


def masked(text: str, secrets: Iterable[Span] = ()) -> str:
    """The text with the same number of characters, in which no secret can be read; in doubt too much is hidden.

    `secrets`: places that are known to be one. All others are found by what stands before them.
    """
    return _starred(text, (*_found(text, (*_PATTERNS, *_SHAPES)), *secrets))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when something is shown that it may fit: most runs have nothing to show."""
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


def _may_fit(text: str, patterns: Iterable[tuple[Needs, str]]) -> Iterator[str]:
    """The patterns whose needs are there; all of them where letters beyond ASCII may stand for others."""
    lowered, other_letters = text.lower(), not text.isascii()
    for needs, pattern in patterns:
        if other_letters or all(any(one in lowered for one in group) for group in needs):
            yield pattern


def names_secret(key: str) -> bool:
    """True if what stands under such a key is a secret."""
    lowered = key.lower()
    if key.isascii() and not any(cue in lowered for cue in _CUES):
        return False
    return re.fullmatch(_WHOLE_KEY, key, re.IGNORECASE) is not None


def masked_words(text: str) -> str:
    """The same for a sentence of ours, where what follows a word such as "password:" is no secret but a URL may be."""
    return _starred(text, _found(text, _SHAPES))


def masked_value(text: str) -> str:
    """The same for a value: a sign in it tells of another setting, whose line end was lost."""
    return masked(text) if "=" in text else masked_words(text)


def _starred(text: str, spans: Iterable[Span]) -> str:
    pieces: list[str] = []
    done = 0
    for span in sorted(spans):
        start = max(span.start, done)
        pieces += (text[done:start], _stars(text[start : span.end]))
        done = max(done, span.end)
    return "".join((*pieces, text[done:]))


def _found(text: str, patterns: Iterable[tuple[Needs, str]]) -> Iterator[Span]:
    for pattern in _may_fit(text, patterns):
        for found in _compiled(pattern).finditer(text):
            if not _HARMLESS.match(found["secret"].strip()):
                yield _inside(text, Span(*found.span("secret")))


def _inside(text: str, span: Span) -> Span:
    """Without the quotes around it."""
    for quote in ('"""', "'''", '"', "'"):
        if text.startswith(quote, span.start) and span.end - span.start >= len(quote):
            closed = span.end - span.start >= 2 * len(quote) and text.startswith(quote, span.end - len(quote))
            return Span(span.start + len(quote), span.end - len(quote) if closed else span.end)
    return span


def _stars(text: str) -> str:
    """Line ends stay, so that lines keep their numbers."""
    return "".join(c if c in "\r\n" else "*" for c in text)
