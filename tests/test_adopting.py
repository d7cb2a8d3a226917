"""docs/adopting.md, tried: the git hook, runs over what has changed, the steps of the action, the Dockerfile's files."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from smtplint.config import parse
from tests.invoke import put
from tests.test_precommit import FILES, ROOT

TEXT = (ROOT / "docs" / "adopting.md").read_text("utf-8")
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
GOOD = "EMAIL_BACKEND = 'x'\n"


def block(name: str) -> str:
    """The block of shell behind a mark."""
    found = re.search(rf"<!-- {name} -->\n```sh\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with one commit, and smtplint on the path."""
    starter = f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m smtplint "$@"\n'
    put(tmp_path, {"bin/smtplint": starter, "repo/a file.txt": "x\n", "repo/old.env": FILES[".env"]})
    (tmp_path / "bin" / "smtplint").chmod(0o755)
    run(tmp_path / "repo", "git init -q -b main && git add -A && git commit -qm first")
    return tmp_path / "repo"


def run(folder: Path, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    own = {
        "PATH": f"{folder.parent / 'bin'}:{os.environ['PATH']}", "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
    }  # fmt: skip
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env=clean | own | environment, capture_output=True, text=True, check=False
    )


def test_the_git_hook(tree: Path) -> None:
    put(tree, {".git/hooks/pre-commit": block("hook"), "a file.txt": "y\n"})
    (tree / ".git/hooks/pre-commit").chmod(0o755)
    assert run(tree, "git commit -qam text").returncode == 0
    put(tree, {"my settings.py": FILES["settings.py"]})
    refused = run(tree, "git add -A && git commit -qm bad")
    assert refused.returncode == 1
    assert "starttls-on-implicit-tls-port" in refused.stdout + refused.stderr
    assert "old.env" not in refused.stdout + refused.stderr
    put(tree, {"my settings.py": GOOD})
    assert run(tree, "git add -A && git rm -q old.env && git commit -qm good").returncode == 0
    assert run(tree, "git commit -q --allow-empty -m nothing").returncode == 0


def test_only_what_has_changed(tree: Path) -> None:
    assert run(tree, block("changed")).returncode == 0
    put(tree, {"settings.py": FILES["settings.py"]})
    run(tree, "git checkout -qb topic && git add -A && git commit -qm topic")
    done = run(tree, block("changed"))
    assert done.returncode != 0
    assert "settings.py" in done.stdout
    assert "old.env" not in done.stdout


def _step(tree: Path, **given: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """The step of the action that checks, with its inputs as GitHub hands them on."""
    (step,) = [s for s in ACTION["runs"]["steps"] if s.get("id") == "check"]
    inputs = {name: str(told["default"]) for name, told in ACTION["inputs"].items()} | given
    told = {name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda m: inputs[m[1]], v) for name, v in step["env"].items()}
    out = tree.parent / "output"
    out.write_text("")
    return run(tree, f"set -e\n{step['run']}", GITHUB_OUTPUT=str(out), **told), out.read_text()


def test_the_check_of_the_action(tree: Path) -> None:
    done, out = _step(tree)
    assert (done.returncode, out) == (1, "exit-code=1\n")
    assert "::error file=old.env,line=3" in done.stdout
    done, out = _step(tree, sarif="out.sarif", args="--exit-zero --select port-typo")
    assert (done.returncode, out) == (0, "exit-code=0\n")
    assert json.loads((tree / "out.sarif").read_text("utf-8"))["version"] == "2.1.0"
    done, out = _step(tree, paths="nowhere")
    assert (done.returncode, out) == (2, "exit-code=2\n")
    done, out = _step(tree, paths="$(touch hacked) *.env", args="`touch hacked`")
    assert not (tree / "hacked").exists()


def test_every_input_of_the_action_is_used_and_documented() -> None:
    used = set(re.findall(r"inputs\.([\w-]+)", json.dumps(ACTION["runs"])))
    documented = set(re.findall(r"^\| `([\w-]+)` \|", TEXT, re.MULTILINE))
    assert used == documented == set(ACTION["inputs"])


def test_the_dockerfile_copies_what_is_there_and_let_through() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    copied: set[str] = set()
    for line in (ROOT / "Dockerfile").read_text("utf-8").splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            copied |= set(line.split()[1:-1])
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)


def test_the_settings_and_the_yaml_of_the_page_are_right() -> None:
    for kind, body in re.findall(r"```(toml|yaml)\n(.*?)```", TEXT, re.DOTALL):
        if kind == "yaml":
            assert yaml.safe_load(body)
        else:
            assert parse(body, Path("pyproject.toml")) is not None
