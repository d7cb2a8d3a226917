EMAIL_NAME = "📨 mail"; EMAIL_HOST = "smtp.example.com"
EMAIL_PORT = (
    587
)
EMAIL_BODY = """two
lines"""
EMAIL_B = b"bytes"
EMAIL_F = f"{EMAIL_HOST}:25"