"""Fail when a source file is longer than 400 lines: a file that long does more than one thing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LIMIT = 400


def main() -> int:
    """Print each file over the limit; the exit code is 1 where there is one."""
    listed = subprocess.run(["git", "ls-files", "*.py"], capture_output=True, text=True, check=True).stdout
    lengths = {name: len(Path(name).read_text(encoding="utf-8").splitlines()) for name in listed.splitlines()}
    long = {name: length for name, length in lengths.items() if length > LIMIT}
    for name, length in long.items():
        sys.stderr.write(f"{name}: {length} lines, the limit is {LIMIT}\n")
    sys.stdout.write(f"{len(lengths)} files, the longest has {max(lengths.values())} lines\n")
    return 1 if long else 0


if __name__ == "__main__":
    sys.exit(main())
