"""Loopback mail servers that write down who logged in and sent mail, encrypted or not."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

HOSTS = ("smtp.example.org", "imap.example.org", "pop.example.org")


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that a client did, and whether TLS protected it."""

    what: str
    encrypted: bool


@dataclass
class Log:
    """What the servers saw."""

    seen: list[Seen] = field(default_factory=list)

    def add(self, what: str, *, encrypted: bool) -> None:
        self.seen.append(Seen(what, encrypted))


class _Handler:
    """Takes every mail and every login."""

    def __init__(self, log: Log, *, implicit: bool) -> None:
        self.log = log
        self.implicit = implicit

    def authenticate(self, _server: SMTP, session: Session, *_: object) -> AuthResult:
        self.log.add("login", encrypted=self.implicit or session.ssl is not None)
        return AuthResult(success=True)

    async def handle_DATA(self, _server: SMTP, session: Session, _envelope: Envelope) -> str:  # noqa: N802 - the name that aiosmtpd calls
        self.log.add("mail", encrypted=self.implicit or session.ssl is not None)
        return "250 OK"


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class _Store(Controller):
    """Takes mail as a mail store does."""

    def factory(self) -> LMTP:
        return LMTP(self.handler, **self.SMTP_kwargs)


@contextmanager
def _smtp(
    log: Log, context: ssl.SSLContext, *, implicit: bool, controls: type[Controller] = Controller
) -> Iterator[int]:
    handler = _Handler(log, implicit=implicit)
    controller = controls(
        handler,
        hostname="127.0.0.1",
        port=_free_port(),
        ssl_context=context if implicit else None,
        tls_context=None if implicit else context,
        authenticator=handler.authenticate,
        auth_require_tls=False,
        ready_timeout=10,
    )
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


class _Retrieval(threading.Thread):
    """A server that speaks as much IMAP or POP3 as a login needs."""

    def __init__(self, log: Log, context: ssl.SSLContext, protocol: str, *, implicit: bool) -> None:
        super().__init__(daemon=True)
        self.log, self.context, self.protocol, self.implicit = log, context, protocol, implicit
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listening.getsockname()[1])

    def run(self) -> None:
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            with suppress(OSError, ValueError):
                client.settimeout(5)
                self._serve(client)
            client.close()

    def stop(self) -> None:
        with suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()

    def _serve(self, client: socket.socket) -> None:
        encrypted = self.implicit
        if encrypted:
            client = self.context.wrap_socket(client, server_side=True)
        client.sendall(b"* OK ready\r\n" if self.protocol == "imap" else b"+OK ready\r\n")
        while line := _line(client):
            answer, upgrade, leave = self._answer(line, encrypted=encrypted)
            client.sendall(answer)
            if upgrade:
                client, encrypted = self.context.wrap_socket(client, server_side=True), True
            if leave:
                break
        with suppress(OSError):
            client.close()

    def _answer(self, line: str, *, encrypted: bool) -> tuple[bytes, bool, bool]:
        if self.protocol == "pop3":
            return self._pop3(line.split(" ")[0].upper(), encrypted=encrypted)
        tag, _, rest = line.partition(" ")
        command = rest.split(" ")[0].upper()
        if command == "LOGIN":
            self.log.add("login", encrypted=encrypted)
        offered = b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" if command == "CAPABILITY" else b""
        bye = b"* BYE\r\n" if command == "LOGOUT" else b""
        return offered + bye + f"{tag} OK done\r\n".encode(), command == "STARTTLS", command == "LOGOUT"

    def _pop3(self, command: str, *, encrypted: bool) -> tuple[bytes, bool, bool]:
        if command == "PASS":
            self.log.add("login", encrypted=encrypted)
        answer = b"+OK\r\nSTLS\r\n.\r\n" if command == "CAPA" else b"+OK\r\n"
        return answer, command == "STLS", command == "QUIT"


def _line(client: socket.socket) -> str:
    """One line, byte by byte: what follows may already be TLS."""
    got = b""
    while not got.endswith(b"\n"):
        byte = client.recv(1)
        if not byte:
            return ""
        got += byte
    return got.decode("latin-1").strip()


@dataclass(frozen=True)
class Servers:
    """One server for each well-known port; `ca` is the file of the authority that signed their certificates."""

    log: Log
    ports: dict[int, int]


def _context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


@contextmanager
def running(authority: trustme.CA, *names: str) -> Iterator[Servers]:
    """Servers for all ports, with a certificate for these names."""
    log, ports = Log(), {}
    context = _context(authority, *names)
    with ExitStack() as stack:
        for port, implicit in ((587, False), (25, False), (465, True)):
            ports[port] = stack.enter_context(_smtp(log, context, implicit=implicit))
        ports[24] = stack.enter_context(_smtp(log, context, implicit=False, controls=_Store))
        for port, protocol, implicit in (
            (143, "imap", False),
            (993, "imap", True),
            (110, "pop3", False),
            (995, "pop3", True),
        ):
            server = _Retrieval(log, context, protocol, implicit=implicit)
            server.start()
            stack.callback(server.stop)
            ports[port] = server.port
        yield Servers(log, ports)
