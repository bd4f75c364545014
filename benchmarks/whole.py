"""Run a command and wait for every process that it leaves behind: `python -m benchmarks.whole COMMAND…`.

What a process has used is counted where it is waited for. Some of those that `clerk run` starts end a moment after
the one that started them, and would be waited for by init, and counted nowhere. Only Linux hands them to this process.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

_PR_SET_CHILD_SUBREAPER = 36


def main(command: list[str]) -> int:
    """The exit code of the command."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    process = subprocess.Popen(command)
    code = process.wait()
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
