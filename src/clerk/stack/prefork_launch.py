"""Ask a fork server for a process, and stand for it: `python -I -S prefork_launch.py SOCKET`.

Hands over the three standard streams, the environment and the working folder; passes SIGTERM on; ends as the process
ends. Nothing but the standard library, and little of it: this starts once for each flow run.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import sys

PID, STATUS = struct.Struct("!i"), struct.Struct("!i")


def main(path: str) -> int:
    """Exit code of the process; when a signal ended it, this process ends by the same one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        try:
            server.connect(path)
        except OSError:
            os.execv(sys.executable, [sys.executable, "-m", "prefect.engine"])  # noqa: S606
        # Not pathlib: its import would take longer than all the rest.
        body = json.dumps({"env": dict(os.environ), "cwd": os.getcwd()}).encode()  # noqa: PTH109
        socket.send_fds(server, [struct.pack("!I", len(body))], [0, 1, 2])
        server.sendall(body)
        (pid,) = PID.unpack(_exactly(server, PID.size))
        signal.signal(signal.SIGTERM, lambda *_: _pass_on(pid))
        # Ctrl-C reaches the whole foreground group, that process too.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        code: int = STATUS.unpack(_exactly(server, STATUS.size))[0]
    if code < 0:
        signal.signal(-code, signal.SIG_DFL) if -code != signal.SIGKILL else None
        os.kill(os.getpid(), -code)
    return code


def _pass_on(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return


def _exactly(server: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        part = server.recv(size - len(found))
        if not part:
            # The server died, and its processes with it.
            sys.exit(1)
        found += part
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
