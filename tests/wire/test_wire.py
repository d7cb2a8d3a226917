"""What smtplint says that a program will do, and what it does: run against servers on the loopback, before and after the fix."""

from __future__ import annotations

import gc
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from smtplint.check import check, endpoints
from smtplint.config import Settings
from smtplint.fact import facts
from smtplint.fix import mend
from smtplint.source import Source
from tests.spelling import Nowhere
from tests.wire.programs import programs
from tests.wire.servers import HOSTS, Servers, running

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

_TIMEOUT = 0.5
_SETTINGS = Settings()
_PROGRAMS = dict(programs())


def _mended(text: str) -> str:
    source = Source("program.py", text)
    mended = mend(source, check(source, _SETTINGS, Nowhere()), _SETTINGS, Nowhere(), unsafe=True)
    assert not mended.failed
    return mended.source.text


@dataclass(frozen=True)
class World:
    """Servers that can prove who they are, and servers that cannot."""

    honest: Servers
    impostor: Servers


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    authority, other = trustme.CA(), trustme.CA()
    trusted: Path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(trusted))
    with (
        pytest.MonkeyPatch.context() as patch,
        running(authority, *HOSTS) as honest,
        running(other, *HOSTS) as impostor,
    ):
        patch.setenv("SSL_CERT_FILE", str(trusted))
        yield World(honest, impostor)
    gc.collect()  # programs that fail leave sockets open: who finds that out must be these tests, which do not mind


@dataclass(frozen=True)
class Outcome:
    """What came of a run: the error, and how login and mail (or what there was of them) went over the wire."""

    failed: type[BaseException] | None
    login_in_clear: bool
    encrypted: bool


def _run(text: str, servers: Servers, patch: pytest.MonkeyPatch) -> Outcome:
    """Runs a program with its connections led to the servers."""
    servers.log.seen.clear()
    connect = socket.create_connection

    def led(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        return connect(("127.0.0.1", servers.ports[address[1]]), _TIMEOUT)

    failed: type[BaseException] | None = None
    with patch.context() as inside:
        inside.setattr(socket, "create_connection", led)
        try:
            exec(compile(text, "program.py", "exec"), {"__name__": "__main__"})
        except Exception as error:
            failed = type(error)
    seen = servers.log.seen
    return Outcome(
        failed,
        any(s.what == "login" and not s.encrypted for s in seen),
        bool(seen) and seen[-1].encrypted,
    )


@dataclass(frozen=True)
class Said:
    """What smtplint says of a program."""

    works: bool  # with servers that can prove who they are
    login_in_clear: bool
    encrypted: bool
    verified: bool


def _said(text: str) -> Said:
    (endpoint,) = endpoints(Source("program.py", text), _SETTINGS, Nowhere())
    known = facts(endpoint)
    speaks, encryption = known.get("port_speaks"), known["encryption"]
    fits = encryption == "implicit" if speaks == "implicit" else encryption in ("none", "starttls")
    fits = fits and known.get("port_fits_protocol") is not False
    # IMAP has no STARTTLS behind a login: the library raises before it asks.
    late = endpoint.protocol == "imap" and endpoint.value("upgrade") == "after login"
    encrypted = encryption in ("implicit", "starttls")
    return Said(
        works=fits and not late,
        login_in_clear=fits and known.get("login_before_tls") is True,
        encrypted=encrypted,
        verified=encrypted and known.get("verification") == "verified",
    )


def _compare(text: str, world: World, patch: pytest.MonkeyPatch) -> Said:
    said = _said(text)
    honest = _run(text, world.honest, patch)
    assert (honest.failed is None) == said.works, (honest, said)
    assert honest.login_in_clear == said.login_in_clear, (honest, said)
    if said.works:
        assert honest.encrypted == said.encrypted, (honest, said)
        impostor = _run(text, world.impostor, patch)
        assert (impostor.failed is ssl.SSLCertVerificationError) == said.verified, (impostor, said)
    return said


@pytest.mark.parametrize("name", _PROGRAMS)
def test_before_the_fix(name: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _compare(_PROGRAMS[name], world, monkeypatch)


@pytest.mark.parametrize("name", [name for name, text in _PROGRAMS.items() if _mended(text) != text])
def test_after_the_fix(name: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    said = _compare(_mended(_PROGRAMS[name]), world, monkeypatch)
    assert said.works
    assert not said.login_in_clear


@pytest.mark.parametrize("name", _PROGRAMS)
def test_what_is_wrong_is_found(name: str) -> None:
    """Programs that do not work, log in without TLS or check no certificate give a finding; the others none."""
    said = _said(_PROGRAMS[name])
    fine = said.works and said.verified and not said.login_in_clear
    found = [f.rule for f in check(Source("program.py", _PROGRAMS[name]), _SETTINGS, Nowhere()) if f.severity > 1]
    assert bool(found) != fine, found


def test_there_are_enough_programs() -> None:
    assert len(_PROGRAMS) >= 60
