"""smtplint: the linter that knows what a mail configuration will do on the wire."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("smtplint")
except PackageNotFoundError:  # a bare checkout that nobody installed
    __version__ = "0+unknown"
