"""Small mail programs, made from a table: how the session is held, how it is opened, and what is done with it."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent

# What is opened, and the steps; `{c}` is the context that the program makes before, if it makes one.
SMTP: dict[str, tuple[str, list[str]]] = {
    "starttls": ("SMTP('smtp.example.org', 587)", ["starttls()", "login('u', 'p')", "MAIL"]),
    "starttls, checked": ("SMTP('smtp.example.org', 587)", ["starttls(context=DEFAULT)", "login('u', 'p')", "MAIL"]),
    "starttls, by name": ("SMTP('smtp.example.org', 587)", ["starttls(context=ctx)", "login('u', 'p')", "MAIL"]),
    "starttls, unverified": (
        "SMTP('smtp.example.org', 587)",
        ["starttls(context=UNVERIFIED)", "login('u', 'p')", "MAIL"],
    ),
    "starttls, switched off": ("SMTP('smtp.example.org', 587)", ["starttls(context=weak)", "login('u', 'p')", "MAIL"]),
    "starttls, by a function": (
        "SMTP('smtp.example.org', 587)",
        ["starttls(context=made())", "login('u', 'p')", "MAIL"],
    ),
    "no starttls": ("SMTP('smtp.example.org', 587)", ["login('u', 'p')", "MAIL"]),
    "no starttls, no login": ("SMTP('smtp.example.org', 587)", ["MAIL"]),
    "login first": ("SMTP('smtp.example.org', 587)", ["login('u', 'p')", "starttls(context=DEFAULT)", "MAIL"]),
    "ehlo between": ("SMTP('smtp.example.org', 587)", ["ehlo()", "starttls()", "ehlo()", "login('u', 'p')", "MAIL"]),
    "relay": ("SMTP('smtp.example.org', 25)", ["starttls()", "MAIL"]),
    "port in the host": ("SMTP('smtp.example.org:587')", ["starttls()", "login('u', 'p')", "MAIL"]),
    "implicit": ("SMTP_SSL('smtp.example.org', 465)", ["login('u', 'p')", "MAIL"]),
    "implicit, default port": ("SMTP_SSL('smtp.example.org')", ["login('u', 'p')", "MAIL"]),
    "implicit, checked": ("SMTP_SSL('smtp.example.org', 465, context=DEFAULT)", ["login('u', 'p')", "MAIL"]),
    "implicit, switched off": ("SMTP_SSL('smtp.example.org', 465, context=weak)", ["login('u', 'p')", "MAIL"]),
    "implicit, unverified": ("SMTP_SSL('smtp.example.org', 465, context=UNVERIFIED)", ["login('u', 'p')", "MAIL"]),
    "implicit and starttls": (
        "SMTP_SSL('smtp.example.org', 465, context=DEFAULT)",
        ["starttls()", "login('u', 'p')", "MAIL"],
    ),
    "implicit on 587": ("SMTP_SSL('smtp.example.org', 587)", ["login('u', 'p')", "MAIL"]),
    "implicit on 587, by name": ("SMTP_SSL('smtp.example.org', 587, context=ctx)", ["login('u', 'p')", "MAIL"]),
    "clear on 465": ("SMTP('smtp.example.org', 465)", ["login('u', 'p')", "MAIL"]),
    "starttls on 465": ("SMTP('smtp.example.org', 465)", ["starttls()", "login('u', 'p')", "MAIL"]),
    "starttls on 465, by name": ("SMTP('smtp.example.org', 465)", ["starttls(context=ctx)", "login('u', 'p')", "MAIL"]),
}

EVERYWHERE = (
    "starttls", "starttls, by name", "no starttls", "login first", "implicit, checked", "implicit on 587, by name",
    "starttls on 465", "starttls on 465, by name",
)  # fmt: skip
"""The programs that are tried in every way to hold a session."""

OTHERS: dict[str, tuple[str, str, list[str]]] = {
    "lmtp": ("smtplib", "LMTP('smtp.example.org', 24)", ["login('u', 'p')", "MAIL"]),
    "lmtp starttls": ("smtplib", "LMTP('smtp.example.org', 24)", ["starttls()", "login('u', 'p')", "MAIL"]),
    "lmtp starttls, checked": (
        "smtplib",
        "LMTP('smtp.example.org', 24)",
        ["starttls(context=DEFAULT)", "login('u', 'p')", "MAIL"],
    ),
    "lmtp login first": (
        "smtplib",
        "LMTP('smtp.example.org', 24)",
        ["login('u', 'p')", "starttls(context=DEFAULT)", "MAIL"],
    ),
    "lmtp starttls on a port of smtp": (
        "smtplib",
        "LMTP('smtp.example.org', 587, timeout=5)",
        ["starttls(context=DEFAULT)", "MAIL"],
    ),
    "lmtp login on a port of smtp": ("smtplib", "LMTP('smtp.example.org', 25, timeout=5)", ["login('u', 'p')", "MAIL"]),
    "imap": ("imaplib", "IMAP4('imap.example.org')", ["login('u', 'p')", "logout()"]),
    "imap starttls": ("imaplib", "IMAP4('imap.example.org')", ["starttls()", "login('u', 'p')", "logout()"]),
    "imap starttls, checked": (
        "imaplib",
        "IMAP4('imap.example.org', 143)",
        ["starttls(DEFAULT)", "login('u', 'p')", "logout()"],
    ),
    "imap login first": ("imaplib", "IMAP4('imap.example.org')", ["login('u', 'p')", "starttls(DEFAULT)", "logout()"]),
    "imap implicit": ("imaplib", "IMAP4_SSL('imap.example.org')", ["login('u', 'p')", "logout()"]),
    "imap implicit, checked": (
        "imaplib",
        "IMAP4_SSL('imap.example.org', ssl_context=ctx)",
        ["login('u', 'p')", "logout()"],
    ),
    "imap implicit on 143": ("imaplib", "IMAP4_SSL('imap.example.org', 143)", ["login('u', 'p')", "logout()"]),
    "imap clear on 993": ("imaplib", "IMAP4('imap.example.org', 993)", ["login('u', 'p')", "logout()"]),
    "pop3": ("poplib", "POP3('pop.example.org')", ["user('u')", "pass_('p')", "quit()"]),
    "pop3 stls": ("poplib", "POP3('pop.example.org')", ["stls()", "user('u')", "pass_('p')", "quit()"]),
    "pop3 stls, checked": (
        "poplib",
        "POP3('pop.example.org')",
        ["stls(context=DEFAULT)", "user('u')", "pass_('p')", "quit()"],
    ),
    "pop3 implicit": ("poplib", "POP3_SSL('pop.example.org')", ["user('u')", "pass_('p')", "quit()"]),
    "pop3 implicit, checked": (
        "poplib",
        "POP3_SSL('pop.example.org', context=ctx)",
        ["user('u')", "pass_('p')", "quit()"],
    ),
    "pop3 implicit on 110": ("poplib", "POP3_SSL('pop.example.org', 110)", ["user('u')", "pass_('p')", "quit()"]),
    "pop3 clear on 995": ("poplib", "POP3('pop.example.org', 995)", ["user('u')", "pass_('p')", "quit()"]),
}

HELD: dict[str, str] = {
    "assigned": "s = {open}\n{steps}",
    "with": "with {open} as s:\n{inner}",
    "function": "def connect():\n    s = {open}\n    return s\n\n\ndef main():\n    s = connect()\n{inner}\n\n\nmain()",
    "attribute": (
        "class Mailer:\n    def __init__(self):\n        self.s = {open}\n\n    def run(self):\n{method}\n\n\n"
        "mailer = Mailer()\nmailer.run()"
    ),
}

_CONTEXTS = {
    "ctx": "ctx = ssl.create_default_context()\n",
    "weak": "weak = ssl.create_default_context()\nweak.check_hostname = False\nweak.verify_mode = ssl.CERT_NONE\n",
    "made()": "def made():\n    context = ssl.create_default_context()\n    return context\n\n\n",
}
_WORDS = {
    "DEFAULT": "ssl.create_default_context()",
    "UNVERIFIED": "ssl._create_unverified_context()",
    "MAIL": "sendmail('a@example.org', 'b@example.org', 'hello')",
}


def programs() -> Iterator[tuple[str, str]]:
    """Names and texts."""
    for held in HELD:
        for name, (opened, steps) in SMTP.items():
            if held == "assigned" or name in EVERYWHERE:
                yield f"{held}: {name}", _program("smtplib", opened, steps, HELD[held])
    for name, (module, opened, steps) in OTHERS.items():
        yield name, _program(module, opened, steps, HELD["assigned"])


def _program(module: str, opened: str, steps: list[str], held: str) -> str:
    text = "".join((opened, *steps))
    before = "".join(lines for name, lines in _CONTEXTS.items() if name in text)
    lines = "\n".join(f"s.{step}" for step in steps)
    body = held.format(
        open=f"{module}.{opened}",
        steps=lines,
        inner=indent(lines, "    "),
        method=indent(lines.replace("s.", "self.s.", 1).replace("\ns.", "\nself.s."), "        "),
    )
    body = before + body + "\n"
    for word, meaning in _WORDS.items():
        body = body.replace(word, meaning)
    imports = f"import {module}\n" + ("import ssl\n" if "ssl." in body else "")
    return f"{imports}\n{body}"
