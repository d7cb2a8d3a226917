"""The settings that hold for a path: those of the nearest file that has any, and of the files that it extends."""

from __future__ import annotations

import os
from pathlib import Path

from smtplint import config
from smtplint.config import ConfigError, Layer, Settings
from smtplint.rule import current_names, load_rules
from smtplint.table import load_dialects
from smtplint.walk import absolute, reason, settings_files, tree


def settings_for(start: Path) -> Settings:
    """What the nearest settings file says, its names verified; ConfigError, in one line, if it is not understood."""
    found = layers(start)
    return verified(config.settings(found), found[0].file) if found else Settings()


def layers(start: Path) -> tuple[Layer, ...]:
    """The nearest file that says anything, then the one that it extends, and so on."""
    for file in settings_files(start):
        if (layer := _read(file)) is not None:
            return (layer, *_extended(layer, (absolute(file),)))
    return ()


def _extended(layer: Layer, seen: tuple[Path, ...]) -> tuple[Layer, ...]:
    if layer.extends is None:
        return ()
    place = absolute(layer.extends)
    if place in seen:
        raise ConfigError(f"{layer.file}: extend: {layer.said['extend']} leads back to itself")
    base = _read(place)
    if base is None:
        raise ConfigError(f"{layer.file}: extend: {layer.said['extend']} says nothing about smtplint")
    return (base, *_extended(base, (*seen, place)))


def verified(given: Settings, file: Path | None) -> Settings:
    """The same with the present names of all rules; ConfigError if it names what does not exist. `file`: where it stands."""
    for key, folders in (("rules", given.rules), ("dialects", given.dialects)):
        if missing := [folder for folder in folders if not folder.is_dir()]:
            raise ConfigError(f"{file}: {key}: there is no folder {missing[0]}")
    rules = load_rules(given.rules)
    given = config.renamed(given, current_names(rules))
    config.refuse_unknown(given, file, rules, load_dialects(given.dialects))
    return given


def _read(file: Path) -> Layer | None:
    try:
        layer = config.parse(file.read_text("utf-8"), file)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {reason(error)}") from error
    if layer is not None:
        _refuse_outside(layer)
    return layer


def _refuse_outside(layer: Layer) -> None:
    """ConfigError for what lies outside of the repository of the settings: somebody else's tree may not lead us there."""
    inside = tree(absolute(layer.file).parent)
    for key in ("rules", "dialects", "baseline"):
        said = layer.said.get(key, ())
        for name in (said,) if isinstance(said, str) else said:
            if not Path(os.path.realpath(layer.file.parent / name)).is_relative_to(inside):
                raise ConfigError(f"{layer.file}: {key}: {name!r} lies outside of the repository")
