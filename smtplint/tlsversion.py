"""TLS versions as programs spell them: `TLS10`, `TLSv1.1`, `ssl.TLSVersion.TLSv1_2`, lists of them."""

from __future__ import annotations

import re

from smtplint.regex import regex

OBSOLETE = ("SSLv2", "SSLv3", "1.0", "1.1")
"""RFC 8996 forbids TLS 1.0 and 1.1, RFC 7568 SSL 3.0, RFC 6176 SSL 2.0."""

_WORD = regex(r"(?P<name>SSL|TLS)_?v?_?(?P<major>[123])?(?:[._]?(?P<minor>[0-3]))?(?![0-9])", re.IGNORECASE)
_BARE = regex(r"1\.(?P<minor>[0-3])")
_ORDER = (*OBSOLETE, "1.2", "1.3")


def floor(text: str) -> str | None:
    """The lowest version that the text allows, as one of SSLv2, SSLv3, 1.0 … 1.3; None if it names none."""
    versions = [version for word in re.split(r"[\s,;:\[\]'\"]+", text) if (version := _version(word))]
    return min(versions, key=_ORDER.index) if versions else None


def _version(word: str) -> str | None:
    if bare := _BARE.fullmatch(word):
        return f"1.{bare['minor']}"
    word = word.rpartition(".TLSVersion.")[2].rpartition(".PROTOCOL_")[2].removeprefix("PROTOCOL_")
    if word in ("TLS_CLIENT", "TLS_SERVER"):  # Python's ssl: whatever both sides know, from 1.2 on since 3.10
        return "1.2"
    found = _WORD.fullmatch(word)
    if found is None or found["major"] is None:
        return None
    if found["name"].upper() == "SSL":
        return f"SSLv{found['major']}" if found["major"] in "23" and not found["minor"] else None
    return f"1.{found['minor'] or 0}" if found["major"] == "1" else None


def raised(text: str, to: str = "1.2") -> str | None:
    """The same text with `to` as its lowest version, in its own spelling; None if it cannot be said so."""
    words = re.findall(r"[^\s,;:]+|[\s,;:]+", text)
    versions = {w: v for w in words if (v := _version(w))}
    if not versions:
        return None
    enough = [w for w, v in versions.items() if _ORDER.index(v) >= _ORDER.index(to)]
    if enough:
        return " ".join(w for w in words if w in enough) if "," not in text else ",".join(enough)
    return _respelled(next(iter(versions)), to)


def _respelled(word: str, to: str) -> str | None:
    minor = to.partition(".")[2]
    if "PROTOCOL_" in word:  # Python's constant for clients that negotiate makes a context that trusts no authority
        return None
    if "TLSVersion." in word:
        return f"{word.rpartition('.')[0]}.TLSv1_{minor}"
    if _BARE.fullmatch(word):
        return to
    if re.fullmatch(r"TLS1[0-3]", word):
        return f"TLS1{minor}"
    separator = "_" if "_" in word else "."
    return f"TLS{'v' if 'v' in word.lower() else ''}1{separator}{minor}"
