"""A bound on the time of one file, whatever is wrong with it: a trap of a regular expression, a text that no parser likes."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

LONGEST: Final = 60.0
"""Seconds of processor time: a module of 30,000 lines takes some ten."""


class TookTooLong(BaseException):
    """The time is up. No `Exception`: whoever handles those in between must not go on."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """TookTooLong once that much processor time is used, where the system can tell: on Unix, in the main thread."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, _up)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _up(_number: int, _frame: FrameType | None) -> None:
    raise TookTooLong
