"""The README's table of rules is the rule files, and the command line of CI is the README's."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from smtplint.handbook import markdown
from smtplint.rule import load_rules
from tools import manpage, picture

ROOT = Path(__file__).parent.parent


def rules_table() -> str:
    rows = ["| rule | severity | says |", "|---|---|---|"]
    rows += [f"| `{rule.name}` | {rule.severity.word} | {rule.summary} |" for rule in load_rules().values()]
    return "\n".join(rows)


def test_the_table_of_rules_is_the_rule_files() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    found = re.search(r"<!-- rules: begin[^\n]*-->\n(.*?)\n?<!-- rules: end -->", text, re.DOTALL)
    assert found is not None
    assert found[1] == rules_table(), "run: python -m tests.test_readme"


def test_the_handbook_is_the_rule_files() -> None:
    assert (ROOT / "docs" / "rules.md").read_text("utf-8") == markdown(load_rules().values()), (
        "run: python -m tests.test_readme"
    )


def test_the_man_page_is_what_help_says() -> None:
    assert manpage.FILE.read_text("utf-8") == manpage.page(), "run: python -m tests.test_readme"


@pytest.mark.skipif(shutil.which("groff") is None, reason="no groff here")
def test_the_man_page_is_one() -> None:
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-z", str(manpage.FILE)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_picture_is_what_smtplint_prints() -> None:
    drawn = picture.FILE.read_text("utf-8")
    assert drawn == picture.picture(picture.printed()), "run: python -m tests.test_readme"
    assert "starttls-on-implicit-tls-port" in "".join(ElementTree.fromstring(drawn).itertext())


def test_ci_runs_the_command_line_of_the_readme() -> None:
    (command,) = re.findall(r"^python3 -m venv .*pytest$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert command in (ROOT / ".ci" / "run").read_text("utf-8")


if __name__ == "__main__":
    path = ROOT / "README.md"
    pattern = r"(<!-- rules: begin[^\n]*-->\n).*?(<!-- rules: end -->)"
    path.write_text(
        re.sub(pattern, lambda m: f"{m[1]}{rules_table()}\n{m[2]}", path.read_text("utf-8"), flags=re.DOTALL), "utf-8"
    )
    (ROOT / "docs").mkdir(exist_ok=True)
    (ROOT / "docs" / "rules.md").write_text(markdown(load_rules().values()), "utf-8")
    manpage.FILE.write_text(manpage.page(), "utf-8")
    picture.FILE.write_text(picture.picture(picture.printed()), "utf-8")
