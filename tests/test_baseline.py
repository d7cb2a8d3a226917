"""A baseline: what is known stays known when the text around it moves, and hides nothing new beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.invoke import put, smtplint

BAD = "web:\n  smtp_host: mail.example.net\n  smtp_port: 567\n"
MORE = "jobs:\n  smtp_host: mail.example.net\n  smtp_port: 567\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path, {"a.yaml": BAD})
    made = smtplint("--write-baseline", folder=tmp_path)
    assert made.code == 0
    assert made.stderr == "smtplint: 1 finding recorded in .smtplint-baseline.json\n"
    return tmp_path


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    found = smtplint("--output-format", "concise", "--baseline", ".smtplint-baseline.json", *arguments, folder=folder)
    return found.code, found.stdout, found.stderr


def test_what_is_known_does_not_fail(folder: Path) -> None:
    assert smtplint(folder=folder).code == 1
    assert run(folder) == (0, "nothing to report: 1 file checked, 1 finding known\n", "")


@pytest.mark.parametrize(
    "text",
    [
        "# a comment\n\nx: 1\n" + BAD,
        BAD.replace("  smtp", "      smtp"),
        BAD.replace("567", "567   # why"),
        "web:\n  smtp_port: 567\n  other: 1\n  smtp_host: mail.example.net\n",
        BAD.replace("web", "front"),
    ],
    ids=["moved", "indented", "commented", "reordered", "renamed around"],
)
def test_it_survives_edits_around_it(folder: Path, text: str) -> None:
    put(folder, {"a.yaml": text})
    assert run(folder)[::2] == (0, "")


@pytest.mark.parametrize("text", [BAD + MORE, MORE + BAD])
def test_a_new_one_of_the_same_kind_beside_it_counts(folder: Path, text: str) -> None:
    put(folder, {"a.yaml": text})
    code, out, _ = run(folder)
    assert code == 1
    assert out.count("port-typo") == 1
    assert "1 finding known" in out


def test_another_value_or_another_file_is_new(folder: Path) -> None:
    put(folder, {"a.yaml": BAD.replace("567", "578")})
    assert run(folder)[0] == 1
    put(folder, {"a.yaml": BAD, "b.yaml": BAD})
    code, out, _ = run(folder)
    assert code == 1
    assert "b.yaml" in out


def test_what_is_gone_is_told(folder: Path) -> None:
    put(folder, {"a.yaml": BAD.replace("567", "587")})
    assert run(folder) == (
        0,
        "nothing to report: 1 file checked\n",
        "smtplint: .smtplint-baseline.json: a.yaml: port-typo is no longer found; --write-baseline forgets it\n",
    )


def test_nothing_is_said_of_files_that_were_not_looked_at(folder: Path) -> None:
    put(folder, {"b.yaml": "x: 1\n"})
    assert run(folder, "b.yaml")[::2] == (0, "")


def test_the_settings_may_name_it_and_the_folder_does_not_matter(folder: Path) -> None:
    put(folder, {"smtplint.toml": "baseline = '.smtplint-baseline.json'\n", "sub/x.env": "A=1\n"})
    assert smtplint(folder=folder).code == 0
    assert smtplint("..", folder=folder / "sub").code == 0


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"smtplint-baseline": 2, "findings": []}', "[" * 99999])
def test_what_is_no_baseline_is_one_line(folder: Path, text: str) -> None:
    put(folder, {".smtplint-baseline.json": text})
    code, _, err = run(folder)
    assert code == 2
    assert err.count("\n") == 1


def test_a_baseline_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    put(tmp_path, {"a.yaml": BAD})
    code, _, err = run(tmp_path)
    assert code == 2
    assert err == "smtplint: .smtplint-baseline.json: no such file or directory; --write-baseline makes one\n"
