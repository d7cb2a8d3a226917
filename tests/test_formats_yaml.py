"""What YAML says, where it says it, and what becomes of it when it is edited."""

from __future__ import annotations

import time

import pytest

from smtplint.format import Entry, Literal, Opaque, Reference, Scalar, Value, Wanted
from smtplint.formats import yaml
from smtplint.source import Source, Unreadable, apply


def _source(text: str) -> Source:
    return Source("file.yaml", text)


def _read(text: str) -> tuple[Entry, ...]:
    return yaml.read(_source(text), Wanted())


def _values(text: str) -> dict[str, Value]:
    return {entry.path: entry.value for entry in _read(text)}


def _entry(text: str, path: str) -> Entry:
    return next(entry for entry in _read(text) if entry.path == path)


def _at(text: str, path: str) -> str:
    return _source(text).at(_entry(text, path).span)


SCALARS: list[tuple[str, Scalar]] = [
    ("465", 465),
    ("0x1D1", 465),
    ("0123", 83),
    ("0587", "0587"),
    ("25:30", "25:30"),
    ("1_000", 1000),
    ("1.5", 1.5),
    ("1e3", "1e3"),
    ("0b_", "0b_"),
    (".nan", ".nan"),
    ("9" * 5000, "9" * 5000),
    ("yes", True),
    ("Off", False),
    ("n", "n"),
    ("~", None),
    ("null", None),
    ("2024-01-01", "2024-01-01"),
    ("smtp://a:b", "smtp://a:b"),
    ('"465"', "465"),
    ("'it''s'", "it's"),
    ('"a\\tb"', "a\tb"),
    ('"😀"', "😀"),
]


@pytest.mark.parametrize(("text", "value"), SCALARS)
def test_scalars_are_typed_as_yaml_1_1(text: str, value: Scalar) -> None:
    assert _values(f"😀: x\na: {text} # c\n")["a"] == Literal(value)
    assert _at(f"😀: x\na: {text} # c\n", "a") == text
    assert repr(yaml.decode(text)) == repr(value)


SPANS = [
    ("a: &x 25\n", "25"),
    ("a: &x\n  # c\n  25\n", "25"),
    ('a: !!str &x "25"\n', '"25"'),
    ('a:\t"x"\t# c\n', '"x"'),
    ("a: one\n  two\nb: 1\n", "one\n  two"),
    ("{b: 1, a: 25}", "25"),
    ('{"a":25}', "25"),
    ("a: |\n  x\n\n# c\nb: 1\n", "|\n  x\n"),
    ("a: >-  # c\n  x\n\nb: 1\n", ">-  # c\n  x"),
    ("a: |+\n  x\n\nb: 1\n", "|+\n  x\n\n"),
    ("a: |-\n  x \n \nb: 1\n", "|-\n  x "),
    ("a: |\r\n  x\r\nb: 1\r\n", "|\r\n  x\r\n"),
    ("? a\n: 25\n", "25"),
    ("%YAML 1.1\n--- # c\na: 25\n", "25"),
    ("a: ---\n", "---"),
    ("a: x", "x"),
]


@pytest.mark.parametrize(("text", "span"), SPANS)
def test_spans_are_the_value_alone(text: str, span: str) -> None:
    assert _at(text, "a") == span
    assert Literal(yaml.decode(span)) == _values(text)["a"]


def test_an_empty_value_stands_after_its_colon() -> None:
    entry = _entry("a:  # c\nb: 1\n", "a")
    assert (entry.value, entry.span.start, entry.span.end) == (Literal(None), 2, 2)
    assert yaml.encode("x", "") == " x"


def test_keys_are_paths() -> None:
    text = 'a:\n  - b: 1\n    on: 2\n  - [3, {4: 5}]\n"k.l": 6\n---\nm: 7\n'
    assert [(e.key, e.scope) for e in _read(text)] == [
        (("a", "[0]", "b"), ()),
        (("a", "[0]", "on"), ()),
        (("a", "[1]", "[0]"), ()),
        (("a", "[1]", "[1]", "4"), ()),
        (("k.l",), ()),
        (("m",), ("document 1",)),
    ]


def test_both_of_two_equal_keys_come_in_order() -> None:
    assert [e.value for e in _read("a: 1\na: 2\n")] == [Literal(1), Literal(2)]


def test_aliases_and_merges_give_the_original_text_again() -> None:
    text = "x: &x\n  h: a\n  p: &p 25\ny:\n  <<: [*x, {h: b, q: 1}]\n  p: 465\nz: *p\n"
    assert _values(text) == {
        "x.h": Literal("a"),
        "x.p": Literal(25),
        "y.h": Literal("a"),
        "y.q": Literal(1),
        "y.p": Literal(465),
        "z": Literal(25),
    }
    alias = _entry(text, "z")
    assert (alias.span, _source(text).at(alias.also or alias.span)) == (_entry(text, "x.p").span, "*p")
    assert _entry(text, "y.h").span == _entry(text, "x.h").span


def test_a_list_of_assignments_is_text() -> None:
    text = "environment:\n- A=465\n- \"B=on\"\n- 'C=a b'\n- D=\"x\"\n- E=\n- F\n- G=${X:-25}\n- 'H=it''s'\n"
    found = {e.key[-1]: e for e in _read(text)}
    assert {k: e.value for k, e in found.items()} == {
        "A": Literal("465"),
        "B": Literal("on"),
        "C": Literal("a b"),
        "D": Literal('"x"'),
        "E": Literal(""),
        "F": Reference("F"),
        "G": _entry(text, "environment.G").value,
        "H": Opaque(),
    }
    assert _at(text, "environment.A") == "465"
    assert all(
        _source(text).at(e.content) == e.value.value
        for e in found.values()
        if e.content and isinstance(e.value, Literal)
    )


@pytest.mark.parametrize("items", ["[db, web]", '["--a=b", "A=b"]', "[A=b, 1]", "[A=b, {c: 1}]", "[a b=c, A=b]"])
def test_other_lists_stay_lists(items: str) -> None:
    assert {e.key[1][:1] for e in _read(f"a: {items}\n")} == {"["}


def test_kubernetes_lists_are_settings() -> None:
    text = (
        "env:\n- name: A\n  value: '1'\n- {name: B, value: on}\n- name: C\n  valueFrom:\n    x: 1\n- name: D\n"
        "containers:\n- name: app\n- name: other\nenvFrom:\n- x: 1\n"
    )
    assert _values(text) == {
        "env.A": Literal("1"),
        "env.B": Literal(value=True),
        "env.C": Opaque(),
        "env.C.valueFrom.x": Literal(1),
        "env.D": Opaque(),
        "env.*": Opaque(),
        "containers.[0].name": Literal("app"),
        "containers.[1].name": Literal("other"),
        "envFrom.[0].x": Literal(1),
    }


def test_settings_from_elsewhere_are_a_wildcard() -> None:
    assert _values("s:\n  env_file: .env\n") == {"s.env_file": Literal(".env"), "s.environment.*": Opaque()}


def _reference(text: str) -> tuple[object, ...]:
    value = _values(f"a: {text}\n")["a"]
    assert isinstance(value, Reference), value
    at = value.span and _source(f"a: {text}\n").at(value.span)
    return value.name, value.default and value.default.value if isinstance(value.default, Literal) else None, at


REFERENCES = [
    ("${X}", ("X", None, None)),
    ("$X", ("X", None, None)),
    ("${X:-25}", ("X", "25", "25")),
    ("${X-25}", ("X", "25", "25")),
    ("'${X:=25}'", ("X", "25", "25")),
    ("${X:25}", ("X", "25", "25")),
    ("${X:-}", ("X", "", "")),
    ("${X?msg}", ("X", None, None)),
    ("${X:?msg}", ("X", None, None)),
    ("${X:-${Y:-25}}", ("X", None, None)),
    ("$(X)", ("X", None, None)),
    ("${{ secrets.X }}", ("secrets.X", None, None)),
    ('"%env(int:X)%"', ("X", None, None)),
    ('"%{X}"', ("X", None, None)),
    ("!secret x", ("!secret x", None, None)),
    ('"{{ x }}"', ("x", None, None)),
    ("{{ .Values.x | default 25 | quote }}", (".Values.x", 25, "25")),
    ("{{ default 25 .Values.x }}", (".Values.x", 25, "25")),
    ("\"{{ x | default('25') }}\"", ("x", "25", "25")),
    ("'{{ x | default(true) }}'", ("x", True, "true")),
]


@pytest.mark.parametrize(("text", "expected"), REFERENCES)
def test_references(text: str, expected: tuple[object, ...]) -> None:
    assert _reference(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a${X}",
        "$X.b",
        "${X:+y}",
        "'x{{ y }}'",
        "x ${{ y }}",
        "!ENV x",
        "!Sub [a]",
        "!!str 25",
        "|2\n   x",
        "{{ toYaml .x }}",
        '"<%= x %>"',
    ],
)
def test_what_cannot_be_known_is_opaque(text: str) -> None:
    assert _values(f"a: {text}\n")["a"] == Opaque()


@pytest.mark.parametrize("text", ["pa$$word", "a$1", "end$", "100%", "a%20b", "$$X", "a{{b"])
def test_a_sign_alone_is_a_sign(text: str) -> None:
    assert _values(f"a: {text}\n")["a"] == Literal(text)


def test_control_lines_of_a_template_are_branches() -> None:
    text = "{{- if .x }}\na: 1\n{{- else }}\na: 2\n{{- end }}\nb: 3\n"
    assert [(e.value, e.scope) for e in _read(text)] == [
        (Literal(1), ("if@0",)),
        (Literal(2), (f"else@{text.index('{{- else')}",)),
        (Literal(3), ()),
    ]


OUTPUTS = [
    ("env:\n  {{- toYaml .x | nindent 2 }}\nb: 1\n", {"env", "env.*", "b"}),
    ("env:\n  a: 1\n  {{- toYaml .x | nindent 2 }}\nb: 1\n", {"env.a", "env.*", "b"}),
    ("env:\n  {{ toYaml .x }}\n  a: 1\n", {"env.a", "env.*"}),
    ("s:\n  env:\n    - name: A\n      value: b\n{{ toYaml .x | indent 4 }}\n", {"s.env.A", "s.env.*"}),
    ("s:\n  env:\n    a: 1\n  {{- include `x` . | nindent 2 }}\n", {"s.env.a", "s.*"}),
    ("s:\n  a: 1\n{{ include `x` . }}\n", {"s.a", "*"}),
    ("s:\n  a: 1\n  {{- if x }}\n  {{- end }}\n  {{/* c */}}\n", {"s.a"}),
    ("env: {{- toYaml .x | nindent 2 }}\n", {"env", "env.*"}),
    ("env:{{ toYaml .x | nindent 2 }}\n", {"env", "env.*"}),
    ('{ "a": \'https://x.example\', "b": https://y.example }\n', {"a", "b"}),
    ("env: {{- toYaml .x | nindent 2 }}\n  a: 1\nb: 1\n", {"env.a", "env.*", "b"}),
    ("env: {{- include `x` . | nindent 2 }}\n{{- if .y }}\n- name: A\n  value: 1\n{{- end }}\n", {"env.A", "env.*"}),
    ("- s: {{- toYaml .x | nindent 4 }}\n  b: 1\n", {"[0].s", "[0].s.*", "[0].b"}),
    ("c: |\n  a\n{{ if x }}\n  b\n{{ end }}\nd: 1\n", {"c", "d"}),
    ("c:\n  - {{ x }}\n  - A=1\n", {"c.*", "c.A"}),
    ("{{ x }}: 1\n", {"{{ x }}"}),
    ("a: {{- range .x }}\n- b: {{ . }}\n{{- end }}\nc: 1\n", {"a.[0].b", "c"}),
    ("a: {{ if x }}y{{ end }}\nc: 1\n", {"a", "c"}),
]


@pytest.mark.parametrize(("text", "paths"), OUTPUTS)
def test_template_output_is_a_wildcard_where_it_lands(text: str, paths: set[str]) -> None:
    assert set(_values(text)) == paths


def test_opaque_keys_have_no_literals() -> None:
    assert _values("{{ x }}: 1\n") == {"{{ x }}": Opaque()}


UNREADABLE = [
    ("a: b: c", "mapping values are not allowed in this context", 4),
    ("😀: *nope", "the alias *nope has no anchor before it", 3),
    ('"😀": x\x07', "control characters are not allowed", 6),
    ("a:\n\tb: 1", "a tab where indentation is expected", 3),
    ('a: "x', "found unexpected end of stream while scanning a quoted scalar", 5),
    ("\ufeffa: 1", "a second byte-order mark", 0),
    ("a: \ud800", "half a surrogate pair: not a character", 3),
]


@pytest.mark.parametrize(("text", "reason", "offset"), UNREADABLE)
def test_errors_are_one_line_with_a_place(text: str, reason: str, offset: int) -> None:
    with pytest.raises(Unreadable) as caught:
        _read(text)
    assert (caught.value.reason.removeprefix("not YAML: "), caught.value.offset) == (reason, offset)


_NINE = ",".join
BOMBS = {
    "lists": "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{_NINE([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 20)),
    "merges": "a0: &a0 {x: 1}\n"
    + "".join(f"a{i}: &a{i} {{<<: [{_NINE([f'*a{i - 1}'] * 9)}], k{i}: 1}}\n" for i in range(1, 20)),
    "itself": "a: &a [*a, *a]\n",
    "merges itself": "a: &a {<<: *a, b: 1}\n",
    "brackets": "[" * 100_000,
    "brackets and quotes": '["]",' * 100_000,
    "dashes": "- " * 100_000,
    "keys": "".join(" " * i + "a:\n" for i in range(300)),
    "branches": "".join(f"{{{{ if x }}}}\na{i}: 1\n" for i in range(10_000)),
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_bombs_are_refused(text: str) -> None:
    with pytest.raises(Unreadable, match=r"aliases expand to too many settings|levels deep|nesting depth"):
        _read(text)


@pytest.mark.parametrize(
    "text",
    [
        "{{ " * 200_000 + "}}",
        "{{/* " * 200_000,
        "{% " * 200_000,
        "a: " + "${A:-" * 100_000,
        "a: &x" + "\n # c" * 100_000,
    ],
)
def test_reading_is_linear(text: str) -> None:
    started = time.monotonic()
    try:
        _read(f"# {text}\n")
        _read(text)
    except Unreadable:
        pass
    assert time.monotonic() - started < 5


WRITTEN: list[tuple[Scalar, str, str]] = [
    ("smtp.example.com", "localhost", "smtp.example.com"),
    ("on", "localhost", '"on"'),
    ("465", "localhost", '"465"'),
    ("a: b", "localhost", '"a: b"'),
    ("[a", "localhost", '"[a"'),
    ("", "localhost", '""'),
    ("465", "587", "465"),
    (465, "587", "465"),
    (465, '"587"', '"465"'),
    (465, "'587'", "'465'"),
    (True, "off", "on"),
    (False, "True", "False"),
    (True, '"NO"', '"YES"'),
    (False, "x", "false"),
    ("it's", "'x'", "'it''s'"),
    ("a\nb", "'x'", '"a\\nb"'),
    ('"\\', '"x"', '"\\"\\\\"'),
    ("\x85\u2028", '"x"', '"\\u0085\\u2028"'),
    (None, '"x"', "null"),
    ("b", "|\n    a\n", "|-\n    b\n"),
    ("b\n", "|-  # c\n    a", "|  # c\n    b\n"),
    ("b\nc\n", ">\r\n  a\r\n", "|\r\n  b\r\n  c\r\n"),
    ("x", "", " x"),
    (465, "", " 465"),
    ("x", "=", "=x"),
    (1e16, "1.5", "1.0e+16"),
]


@pytest.mark.parametrize(("value", "like", "text"), WRITTEN)
def test_values_are_written_in_the_manner_of_what_was_there(value: Scalar, like: str, text: str) -> None:
    assert yaml.encode(value, like) == text


def test_no_quotes_come_to_a_bare_number() -> None:
    with pytest.raises(ValueError, match="without quotes"):
        yaml.encode("", "465")


def _replaced(text: str, path: str, value: Scalar) -> str | None:
    edits = yaml.replace(_source(text), _entry(text, path), value)
    return None if edits is None else apply(text, edits)


REPLACED: list[tuple[str, str, Scalar, str | None]] = [
    ("e:\n- A=ssl\n", "e.A", "on", "e:\n- A=on\n"),
    ('e:\n- A="ssl"\n', "e.A", "ssl", "e:\n- A=ssl\n"),
    ("e:\n- A=\n", "e.A", 465, "e:\n- A=465\n"),
    ("e:\n- A=x\n", "e.A", "a #b", None),
    ('e:\n- "A=x"\n', "e.A", "a #b", 'e:\n- "A=a #b"\n'),
    ("a:\n", "a", "on", 'a: "on"\n'),
    ("a: x # c\n", "a", True, "a: true # c\n"),
]


@pytest.mark.parametrize(("text", "path", "value", "after"), REPLACED)
def test_replace(text: str, path: str, value: Scalar, after: str | None) -> None:
    assert _replaced(text, path, value) == after


INSERTED: list[tuple[str, str, Scalar, str | None]] = [
    ("s:\n  a: 1 # c\n  b: 2\n", "s.a", 465, "s:\n  a: 1 # c\n  K: 465\n  b: 2\n"),
    ("s:\n  a: '1'", "s.a", True, "s:\n  a: '1'\n  K: true"),
    ("s:\r\n  - a: x\r\n    b: 1\r\n", "s.[0].a", "on", 's:\r\n  - a: x\r\n    K: "on"\r\n    b: 1\r\n'),
    ("a: |\n  x\n\nb: 1\n", "a", 1, "a: |\n  x\nK: 1\n\nb: 1\n"),
    ("s: {a: 1, b: 2}\n", "s.a", 2, "s: {a: 1, K: 2, b: 2}\n"),
    ("s: {\n  a: 1\n}\n", "s.a", 2, "s: {\n  a: 1,\n  K: 2\n}\n"),
    ("e:\n  - A=1\n  - B=2\n", "e.A", True, "e:\n  - A=1\n  - K=true\n  - B=2\n"),
    ("e:\n- 'A=1' # c\n", "e.A", 465, "e:\n- 'A=1' # c\n- 'K=465'\n"),
    ("e: [A=1]\n", "e.A", 465, "e: [A=1, K=465]\n"),
    (
        "env:\n  - name: A\n    value: x\n",
        "env.A",
        465,
        'env:\n  - name: A\n    value: x\n  - name: K\n    value: "465"\n',
    ),
    ("env:\n- {name: A, value: 'x'}\n", "env.A", True, "env:\n- {name: A, value: 'x'}\n- {name: K, value: 'true'}\n"),
    ('{"a": "x"}', "a", 1, '{"a": "x", "K": 1}'),
    ("env_file: .env\n", "environment.*", 1, None),
]


@pytest.mark.parametrize(("text", "path", "value", "after"), INSERTED)
def test_insert(text: str, path: str, value: Scalar, after: str | None) -> None:
    edits = yaml.insert(_source(text), _entry(text, path), "K", value)
    assert (None if edits is None else apply(text, edits)) == after


REMOVED = [
    ("a: 1\nb: 2\n", "a", "b: 2\n"),
    ("a: 1\r\nb: |\r\n  x\r\n", "b", "a: 1\r\n"),
    ("a: 1\nb: |-\n  x\nc: 1\n", "b", "a: 1\nc: 1\n"),
    ("a: 1 # c\nb: 2\n", "a", None),
    ("a: &x 1\nb: *x\n", "a", None),
    ("a: 1\nb:\n  # c\n  2\n", "b", None),
    ("s: {a: 1, b: 2}\n", "s.a", None),
    ("- a: 1\n  b: 2\n", "[0].a", None),
    ("s:\n  a: 1\n", "s.a", None),
    ("e:\n- A=1\n- 'B=2'\n", "e.B", "e:\n- A=1\n"),
    ("env:\n- name: A\n  value: 'x'\n- name: B\n  value: y\n", "env.A", "env:\n- name: B\n  value: y\n"),
    ("env:\n- name: A # c\n  value: 'x'\n- name: B\n  value: y\n", "env.A", None),
]


@pytest.mark.parametrize(("text", "path", "after"), REMOVED)
def test_remove(text: str, path: str, after: str | None) -> None:
    edits = yaml.remove(_source(text), _entry(text, path))
    assert (None if edits is None else apply(text, edits)) == after


RENAMED = [
    ("a: 1 # c\n", "a", "K: 1 # c\n"),
    ('"a": 1\n', "a", '"K": 1\n'),
    ("e: ['A=1']\n", "e.A", "e: ['K=1']\n"),
    ("env:\n- name: A\n  value: x\n", "env.A", "env:\n- name: K\n  value: x\n"),
    ("{{ x }}: 1\n", "{{ x }}", None),
]


@pytest.mark.parametrize(("text", "path", "after"), RENAMED)
def test_rename(text: str, path: str, after: str | None) -> None:
    edits = yaml.rename(_source(text), _entry(text, path), "K")
    assert (None if edits is None else apply(text, edits)) == after
