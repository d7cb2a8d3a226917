"""What must hold of any bytes at all: each target takes some, and raises if one of the laws is broken.

The laws: what is refused is refused with one of our own errors; every place lies within the text; a replaced value
changes its own entry alone; the fixed text is as its edits say, and fixing it again changes nothing.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from smtplint import baseline, config, suppress
from smtplint.check import check
from smtplint.compound import taken_apart
from smtplint.config import ConfigError, Settings
from smtplint.fix import mend
from smtplint.format import PATTERNS, Entry, Literal, load
from smtplint.host import flaw, scope
from smtplint.masking import masked
from smtplint.rule import RuleError, read_rule
from smtplint.source import Source, Span, Unreadable, apply, decode
from smtplint.table import TableError, read_tables
from tests.corpora import WANTED
from tests.locality import literals_of, others, stays_local
from tests.spelling import Nowhere

NAMES: Final = {
    "env": ".env",
    "toml": "config.toml",
    "yaml": "compose.yaml",
    "ini": "logging.ini",
    "python": "settings.py",
}
"""A file name for each format, under which its text is checked."""

Target = Callable[[bytes], None]


def reader(name: str, data: bytes) -> None:
    """One format: identity and locality."""
    source = _source(name, data)
    if source is None:
        return
    assert source.encode() == data
    try:
        entries = load(name).read(source, WANTED)
    except Unreadable as error:
        _inside(Span(error.offset, error.offset), source)
        return
    # An item of a list may turn the whole list into one of assignments: no setting is written so.
    settable = [entry for entry in entries if not entry.key[-1].startswith("[")]
    places = sorted({place for entry in settable for place in literals_of(entry)}, key=lambda p: p[0])
    for entry in entries:
        _inside(entry.span, source)
    if places:
        place = places[len(data) % len(places)]
        choices = [*others(place[1]), 1]
        # libyaml takes some broken texts by accident, and others like them not: the proof of a fix refuses these.
        with contextlib.suppress(Unreadable):
            stays_local(name, source, entries, place, choices[sum(data[:8]) % len(choices)])


def compound(data: bytes) -> None:
    """Mail URLs and `host:port`: every part says what stands at its place."""
    text = data.decode("utf-8", "replace")
    entry = Entry(("X",), Literal(text), Span(0, len(text)), content=Span(0, len(text)))
    for kind in ("url", "hosturl", "hostport"):
        for part in taken_apart(entry, kind):
            assert 0 <= part.span.start <= part.span.end <= len(text)
            if part.key[-1] == "X:port" and isinstance(part.value, Literal):
                assert text[part.span.start : part.span.end] == part.value.value
    flaw(text)
    scope(text)
    masked(text)


def settings(data: bytes) -> None:
    """Files that people write for smtplint itself: settings, rules, tables, baselines. Each has one error of its own."""
    text = data.decode("utf-8", "replace")
    readers: tuple[tuple[Callable[[str], object], type[Exception]], ...] = (
        (lambda given: config.parse(given, Path("smtplint.toml")), ConfigError),
        (lambda given: config.parse(given, Path("pyproject.toml")), ConfigError),
        (lambda given: read_rule("some-rule", given), RuleError),
        (lambda given: read_tables({"some-table": given}), TableError),
        (baseline.read, baseline.BaselineError),
    )
    for read, error in readers:
        try:
            read(text)
        except error as told:
            _is_one_line(str(told))


def comments(data: bytes) -> None:
    """Suppression comments: they never hide a finding that they do not name, and their own places are true."""
    text = data.decode("utf-8", "replace")
    for path in NAMES.values():
        source = Source(path, text)
        for ignore in suppress.comments(source):
            _inside(ignore.span, source)
            if ignore.names:
                _inside(ignore.names_span, source)
        for finding in suppress.suppressed(source, (), Settings()):
            assert finding.rule == suppress.UNUSED
            if finding.fix is not None:
                apply(text, finding.fix.edits)


def whole(name: str, data: bytes) -> None:
    """Check and fix: places are true, nothing outside the edits moves, and fixing twice is fixing once."""
    source = _source(name, data)
    if source is None:
        return
    given = Settings()
    found = check(source, given, Nowhere())
    for finding in found:
        _inside(finding.span, source)
        _is_one_line(finding.message)
    once = mend(source, found, given, Nowhere(), unsafe=True)
    if once.source.text == source.text:
        assert not once.fixed
        return
    _keeps_comments(source, once.source)
    twice = mend(once.source, check(once.source, given, Nowhere()), given, Nowhere(), unsafe=True)
    assert twice.source.text == once.source.text, [f.rule for f in twice.fixed]


_OWN_LINE_COMMENT = re.compile(r"^[ \t]*#[^\r\n]*$", re.MULTILINE)


def _keeps_comments(before: Source, after: Source) -> None:
    """Whatever a fix rewrites, a comment on a line of its own is still there, except one that ignored nothing."""
    left = set(_OWN_LINE_COMMENT.findall(after.text))
    for comment in _OWN_LINE_COMMENT.findall(before.text):
        assert comment in left or "smtplint:" in comment, comment


def _source(name: str, data: bytes) -> Source | None:
    try:
        return decode(NAMES[name], data)
    except Unreadable:
        return None


def _inside(span: Span, source: Source) -> None:
    assert 0 <= span.start <= span.end <= len(source.text), span


def _is_one_line(told: str) -> None:
    assert "\n" not in told, told


TARGETS: Final[Mapping[str, Target]] = {
    **{f"read-{name}": partial(reader, name) for name in PATTERNS},
    **{f"check-{name}": partial(whole, name) for name in PATTERNS},
    "compound": compound,
    "settings": settings,
    "comments": comments,
}
