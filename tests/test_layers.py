"""The layers of design section 2: what stands above may import what stands below, never the reverse."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "smtplint"

LAYERS = (
    ("__main__",),
    ("cli", "commands"),
    ("completion",),
    ("checking",),
    ("adoption",),
    ("book",),
    ("console",),
    ("outcome", "server"),
    ("language",),
    ("run", "page", "manual", "handbook", "difference", "nearest", "reports"),
    ("reading", "report"),
    ("baseline",),
    ("fingerprint",),
    ("walk", "fix", "silence"),
    ("check",),
    ("suppress",),
    ("worked_out",),
    ("rule",),
    ("finding",),
    ("dialect", "fact"),
    ("setting", "sender"),
    ("rewrite", "port", "host", "provider", "embedded"),
    ("lens",),
    ("stray",),
    ("match", "compound"),
    ("sieve",),
    ("table", "tlsversion"),
    ("model",),
    ("consumer", "program"),
    ("consumers",),
    ("reader",),
    ("handover",),
    ("format", "formats"),
    ("masking",),
    (
        "source",
        "config",
        "ignored",
        "terminal",
        "slip",
        "standin",
        "gitindex",
        "knowledge",
        "spread",
        "outline",
        "clock",
        "limit",
        "regex",
        "wildcard",
    ),
    ("__init__",),
)
"""From the top down; modules of one row may import each other."""

PRINTING = (
    "__main__.py",
    "cli.py",
    "checking.py",
    "console.py",
    "session.py",
)  # the last: the log of the language server
"""The modules of the command line: only they may touch the standard streams."""

DEPTH = {name: i for i, row in enumerate(LAYERS) for name in row}


def _modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imported(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "smtplint":
            found |= {alias.name for alias in node.names if alias.name in DEPTH}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("smtplint."):
            found.add((node.module or "").split(".")[1])
    return found


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    mine = DEPTH[_layer(path)]
    upward = [name for name in _imported(ast.parse(path.read_text("utf-8"))) if DEPTH[name] < mine]
    assert not upward, f"{path.name} imports from a layer above"


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nothing_prints_below_the_console(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    names = {ast.unparse(n) for n in ast.walk(tree) if isinstance(n, (ast.Name, ast.Attribute))}
    assert path.name in PRINTING or not names & {"print", "sys.stdout", "sys.stderr", "sys.stdin"}


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8"))) or path.name == "__init__.py"
