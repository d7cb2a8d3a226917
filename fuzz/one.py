"""One target under atheris: `python -m fuzz.one TARGET [libFuzzer's options] FOLDER…`. Ends at the first broken law."""

from __future__ import annotations

import sys

import atheris


def main() -> None:
    with atheris.instrument_imports(include=["smtplint"]):
        from fuzz.targets import TARGETS

    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
