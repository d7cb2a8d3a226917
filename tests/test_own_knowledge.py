"""Dialects and rules of the user's own: the example of a company's policy in docs/, and what is said of broken ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from smtplint.check import check
from smtplint.fix import mend
from smtplint.nearest import settings_for
from smtplint.rule import Example, load_rules
from smtplint.source import Source
from smtplint.table import load_dialects, read_tables
from tests.invoke import put, smtplint
from tests.spelling import Nowhere

POLICY = Path(__file__).parent.parent / "docs" / "policy"
SETTINGS = settings_for(POLICY)
OWN = set(load_rules(SETTINGS.rules)) - set(load_rules())
EXAMPLES = [(name, e) for name in sorted(OWN) for e in load_rules(SETTINGS.rules)[name].examples]

DESK = "PARCEL_MAIL_RELAY=relay.example.com\nPARCEL_MAIL_RELAY_PORT=465\nPARCEL_MAIL_MODE=upgrade\n"


@pytest.fixture
def company(tmp_path: Path) -> Path:
    shutil.copytree(POLICY, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_there_are_rules_and_dialects_in_the_example() -> None:
    assert {"unapproved-mail-host", "implicit-tls-only"} == OWN
    assert set(load_dialects(SETTINGS.dialects)) - set(load_dialects()) == {"parcel-desk"}


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_the_examples_of_the_policy(name: str, example: Example) -> None:
    if example.bad is None:
        assert name not in {f.rule for f in check(Source(example.path, example.good or ""), SETTINGS, Nowhere())}
        return
    source, only = Source(example.path, example.bad), replace(SETTINGS, select=frozenset({name}))
    (finding,) = check(source, only, Nowhere())
    assert source.at(finding.span) == example.at
    if example.good is not None:
        mended = mend(source, [finding], only, Nowhere(), unsafe=True)
        assert (mended.failed, mended.source.text) == ((), example.good)


def test_an_own_dialect_is_known_everywhere(company: Path) -> None:
    put(company, {"desk/.env": DESK, "other.env": "SMTP_FOO=1\n"})
    found = smtplint("--output-format", "concise", folder=company)
    assert "desk/.env:3:18: error[starttls-on-implicit-tls-port]" in found.stdout
    assert "Parcel Desk waits for a plaintext greeting" in found.stdout
    assert "Parcel Desk" in smtplint("facts", "desk/.env", folder=company).stdout
    assert "PARCEL_MAIL_MODE is upgrade" in smtplint("explain", "parcel-desk", folder=company).stdout
    assert "company has not approved" in smtplint("explain", "unapproved-mail-host", folder=company).stdout
    assert "parcel-desk" in smtplint("dialects", folder=company).stdout
    assert "mail-dialects" in smtplint("config", folder=company).stdout
    smtplint("--fix", "--unsafe-fixes", folder=company)
    assert "PARCEL_MAIL_MODE=tls" in (company / "desk/.env").read_text("utf-8")


def test_elsewhere_the_own_dialect_is_unknown(tmp_path: Path) -> None:
    put(tmp_path, {".env": DESK})
    assert smtplint("-q", folder=tmp_path).stdout == ""
    assert smtplint("explain", "parcel-desk", folder=tmp_path).code == 2


def test_an_own_dialect_can_be_chosen_and_extend_one_of_ours(company: Path) -> None:
    own = 'title = "Shop"\nsource = "s"\nformats = ["env"]\nextends = "vaultwarden"\nneeds_evidence = true\n'
    put(
        company,
        {
            "mail-dialects/shop.toml": own,
            "smtplint.toml": 'dialects = ["mail-dialects"]\nper-file-dialects = { "x.env" = "shop" }\n',
            "x.env": "SMTP_HOST=mail.example.org\nSMTP_PORT=465\nSMTP_SECURITY=starttls\n",
        },
    )
    assert "Shop waits for a plaintext greeting" in smtplint("x.env", folder=company).stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = ", "Invalid value"),
        ('title = "x"', "missing key 'source'"),
        ("title = 1", "title: text expected, not 1"),
        ("unique = 5", "unique: a list of texts expected, not 5"),
        ("fallback = 'no'", "fallback: true or false expected, not 'no'"),
        ("encryption = 1", "encryption: rows, each under [[encryption]] expected, not 1"),
        ("fields = 1", "fields: a table [fields] expected, not 1"),
        ('title = "x"\nsource = "x"\nimport = "os"', "key: import not understood"),
        ('title = "x"\nsource = "x"\n[fields]\nhots = "A"', "[fields]: hots not understood"),
        ('title = "x"\nsource = "x"\nextends = "nobody"', "extends: no table 'nobody' to extend"),
        ('title = "x"\nsource = "x"\nmanifests = { "a" = "(" }', "unterminated subpattern"),
        (b"\xff", "can't decode"),
    ],
)
def test_a_broken_table_is_named(text: str | bytes, said: str, company: Path) -> None:
    put(company, {"mail-dialects/broken.toml": text})
    done = smtplint(folder=company)
    assert done.code == 2
    assert "mail-dialects/broken.toml: " in done.stderr
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"mail-dialects/n8n.toml": "title = 'x'"}, "mail-dialects/n8n.toml: there is a dialect 'n8n' already"),
        ({"smtplint.toml": "dialects = ['nowhere']"}, "dialects: there is no folder"),
        ({"smtplint.toml": "dialects = 'mail-dialects'"}, "dialects: 'mail-dialects' is not a list of folders"),
        ({"mail-policy/broken.toml": "summary = 1"}, "mail-policy/broken.toml: missing key"),
        ({"mail-policy/port-typo.toml": ""}, "mail-policy/port-typo.toml: there is a rule 'port-typo' already"),
    ],
)
def test_what_cannot_be_used_is_named(files: dict[str, str], said: str, company: Path) -> None:
    put(company, files)
    done = smtplint(folder=company)
    assert (done.code, said in done.stderr, done.stderr.count("\n")) == (2, True, 1), done.stderr


def test_the_skeleton_is_a_table_that_works(company: Path) -> None:
    text = smtplint("dialects", "new", "our-shop", folder=company).stdout
    assert set(read_tables({"our-shop": text})) == {"our-shop"}
    env = "OUR_SHOP_SMTP_HOST=mail.example.org\nOUR_SHOP_SMTP_PORT=587\nOUR_SHOP_SMTP_TLS=no\nOUR_SHOP_SMTP_USER=a\n"
    put(company, {"own/our-shop.toml": text, ".env": env + "OUR_SHOP_SMTP_PASSWORD=hjT6gfrd4e\n"})
    put(company, {"smtplint.toml": 'dialects = ["own"]'})
    found = smtplint("--output-format", "concise", folder=company).stdout
    assert "[cleartext-password]" in found
    assert "our-shop" in found


def test_the_skeleton_explains_what_it_leaves_out(company: Path) -> None:
    """Every line that is commented out is right as well."""
    text = smtplint("dialects", "new", "our-shop", folder=company).stdout
    lines = text.splitlines()
    bare = [line.removeprefix("# ") if _is_toml(line) else line for line in lines]
    assert sum(a != b for a, b in zip(lines, bare, strict=True)) > 20
    tables = read_tables({"our-shop": "\n".join(bare).replace('protocol = "imap"', 'protocol = "smtp"')})
    assert tables["our-shop"].off


def _is_toml(line: str) -> bool:
    body = line.removeprefix("# ")
    return line.startswith("# ") and (body.startswith("[") or " = " in body)


@pytest.mark.parametrize("name", ["Our Shop", "../x", "n8n", "", "a_b"])
def test_a_name_that_cannot_be(name: str, company: Path) -> None:
    done = smtplint("dialects", "new", name, folder=company)
    assert (done.code, done.stdout) == (2, "")


def test_an_own_dialect_may_say_what_must_be_there(tmp_path: Path) -> None:
    table = (
        'title = "t"\nsource = "a test"\nformats = ["env"]\nunique = ["OWN_HOST"]\n[fields]\nhost = "OWN_HOST"\n'
        '[[requires]]\nkeys = ["OWN_FROM"]\nwithout = "nothing is sent"\n'
    )
    put(tmp_path, {"dialects/own.toml": table, "smtplint.toml": 'dialects = ["dialects"]\n', ".env": "OWN_HOST=x\n"})
    found = smtplint("--output-format", "concise", ".env", folder=tmp_path)
    assert (found.code, found.stderr.count("own.toml")) == (1, 0), found.stderr
    assert "missing-setting" in found.stdout
