"""No secret leaves: a password of its own in every dialect and format, and a search in all that any command says or writes."""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from smtplint.masking import _PATTERNS, _SHAPES, _may_fit
from smtplint.report import OUTPUTS
from smtplint.table import NEVER, Dialect, load_dialects
from tests.invoke import put, smtplint
from tests.spelling import file_name, render

CORPUS = Path(__file__).parent / "corpus"
_PLANTED = re.compile(r"Zq\d{5}[Xx]k9")
_numbers = itertools.count()


def _secret() -> str:
    """Unlike any other, of a shape that no rule takes for a stand-in, and that would do in a URL as it is."""
    return f"Zq{next(_numbers):05}Xk9vB7"


def _own(keys: tuple[str, ...]) -> str | None:
    return next((key for key in keys if not key.startswith(NEVER)), None)


def _in_every_dialect() -> Iterator[tuple[str, str]]:
    for number, dialect in enumerate(load_dialects().values()):
        name = dialect.formats[number % len(dialect.formats)]
        text = _text(dialect, name)
        if text is not None:
            yield f"{dialect.name}-{name}/{file_name(name)}", text


def _text(dialect: Dialect, name: str) -> str | None:
    """The password stands beside a port that is mistyped, so that it is among the lines that a report shows."""
    keys = {field: _own(dialect.fields.get(field, ())) for field in ("host", "port", "password", "username")}
    values = {"host": "mail.example.net", "port": 567, "password": _secret(), "username": "me"}
    given: dict[str, object] = {key: values[field] for field, key in keys.items() if key is not None}
    try:
        return render(dialect, name, given) if keys["password"] is not None else None
    except (KeyError, ValueError):
        return None


def _by_hand() -> dict[str, str]:
    url = f"smtps://me:{_secret()}@mail.example.net:567"
    encoded = base64.b64encode(_secret().encode()).decode()
    return {
        "hand/.env": f"MAIL_URL={url}\nSMTP_HOST={url}\n# SMTP_PASSWORD={_secret()}\nSMTP_PORT=567\nSMTP_PASS='{_secret()}\n",
        "hand/broken.yaml": f"smtp:\n  password: {_secret()}\n port: [567\n",
        "hand/broken.toml": f'[smtp]\npassword = "{_secret()}\nport = 567\n',
        "hand/broken.py": f'EMAIL_HOST = "x"\nEMAIL_HOST_PASSWORD = "{_secret()}\nEMAIL_PORT = 567\n',
        "hand/wide.env": f"SMTP_PASSWORD={_secret()}\nSMTP_HOST=mail.example.net\nSMTP_PORT=567\n\0",
        "hand/send.py": (
            "import smtplib\n\n"
            f"PASSWORD = ('{_secret()}'\n            '{_secret()}')\n\n"
            f"def send():\n    s = smtplib.SMTP('mail.example.net', 567)\n    s.login('me', '{_secret()}')\n"
            f"    s.login('me',\n            password='{_secret()}')\n"
        ),
        "hand/compose.yaml": (
            "services:\n  web:\n    image: n8nio/n8n\n    environment:\n      - N8N_SMTP_HOST=mail.example.net\n"
            f"      - N8N_SMTP_PASS={_secret()}\n      - N8N_SMTP_PORT=567\n      - N8N_SMTP_USER=me\n"
            f"      - SMTP_URL=smtp://me:{_secret()}@mail.example.net:567\n"
        ),
        "hand/k8s.yaml": (
            "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ndata:\n"
            f"  SMTP_HOST: bWFpbC5leGFtcGxlLm5ldA==\n  SMTP_PORT: NTY3\n  SMTP_PASSWORD: {encoded}\n"
            f"stringData:\n  application.yml: |\n    spring:\n      mail:\n        host: mail.example.net\n"
            f"        password: {_secret()}\n        port: 567\n"
        ),
        "hand/play.yml": (
            "- hosts: all\n  tasks:\n    - community.general.mail:\n        host: mail.example.net\n"
            f"        password: {_secret()}\n        port: 567\n        username: me\n"
        ),
        "hand/.github/workflows/mail.yml": (
            "on: push\njobs:\n  a:\n    steps:\n      - uses: dawidd6/action-send-mail@v3\n        with:\n"
            f"          server_address: mail.example.net\n          password: {_secret()}\n          server_port: 567\n"
        ),
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = dict(_in_every_dialect()) | _by_hand()
    assert len(files) > 250
    put(tmp_path, files)
    return tmp_path


@pytest.fixture
def smaller(tmp_path: Path) -> Path:
    """For what looks at each file several times."""
    put(tmp_path, dict(itertools.islice(_in_every_dialect(), 0, None, 4)) | _by_hand())
    return tmp_path


def _leaks(folder: Path, *arguments: str, written: str = "said.") -> list[str]:
    """The lines of all that the command said, and of what it wrote besides the files it was given, that hold a secret."""
    result = smtplint(*arguments, folder=folder)
    assert result.code in (0, 1), result.stderr[-2000:]
    texts = [result.stdout, result.stderr, *(p.read_text("utf-8") for p in folder.glob(f"{written}*"))]
    assert any(texts)
    return [line[:200] for text in texts for line in text.splitlines() if _holds(line)]


def _holds(line: str) -> bool:
    decoded = [base64.b64decode(word + "==").decode("latin-1") for word in re.findall(r"WnE[A-Za-z0-9+/]{10,}", line)]
    return any(_PLANTED.search(text) for text in (line, *decoded))


def test_no_output_holds_one(folder: Path) -> None:
    outputs = [f"--output-format={name}=said.{name}" for name in OUTPUTS]
    assert _leaks(folder, "-v", "--statistics", *outputs, ".") == []
    assert "567" in (folder / "said.text").read_text("utf-8")


def test_no_difference_holds_one(smaller: Path) -> None:
    assert _leaks(smaller, "--diff", "--unsafe-fixes", ".") == []


def test_what_smtplint_believes_holds_none(folder: Path) -> None:
    assert _leaks(folder, "facts", ".") == []


def test_no_baseline_holds_one(folder: Path) -> None:
    for more in ("--write-baseline", "--quiet"):
        assert _leaks(folder, "--baseline", "known.json", more, ".", written="known.") == []


def test_no_comment_that_is_written_holds_one(smaller: Path) -> None:
    before = {path: path.read_text("utf-8").count("Xk9") for path in smaller.rglob("*") if path.is_file()}
    assert _leaks(smaller, "--add-ignores", ".") == []
    assert {path: path.read_text("utf-8").count("Xk9") for path in before} == before


def test_fixing_tells_none(smaller: Path) -> None:
    assert _leaks(smaller, "--fix", "--unsafe-fixes", ".") == []


_START = "EMAIL_HOST=mail.kaffee.org\nEMAIL_PORT=567\nEMAIL_USE_TLS=True\n"
ODD = {
    "a comment behind a value": "EMAIL_HOST_USER=me  # pw {}\n",
    "a comment above": "# the old password is {}\n",
    "another word order": "PASSWORD_SMTP={}\n",
    "a word apart": "SMTP_PASS_WORD={}\n",
    "a short word": "SMTP_PSWD={}\n",
    "a slip": "EMAIL_HOST_PASWORD={}\n",
    "another slip": "EMAIL_HOST_PASSWROD={}\n",
    "no sign": "EMAIL_HOST_PASSWORD {}\n",
    "behind the quotes": "EMAIL_HOST_PASSWORD=''{}\n",
    "a bearer": "SMTP_BEARER={}\n",
    "the same line": "EMAIL_TIMEOUT=9 EMAIL_HOST_PASSWORD={}\n",
    "a pair before localhost": "SMTP_HOST=me:{}@localhost\n",
}


@pytest.mark.parametrize("secret", ["kaffee-wagen", "Qz7Rk2mVw9Lx"])
@pytest.mark.parametrize("odd", ODD)
def test_a_secret_in_an_odd_place_is_not_shown(odd: str, secret: str, tmp_path: Path) -> None:
    put(tmp_path, {".env": _START + ODD[odd].format(secret)})
    for arguments in ((), ("--output-format", "json"), ("--diff", "--unsafe-fixes"), ("facts", ".")):
        result = smtplint(*arguments, folder=tmp_path)
        assert secret not in result.stdout + result.stderr, arguments


@pytest.mark.parametrize(
    "text",
    [
        "EMAIL_PORT={}\n",
        "EMAIL_HOST=mail.kaffee.org:{}\n",
        "EMAIL_PORT=567 # smtplint: ignore[{}]\n",
        "# {}\nEMAIL_PORT=567\n",
    ],
)
def test_what_can_only_be_a_secret_is_one_wherever_it_stands(text: str, tmp_path: Path) -> None:
    secret = "Qz7Rk2mVw9Lx"
    put(tmp_path, {".env": _START + text.format(secret)})
    for arguments in ((), ("--output-format", "sarif"), ("--diff", "--unsafe-fixes"), ("facts", ".")):
        result = smtplint(*arguments, folder=tmp_path)
        assert secret not in result.stdout + result.stderr, arguments


@pytest.mark.parametrize("file", sorted(f for f in CORPUS.rglob("*") if f.is_file()), ids=lambda f: f.name)
def test_what_a_pattern_needs_stands_wherever_it_fits(file: Path) -> None:
    """Patterns are passed over where a part of them is not in the text: that must never leave anything to read."""
    for line in file.read_text("utf-8", "replace").splitlines(keepends=True):
        _needed_where_it_fits(line)


@pytest.mark.parametrize(
    "text",
    [
        "pasw = 'x'\n", "PSWD: x\n", "pw x\n", "# the api-key abc\n", 'f("signing_key",\n  default="x")\n', "s.login(a, 'b')\n",
        "s.auth(a, 'b')\n", "s.pass_('b')\n", "credentials=(a, 'b')\n", "- name: TOKEN\n  value: x\n", "value: x, name: pwd\n",
        "secret: |\n  x\n", "secret: >\n  x\n", "bearer=(\n'x'\n)\n", "smtp://a:b@c.d\n", "a:b@c.d\n", "AKIAABCDEFGHIJKLMNOP\n",
        "xsmtpsib-0123456789abcdef\n", "SG.abcdefgh.0123456789abcdef\n", "aB3dE5fG7hI9\n", "pa\u017f\u017fword=x\n",
    ],
)  # fmt: skip
def test_each_pattern_is_asked_for_what_it_fits(text: str) -> None:
    assert _needed_where_it_fits(text) > 0


def _needed_where_it_fits(text: str) -> int:
    """How many patterns fit; each of them must be among those that are tried."""
    fitting = [p for _, p in (*_PATTERNS, *_SHAPES) if re.search(p, text, re.IGNORECASE | re.MULTILINE)]
    assert set(fitting) <= set(_may_fit(text, (*_PATTERNS, *_SHAPES)))
    return len(fitting)
