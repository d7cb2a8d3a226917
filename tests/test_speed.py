"""What makes smtplint fast must not change what it says: spreading over processes, and not parsing what cannot matter."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from smtplint import check, spread
from smtplint.config import Settings
from smtplint.sieve import may_configure
from smtplint.source import Source
from tests.invoke import put, smtplint
from tests.spelling import Nowhere


@pytest.mark.parametrize(
    "text",
    [
        "def show(user):\n    return user.email, user.host\n",
        "from django.core import mail\n\nassert len(mail.outbox) == 1\nhost = 'x'\n",
        "emails = ['a@example.org']\nfor email in emails:\n    print(email)\n",
        "import html\nemail_text = html.escape(message)\n",
        "def connect(use_ssl=True):\n    use_tls = False\n",
    ],
)
def test_code_that_speaks_of_mail_in_passing_is_not_parsed(text: str) -> None:
    assert not may_configure(text, "python")


@pytest.mark.parametrize(
    "text",
    [
        "from smtplib import SMTP as S\n",
        "EMAIL_HOST = 'x'\n",
        "class Mail(BaseSettings):\n    host: str\n    model_config = {'env_prefix': 'SMTP_'}\n",
        "with env.prefixed('EMAIL_'):\n    h = env('HOST')\n",
        "OPTIONS = {'mail.host': 'x'}\n",
        "OPTIONS = {'mail': {'host': 'x'}}\n",
        "from django.core.mail import get_connection\n",
        "class email:\n    server = dict(SERVER='x')\n",
        "app.config['mail']['host'] = 'x'\n",
        "config['mail'].update(host='x')\n",
        "settings.MAIL = dict(host='x')\n",
        "DATA_CONTEXT = {'action': {'use_ssl': True, 'sender_login': 'x'}}\n",
    ],
)
@pytest.mark.parametrize("padding", ["", "UNRELATED = 1\n" * 2_000], ids=["short", "long"])
def test_code_that_may_configure_mail_is(text: str, padding: str) -> None:
    assert may_configure(text + padding, "python")


@pytest.mark.parametrize(
    "text",
    [
        '"""\nNAME\n    smtplib.SMTP: EMAIL_HOST = mail.example.org\n"""\n',
        "SCHEMA = {'smtp_server': {'type': 'str'}, 'mail': {'host': {'type': 'str'}}}\n",
        "# from smtplib import SMTP\n",
        "FIELDS = {'email': 'a@example.org', 'server': {'type': 'str'}}\nserver = FIELDS['server']\n",
        "class A:\n    def __init__(self, mail, host):\n        self.mail_server = mail(host)\n",
    ],
    ids=["prose", "a schema", "a comment", "names beside each other", "attributes"],
)
def test_a_long_module_that_only_tells_of_mail_is_not_parsed_for_editing(text: str) -> None:
    assert not may_configure(text + "UNRELATED = 1\n" * 2_000, "python")


def test_a_long_module_that_is_broken_is_still_looked_at() -> None:
    assert may_configure("EMAIL_HOST = (\n" + "UNRELATED = 1\n" * 2_000, "python")


def test_a_run_over_processes_says_what_one_process_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = {f"{n:03}/settings.py": "DEBUG = True\n" for n in range(300)}
    bad = {f"{n:03}/settings.py": f'EMAIL_HOST = "h{n}.example.org"\nEMAIL_PORT = 465\n' for n in range(0, 300, 7)}
    put(tmp_path, good | bad)
    monkeypatch.setattr(spread, "_may_fork", lambda: False)
    alone = smtplint(".", "--output-format", "json", folder=tmp_path)
    monkeypatch.setattr(spread, "_may_fork", lambda: True)
    monkeypatch.setattr(spread, "_processors", lambda: 3)
    assert smtplint(".", "--output-format", "json", folder=tmp_path) == alone
    assert alone.stdout.count("starttls-on") + alone.stdout.count("cleartext-on") >= len(bad)


def test_files_are_reported_by_name_in_whatever_order_they_were_found(tmp_path: Path) -> None:
    names = ["b/.env", "a/z/.env", "a/.env", "c.env", "a.env"]
    put(tmp_path, dict.fromkeys(names, "EMAIL_HOST=smtp.gmail.com\nEMAIL_PORT=465\nEMAIL_USE_TLS=true\n"))
    found = json.loads(smtplint("b", ".", "--output-format", "json", folder=tmp_path).stdout)["findings"]
    assert list(dict.fromkeys(one["path"] for one in found)) == sorted(names)


def _pids(portion: Sequence[int]) -> list[tuple[int, int]]:
    return [(number, os.getpid()) for number in portion]


def _deadly(portion: Sequence[int]) -> list[int]:
    if 100 in portion and os.getpid() != _PARENT:
        os.kill(os.getpid(), signal.SIGKILL)
    return list(portion)


_PARENT = os.getpid()


@pytest.fixture
def forks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "_may_fork", lambda: True)
    monkeypatch.setattr(spread, "_processors", lambda: 3)


@pytest.mark.usefixtures("forks")
def test_results_come_in_order_and_from_several_processes() -> None:
    told = [(number, pid) for _, found in spread.over(_pids, range(500)) for number, pid in found]
    assert [number for number, _ in told] == list(range(500))
    assert os.getpid() not in {pid for _, pid in told}


@pytest.mark.usefixtures("forks")
def test_what_a_killed_process_left_is_done_by_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}._PARENT", os.getpid())
    assert [n for _, found in spread.over(_deadly, range(500)) for n in found] == list(range(500))


@pytest.mark.usefixtures("forks")
def test_nothing_runs_on_when_all_is_told() -> None:
    """A pool that is still closing when Python ends may print a traceback of its own."""
    before = set(threading.enumerate())
    assert len(list(spread.over(_pids, range(500)))) > 1
    assert set(threading.enumerate()) == before


@pytest.mark.usefixtures("forks")
def test_few_things_stay_in_one_process() -> None:
    assert {pid for _, found in spread.over(_pids, range(spread.ENOUGH - 1)) for _, pid in found} == {os.getpid()}


def test_a_file_whose_dialect_is_named_is_always_parsed() -> None:
    """Its names may mean nothing to anybody who has not been told."""
    source = Source("report.py", "ACTION = {'use_ssl': True, 'use_tls': False}\n")
    assert not may_configure(source.text, "python")
    assert check.endpoints(source, Settings(), Nowhere()) == ()
    (told,) = check.endpoints(source, Settings(per_file_dialects={"report.py": "great-expectations"}), Nowhere())
    assert told.dialect == "great-expectations"
