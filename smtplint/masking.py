"""Secrets hidden in everything that is shown: each character of one becomes `*`, so that columns stay true."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final

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

# Every repetition is bounded or possessive: a long line without an end must not cost more than its length.
_PATTERNS: Final = (
    # KEY=…, key: …, "key": …, app.config["KEY"] = …, and with a type between: password: str = "…"
    rf"""{_KEY}["']?[ \t]*+\]?[ \t]*+{_SIGN}[ \t]*+{_SECRET}""",
    # the same with the value on the next line, or behind a parenthesis
    rf"""{_KEY}["']?[ \t]*+\]?[ \t]*+(?:=[ \t]*+(?:\(\s*+|\\?[ \t]*+\r?\n\s*+)|:[ \t]*+\r?\n\s*+){_STRING}""",
    # an argument after the key's own name: setdefault("KEY", "…"), getenv("KEY", "…"), config("KEY", default="…")
    rf"""["']{_WHOLE_KEY}["'][ \t]*+,\s*(?:default[ \t]*+=[ \t]*+)?{_STRING}""",
    # a block scalar, and `- name: KEY` with `value: …` before or after it
    (
        rf"""^(?P<indent>[ \t]*+)[^\r\n]{{0,100}}?{_KEY}["']?:[ \t]*+[|>][^\r\n]*\r?\n"""
        r"""(?P<secret>(?:(?:(?P=indent)[ \t]+[^\r\n]*|[ \t]*+)(?:\r?\n|\Z))+)"""
    ),
    rf"""{_NAME}{_WHOLE_KEY}["']?{_NEXT}{_VALUE}{_SECRET}""",
    rf"""(?<!\w){_VALUE}{_SECRET}{_NEXT}{_NAME}{_WHOLE_KEY}["']?[ \t]*+(?=$|[,}}\r\n])""",
    # the second argument of a login, and of a pair of credentials
    rf"""\.(?:login|auth|authenticate)\({_FIRST},\s*(?:password[ \t]*+=[ \t]*+)?{_STRING}""",
    rf"""\.pass_\(\s*{_STRING}""",
    # where the sign was forgotten, and what a comment tells
    rf"""^[ \t]*+[\w.\-]{{0,80}}?{_KEY}[ \t]++(?P<secret>[^\s=:][^\r\n]*)""",
    rf"""#[^\r\n]{{0,200}}?(?<![A-Za-z\-]){_WORD}[ \t]++(?P<secret>[^\s=:][^\r\n]*)""",
    rf"""credentials?["']?[ \t]*+[=:][ \t]*+\([^,()\r\n]{{1,200}},\s*{_STRING}""",
)

_SHAPES: Final = (
    # user info of a URL, up to its last @; then of something that lacks the scheme
    r"""(?<![a-z0-9+.\-])[a-z][a-z0-9+.\-]{1,30}://(?P<secret>[^\s"'<>]{1,500})@""",
    r"""(?<![\w/@.+%\-])[\w.+%\-]{1,100}:(?P<secret>[^\s"'<>/:@]{1,200})@(?!sha256:)(?:[\w-]+\.[\w.\-]+|localhost)""",
    # shapes that are a secret wherever they stand
    r"""(?<![\w.\-])(?P<secret>SG\.[\w\-]{8,80}\.[\w\-]{16,80}|xsmtpsib-[\w\-]{16,120}|AKIA[0-9A-Z]{16})""",
    # letters small and large with digits between: nothing that people write by hand, but for names of protocols and classes
    (
        r"""(?<![\w/+.@\-])(?!PROTOCOL_|OP_NO_)(?P<secret>(?-i:(?=[\w+/\-]{0,40}[a-z])(?=[\w+/\-]{0,40}[A-Z])"""
        r"""(?=[\w+/\-]{0,40}\d)[\w+/\-]{10,200}+))(?![\w(.])"""
    ),
)

# What may be shown where a secret could stand: nothing, placeholders, and ways into the environment.
_HARMLESS = re.compile(
    r"""["']{0,2}$|["']?\$\{[\w.]+\}["']?$|["']?\{\{[^{}]*\}\}["']?$|["']?env\(\w+\)["']?$"""
    r"""|(?:null|~|none|true|false)[,\s)}\]]*$|(?:[A-Za-z_][\w.]*)\((?=["']\w+["']\s*\))[^()]*\)[,\s)]*$"""
    r"""|[A-Za-z_][\w.]*\[["']\w+["']\][,\s)]*$"""
)


def masked(text: str, secrets: Iterable[Span] = ()) -> str:
    """The text with the same number of characters, in which no secret can be read; in doubt too much is hidden.

    `secrets`: places that are known to be one. All others are found by what stands before them.
    """
    return _starred(text, (*_found(text, (*_compiled(_PATTERNS), *_compiled(_SHAPES))), *secrets))


@cache
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """Compiled when something is shown: most runs have nothing to show."""
    return tuple(re.compile(pattern, re.IGNORECASE | re.MULTILINE) for pattern in patterns)


def names_secret(key: str) -> bool:
    """True if what stands under such a key is a secret."""
    return re.fullmatch(_WHOLE_KEY, key, re.IGNORECASE) is not None


def masked_words(text: str) -> str:
    """The same for a sentence of ours, where what follows a word such as "password:" is no secret but a URL may be."""
    return _starred(text, _found(text, _compiled(_SHAPES)))


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


def _found(text: str, patterns: Sequence[re.Pattern[str]]) -> Iterator[Span]:
    for pattern in patterns:
        for found in pattern.finditer(text):
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
