# -*- coding: latin-1 -*-
EMAIL_SUBJECT_PREFIX = "café "
EMAIL_HOST = "smtp.example.com"
EMAIL_PORT = 587
