EMAIL_HOST = "smtp.example.com"
EMAIL_PORT = 25
