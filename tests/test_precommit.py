"""The hooks, run by the real pre-commit: installed from this repository into a repository of a user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.invoke import put, smtplint

ROOT = Path(__file__).parent.parent
N8N = "N8N_SMTP_HOST={0}mail.example.org\nN8N_SMTP_PORT={0}465\nN8N_SMTP_SSL={0}false\n"
FILES = {
    ".env": N8N.format(""),
    ".env.example": N8N.format(""),
    "settings.py": 'EMAIL_HOST = "mail.example.org"\nEMAIL_PORT = 465\nEMAIL_USE_TLS = True\nEMAIL_TIMEOUT = 9\n',
    "compose.yaml": (
        "services:\n  a:\n    image: n8nio/n8n\n    environment:\n"
        '      N8N_SMTP_HOST: mail.example.org\n      N8N_SMTP_PORT: 465\n      N8N_SMTP_SSL: "false"\n'
    ),
    "chart/values.yaml": 'env:\n  N8N_SMTP_HOST: mail.example.org\n  N8N_SMTP_PORT: "465"\n  N8N_SMTP_SSL: "false"\n',
    "pyproject.toml": '[tool.site]\nEMAIL_HOST = "mail.example.org"\nEMAIL_PORT = 465\nEMAIL_USE_TLS = true\n',
    ".github/workflows/x.yml": (
        "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: make\n        env:\n"
        '          N8N_SMTP_HOST: mail.example.org\n          N8N_SMTP_PORT: "465"\n          N8N_SMTP_SSL: "false"\n'
    ),
    "README.md": N8N.format(""),
}
BAD = [name for name in FILES if name != "README.md"]


def _run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Without the git of the caller, who may be in a hook himself."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))}
    own = {
        "PRE_COMMIT_HOME": str(folder.parent / "hooks"), "PREK_HOME": str(folder.parent / "prek"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
        "UV_SYSTEM_CERTS": "true",  # prek's uv trusts whom pip trusted when it installed this
    }  # fmt: skip
    return subprocess.run(command, cwd=folder, env=clean | own, capture_output=True, text=True, check=False)


def _repository(folder: Path, files: dict[str, str]) -> Path:
    put(folder, files)
    for command in (("init", "-q"), ("add", "-A")):
        assert _run("git", *command, folder=folder).returncode == 0
    return folder


def _config(source: Path, revision: str, hook: str) -> str:
    return (
        f"repos:\n  - repo: {source.as_uri()}\n    rev: {revision}\n    hooks:\n      - id: {hook}\n"
        "        args: [--output-format, concise]\n"
    )


def test_each_file_is_bad_by_itself(tmp_path: Path) -> None:
    put(tmp_path, FILES)
    found = smtplint("-q", "--output-format", "concise", folder=tmp_path).stdout
    assert {line.partition(":")[0] for line in found.splitlines() if " error[" in line} == set(BAD)


RUNNERS = {
    "pre-commit": (sys.executable, "-m", "pre_commit", "run", "--all-files", "--color", "never"),
    "prek": (str(Path(sys.executable).parent / "prek"), "run", "--all-files", "--color", "never"),
}


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / ".git").exists() or shutil.which("git") is None, reason="needs a clone")
@pytest.mark.parametrize("runner", RUNNERS)
def test_the_hooks_with_the_real_runners(runner: str, tmp_path: Path) -> None:
    ours, user = tmp_path / "smtplint", tmp_path / "user"
    assert _run("git", "clone", "-q", "--no-hardlinks", str(ROOT), str(ours), folder=ROOT).returncode == 0
    revision = _run("git", "rev-parse", "HEAD", folder=ours).stdout.strip()
    _repository(user, {**FILES, ".pre-commit-config.yaml": _config(ours, revision, "smtplint")})
    hook = RUNNERS[runner]

    first = _run(*hook, folder=user)
    assert first.returncode == 1, first.stdout + first.stderr
    for name in BAD:
        assert f"\n{name}:" in first.stdout.replace("\n  ", "\n")  # prek indents
    assert "README.md" not in first.stdout

    put(user, {".pre-commit-config.yaml": _config(ours, revision, "smtplint-fix")})
    mending = _run(*hook, folder=user)
    assert mending.returncode == 1
    assert "files were modified by this hook" in mending.stdout
    assert "EMAIL_USE_SSL = True" in (user / "settings.py").read_text("utf-8")
    assert "N8N_SMTP_SSL=true" in (user / ".env").read_text("utf-8")

    again = _run(*hook, folder=user)
    assert (again.returncode, "Passed" in again.stdout) == (0, True), again.stdout


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_lefthook_as_it_is_documented(tmp_path: Path) -> None:
    told = (ROOT / "docs/adopting.md").read_text("utf-8")
    config = told.split("in `lefthook.yml`", 1)[1].split("```yaml\n", 1)[1].split("```", 1)[0]
    user = _repository(tmp_path / "user", {".env": FILES[".env"], "README.md": "x\n", "lefthook.yml": config})
    lefthook = str(Path(sys.executable).parent / "lefthook")
    assert _run(lefthook, "install", folder=user).returncode == 0
    refused = _run("git", "commit", "-qm", "x", folder=user)
    assert refused.returncode == 1
    assert "-on-implicit-tls-port" in refused.stdout + refused.stderr
    put(user, {".env": "N8N_SMTP_HOST=mail.example.org\nN8N_SMTP_PORT=465\nN8N_SMTP_SSL=true\n"})
    assert _run("git", "commit", "-aqm", "x", folder=user).returncode == 0
