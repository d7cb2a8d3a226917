"""What readers of files do to values, and what people write into values by mistake."""

from __future__ import annotations

import pytest

from smtplint.format import Wanted, load
from smtplint.reader import cut_userinfo, of_env_file, readers, swallowed_name, unquoted
from smtplint.source import Source
from smtplint.standin import is_placeholder
from tests.test_dialects import Folder


def test_the_table_is_sound() -> None:
    assert list(readers()) == sorted(readers())
    for name, reader in readers().items():
        assert len(reader.source) > 8, name
        assert not reader.expands or reader.escape, name


@pytest.mark.parametrize(
    ("written", "reader", "name"),
    [
        ("not$real", "compose", "real"),
        ("'not$real'", "compose", "real"),
        ("'not$real'", "compose-env-file", None),
        ('"not$real"', "compose-env-file", "real"),
        ("'not$real'", "dotenv-expand", "real"),
        ("'not$real'", "ruby-dotenv", None),
        ("not$real", "phpdotenv", None),
        ("not$real", "kubernetes", None),
        ("not$$real", "compose", None),
        ("not$$$real", "compose", "real"),
        ("not\\$real", "dotenv-expand", None),
        ("$real", "compose", None),
        ("not$REAL_NAME", "compose", None),
        ("a$F#4", "compose", "F"),
        ("not${real}", "compose", None),
        ("5$1", "compose", None),
        ("end$", "compose", None),
        ("not$(real)", "compose", None),
        ("{{ x }}$real", "compose", None),
    ],
)
def test_a_name_that_is_swallowed(written: str, reader: str, name: str | None) -> None:
    assert swallowed_name(written, readers()[reader]) == name


@pytest.mark.parametrize(
    ("value", "inner"),
    [
        ('"a"', "a"),
        ("'a'", "a"),
        ("a", None),
        ('"a', None),
        ("\"a'", None),
        ('""', None),
        ('"a" "b"', None),
        ('"Shop" <shop@example.org>', None),
    ],
)
def test_quotes_that_are_part_of_a_value(value: str, inner: str | None) -> None:
    assert unquoted(value) == inner


@pytest.mark.parametrize(
    ("url", "cut"),
    [
        ("smtp://me:a/b@mail.example.org:587", "/"),
        ("smtp://me:a#b@mail.example.org", "#"),
        ("smtps://me@example.org:a?b@mail.example.org:465/?x=1", "?"),
        ("smtp://me:a/b/c@[::1]:25", "/"),
        ("smtp://me:a%2Fb@mail.example.org:587", None),
        ("smtp://me:a@b@mail.example.org:587", None),
        ("smtp://mail.example.org:587/?from=me@example.org", None),
        ("smtp://mail.example.org?from=me@example.org", None),
        ("smtp://mail.example.org:port/path", None),
        ("smtp://${USER}:${PASSWORD}/x@mail.example.org:587", None),
        ("mail.example.org:587", None),
    ],
)
def test_a_url_that_is_cut_in_its_password(url: str, cut: str | None) -> None:
    assert cut_userinfo(url) == cut


@pytest.mark.parametrize(
    "value", ["<your-host>", "changeme", "CHANGE_ME", "your-email@gmail.com", "your_smtp_host", "xxxx", "TODO"]
)
def test_placeholders(value: str) -> None:
    assert is_placeholder(value, host=False) == ("@" not in value)


@pytest.mark.parametrize("value", ["smtp.example.com", "example.com", "mail.yourdomain.tld"])
def test_hosts_that_are_placeholders(value: str) -> None:
    assert is_placeholder(value, host=True)
    assert not is_placeholder(value, host=False)


@pytest.mark.parametrize(
    "value", ["", "mail", "smtp.gmail.com", "yourls.internal", "me", "apikey", "exchange.example.net", "a<b>c"]
)
def test_what_may_be_meant(value: str) -> None:
    assert not is_placeholder(value, host=True)


@pytest.mark.parametrize(
    ("text", "files", "reader"),
    [
        ("A=1\n", {}, ""),
        ("A=1\nNEXT_PUBLIC_URL=x\n", {}, "dotenv-expand"),
        ("A=1\n", {"package.json": '{"dependencies": {"next": "15.0.0"}}'}, "dotenv-expand"),
        ("A=1\n", {"package.json": '{"dependencies": {"nextjs-toast": "1", "dotenv": "16"}}'}, ""),
        ("A=1\n", {"composer.json": '{"require": {"laravel/framework": "^12"}}'}, "phpdotenv"),
        ("A=1\n", {"composer.json": '{"require": {"symfony/runtime": "7"}}'}, "symfony-dotenv"),
        ("A=1\n", {"Gemfile": "gem 'dotenv-rails'\n"}, "ruby-dotenv"),
        ("A=1\n", {"Gemfile": "gem 'dotenv'\n", "package.json": '{"devDependencies": {"next": "15"}}'}, ""),
    ],
)
def test_the_project_tells_who_reads_a_bare_file(text: str, files: dict[str, str], reader: str) -> None:
    assert of_env_file(load("env").read(Source(".env", text), Wanted()), Folder(files)) == reader
