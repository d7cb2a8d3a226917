"""How fast smtplint is beside other tools: `python -m bench`, with `pip install -e '.[bench]'`.

The corpus is made of pinned public packages, which pip brings (bench/corpus.txt); `--tree` takes another one. All
commands take turns on the same files in the same run; what counts is the ratio.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import click

from bench.measure import Cost, alternating
from bench.texts import MAIL, many_findings, text
from smtplint.check import check
from smtplint.config import Settings
from smtplint.fix import mend
from smtplint.format import of_path
from smtplint.reading import text_of
from smtplint.run import collect_rarely
from smtplint.source import Source
from smtplint.walk import SKIPPED
from tests.spelling import Nowhere

HERE: Final = Path(__file__).parent
_PYTHON: Final = sys.executable
_WORDS: Final = "smtp|imap|mail|pop3"
_GLOBS: Final = ("*.py", "*.toml", "*.yaml", "*.yml", ".env*", "*.env")
_WALK: Final = (
    "import os, sys\n"
    "for folder, _, names in os.walk(sys.argv[1]):\n"
    "    for name in names:\n"
    "        if name.endswith(('.py', '.toml', '.yaml', '.yml', '.env')):\n"
    "            with open(os.path.join(folder, name), 'rb') as file:\n"
    "                file.read()\n"
)


@click.command()
@click.option("--tree", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Run on these files.")
@click.option("--rounds", default=3, show_default=True, help="How often each command runs, unless it takes a minute.")
@click.option("--slow/--no-slow", default=True, help="With bandit and detect-secrets, which take many minutes.")
@click.argument("parts", nargs=-1, type=click.Choice(["tree", "clean", "cold", "growth", "library"]))
def main(tree: Path | None, rounds: int, slow: bool, parts: tuple[str, ...]) -> None:
    """Print medians, and how many times as long as smtplint each peer takes."""
    collect_rarely()  # as every run does
    chosen = parts or ("tree", "clean", "cold", "growth", "library")
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary).resolve()
        _install(scratch / "installed")
        corpus = tree.resolve() if tree else _corpus() if {"tree", "clean", "growth"} & set(chosen) else scratch
        if "tree" in chosen:
            _whole_tree(corpus, rounds, slow=slow)
        if "clean" in chosen:
            _clean_tree(corpus, scratch / "clean", rounds)
        if "cold" in chosen:
            _cold(scratch / "cold", rounds * 3)
        if "growth" in chosen:
            _growth_of_trees(corpus, scratch / "grown", rounds)
            _growth_of_files()
        if "library" in chosen:
            _library()


def _install(place: Path) -> None:
    """smtplint as users have it, before that of this environment: an editable install reads TOML at every start."""
    root = HERE.parent
    if (root / "pyproject.toml").exists():
        command = [_PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
        subprocess.run([*command, "--target", str(place), str(root)], check=True)
        os.environ["PYTHONPATH"] = str(place)


# --- trees


def _corpus() -> Path:
    """The pinned packages, brought by pip once and kept in `.bench`, which git ignores."""
    place = HERE.parent / ".bench" / "corpus"
    for line in (HERE / "corpus.txt").read_text().splitlines():
        package = line.strip()
        if not package or package.startswith("#") or (place / package).is_dir():
            continue
        command = [_PYTHON, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--only-binary=:all:"]
        more = ["--ignore-requires-python", "--target", str(place / package), package]
        subprocess.run([*command, *more], check=True)
    return place


def _whole_tree(tree: Path, rounds: int, *, slow: bool) -> None:
    files = [path for path in _files(tree) if of_path(path.name) is not None]
    click.echo(f"\nwhole tree: {len(files):,} Python, TOML, YAML and .env files, {_size(files):,} MB")
    peers = _peers(tree, slow=slow)
    _tell(alternating(peers, tree.parent, rounds))


def _peers(tree: Path, *, slow: bool) -> Mapping[str, Sequence[str]]:
    """smtplint first; those that are not installed are left out, and named."""
    wanted: dict[str, Sequence[str]] = {
        "smtplint": [_beside("smtplint"), "--exit-zero", "--quiet", str(tree)],
        "read in Python": [_PYTHON, "-c", _WALK, str(tree)],
        "ripgrep": [_beside("rg"), "-il", *(f"-g{glob}" for glob in _GLOBS), _WORDS, str(tree)],
        "ruff (security)": [_beside("ruff"), "check", "--isolated", "--select=S", "--no-cache", "-qe", str(tree)],
        "yamllint": [_beside("yamllint"), "-d", "relaxed", str(tree)],
    }
    if slow:
        wanted["bandit"] = [_beside("bandit"), "-qr", str(tree)]
        wanted["detect-secrets"] = [_beside("detect-secrets"), "scan", "--all-files", str(tree)]
    absent = [name for name, command in wanted.items() if not command[0]]
    if absent:
        click.echo(f"not installed: {', '.join(absent)}")
    return {name: command for name, command in wanted.items() if command[0]}


def _beside(program: str) -> str:
    """The program as it was installed for this, of this environment, or else the system's; empty if there is none."""
    places = (Path(os.environ.get("PYTHONPATH", ""), "bin", program), Path(_PYTHON).parent / program)
    return next((str(place) for place in places if place.exists()), shutil.which(program) or "")


def _clean_tree(corpus: Path, place: Path, rounds: int) -> None:
    """Only files of the corpus in which the sieve finds nothing."""
    count = 0
    for path in _files(corpus):
        if of_path(path.name) is None or path.stat().st_size > 1_000_000 or text_of(path.read_bytes(), path.name):
            continue
        (place / str(count // 500)).mkdir(parents=True, exist_ok=True)
        _link(path, place / str(count // 500) / f"{count}{path.suffix}")
        count += 1
    click.echo(f"\na tree without any mail setting: {count:,} files")
    commands = {
        "smtplint": [_beside("smtplint"), "--quiet", str(place)],
        "read in Python": [_PYTHON, "-c", _WALK, str(place)],
    }
    _tell(alternating(commands, place, rounds))


def _growth_of_trees(corpus: Path, place: Path, rounds: int) -> None:
    part = min((p for p in corpus.iterdir() if p.is_dir()), key=lambda p: abs(len(_files(p)) - 3000))
    click.echo(f"\ngrowth with the number of files ({part.name})")
    for times in (1, 2, 4, 8):
        grown = place / str(times)
        for number in range(times):
            for path in _files(part):
                target = grown / str(number) / path.relative_to(part)
                target.parent.mkdir(parents=True, exist_ok=True)
                _link(path, target)
        cost = alternating({"": [_beside("smtplint"), "--exit-zero", "--quiet", str(grown)]}, place, rounds)[""]
        click.echo(f"  {times} times  {cost.row}  {cost.wall / times:.3f} s each")


def _link(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except OSError:  # another file system
        shutil.copyfile(path, target)


def _files(tree: Path) -> list[Path]:
    found = []
    for folder, folders, names in os.walk(tree):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        found += [Path(folder, name) for name in sorted(names)]
    return found


def _size(files: Sequence[Path]) -> int:
    return sum(path.stat().st_size for path in files) // 1_000_000


# --- single files


def _cold(place: Path, rounds: int) -> None:
    alone = place / "alone"
    alone.mkdir(parents=True)
    for folder in (place, alone):
        (folder / ".env").write_text(text(".env", 30))
    (place / "compose.yaml").write_text(text("compose.yaml", 30))
    (place / "settings.py").write_text(text("settings.py", 200))
    size = (place / "settings.py").stat().st_size
    click.echo(f"\na process of its own (settings.py: {size:,} bytes)")
    commands = {
        "smtplint .env": [_beside("smtplint"), "--exit-zero", "alone/.env"],
        "the same beside others": [_beside("smtplint"), "--exit-zero", ".env"],
        "bare Python": [_PYTHON, "-c", "pass"],
        "import click": [_PYTHON, "-c", "import click"],
        "yamllint": [_beside("yamllint"), "compose.yaml"],
        "smtplint settings.py": [_beside("smtplint"), "--exit-zero", "settings.py"],
        "import libcst": [_PYTHON, "-c", "import libcst"],
    }
    _tell(alternating({name: command for name, command in commands.items() if command[0]}, place, rounds))


def _growth_of_files() -> None:
    click.echo("\ngrowth with the length of a file: check, milliseconds")
    for name in MAIL:
        times = [f"{lines:,} lines {_best(name, text(name, lines)):.0f}" for lines in (1000, 2000, 4000, 8000)]
        click.echo(f"  {name:13} {'   '.join(times)}")
    click.echo("growth with the number of findings: check and fix, milliseconds")
    for name in ("compose.yaml", "sessions.py"):
        times = [f"{count:,} times {_mended(name, many_findings(name, count)):.0f}" for count in (125, 250, 500, 1000)]
        click.echo(f"  {name:13} {'   '.join(times)}")


def _best(name: str, content: str) -> float:
    return min(_checked(name, f"{content}# {number}\n") for number in range(3))


def _checked(name: str, content: str) -> float:
    begin = time.perf_counter()
    check(Source(name, content), Settings(), Nowhere())
    return (time.perf_counter() - begin) * 1000


def _mended(name: str, content: str) -> float:
    source = Source(name, content)
    begin = time.perf_counter()
    mend(source, check(source, Settings(), Nowhere()), Settings(), Nowhere(), unsafe=True)
    return (time.perf_counter() - begin) * 1000


def _library() -> None:
    """Warm, in this process: a `.env`, and a settings module of 20 kB beside libcst's parser alone."""
    import libcst

    click.echo("\nwarm, in one process")
    env, module = text(".env", 30), text("settings.py", 400)
    own, parser, again = [], [], []
    for number in range(12):
        other = module.replace("OPTION_", f"OPTION_{number}_")  # no line is what it was: nothing is taken over
        begin = time.perf_counter()
        libcst.parse_module(other)
        parser.append((time.perf_counter() - begin) * 1000)
        own.append(_checked("settings.py", other))
        again.append(_checked("settings.py", f"{other}# {number}\n"))
    envs = sorted(_checked(".env", f"{env}# {number}\n") for number in range(50))
    click.echo(f"  .env of 30 lines: {envs[len(envs) // 2]:.2f} ms")
    ratio = sorted(o / p for o, p in zip(own[2:], parser[2:], strict=True))[5]
    click.echo(f"  settings.py of {len(module):,} bytes: {sorted(own)[6]:.1f} ms, {ratio:.2f} times libcst's parser")
    click.echo(f"  the same after a small change: {sorted(again)[6]:.1f} ms")


# --- reporting


def _tell(found: Mapping[str, Cost]) -> None:
    own = next(iter(found.values()))
    click.echo(f"  {'':22} {'wall':>11} {'processor':>11} {'memory':>11}   beside {next(iter(found))}")
    for line in _lines(found, own):
        click.echo(line)


def _lines(found: Mapping[str, Cost], own: Cost) -> Iterator[str]:
    for name, cost in found.items():
        yield f"  {name:22} {cost.row}   {cost.wall / own.wall:.2f}"


if __name__ == "__main__":
    main()
