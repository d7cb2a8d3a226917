"""smtplint: the linter that knows what a mail configuration will do on the wire."""

import sys

# `python -m smtplint` puts the current folder first on the path: nothing of the checked code may be imported from there.
if sys.argv[:1] == ["-m"] and not sys.flags.safe_path:
    del sys.path[0]


def __getattr__(name: str) -> str:
    """`__version__`, looked up when asked for: the look-up costs as much as checking a small file."""
    if name != "__version__":
        raise AttributeError(name)
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("smtplint")
    except PackageNotFoundError:  # a bare checkout that nobody installed
        return "0+unknown"
