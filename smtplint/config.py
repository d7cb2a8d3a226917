"""The settings of a run: what `[tool.smtplint]` or `smtplint.toml` says, checked by a schema; the caller reads files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, Final

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from smtplint import knowledge
from smtplint.wildcard import fits

FILES: Final = ("smtplint.toml", "pyproject.toml")
"""Where settings may stand; the first wins over the second in the same folder."""

FAIL_ON: Final = ("error", "warning", "info")


class ConfigError(Exception):
    """Settings that are not understood: one line naming file and key."""


class Settings(Struct, frozen=True):
    """What a run was asked to do. An empty `select` means every rule; `exclude` holds patterns as in .gitignore."""

    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    fail_on: str = "warning"
    severity: Mapping[str, str] = field(default_factory=dict)
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    per_file_dialects: Mapping[str, str] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    rules: tuple[Path, ...] = ()
    dialects: tuple[Path, ...] = ()
    baseline: Path | None = None
    ignored_env: bool = True
    unsafe_fixes: bool = False
    folder: Path | None = None  # of the file that says so: what patterns are relative to

    def selects(self, rule: str) -> bool:
        return rule not in self.ignore and (not self.select or rule in self.select)

    def dialect_of(self, path: str) -> str | None:
        """The dialect that the user named for this file; of several patterns the last wins, as in .gitignore."""
        named = [name for pattern, name in self.per_file_dialects.items() if _matches(path, pattern)]
        return named[-1] if named else None

    def in_file(self, path: str) -> Settings:
        """The settings as they hold in one file."""
        silent = [rule for p, rules in self.per_file_ignores.items() if _matches(path, p) for rule in rules]
        return replace(self, ignore=self.ignore.union(silent)) if silent else self


def _matches(path: str, pattern: str) -> bool:
    """True if the pattern fits the path or its end from any folder on; `*` spans folders, as in `fnmatch`."""
    parts = PurePosixPath(path).parts
    return any(fits("/".join(parts[i:]), pattern.removeprefix("./")) for i in range(len(parts)))


# --- one file


class Layer(Struct, frozen=True):
    """What one file says, verified: keys as they are written there."""

    file: Path
    said: Mapping[str, Any]

    @property
    def extends(self) -> Path | None:
        """The file whose settings hold where this one is silent."""
        return self.file.parent / self.said["extend"] if "extend" in self.said else None


def parse(text: str, file: Path) -> Layer | None:
    """What a file says; None if a pyproject.toml says nothing about smtplint. ConfigError for what is not understood."""
    try:
        raw = knowledge.toml(text)
    except (ValueError, RecursionError) as error:
        # Somebody else's broken pyproject.toml is not for us to judge, unless it names us.
        if file.name == "pyproject.toml" and "[tool.smtplint" not in text:
            return None
        raise ConfigError(f"{file}: not TOML: {error}") from error
    if file.name != "pyproject.toml":
        return _verified(raw, file, "")
    tool = raw.get("tool")
    own = tool.get("smtplint") if isinstance(tool, dict) else None
    if own is None:
        return None
    if not isinstance(own, dict):
        raise ConfigError(f"{file}: tool.smtplint: not a table")
    return _verified(own, file, "tool.smtplint.")


def _verified(raw: Mapping[str, Any], file: Path, prefix: str) -> Layer:
    import fastjsonschema  # only who has settings waits for it

    known = schema()["properties"]
    for key in raw:
        if key not in known:
            raise ConfigError(f"{file}: {prefix}{key}: no such setting{suggestion(key.replace('_', '-'), known)}")
    try:
        _validator()(dict(raw))
    except fastjsonschema.JsonSchemaValueException as error:
        key = error.path[1] if len(error.path) > 1 else ""
        raise ConfigError(f"{file}: {prefix}{key}: {raw.get(key)!r} is not {_expected(known[key])}") from error
    return Layer(file, raw)


@cache
def schema() -> Mapping[str, Any]:
    """The JSON Schema of the settings: keys, what they take, and (`x-help`) what they are for."""
    return dict(msgspec.json.decode((Path(__file__).parent / "settings.schema.json").read_bytes()))


@cache
def _validator() -> Callable[[dict[str, Any]], object]:
    import fastjsonschema

    return fastjsonschema.compile(dict(schema()))


def _expected(rule: Mapping[str, Any]) -> str:
    """What a setting takes, in words."""
    if "$ref" in rule:
        return _expected(schema()["definitions"][rule["$ref"].rpartition("/")[2]])
    return str(rule["description"])


# --- all of them


def settings(layers: Sequence[Layer]) -> Settings:
    """What the files say together, the nearest first: each key as the nearest file that has it says."""
    if not layers:
        return Settings()
    values: dict[str, Any] = {}
    for layer in reversed(layers):
        for key, value in layer.said.items():
            if key != "extend":
                values[key.replace("-", "_")] = _converted(key, value, layer.file.parent)
    return replace(Settings(folder=layers[0].file.parent), **values)


def _converted(key: str, value: Any, here: Path) -> Any:
    match key:
        case "select" | "ignore":
            return frozenset(value)
        case "rules" | "dialects":
            return tuple(here / name for name in value)
        case "baseline":
            return here / value
        case "per-file-ignores":
            return {pattern: tuple(rules) for pattern, rules in value.items()}
        case _:
            return tuple(value) if isinstance(value, list) else value


def renamed(given: Settings, names: Mapping[str, str]) -> Settings:
    """The same with the present names of rules that it calls by a former one; `names`: former to present."""

    def now(rules: Iterable[str]) -> tuple[str, ...]:
        return tuple(names.get(rule, rule) for rule in rules)

    return replace(
        given,
        select=frozenset(now(given.select)),
        ignore=frozenset(now(given.ignore)),
        severity=dict(zip(now(given.severity), given.severity.values(), strict=True)),
        per_file_ignores={pattern: now(rules) for pattern, rules in given.per_file_ignores.items()},
    )


def refuse_unknown(given: Settings, file: Path | None, rules: Collection[str], dialects: Collection[str]) -> None:
    """ConfigError if the settings name a rule or a dialect that does not exist. `file` is where they stand."""
    silent = {rule for names in given.per_file_ignores.values() for rule in names}
    for key, names, known, what in (
        ("select", given.select, rules, "rule"),
        ("ignore", given.ignore, rules, "rule"),
        ("severity", given.severity, rules, "rule"),
        ("per-file-ignores", silent, rules, "rule"),
        ("per-file-dialects", given.per_file_dialects.values(), dialects, "dialect"),
    ):
        for name in sorted(names):
            if name not in known:
                where = f"{file}: {key}" if file else f"--{key}"
                raise ConfigError(f"{where}: no {what} is called {name!r}{suggestion(name, known)}")


def suggestion(name: str, known: Iterable[str]) -> str:
    """`; did you mean …` for the nearest known name, or nothing."""
    import difflib  # only who mistypes a name waits for it

    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
