"""A tree that grew out of that of a similar text is the tree of the text."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
from hypothesis import given, settings
from hypothesis import strategies as st

from smtplint.formats.python.parsing import grown, whole
from smtplint.formats.python.tree import Tree
from smtplint.source import Unreadable

_CORPUS = [
    p.read_text("utf-8", "replace").replace("\r", "")
    for p in sorted((Path(__file__).parents[1] / "corpus" / "python").iterdir())
]
_MORE = (
    "# first\n\nimport smtplib  # one\n\n\n@cached\ndef f(x):\n    # inside\n    return x\n    # behind\n# below\n\n\nclass A:\n"
    "    b = 1\n\n    def c(self):\n        return '''\nx = 1\n'''\n\n\nif f:\n    pass\nelse:\n    pass\n\nA().b = (\n1,\n)\n# last\n"
)
_TEXTS = st.lists(st.sampled_from([*_CORPUS, _MORE]), min_size=1, max_size=3).map("".join)
_PIECES = st.sampled_from(
    [
        "",
        "\n",
        "# note\n",
        "x = 1\n",
        "'''",
        "(",
        ")",
        "    ",
        "\\\n",
        "else:\n",
        "def g():\n    pass\n",
        "\t",
        "@d\n",
        "\f",
        ";",
        "é✉",
    ]
)


def _tree(text: str) -> Tree | None:
    try:
        return whole(text, text)
    except Unreadable:
        return None


def _shape(tree: Tree, node: cst.CSTNode) -> tuple[object, ...]:
    """What stands where and belongs to what. How far a block is indented is told relative to the module: that may differ."""
    place = tree.span(node) if id(node) in tree.marks else None
    return type(node).__name__, place, *(_shape(tree, child) for child in node.children)


@given(_TEXTS, st.data())
@settings(max_examples=300, deadline=None)
def test_what_grew_is_what_is_parsed(text: str, data: st.DataObject) -> None:
    base = _tree(text)
    if base is None:
        return
    for _ in range(3):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 40)))
        changed = text[:start] + data.draw(_PIECES) + text[end:]
        tree, other = grown(base, text, changed, changed), _tree(changed)
        if tree is None:
            continue
        assert other is not None, "what cannot be parsed as a whole grew"
        assert tree.module.code == other.module.code == changed.replace("\f", "") or "\f" in changed
        assert _shape(tree, tree.module) == _shape(other, other.module)
        base, text = tree, changed


def test_little_is_parsed_again() -> None:
    text = "".join(f"x{number} = {{'a': [1, 2, 3]}}\n" for number in range(400))
    base = whole(text, text)
    changed = text.replace("x200 = {'a'", "x200 = {'b'")
    tree = grown(base, text, changed, changed)
    assert tree is not None
    assert sum(old is new for old, new in zip(base.module.body, tree.module.body, strict=True)) >= 396


def test_it_grows_wherever_a_statement_is_put_in() -> None:
    text = _MORE.replace("# first\n\n", "") * 8
    base = whole(text, text)
    lines = [place for place, _ in base.pieces.values()][1:-1]
    for place in lines:
        changed = f"{text[:place]}y = 2\n{text[place:]}"
        tree = grown(base, text, changed, changed)
        assert tree is not None, place
        other = whole(changed, changed)
        assert _shape(tree, tree.module) == _shape(other, other.module)
