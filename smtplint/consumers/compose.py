"""Compose: what a service's `environment`, `env_file` and `extends` put into its container.

Values are text there, whatever YAML makes of them (compose-go: types/mapping.go); a name without a value comes from
the shell. `environment` wins over every `env_file` (compose-spec: 05-services.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from smtplint.format import ANY, Entry, Literal, Opaque, Reference, Wanted, load
from smtplint.handover import Given, anything, image_name, inherited, text, under
from smtplint.regex import regex
from smtplint.source import Source, Span, Unreadable

READER = "compose"
FILES = ("compose.y*ml", "compose.*.y*ml", "docker-compose.y*ml", "docker-compose.*.y*ml", "docker-compose-*.y*ml")

_MEMBERS = frozenset(
    {"image", "build", "environment", "env_file", "extends", "command", "ports", "volumes", "depends_on", "restart"}
)
_CARRIED = ("image", "env_file")
_VARIABLE = regex(r"[A-Z][A-Z0-9]*_[A-Za-z0-9_]+")


class Service(Struct, frozen=True):
    """One service: its image, the files that its environment is read from, and what is set beside them."""

    name: str
    image: str | None
    files: tuple[str, ...]
    environment: Mapping[str, Entry]
    command: str
    place: Span

    def said(self, key: str) -> str:
        """The text of a variable, or of its `command`; empty if there is none."""
        return self.command if key == "command" else text(self.environment.get(key)) or ""


def is_compose(entries: Sequence[Entry]) -> bool:
    return any(e.key[0] == "services" and len(e.key) > 2 and e.key[2] in _MEMBERS for e in entries)


def services(entries: Sequence[Entry], source: Source) -> list[Service]:
    """The services of a compose file, in the order of the text."""
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.key[0] == "services" and len(entry.key) > 2:
            found[entry.key[1]].append(entry)
    return [_service(own, name, source) for name, own in found.items()]


def _service(entries: Sequence[Entry], name: str, source: Source) -> Service:
    root = ("services", name)
    image = next((image_name(e, source) for e in entries if e.key == (*root, "image")), None)
    own = {e.key[-1]: e for e in map(_name_alone, under(entries, (*root, "environment"))) if e.key[-1] != ANY}
    command = " ".join(text(e) or "" for e in entries if e.key[:3] == (*root, "command"))
    first = next((e for e in entries if e.key[:2] == root and e.key[2] in ("environment", "command", "image")), None)
    place = next(iter(own.values()), first)
    span = Span(0, 0) if place is None else place.key_span or place.span
    return Service(name, image, tuple(_files(entries, root)), own, command, span)


def _files(entries: Sequence[Entry], root: tuple[str, ...]) -> Iterator[str]:
    """The paths under `env_file`: one text, a list of them, or a list of mappings with `path`."""
    for entry in entries:
        tail = entry.key[3:] if entry.key[:3] == (*root, "env_file") else None
        if tail is not None and (len(tail) < 2 or tail[1:] == ("path",)):
            yield text(entry) or "$"


def handed(given: Given) -> Sequence[Entry]:
    if not is_compose(given.entries):
        return given.entries
    shared = {e.key[1] for e in given.entries if e.key[2:] == ("network_mode",) and text(e) != "bridge"}
    outside = _names_of(".env", given) or set()
    own = [_marked(e, given.source, shared, outside) if e.key[0] == "services" else e for e in given.entries]
    return list(_with_files(_extended(own), given))


def _name_alone(entry: Entry) -> Entry:
    """`- NAME` in a list of nothing but names: the shell has the value."""
    name = text(entry)
    if not entry.key[-1].startswith("[") or name is None or not name.isidentifier():
        return entry
    return replace(entry, key=(*entry.key[:-1], name), value=Reference(name), key_span=entry.span, content=None)


def _marked(entry: Entry, source: Source, shared: set[str], outside: set[str]) -> Entry:
    """`shared`: services that see the network of the host, or of another service."""
    if len(entry.key) == 3 and _VARIABLE.fullmatch(entry.key[2]):
        return replace(entry, reader="compose-misplaced")
    if len(entry.key) != 4 or entry.key[2] != "environment":
        return entry
    return _as_text(
        replace(_name_alone(entry), reader=f"{READER}-host" if entry.key[1] in shared else READER), source, outside
    )


def _as_text(entry: Entry, source: Source, outside: set[str]) -> Entry:
    """`outside`: names that the `.env` file gives to Compose; one that nobody gives is not set."""
    value = entry.value.value if isinstance(entry.value, Literal) else ""
    if value is None:
        return replace(entry, value=Reference(entry.key[-1])) if entry.key[-1] in outside else entry
    if isinstance(value, str):
        return entry
    written = source.at(entry.span)
    # Compose reads YAML 1.2, in which `yes` and `off` are words.
    is_word = isinstance(value, bool) and written.lower() not in ("true", "false")
    said = written if is_word else str(value).lower()
    return replace(entry, value=Literal(said), content=entry.span if said == written else None)


def _extended(entries: Sequence[Entry]) -> list[Entry]:
    """With what each service takes over from the one that it extends."""
    bases = {
        e.key[1]: e for e in entries if e.key[0] == "services" and e.key[2:] in (("extends",), ("extends", "service"))
    }
    elsewhere = {e.key[1] for e in entries if e.key[0] == "services" and e.key[2:] == ("extends", "file")}
    result = list(entries)
    for name, said in bases.items():
        root = ("services", name)
        if name in elsewhere:
            result.append(anything((*root, "environment"), said))
        else:
            result += _taken_over(entries, root, list(_ancestors(bases, name)))
    return result


def _ancestors(bases: Mapping[str, Entry], name: str) -> Iterator[str]:
    seen = {name}
    while (said := bases.get(name)) is not None and (base := text(said)) is not None and base not in seen:
        seen.add(base)
        yield base
        name = base


def _taken_over(entries: Sequence[Entry], root: tuple[str, ...], ancestors: Sequence[str]) -> Iterator[Entry]:
    settings = under(entries, (*root, "environment"))
    keys = {e.key[2] for e in entries if e.key[:2] == root}
    for base in ancestors:
        more = list(inherited(settings, under(entries, ("services", base, "environment")), (*root, "environment")))
        yield from more
        settings += more
        for entry in entries:
            if (
                entry.key[:2] == ("services", base)
                and entry.key[2] in ("image", "env_file")
                and entry.key[2] not in keys
            ):
                yield replace(entry, key=(*root, *entry.key[2:]))
        keys |= {e.key[2] for e in entries if e.key[:2] == ("services", base)}


def _with_files(entries: Sequence[Entry], given: Given) -> Iterator[Entry]:
    """Where all files of a service can be read, what they do not set is not set; their values are judged there."""
    told = {s.name: names for s in services(entries, given.source) if (names := _names(s, given)) is not None}
    for entry in entries:
        if entry.key[3:] != (ANY,) or entry.key[1] not in told or entry.key_span is None:
            yield entry
            continue
        for name in sorted(told[entry.key[1]]):
            yield replace(entry, key=(*entry.key[:3], name), value=Opaque(), key_span=None, editable="nothing")


def _names(service: Service, given: Given) -> set[str] | None:
    """The names that the files of a service set and it does not set itself; None if they cannot all be read."""
    if not service.files or not service.environment:
        return None
    found: set[str] = set()
    for path in service.files:
        names = None if "$" in path else _names_of(path, given)
        if names is None:
            return None
        found |= names
    return found - service.environment.keys()


def _names_of(path: str, given: Given) -> set[str] | None:
    content = given.around.at(path)
    try:
        return None if content is None else {e.key[-1] for e in load("env").read(Source(path, content), Wanted())}
    except Unreadable:
        return None
