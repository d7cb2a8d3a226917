"""Python: settings by name, calls of mail libraries and what happens to their sessions; read with libcst."""

from smtplint.format import Entry, Wanted
from smtplint.formats.literal import decode, encode
from smtplint.formats.python.change import remove, rename, replace
from smtplint.formats.python.comparison import compared
from smtplint.formats.python.insert import insert
from smtplint.formats.python.layout import laid_out
from smtplint.formats.python.moving import movable, moved
from smtplint.formats.python.parsing import is_at_hand, parse
from smtplint.formats.python.reading import entries
from smtplint.source import Source, Unreadable

__all__ = [
    "compared",
    "decode",
    "encode",
    "insert",
    "is_at_hand",
    "laid_out",
    "movable",
    "moved",
    "read",
    "remove",
    "rename",
    "replace",
]


def read(source: Source, wanted: Wanted) -> tuple[Entry, ...]:
    """Every setting of the text, in order of position; Unreadable if it is not Python 3."""
    try:
        return entries(parse(source), wanted)
    except RecursionError as error:
        raise Unreadable("nested too deeply to be read") from error
