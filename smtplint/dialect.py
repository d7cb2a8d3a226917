"""Which dialect holds for which settings of a file, and the endpoints that they describe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from smtplint import knowledge
from smtplint.format import Entry, Name
from smtplint.handover import Surroundings, image_name
from smtplint.lens import Lens, endpoint
from smtplint.match import Group, Index, Keys, Spellings, choices, groups, is_anchor, is_one_of, spellings
from smtplint.model import FIELDS, UNKNOWN, Endpoint, Field
from smtplint.rewrite import TextBinding, expressible
from smtplint.sender import without_settings
from smtplint.setting import missing, settings
from smtplint.source import Source
from smtplint.table import Dialect, Folders, Need, Pattern, TableError, Test, load_dialects
from smtplint.wildcard import fits

__all__ = ["Surroundings", "TableError", "calls", "endpoints", "load_dialects"]


# Evidence, from strongest to weakest (design section 6); without any, only tables that need none are candidates.
_CHOSEN, _IMAGE, _UNIQUE, _PATH, _SIBLING, _MANIFEST, _NONE, _FALLBACK = range(7, -1, -1)


class _Reading(Struct, frozen=True):
    """One group under one dialect, and how strongly the text speaks for that dialect."""

    group: Group
    rank: int
    because: str  # what speaks for it, in words
    image: str | None = None  # the one that says so, if it was an image

    @property
    def is_certain(self) -> bool:
        return self.rank >= _IMAGE

    @property
    def is_pinned(self) -> bool:
        """True if the project says which version of the product it is."""
        return bool(self.group.dialect.pins)

    @property
    def claims(self) -> frozenset[tuple[tuple[str, ...], str, int]]:
        return frozenset((self.group.scope, e.path, e.span.start) for e in self.group.entries.values())


def endpoints(
    source: Source,
    entries: Sequence[Entry],
    format_name: str,
    around: Surroundings,
    chosen: str | None = None,
    folders: Folders = (),
    written_in: str = "",
) -> tuple[Endpoint, ...]:
    """Every mail endpoint that the entries configure.

    `chosen`: the dialect that the user's settings name for this file; `folders`: where the user has own ones;
    `written_in`: the format of the text, where a program of another one sees the entries.
    """
    found = groups(entries, _index(format_name, folders), folders)
    readings = [r for group in found if (r := _reading(group, source, around, chosen)) is not None]
    winners = [rivals for rivals in _settled(readings) if not rivals[0].group.first.foreign]
    chosen_among = {id(group) for group in choices(rivals[0].group for rivals in winners)}
    settled = [
        _endpoint(source, format_name, rivals, written_in, among=id(rivals[0].group) in chosen_among)
        for rivals in winners
    ]
    settled += [e for (first, *others) in winners if not others for e in without_settings(source, entries, first.group)]
    notes = {"tracked": "yes"} if settled and around.tracked(source.path.rpartition("/")[2]) else {}
    every = (replace(e, notes={**e.notes, **notes}) for e in settled if e is not None)
    return tuple(sorted(every, key=lambda e: e.anchor))


INDEX: Final = "index-"
WILD: Final = "wild-"
CALLS: Final = "calls"


@cache
def _index(format_name: str, folders: Folders) -> Index:
    known = load_dialects(folders)
    by_tail = knowledge.records(INDEX + format_name, Keys) if not folders else None
    wild = knowledge.worked_out(WILD + format_name) if not folders else None
    if by_tail is None or wild is None:
        return Index(spellings_of(format_name, known.values()), known)
    return Index(Spellings(by_tail, msgspec.json.decode(wild, type=dict[str, Keys])), known)


def spellings_of(format_name: str, dialects: Iterable[Dialect]) -> Spellings:
    return spellings(d for d in dialects if format_name in d.formats)


@cache
def calls(folders: Folders = ()) -> frozenset[str]:
    """The dotted callables that some dialect reads."""
    made = knowledge.worked_out(CALLS) if not folders else None
    return frozenset(msgspec.json.decode(made)) if made is not None else calls_of(load_dialects(folders).values())


def calls_of(dialects: Iterable[Dialect]) -> frozenset[str]:
    return frozenset(call for dialect in dialects for call in dialect.calls)


# --- which dialect


def _reading(group: Group, source: Source, around: Surroundings, chosen: str | None) -> _Reading | None:
    dialect = group.dialect
    if not any(is_anchor(key, dialect) for key in group.entries) or _is_other_call(group):
        return None
    if chosen == dialect.name:
        return _Reading(group, _CHOSEN, "your settings, which name it for this file")
    if dialect.pins and _told_by(dialect.pins, around) is None:
        return None
    image = next((image for image in _images(group, source) if is_one_of(image, dialect.images)), None)
    if image is not None:
        return _Reading(group, _IMAGE, f"the image or action {image}", image)
    rank, because = _evidence(group, source, around)
    return None if rank == _NONE and dialect.needs_evidence else _Reading(group, rank, because)


def _is_other_call(group: Group) -> bool:
    """True if another class of the module is called than those that the table reads: LMTP, not SMTP."""
    named = next((e for key, e in group.entries.items() if key.endswith(".call")), None)
    if named is None or not isinstance(named.value, Name):
        return False
    called = f".{named.value.dotted}"
    return not any(dotted.endswith(called) for dotted in group.dialect.calls)


_WILD: Final = frozenset("*?[")


def _evidence(group: Group, source: Source, around: Surroundings) -> tuple[int, str]:
    """The strongest evidence but choice and image, and what it is in words."""
    dialect = group.dialect
    if (key := next((key for key in group.entries if is_one_of(key, dialect.unique)), None)) is not None:
        return _UNIQUE, f"{key}, which no other product has"
    if any(_path_matches(source.path, p) for p in dialect.paths):
        return _PATH, "the name of the file"
    paths = map(group.path, dialect.siblings)
    if (beside := next((p for p in paths if group.surrounding.at(p, group.scope) is not None), None)) is not None:
        return _SIBLING, f"{beside} beside it"
    if (name := _told_by(dialect.manifests, around)) is not None:
        return _MANIFEST, f"the project's {name}"
    if dialect.fallback:
        return _FALLBACK, "what the names say by themselves, for no product has a claim"
    return _NONE, "its call" if group.is_call else "the names of its settings alone"


def _told_by(files: Mapping[str, Pattern], around: Surroundings) -> str | None:
    """The first of the project's files in which its pattern stands."""
    found = ((name, around.text(name), pattern) for name, pattern in files.items())
    return next((name for name, text, pattern in found if text is not None and pattern.search(text)), None)


def _path_matches(path: str, pattern: str) -> bool:
    tail = pattern.removeprefix("**/")
    if _WILD.isdisjoint(tail):
        return path == tail or (tail != pattern and path.endswith(f"/{tail}"))
    return fits(path, pattern) or (tail != pattern and (fits(path, tail) or fits(path, f"*/{tail}")))


def _images(group: Group, source: Source) -> list[str]:
    """The container images (or actions) named beside the settings or around them, without registry and tag."""
    parent = group.root.rpartition(".")[0]
    places = [
        f"{root}.{key}" if root else key
        for root in {group.root, parent}
        for key in ("image", "uses", "image.repository")
    ]
    found = [entry for place in places for entry in group.surrounding.all_at(place, group.scope)]
    return [name for entry in found if (name := image_name(entry, source)) is not None]


def _settled(readings: Sequence[_Reading]) -> list[list[_Reading]]:
    """The readings that win, each with its equals: strongest evidence first, then who explains most of the settings."""
    accepted: list[list[_Reading]] = []
    claimed: dict[tuple[tuple[str, ...], str, int], list[_Reading]] = {}
    for reading in sorted(readings, key=lambda r: (-r.rank, -len(r.claims), not r.is_pinned, r.group.dialect.name)):
        rivals = next((claimed[c] for c in reading.claims if (c in claimed)), None)
        if rivals is None:
            rivals = [reading]
            accepted.append(rivals)
        elif _is_equal(rivals[0], reading):
            rivals.append(reading)
        else:
            continue
        claimed.update(dict.fromkeys(reading.claims, rivals))
    return accepted


def _is_equal(first: _Reading, other: _Reading) -> bool:
    """True if neither reading beats the other: two images that are given the same file both read it, each in its way."""
    if first.rank == other.rank == _IMAGE and first.image != other.image:
        return True
    return (first.rank, len(first.claims), first.is_pinned) == (other.rank, len(other.claims), other.is_pinned)


# --- endpoints


def _endpoint(
    source: Source, format_name: str, rivals: Sequence[_Reading], written_in: str, *, among: bool
) -> Endpoint | None:
    """The endpoint that all rivals agree on; `among`: code chooses between it and others."""
    lenses = tuple(Lens(source, r.group, format_name, written_in=written_in, certain=r.is_certain) for r in rivals)
    need = missing(lenses)
    off = all(lens.off for lens in lenses)
    if off and (need is None or not _only_by_lack(lenses, need)):
        return None
    read = [endpoint(lens, FIELDS) for lens in lenses]
    notes = dict(read[0].notes) | _abilities(lenses)
    notes["recognised_by"] = "; ".join(dict.fromkeys(reading.because for reading in rivals))
    if off:
        notes["off"] = "yes"
    if among:
        notes["choice"] = "yes"
    if written_in:
        notes["seen_by_code"] = "yes"
    if need is not None:
        names = [key.removeprefix("[*].").removeprefix("*.") for key in need.keys]
        notes |= {"missing": " or ".join(names), "missing_effect": need.without}
    if len(ways := {lens.begins for lens in lenses}) == 1 and (way := ways.pop()) is not None:
        notes["begins"] = way
    if not all(lens.dialect.rewrite for lens in lenses):
        notes["unconfirmed"] = "yes"
    return replace(
        read[0],
        dialect=" | ".join(e.dialect for e in read),
        title=" or ".join(dict.fromkeys(e.title for e in read)),
        fields=_agreed([e.fields for e in read]),
        notes=notes,
        settings=settings(lenses),
        binding=TextBinding(lenses),
    )


def _only_by_lack(lenses: Sequence[Lens], need: Need) -> bool:
    """True if the product sends nothing because a switch was not set, not because somebody set it so."""
    tested = {key for lens in lenses for row in lens.dialect.off if lens.row_holds(row) for key, _ in row.tests}
    return tested <= set(need.keys) and not any(lens.holds(k, _WRITTEN) for lens in lenses for k in tested)


_WRITTEN = Test("written", (True,))


def _abilities(lenses: Sequence[Lens]) -> dict[str, str]:
    """What the program could be told: to insist on STARTTLS, to check certificates, to give up in time; and whether it is code."""
    able = {"starttls": ("encryption", "starttls"), "verify": ("verification", "verified")}
    counts = {name: Counter(expressible(lens, *wish) for lens in lenses) for name, wish in able.items()}
    counts["timeout"] = Counter("timeout" in lens.dialect.fields for lens in lenses)
    counts["call"] = Counter(lens.group.is_call for lens in lenses)
    return {name: "yes" if True in count else "no" for name, count in counts.items() if len(count) == 1}


def _agreed(read: Sequence[Mapping[str, Field]]) -> Mapping[str, Field]:
    """Fields on which the dialects that may hold disagree are unknown."""
    first = read[0]
    return {
        name: field if all(other[name].value == field.value for other in read) else Field(UNKNOWN, field.evidence)
        for name, field in first.items()
    }
