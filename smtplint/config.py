"""The settings of a run: what `[tool.smtplint]` or `smtplint.toml` says, checked key by key; the caller reads files."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, Final

FILES: Final = ("smtplint.toml", "pyproject.toml")
"""Where settings may stand; the first wins over the second in the same folder."""

FAIL_ON: Final = ("error", "warning", "info")


class ConfigError(Exception):
    """Settings that are not understood: one line naming file and key."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run was asked to do. An empty `select` means every rule; `exclude` holds patterns as in .gitignore."""

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    fail_on: str = "warning"
    exclude: tuple[str, ...] = ()
    dialects: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Path, ...] = ()
    ignored_env: bool = True
    unsafe_fixes: bool = False
    folder: Path | None = None  # of the file that says so: what patterns are relative to

    def selects(self, rule: str) -> bool:
        return rule not in self.ignore and (not self.select or rule in self.select)

    def dialect_of(self, path: str) -> str | None:
        """The dialect that the user named for this file; of several patterns the last wins, as in .gitignore."""
        named = [name for pattern, name in self.dialects.items() if _matches(path, pattern)]
        return named[-1] if named else None


def _matches(path: str, pattern: str) -> bool:
    """True if the pattern fits the path or its end from any folder on; `*` spans folders, as in `fnmatch`."""
    parts = PurePosixPath(path).parts
    return any(fnmatchcase("/".join(parts[i:]), pattern.removeprefix("./")) for i in range(len(parts)))


def parse(text: str, file: Path) -> Settings | None:
    """The settings that a file gives; None if a pyproject.toml says nothing about smtplint. ConfigError otherwise."""
    try:
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        # Somebody else's broken pyproject.toml is not for us to judge, unless it names us.
        if file.name == "pyproject.toml" and "[tool.smtplint" not in text:
            return None
        raise ConfigError(f"{file}: not TOML: {error}") from error
    if file.name != "pyproject.toml":
        return _settings(raw, file, "")
    tool = raw.get("tool")
    own = tool.get("smtplint") if isinstance(tool, dict) else None
    if own is None:
        return None
    if not isinstance(own, dict):
        raise ConfigError(f"{file}: tool.smtplint: not a table")
    return _settings(own, file, "tool.smtplint.")


def _settings(raw: Mapping[str, Any], file: Path, prefix: str) -> Settings:
    values: dict[str, Any] = {}
    for key, value in raw.items():
        name = key.replace("-", "_")
        if key not in _KEYS:
            raise ConfigError(f"{file}: {prefix}{key}: no such setting{suggestion(name.replace('_', '-'), _KEYS)}")
        try:
            values[name] = _KEYS[key](value, file.parent)
        except ValueError as error:
            raise ConfigError(f"{file}: {prefix}{key}: {error}") from error
    return replace(Settings(folder=file.parent), **values)


def renamed(settings: Settings, names: Mapping[str, str]) -> Settings:
    """The same with the present names of rules that it calls by a former one; `names`: former to present."""
    select, ignore = (frozenset(names.get(n, n) for n in given) for given in (settings.select, settings.ignore))
    return replace(settings, select=select, ignore=ignore)


def refuse_unknown(settings: Settings, file: Path | None, rules: Collection[str], dialects: Collection[str]) -> None:
    """ConfigError if the settings name a rule or a dialect that does not exist. `file` is where they stand."""
    for key, names, known, what in (
        ("select", sorted(settings.select), rules, "rule"),
        ("ignore", sorted(settings.ignore), rules, "rule"),
        ("dialects", sorted(settings.dialects.values()), dialects, "dialect"),
    ):
        for name in names:
            if name not in known:
                where = f"{file}: {key}" if file else f"--{key}"
                raise ConfigError(f"{where}: no {what} is called {name!r}{suggestion(name, known)}")


def suggestion(name: str, known: Iterable[str]) -> str:
    """`; did you mean …` for the nearest known name, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


# --- what each key takes


def _flag(value: Any, _: Path) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} is neither true nor false")  # noqa: TRY004 one kind of error for every key
    return value


def _strings(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f"{value!r} is not a list of strings")
    return tuple(value)


def _names(value: Any, _: Path) -> frozenset[str]:
    return frozenset(_strings(value))


def _patterns(value: Any, _: Path) -> tuple[str, ...]:
    return _strings(value)


def _folders(value: Any, here: Path) -> tuple[Path, ...]:
    return tuple(here / name for name in _strings(value))


def _severity(value: Any, _: Path) -> str:
    if value not in FAIL_ON:
        raise ValueError(f"{value!r} is none of {', '.join(FAIL_ON)}")
    return str(value)


def _table(value: Any, _: Path) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise ValueError(f"{value!r} is not a table of pattern = dialect")
    return dict(value)


_KEYS: Final[Mapping[str, Callable[[Any, Path], Any]]] = {
    "select": _names,
    "ignore": _names,
    "fail-on": _severity,
    "exclude": _patterns,
    "dialects": _table,
    "rules": _folders,
    "ignored-env": _flag,
    "unsafe-fixes": _flag,
}
