"""The outputs for machines, each read back by a reader that is not ours, or used as its consumer uses it."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from junitparser import Failure, JUnitXml
from sarif_pydantic import Sarif

from smtplint.check import check
from smtplint.config import Settings
from smtplint.fingerprint import fingerprints
from smtplint.report import OUTPUTS
from smtplint.source import Source
from tests.invoke import put, smtplint
from tests.spelling import Nowhere

FILES = {
    "ä b/settings.py": 'X = "😀"; EMAIL_HOST = "smtp.gmail.com"\nEMAIL_PORT = 465\nEMAIL_USE_TLS = True\nDATABASES = {}\n',
    "compose.yaml": (
        "services:\n  n8n:\n    image: n8nio/n8n\n    environment:\n      N8N_SMTP_HOST: mail.example.net\n"
        '      N8N_SMTP_PORT: 587\n      N8N_SMTP_SSL: "true" # 😀\n'
    ),
    "one line/.env": "SMTP_HOST=smtps://mail.example.net",
    "z/config.toml": '[smtp]\nhost = "mail.example.net"\nport = 567\n',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return put(tmp_path, FILES)


def output(folder: Path, name: str, *more: str) -> str:
    result = smtplint("--exit-zero", "--output-format", name, *more, folder=folder)
    assert (result.code, result.stderr) == (0, "")
    return result.stdout


def found(folder: Path) -> list[dict[str, Any]]:
    findings: list[dict[str, Any]] = json.loads(output(folder, "json"))["findings"]
    assert len(findings) >= 4
    return findings


def offset(text: str, line: int, column: int) -> int:
    return sum(len(each) for each in text.splitlines(keepends=True)[: line - 1]) + column - 1


def mended(folder: Path) -> dict[str, str]:
    smtplint("--fix", folder=folder)
    return {name: (folder / name).read_text() for name in FILES}


# --- SARIF


def test_sarif_is_read_by_a_model_of_the_standard(folder: Path) -> None:
    log = Sarif.model_validate_json(output(folder, "sarif"))
    run = log.runs[0]
    rules = run.tool.driver.rules or []
    results = run.results or []
    wanted = [(f["rule"], f["path"], f["start"]["line"], f["start"]["column"]) for f in found(folder)]
    assert [_sarif_place(r) for r in results] == wanted
    assert all(rules[r.rule_index or 0].id == r.rule_id for r in results)
    assert all(rule.help and len(rule.help.text) > 100 for rule in rules)
    assert len({(r.partial_fingerprints or {})["smtplint/v1"] for r in results}) == len(results)


def _sarif_place(result: Any) -> tuple[str, str, int, int]:
    place = result.locations[0].physical_location
    return (
        result.rule_id,
        unquote(place.artifact_location.uri),
        place.region.start_line,
        place.region.start_column,
    )


def test_the_fixes_of_sarif_are_those_of_smtplint(folder: Path) -> None:
    log = json.loads(output(folder, "sarif"))
    texts = dict(FILES)
    for result in log["runs"][0]["results"]:
        for fix in (f for f in result.get("fixes", ()) if f["description"]["text"].endswith("(safe)")):
            for change in fix["artifactChanges"]:
                name = unquote(change["artifactLocation"]["uri"])
                regions = [(r["deletedRegion"], r["insertedContent"]["text"]) for r in change["replacements"]]
                for region, text in reversed(regions):
                    start = offset(texts[name], region["startLine"], region["startColumn"])
                    end = offset(texts[name], region["endLine"], region["endColumn"])
                    texts[name] = texts[name][:start] + text + texts[name][end:]
    assert texts == mended(folder)
    assert texts != FILES


# --- reviewdog


def test_the_suggestions_of_rdjson_count_bytes(folder: Path) -> None:
    report = json.loads(output(folder, "rdjson"))
    assert [d["code"]["value"] for d in report["diagnostics"]] == [f["rule"] for f in found(folder)]
    safe = [f["fix"] is not None and f["fix"]["safety"] == "safe" for f in found(folder)]
    data = {name: text.encode() for name, text in FILES.items()}
    for diagnostic, is_safe in zip(report["diagnostics"], safe, strict=True):
        name = diagnostic["location"]["path"]
        for suggestion in reversed(diagnostic.get("suggestions", ())) if is_safe else ():
            start, end = (_byte_offset(data[name], suggestion["range"][side]) for side in ("start", "end"))
            data[name] = data[name][:start] + suggestion["text"].encode() + data[name][end:]
    assert {name: text.decode() for name, text in data.items()} == mended(folder)


def _byte_offset(data: bytes, position: dict[str, int]) -> int:
    return sum(len(line) for line in data.splitlines(keepends=True)[: position["line"] - 1]) + position["column"] - 1


# --- the others


def test_junit_is_read_by_a_parser_of_it(folder: Path) -> None:
    (folder / "out.xml").write_text(output(folder, "junit"))
    suites = JUnitXml.fromfile(str(folder / "out.xml"))
    cases = [case for suite in suites for case in suite]
    findings = found(folder)
    assert [case.classname for case in cases] == [f["path"] for f in findings]
    failed = [any(isinstance(result, Failure) for result in case.result) for case in cases]
    assert failed == [f["severity"] != "info" for f in findings]
    assert (suites.tests, suites.failures) == (len(cases), sum(failed))


def test_junit_of_a_clean_run_has_a_test_that_passed(tmp_path: Path) -> None:
    put(tmp_path, {".env": "A=1\n"})
    (tmp_path / "out.xml").write_text(output(tmp_path, "junit"))
    suites = JUnitXml.fromfile(str(tmp_path / "out.xml"))
    assert (suites.tests, suites.failures) == (1, 0)


def test_checkstyle(folder: Path) -> None:
    root = ET.fromstring(output(folder, "checkstyle"))
    errors = [
        (file.get("name"), e.get("source"), e.get("severity"), e.get("line"), e.get("column"))
        for file in root
        for e in file
    ]
    assert errors == [
        (f["path"], f"smtplint.{f['rule']}", f["severity"], str(f["start"]["line"]), str(f["start"]["column"]))
        for f in found(folder)
    ]


def test_gitlab(folder: Path) -> None:
    issues = json.loads(output(folder, "gitlab"))
    assert [(i["check_name"], i["location"]["path"]) for i in issues] == [(f["rule"], f["path"]) for f in found(folder)]
    assert {i["severity"] for i in issues} <= {"info", "minor", "major", "critical", "blocker"}
    assert len({i["fingerprint"] for i in issues}) == len(issues)


COMMAND = re.compile(
    r"::(error|warning|notice) file=([^,:]+),line=(\d+),endLine=\d+(?:,col=\d+,endColumn=\d+)?,title=([^:]+)::(.+)"
)


def test_github(folder: Path) -> None:
    *lines, last = output(folder, "github").splitlines()
    commands = [COMMAND.fullmatch(line) for line in lines]
    words = {"error": "error", "warning": "warning", "info": "notice"}
    assert [c and (c[1], c[2], int(c[3])) for c in commands] == [
        (words[f["severity"]], f["path"], f["start"]["line"]) for f in found(folder)
    ]
    assert "files checked" in last


def test_several_outputs_at_once(folder: Path, tmp_path: Path) -> None:
    sarif, junit = tmp_path / "out.sarif", tmp_path / "out.junit"
    text = output(folder, "concise", "--output-format", f"sarif={sarif}", "--output-format", f"junit={junit}")
    assert text == output(folder, "concise")
    assert sarif.read_text() == output(folder, "sarif")
    assert junit.read_text() == output(folder, "junit")


def test_one_output_to_a_file(folder: Path, tmp_path: Path) -> None:
    assert output(folder, "json", "--output-file", str(tmp_path / "out.json")) == ""
    assert json.loads((tmp_path / "out.json").read_text())["findings"] == found(folder)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--output-format", "sarfi"], "did you mean 'sarif'?"),
        (["--output-format", "text", "--output-format", "json"], "only one output can go to standard output"),
        (["--output-format", "json=x", "--output-file", "y"], "--output-file goes with one --output-format"),
        (["--output-file", "no/such/folder/x"], "no/such/folder/x: not written: no such file or directory"),
    ],
)
def test_what_cannot_be_put_anywhere(folder: Path, arguments: list[str], said: str) -> None:
    result = smtplint(*arguments, folder=folder)
    assert result.code == 2
    assert said in result.stderr


def test_quiet(folder: Path) -> None:
    lines = output(folder, "concise", "-q").splitlines()
    assert lines == output(folder, "concise").splitlines()[:-1]


@pytest.mark.parametrize("name", OUTPUTS)
def test_no_secret_in_any_output(name: str, tmp_path: Path) -> None:
    secret = "Zk7unique!secret"
    put(
        tmp_path,
        {
            ".env": f"SMTP_HOST=smtps://me:{secret}@mail.example.net\nSMTP_PORT=567\nSMTP_PASSWORD={secret}\n",
            "a.toml": f'[smtp]\nhost = "mail.example.net"\nport = 567\npassword = "{secret}"\n',
            "b.env": f"MAIL_URL=smtps://me:{secret}@mail.example.net:587\n",
        },
    )
    text = output(tmp_path, name)
    assert "567" in text or name in ("sarif", "gitlab")
    assert secret not in text


# --- fingerprints


def marks(text: str) -> list[str]:
    return fingerprints(check(Source("compose.yaml", text), Settings(select=frozenset({"port-typo"})), Nowhere()))


ENTRY = "a:\n  smtp_host: mail.example.net\n  smtp_port: 567\n"


def test_a_fingerprint_survives_edits_elsewhere() -> None:
    moved = "# a line\n\nb: 1\n" + ENTRY.replace("  smtp", "      smtp").replace("567", "567  # why")
    assert marks(ENTRY) == marks(moved)
    assert len(marks(ENTRY)) == 1


def test_a_second_one_of_the_kind_has_its_own() -> None:
    both = marks(ENTRY + ENTRY.replace("a:", "b:"))
    assert len(set(both)) == 2
    assert marks(ENTRY)[0] in both


def test_another_value_is_another_finding() -> None:
    assert marks(ENTRY) != marks(ENTRY.replace("567", "578"))
