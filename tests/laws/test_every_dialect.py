"""Every rule's bad endpoint, written in every dialect that can express it, gives that finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from smtplint.check import check, endpoints
from smtplint.config import Settings
from smtplint.dialect import load_dialects
from smtplint.source import Source
from smtplint.table import Dialect
from tests.spelling import Nowhere, field_key, file_name, render, row_state, typed

PUBLIC = "mail.example.org"

# rule -> protocol and the fields of an endpoint about which it must speak, whatever program writes it
BAD: Mapping[str, tuple[tuple[str, Mapping[str, object]], ...]] = {
    "starttls-on-implicit-tls-port": (
        ("smtp", {"port": 465, "encryption": "starttls"}),
        ("smtp", {"port": 465, "encryption": "opportunistic"}),
        ("imap", {"port": 993, "encryption": "starttls"}),
        ("pop3", {"port": 995, "encryption": "starttls"}),
    ),
    "implicit-tls-on-starttls-port": (
        ("smtp", {"port": 587, "encryption": "implicit"}),
        ("smtp", {"port": 2525, "encryption": "implicit"}),
        ("smtp", {"port": 25, "encryption": "implicit"}),
        ("imap", {"port": 143, "encryption": "implicit"}),
        ("pop3", {"port": 110, "encryption": "implicit"}),
    ),
    "cleartext-on-implicit-tls-port": (
        ("smtp", {"port": 465, "encryption": "none"}),
        ("imap", {"port": 993, "encryption": "none"}),
        ("pop3", {"port": 995, "encryption": "none"}),
    ),
    "contradictory-encryption": (("smtp", {"port": 587, "encryption": "contradictory"}),),
    "port-typo": (("smtp", {"port": 567}), ("imap", {"port": 9993})),
    "port-of-other-protocol": (("smtp", {"port": 993}), ("imap", {"port": 587})),
    # Many products log in only with both.
    "cleartext-password": (
        ("smtp", {"port": 587, "encryption": "none", "username": "me@example.org", "password": "not-a-real-password"}),
    ),
    "submission-on-port-25": (("smtp", {"port": 25, "encryption": "starttls", "username": "me@example.org"}),),
    "cleartext-retrieval": (
        ("imap", {"port": 143, "encryption": "none"}),
        ("pop3", {"port": 110, "encryption": "none"}),
    ),
    "certificate-not-verified": (("smtp", {"port": 587, "verification": "unverified"}),),
}


def _cases() -> Iterator[object]:
    for rule, endpoints_ in BAD.items():
        for dialect in load_dialects().values():
            for number, (protocol, fields) in enumerate(endpoints_):
                if dialect.protocol == protocol:
                    for format_name in dialect.formats:
                        yield pytest.param(
                            rule, dialect, format_name, fields, id=f"{rule}-{number}-{dialect.name}-{format_name}"
                        )


def _texts(dialect: Dialect, format_name: str, fields: Mapping[str, object]) -> Iterator[str]:
    """The endpoint in this dialect, once for each way (row) of saying its encryption or verification."""
    ruled = {k: v for k, v in fields.items() if k in ("encryption", "verification")}
    plain = {k: v for k, v in fields.items() if k not in ruled}
    values: dict[str, object] = {}
    if "username" in plain and field_key(dialect, "password", format_name) is not None:
        plain["password"] = "not-a-real-password"  # many log in only with both
    for name, value in {"host": PUBLIC, **plain}.items():
        key = field_key(dialect, name, format_name)
        if key is None:
            return
        values[key] = typed(format_name, value)  # type: ignore[arg-type]
    states = [
        row_state(dialect, row)
        for name, means in ruled.items()
        for row in dialect.rows.get(name, ())
        if row.means == means
    ]
    for state in states if ruled else [{}]:
        if state is not None and not set(state) & set(values):
            text = render(dialect, format_name, {**values, **state})
            if text is not None:
                yield text


@pytest.mark.parametrize(("rule", "dialect", "format_name", "fields"), list(_cases()))
def test_the_finding_is_the_same_in_every_dialect(
    rule: str, dialect: Dialect, format_name: str, fields: Mapping[str, object]
) -> None:
    settings = Settings(per_file_dialects={"*": dialect.name})
    for text in _texts(dialect, format_name, fields):
        source = Source(file_name(format_name), text)
        found = [e for e in endpoints(source, settings, Nowhere()) if e.dialect == dialect.name]
        if len(found) != 1 or any(found[0].value(name) != value for name, value in fields.items()):
            continue  # this dialect cannot say it in this way, or derives the mode from the port
        if "username" in fields and found[0].value("login") is False:
            continue  # this product asks for a switch of its own before it logs in
        rules = {f.rule for f in check(source, settings, Nowhere())}
        assert rule in rules, text


def test_every_rule_was_met_in_many_dialects() -> None:
    """The law above must not pass because nothing could be expressed."""
    for rule, endpoints_ in BAD.items():
        met = 0
        for dialect in load_dialects().values():
            settings = Settings(per_file_dialects={"*": dialect.name})
            for protocol, fields in endpoints_:
                for format_name in dialect.formats if dialect.protocol == protocol else ():
                    for text in _texts(dialect, format_name, fields):
                        found = check(Source(file_name(format_name), text), settings, Nowhere())
                        met += rule in {f.rule for f in found}
        assert met >= 5, rule
