"""`.env` files: a compose file beside or above says which services get their settings, and so which product reads them.

`env_file` gives a service the whole file under its own names. The file called `.env` beside a compose file is what
`${NAME}` in that file stands for, so that a setting counts under the name that the service gives it.
Source: compose-spec, 05-services.md (`env_file`) and 12-interpolation.md; compose-go, dotenv.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from msgspec import Struct, field
from msgspec.structs import replace

from smtplint.consumers import compose
from smtplint.format import Entry, Literal, Opaque, Reference
from smtplint.handover import Given, anything, is_about_mail, neighbour
from smtplint.reader import of_env_file
from smtplint.regex import regex
from smtplint.source import Source

READER = "compose-env-file"
_TEMPLATE = regex(r"\.(example|sample|dist|template|tmpl)$")


class _Readers(Struct):
    """Which services read the file: their images, and for each name of the file the names that they use instead.

    `others`: names about mail that a service sets without it. `open`: further files may set anything.
    """

    images: dict[str, None] = field(default_factory=dict)
    own_names: bool = False
    names: dict[str, dict[str, None]] = field(default_factory=dict)
    others: dict[str, None] = field(default_factory=dict)
    open: bool = False


def handed(given: Given) -> Sequence[Entry]:
    about_mail = {e.key[-1] for e in given.entries if is_about_mail(e)}
    if not about_mail:
        return given.entries
    readers = _Readers()
    for path in dict.fromkeys(n for p in compose.FILES for n in given.around.names(p, above=True)):
        content = given.around.at(path)
        if content is not None and _may_read(content, about_mail):
            _read_by(path, Source(path, content), given, about_mail, readers)
    if not readers.own_names and not readers.names:
        reader = of_env_file(given.entries, given.around)
        return [replace(entry, reader=reader) for entry in given.entries] if reader else given.entries
    named = [new for entry in given.entries for new in _named(entry, readers)]
    return [*named, *_beside(given.entries[0], readers)]


def _may_read(content: str, about_mail: AbstractSet[str]) -> bool:
    """False for a text that names neither files of variables nor any of these, which are then not read by its services."""
    return "services" in content and ("env_file" in content or any(name in content for name in about_mail))


def _read_by(path: str, source: Source, given: Given, about_mail: AbstractSet[str], readers: _Readers) -> None:
    folder, entries = posixpath.dirname(path), neighbour(source.text)
    here = posixpath.normpath(_TEMPLATE.sub("", given.source.path))
    for service in compose.services(entries, source):
        given_whole = any(_same_file(posixpath.join(folder, f), here) for f in service.files)
        interpolated = folder == "" and posixpath.basename(here) == ".env"
        named = _interpolated(service, about_mail) if interpolated else {}
        if given_whole or named:
            readers.own_names = readers.own_names or given_whole
            extends = any(e.key[:3] == ("services", service.name, "extends") for e in entries)
            readers.open = readers.open or extends or len(service.files) > given_whole
            _add(readers, service, named)


def _interpolated(service: compose.Service, about_mail: AbstractSet[str]) -> dict[str, str]:
    """The names of a service that are given the value of a setting of the file, and the name of that."""
    named = service.environment.items()
    return {n: e.value.name for n, e in named if isinstance(e.value, Reference) and e.value.name in about_mail}


def _same_file(path: str, here: str) -> bool:
    """`path` leads from the folder of the checked file, `here` is how reports call that."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(here), path)) == here


def _add(readers: _Readers, service: compose.Service, named: Mapping[str, str]) -> None:
    if service.image is not None:
        readers.images[service.image] = None
    for name, source in named.items():
        readers.names.setdefault(source, {})[name] = None
    readers.others |= {n: None for n, e in service.environment.items() if n not in named and is_about_mail(e)}


def _named(entry: Entry, readers: _Readers) -> Iterator[Entry]:
    """The entry under the names by which services know it; where only these are read, adding names has no effect."""
    entry = replace(entry, reader=READER)
    names = dict.fromkeys([entry.key[-1]] if readers.own_names else readers.names.get(entry.key[-1], [entry.key[-1]]))
    for name in names | readers.names.get(entry.key[-1], {}):
        yield replace(entry, key=(name,), editable="all" if readers.own_names and name == entry.key[-1] else "value")


def _beside(first: Entry, readers: _Readers) -> Iterator[Entry]:
    """The images of the services, and what these set without the file."""
    for image in readers.images:
        yield Entry(("image",), Literal(image), first.span, None, None, first.scope, editable="nothing")
    if readers.open:
        yield anything((), first)
    for name in readers.others:
        yield Entry((name,), Opaque(), first.span, None, None, first.scope, editable="nothing")
