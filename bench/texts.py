"""Settings of any length, for the benchmarks that look at how cost grows."""

from __future__ import annotations

from typing import Final

LINES: Final = 1000

MAIL: Final = {
    ".env": "EMAIL_HOST=smtp.gmail.com\nEMAIL_PORT=465\nEMAIL_USE_TLS=True\n",
    "settings.py": 'EMAIL_HOST = "smtp.gmail.com"\nEMAIL_PORT = 465\nEMAIL_USE_TLS = True\n',
    "compose.yaml": (
        "  app:\n    image: n8nio/n8n\n    environment:\n      N8N_SMTP_HOST: smtp.gmail.com\n"
        '      N8N_SMTP_PORT: 587\n      N8N_SMTP_SSL: "true"\n'
    ),
    "config.toml": '[smtp]\nhost = "smtp.gmail.com"\nport = 465\nstarttls = true\n',
}
"""A wrong endpoint in each format."""

_FILLER: Final = {
    ".env": "OPTION_{}=value\n",
    "settings.py": 'OPTION_{} = {{"name": "value", "number": 1}}\n',
    "compose.yaml": "  service-{}:\n    image: example/image\n    environment:\n      NAME: value\n",
    "config.toml": '[part-{}]\nname = "value"\nnumber = 1\n',
}


def text(name: str, lines: int) -> str:
    """A file of so many lines that have nothing to do with mail, and one endpoint."""
    count = lines // _FILLER[name].count("\n")
    head = "services:\n" if name == "compose.yaml" else ""
    return head + "".join(_FILLER[name].format(number) for number in range(count)) + MAIL[name]


def many_findings(name: str, count: int) -> str:
    """A file with about so many findings, each with a fix."""
    if name == "compose.yaml":
        service = MAIL[name].replace("  app:", "  app-{}:")
        return "services:\n" + "".join(service.format(number) for number in range(count))
    call = "server_{0} = smtplib.SMTP('h{0}.example.org', 465)\n"
    return "import smtplib\n\n" + "".join(call.format(number) for number in range(count))
