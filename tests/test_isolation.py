"""Nothing of the checked tree is executed or imported, nothing goes to the network, and only what is asked for is written."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.invoke import put

_WATCHED = """
import json, sys
seen = []

def watch(event, arguments):
    if event in ("exec", "compile"):
        code = arguments[0] if event == "exec" else None
        seen.append([event, str(getattr(code, "co_filename", "") or (arguments[1] if event == "compile" else ""))])
    elif event == "import":
        seen.append([event, str(arguments[1] or "")])
    elif event == "open":
        mode, flags = arguments[1], arguments[2]
        writes = any(c in (mode or "") for c in "wax+") or bool((flags or 0) & 0o3)
        seen.append(["write" if writes else "read", str(arguments[0])])
    elif event.split(".")[0] in ("socket", "subprocess", "ctypes", "http", "urllib", "ftplib", "smtplib", "imaplib", "poplib", "ssl"):
        seen.append([event, ""])
    elif event in ("os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "os.remove", "os.rename", "os.chmod"):
        seen.append([event, str(arguments[0])])

sys.addaudithook(watch)
from smtplint.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    code = end.code
json.dump([code, seen], sys.__stderr__)
"""

_TRAP = "open('executed', 'w').close()\n"
_BAD = "EMAIL_HOST = 'mail.example.org'\nEMAIL_PORT = 465\nEMAIL_USE_TLS = True\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Everything that Python, its tools or the libraries of smtplint might take for their own."""
    names = ("sitecustomize", "usercustomize", "smtplint", "click", "yaml", "libcst", "tomlkit", "dotenv", "pathspec")
    files = {f"{name}.py": _TRAP + _BAD for name in (*names, "settings", "conftest", "setup", "ssl", "smtplib", "re")}
    files |= {
        ".env": "EMAIL_HOST=mail.example.org\nEMAIL_PORT=465\nX=$(touch executed)\nY=`touch executed`\n",
        "manage.py": "import settings\nimport os\nos.environ['EMAIL_PORT']\n",
        "a.yaml": "x: !!python/object/apply:os.system ['touch executed']\nsmtp: {host: a.example.org, port: 567}\n",
        "b.yaml": "smtp: !!python/name:os.system {host: a.example.org, port: 567}\n",
        "encodings/__init__.py": _TRAP,
        "pyproject.toml": "[tool.smtplint]\nunsafe-fixes = false\n",
        ".git/config": '[core]\nfsmonitor = "touch executed"\n',
        ".git/index": "DIRC",
    }
    put(tmp_path, files)
    return tmp_path


def _events(folder: Path, *arguments: str) -> list[tuple[str, str]]:
    run = subprocess.run(
        [sys.executable, "-c", _WATCHED, *arguments], cwd=folder, capture_output=True, text=True, check=False,
        env={"PYTHONSAFEPATH": "1", "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    code, seen = json.loads(run.stderr.splitlines()[-1])
    assert code in (0, 1), run.stderr[-2000:]
    assert not (folder / "executed").exists()
    return [(event, path) for event, path in seen]


@pytest.mark.parametrize(
    "arguments", [["-v", "."], ["--output-format", "sarif", "."], ["--diff", "--unsafe-fixes", "."]], ids=" ".join
)
def test_looking_neither_runs_nor_writes_nor_connects(folder: Path, arguments: list[str]) -> None:
    seen = _events(folder, *arguments)
    inside = {event for event, path in seen if path.startswith((str(folder), "./")) or "/" not in path}
    ran = [(event, path) for event, path in seen if event in ("exec", "compile", "import") and str(folder) in path]
    assert ran == []
    assert [event for event, _ in seen if event not in ("exec", "compile", "import", "read", "write")] == []
    assert [path for event, path in seen if event == "write" and not path.isdigit()] == []
    assert "read" in inside


def test_fixing_writes_what_it_mends_and_nothing_else(folder: Path) -> None:
    seen = _events(folder, "--fix", ".")
    outward = [event for event, _ in seen if event.split(".")[0] in ("socket", "subprocess", "ssl", "http")]
    written = {Path(path).name for event, path in seen if event == "write" and not path.isdigit()}
    assert outward == []
    assert written
    assert all(name.endswith((".smtplint", ".py")) or name == ".env" for name in written)


def test_it_needs_no_network(folder: Path) -> None:
    """In a network namespace without so much as a loopback interface that is up."""
    unshare = shutil.which("unshare")
    command = [sys.executable, "-P", "-m", "smtplint", "--output-format", "json", "--exit-zero", "."]
    alone = [unshare or "", "--user", "--map-root-user", "--net", *command]
    if unshare is None or subprocess.run([*alone[:4], "true"], capture_output=True, check=False).returncode:
        pytest.skip("no network namespaces here")
    with_network, without = (
        subprocess.run(c, cwd=folder, capture_output=True, text=True, check=True).stdout for c in (command, alone)
    )
    assert without == with_network
    assert '"rule"' in without
