"""Kubernetes: what `env`, `envFrom`, ConfigMaps and Secrets put into a container.

`env` wins over `envFrom`, a later `envFrom` over an earlier one; values are text, the `data` of a Secret is base64
(kubernetes/api: core/v1/types.go). A Helm template names its objects by expressions: two are one if these are equal.
"""

from __future__ import annotations

import base64
import binascii
from collections import defaultdict
from collections.abc import Iterator, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from smtplint.format import ANY, Entry, Literal, Opaque
from smtplint.handover import Given, Path, anything, document, image_name, is_about_mail, lent, neighbour, text, under
from smtplint.source import Source

READER = "kubernetes"

_REFERENCES = {
    "configMapRef": "ConfigMap",
    "secretRef": "Secret",
    "configMapKeyRef": "ConfigMap",
    "secretKeyRef": "Secret",
}
_CONTAINERS = frozenset({"containers", "initContainers", "ephemeralContainers"})

Name = tuple[str, str]
"""Kind and name (or the expression that stands for it) of a ConfigMap or Secret."""


class Use(Struct):
    """A container's reference: to everything (`prefix` before each name), or to one key under another name."""

    of: Name
    container: Path
    said: Entry
    prefix: str = ""
    key: str | None = None
    name: str = ""


class Objects(Struct):
    """What the documents of one text are."""

    kinds: dict[str, Name] = field(default_factory=dict)
    data: dict[Name, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    uses: list[Use] = field(default_factory=list)
    images: dict[Path, str] = field(default_factory=dict)
    variables: dict[Path, set[str]] = field(default_factory=lambda: defaultdict(set))


def is_manifest(entries: Sequence[Entry]) -> bool:
    keys = {e.key for e in entries if len(e.key) == 1}
    return {("kind",), ("apiVersion",)} <= keys


def handed(given: Given) -> Sequence[Entry]:
    if not is_manifest(given.entries):
        return given.entries
    shared = _shared_pods(given.entries)
    entries = [_marked(e, shared) for e in given.entries]
    found = objects(entries, given.source)
    around = _Neighbours(given)
    return list(_named(entries, found, around))


def objects(entries: Sequence[Entry], source: Source) -> Objects:
    """The objects of the documents, and which containers use which ConfigMaps and Secrets."""
    found = Objects()
    names: dict[str, dict[str, Entry]] = defaultdict(dict)
    for entry in entries:
        if entry.key in (("kind",), ("metadata", "name")):
            names[document(entry)].setdefault(entry.key[-1], entry)
    for number, own in names.items():
        if "kind" in own and "name" in own:
            found.kinds[number] = (text(own["kind"]) or "", _identity(own["name"], source))
    for entry in entries:
        kind = found.kinds.get(document(entry), ("", ""))
        if kind[0] in ("ConfigMap", "Secret") and len(entry.key) == 2 and entry.key[0] in ("data", "stringData"):
            found.data[kind].append(_decoded(entry) if (kind[0], entry.key[0]) == ("Secret", "data") else entry)
    found.uses += _uses(entries, source)
    for entry in entries:
        at = _container(entry.key)
        # The wildcard of `envFrom` has the place of its key; what it stands for is told by the uses.
        told = entry.key[-1] == ANY and entry.key_span is not None
        if at is not None and entry.key[at : at + 1] == ("env",) and len(entry.key) == at + 2 and not told:
            found.variables[entry.key[:at]].add(entry.key[-1])
    found.images |= {
        e.key[:-1]: t for e in entries if e.key[-1] == "image" and (t := image_name(e, source)) is not None
    }
    return found


def _shared_pods(entries: Sequence[Entry]) -> set[Path]:
    """Where pods stand whose containers see another loopback than their own: of the host, or of more containers."""
    several = {e.key[: at - 2] for e in entries if (at := _container(e.key)) is not None and e.key[at - 1] != "[0]"}
    return several | {e.key[:-1] for e in entries if e.key[-1] == "hostNetwork"}


def _marked(entry: Entry, shared: set[Path]) -> Entry:
    at = _container(entry.key)
    if at is not None and entry.key[at : at + 1] == ("env",) and len(entry.key) == at + 2:
        return replace(entry, reader=f"{READER}-host" if entry.key[: at - 2] in shared else READER)
    is_data = len(entry.key) == 2 and entry.key[0] in ("data", "stringData")
    return replace(entry, reader=f"{READER}-host") if is_data else entry


def _container(key: Path) -> int | None:
    """How many elements of the key lead to a container."""
    if _CONTAINERS.isdisjoint(key):  # as in most keys
        return None
    return next((i + 2 for i, k in enumerate(key[:-1]) if k in _CONTAINERS and key[i + 1][:1] == "["), None)


def _identity(entry: Entry, source: Source) -> str:
    return source.at(entry.span).strip("'\"")


def _decoded(entry: Entry) -> Entry:
    """The entry of a Secret's `data`; it is not edited, for it would have to be encoded again."""
    entry = replace(entry, content=None, editable="nothing")
    if not isinstance(entry.value, Literal):
        return entry
    try:
        return replace(entry, value=Literal(base64.b64decode(str(entry.value.value), validate=True).decode()))
    except (binascii.Error, UnicodeDecodeError):
        return replace(entry, value=Opaque())


def _uses(entries: Sequence[Entry], source: Source) -> Iterator[Use]:
    parts: dict[Path, dict[Path, Entry]] = defaultdict(dict)
    for entry in entries:
        at = _container(entry.key)
        if at is None or len(entry.key) < at + 3:
            continue
        length = at + 3 if entry.key[at] == "env" and entry.key[at + 2] == "valueFrom" else at + 2
        parts[entry.key[:length]].setdefault(entry.key[length:], entry)
    for place, own in parts.items():
        for word, kind in _REFERENCES.items():
            if (said := own.get((word, "name"))) is None:
                continue
            of, container = (kind, _identity(said, source)), place[: _container(place)]
            if "envFrom" in place:
                yield Use(of, container, said, text(own.get(("prefix",))) or "")
            elif (key := text(own.get((word, "key")))) is not None:
                yield Use(of, container, said, key=key, name=place[-2])


class _Neighbours:
    """The manifests in the same folder, looked at only if somebody asks."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self._found: list[Objects] | None = None

    @property
    def objects(self) -> list[Objects]:
        if self._found is None and not any(map(is_about_mail, self._given.entries)):
            self._found = []
        if self._found is None:
            self._found = list(self._read())
        return self._found

    def _read(self) -> Iterator[Objects]:
        own = self._given.source.path.rpartition("/")[2]
        for name in self._given.around.names("*.y*ml"):
            content = self._given.around.at(name) if name != own else None
            if content is not None and "kind:" in content:
                yield objects(neighbour(content), Source(name, content))


def _named(entries: Sequence[Entry], found: Objects, around: _Neighbours) -> Iterator[Entry]:
    """Everything, but what a container takes from ConfigMaps and Secrets as that container sees it."""
    taken = {use.of for use in found.uses} & found.data.keys()
    everywhere = [use for use in found.uses if use.key is None]
    settled = {u.container for u in everywhere} - {u.container for u in everywhere if u.of not in found.data}
    replaced = {(u.container, u.name) for u in found.uses if u.key is not None and _value(u, found) is not None}
    for entry in entries:
        at = _container(entry.key)
        container = entry.key[:at] if at is not None else ()
        if entry.key[len(container) :] == ("env", ANY) and entry.key_span is not None and container in settled:
            continue
        if (container, entry.key[-1]) in replaced and len(entry.key) == len(container) + 2:
            continue
        name = found.kinds.get(document(entry), ("", ""))
        if name not in found.data or len(entry.key) != 2 or entry.key[0] not in ("data", "stringData"):
            yield entry
        elif name not in taken:
            yield from _from_far(entry, name, found, around)
    yield from _taken(entries, found)
    yield from _images(found, taken, around)


def _taken(entries: Sequence[Entry], found: Objects) -> Iterator[Entry]:
    """What the containers of this text take from the ConfigMaps and Secrets of this text."""
    for container in dict.fromkeys(use.container for use in found.uses):
        root = (*container, "env")
        seen = {e.key[-1] for e in under(entries, root)}
        own = [use for use in found.uses if use.container == container]
        for use in own:
            if use.key is not None and (value := _value(use, found)) is not None:
                yield replace(
                    lent(value, root, use.said, use.name), editable=_at_most("value", value), also=use.said.span
                )
        for use in reversed([use for use in own if use.key is None]):
            for entry in found.data.get(use.of, ()):
                if (name := use.prefix + entry.key[-1]) not in seen:
                    seen.add(name)
                    yield lent(entry, root, use.said, name)


def _value(use: Use, found: Objects) -> Entry | None:
    return next((e for e in found.data.get(use.of, ()) if e.key[-1] == use.key), None)


def _at_most(editable: str, entry: Entry) -> str:
    return editable if entry.editable == "all" else entry.editable


def _from_far(entry: Entry, name: Name, found: Objects, around: _Neighbours) -> Iterator[Entry]:
    """An entry of a ConfigMap or Secret that no container of this text uses, under the names that others give it."""
    entry = next(e for e in found.data[name] if (e.key, e.span) == (entry.key, entry.span))
    uses = [use for other in around.objects for use in other.uses if use.of == name]
    names = dict.fromkeys(use.name for use in uses if use.key == entry.key[-1])
    if not names:
        yield entry
    for other in names:
        yield replace(entry, key=(entry.key[0], other), editable=_at_most("value", entry))


def _beside(name: Name, data: Sequence[Entry], found: Objects, around: _Neighbours) -> Iterator[Entry]:
    """What the containers that use it get besides; anything, if none is here or if it stands in no file here."""
    known = {n: d for other in (*around.objects, found) for n, d in other.data.items()}
    users = [(other, use.container) for other in around.objects for use in other.uses if use.of == name]
    is_open = not users
    names: set[str] = set()
    for other, container in users:
        names |= other.variables.get(container, set())
        for use in other.uses:
            if use.container == container and use.key is None and use.of != name:
                is_open = is_open or use.of not in known
                names |= {use.prefix + e.key[-1] for e in known.get(use.of, ())}
    own = {e.key[-1] for e in data} | {
        u.name for other, _ in users for u in other.uses if u.of == name and u.key is not None
    }
    for root in dict.fromkeys(e.key[0] for e in data):
        if is_open or ANY in names:
            yield anything((root,), data[0])
        for other_name in sorted(names - own - {ANY}):
            yield Entry((root, other_name), Opaque(), data[0].span, None, None, data[0].scope, editable="nothing")


def _images(found: Objects, taken: set[Name], around: _Neighbours) -> Iterator[Entry]:
    """Beside a ConfigMap or Secret that only containers of other files use: the images of these, and what else they get."""
    for name, data in found.data.items():
        if name in taken or not any(map(is_about_mail, data)):
            continue
        yield from _beside(name, data, found, around)
        pairs = [
            (other.images.get(use.container), use) for other in around.objects for use in other.uses if use.of == name
        ]
        for image in dict.fromkeys(image for image, _ in pairs if image is not None):
            yield Entry(("image",), Literal(image), data[0].span, None, None, data[0].scope, editable="nothing")
