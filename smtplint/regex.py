"""Regular expressions that are compiled when they are first used: a run needs a third of those that its modules hold."""

from __future__ import annotations

import re
from typing import Any, AnyStr, Final, cast

_METHODS: Final = ("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "subn")


class _Uncompiled:
    """Stands for an expression; the methods of the compiled one become its own at the first use."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._given: Any = (text, flags)

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(*self._given)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def regex(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`; re.error comes at the first use, so that this is for expressions that a test compiles."""
    return cast("re.Pattern[AnyStr]", _Uncompiled(text, flags))
