"""Sends the nightly report."""

import os
import smtplib
from email.message import EmailMessage


def send_report(text: str) -> None:
    message = EmailMessage()
    message["Subject"] = "Orders of the day"
    message["From"] = message["To"] = "reports@shop.example.org"
    message.set_content(text)
    with smtplib.SMTP("smtp.fastmail.com", 587, timeout=30) as server:
        server.login("reports@shop.example.org", os.environ["REPORTS_PASSWORD"])
        server.send_message(message)
