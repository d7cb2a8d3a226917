"""Facts about single settings, rules that ask for them, and fixes that change one: over tables made for the purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smtplint import dialect
from smtplint.check import check, endpoints
from smtplint.config import Settings
from smtplint.fact import setting_facts
from smtplint.fix import mend
from smtplint.model import Setting
from smtplint.source import Source
from smtplint.table import read_tables
from tests.spelling import Nowhere

SHOP = """
title   = "Shop"
source  = "made for the tests"
formats = ["env", "yaml"]
reads_environment = true
[fields]
host     = "SHOP_HOST"
password = "SHOP_PASS"
[booleans]
true  = ["1"]
other = false
[[encryption]]
means = "implicit"
keys  = { SHOP_SCHEME = "smtps" }
[[encryption]]
means = "none"
keys  = { SHOP_TLS = false }
[[encryption]]
means = "starttls"
[accepts.SHOP_SCHEME]
words = ["smtp", "smtps"]
other = "the program does not start"
meant = { ssl = "smtps" }
[retired]
SHOP_SSL = "SHOP_TLS"
SHOP_OLD = ""
[[ineffective]]
key     = "SHOP_PASS"
because = "no login is made without a user"
keys    = { SHOP_USER = { set = false } }
"""

RIVAL = """
title   = "Rival"
source  = "made for the tests"
formats = ["env", "yaml"]
reads_environment = true
[fields]
host     = "SHOP_HOST"
password = "SHOP_PASS"
[booleans]
true  = ["1"]
other = true
[[encryption]]
means = "none"
keys  = { SHOP_TLS = false, SHOP_SCHEME = { set = false }, SHOP_SSL = true, SHOP_OLD = true }
[[encryption]]
means = "starttls"
[accepts.SHOP_SCHEME]
words = ["smtp", "tls"]
other = "the program does not start"
"""

Use = Callable[..., None]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Iterator[Use]:
    """Lets a test say which tables there are."""

    def only(**texts: str) -> None:
        tables = read_tables(texts)
        monkeypatch.setattr(dialect, "load_dialects", lambda _=(): tables)
        _forget()

    yield only
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    """What was made of other tables."""
    dialect._index.cache_clear()
    dialect.calls.cache_clear()


def _setting(text: str, key: str, path: str = ".env") -> tuple[Setting, dict[str, object]]:
    (endpoint,) = endpoints(Source(path, text), Settings(), Nowhere())
    (setting,) = [s for s in endpoint.settings if s.key == key]
    return setting, dict(setting_facts(endpoint, setting))


@pytest.mark.parametrize(
    ("line", "facts"),
    [
        ("SHOP_SCHEME=ssl", {"unaccepted_value": "ssl", "accepted_word": "smtps"}),
        ("SHOP_SCHEME=SMTP", {"unaccepted_value": "SMTP", "accepted_word": "smtp"}),
        ("SHOP_SCHEME=starttls", {"unaccepted_value": "starttls", "unknown_word_effect": "the program does not start"}),
        ("SHOP_TLS=true", {"plain_meaning": True, "plain_word": "1"}),
        ("SHOP_SSL=1", {"retired_in_favour_of": "SHOP_TLS"}),
        ("SHOP_OLD=1", {"retired_in_favour_of": ""}),
        ("SHOP_PASS=x", {"ineffective_because": "no login is made without a user", "setting_field": "password"}),
    ],
)
def test_a_table_speaks_of_single_settings(use: Use, line: str, facts: dict[str, object]) -> None:
    use(shop=SHOP)
    _, known = _setting(f"SHOP_HOST=mail.example.org\n{line}\n", line.partition("=")[0])
    assert facts.items() <= known.items()


@pytest.mark.parametrize("line", ["SHOP_SCHEME=smtp", "SHOP_SCHEME=", "SHOP_TLS=1", "SHOP_TLS=0", "SHOP_TLS=maybe"])
def test_what_the_product_takes_is_not_remarked_upon(use: Use, line: str) -> None:
    use(shop=SHOP)
    _, known = _setting(f"SHOP_HOST=mail.example.org\n{line}\n", line.partition("=")[0])
    assert not {"unaccepted_value", "plain_meaning", "retired_in_favour_of"} & known.keys()


@pytest.mark.parametrize("line", ["SHOP_SCHEME=ssl", "SHOP_TLS=true", "SHOP_SSL=1", "SHOP_PASS=x"])
def test_only_what_all_possible_products_say_is_known(use: Use, line: str) -> None:
    use(shop=SHOP, rival=RIVAL)
    key, _, _ = line.partition("=")
    _, known = _setting(f"SHOP_HOST=mail.example.org\n{line}\n", key)
    told = {"accepted_word", "plain_meaning", "retired_in_favour_of", "ineffective_because"}
    assert not told & known.keys()
    assert known["setting_key"] == key


def test_a_secret_is_never_a_fact(use: Use) -> None:
    use(shop=SHOP)
    _, known = _setting("SHOP_HOST=mail.example.org\nSHOP_PASS=hunter2\n", "SHOP_PASS")
    assert known["setting_is_secret"] is True
    assert "hunter2" not in map(str, known.values())


RULE = """
summary    = "s"
severity   = "error"
message    = "{setting_key} is wrong"
points_at  = "setting"
references = ["r"]
why        = "w"
"""


@pytest.mark.parametrize(
    ("rule", "path", "bad", "good"),
    [
        (
            '[when]\nunaccepted_value = { set = true }\n[fix]\nset = { setting = "{accepted_word}" }\ntitle = "t"\n',
            ".env",
            "SHOP_HOST=mail.example.org\nSHOP_SCHEME=ssl # note\n",
            "SHOP_HOST=mail.example.org\nSHOP_SCHEME=smtps # note\n",
        ),
        (
            '[when]\nplain_meaning = true\n[fix]\nset = { setting = "{plain_meaning}" }\ntitle = "write {plain_word}"\n',
            "compose.yaml",
            'environment:\n  SHOP_HOST: mail.example.org\n  SHOP_TLS: "true"\n',
            'environment:\n  SHOP_HOST: mail.example.org\n  SHOP_TLS: "1"\n',
        ),
        (
            '[when]\nretired_in_favour_of = { set = true }\n[fix]\nrename = "{retired_in_favour_of}"\ntitle = "t"\n',
            ".env",
            "SHOP_SSL=0\nSHOP_HOST=mail.example.org\n",
            "SHOP_TLS=0\nSHOP_HOST=mail.example.org\n",
        ),
        (
            '[when]\nretired_in_favour_of = ""\n[fix]\nremove = true\ntitle = "remove {setting_key}"\n',
            "compose.yaml",
            "environment:\n  - SHOP_HOST=mail.example.org\n  - SHOP_OLD=1\n",
            "environment:\n  - SHOP_HOST=mail.example.org\n",
        ),
    ],
)
def test_a_fix_changes_one_setting(use: Use, tmp_path: Path, rule: str, path: str, bad: str, good: str) -> None:
    use(shop=SHOP)
    (tmp_path / "mine.toml").write_text(f'{RULE}{rule}[[example]]\npath = ".env"\ngood = ""\n')
    settings = Settings(select=frozenset({"mine"}), rules=(tmp_path,))
    source = Source(path, bad)
    (finding,) = check(source, settings, Nowhere())
    assert finding.setting is not None
    assert finding.message == f"{finding.setting.key} is wrong"
    mended = mend(source, [finding], settings, Nowhere(), unsafe=True)
    assert not mended.failed
    assert mended.source.text == good
