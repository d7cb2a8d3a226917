"""The README's picture: what smtplint really prints, coloured, as SVG. `python -m tools.picture` writes docs/output.svg."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

FILE: Final = Path(__file__).parent.parent / "docs" / "output.svg"
EXAMPLE: Final = """\
# copied from a tutorial, then the port from the provider's page
EMAIL_HOST = "smtp.gmail.com"
EMAIL_PORT = 465
EMAIL_USE_TLS = True
EMAIL_TIMEOUT = 30
"""
_COLOURS: Final = {"31": "#f2777a", "32": "#99cc99", "33": "#ffcc66", "34": "#6699cc", "36": "#66cccc"}
_CODE: Final = re.compile(r"\x1b\[([\d;]*)m")
_WIDTH, _HEIGHT, _MARGIN = 8.43, 19, 16


def printed() -> str:
    """The output of a run over the example, with its colours."""
    with TemporaryDirectory() as folder:
        Path(folder, "settings.py").write_text(EXAMPLE, "utf-8")
        run = subprocess.run(
            [sys.executable, "-m", "smtplint", "settings.py"],
            cwd=folder,
            env={**os.environ, "FORCE_COLOR": "1", "NO_COLOR": "", "PYTHONPATH": str(FILE.parent.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
    return f"$ smtplint settings.py\n{run.stdout}"


def picture(text: str) -> str:
    """Lines with the colour codes of a terminal as SVG."""
    lines = text.rstrip("\n").split("\n")
    columns = max(len(_CODE.sub("", line)) for line in lines)
    width, height = round(columns * _WIDTH + 2 * _MARGIN), len(lines) * _HEIGHT + 2 * _MARGIN
    rows = "\n".join(
        f'<text x="{_MARGIN}" y="{_MARGIN + _HEIGHT * (i + 1) - 5}">{"".join(_spans(line))}</text>'
        for i, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">\n'
        "<title>The output of smtplint</title>\n"
        '<rect width="100%" height="100%" rx="8" fill="#2d2d2d"/>\n'
        '<g font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14" fill="#cccccc" xml:space="preserve">\n'
        f"{rows}\n</g>\n</svg>\n"
    )


def _spans(line: str) -> Iterator[str]:
    style = ""
    for i, piece in enumerate(_CODE.split(line)):
        if i % 2:
            style = _style(piece)
        elif piece:
            yield f"<tspan{style}>{escape(piece)}</tspan>"


def _style(codes: str) -> str:
    given = codes.split(";")
    colour = next((f' fill="{_COLOURS[code]}"' for code in given if code in _COLOURS), "")
    return colour + (' font-weight="bold"' if "1" in given else "")


if __name__ == "__main__":
    FILE.write_text(picture(printed()), "utf-8")
