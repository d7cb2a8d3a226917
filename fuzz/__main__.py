"""The long run: `python -m fuzz [TARGET…]`. Coverage-guided by atheris; as many targets at once as there are cores."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import click

from fuzz import seeds
from fuzz.targets import TARGETS

_COUNT = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
_SLOWEST = re.compile(r"stat::slowest_unit_time_sec:\s*(\d+)")
_PEAK = re.compile(r"stat::peak_rss_mb:\s*(\d+)")


@dataclass(frozen=True)
class Result:
    """What a run of one target came to; `broke` is the file that holds the text which broke a law."""

    target: str
    executions: int
    slowest: int
    peak: int
    broke: Path | None
    told: str


@click.command()
@click.argument("targets", nargs=-1, type=click.Choice(list(TARGETS)))
@click.option("--seconds", default=600, show_default=True, help="How long each target runs.")
@click.option("--seed", default=1, show_default=True, help="Of the random numbers.")
@click.option("--real", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Real files to mutate too.")
@click.option("--timeout", default=10, show_default=True, help="Seconds that one text may take.")
@click.option("--memory", default=2048, show_default=True, help="Megabytes that a target may use.")
@click.option("--found", default=Path("fuzz/found"), type=click.Path(path_type=Path), help="Where breaking texts go.")
@click.option("--jobs", default=os.cpu_count() or 1, show_default=True, help="Targets that run at once.")
def main(
    targets: tuple[str, ...],
    seconds: int,
    seed: int,
    real: Path | None,
    timeout: int,
    memory: int,
    found: Path,
    jobs: int,
) -> None:
    """Look for a text that breaks a law. Exit code 1 if there is one."""
    limits = (f"-max_total_time={seconds}", f"-timeout={timeout}", f"-rss_limit_mb={memory}", f"-seed={seed}")
    found.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(jobs) as pool:
        results = list(pool.map(lambda t: _told(_run(t, limits, real, found)), targets or TARGETS))
    click.echo(f"{sum(r.executions for r in results):,} executions")
    sys.exit(1 if any(r.broke for r in results) else 0)


def _run(target: str, limits: tuple[str, ...], real: Path | None, found: Path) -> Result:
    with tempfile.TemporaryDirectory() as temporary:
        folder, words = Path(temporary) / "seeds", Path(temporary) / "words"
        _write_seeds(folder, target, real)
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in sorted(set(seeds.words()))))
        prefix = found / f"{target}-"
        own = (f"-dict={words}", f"-artifact_prefix={prefix}", f"-max_len={seeds.LARGEST}", "-print_final_stats=1")
        command = [sys.executable, "-m", "fuzz.one", target, *limits, *own, str(folder)]
        run = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    written = re.search(r"Test unit written to (\S+)", run.stderr)
    broke = Path(written[1]) if written else None
    return Result(
        target=target,
        executions=_number(_COUNT, run.stderr),
        slowest=_number(_SLOWEST, run.stderr),
        peak=_number(_PEAK, run.stderr),
        broke=broke,
        told="" if run.returncode == 0 else run.stdout[-3000:] or run.stderr[-1000:],
    )


def _write_seeds(folder: Path, target: str, real: Path | None) -> None:
    folder.mkdir()
    for data in (*seeds.of(target), *(seeds.real(real, target) if real else ())):
        (folder / sha256(data).hexdigest()[:16]).write_bytes(data)


def _escaped(word: str) -> str:
    """As libFuzzer's dictionaries want it."""
    return "".join(
        f"\\x{byte:02x}" if byte < 32 or byte > 126 or chr(byte) in '"\\' else chr(byte) for byte in word.encode()
    )


def _number(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.search(text)
    return int(match[1]) if match else 0


def _told(result: Result) -> Result:
    ended = f"broken by {result.broke}\n{result.told}" if result.broke else result.told or "nothing broken"
    click.echo(
        f"{result.target}: {result.executions:,} executions, slowest {result.slowest} s, peak {result.peak} MB: {ended}"
    )
    return result


if __name__ == "__main__":
    main()
