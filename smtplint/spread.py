"""Work over many things, spread over processes once there is enough of it; the results come in the order of the things."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, repeat
from typing import Any, Final, TypeVar

from smtplint.clock import clock

Thing = TypeVar("Thing")
Result = TypeVar("Result")

ENOUGH: Final = 200
"""Things that are worth the start of processes."""

_SIZES: Final = (24,) * 40
_LATER: Final = 100
"""Things that a process is given together: few at first, for a small tree to be shared by all; each portion has its cost."""

_MOST: Final = 8
"""Processes; more of them wait for the one that reads the directories and prints."""


def over(
    work: Callable[[Sequence[Thing]], list[Result]], things: Iterable[Thing]
) -> Iterator[tuple[int, list[Result]]]:
    """For each portion of the things how many they are, and what `work` makes of them.

    Processes begin while the things are still being found.
    """
    rest = iter(things)
    first = list(islice(rest, ENOUGH))
    portions = _portions(chain(first, rest))
    workers = min(_MOST, _processors())
    if len(first) < ENOUGH or workers < 2 or not _may_fork() or clock.running:  # its hands are in one process
        yield from ((len(portion), work(portion)) for portion in portions)
        return
    yield from _spread(work, portions, workers)


def _portions(things: Iterator[Thing]) -> Iterator[Sequence[Thing]]:
    for size in chain(_SIZES, repeat(_LATER)):
        if not (portion := list(islice(things, size))):
            return
        yield portion


def _spread(
    work: Callable[[Sequence[Thing]], list[Result]], portions: Iterator[Sequence[Thing]], workers: int
) -> Iterator[tuple[int, list[Result]]]:
    import multiprocessing  # only long runs wait for it
    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    _inherited.append(work)  # what is there before the fork need not be sent
    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(workers, context, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN))
    taken: list[Sequence[Thing]] = []
    futures: list[Future[list[Result]]] = []
    done = 0
    try:
        for portion in portions:
            taken.append(portion)  # before it is given away: that may fail
            futures.append(pool.submit(_done, portion))
        for portion, future in zip(taken, futures, strict=True):
            yield len(portion), future.result()
            done += 1
    except BrokenProcessPool:  # a process was killed, most often for want of memory: one alone may have enough
        yield from ((len(portion), work(portion)) for portion in chain(taken[done:], portions))
    finally:
        _inherited.pop()
        pool.shutdown(cancel_futures=True)  # waited for: on its way out Python may meet a pool that is half closed


_inherited: list[Callable[[Any], list[Any]]] = []
"""The work of the run that is going on, if any: a process that is doubled has it too."""


def _done(portion: Sequence[Any]) -> list[Any]:
    """One portion, in a process of its own."""
    return _inherited[-1](portion)


def _processors() -> int:
    """Those that this process may use, where the system tells."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)


def _may_fork() -> bool:
    """True where a process can be doubled with all that it has loaded: not beside threads, and not on macOS or Windows.

    There each process would load the knowledge again, which takes longer than most runs.
    """
    return sys.platform == "linux" and threading.active_count() == 1
