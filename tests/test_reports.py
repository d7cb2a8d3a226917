"""What reports look like: exact places under any characters, nothing that steers a terminal, and never a secret."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from smtplint.finding import Finding, Fix, Related, Safety, Severity
from smtplint.format import Entry, Literal
from smtplint.masking import masked, masked_words
from smtplint.model import UNKNOWN, Endpoint, Field, FieldValue, Malformed
from smtplint.report import OUTPUTS, Run, render
from smtplint.source import Edit, Source, Span
from smtplint.terminal import columns, printable
from tests.invoke import put, smtplint

SCHEMA: Any = json.loads((files("smtplint") / "findings.schema.json").read_text("utf-8"))
SECRET = "not-a-real-password"


def span(source: Source, part: str) -> Span:
    start = source.text.index(part)
    return Span(start, start + len(part))


def finding(text: str, part: str, related: Iterable[tuple[str, str]] = (), **more: Any) -> Finding:
    source = Source("a.env", text)
    places = tuple(Related(span(source, where), said) for where, said in related)
    return Finding("a-rule", Severity.ERROR, "the message", source, span(source, part), places, **more)


def text_of(*found: Finding, **more: Any) -> str:
    return render("text", Run("1", 1, found, **more))


def snippet(*found: Finding, **more: Any) -> list[str]:
    """The lines between the place and the summary."""
    return text_of(*found, **more).split("\n  |\n")[1].splitlines()


# --- text


def test_the_whole_of_a_finding() -> None:
    found = finding(
        "A=1\nPORT=465\nB=2\nTLS=starttls\n", "465", [("starttls", "STARTTLS is asked for here"), ("TLS", "the key")],
        fix=Fix("speak TLS", Safety.SAFE, {}, ()),
    )  # fmt: skip
    assert text_of(found, wire=lambda _: "both wait") == (
        "error[a-rule]: the message\n"
        " --> a.env:2:6\n"
        "  |\n"
        "2 | PORT=465\n"
        "  |      ^^^\n"
        "...\n"
        "4 | TLS=starttls\n"
        "  | --- the key\n"
        "  |     -------- STARTTLS is asked for here\n"
        "  |\n"
        "  = wire: both wait\n"
        "  = fix (safe): speak TLS [--fix]\n"
        "\n"
        "1 finding (1 error): 1 file checked; can be fixed: 1 with `--fix`\n"
    )


@pytest.mark.parametrize(
    ("line", "shown", "before"),
    [
        ("x = 465", "x = 465", 4),
        ("\tx =\t465", "    x = 465", 8),
        ("x\t=\t465", "x   =   465", 8),
        ("漢字 = 465", "漢字 = 465", 7),
        ("\U0001f600 465", "\U0001f600 465", 3),
        ("e\u0301 465", "e\u0301 465", 2),
        ("\x1b[31m 465", "\\x1b[31m 465", 9),
        ("a\u202eb 465", "a\\u202eb 465", 9),
        ("\u200b465", "\\u200b465", 6),
        ("\u00a0465", "\u00a0465", 1),
    ],
)
def test_the_underline_is_under_the_place(line: str, shown: str, before: int) -> None:
    assert snippet(finding(line, "465")) == [f"1 | {shown}", "  | " + " " * before + "^^^"]


@pytest.mark.parametrize(("part", "marks"), [("漢字", "^^^^"), ("\tx", "^^^^^"), ("", "^"), ("e\u0301", "^")])
def test_the_underline_is_as_wide_as_the_place(part: str, marks: str) -> None:
    assert snippet(finding(f"{part} end", part))[-1] == f"  | {marks}"


@pytest.mark.parametrize(("before", "after"), [(300, 0), (0, 300), (300, 300), (100_000, 100_000)])
def test_a_long_line_is_cut_around_the_place(before: int, after: int) -> None:
    line, mark = snippet(finding("漢" * (before // 2) + "465" + "y" * after, "465"), width=80)
    assert columns(line) <= 80
    start = mark.index("^")
    column = 0
    for index, character in enumerate(line):
        if column == start:
            assert line[index : index + 3] == "465"
        column += columns(character)
    assert ("…" in line[:6]) is bool(before)
    assert line.endswith("…") is bool(after)


def test_a_place_of_several_lines() -> None:
    text = 'x = SMTP(\n    "h",\n    465,\n)  # end\n'
    assert snippet(finding(text, 'SMTP(\n    "h",\n    465,\n)')) == [
        "1 | x = SMTP(",
        "  |     ^^^^^",
        "...",
        "4 | )  # end",
        "  | ^",
    ]


def test_line_numbers_of_different_length_share_a_margin() -> None:
    found = finding("a\n" * 8 + "x=465\ny=1\n", "465", [("y=1", "here")])
    assert text_of(found).splitlines()[1:8] == [
        "  --> a.env:9:3",
        "   |",
        " 9 | x=465",
        "   |   ^^^",
        "10 | y=1",
        "   | --- here",
        "   |",
    ]


def test_a_file_that_has_no_text_has_no_lines() -> None:
    gone = Finding("unreadable-file", Severity.WARNING, "not checked: gone", Source("a.env", ""), Span(0, 0))
    assert text_of(gone).startswith("warning[unreadable-file]: not checked: gone\n --> a.env\n\n1 finding")


def test_findings_of_the_last_line_without_an_end() -> None:
    assert snippet(finding("A=1\nPORT=465", "465"))[0] == "2 | PORT=465"


def test_with_windows_line_ends() -> None:
    assert snippet(finding("A=1\r\nPORT=465\r\nB=2\r\n", "465")) == ["2 | PORT=465", "  |      ^^^"]


@pytest.mark.parametrize("output", ["text", "concise"])
def test_nothing_steers_the_terminal(output: str) -> None:
    source = Source("a\n\x1b]0;x\x07.env", "X=\x1b[2J\x9b\u202e\u2066\r465\n")
    bad = Finding("a-rule", Severity.INFO, "the host is \x1b[31m\n", source, span(source, "465"))
    shown = render(output, Run("1", 1, [bad]))
    assert not set(shown) & set("\x1b\x07\x9b\u202e\u2066\r")
    assert "\\x1b" in shown


def test_invisible_characters_are_shown_but_those_that_join_letters() -> None:
    assert printable("a\u200bb\u00adc\ufeff") == "a\\u200bb\\xadc\\ufeff"
    assert printable("\U0001f468\u200d\U0001f4bb e\u0301") == "\U0001f468\u200d\U0001f4bb e\u0301"
    assert printable("\udcff\ud800\t\n") == "\\xff\\ud800\\t\\n"


def test_colours_only_where_they_are_wanted() -> None:
    found = finding("PORT=465", "465")
    assert "\x1b" not in text_of(found)
    coloured = text_of(found, colour=True)
    assert "\x1b[1;31merror[a-rule]\x1b[0m" in coloured
    assert "\x1b[1;31m^^^\x1b[0m" in coloured


# --- concise


def test_concise() -> None:
    safe = finding("PORT=465", "465", fix=Fix("x", Safety.SAFE, {}, ()))
    unsafe = finding("\u00fc\U0001f600=465", "465", fix=Fix("x", Safety.UNSAFE, {}, ()))
    none = finding("PORT=465", "PORT")
    assert render("concise", Run("1", 3, [safe, unsafe, none])) == (
        "a.env:1:6: error[a-rule] the message [*]\n"
        "a.env:1:4: error[a-rule] the message [* unsafe]\n"
        "a.env:1:1: error[a-rule] the message\n"
        "3 findings (3 errors): 3 files checked; can be fixed: 1 with `--fix`, 1 more with `--fix --unsafe-fixes`\n"
    )


# --- JSON


def endpoint(source: Source, **fields: FieldValue) -> Endpoint:
    return Endpoint(source, "django", "Django", "smtp", {k: Field(v) for k, v in fields.items()}, Span(0, 1))


def as_json(*found: Finding, checked: int = 1) -> Any:
    report = json.loads(render("json", Run("1.2", checked, found)))
    jsonschema.validate(report, SCHEMA)
    return report


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_json_to_the_letter() -> None:
    source = Source("settings.py", "A = 1\n\u00fc\U0001f600 = 465; TLS = True\n")
    about = endpoint(source, host="mail.example.org", port=465, encryption="starttls")
    fix = Fix("speak TLS", Safety.SAFE, {}, (Edit(span(source, "TLS"), "SSL"),))
    related = (Related(span(source, "True"), "here"),)
    found = Finding("a-rule", Severity.ERROR, "the message", source, span(source, "465"), related, about, fix)
    assert as_json(found, checked=12) == {
        "version": "1.2",
        "checked": 12,
        "findings": [
            {
                "rule": "a-rule",
                "severity": "error",
                "message": "the message",
                "path": "settings.py",
                "start": {"line": 2, "column": 6},
                "end": {"line": 2, "column": 9},
                "related": [
                    {
                        "path": "settings.py",
                        "start": {"line": 2, "column": 17},
                        "end": {"line": 2, "column": 21},
                        "message": "here",
                    }
                ],
                "endpoint": {
                    "dialect": "django",
                    "protocol": "smtp",
                    "host": "mail.example.org",
                    "port": 465,
                    "encryption": "starttls",
                },
                "fix": {
                    "title": "speak TLS",
                    "safety": "safe",
                    "edits": [
                        {
                            "path": "settings.py",
                            "start": {"line": 2, "column": 11},
                            "end": {"line": 2, "column": 14},
                            "text": "SSL",
                        }
                    ],
                },
            }
        ],
    }


def test_what_is_not_known_is_null() -> None:
    source = Source("a.env", "PORT=x")
    about = endpoint(source, host=UNKNOWN, port=Malformed("x"), encryption=UNKNOWN)
    found = Finding("a-rule", Severity.INFO, "m", source, Span(0, 1), (), about)
    assert as_json(found)["findings"][0]["endpoint"] == {
        "dialect": "django",
        "protocol": "smtp",
        "host": None,
        "port": "x",
        "encryption": None,
    }
    unreadable = Finding("unreadable-file", Severity.WARNING, "m", Source("b", ""), Span(0, 0))
    report = as_json(unreadable)["findings"][0]
    assert (report["endpoint"], report["fix"], report["related"]) == (None, None, [])


def test_json_is_ascii_and_holds_every_name() -> None:
    source = Source("\udcff\n\x1b.env", "\u202e=465")
    report = render("json", Run("1", 1, [Finding("a-rule", Severity.INFO, "\u202e", source, Span(2, 5))]))
    assert report.isascii()
    assert json.loads(report)["findings"][0]["path"] == "\udcff\n\x1b.env"


def test_json_of_a_real_run(tmp_path: Path) -> None:
    put(tmp_path, {".env": "EMAIL_HOST=mail.example.org\nEMAIL_PORT=465\nEMAIL_USE_TLS=True\n", "a.toml": "[SMTP_HOST"})
    result = smtplint("--output-format", "json", folder=tmp_path)
    report = json.loads(result.stdout)
    jsonschema.validate(report, SCHEMA)
    assert report["checked"] == 2
    assert {"starttls-on-implicit-tls-port", "unreadable-file"} <= {f["rule"] for f in report["findings"]}


# --- secrets


@pytest.mark.parametrize(
    "line",
    [
        "EMAIL_HOST_PASSWORD = 'SECRET'  # note",
        'EMAIL_HOST_PASSWORD = """SECRET"""',
        'EMAIL_HOST_PASSWORD: str = "SECRET"',
        'EMAIL_HOST_PASSWORD = "not-a-" "SECRET"',
        'EMAIL_HOST_PASSWORD = (\n    "SECRET"\n)',
        'EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "SECRET")',
        'os.environ.setdefault("EMAIL_HOST_PASSWORD", "SECRET")',
        'config("EMAIL_HOST_PASSWORD", default="SECRET")',
        'app.config["MAIL_PASSWORD"] = "SECRET"',
        'smtp.login("user", "SECRET")',
        'smtp.login(\n    os.environ["USER"],\n    "SECRET",\n)',
        'pop.pass_("SECRET")',
        'SMTPHandler("h", "f", "t", "s", credentials=("user", "SECRET"))',
        "SMTP_PASS=SECRET",
        "SMTP_PASS=two words SECRET # note",
        'export SMTP_PASSWORD="a#b SECRET"',
        "SMTP_PASSWORD=${OTHER:-SECRET}",
        "#SMTP_PASSWORD=SECRET",
        "- SMTP_PASSWORD=SECRET",
        '- "SMTP_PASSWORD=SECRET"',
        "- name: SMTP_PASSWORD\n  value: SECRET",
        "- value: SECRET\n  name: SMTP_PASSWORD",
        "{name: SMTP_PASSWORD, value: SECRET}",
        "auth: {user: u, pass: SECRET, host: h}",
        "smtp_auth_password: SECRET",
        "smtpPassword: SECRET",
        "password: |\n  SECRET\n  SECRET\nport: 25",
        "spring.mail.password: SECRET",
        '{"password": "SECRET", "port": 1}',
        'pass = "SECRET"',
        "api_key = 'SECRET'",
        "SENDGRID_API_KEY=SECRET",
        "MAIL_DSN=smtp://user:SECRET@mail.example.org:25",
        "MAIL_DSN=smtp://user:p@ss/w#rd?SECRET@mail.example.org",
        "MAIL_HOST=user:SECRET@mail.example.org",
    ],
)
def test_no_secret_is_shown_and_every_character_keeps_its_place(line: str) -> None:
    text = line.replace("SECRET", SECRET)
    shown = masked(text)
    assert SECRET not in shown
    assert len(shown) == len(text)
    assert [len(part) for part in shown.splitlines()] == [len(part) for part in text.splitlines()]


@pytest.mark.parametrize(
    "line",
    [
        "EMAIL_PORT = 465",
        "EMAIL_HOST_USER = 'user@example.org'",
        'EMAIL_HOST_PASSWORD = os.environ["EMAIL_HOST_PASSWORD"]',
        'EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD")',
        "SMTP_PASSWORD=${SMTP_PASSWORD}",
        "SMTP_PASSWORD=",
        'SMTP_PASSWORD=""',
        "smtp_password_file: /run/secrets/smtp",
        "if password == other:",
        "image: grafana/grafana:11.0@sha256:0123",
        'pass = "env(SMTP_PASS)"',
        "url: https://example.org/a?b=c",
    ],
)
def test_what_is_no_secret_is_shown(line: str) -> None:
    assert masked(line) == line


def test_a_block_ends_where_its_indentation_ends() -> None:
    text = f"smtp:\n  password: |\n    {SECRET}\n\n    more\n  port: 465\n"
    assert masked(text).endswith("\n  port: 465\n")


def test_our_own_sentences_keep_their_words_but_no_url() -> None:
    sentence = "a user without a password: the login is skipped"
    assert masked_words(sentence) == sentence
    assert SECRET not in masked_words(f"the host is smtp://user:{SECRET}@mail.example.org")


@pytest.mark.parametrize("output", OUTPUTS)
def test_the_password_of_an_endpoint_is_shown_nowhere(output: str) -> None:
    """Also under a key that says nothing of secrets, and in a message that should not have named it."""
    source = Source("a.env", f"SMTP_K={SECRET}\nPORT=465\nSMTP_K={SECRET}\n")
    places = (source.text.index(SECRET), source.text.rindex(SECRET))
    entries = tuple(Entry(("SMTP_K",), Literal(SECRET), Span(at, at + len(SECRET))) for at in places)
    about = Endpoint(source, "x", "X", "smtp", {"password": Field(SECRET, entries)}, Span(0, 1))
    related = (Related(entries[1].span, SECRET),)
    fix = Fix(f"use {SECRET}", Safety.SAFE, {}, ())
    found = Finding("a-rule", Severity.ERROR, f"the password {SECRET}", source, Span(0, 9), related, about, fix)
    shown = render(output, Run("1", 1, [found], wire=lambda _: SECRET))
    assert SECRET not in shown
    assert SECRET[:8] not in shown


@pytest.mark.parametrize(
    "text",
    ["a1" * 200_000, "password = \n" * 20_000, 'x.login("' * 20_000, "pass" + " " * 100_000, "://" * 50_000],
    ids=lambda text: text[:9],
)
def test_masking_takes_no_longer_than_the_text_is_long(text: str) -> None:
    assert len(masked(text)) == len(text)
