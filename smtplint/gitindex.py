"""Which files git keeps: the paths in the index of a repository (gitformat-index, versions 2 to 4)."""

from __future__ import annotations

from collections.abc import Iterator

_FIXED = 62
"""Bytes of an entry before its path: times, device, mode, owner, size, hash (SHA-1), flags."""


def paths(index: bytes) -> frozenset[str]:
    """Every path in it, from the top of the work tree; none if it is no index that is understood."""
    if index[:4] != b"DIRC" or len(index) < 12:
        return frozenset()
    version, count = int.from_bytes(index[4:8]), int.from_bytes(index[8:12])
    try:
        return frozenset(_paths(index, version, count)) if version in (2, 3, 4) else frozenset()
    except (IndexError, ValueError):
        return frozenset()


def _paths(index: bytes, version: int, count: int) -> Iterator[str]:
    at, before = 12, b""
    for _ in range(count):
        start, at = at, at + _FIXED
        at += 2 if index[at - 2] & 0x40 else 0
        kept = b""
        if version == 4:  # so many characters of the path before go, and these come
            drop, at = _number(index, at)
            kept = before[: len(before) - drop]
        end = index.index(b"\0", at)
        before = kept + index[at:end]
        at = end + 1 if version == 4 else start + (end - start + 8) // 8 * 8
        yield before.decode("utf-8", "replace")


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length, and where it ends."""
    value = data[at] & 0x7F
    while data[at] & 0x80:
        at += 1
        value = ((value + 1) << 7) | (data[at] & 0x7F)
    return value, at + 1
