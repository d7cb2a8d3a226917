"""Whether a text that stands where a name or a secret belongs is only a stand-in for one, such as `<your password>`."""

from __future__ import annotations

import re
from typing import Final

from smtplint.regex import regex

_WORDS: Final = regex(
    r"your|yoursite|change|exampl|placehold|dummy|fake|sample|todo|fixme|redact|secret|passw|p@ss|passphrase|user|xxx|\*\*\*|\.\.\.|"
    r"insert|replace|foobar|test|token|api.?key|qwert|1234|abcd|enter|hidden|censor|obfusc|masked|not-?a?-?real|letmein|hunter2|"
    r"admin|root|demo|lorem|some|my.?(?:mail|email|app|smtp|key|login|account)|login|account|smtp|mail|here|none|null|undefined|n/?a$|\bfoo\b|\bbar\b",
    re.IGNORECASE,
)
_ENCLOSED: Final = regex(
    r"<.*>|ENC\[.*|.*%\(.*|\[.*\]|\{.*\}|\(.*\)|%.*%|__.*__|@.*@|#.*#|.*(?:\$\{|\{\{|\$\(|<%).*", re.DOTALL
)
_EXAMPLE_HOST: Final = regex(
    r"(?:.*[.@])?(?:example\.(?:com|org|net|edu|io|de)|(?:.*\.)?(?:example|invalid|test|localhost))|.*(?:your|domain\.(?:com|tld)|company|acme|foo|xxx|<).*",
    re.IGNORECASE,
)
_EXAMPLE_WORDS: Final = (
    "example",
    "invalid",
    "test",
    "localhost",
    "your",
    "domain",
    "company",
    "acme",
    "foo",
    "xxx",
    "<",
)
"""One of them stands in all that fits."""

_DIGITS: Final = str.maketrans("01345$7@", "oieasst" + "a")
"""Letters that people write as digits: `S3cr3t`, `P4ssw0rd`."""


_MARKS: Final = frozenset("<[{(%_@#$")


def _is_enclosed(text: str) -> bool:
    return not _MARKS.isdisjoint(text) and _ENCLOSED.fullmatch(text) is not None


def is_stand_in(text: str) -> bool:
    """True if the text is empty, enclosed as placeholders are, made of few characters, or has a word that only they have."""
    bare = text.strip()
    plain = bare.translate(_DIGITS)
    worded = _WORDS.search(bare) is not None or _WORDS.search(plain) is not None
    return len(set(bare)) < 4 or _is_enclosed(bare) or worded


def is_example_host(host: str) -> bool:
    """True for hosts that RFC 2606 keeps for examples, and for names that plainly wait to be replaced."""
    lowered = host.strip().lower()
    return any(word in lowered for word in _EXAMPLE_WORDS) and _EXAMPLE_HOST.fullmatch(lowered) is not None


_TEST_FILE: Final = regex(
    r"(?:^|/)(?:tests?|testing|__tests__|specs?|fixtures?|mocks?)/|(?:^|[/_.-])(?:tests?|conftest|specs?|fixtures?)(?=[_.-])[^/]*$|\.test$",
    re.IGNORECASE,
)


def is_test_double(path: str, host: str) -> bool:
    """True for a server that is only made up for a test: nobody ever connects to it, however wrong its settings are."""
    return is_example_host(host) and _TEST_FILE.search(path) is not None


_DOUBLE: Final = regex(r"\b(?:[Mm]ock(?:er)?|MagicMock|AsyncMock|monkeypatch|patch)\b")


def is_rehearsal(path: str, text: str) -> bool:
    """True for a test that puts doubles in the place of what it calls: its sessions never reach a server."""
    return _TEST_FILE.search(path) is not None and _DOUBLE.search(text) is not None


_NAME_WORDS: Final = regex(
    r"your|change|exampl|placehold|dummy|fake|sample|todo|redact|secret|xxx|\*\*\*|\.\.\.|insert|replace|here|username|test|foo",
    re.IGNORECASE,
)
_NAME: Final = regex(
    r"(?:\w+[_ -])?(?:user|login|id|account|e-?mail|me|name|key|smtp|admin|root|guest|none|null)\d?", re.IGNORECASE
)


def is_stand_in_word(word: str) -> bool:
    """True for `<tls or ssl>`, `your_choice` and the like, where a short word of a product belongs."""
    return _is_enclosed(word.strip()) or _NAME_WORDS.search(word) is not None


def is_stand_in_name(name: str) -> bool:
    """True for a user name that says nothing of its shape: `<login>`, `your_username`; an address says that it is one."""
    bare = name.strip()
    if _is_enclosed(bare) or "your" in bare.lower():
        return True
    return "@" not in bare and (
        len(set(bare)) < 4 or _NAME.fullmatch(bare) is not None or _NAME_WORDS.search(bare) is not None
    )


_REFERENCE: Final = regex(r"[./~]|[\w+-]+:(?://|\w)")
"""A path, or a way into some store of secrets: `/run/secrets/mail`, `vault:mail#password`, `op://…`."""


def looks_like_a_secret(text: str) -> bool:
    """True for what was plainly made to be a password: not words, but characters of several kinds, or a known shape."""
    bare = text.strip()
    if len(bare) < 8 or is_stand_in(bare) or _REFERENCE.match(bare) is not None:
        return False
    kinds = sum(re.search(kind, bare) is not None for kind in (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9\s_.-]"))
    groups = re.fullmatch(r"[a-z]{4} ?[a-z]{4} ?[a-z]{4} ?[a-z]{4}", bare)
    return kinds >= 2 if groups is None else len(set(bare)) >= 8


_PLACEHOLDER: Final = regex(
    r"<[^<>@]*>|\[(?:your|my|smtp|mail)[^\[\]]*\]|change[-_ ]?(?:me|this|it)!?|replace[-_ ]?(?:me|this|with[-_ ].*)|x{3,}|\*{3,}"
    r"|(?:your|insert|enter)[-_ .](?:own[-_ ])?(?:smtp|mail|email|e-mail|user|username|password|pass|app|api|host|server|gmail|secret)"
    r"[\w .-]*|(?:todo|fixme|tbd)",
    re.IGNORECASE,
)
_SAMPLE_HOST: Final = regex(
    r"(?:[\w-]+\.)*(?:example\.com|your[-_]?(?:domain|host|company|server|site)\.\w+)", re.IGNORECASE
)


def is_placeholder(value: str, *, host: bool) -> bool:
    """True for a text that somebody was to replace: `<your-host>`, `changeme`; of hosts also `smtp.example.com`."""
    value = value.strip()
    return _PLACEHOLDER.fullmatch(value) is not None or (host and _SAMPLE_HOST.fullmatch(value) is not None)
