"""Settings of a small web shop (the mail part)."""

import os

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = "smtp.gmail.com"
EMAIL_PORT = 465
EMAIL_USE_TLS = True  # copied from the tutorial, which used 587
EMAIL_HOST_USER = "orders@shop.example.org"
EMAIL_HOST_PASSWORD = os.environ["EMAIL_HOST_PASSWORD"]
