from flask import Flask
import os

app = Flask(__name__)
os.environ["MAIL_DEBUG"] = "0"
os.environ.setdefault("MAIL_PORT", "25")
app.config["MAIL_SERVER"] = "smtp.example.com"
app.config["MAIL_PORT"] = int(os.environ.get("MAIL_PORT", 587))
app.config.update(MAIL_USE_TLS=True, MAIL_USERNAME="me", MAIL_MAX_EMAILS=-1)
app.config.update({"MAIL_USE_SSL": False, "MAIL_DEFAULT_SENDER": "é✉@example.com"})
app.config.from_mapping(MAIL_SUPPRESS_SEND=False)


class Config:
    MAIL_SERVER = "smtp.example.com"
    MAIL_PORT = 2_525


class Production(Config):
    MAIL_USE_TLS = "yes"
