"""Runs one part of the stack on its leash: `python -m clerk.stack.part_process FILE`.

The process manager starts this. What to run stands in FILE, which only its owner can read: the environment holds
passwords, and the manager's own configuration knows no quoting that would hold for every value.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from clerk.stack import leash


def main(path: str) -> int:
    """Run the program of the file at `path`; its exit code."""
    program = json.loads(Path(path).read_text(encoding="utf-8"))
    user = program["user"]
    # Where `clerk up` was called, and where its `.env` is.
    os.chdir(program["folder"])
    return leash.run(
        program["command"],
        environment=program["environment"],
        how=leash.Stop(**program["stop"]),
        user=tuple(user) if user else None,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
