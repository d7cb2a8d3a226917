"""Work over many things, spread over processes once there is enough of it; the results come in the order of the things."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

Thing = TypeVar("Thing")
Result = TypeVar("Result")

ENOUGH: Final = 200
"""Things that are worth the start of processes."""

_AT_A_TIME: Final = 24
"""Things that a process is given together: few enough that none ends long after the others."""

_MOST: Final = 8
"""Processes; more of them wait for the one that reads the directories and prints."""


def over(
    work: Callable[[Sequence[Thing]], list[Result]], things: Sequence[Thing]
) -> Iterator[tuple[int, list[Result]]]:
    """For each portion of the things how many they are, and what `work` makes of them."""
    portions = [things[i : i + _AT_A_TIME] for i in range(0, len(things), _AT_A_TIME)]
    workers = min(_MOST, _processors(), len(portions))
    if len(things) < ENOUGH or workers < 2 or not _may_fork():
        yield from ((len(portion), work(portion)) for portion in portions)
        return
    yield from _spread(work, portions, workers)


def _spread(
    work: Callable[[Sequence[Thing]], list[Result]], portions: Sequence[Sequence[Thing]], workers: int
) -> Iterator[tuple[int, list[Result]]]:
    from concurrent.futures import ProcessPoolExecutor  # only long runs wait for it
    from concurrent.futures.process import BrokenProcessPool

    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(workers, context, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN))
    left = list(portions)
    try:
        for portion, found in zip(portions, pool.map(work, portions), strict=True):
            yield len(portion), found
            left.pop(0)
    except BrokenProcessPool:  # a process was killed, most often for want of memory: one alone may have enough
        yield from ((len(portion), work(portion)) for portion in left)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _processors() -> int:
    """Those that this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def _may_fork() -> bool:
    """True where a process can be doubled with all that it has loaded: not beside threads, and not on macOS or Windows.

    There each process would load the knowledge again, which takes longer than most runs.
    """
    return sys.platform == "linux" and threading.active_count() == 1
