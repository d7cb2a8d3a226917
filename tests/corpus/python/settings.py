"""A settings module with what settings modules have."""

import os
from pathlib import Path

import environ

env = environ.Env(DEBUG=(bool, False))
BASE_DIR = Path(__file__).resolve().parent

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST: str = "smtp.example.com"
EMAIL_PORT = 587
EMAIL_USE_TLS = True  # STARTTLS
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "me@example.com")
EMAIL_HOST_PASSWORD = os.environ["EMAIL_HOST_PASSWORD"]
EMAIL_TIMEOUT = int(os.getenv("EMAIL_TIMEOUT", "30"))
SERVER_EMAIL = 'it\'s "quoted"'
EMAIL_SUBJECT_PREFIX = "[shop" "] "
DEFAULT_FROM_EMAIL = r"raw\n@example.com"
ADMINS = [("Ann", "ann@example.com"), ("Ben", "ben@example.com")]
SMTP_RETRIES, SMTP_BACKOFF = 3, 2.5

MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {"host": "smtp.example.com", "port": (465), "use_ssl": True, "username": None},
    },
    **env.dict("MORE_MAILERS", default={}),
}

if env.bool("DEBUG"):
    EMAIL_HOST = "localhost"
    EMAIL_PORT = 1025
    EMAIL_USE_TLS = False
else:
    EMAIL_SSL_KEYFILE = None
