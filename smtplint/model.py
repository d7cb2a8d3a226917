"""The model: a mail endpoint as one program will use it, each field with the entries that it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final, Protocol

from msgspec import Struct, field

from smtplint.format import Entry
from smtplint.source import Edit, Source, Span


class Unknown(Enum):
    """The value that is not knowable from the text."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN

FIELDS = (
    "host",
    "port",
    "encryption",
    "verification",
    "tls_floor",
    "ciphers",
    "username",
    "password",
    "mechanism",
    "timeout",
    "login",
)

LOGIN_STEPS = frozenset({"login", "auth", "authenticate", "user", "pass_", "apop"})
TLS_STEPS = frozenset({"starttls", "stls"})

PROTOCOLS = ("smtp", "imap", "pop3", "lmtp")

ENCRYPTIONS = ("none", "opportunistic", "starttls", "implicit", "contradictory")

VERIFICATIONS = ("verified", "unverified", "unchecked")
"""`unverified`: somebody switched the check off; `unchecked`: nobody asked for it and the library does not do it."""


class Malformed(Struct, frozen=True):
    """A value that the field cannot take, such as a port that is not a number."""

    text: str


FieldValue = str | int | float | Malformed | Unknown | None


class Field(Struct, frozen=True):
    """A value and the entries that say so; without evidence the dialect's default holds.

    None means known to be absent. `overridable`: the value is the default of a reference, the environment may differ.
    """

    value: FieldValue
    evidence: tuple[Entry, ...] = ()
    overridable: bool = False

    @property
    def known(self) -> bool:
        return self.value is not UNKNOWN


class Step(Struct, frozen=True):
    """A method call on a session, in the order of the text; not `certain` if it stands under a condition."""

    name: str
    certain: bool
    span: Span


class Setting(Struct, frozen=True):
    """One setting of an endpoint: an entry, its key as people write it, and what the table and the reader say of it.

    `told`: sentences and words by name (`table.py` and `setting.py` say which). Where several dialects may hold,
    only what all of them say. `beside`: other entries that have a say, with what they say.
    """

    key: str
    entry: Entry
    told: Mapping[str, str | bool] = field(default_factory=dict)
    beside: tuple[tuple[Entry, str], ...] = ()


Assignments = Mapping[str, str | int | float]


class Change(Struct, frozen=True):
    """What becomes of one setting: another value, another name (the last key of its path), or, without both, nothing.

    `compared`: it asks what the text of its variable says, where it asked whether there is one.
    """

    setting: Setting
    value: str | int | float | None = None
    name: str | None = None
    compared: bool = False


class Binding(Protocol):
    """The way back from an endpoint to the text it was read from."""

    def edits(self, assignments: Assignments) -> tuple[Edit, ...] | None:
        """The fewest edits after which the fields have these values, or None if the text cannot be made to say so."""

    def changed(self, change: Change) -> tuple[Edit, ...] | None:
        """The edits after which one setting is changed, or None if that cannot be written or would switch mail off or on."""


class Endpoint(Struct, frozen=True):
    """One mail server as one program will talk to it."""

    source: Source
    dialect: str
    title: str
    protocol: str
    fields: Mapping[str, Field]
    anchor: Span
    steps: tuple[Step, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    settings: tuple[Setting, ...] = ()
    binding: Binding | None = None

    def field(self, name: str) -> Field:
        return self.fields.get(name, _ABSENT)

    def value(self, name: str) -> FieldValue:
        return self.field(name).value


_ABSENT = Field(UNKNOWN)
