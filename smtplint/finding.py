"""What is reported: findings, their fixes, and how grave and how safe they are."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from msgspec import Struct

from smtplint.model import Change, Endpoint, Setting
from smtplint.source import Edit, Source, Span


class Severity(IntEnum):
    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Safety(IntEnum):
    """Safe: no mail that is sent today can stop being sent, or be sent less protected."""

    UNSAFE = 1
    SAFE = 2

    @property
    def word(self) -> str:
        return self.name.lower()


class Fix(Struct, frozen=True):
    """An assignment to the model (`set`) or a change of one setting, the edits for it, and an imperative title."""

    title: str
    safety: Safety
    set: Mapping[str, str | int | float]
    edits: tuple[Edit, ...]
    change: Change | None = None


class Related(Struct, frozen=True):
    """Another place that the finding speaks of."""

    span: Span
    message: str


class Finding(Struct, frozen=True):
    """One thing that is wrong, where, and how it can be mended.

    `endpoint` is None for findings about the run; `setting` is there if the finding is about one setting.
    """

    rule: str
    severity: Severity
    message: str
    source: Source
    span: Span
    related: tuple[Related, ...] = ()
    endpoint: Endpoint | None = None
    fix: Fix | None = None
    setting: Setting | None = None

    @property
    def order(self) -> tuple[str, int, int, str]:
        return (self.source.path, self.span.start, self.span.end, self.rule)
