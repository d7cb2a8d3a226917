"""Work over many things, spread over processes once there is enough of it; the results come in the order of the things."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

from smtplint.clock import clock

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
    if len(things) < ENOUGH or workers < 2 or not _may_fork() or clock.running:  # its hands are in one process
        yield from ((len(portion), work(portion)) for portion in portions)
        return
    yield from _spread(work, portions, workers)


def _spread(
    work: Callable[[Sequence[Thing]], list[Result]], portions: Sequence[Sequence[Thing]], workers: int
) -> Iterator[tuple[int, list[Result]]]:
    import multiprocessing  # only long runs wait for it
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    _inherited.append((work, portions))  # what is there before the fork need not be sent
    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(workers, context, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN))
    done = 0
    try:
        for portion, found in zip(portions, pool.map(_done, range(len(portions)), chunksize=1), strict=True):
            yield len(portion), found
            done += 1
    except BrokenProcessPool:  # a process was killed, most often for want of memory: one alone may have enough
        yield from ((len(portion), work(portion)) for portion in portions[done:])
    finally:
        _inherited.pop()
        pool.shutdown(cancel_futures=True)  # waited for: on its way out Python may meet a pool that is half closed


_inherited: list[tuple[Callable[[Any], list[Any]], Sequence[Any]]] = []
"""The run that is going on, if any: a process that is doubled has it too."""


def _done(number: int) -> list[Any]:
    """One portion, in a process of its own."""
    work, portions = _inherited[-1]
    return work(portions[number])


def _processors() -> int:
    """Those that this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def _may_fork() -> bool:
    """True where a process can be doubled with all that it has loaded: not beside threads, and not on macOS or Windows.

    There each process would load the knowledge again, which takes longer than most runs.
    """
    return sys.platform == "linux" and threading.active_count() == 1
