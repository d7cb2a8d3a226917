"""Services that send the mail of a product, while another service of the same image has the settings for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from smtplint.consumers import compose
from smtplint.format import ANY, Entry, Opaque
from smtplint.match import Group
from smtplint.model import Endpoint, Setting
from smtplint.source import Source
from smtplint.table import Dialect


def without_settings(source: Source, entries: Sequence[Entry], group: Group) -> Iterator[Endpoint]:
    """An endpoint of which nothing is known, but that it has none of the settings that `group` has."""
    path = group.first.key
    if not group.dialect.senders or path[:1] != ("services",) or path[2:3] != ("environment",):
        return
    services = compose.services(entries, source)
    own = next((s for s in services if s.name == path[1]), None)
    for service in services:
        if own is None or service.name == own.name or service.image is None or service.image != own.image:
            continue
        if _sends(service, group.dialect) and not _may_have_settings(service, group.dialect, entries):
            yield Endpoint(
                source=source,
                dialect=group.dialect.name,
                title=group.dialect.title,
                protocol=group.dialect.protocol,
                fields={},
                anchor=service.place,
                settings=(Setting("environment", Entry((*path[:1], service.name, path[2]), Opaque(), service.place)),),
                notes={"sends_for": own.name, "sender": service.name},
            )


def _sends(service: compose.Service, dialect: Dialect) -> bool:
    return any(pattern.search(service.said(key)) for key, pattern in dialect.senders.items())


def _may_have_settings(service: compose.Service, dialect: Dialect, entries: Sequence[Entry]) -> bool:
    is_open = bool(service.files) or any(e.key == ("services", service.name, "environment", ANY) for e in entries)
    return is_open or not service.environment.keys().isdisjoint(dialect.keys())
