"""Where the time of a run goes, by phase and format; nothing is measured unless somebody asks."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from msgspec import Struct, field


class Spent(Struct):
    """Seconds, and how often."""

    seconds: float = 0.0
    times: int = 0


class Clock(Struct):
    """`spent` by phase and format. A phase inside another is taken off the outer one, so that the sum is the whole."""

    running: bool = False
    spent: dict[tuple[str, str], Spent] = field(default_factory=lambda: defaultdict(Spent))
    _inner: list[float] = field(default_factory=list)

    @contextmanager
    def phase(self, name: str, format_name: str = "") -> Iterator[None]:
        if not self.running:
            yield
            return
        begin = time.perf_counter()
        self._inner.append(0.0)
        try:
            yield
        finally:
            whole = time.perf_counter() - begin
            own = self.spent[name, format_name]
            own.seconds += whole - self._inner.pop()
            own.times += 1
            if self._inner:
                self._inner[-1] += whole

    def table(self) -> str:
        """A line for each phase and format, in the order in which they were first entered; milliseconds."""
        rows = [(phase, form, f"{s.seconds * 1000:.1f}", str(s.times)) for (phase, form), s in self.spent.items()]
        head = ("phase", "format", "ms", "times")
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        return "".join(
            f"{p:{widths[0]}}  {f:{widths[1]}}  {ms:>{widths[2]}}  {n:>{widths[3]}}\n" for p, f, ms, n in (head, *rows)
        )


clock: Final = Clock()
"""That of this process."""
