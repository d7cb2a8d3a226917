EMAIL_HOST = "smtp.example.com"
EMAIL_PORT = 465  # café
EMAIL_USE_SSL = True
if EMAIL_PORT:
	EMAIL_TIMEOUT = 5
