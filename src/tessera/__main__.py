"""Runs the command `tessera` as `python -m tessera`."""

import sys

from tessera.site.command import main

if __name__ == "__main__":
    sys.exit(main())
