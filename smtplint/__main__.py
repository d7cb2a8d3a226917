"""`python -m smtplint`, and what the installed command calls."""

from __future__ import annotations

import gc
import os
import sys
import threading
from typing import NoReturn


def main() -> NoReturn:
    """The command line, in and out by the short way: hooks start a process for every commit."""
    gc.disable()  # nothing of what is imported is garbage
    from smtplint import cli

    gc.enable()
    try:
        cli.main()
    except SystemExit as end:
        if isinstance(end.code, int) and not _is_watched():
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(end.code)  # taking every object apart took a quarter of a hook's run; mypy leaves like this, too
        raise


def _is_watched() -> bool:
    """True if somebody still waits for the end of the interpreter: a thread, a debugger, a profiler."""
    return threading.active_count() > 1 or sys.gettrace() is not None or sys.getprofile() is not None


if __name__ == "__main__":
    main()
