"""How Python sessions are followed: through functions, methods, attributes and branches."""

from __future__ import annotations

import pytest

from smtplint.check import endpoints
from smtplint.config import Settings
from smtplint.model import UNKNOWN, Endpoint
from smtplint.source import Source
from tests.spelling import Nowhere

_IMPORT = "import smtplib\n"

# A program, and of each session: port, encryption, steps (a question mark behind those that may not be taken).
FLOWS: dict[str, tuple[str, list[str]]] = {
    "helper returns the session": (
        "def connect():\n    return smtplib.SMTP('h', 587)\ndef send():\n    s = connect()\n    s.login('u', p)\n",
        ["587 none login"],
    ),
    "helper with steps, used before it is defined": (
        (
            "def send():\n    with connect() as s:\n        s.login('u', p)\n"
            "def connect():\n    s = smtplib.SMTP('h', 465)\n    s.starttls()\n    return s\n"
        ),
        ["465 starttls starttls login"],
    ),
    "method returns the session": (
        (
            "class M:\n    def _open(self):\n        return smtplib.SMTP('h', 465)\n"
            "    def send(self):\n        s = self._open()\n        s.starttls()\n        s.login('u', p)\n"
        ),
        ["465 starttls starttls login"],
    ),
    "two callers": (
        (
            "def connect():\n    return smtplib.SMTP('h', 587)\ndef a():\n    s = connect()\n    s.starttls()\n"
            "def b():\n    s = connect()\n    s.login('u', p)\n"
        ),
        ["587 starttls starttls", "587 none login"],
    ),
    "arguments of the helper": (
        (
            "def connect(host, port=25):\n    return smtplib.SMTP(host, port)\n"
            "def send():\n    s = connect('h', port=465)\n    s.starttls()\n"
        ),
        ["465 starttls starttls"],
    ),
    "helper of a helper": (
        (
            "def raw(port):\n    return smtplib.SMTP('h', port)\ndef connect():\n    s = raw(465)\n    s.starttls()\n    return s\n"
            "def send():\n    s = connect()\n    s.login('u', p)\n"
        ),
        ["465 starttls starttls login"],
    ),
    "one of two": (
        (
            "def connect(tls):\n    if tls:\n        return smtplib.SMTP_SSL('h', 465)\n    s = smtplib.SMTP('h', 587)\n"
            "    s.starttls()\n    return s\ndef send():\n    s = connect(True)\n    s.login('u', p)\n"
        ),
        ["465 implicit login", "587 starttls starttls login"],
    ),
    "context manager": (
        (
            "@contextmanager\ndef connect():\n    s = smtplib.SMTP('h', 465)\n    yield s\n    s.quit()\n"
            "def send():\n    with connect() as s:\n        s.starttls()\n"
        ),
        ["465 starttls quit starttls"],
    ),
    "helper takes the session": (
        "def login(server):\n    server.login('u', p)\ndef send():\n    s = smtplib.SMTP('h', 587)\n    login(s)\n    s.quit()\n",
        ["587 none login quit"],
    ),
    "helper upgrades and gives back": (
        "def up(s):\n    s.starttls()\n    return s\ndef send():\n    s = up(smtplib.SMTP('h', 587))\n    s.login('u', p)\n",
        ["587 starttls starttls login"],
    ),
    "helper that may upgrade": (
        "def up(s, tls):\n    if tls:\n        s.starttls()\ndef send():\n    s = smtplib.SMTP('h', 587)\n    up(s, True)\n",
        ["587 ? starttls?"],
    ),
    "helper that is called in a branch": (
        "def up(s):\n    s.starttls()\ndef f(tls):\n    s = smtplib.SMTP('h', 587)\n    if tls:\n        up(s)\n    s.login('u', p)\n",
        ["587 ? starttls? login"],
    ),
    "helper of another module": ("s = smtplib.SMTP('h', 587)\nother.up(s)\ns.login('u', p)\n", ["587 ? login"]),
    "functions in a circle": (
        "def a(s):\n    b(s)\ndef b(s):\n    a(s)\ns = smtplib.SMTP('h', 465)\na(s)\n",
        ["465 ?"],
    ),
    "method given another object": (
        "class M:\n    def go(self, box):\n        s = smtplib.SMTP('h', 587)\n        box.put(s)\n        s.login('u', p)\n",
        ["587 ? login"],
    ),
    "attribute used by other methods": (
        (
            "class M:\n    def __init__(self):\n        self.s = smtplib.SMTP('h', 587)\n"
            "    def login(self):\n        self.s.login('u', p)\n    def send(self):\n        self.s.send_message(m)\n"
        ),
        ["587 none login send_message"],
    ),
    "attribute upgraded in the one method that matters": (
        (
            "class M:\n    def __init__(self):\n        self.s = smtplib.SMTP('h', 465)\n"
            "    def login(self):\n        self.s.starttls()\n        self.s.login('u', p)\n    def f(self):\n        self.s.noop()\n"
        ),
        ["465 starttls starttls login noop"],
    ),
    "methods in an order that is not known": (
        (
            "class M:\n    def __init__(self):\n        self.s = smtplib.SMTP('h', 465)\n"
            "    def login(self):\n        self.s.login('u', p)\n    def secure(self):\n        self.s.starttls()\n"
        ),
        ["465 ? login? starttls?"],
    ),
    "methods called in order": (
        (
            "class M:\n    def __init__(self):\n        self.s = smtplib.SMTP('h', 465)\n        self._up()\n        self._login()\n"
            "    def _login(self):\n        self.s.login('u', p)\n    def _up(self):\n        self.s.starttls()\n"
        ),
        ["465 starttls starttls login"],
    ),
    "attribute that others reach": (
        "class M:\n    def __init__(self):\n        self.s = smtplib.SMTP('h', 587)\nm = M()\nm.s.starttls()\n",
        ["587 ?"],
    ),
    "attribute of a class with a foreign base": (
        "class M(Base):\n    def __init__(self):\n        self.s = smtplib.SMTP('h', 587)\n",
        ["587 ?"],
    ),
    "walrus": ("if (s := smtplib.SMTP('h', 465)):\n    s.starttls()\n", ["465 starttls starttls"]),
    "the branch says the port": (
        "PORT = 587\nif PORT == 465:\n    s = smtplib.SMTP_SSL('h', PORT)\nelse:\n    s = smtplib.SMTP('h', PORT)\n    s.starttls()\n",
        ["465 implicit", "? starttls starttls"],
    ),
    "the branch says the port, and it does not fit": (
        "def f(port):\n    if port == 465:\n        s = smtplib.SMTP('h', port)\n        s.starttls()\n",
        ["465 starttls starttls"],
    ),
    "who switches TLS on gives another port too": (
        (
            "def f(port=587, tls=False):\n    if tls:\n        s = smtplib.SMTP_SSL('h', port)\n    else:\n"
            "        s = smtplib.SMTP('h', port)\n"
        ),
        ["? implicit", "? none"],
    ),
    "one way that returns, and the other behind it": (
        (
            "def f(port):\n    if port == 465:\n        return smtplib.SMTP_SSL('h', port)\n"
            "    s = smtplib.SMTP('h', port)\n    s.starttls()\n    return s\nf(465).noop()\n"
        ),
        ["465 implicit noop", "? starttls starttls noop"],
    ),
    "what a caller gives": (
        "def f(host, port):\n    smtplib.SMTP_SSL(host, port).noop()\nf('h', 587)\nf('i', 465)\n",
        ["465 implicit noop", "587 implicit noop", "? implicit noop"],
    ),
    "branches that a caller chooses": (
        (
            "def f(port, tls, ssl=False):\n    if ssl:\n        s = smtplib.SMTP_SSL('h', port)\n    else:\n"
            "        s = smtplib.SMTP('h', port)\n    if not ssl and tls is True:\n        s.starttls()\n    s.noop()\n"
            "f(465, False, True)\nf(25, False)\nf(587, True)\n"
        ),
        [
            "25 none noop",
            "465 implicit noop",
            "587 starttls starttls noop",
            "? ? starttls? noop",
            "? implicit starttls? noop",
        ],
    ),
    "a branch of which the caller says nothing": (
        (
            "def f(port, tls):\n    if tls:\n        s = smtplib.SMTP_SSL('h', port)\n    else:\n"
            "        s = smtplib.SMTP('h', port)\nf(465, x)\n"
        ),
        ["? implicit", "? implicit", "? none", "? none"],
    ),
    "what an object is made with": (
        (
            "class M:\n    def __init__(self, host, port=25):\n        self.host = host\n        self.port = port\n"
            "    def f(self):\n        smtplib.SMTP(self.host, self.port).noop()\n"
            "M('h', 587).f()\nM(port=465, host='h').f()\nM(*x).f()\n"
        ),
        ["465 none noop", "587 none noop", "25 none noop", "25 none noop"],
    ),
    "the last of three ways": (
        (
            "def f(port, mode):\n    if mode == 'ssl':\n        s = smtplib.SMTP_SSL('h', port)\n    elif mode == 'starttls':\n"
            "        s = smtplib.SMTP('h', port)\n        s.starttls()\n    else:\n        s = smtplib.SMTP('h', port)\n"
            "f(465, 'ssl')\nf(25, '')\n"
        ),
        ["25 none", "465 implicit", "? implicit", "? ?", "? starttls starttls"],
    ),
    "a caller of a caller": (
        ("def f(port):\n    smtplib.SMTP_SSL('h', port).noop()\ndef g(port=465):\n    f(port)\ng(587)\n"),
        ["587 implicit noop", "465 implicit noop", "? implicit noop"],
    ),
    "a parameter that gets another value": (
        "def f(port):\n    port = port or 465\n    smtplib.SMTP_SSL('h', port).noop()\nf(587)\n",
        ["? implicit noop"],
    ),
    "a guard that raises": (
        "PORT = 465\nif not PORT:\n    raise ValueError\ns = smtplib.SMTP_SSL('h', PORT)\n",
        ["465 implicit"],
    ),
    "a branch that is not taken by default": (
        "def f(port=587, tls=False):\n    if tls:\n        s = smtplib.SMTP_SSL('h', port)\n",
        ["? implicit"],
    ),
    "a session that is to fail": (
        "def test():\n    with pytest.raises(ValueError):\n        smtplib.SMTP('h', 465).starttls()\n    smtplib.SMTP('h', 587)\n",
        ["587 none"],
    ),
    "a step that is to fail": (
        "def test():\n    s = smtplib.SMTP('h', 465)\n    with pytest.raises(OSError):\n        s.starttls()\n",
        ["465 ? starttls?"],
    ),
    "options that a branch adds to": (
        (
            "def f(port):\n    options = dict(host='h', local_hostname='me')\n    if port:\n        options['port'] = port\n"
            "    s = smtplib.SMTP(**options)\n"
        ),
        ["? none"],
    ),
    "options that a branch adds something else to": (
        (
            "def f(timeout):\n    options = {'host': 'h'}\n    if timeout:\n        options['timeout'] = timeout\n"
            "    print(options.get('port'))\n    s = smtplib.SMTP(**options)\n"
        ),
        ["25 none"],
    ),
    "options that are updated": (
        "def f(more):\n    options = {'host': 'h', 'port': 25}\n    options.update(more)\n    s = smtplib.SMTP(**options)\n",
        ["? ?"],
    ),
    "options of which one is taken out": (
        "def f():\n    options = {'host': 'h', 'port': 465}\n    del options['port']\n    s = smtplib.SMTP(**options)\n",
        ["? none"],
    ),
    "a branch about something else": (
        "PORT = 465\ndef f(m):\n    if m.attachments:\n        s = smtplib.SMTP('h', PORT)\n        s.starttls()\n",
        ["465 starttls starttls"],
    ),
}


def _shown(endpoint: Endpoint) -> str:
    fields = ("?" if endpoint.value(name) is UNKNOWN else str(endpoint.value(name)) for name in ("port", "encryption"))
    return " ".join((*fields, *(step.name + ("" if step.certain else "?") for step in endpoint.steps)))


@pytest.mark.parametrize("name", FLOWS)
def test_flows(name: str) -> None:
    text, expected = FLOWS[name]
    found = endpoints(Source("app.py", _IMPORT + text), Settings(), Nowhere())
    assert sorted(map(_shown, found)) == sorted(expected)
