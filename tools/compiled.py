"""Build hook: puts the knowledge into the wheel a second time, as JSON, which loads much faster than TOML, and worked out."""

from __future__ import annotations

import json
import sys
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
        sys.path.insert(0, str(ROOT))  # of the package's dependencies this needs msgspec alone
        from smtplint import knowledge, worked_out

        self.made = tempfile.TemporaryDirectory()
        for folder in knowledge.COMPILED:
            file = Path(self.made.name, f"{folder}.json")
            data = knowledge.parsed(knowledge.folder_of(folder))
            file.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), "utf-8")
            build_data["force_include"][str(file)] = f"smtplint/{folder}.json"
        for name, made in worked_out.files():
            file = Path(self.made.name, name)
            file.write_bytes(made)
            build_data["force_include"][str(file)] = f"smtplint/compiled/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self.made.cleanup()
