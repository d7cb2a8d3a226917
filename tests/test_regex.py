"""Expressions that are compiled at their first use."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import smtplint
from smtplint.regex import _Uncompiled, regex

MODULES = [m.name for m in pkgutil.walk_packages(smtplint.__path__, "smtplint.") if m.name != "smtplint.__main__"]


@pytest.mark.parametrize("module", MODULES)
def test_every_expression_of_the_package_compiles(module: str) -> None:
    for value in vars(importlib.import_module(module)).values():
        for found in value if isinstance(value, tuple) else value.values() if isinstance(value, dict) else (value,):
            if isinstance(found, _Uncompiled):
                re.compile(*found._given)


def test_it_does_what_the_compiled_one_does() -> None:
    lazy, compiled = regex(r"a(?P<b>b)?", re.IGNORECASE), re.compile(r"a(?P<b>b)?", re.IGNORECASE)
    assert "search" not in vars(lazy)
    assert lazy.sub("x", "ABa") == compiled.sub("x", "ABa")
    assert "search" in vars(lazy)
    assert (lazy.pattern, lazy.groupindex, lazy.flags) == (compiled.pattern, compiled.groupindex, compiled.flags)
    assert [m.span() for m in lazy.finditer("abA")] == [m.span() for m in compiled.finditer("abA")]


def test_what_is_none_says_so_at_its_first_use() -> None:
    with pytest.raises(re.error):
        regex("(").search("")
