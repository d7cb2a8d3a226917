"""What the project around a file says of it: the same lines mean what the product that reads them makes of them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from smtplint.check import check, endpoints
from smtplint.config import Settings
from smtplint.fix import mend
from smtplint.model import UNKNOWN, Endpoint
from smtplint.source import Source
from tests.test_dialects import Folder

ENV = "SMTP_HOST=mail.example.org\nSMTP_PORT=587\nSMTP_SSL=true\nSMTP_SECURE=true\n"


def _compose(**services: str) -> dict[str, str]:
    blocks = [f"  {name}:\n    image: {image}\n    env_file: .env\n" for name, image in services.items()]
    return {"docker-compose.yml": "services:\n" + "".join(blocks)}


def _only(path: str, text: str, files: Mapping[str, str]) -> Endpoint:
    (found,) = endpoints(Source(path, text), Settings(), Folder(dict(files)))
    return found


@pytest.mark.parametrize(
    ("images", "encryption"),
    [
        ({"a": "vaultwarden/server:latest"}, "starttls"),
        ({"a": "outlinewiki/outline"}, "implicit"),
        ({"a": "ghcr.io/x/unheard-of", "b": "vaultwarden/server:${TAG:-1.30}"}, "starttls"),
        ({"a": "vaultwarden/server", "b": "outlinewiki/outline"}, UNKNOWN),
    ],
)
def test_the_image_of_the_service_that_names_a_file_says_who_reads_it(
    images: dict[str, str], encryption: object
) -> None:
    assert _only("shop/.env", ENV, _compose(**images)).value("encryption") == encryption


def test_a_value_counts_under_the_name_of_the_service() -> None:
    text = "MAILSERVER_HOST=mail.example.org\nMAIL_PORT=587\nMAIL_MODE=force_tls\n"
    compose = (
        "services:\n  vault:\n    image: vaultwarden/server\n    environment:\n      SMTP_HOST: ${MAILSERVER_HOST}\n"
        "      SMTP_PORT: ${MAIL_PORT}\n      SMTP_SECURITY: ${MAIL_MODE:-starttls}\n"
    )
    around = Folder({"compose.yml": compose})
    source = Source("shop/.env", text)
    (finding,) = [f for f in check(source, Settings(), around) if f.rule == "implicit-tls-on-starttls-port"]
    mended = mend(source, [finding], Settings(), around, unsafe=True)
    assert not mended.failed
    assert mended.source.text == text.replace("force_tls", "starttls")


def test_a_name_that_nobody_would_read_is_not_added() -> None:
    text = "SMTP_HOST=mail.example.org\nSMTP_PORT=465\n"
    compose = (
        "services:\n  vault:\n    image: vaultwarden/server\n    environment:\n      - SMTP_HOST\n      - SMTP_PORT\n"
    )
    interpolated = mend_all(text, {"compose.yml": compose})
    assert "SMTP_SECURITY" not in interpolated
    assert "SMTP_SECURITY" in mend_all(text, _compose(vault="vaultwarden/server"))


def mend_all(text: str, files: dict[str, str]) -> str:
    around, source = Folder(files), Source("shop/.env", text)
    mended = mend(source, check(source, Settings(), around), Settings(), around, unsafe=True)
    assert not mended.failed
    return mended.source.text


def test_what_an_env_file_sets_is_not_absent() -> None:
    text = (
        "services:\n  n8n:\n    image: n8nio/n8n\n    env_file: mail.env\n    environment:\n"
        "      N8N_SMTP_HOST: mail.example.org\n      N8N_SMTP_PORT: 587\n"
    )
    assert _only("compose.yml", text, {}).value("encryption") is UNKNOWN
    assert _only("compose.yml", text, {"mail.env": "N8N_SMTP_SSL=false\n"}).value("encryption") is UNKNOWN
    assert _only("compose.yml", text, {"mail.env": "OTHER=1\n"}).value("encryption") == "implicit"


HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mail}\ndata:\n"
CONFIG_MAP = HEAD + "  SMTP_HOST: mail.example.org\n  SMTP_PORT: '587'\n  SMTP_SSL: 'true'\n  SMTP_SECURE: 'true'\n"
POD = (
    "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: app\n      image: IMAGE\n      envFrom:\n"
    "        - configMapRef: {name: mail}\n"
)


@pytest.mark.parametrize(
    ("image", "encryption"), [("vaultwarden/server", "starttls"), ("outlinewiki/outline", "implicit")]
)
@pytest.mark.parametrize("together", [True, False])
def test_the_image_of_the_container_that_uses_a_config_map(image: str, encryption: str, together: bool) -> None:
    pod = POD.replace("IMAGE", image)
    text, files = (f"{CONFIG_MAP}---\n{pod}", {}) if together else (CONFIG_MAP, {"pod.yaml": pod})
    assert _only("k8s/config.yaml", text, files).value("encryption") == encryption


def test_a_mode_in_env_and_a_port_in_a_config_map_are_one_endpoint() -> None:
    pod = POD.replace("IMAGE", "vaultwarden/server").replace(
        "      envFrom", "      env:\n        - name: SMTP_SECURITY\n          value: force_tls\n      envFrom"
    )
    text = f"{CONFIG_MAP.replace('SMTP_SSL', 'X')}---\n{pod}"
    source, around = Source("k8s/all.yaml", text), Folder({})
    (finding,) = [f for f in check(source, Settings(), around) if f.rule == "implicit-tls-on-starttls-port"]
    mended = mend(source, [finding], Settings(), around, unsafe=True)
    assert mended.source.text == text.replace("force_tls", "starttls")


def test_a_secret_in_base64_is_read_and_not_edited() -> None:
    secret = (
        f"{HEAD.replace('ConfigMap', 'Secret')}  EMAIL_HOST: bWFpbC5leGFtcGxlLm9yZw==\n  EMAIL_PORT: NTg3\n"
        "  EMAIL_USE_SSL: VHJ1ZQ==\n  EMAIL_USE_TLS: RmFsc2U=\n"
    )
    source, around = Source("secret.yaml", secret), Folder({})
    findings = [f for f in check(source, Settings(), around) if f.rule == "implicit-tls-on-starttls-port"]
    assert len(findings) == 1
    assert findings[0].fix is None
