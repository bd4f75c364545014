"""`python -m clerk`: the same as the command `clerk`."""

from __future__ import annotations

import sys

from clerk.cli import main

if __name__ == "__main__":
    sys.exit(main())
