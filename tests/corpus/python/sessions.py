"""Sessions in all the ways in which they are bound."""

import imaplib as im
import poplib
import smtplib
import ssl
from smtplib import SMTP as Mail

HOST, PORT = "smtp.example.com", 587
PASSWORD = "not-a-real-password"

context = ssl.create_default_context()
context.minimum_version = ssl.TLSVersion.TLSv1_2
context.check_hostname = True
context.set_ciphers("HIGH:!aNULL")

server = smtplib.SMTP(HOST, port=PORT, timeout=30)
server.starttls(context=context)
server.login("me", PASSWORD)

with Mail("smtp.example.com:25") as mail:
    mail.ehlo(); mail.sendmail("a@example.com", ["b@example.com"], "text")


def read(host="imap.example.com", port=993):
    box = im.IMAP4_SSL(host, port, ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    try:
        box.login("me", "not-a-real-password")
    except im.IMAP4.error:
        return None
    return box


class Reader:
    def __init__(self, port=995):
        self.port = port

    def open(self):
        self.session = poplib.POP3_SSL("pop.example.com", self.port)
        self.session.user("me")
        if (late := poplib.POP3("pop.example.com", 110)) is not None:
            late.stls()
