"""Which files are looked at: ignore files, hidden places, links, and names that would steer a terminal."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from smtplint.config import Settings
from smtplint.format import PATTERNS
from smtplint.reading import Neighbours
from smtplint.walk import Candidate, Passed, candidate, files
from tests.invoke import put, smtplint


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    top = tmp_path / "top"
    top.mkdir()
    monkeypatch.chdir(top)
    return top


def found(*paths: str, settings: Settings | None = None) -> list[str]:
    """Ordered by name, as reports are."""
    every = files(paths or (".",), settings or Settings())
    return sorted(item.shown for item in every if isinstance(item, Candidate))


def passed(*paths: str) -> list[tuple[str, str]]:
    return [(item.shown, item.reason) for item in files(paths, Settings()) if isinstance(item, Passed)]


def empty(tree: Path, *names: str) -> None:
    put(tree, dict.fromkeys(names, ""))


def test_files_of_every_format(tree: Path) -> None:
    empty(tree, "b.py", "a/z.toml", "a.yml", "a/b/c.yaml", ".env", "x.txt", "README", ".env.production", "deploy.env")
    assert found() == [".env", ".env.production", "a.yml", "a/b/c.yaml", "a/z.toml", "b.py", "deploy.env"]


def test_hidden_places_are_looked_into(tree: Path) -> None:
    empty(tree, ".github/workflows/mail.yml", ".devcontainer/.env", ".config/app.toml")
    assert found() == [".config/app.toml", ".devcontainer/.env", ".github/workflows/mail.yml"]


@pytest.mark.parametrize(
    "folder", [".git", ".hg", ".svn", "node_modules", "__pycache__", ".tox", ".nox", "lib/python3/site-packages"]
)
def test_folders_that_hold_other_peoples_files_are_skipped(tree: Path, folder: str) -> None:
    empty(tree, f"{folder}/a.py", f"{folder}/.env", f"{folder}/b/.env", "own.py")
    assert found() == ["own.py"]


@pytest.mark.parametrize("name", [".venv", "venv", "env", "my-environment"])
def test_a_virtual_environment_is_known_by_its_configuration(tree: Path, name: str) -> None:
    empty(tree, f"{name}/.env", f"{name}/pyvenv.cfg")
    assert found() == []
    (tree / name / "pyvenv.cfg").unlink()
    assert found() == [f"{name}/.env"]


def test_gitignore(tree: Path) -> None:
    put(tree, {".gitignore": "build/\n*.local.toml\n!keep.local.toml\n/top.yaml\n\n# no.py\nbroken[\n"})
    empty(tree, "build/a.py", "x.local.toml", "keep.local.toml", "top.yaml", "sub/top.yaml", "no.py", "sub/build/b.py")
    assert found() == ["keep.local.toml", "no.py", "sub/top.yaml"]


def test_nested_ignore_files_hold_in_their_folder(tree: Path) -> None:
    put(tree, {".gitignore": "*.toml\n", "a/.gitignore": "!x.toml\n/y.yaml\n", "a/b/.ignore": "x.toml\n"})
    empty(tree, "x.toml", "y.yaml", "a/x.toml", "a/y.yaml", "a/b/x.toml", "a/b/y.yaml", "a/c/x.toml")
    assert found() == ["a/b/y.yaml", "a/c/x.toml", "a/x.toml", "y.yaml"]


def test_ignore_wins_over_gitignore(tree: Path) -> None:
    put(tree, {".gitignore": "a.toml\n", ".ignore": "!a.toml\nb.toml\n"})
    empty(tree, "a.toml", "b.toml")
    assert found() == ["a.toml"]


def test_info_exclude_of_the_repository(tree: Path) -> None:
    put(tree, {".git/info/exclude": "a.toml\n"})
    empty(tree, "a.toml", "b.toml")
    assert found() == ["b.toml"]


def test_ignore_files_above_hold_down_from_the_repository_only(tree: Path) -> None:
    put(tree, {".gitignore": "*.yaml\n", "repo/.git/HEAD": "", "repo/.gitignore": "*.toml\n"})
    empty(tree, "repo/a/x.toml", "repo/a/x.yaml")
    assert found("repo/a") == ["repo/a/x.yaml"]
    assert found("repo") == ["repo/a/x.yaml"]
    assert found() == ["repo/a/x.yaml"]


def test_a_named_folder_is_searched_though_it_is_ignored(tree: Path) -> None:
    put(tree, {".git/HEAD": "", ".gitignore": "build/\n"})
    empty(tree, "build/a/x.toml", "build/y.toml")
    assert found("build") == ["build/a/x.toml", "build/y.toml"]
    assert found("build/a") == ["build/a/x.toml"]


def test_what_git_itself_says(tree: Path) -> None:
    """The same files as git lists, apart from its index: nothing here is tracked."""
    put(tree, {".gitignore": "*.toml\n!a/*.toml\na/b/\n**/deep/*.yaml\n\\#x.py\n", "c/.gitignore": "*\n!d/\n"})
    empty(tree, "x.toml", "a/x.toml", "a/b/y.yaml", "q/deep/z.yaml", "deep/z.yaml", "#x.py")
    empty(tree, "c/x.py", "c/d/x.py", "e/x.py")
    subprocess.run(["git", "init", "-q"], check=True)
    listed = subprocess.run(["git", "ls-files", "-o", "--exclude-standard"], capture_output=True, text=True, check=True)
    assert found() == sorted(line for line in listed.stdout.splitlines() if not line.endswith(".gitignore"))


def test_env_files_are_read_though_git_ignores_them(tree: Path) -> None:
    put(tree, {".gitignore": ".env*\n*.toml\nsecret/\n"})
    empty(tree, ".env", "a/.env.local", "x.toml", "secret/.env", "node_modules/p/.env")
    assert found() == [".env", "a/.env.local"]
    assert found(settings=Settings(ignored_env=False)) == []


def test_env_files_that_tools_are_told_to_leave_alone_are_left_alone(tree: Path) -> None:
    put(tree, {".gitignore": ".env\n", ".ignore": ".env.local\n"})
    empty(tree, ".env", ".env.local")
    assert found() == [".env"]
    assert found(settings=Settings(exclude=(".env",), folder=tree)) == []


def test_excluded_by_the_settings(tree: Path) -> None:
    empty(tree, "old/a.toml", "new/old.toml", "new/keep/b.toml", "c.toml")
    settings = Settings(exclude=("old/", "/c.toml", "new/*", "!new/keep/"), folder=tree)
    assert found(settings=settings) == ["new/keep/b.toml"]
    assert found("new", settings=settings) == ["new/keep/b.toml"]


def test_named_files_are_always_taken(tree: Path) -> None:
    put(tree, {".gitignore": "*.toml\n", ".ignore": "*.toml\n"})
    empty(tree, "a.toml", "node_modules/b.toml")
    settings = Settings(exclude=("a.toml",), folder=tree)
    assert found("a.toml", "node_modules/b.toml", settings=settings) == ["a.toml", "node_modules/b.toml"]


def test_a_file_that_is_named_twice_is_taken_once(tree: Path) -> None:
    empty(tree, "a/b.toml")
    (tree / "link.toml").symlink_to("a/b.toml")
    assert found("a", ".", "a/../a/b.toml", str(tree / "a/b.toml")) == ["a/b.toml"]
    assert found("link.toml") == ["link.toml"]


def test_named_paths_that_are_not_looked_at(tree: Path) -> None:
    empty(tree, "README.md")
    os.mkfifo(tree / "pipe.env")
    assert passed("README.md", "nope.toml", "pipe.env", "a\0b") == [
        ("README.md", "not a format that smtplint reads"),
        ("nope.toml", "no such file or directory"),
        ("pipe.env", "not a regular file"),
        ("a\0b", "embedded null byte"),
    ]


def test_paths_are_shown_from_here_on(tree: Path) -> None:
    empty(tree, "a/b.toml", "../beside/c.toml")
    assert found(".", "./a", str(tree)) == ["a/b.toml"]
    assert found("../beside") == ["../beside/c.toml"]
    assert found(str(tree.parent / "beside")) == [str(tree.parent / "beside" / "c.toml")]


# --- links and other things that are no files


def test_no_link_is_followed_out_of_the_tree(tree: Path) -> None:
    empty(tree, "../outside/a.toml", "../outside/b/c.toml")
    (tree / "a.toml").symlink_to(tree.parent / "outside" / "a.toml")
    (tree / "folder").symlink_to(tree.parent / "outside")
    (tree / "up.toml").symlink_to("../outside/b/c.toml")
    assert found() == []


def test_a_link_to_a_file_of_the_tree_is_that_file(tree: Path) -> None:
    empty(tree, "z/real.toml", "z/settings")
    (tree / "a.toml").symlink_to("z/real.toml")
    (tree / ".env").symlink_to("z/settings")
    (tree / ".env.local").symlink_to(tree / "z" / "settings")
    assert found() == [".env", "z/real.toml"]


def test_loops_of_links_end(tree: Path) -> None:
    empty(tree, "a/x.toml")
    (tree / "a" / "loop").symlink_to(tree)
    (tree / "a" / "self.toml").symlink_to("self.toml")
    (tree / "one.env").symlink_to("two.env")
    (tree / "two.env").symlink_to("one.env")
    (tree / "gone.toml").symlink_to("nowhere.toml")
    assert found() == ["a/x.toml"]


def test_pipes_and_sockets_are_skipped(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tree / "pipe.env")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.env")  # relative: the path of a socket may not be long
        empty(tree, "real.env")
        assert found() == ["real.env"]


def test_a_deep_tree(tree: Path) -> None:
    name = "/".join(["d"] * 900) + "/x.toml"
    empty(tree, name)
    assert found() == [name]


def test_a_folder_that_cannot_be_listed_is_told_of(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty(tree, "a/x.toml", "b/x.toml")
    real = os.scandir

    def scandir(path: str) -> object:
        if path.endswith("/a"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr("os.scandir", scandir)
    assert passed(".") == [("a", "permission denied")]
    assert found() == ["b/x.toml"]


# --- names


NAMES: Sequence[bytes] = (
    b"new\nline.env",
    b"\x1b[31mred.env",
    b"\xff\xfe.env",
    "\u202egnp.env".encode(),
    "\u00fc\U0001f600.env".encode(),
)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("output", ["text", "concise", "json"])
def test_no_name_reaches_the_terminal_raw(tree: Path, name: bytes, output: str) -> None:
    Path(os.fsdecode(name)).write_bytes(b"EMAIL_HOST=mail.example.org\nEMAIL_PORT=465\nEMAIL_USE_TLS=True\n")
    result = smtplint("--output-format", output, "--select", "starttls-on-implicit-tls-port", folder=tree)
    assert result.code == 1, result.stderr
    assert not set(result.stdout) & {"\x1b", "\u202e", "\r"}
    last = {b"new\nline.env": r"new\nline", b"\x1b[31mred.env": r"[31mred", b"\xff\xfe.env": r"\xff\xfe"}
    if output != "json" and name in last:
        assert last[name] in result.stdout


def test_names_on_standard_error_are_escaped_too(tree: Path) -> None:
    result = smtplint("no\x1b[31m\nsuch", folder=tree)
    assert result.stderr == "smtplint: no\\x1b[31m\\nsuch: no such file or directory\n"
    assert result.code == 2


# --- what stands around a file


def around(name: str) -> Neighbours:
    file = candidate(Path(name))
    return Neighbours(file.path.parent, file.tree)


def test_the_nearest_neighbour_up_to_the_root_of_the_repository(tree: Path) -> None:
    put(tree, {"composer.json": "outside", "repo/.git/HEAD": ""})
    put(tree / "repo", {"composer.json": "top", "a/composer.json": "near"})
    empty(tree, "repo/a/b/.env", "repo/c/.env", "repo/.env")
    assert around("repo/a/b/.env").text("composer.json") == "near"
    assert around("repo/c/.env").text("composer.json") == "top"
    assert around("repo/.env").text("composer.json") == "top"
    assert around("repo/a/b/.env").text("package.json") is None


def test_a_neighbour_above_the_repository_is_none_of_ours(tree: Path) -> None:
    put(tree, {"composer.json": "outside", "repo/.git/HEAD": "", "repo/a/.env": ""})
    assert around("repo/a/.env").text("composer.json") is None


def test_neighbours_that_are_too_large_or_links_out_of_the_tree_are_not_read(tree: Path) -> None:
    put(tree, {"secret.json": "secret", "repo/.git/HEAD": "", "repo/a/.env": "", "repo/a/Gemfile": b" " * 2_000_001})
    (tree / "repo" / "composer.json").symlink_to(tree / "secret.json")
    os.mkfifo(tree / "repo" / "package.json")
    assert [around("repo/a/.env").text(name) for name in ("Gemfile", "composer.json", "package.json")] == [None] * 3


def test_a_neighbour_is_read_once(tree: Path) -> None:
    put(tree, {".git/HEAD": "", "composer.json": "x", "a/.env": ""})
    one = around("a/.env")
    assert one.text("composer.json") == "x"
    (tree / "composer.json").unlink()
    assert one.text("composer.json") == "x"


def test_every_pattern_has_a_point() -> None:
    """So that a name without one is known to be of no format before it is compared with any."""
    assert all("." in pattern for patterns in PATTERNS.values() for pattern in patterns)
