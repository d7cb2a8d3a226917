"""Whole files inside a ConfigMap: found by the name of their key, pointed at and mended where they stand."""

from __future__ import annotations

import pytest

from smtplint.check import check, endpoints
from smtplint.config import Settings
from smtplint.embedded import texts
from smtplint.fix import mend
from smtplint.format import Wanted
from smtplint.formats import yaml
from smtplint.source import Edit, Source, Span, apply
from tests.spelling import Nowhere

HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n"
SYNAPSE = (
    "homeserver.yaml",
    ["server_name: x", "email:", "  smtp_host: mail.example.org", "  smtp_port: {port}", "  force_tls: true"],
)
SPRING = (
    "application.yml",
    ["spring:", "  mail:", "    host: mail.example.org", "", "    port: {port}", "    protocol: smtps"],
)
DJANGO = ("settings.py", ["EMAIL_HOST = 'mail.example.org'", "EMAIL_PORT = {port}", "EMAIL_USE_SSL = True", "X = 1"])
ENV = ("mail.env", ["EMAIL_HOST=mail.example.org", "EMAIL_PORT={port}", "EMAIL_USE_SSL=True", "X=1"])


def _manifest(name: str, lines: list[str], port: int, margin: str = "    ", header: str = "|", end: str = "\n") -> str:
    block = "".join(f"{margin}{line}{end}" if line else end for line in lines).replace("{port}", str(port))
    return f"{HEAD}  {name}: {header}{end}{block}  other: y\n"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("margin", ["    ", "      "])
@pytest.mark.parametrize(
    ("name", "lines"), [SYNAPSE, SPRING, DJANGO, ENV], ids=lambda x: x if isinstance(x, str) else ""
)
def test_a_file_is_judged_and_mended_where_it_stands(name: str, lines: list[str], margin: str, end: str) -> None:
    text = _manifest(name, lines, 587, margin, end=end)
    source = Source("k8s/config.yaml", text)
    findings = check(source, Settings(), Nowhere())
    (finding,) = [f for f in findings if f.rule == "implicit-tls-on-starttls-port"]
    assert finding.source.at(finding.span) in ("587", "true", "True", "smtps", "EMAIL_USE_SSL")
    mended = mend(source, [finding], Settings(), Nowhere(), unsafe=True)
    assert not mended.failed
    assert mended.fixed
    changed = mended.source.text.splitlines()
    assert changed[:5] == text.splitlines()[:5]
    assert changed[-1] == "  other: y"
    assert all(line.startswith(margin) for line in changed[5:-1] if line.strip())
    assert (end == "\r\n") == ("\r" in mended.source.text.removeprefix(HEAD))
    (after,) = endpoints(mended.source, Settings(), Nowhere())
    assert (after.value("encryption"), after.value("port")) in (("starttls", 587), ("implicit", 465))


@pytest.mark.parametrize("header", [">", "|2"])
def test_a_block_whose_text_does_not_stand_there_is_left_alone(header: str) -> None:
    text = _manifest(*DJANGO, port=587, header=header)
    assert endpoints(Source("config.yaml", text), Settings(), Nowhere()) == ()


def test_a_secret_in_plain_text_holds_files_too() -> None:
    text = _manifest(*ENV, port=587).replace("ConfigMap", "Secret").replace("data:", "stringData:")
    assert len(endpoints(Source("config.yaml", text), Settings(), Nowhere())) == 1
    assert endpoints(Source("config.yaml", text.replace("stringData", "data")), Settings(), Nowhere()) == ()


def test_what_does_not_parse_is_passed_over() -> None:
    text = _manifest("settings.py", ["EMAIL_HOST = (", "EMAIL_PORT = {port}"], 587)
    assert check(Source("config.yaml", text), Settings(), Nowhere()) == ()


def test_a_line_goes_with_its_margin() -> None:
    lines = ["EMAIL_HOST=mail.example.org", "EMAIL_PORT={port}", "EMAIL_USE_TLS=True", "EMAIL_USE_SSL=True", "X=1"]
    source = Source("config.yaml", _manifest("mail.env", lines, 587))
    (part,) = texts(source, yaml.read(source, Wanted()))
    start, end = part.inner.text.index("EMAIL_USE_SSL"), part.inner.text.index("X=1")
    edits = part.edits((Edit(Span(start, end), ""),))
    assert edits is not None
    assert apply(source.text, edits) == source.text.replace("    EMAIL_USE_SSL=True\n", "")
    added = part.edits((Edit(Span(end, end), "Y=2\n"),))
    assert added is not None
    assert apply(source.text, added) == source.text.replace("    X=1", "    Y=2\n    X=1")
    assert part.edits((Edit(Span(len(part.inner.text), len(part.inner.text)), "Y=2\n"),)) is None


_AUTHELIA = [
    "notifier:",
    "  smtp:",
    "    address: submissions://smtp.gmail.com:587",
    "    username: a",
    "    password: b",
]


def _indented(lines: list[str], by: int) -> str:
    return "".join(f"{' ' * by}{line}\n" for line in lines)


@pytest.mark.parametrize(
    "head",
    [
        "services: {a: {configs: [{source: x, target: /config/configuration.yml}]}}\nconfigs:\n  x:\n    content: |\n",
        "- hosts: all\n  tasks:\n    - ansible.builtin.copy:\n        dest: /srv/configuration.yml\n        content: |\n",
        "- hosts: all\n  tasks:\n    - blockinfile:\n        path: /srv/configuration.yml\n        block: |\n",
        "write_files:\n  - path: /etc/authelia/configuration.yml\n    content: |\n",
        "configMaps:\n  main:\n    data:\n      configuration.yml: |\n",
    ],
    ids=["compose", "copy", "blockinfile", "cloud-init", "chart"],
)
def test_whoever_writes_the_file_its_text_is_read_by_its_name(head: str) -> None:
    text = head + _indented(_AUTHELIA, 12)
    (endpoint,) = endpoints(Source("deploy/x.yml", text), Settings(), Nowhere())
    assert (endpoint.title, endpoint.value("encryption"), endpoint.value("port")) == ("Authelia", "implicit", 587)
    assert text[endpoint.anchor.start : endpoint.anchor.end] == "smtp.gmail.com"


def test_a_text_that_goes_into_no_known_file_is_left_alone() -> None:
    text = "- copy:\n    dest: /srv/motd\n    content: |\n" + _indented(_AUTHELIA, 6)
    assert endpoints(Source("deploy/x.yml", text), Settings(), Nowhere()) == ()
