"""smtplint: the linter that knows what a mail configuration will do on the wire."""

import sys

# `python -m smtplint` puts the current folder first on the path: nothing of the checked code may be imported from there.
if sys.argv[:1] == ["-m"] and not sys.flags.safe_path:
    del sys.path[0]

__version__ = "0.1.0"
