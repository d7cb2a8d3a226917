"""The settings that hold for a path: those of the nearest file that has any."""

from __future__ import annotations

from pathlib import Path

from smtplint import config
from smtplint.config import ConfigError, Settings
from smtplint.rule import current_names, load_rules
from smtplint.table import load_dialects
from smtplint.walk import reason, settings_files


def settings_for(start: Path) -> Settings:
    """What the nearest settings file says, its names verified; ConfigError, in one line, if it is not understood."""
    for file in settings_files(start):
        if (found := _read(file)) is not None:
            return verified(found, file)
    return Settings()


def verified(settings: Settings, file: Path | None) -> Settings:
    """The same with the present names of all rules; ConfigError if it names what does not exist. `file`: where it stands."""
    rules = load_rules(settings.rules)
    settings = config.renamed(settings, current_names(rules))
    config.refuse_unknown(settings, file, rules, load_dialects())
    return settings


def _read(file: Path) -> Settings | None:
    try:
        found = config.parse(file.read_text("utf-8"), file)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {reason(error)}") from error
    if found is not None and (missing := [folder for folder in found.rules if not folder.is_dir()]):
        raise ConfigError(f"{file}: rules: there is no folder {missing[0]}")
    return found
