"""`python -m smtplint`."""

from smtplint.cli import main

if __name__ == "__main__":
    main()
