"""Values that are kept encrypted in the file, and opened on the way to the program.

Source: getsops.io, documentation (`ENC[AES256_GCM,data:…]`); hiera-eyaml, README (`ENC[PKCS7,…]`); jasypt-spring-boot,
README (`ENC(…)`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from smtplint.format import Entry, Literal, Opaque
from smtplint.handover import Given
from smtplint.regex import regex

_SEALED = regex(r"\s*ENC(\[\w+,.*\]|\(.*\))\s*", re.DOTALL)


def handed(given: Given) -> Sequence[Entry]:
    return [_opened(e) for e in given.entries] if "ENC" in given.source.text else given.entries


def _opened(entry: Entry) -> Entry:
    value = entry.value.value if isinstance(entry.value, Literal) else None
    sealed = isinstance(value, str) and _SEALED.fullmatch(value) is not None
    return replace(entry, value=Opaque(), content=None, editable="nothing") if sealed else entry
