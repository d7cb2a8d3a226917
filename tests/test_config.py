"""The settings: every key, and one line naming file and key for whatever is not understood."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import fields

from smtplint import config
from smtplint.config import ConfigError, Settings, parse
from smtplint.nearest import settings_for
from tests.invoke import put

EVERYTHING = """
select = ["port-typo"]
ignore = ["invalid-port"]
fail-on = "error"
exclude = ["old/"]
severity = { port-typo = "info" }
per-file-ignores = { "tests/*" = ["port-typo"] }
per-file-dialects = { "*.env" = "n8n" }
rules = ["policy"]
dialects = ["own"]
baseline = "known.json"
ignored-env = false
unsafe-fixes = true
"""


def test_every_setting_can_be_given(tmp_path: Path) -> None:
    layer = parse(EVERYTHING, tmp_path / "smtplint.toml")
    assert layer is not None
    assert set(layer.said) | {"extend"} == set(config.schema()["properties"])
    found = config.settings((layer,))
    assert found == Settings(
        select=frozenset({"port-typo"}),
        ignore=frozenset({"invalid-port"}),
        fail_on="error",
        exclude=("old/",),
        severity={"port-typo": "info"},
        per_file_ignores={"tests/*": ("port-typo",)},
        per_file_dialects={"*.env": "n8n"},
        rules=(tmp_path / "policy",),
        dialects=(tmp_path / "own",),
        baseline=tmp_path / "known.json",
        ignored_env=False,
        unsafe_fixes=True,
        folder=tmp_path,
    )
    assert all(getattr(found, field.name) != getattr(Settings(), field.name) for field in fields(Settings))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("selct = []", "x/smtplint.toml: selct: no such setting; did you mean 'select'?"),
        ("fail_on = 'error'", "x/smtplint.toml: fail_on: no such setting; did you mean 'fail-on'?"),
        ("select = 'port-typo'", "x/smtplint.toml: select: 'port-typo' is not a list of rule names"),
        ("select = [1]", "x/smtplint.toml: select: [1] is not a list of rule names"),
        ("fail-on = 'fatal'", "x/smtplint.toml: fail-on: 'fatal' is not one of error, warning, info"),
        ("fail-on = ['error']", "x/smtplint.toml: fail-on: ['error'] is not one of error, warning, info"),
        ("severity = { a = 'bad' }", "x/smtplint.toml: severity: {'a': 'bad'} is not a table of rule = severity"),
        ("per-file-dialects = ['n8n']", "x/smtplint.toml: per-file-dialects: ['n8n'] is not a table of pattern ="),
        ("per-file-dialects = { a = 1 }", "x/smtplint.toml: per-file-dialects: {'a': 1} is not a table of pattern"),
        ("per-file-ignores = { a = 'x' }", "x/smtplint.toml: per-file-ignores: {'a': 'x'} is not a table of pattern"),
        ("ignored-env = 1", "x/smtplint.toml: ignored-env: 1 is not true or false"),
        ("exclude = true", "x/smtplint.toml: exclude: True is not a list of patterns"),
        ("baseline = 1", "x/smtplint.toml: baseline: 1 is not a path"),
        ("folder = 'x'", "x/smtplint.toml: folder: no such setting"),
        ("a = [", "x/smtplint.toml: not TOML: "),
    ],
)
def test_what_is_not_understood_is_named(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse(text, Path("x/smtplint.toml"))
    assert str(error.value).startswith(said)
    assert "\n" not in str(error.value)


def test_a_pyproject_speaks_under_tool() -> None:
    found = parse('[tool.smtplint]\nignore = ["port-typo"]', Path("pyproject.toml"))
    assert found is not None
    assert found.said == {"ignore": ["port-typo"]}
    with pytest.raises(ConfigError, match=r"^pyproject\.toml: tool\.smtplint\.x: no such setting$"):
        parse("[tool.smtplint]\nx = 1", Path("pyproject.toml"))
    with pytest.raises(ConfigError, match=r"tool\.smtplint: not a table"):
        parse("[tool]\nsmtplint = 1", Path("pyproject.toml"))


@pytest.mark.parametrize("text", ["", "[project]\nname = 'x'", "[tool.ruff]", "tool = 1", "this is broken"])
def test_a_pyproject_that_does_not_speak_of_us_is_passed_over(text: str) -> None:
    assert parse(text, Path("pyproject.toml")) is None


def test_a_broken_pyproject_that_speaks_of_us_is_not() -> None:
    with pytest.raises(ConfigError, match="not TOML"):
        parse("[tool.smtplint]\nx = ", Path("pyproject.toml"))


def test_an_empty_selection_is_every_rule() -> None:
    assert Settings().selects("port-typo")
    assert not Settings(select=frozenset({"invalid-port"})).selects("port-typo")
    assert not Settings(select=frozenset({"port-typo"}), ignore=frozenset({"port-typo"})).selects("port-typo")


@pytest.mark.parametrize(
    ("path", "dialect"),
    [
        ("deploy/a.env", "n8n"),
        ("a.env", "n8n"),
        ("b.env", "gitea"),
        ("deploy/web/.env", "django"),
        ("web/app.toml", "django"),
        ("cobweb/app.toml", None),
    ],
)
def test_the_dialect_that_the_user_names(path: str, dialect: str | None) -> None:
    patterns = {"*.env": "gitea", "a.env": "n8n", "web/*": "django"}
    assert Settings(per_file_dialects=patterns).dialect_of(path) == dialect


def test_the_nearest_settings_hold(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "pyproject.toml": "[tool.smtplint]\nfail-on = 'info'",
            "a/pyproject.toml": "[tool.smtplint]\nfail-on = 'error'",
            "a/smtplint.toml": "fail-on = 'warning'\nunsafe-fixes = true",
            "a/b/pyproject.toml": "[project]",
            "c/x.env": "",
        },
    )
    assert settings_for(tmp_path / "a" / "b") == Settings(unsafe_fixes=True, folder=tmp_path / "a")
    assert settings_for(tmp_path / "c" / "x.env").fail_on == "info"


def test_names_are_verified() -> None:
    settings = Settings(ignore=frozenset({"port-typos"}))
    with pytest.raises(ConfigError, match=r"^--ignore: no rule is called 'port-typos'; did you mean 'port-typo'\?$"):
        config.refuse_unknown(settings, None, {"port-typo"}, ())


def test_bytes_that_are_not_text_are_one_line(tmp_path: Path) -> None:
    put(tmp_path, {"smtplint.toml": b"\xff\xfe\x00"})
    with pytest.raises(ConfigError, match=r"smtplint\.toml: .*utf-8"):
        settings_for(tmp_path)


def test_settings_extend_others(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "base.toml": "fail-on = 'error'\nignore = ['port-typo']\nbaseline = 'known.json'",
            "web/pyproject.toml": "[tool.smtplint]\nextend = '../base.toml'\nignore = ['invalid-port']",
        },
    )
    found = settings_for(tmp_path / "web")
    assert found.fail_on == "error"
    assert found.ignore == {"invalid-port"}
    assert found.baseline == tmp_path / "web" / ".." / "known.json" or found.baseline == tmp_path / "known.json"
    assert found.folder == tmp_path / "web"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("extend = 'smtplint.toml'", "leads back to itself"),
        ("extend = 'none.toml'", "no such file"),
        ("extend = 'pyproject.toml'", "says nothing about smtplint"),
    ],
)
def test_what_cannot_be_extended(text: str, said: str, tmp_path: Path) -> None:
    put(tmp_path, {"smtplint.toml": text, "pyproject.toml": "[project]"})
    with pytest.raises(ConfigError, match=said):
        settings_for(tmp_path)


def test_rules_may_be_silent_in_some_files() -> None:
    settings = Settings(ignore=frozenset({"a"}), per_file_ignores={"tests/*": ("b",), "*.env": ("c",)})
    assert settings.in_file("x/tests/y/z.env").ignore == {"a", "b", "c"}
    assert settings.in_file("x.env").ignore == {"a", "c"}
    assert settings.in_file("x.py") is settings
