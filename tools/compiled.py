"""Build hook: puts the knowledge into the wheel a second time, as JSON, which loads much faster than TOML."""

from __future__ import annotations

import importlib.util
import json
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent.parent


class KnowledgeHook(BuildHookInterface[Any]):
    """Nothing for an editable install: there the TOML files themselves are read."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        knowledge = _loaded(ROOT / "smtplint" / "knowledge.py")
        self.made = tempfile.TemporaryDirectory()
        for folder in knowledge.FOLDERS:
            file = Path(self.made.name, f"{folder}.json")
            data = knowledge.parsed(knowledge.folder_of(folder))
            file.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), "utf-8")
            build_data["force_include"][str(file)] = f"smtplint/{folder}.json"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self.made.cleanup()


def _loaded(path: Path) -> Any:
    """The module alone: the package's dependencies are not there while it is built."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(str(path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
