"""Suppression comments, the same in all formats, and what is said about those that suppress nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from smtplint.check import check
from smtplint.config import Settings
from smtplint.finding import Finding, Severity
from smtplint.fix import mend
from smtplint.nearest import verified
from smtplint.source import Source, Span
from smtplint.suppress import suppressed
from tests.spelling import Nowhere

RULE = "starttls-on-implicit-tls-port"
ONLY = Settings(select=frozenset({RULE, "unused-ignore"}))


def findings(path: str, text: str, settings: Settings = ONLY) -> tuple[Finding, ...]:
    return check(Source(path, text), settings, Nowhere())


def rules(path: str, text: str, settings: Settings = ONLY) -> list[str]:
    return [finding.rule for finding in findings(path, text, settings)]


def fixed(path: str, text: str) -> str:
    """With everything mended that concerns comments."""
    settings = Settings(select=frozenset({"unused-ignore"}))
    source = Source(path, text)
    mended = mend(source, check(source, settings, Nowhere()), settings, Nowhere(), unsafe=False)
    assert not mended.failed
    return mended.source.text


# One finding each; {on} stands at the end of its line, {above} on a line of its own before it.
PLACES = {
    ".env": "EMAIL_HOST=mail.example.org\n{above}EMAIL_PORT=465{on}\nEMAIL_USE_TLS=True{on}\n",
    "settings.py": 'EMAIL_HOST = "mail.example.org"\n{above}EMAIL_PORT = 465{on}\nEMAIL_USE_TLS = True{on}\n',
    "compose.yaml": (
        "services:\n  web:\n    image: n8nio/n8n\n    environment:\n      N8N_SMTP_HOST: mail.example.org\n"
        '      N8N_SMTP_SSL: "false"{on}\n{above}      N8N_SMTP_PORT: 465{on}\n'
    ),
    "config.toml": (
        '[default]\nEMAIL_HOST = "mail.example.org"\n{above}EMAIL_PORT = 465{on}\nEMAIL_USE_TLS = true{on}\n'
    ),
}


def cut(path: str, text: str) -> str:
    """With `{on}` left only on the line that the finding is on, and `{above}` before it."""
    lines = text.replace("{above}", "").replace("{on}", "").splitlines()
    (finding,) = findings(path, "\n".join(lines) + "\n")
    at = finding.source.position(finding.span.start).line - 1
    lines[at] = "{above}" + lines[at] + "{on}"
    return "\n".join(lines) + "\n"


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    return request.param, cut(request.param, PLACES[request.param])


@pytest.mark.parametrize(
    "comment",
    [
        f"# smtplint: ignore[{RULE}]",
        f"# smtplint: ignore[{RULE}] the relay of the house is old",
        f"#smtplint:ignore[{RULE}]",
        f"# smtplint:  ignore [ {RULE} ]",
        f"# noqa  # smtplint: ignore[{RULE}]",
        f"# smtplint: ignore[{RULE}]  # noqa: E501",
    ],
)
def test_on_the_line_and_alone_above_it(place: tuple[str, str], comment: str) -> None:
    path, text = place
    assert rules(path, text.format(on=f"  {comment}", above="")) == []
    assert rules(path, text.format(on="", above=f"{comment}\n")) == []
    assert rules(path, text.format(on="", above=f"   {comment}\n")) == [] or path == ".env"


def test_a_whole_file(place: tuple[str, str]) -> None:
    path, text = place
    bare = text.format(on="", above="")
    assert rules(path, bare) == [RULE]
    assert rules(path, f"# smtplint: ignore-file\n{bare}") == []
    assert rules(path, f"{bare}# smtplint: ignore-file generated") == []
    assert rules(path, f"# smtplint: ignore-file[{RULE}]\n{bare}") == []
    assert rules(path, f"# smtplint: ignore-file[port-typo]\n{bare}") == [RULE]


def test_comments_above_one_another_speak_for_the_same_line(place: tuple[str, str]) -> None:
    path, text = place
    above = f"# smtplint: ignore[{RULE}]\n# smtplint: ignore[port-typo]\n"
    assert rules(path, text.format(on="", above=above)) == []


def test_another_line_is_not_meant(place: tuple[str, str]) -> None:
    path, text = place
    assert rules(path, text.format(on="", above=f"# smtplint: ignore[{RULE}]\n\n")) == ["unused-ignore", RULE]
    assert rules(path, text.format(on="", above="") + f"# smtplint: ignore[{RULE}]\n") == [RULE, "unused-ignore"]


def test_with_windows_line_ends(place: tuple[str, str]) -> None:
    path, text = place
    text = text.format(on=f"  # smtplint: ignore[{RULE}]", above="").replace("\n", "\r\n")
    assert rules(path, text) == []


@pytest.mark.parametrize(("line", "silent"), [(1, False), (2, True), (3, True), (4, True), (5, False)])
def test_any_line_of_a_finding_that_spans_several(line: int, silent: bool) -> None:
    lines = ["import smtplib", "s = smtplib.SMTP(", '    "mail.example.org",', "    465)", "s.starttls()"]
    lines[line - 1] += f"  # smtplint: ignore[{RULE}]"
    source = Source("a.py", "\n".join(lines))
    finding = Finding(RULE, Severity.ERROR, "", source, Span(source.text.index("SMTP("), source.text.index(")") + 1))
    left = suppressed(source, [finding], Settings(select=frozenset({RULE})))
    assert [f.rule for f in left] == ([] if silent else [RULE])


# --- comments that suppress nothing

QUIET = "EMAIL_HOST=mail.example.org\nEMAIL_PORT=587\nEMAIL_USE_TLS=True\n"


@pytest.mark.parametrize(
    ("comment", "said", "left"),
    [
        (f"# smtplint: ignore[{RULE}]", f"`{RULE}` has nothing to suppress here", ""),
        (f"# smtplint: ignore[{RULE}] because", f"`{RULE}` has nothing to suppress here", ""),
        ("# smtplint: ignore[port-typos]", "no rule is called `port-typos`; did you mean 'port-typo'?", ""),
        (f"# smtplint: ignore[{RULE}] why # noqa", f"`{RULE}` has nothing to suppress here", "# noqa"),
        (f"# noqa # smtplint: ignore[{RULE}] why", f"`{RULE}` has nothing to suppress here", "# noqa"),
        (f"# smtplint: ignore[{RULE}] see #12", f"`{RULE}` has nothing to suppress here", ""),
        (f"# smtplint: ignore-file[{RULE}]", f"`{RULE}` has nothing to suppress in this file", ""),
    ],
)
def test_one_that_suppresses_nothing_is_told_of_and_removed(comment: str, said: str, left: str) -> None:
    text = QUIET.replace("587", f"587  {comment}")
    (finding,) = findings(".env", text)
    assert (finding.rule, finding.message) == ("unused-ignore", said)
    assert finding.severity is Severity.WARNING
    assert finding.source.at(finding.span) in comment
    assert finding.source.at(finding.span).startswith("# smtplint")
    mended = mend(finding.source, (finding,), ONLY, Nowhere(), unsafe=False)
    assert mended.source.text == QUIET.replace("587", f"587  {left}".rstrip())


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_one_that_stands_alone_goes_with_its_line(end: str) -> None:
    text = QUIET.replace("\n", end)
    comment = f"  # smtplint: ignore[no-such-rule] why{end}"
    assert fixed(".env", comment + text) == text
    assert fixed(".env", text + comment) == text
    assert fixed(".env", text + comment.rstrip()) == text


def test_only_the_part_that_suppresses_nothing_is_removed() -> None:
    text = QUIET.replace("587", "465").replace("True", "True  # smtplint: ignore[port-typo, {}] x")
    text = text.replace("465", "465  # smtplint: ignore[port-typo, {}] x").replace("{}", f"{RULE}, nonsense")
    settings = Settings(select=frozenset({RULE, "port-typo", "unused-ignore"}))
    found = findings(".env", text, settings)
    assert {f.rule for f in found} == {"unused-ignore"}
    used = next(f for f in found if RULE not in f.message)
    assert used.message == "`port-typo` has nothing to suppress here; no rule is called `nonsense`"
    assert used.fix is not None
    assert [edit.text for edit in used.fix.edits] == [RULE]


def test_a_rule_that_was_not_looked_for_may_be_needed_another_time() -> None:
    text = QUIET.replace("587", "587  # smtplint: ignore[port-typo]")
    assert rules(".env", text) == []
    assert rules(".env", text, Settings(ignore=frozenset({"port-typo"}))) == []
    assert "unused-ignore" in rules(".env", text, Settings(select=frozenset({"port-typo", "unused-ignore"})))


def test_a_file_comment_is_idle_only_if_everything_was_looked_for() -> None:
    text = "# smtplint: ignore-file\nEMAIL_HOST=localhost\nEMAIL_PORT=1025\n"
    assert rules(".env", text) == []
    (finding,) = findings(".env", text, Settings())
    assert (finding.rule, finding.message) == ("unused-ignore", "no finding in this file to suppress")


@pytest.mark.parametrize("comment", ["# smtplint: ignore", "# smtplint: ignore because", "# smtplint: ignore[]"])
def test_one_without_a_name_suppresses_nothing(comment: str) -> None:
    text = PLACES[".env"].format(above="", on=f"  {comment}")
    found = findings(".env", text)
    assert RULE in [f.rule for f in found]
    unnamed = [f for f in found if f.rule == "unused-ignore"]
    assert {f.message for f in unnamed} == {"nothing is suppressed unless it is named: `ignore[rule-name]`"}
    assert all(f.fix is None for f in unnamed)


def test_the_message_itself_can_be_suppressed() -> None:
    text = QUIET.replace("587", f"587  # smtplint: ignore[{RULE}, unused-ignore]")
    assert rules(".env", text) == []
    text = QUIET.replace("587", f"587  # smtplint: ignore[{RULE}]")
    assert rules(".env", text) == ["unused-ignore"]
    assert "unused-ignore" not in rules(".env", text, Settings(ignore=frozenset({"unused-ignore"})))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", '"""Write\n# smtplint: ignore[port-typo]\n"""\nEMAIL_HOST = "localhost"\n'),
        ("a.py", 'X = "# smtplint: ignore-file"\nEMAIL_HOST = "localhost"\n'),
        ("a.toml", "bad = '''\nEMAIL_PORT=1 # smtplint: ignore[port-typo]\n'''\nEMAIL_HOST = 'localhost'\n"),
        (".env", "# smtplint: the linter\n# smtplint: ignored\nEMAIL_HOST=localhost\n"),
    ],
)
def test_what_only_looks_like_one(path: str, text: str) -> None:
    assert "unused-ignore" not in rules(path, text, Settings())


def test_a_file_that_cannot_be_parsed_can_be_silenced() -> None:
    text = "[auth\nsmtp_host = 1 # smtplint: ignore-file\n"
    assert rules("a.toml", text.partition("#")[0], Settings()) == ["unreadable-file"]
    assert rules("a.toml", text, Settings()) == []


QUOTED = [
    (".env", 'EMAIL_HOST=mail.example.org\nEMAIL_PORT=465\nEMAIL_USE_TLS=True\nX="# smtplint: ignore-file"\n'),
    (".env", "EMAIL_HOST=mail.example.org\nEMAIL_PORT=465\nEMAIL_USE_TLS=True\nX='a # smtplint: ignore-file b'\n"),
    ("a.yaml", 'smtp:\n  host: mail.example.org\n  port: 465\n  starttls: true\n  x: ["# smtplint: ignore-file"]\n'),
]


@pytest.mark.parametrize(("path", "text"), QUOTED)
def test_a_comment_that_is_only_quoted_is_none(path: str, text: str) -> None:
    assert rules(path, text) == [RULE]


def test_an_apostrophe_opens_no_quotes() -> None:
    text = "smtp:\n  host: mail.example.org\n  port: 465\n  x: don't  # smtplint: ignore-file it's ours\n  starttls: true\n"
    assert rules("a.yaml", text) == []


FORMER = """
summary = "A rule that had another name once."
severity = "error"
message = "port {port}"
points_at = ["port"]
why = "A rule of the test."
references = ["ours"]
formerly = ["old-name"]
[when]
port = 2525
[[example]]
path = ".env"
bad = "SMTP_HOST=mail.example.org\\nSMTP_PORT=2525\\n"
at = "2525"
"""


def test_a_former_name_still_suppresses_and_selects(tmp_path: Path) -> None:
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "new-name.toml").write_text(FORMER)
    text = "SMTP_HOST=mail.example.org\nSMTP_PORT=2525{}\n"
    chosen = verified(Settings(select=frozenset({"old-name", "unused-ignore"}), rules=(tmp_path / "policy",)), None)
    assert rules(".env", text.format(""), chosen) == ["new-name"]
    assert rules(".env", text.format("  # smtplint: ignore[old-name] ours"), chosen) == []
