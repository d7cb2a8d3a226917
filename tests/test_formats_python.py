"""What Python says, where it says it, and what becomes of it when it is edited."""

from __future__ import annotations

import pytest

from smtplint.format import Entry, Literal, Name, Opaque, Reference, Scalar, Value, Wanted
from smtplint.formats import python
from smtplint.source import Source, Unreadable, apply

WANTED = Wanted(
    frozenset(
        {
            "smtplib.SMTP",
            "smtplib.SMTP_SSL",
            "aiosmtplib.SMTP",
            "logging.handlers.SMTPHandler",
            "fastapi_mail.ConnectionConfig",
        }
    )
)

OPEN = Opaque()


def _source(text: str) -> Source:
    return Source("file.py", text)


def _read(text: str) -> tuple[Entry, ...]:
    return python.read(_source(text), WANTED)


def _values(text: str) -> dict[str, Value]:
    return {entry.path: entry.value for entry in _read(text)}


def _entry(text: str, path: str) -> Entry:
    return next(entry for entry in _read(text) if entry.path == path)


def _known(text: str, path: str) -> object:
    """The value of an entry: a scalar, `…` if it cannot be known, else itself."""
    value = _values(text).get(path)
    if isinstance(value, Literal):
        return value.value
    return ... if isinstance(value, Opaque) else value


def _default(text: str, path: str = "X") -> tuple[str, object]:
    """Name and default of a reference; `…` without a default."""
    value = _values(text)[path]
    assert isinstance(value, Reference), value
    default = value.default
    return value.name, default.value if isinstance(default, Literal) else ...


# --- values

LITERALS: list[tuple[str, Scalar]] = [
    ("465", 465),
    ("0x1D1", 465),
    ("1_000", 1000),
    ("-1", -1),
    ("(587)", 587),
    ("2.5", 2.5),
    ("True", True),
    ("None", None),
    ("'it'", "it"),
    ('"a\\tb"', "a\tb"),
    ("r'a\\b'", "a\\b"),
    ("u'é'", "é"),
    ('"""é\n✉"""', "é\n✉"),
    ("'a' 'b'", "ab"),
    ("'a' + \"b\"", "ab"),
    ("('a'\n     'b')", "ab"),
    ("int('25')", 25),
    ("str(25)", "25"),
    ("bool('False')", True),
    ("60 * 5", 300),
    ("not True", False),
    ("587 if DEBUG else 587", 587),
    ("'' or 'b'", "b"),
    ("f'a'", "a"),
]


@pytest.mark.parametrize(("text", "value"), LITERALS)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_literals(text: str, value: Scalar, line_end: str) -> None:
    module = f"é = 1{line_end}X = {text}  # note{line_end}"
    entry = _entry(module, "X")
    assert isinstance(entry.value, Literal)
    assert repr(entry.value.value) == repr(value)
    assert repr(python.decode(_source(module).at(entry.span))) == repr(value)
    assert entry.content is None or _source(module).at(entry.content) == value


UNKNOWN = [
    "f()",
    "b'bytes'",
    "f'{x}'",
    "'a' % b",
    "587 if DEBUG else 25",
    "settings.PORT",
    "ports[0]",
    "lambda: 1",
    "[p for p in q]",
    "1j",
    "...",
    "'x' * 1000000",
    "a + b",
    "await_()",
    "smtplib.SMTP_SSL_PORT",
]


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_is_no_value_is_unknown(text: str) -> None:
    assert _known(f"import settings, smtplib\nX = {text}\n", "X") is ...


REFERENCES: list[tuple[str, str, object]] = [
    ("os.environ['E']", "E", ...),
    ("os.environ.get('E')", "E", ...),
    ("os.environ.get('E', 25)", "E", 25),
    ("os.getenv('E', default='25')", "E", "25"),
    ("getenv('E', '25')", "E", "25"),
    ("env('E', '25')", "E", "25"),
    ("int(os.environ.get('E', '25'))", "E", 25),
    ("int(os.environ.get('E', 'x'))", "E", ...),
    ("int(os.environ['E'])", "E", ...),
    ("int(os.environ.get('E') or 25)", "E", 25),
    ("os.environ.get('E', '') or 'h'", "E", "h"),
    ("os.environ.get('E', 'g') or 'h'", "E", "g"),
    ("bool(os.environ.get('E'))", "E", False),
    ("bool(os.environ.get('E', 'False'))", "E", True),
    ("os.environ.get('E', 'True') == 'True'", "E", True),
    ("os.environ['E'] == 'True'", "E", ...),
    ("os.environ.get('E', 'no').lower() in ('yes', 'true')", "E", False),
    ("os.environ.get('E') is not None", "E", False),
    ("not os.environ.get('E')", "E", True),
    ("os.environ.get('E', False).lower() == 'true'", "E", ...),
    ("bool(strtobool(os.getenv('E', 'on')))", "E", True),
    ("denv('E', default=25)", "E", 25),
    ("denv('E', int, 25)", "E", 25),
    ("denv.int('E', 25)", "E", 25),
    ("denv.bool('E', default=False)", "E", False),
    ("denv.email_url('E', default='smtp://h')", "E", "smtp://h"),
    ("denv.email_url()", "EMAIL_URL", ...),
    ("config('E', default='False', cast=bool)", "E", False),
    ("config('E', 25, int)", "E", 25),
    ("star('E', cast=bool, default='true')", "E", True),
    ("account.port or 587", "account.port", 587),
    ("getattr(settings, 'PORT', 25)", "settings.PORT", 25),
    ("options.get('port', 25)", "options.port", 25),
    ("os.environ.get(key='E', default='x')", "E", "x"),
    ("os.environ.get(PREFIX + '_E', 'x')", "MAIL_E", "x"),
    ("os.getenv(f'{PREFIX}_E', 'x')", "MAIL_E", "x"),
    ("int(os.environ['E']) if os.environ.get('E') else 25", "E", 25),
    ("os.environ['E'] if 'E' in os.environ else 'x'", "E", "x"),
    ("True if os.getenv('E') == 'true' else False", "E", False),
    ("465 if os.getenv('E') else 587", "E", ...),
    ("'E' in os.environ", "E", False),
    ("os.getenv('E', 'True') in (True, 'True')", "E", True),
    ("os.getenv('E', 'yes').lower() in WORDS", "E", True),
    ("json.loads(os.getenv('E', 'false'))", "E", False),
    ("ast.literal_eval(os.getenv('E', 'False'))", "E", False),
    ('f\'smtp.{os.getenv("E", "x")}.org\'', "E", "smtp.x.org"),
    ("denv('PORT')", "PORT", 25),
    ("star.get('E', default='x')", "E", "x"),
    ("dotenv['E']", "E", ...),
    ("dotenv.get('E', 'x')", "E", "x"),
    ("both['E']", "E", ...),
]

_IMPORTS = """\
import ast, json, os, environ
from dotenv import dotenv_values
from os import getenv
from distutils.util import strtobool
from decouple import config
from starlette.config import Config
env = os.environ.get
denv = environ.Env(DEBUG=(bool, False), PORT=(int, 25))
star = Config('.env')
dotenv = dotenv_values('.env')
both = {**dotenv_values('.env'), **os.environ}
PREFIX = 'MAIL'
WORDS = ('1', 'yes')
"""


@pytest.mark.parametrize(("text", "name", "default"), REFERENCES)
def test_references(text: str, name: str, default: object) -> None:
    found = _default(f"{_IMPORTS}X = {text}\n")
    assert (found[0], repr(found[1])) == (name, repr(default))


ARRIVING: list[tuple[str, str]] = [
    ("os.environ['E']", "text"),
    ("os.environ.get('E', False)", "text"),
    ("os.environ.get('E') or True", "text"),
    ("os.environ.get('E', '').strip()", "text"),
    ("str(os.environ.get('E'))", "text"),
    ("bool(os.environ.get('E'))", "truth"),
    ("os.environ.get('E') is not None", "presence"),
    ("'E' in os.environ", "presence"),
    ("True if os.environ.get('E') else False", "text"),
    ("os.environ.get('E') == 'True'", ""),
    ("int(os.environ.get('E', 0))", ""),
    ("bool(int(os.environ.get('E', 0)))", ""),
    ("json.loads(os.environ['E'])", ""),
    ("denv('E')", "text"),
    ("denv('E', default='x')", "text"),
    ("denv('E', default=False)", ""),
    ("denv('E', cast=bool)", ""),
    ("denv('DEBUG')", ""),
    ("denv.bool('E')", ""),
    ("denv.str('E')", "text"),
    ("config('E', default=False)", "text"),
    ("config('E', default=False, cast=bool)", ""),
    ("star('E', default='x')", "text"),
    ("star('E', bool)", ""),
    ("dotenv['E']", "text"),
    ("account.port or 587", ""),
]


@pytest.mark.parametrize(("text", "arrives"), ARRIVING)
def test_what_is_left_of_the_text_of_a_variable(text: str, arrives: str) -> None:
    value = _values(f"{_IMPORTS}X = {text}\n")["X"]
    assert isinstance(value, Reference)
    assert value.arrives == arrives


def test_the_default_of_a_reference_stands_where_it_is_written() -> None:
    text = _IMPORTS + "X = int(os.environ.get('E', '25'))\n"
    value = _entry(text, "X").value
    assert isinstance(value, Reference)
    assert value.span
    assert _source(text).at(value.span) == "'25'"


@pytest.mark.parametrize("text", ["bool(os.getenv('E', 'True'))", "os.getenv('E', 'True') == 'True'"])
def test_a_default_that_is_made_into_something_else_is_not_to_be_edited(text: str) -> None:
    value = _entry(f"import os\nX = {text}\n", "X").value
    assert isinstance(value, Reference)
    assert value.span is None


# --- names

FOLLOWED: list[tuple[str, object]] = [
    ("PORT = 587\nX = {'p': PORT}\n", 587),
    ("PORT = 587\nPORT = 25\nX = {'p': PORT}\n", ...),
    ("PORT = 587\nPORT += 1\nX = {'p': PORT}\n", ...),
    ("for PORT in (25, 587): pass\nX = {'p': PORT}\n", ...),
    ("PORT = 587\ndef f():\n    global PORT\n    PORT = 25\nX = {'p': PORT}\n", ...),
    ("PORT = 587\nif (PORT := 25): pass\nX = {'p': PORT}\n", ...),
    ("PORT, HOST = 587, 'h'\nX = {'p': PORT}\n", 587),
    ("A = 587\nB = A\nX = {'p': B}\n", 587),
    ("A = B\nB = A\nX = {'p': B}\n", ...),
    ("class C:\n    PORT = 587\nX = {'p': PORT}\n", None),
    ("class C:\n    PORT = 587\nX = {'p': C.PORT}\n", 587),
    ("class C:\n    PORT = 587\nc = C()\nX = {'p': c.PORT}\n", 587),
    ("class C:\n    PORT = 587\nclass D(C):\n    pass\nX = {'p': D.PORT}\n", 587),
    ("class C:\n    PORT = 587\nclass D(C):\n    PORT = 25\nX = {'p': D.PORT}\n", 25),
    ("class C:\n    PORT = 587\nclass D(B, C):\n    pass\nX = {'p': D.PORT}\n", ...),
    ("class C:\n    PORT = 587\nC.PORT = 25\nc = f(C)\nX = {'p': c.PORT}\n", ...),
    ("a = b.x\nb = a.y\nX = {'p': a.y}\n", ...),
    ("S = ('h', 587)\nX = {'p': S[1]}\n", 587),
    ("S = ('h', *r)\nX = {'p': S[1]}\n", ...),
    ("S = {'m': {'port': 587}}\nX = {'p': S['m']['port']}\n", 587),
    ("S = {'port': 587, **r}\nX = {'p': S['port']}\n", ...),
    ("H = 'example.org'\nX = {'p': f'smtp.{H}'}\n", "smtp.example.org"),
    ("H = 'example.org'\nX = {'p': 'smtp.' + H}\n", "smtp.example.org"),
    ("H = 'example.org'\nX = {'p': 'smtp.%s' % H}\n", "smtp.example.org"),
    ("H = 'example.org'\nX = {'p': 'smtp.{}'.format(H)}\n", "smtp.example.org"),
    ("H = 'example.org'\nX = {'p': f'{H:>20}'}\n", ...),
    ("P = 587\nX = {'p': P == 587}\n", True),
    ("DEBUG = True\nX = {'p': not DEBUG}\n", ...),
    ("DEBUG = True\nX = {'p': 25 if DEBUG else 587}\n", ...),
    ("A = B = 587\nX = {'p': A if DEBUG else B}\n", 587),
    ("from config import PORT\nX = {'p': PORT}\n", ...),
]


@pytest.mark.parametrize(("text", "value"), FOLLOWED)
def test_names_bound_once_are_followed(text: str, value: object) -> None:
    assert _known(text, "X.p") == (... if value is None else value)


def test_a_followed_value_is_shown_where_it_is_written() -> None:
    text = "import smtplib\nPORT = 587\ns = smtplib.SMTP('h', PORT)\n"
    entry = _entry(text, "smtplib.1")
    assert (_source(text).at(entry.span), entry.also and _source(text).at(entry.also)) == ("587", "PORT")


def test_parameters_are_references() -> None:
    text = "import smtplib\ndef f(host, port=587):\n    smtplib.SMTP(host, port)\n"
    assert _known(text, "smtplib.0") is ...
    assert _default(text, "smtplib.1") == ("port", 587)


def test_a_parameter_that_is_assigned_again_is_unknown() -> None:
    text = "import smtplib\ndef f(port=587):\n    port = port + 1\n    smtplib.SMTP('h', port)\n"
    assert _known(text, "smtplib.1") is ...


def test_attributes_of_self_are_followed() -> None:
    text = (
        "import smtplib\nclass M:\n    def __init__(self, port=587):\n        self.port = port\n        self.host = 'h'\n"
        "    def send(self):\n        smtplib.SMTP(self.host, self.port)\n"
    )
    assert _known(text, "smtplib.0") == "h"
    assert _default(text, "smtplib.1") == ("port", 587)


# --- settings

SETTINGS: list[tuple[str, str, object]] = [
    ("EMAIL_PORT = 465\n", "EMAIL_PORT", 465),
    ("EMAIL_PORT: int = 465\n", "EMAIL_PORT", 465),
    ("A = EMAIL_PORT = 465\n", "EMAIL_PORT", 465),
    ("EMAIL_HOST, EMAIL_PORT = 'h', 465\n", "EMAIL_PORT", 465),
    ("class Config:\n    MAIL_PORT = 465\n", "Config.MAIL_PORT", 465),
    ("class Config(Base):\n    MAIL_PORT = 465\n", "Config.*", ...),
    ("class A:\n    class B:\n        PORT = 465\n", "A.B.PORT", 465),
    ("M = {'default': {'OPTIONS': {'port': 465}}}\n", "M.default.OPTIONS.port", 465),
    ("M = dict(default=dict(port=465))\n", "M.default.port", 465),
    ("M = {**other, 'port': 465}\n", "M.*", ...),
    ("M = [{'port': 465}]\n", "M.[0].port", 465),
    ("app.config['MAIL_PORT'] = 465\n", "app.config.MAIL_PORT", 465),
    ("app.config.update(MAIL_PORT=465)\n", "app.config.MAIL_PORT", 465),
    ("app.config.update({'MAIL_PORT': 465})\n", "app.config.MAIL_PORT", 465),
    ("app.config.update(dict(MAIL_PORT=465))\n", "app.config.MAIL_PORT", 465),
    ("app.config.from_mapping(MAIL_PORT=465)\n", "app.config.MAIL_PORT", 465),
    ("app.config |= {'MAIL_PORT': 465}\n", "app.config.MAIL_PORT", 465),
    ("app.config.from_object('x')\n", "app.config.*", ...),
    ("def f(app):\n    app.config['MAIL_PORT'] = 465\n", "app.config.MAIL_PORT", 465),
    ("def f():\n    smtp = {'port': 465}\n", "smtp.port", 465),
    ("def f():\n    EMAIL_PORT = 465\n", "EMAIL_PORT", None),
    ("from os import environ\nenviron['P'] = '465'\n", "os.environ.P", "465"),
    ("SENTRY_OPTIONS['mail.port'] = 465\n", "SENTRY_OPTIONS.mail.port", 465),
    ("DATABASES['a']['b'] = 465\n", "DATABASES.a.b", 465),
    ("from django.conf import settings\nsettings.configure(EMAIL_PORT=465)\n", "settings.EMAIL_PORT", 465),
    ("from .base import *\n", "*", ...),
    ("vars().update(x)\n", "*", ...),
    ("globals()['A'] = 1\n", "A", 1),
    ("exec(open('x').read())\n", "*", ...),
    ("if __name__ == '__main__':\n    EMAIL_PORT = 465\n", "EMAIL_PORT", 465),
]


@pytest.mark.parametrize(("text", "path", "value"), SETTINGS)
def test_settings(text: str, path: str, value: object) -> None:
    assert _known(text, path) == value


def test_settings_classes_take_their_values_from_the_environment() -> None:
    text = (
        "class S(BaseSettings):\n    smtp_host: str\n    smtp_port: int = 587\n    tls: bool = Field(True, env='USE_TLS')\n"
        "    model_config = SettingsConfigDict(env_prefix='app_')\n"
    )
    assert _default(text, "S.smtp_host") == ("APP_SMTP_HOST", ...)
    assert _default(text, "S.smtp_port") == ("APP_SMTP_PORT", 587)
    assert _default(text, "S.tls") == ("USE_TLS", True)


FIELDS: list[tuple[str, str, tuple[str, object]]] = [
    (
        "class S(BaseSettings):\n    port: int = Field(default=587, validation_alias=AliasChoices('A', 'B'))\n",
        "S.port",
        ("A", 587),
    ),
    (
        "class S(BaseSettings):\n    port: int = 587\n    model_config = {'env_prefix': 'a_'}\n",
        "S.port",
        ("A_PORT", 587),
    ),
    ("class S(BaseSettings, env_prefix='a_'):\n    port: int = 587\n", "S.port", ("A_PORT", 587)),
    (
        "class S(BaseSettings):\n    port: int = 587\n    class Config:\n        env_prefix = 'a_'\n",
        "S.port",
        ("A_PORT", 587),
    ),
    (
        "class S(BaseSettings, env_prefix='a_'):\n    x = 1\nclass T(S):\n    port: int = 587\n",
        "T.port",
        ("A_PORT", 587),
    ),
    ("class S(BaseSettings):\n    port: int = 587\ns = S()\nX = {'p': s.port}\n", "X.p", ("PORT", 587)),
    (
        "import os\n@dataclass\nclass S:\n    port: str = field(default_factory=lambda: os.getenv('P', '587'))\n",
        "S.port",
        ("P", "587"),
    ),
    (
        "from configurations import values\nclass S(Configuration):\n    EMAIL_PORT = values.IntegerValue(587)\n",
        "S.EMAIL_PORT",
        ("DJANGO_EMAIL_PORT", 587),
    ),
    (
        "from configurations import values\nclass S:\n    X = values.Value('h', environ_prefix='', environ_name='E')\n",
        "S.X",
        ("E", "h"),
    ),
]


@pytest.mark.parametrize(("text", "path", "reference"), FIELDS)
def test_fields_that_are_read_from_the_environment(text: str, path: str, reference: tuple[str, object]) -> None:
    assert _default(text, path) == reference


@pytest.mark.parametrize(
    "maker", ["field(default=587)", "attr.ib(default=587)", "attrs.field(default=587)", "Field(587)"]
)
def test_fields_of_plain_classes(maker: str) -> None:
    assert _known(f"class S:\n    port: int = {maker}\n", "S.port") == 587


def test_classes_have_what_their_base_classes_set() -> None:
    text = "class A:\n    X = 1\n    Y = 2\nclass B(A):\n    Y = 3\nclass C(B, Other):\n    Z = 4\n"
    values = _values(text)
    assert values["B.X"] == Literal(1, computed=True)
    assert values["B.Y"] == Literal(3)
    assert values["C.*"] == OPEN
    assert "C.X" not in values


def test_a_tuple_that_is_unpacked_gives_arguments() -> None:
    text = "import smtplib\nSERVER = ('h', 465)\nsmtplib.SMTP(*SERVER)\n"
    assert (_known(text, "smtplib.0"), _known(text, "smtplib.1")) == ("h", 465)


def test_a_value_worked_out_is_not_edited() -> None:
    text = "H = 'example.org'\nX = 'smtp.' + H\n"
    assert python.replace(_source(text), _entry(text, "X"), "other") is None


def test_branches_are_scopes() -> None:
    text = "if a:\n    X = 1\nelif b:\n    X = 2\nelse:\n    X = 3\ntry:\n    X = 4\nexcept E:\n    X = 5\nX = 6\n"
    words = [[element.partition("@")[0] for element in entry.scope] for entry in _read(text)]
    assert words == [["if"], ["else"], ["else"], ["try"], ["except"], []]
    assert len({entry.scope for entry in _read(text)}) == 6


# --- calls and sessions

CALLEES: list[tuple[str, object]] = [
    ("import smtplib\nsmtplib.SMTP()\n", Name("SMTP")),
    ("import smtplib as s\ns.SMTP()\n", Name("SMTP")),
    ("from smtplib import SMTP_SSL as S\nS()\n", Name("SMTP_SSL")),
    ("from smtplib import *\nSMTP()\n", Name("SMTP")),
    ("def f():\n    import smtplib\n    smtplib.SMTP()\n", Name("SMTP")),
    ("import smtplib\nK = smtplib.SMTP_SSL\nK()\n", Name("SMTP_SSL")),
    ("import smtplib\nK = smtplib.SMTP_SSL if a else smtplib.SMTP\nK()\n", ...),
    ("import smtplib\nif a:\n    K = smtplib.SMTP_SSL\nelse:\n    K = smtplib.SMTP\nK()\n", ...),
    ("import smtplib\nK = smtplib.SMTP_SSL if a else other\nK()\n", None),
    ("smtplib.SMTP()\n", None),
    ("import mylib\nmylib.SMTP()\n", None),
]


@pytest.mark.parametrize(("text", "value"), CALLEES)
def test_callables_are_found_through_imports(text: str, value: object) -> None:
    assert _known(text, "smtplib.call") == value


_S = "import smtplib\ndef f(tls):\n"

CERTAIN = [
    "s = smtplib.SMTP()\ns.starttls()",
    "s: smtplib.SMTP = smtplib.SMTP()\ns.starttls()",
    "with smtplib.SMTP() as s:\n    s.starttls()",
    "s = smtplib.SMTP()\nwith s:\n    s.starttls()",
    "smtplib.SMTP().starttls()",
    "with contextlib.closing(smtplib.SMTP()) as s:\n    s.starttls()",
    "if (s := smtplib.SMTP()):\n    pass\ns.starttls()",
    "if tls:\n    s = smtplib.SMTP()\n    s.starttls()",
    "if tls:\n    s = smtplib.SMTP()\nelse:\n    s = smtplib.SMTP_SSL()\ns.starttls()",
    "try:\n    s = smtplib.SMTP()\n    s.starttls()\nexcept E:\n    pass",
    "s = smtplib.SMTP()\ntry:\n    s.starttls()\nexcept E:\n    raise",
    "s = smtplib.SMTP()\ntry:\n    s.starttls()\nfinally:\n    s.quit()",
    "s = smtplib.SMTP()\ntry:\n    s.starttls()\n    s.login(a, b)\nexcept E:\n    print(E)\ns.quit()",
    "while True:\n    s = smtplib.SMTP()\n    s.starttls()",
    "self.s = smtplib.SMTP()\nself.s.starttls()",
]

UNCERTAIN = [
    "s = smtplib.SMTP()\nif tls:\n    s.starttls()",
    "s = smtplib.SMTP()\nif s.has_extn('starttls'):\n    s.starttls()",
    "s = smtplib.SMTP()\nfor x in y:\n    s.starttls()",
    "s = smtplib.SMTP()\ntls and s.starttls()",
    "s = smtplib.SMTP()\ns.starttls() if tls else None",
    "s = smtplib.SMTP()\ntry:\n    s.starttls()\nexcept E:\n    pass\ns.login(a, b)",
    "s = smtplib.SMTP()\nwith contextlib.suppress(E):\n    s.starttls()\ns.login(a, b)",
    "s = smtplib.SMTP()\nif tls:\n    s = other()\ns.starttls()",
]


def _function(body: str) -> str:
    return _S + "".join(f"    {line}\n" for line in body.splitlines())


@pytest.mark.parametrize("body", CERTAIN)
def test_steps_that_are_certain(body: str) -> None:
    assert _known(_function(body), "smtplib.starttls()") is True


@pytest.mark.parametrize("body", UNCERTAIN)
def test_steps_under_a_condition(body: str) -> None:
    assert _known(_function(body), "smtplib.starttls()") is ...


LEAVES = [
    "s = smtplib.SMTP()\nreturn s",
    "return smtplib.SMTP()",
    "s = smtplib.SMTP()\nupgrade(s)",
    "s = smtplib.SMTP()\nself.s = s",
    "self.s = smtplib.SMTP()",
    "s = smtplib.SMTP()\npool.append(s)",
    "s = smtplib.SMTP()\nd = {'s': s}",
    "s = smtplib.SMTP()\ng = lambda: s.starttls()",
    "s = smtplib.SMTP()\ndef g():\n    s.starttls()",
    "with smtplib.SMTP() as s:\n    yield s",
    "global s\ns = smtplib.SMTP()",
]

STAYS = [
    "s = smtplib.SMTP()\nprint(s)",
    "s = smtplib.SMTP()\nif s is None:\n    pass",
    "s = smtplib.SMTP()\nlogger.info('x', s)",
    "s = smtplib.SMTP()\nreturn s.noop()",
    "s = smtplib.SMTP()\nr = [s.sendmail(x) for x in y]",
    "s = smtplib.SMTP()\nassert s",
    "smtplib.SMTP()",
    "s = smtplib.SMTP()\ndef g(s):\n    s.starttls()",
]


def _wild(text: str) -> bool:
    return any(path.startswith("smtplib.*") for path in _values(text))


@pytest.mark.parametrize("body", LEAVES)
def test_sessions_that_leave_the_function(body: str) -> None:
    assert _wild(_function(body))


@pytest.mark.parametrize("body", STAYS)
def test_sessions_that_stay(body: str) -> None:
    assert not _wild(_function(body))


def test_a_session_of_the_module_that_functions_use_leaves() -> None:
    assert _wild("import smtplib\ns = smtplib.SMTP()\ndef f():\n    s.starttls()\n")
    assert _wild("import smtplib\ndef f():\n    s.starttls()\ns = smtplib.SMTP()\n")


def test_steps_belong_to_the_session_that_the_name_holds() -> None:
    text = _function("s = smtplib.SMTP('a')\ns.starttls()\ns = smtplib.SMTP('b')\ns.login('u', 'p')")
    scopes = {entry.path: entry.scope for entry in _read(text)}
    assert scopes["smtplib.starttls()"] != scopes["smtplib.login()"]
    assert scopes["smtplib.starttls()"][-1] == f"smtplib@{text.index('smtplib.SMTP(')}"


def test_arguments() -> None:
    text = "import smtplib\nsmtplib.SMTP_SSL('h', *a, timeout=3, **{'port': 465}, **more)\n"
    assert _values(text) == {
        "smtplib.call": Name("SMTP_SSL"),
        "smtplib.0": Literal("h"),
        "smtplib.*": OPEN,
        "smtplib.timeout": Literal(3),
        "smtplib.port": Literal(465),
    }


def test_tuples_and_dicts_as_arguments() -> None:
    text = "from logging.handlers import SMTPHandler\nSMTPHandler(mailhost=('h', 587), credentials=None, secure=())\n"
    values = _values(text)
    assert values["logging.handlers.mailhost.[1]"] == Literal(587)
    assert values["logging.handlers.secure"] == Name("()")


CONTEXT = """\
import smtplib
import ssl
ctx = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile="x")
ctx.check_hostname = False
ctx.verify_mode = ssl.CERT_NONE
ctx.options |= ssl.OP_NO_TLSv1
ctx.set_ciphers("DEFAULT")
if a:
    ctx.minimum_version = ssl.TLSVersion.TLSv1
def send():
    smtplib.SMTP_SSL("h", context=ctx)
"""


def test_contexts() -> None:
    values = _values(CONTEXT)
    assert values["smtplib.context"] == Name("ssl.create_default_context")
    assert values["smtplib.context.0"] == Name("ssl.Purpose.SERVER_AUTH")
    assert values["smtplib.context.cafile"] == Literal("x")
    assert values["smtplib.context.check_hostname"] == Literal(value=False)
    assert values["smtplib.context.verify_mode"] == Name("ssl.CERT_NONE")
    assert values["smtplib.context.options"] == Name("ssl.OP_NO_TLSv1")
    assert values["smtplib.context.set_ciphers().0"] == Literal("DEFAULT")
    assert values["smtplib.context.minimum_version"] == OPEN


def test_a_context_that_is_handed_on_may_be_changed() -> None:
    assert _values(CONTEXT + "configure(ctx)\n")["smtplib.context.*"] == OPEN


# --- what cannot be read

UNREADABLE = [
    "print 'hello'\n",
    "x = (1,\n",
    "exec 'a' in b\n",
    "x = " + "(" * 3000 + ")" * 3000,
    "x = " + "-" * 30000 + "1",
    "x = " + "+".join("1" * 30000),
    "x = a" + ".b" * 20000,
]


@pytest.mark.parametrize("text", UNREADABLE, ids=lambda text: text[:12])
def test_unreadable(text: str) -> None:
    with pytest.raises(Unreadable) as raised:
        _read(text)
    assert 0 <= raised.value.offset <= len(text)


def test_a_syntax_error_says_where() -> None:
    with pytest.raises(Unreadable) as raised:
        _read("é = 1\r\nprint 'x'\r\n")
    assert _source("é = 1\r\nprint 'x'\r\n").position(raised.value.offset).line == 2


@pytest.mark.parametrize(
    "text", ["x = 1\n\f\nX = 'a\fb'\n", "try:\n  pass\nexcept (A) :\n  pass\nX = 'é'", "\tX = 1" * 0]
)
def test_blanks_that_the_parser_drops(text: str) -> None:
    for entry in _read(text):
        assert isinstance(entry.value, Literal)
        assert python.decode(_source(text).at(entry.span)) == entry.value.value


# --- spelling

SPELLED: list[tuple[Scalar | Name, str, str]] = [
    (465, "587", "465"),
    (465, "'587'", "'465'"),
    (True, "False", "True"),
    ("a", "'b'", "'a'"),
    ("it's", "'b'", "'it\\'s'"),
    ("a", '"""b"""', '"""a"""'),
    ("a\\b", "r'b'", "r'a\\b'"),
    ("a", "25", '"a"'),
    ("é\n", '"b"', '"é\\n"'),
    (Name("SMTP_SSL"), "SMTP", "SMTP_SSL"),
    (Name("ssl.CERT_REQUIRED"), "ssl.CERT_NONE", "ssl.CERT_REQUIRED"),
    (Name("ssl.CERT_REQUIRED"), "_ssl.CERT_NONE", "_ssl.CERT_REQUIRED"),
    (Name("ssl.create_default_context()"), "ssl._create_unverified_context", "ssl.create_default_context"),
    (Name("ssl.create_default_context()"), "None", "ssl.create_default_context()"),
]


@pytest.mark.parametrize(("value", "like", "text"), SPELLED)
def test_encode(value: Scalar | Name, like: str, text: str) -> None:
    assert python.encode(value, like) == text


@pytest.mark.parametrize(
    ("value", "like"), [("a", "b'x'"), (Name("ssl.CERT_NONE"), "CERT_REQUIRED"), (float("inf"), "1.0")]
)
def test_what_cannot_be_spelled(value: Scalar | Name, like: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        python.encode(value, like)


# --- edits

_CALL = 'import smtplib\n\ns = smtplib.SMTP("h", 587)\ns.login("u", "p")\n'

INSERTED: list[tuple[str, str, str, Scalar | Name, str | None]] = [
    ("A = 1  # note\nB = 2\n", "A", "C", "x", 'A = 1  # note\nC = "x"\nB = 2\n'),
    ("A = 1", "A", "C", True, "A = 1\nC = True"),
    ("A = 1\r\n", "A", "C", True, "A = 1\r\nC = True\r\n"),
    ("class K:\n\tA: int = 1\n", "K.A", "C", True, "class K:\n\tA: int = 1\n\tC: bool = True\n"),
    ("A = 1; B = 2\n", "A", "C", True, None),
    ("class K: A = 1\n", "K.A", "C", True, None),
    ("app.config['A'] = 1\n", "app.config.A", "C", True, "app.config['A'] = 1\napp.config['C'] = True\n"),
    ("app.config.update(A=1)\n", "app.config.A", "C", True, "app.config.update(A=1, C=True)\n"),
    ("M = {'a': 1, 'b': 2}\n", "M.a", "c", True, "M = {'a': 1, 'c': True, 'b': 2}\n"),
    ("M = {\n  'a': 1,  # x\n}\n", "M.a", "c", True, "M = {\n  'a': 1,  # x\n  'c': True,\n}\n"),
    ("M = {\n  'a': 1  # x\n}\n", "M.a", "c", True, "M = {\n  'a': 1,  # x\n  'c': True\n}\n"),
    (_CALL, "smtplib.call", "timeout", 30, _CALL.replace("587)", "587, timeout=30)")),
    (_CALL, "smtplib.0", "timeout", 30, _CALL.replace("587)", "587, timeout=30)")),
    (_CALL, "smtplib.call", "starttls()", True, _CALL.replace("s.login", "s.starttls()\ns.login")),
    (
        _CALL,
        "smtplib.call",
        "context",
        Name("ssl.create_default_context()"),
        _CALL.replace("587)", "587, context=ssl.create_default_context())").replace(
            "smtplib\n", "smtplib\nimport ssl\n", 1
        ),
    ),
    (
        _CALL,
        "smtplib.call",
        "starttls(context=ssl.create_default_context())",
        True,
        _CALL.replace("s.login", "s.starttls(context=ssl.create_default_context())\ns.login").replace(
            "smtplib\n", "smtplib\nimport ssl\n", 1
        ),
    ),
    ("import smtplib\ns = smtplib.SMTP()\ns.connect('h')\n", "smtplib.call", "starttls()", True, None),
    (
        "import smtplib\nwith smtplib.SMTP('h') as s:  # x\n    # y\n    s.login(a, b)\n",
        "smtplib.call",
        "starttls()",
        True,
        "import smtplib\nwith smtplib.SMTP('h') as s:  # x\n    s.starttls()\n    # y\n    s.login(a, b)\n",
    ),
    (
        "import smtplib\ns = smtplib.SMTP('h')\ns.starttls()\n",
        "smtplib.starttls()",
        "context",
        Name("ssl.create_default_context()"),
        "import smtplib\nimport ssl\ns = smtplib.SMTP('h')\ns.starttls(context=ssl.create_default_context())\n",
    ),
    ("import smtplib\nssl = 1\nsmtplib.SMTP('h')\n", "smtplib.call", "context", Name("ssl.x()"), None),
    (
        "import smtplib, ssl\nc = ssl.create_default_context()\nsmtplib.SMTP_SSL('h', context=c)\n",
        "smtplib.context",
        "minimum_version",
        Name("ssl.TLSVersion.TLSv1_2"),
        (
            "import smtplib, ssl\nc = ssl.create_default_context()\nc.minimum_version = ssl.TLSVersion.TLSv1_2\n"
            "smtplib.SMTP_SSL('h', context=c)\n"
        ),
    ),
]


@pytest.mark.parametrize(("text", "beside", "key", "value", "after"), INSERTED)
def test_insert(text: str, beside: str, key: str, value: Scalar | Name, after: str | None) -> None:
    edits = python.insert(_source(text), _entry(text, beside), key, value)
    assert (None if edits is None else apply(text, edits)) == after


IMPORTED = [
    ("import abc\nimport time\n", "import abc\nimport ssl\nimport time\n"),
    ("import time\n", "import ssl\nimport time\n"),
    ("from time import x\n", "import ssl\nfrom time import x\n"),
    ("from flask import x\n", "import ssl\n\nfrom flask import x\n"),
    (
        '"""Doc."""\nfrom __future__ import annotations\n',
        '"""Doc."""\nfrom __future__ import annotations\n\nimport ssl\n',
    ),
]


@pytest.mark.parametrize(("before", "after"), IMPORTED)
def test_new_imports_are_sorted_in(before: str, after: str) -> None:
    text = before + "X = None\n"
    edits = python.replace(_source(text), _entry(text, "X"), Name("ssl.create_default_context()"))
    assert edits is not None
    assert apply(text, edits) == after + "X = ssl.create_default_context()\n"


CLASSES = [
    ("import smtplib\nsmtplib.SMTP('h')\n", "import smtplib\nsmtplib.SMTP_SSL('h')\n"),
    ("from smtplib import SMTP\nSMTP('h')\n", "from smtplib import SMTP_SSL\nSMTP_SSL('h')\n"),
    (
        "from smtplib import SMTP\nx: SMTP\nSMTP('h')\n",
        "from smtplib import SMTP, SMTP_SSL\nx: SMTP\nSMTP_SSL('h')\n",
    ),
    (
        "from smtplib import SMTP as A, SMTP_SSL as B\nA('h')\n",
        "from smtplib import SMTP as A, SMTP_SSL as B\nB('h')\n",
    ),
    ("from smtplib import *\nSMTP('h')\n", None),
    ("import smtplib\nK = smtplib.SMTP\nK('h')\n", "import smtplib\nK = smtplib.SMTP_SSL\nK('h')\n"),
]


@pytest.mark.parametrize(("before", "after"), CLASSES)
def test_another_class_is_imported_too(before: str, after: str | None) -> None:
    edits = python.replace(_source(before), _entry(before, "smtplib.call"), Name("SMTP_SSL"))
    assert (None if edits is None else apply(before, edits)) == after


RENAMED = [
    ("A = True  # x\n", "A", "B", "B = True  # x\n"),
    ("A = True\nprint(A)\n", "A", "B", None),
    ("A = True\nB = False\n", "A", "B", None),
    ("A = True\n", "A", "class", None),
    ("app.config['A'] = True\n", "app.config.A", "B", "app.config['B'] = True\n"),
    ('M = {"a": 1}\n', "M.a", "b.c", 'M = {"b.c": 1}\n'),
    ("M = dict(a=1)\n", "M.a", "b", "M = dict(b=1)\n"),
    ("M = dict(a=1)\n", "M.a", "b.c", None),
]


@pytest.mark.parametrize(("text", "path", "key", "after"), RENAMED)
def test_rename(text: str, path: str, key: str, after: str | None) -> None:
    edits = python.rename(_source(text), _entry(text, path), key)
    assert (None if edits is None else apply(text, edits)) == after


REMOVED = [
    ("A = 1\nB = 2\n", "A", "B = 2\n"),
    ("A = 1\r\nB = 2", "B", "A = 1"),
    ("A = 1  # why\nB = 2\n", "A", None),
    ("A = 1; B = 2\n", "A", None),
    ("if x:\n    A = 1\n", "A", None),
    ("A = 1\nB = A\n", "A", None),
    ("A = (\n    1\n)\nB = 2\n", "A", "B = 2\n"),
    ("M = {'a': 1, 'b': 2}\n", "M.a", "M = {'b': 2}\n"),
    ("M = {'a': 1, 'b': 2}\n", "M.b", "M = {'a': 1}\n"),
    ("M = {\n  'a': 1,\n  'b': 2,\n}\n", "M.b", "M = {\n  'a': 1,\n}\n"),
    ("M = {\n  'a': 1,  # x\n  'b': 2,\n}\n", "M.a", None),
    ("app.config.update(A=1)\n", "app.config.A", "app.config.update()\n"),
    ("import smtplib\ns = smtplib.SMTP('h', 25)\n", "smtplib.1", "import smtplib\ns = smtplib.SMTP('h')\n"),
    ("import smtplib\ns = smtplib.SMTP('h', 25)\n", "smtplib.0", None),
    (
        "import smtplib\ns = smtplib.SMTP('h')\ns.starttls()\n",
        "smtplib.starttls()",
        "import smtplib\ns = smtplib.SMTP('h')\n",
    ),
    ("import smtplib\ns = smtplib.SMTP('h')\nr = s.starttls()\n", "smtplib.starttls()", None),
    ("import smtplib\nwith smtplib.SMTP('h') as s:\n    s.starttls()\n", "smtplib.starttls()", None),
]


@pytest.mark.parametrize(("text", "path", "after"), REMOVED)
def test_remove(text: str, path: str, after: str | None) -> None:
    edits = python.remove(_source(text), _entry(text, path))
    assert (None if edits is None else apply(text, edits)) == after
