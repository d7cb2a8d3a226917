"""Runs commands in turns and measures them: wall clock, processor time, and memory summed over a command's processes."""

from __future__ import annotations

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_EVERY: Final = 0.05
"""Seconds between two looks at the memory."""

LONG: Final = 60.0
"""Seconds of a first run after which a command is not run again."""


@dataclass(frozen=True)
class Cost:
    """Medians. `wall` and `cpu` in seconds, `memory` in megabytes (None where the system does not tell)."""

    wall: float
    cpu: float
    memory: float | None

    @property
    def row(self) -> str:
        memory = "" if self.memory is None else f"{self.memory:8.0f} MB"
        return f"{self.wall:9.3f} s {self.cpu:9.3f} s {memory}"


def alternating(commands: Mapping[str, Sequence[str]], folder: Path, rounds: int) -> dict[str, Cost]:
    """Each command once a round, so that what disturbs the machine disturbs all of them."""
    found: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            if not found[name] or found[name][0].wall < LONG:
                found[name].append(once(command, folder))
    return {name: _median(costs) for name, costs in found.items()}


def once(command: Sequence[str], folder: Path) -> Cost:
    """One run; its output is thrown away, and whatever it finds is no failure."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = _Peak(process.pid)
    watcher = threading.Thread(target=peak.watch, daemon=True)
    watcher.start()
    _, _, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    peak.over.set()
    watcher.join()
    process.returncode = 0  # it has been waited for
    return Cost(wall, used.ru_utime + used.ru_stime, peak.most)


def _median(costs: Iterable[Cost]) -> Cost:
    given = list(costs)
    seen = [cost.memory for cost in given if cost.memory is not None]
    return Cost(
        statistics.median(cost.wall for cost in given),
        statistics.median(cost.cpu for cost in given),
        statistics.median(seen) if seen else None,
    )


@dataclass
class _Peak:
    """The most memory that a process and its children took at one time; what they share counts once."""

    process: int
    most: float | None = None

    def __post_init__(self) -> None:
        self.over = threading.Event()

    def watch(self) -> None:
        while not self.over.wait(_EVERY):
            if (now := sum(_memory(one) for one in _family(self.process))) > (self.most or 0):
                self.most = now


def _family(process: int) -> list[int]:
    """The process and everything that it started."""
    found = [process]
    for one in found:
        try:
            tasks = sorted(Path(f"/proc/{one}/task").iterdir())
            found += [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def _memory(process: int) -> float:
    """Megabytes, with a fair share of what is shared with others."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
