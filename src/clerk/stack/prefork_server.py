"""A process that has imported what a flow run needs, and forks for each run: `python -m clerk.stack.prefork_server`.

Importing Prefect, Dask and clerk takes a flow run longer than much of its work. `prefork_launch` asks through a Unix
socket and gives its streams, environment and folder; the fork runs `prefect.engine` as a new interpreter would.
Linux only: elsewhere a fork of a process with such imports is not safe.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from clerk.stack.leash import die_with_parent
from clerk.stack.prefork_launch import PID, STATUS

PRELOAD = (
    "prefect.flow_engine",
    "prefect.task_engine",
    "prefect.deployments.steps.core",
    "clerk.artifacts",
    "clerk.fan_out",
    "clerk.fleet.due_run",
    "clerk.orchestrate",
    "clerk.site_parts",
    "clerk.site_run",
)
BACKLOG = 64


@dataclass(frozen=True, slots=True)
class Order:
    """A process that is asked for: its environment, its working folder, and its standard streams."""

    environment: Mapping[str, str]
    folder: str
    streams: tuple[int, ...]


class Server:
    """Forks on request, and tells each launcher how its process ended. A launcher that is gone takes it along."""

    def __init__(self, path: str) -> None:
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(path)
        self._listener.listen(BACKLOG)
        self._children: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._woken, waker = socket.socketpair()
        for end in (self._woken, waker):
            end.setblocking(False)
        self._waker = waker
        self._selector.register(self._woken, selectors.EVENT_READ)

    def serve(self) -> Order:
        """Serve for ever; returns in each fork, with what it has to do."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj is self._listener:
                    order = self._accept()
                    if order is not None:
                        return order
                elif key.fileobj is self._woken:
                    self._woken.recv(4096)
                else:
                    self._gone(key.fileobj)
            self._reap()

    def _accept(self) -> Order | None:
        connection, _ = self._listener.accept()
        try:
            order = _receive(connection)
        except (OSError, ValueError):
            connection.close()
            return None
        pid = os.fork()
        if pid == 0:
            self._become_child(connection)
            return order
        for stream in order.streams:
            os.close(stream)
        self._children[pid] = connection
        self._selector.register(connection, selectors.EVENT_READ)
        self._tell(connection, PID.pack(pid))
        return None

    def _become_child(self, connection: socket.socket) -> None:
        die_with_parent()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self._selector.close()
        for each in (connection, self._listener, self._woken, self._waker, *self._children.values()):
            each.close()

    def _gone(self, connection: object) -> None:
        """The launcher was killed: its process must not go on with nobody to account for it."""
        for pid, other in self._children.items():
            if other is connection:
                _kill(pid)
                self._selector.unregister(other)

    def _reap(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            connection = self._children.pop(pid, None)
            if connection is None:
                continue
            self._tell(connection, STATUS.pack(os.waitstatus_to_exitcode(status)))
            if connection in self._selector.get_map():
                self._selector.unregister(connection)
            connection.close()

    @staticmethod
    def _tell(connection: socket.socket, message: bytes) -> None:
        try:
            connection.sendall(message)
        except OSError:
            return


def _receive(connection: socket.socket) -> Order:
    head, streams, _, _ = socket.recv_fds(connection, 4, 3)
    (size,) = struct.unpack("!I", head)
    body = b""
    while len(body) < size:
        part = connection.recv(min(size - len(body), 65536))
        if not part:
            raise ValueError("the launcher went away")
        body += part
    found = json.loads(body)
    return Order(found["env"], found["cwd"], tuple(streams))


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def run(order: Order) -> None:
    """Run the engine with the streams, environment and folder of the launcher; ends the process."""
    for number, stream in enumerate(order.streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(order.folder)
    os.environ.clear()
    os.environ.update(order.environment)
    # As `python -m` has it.
    sys.path[0] = order.folder
    sys.argv = ["prefect.engine"]
    runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)


def main(path: str) -> None:
    """Import, listen at `path`, and fork; each fork leaves through here like a program of its own."""
    die_with_parent()
    for name in PRELOAD:
        importlib.import_module(name)
    # Objects that are never looked at by the collector stay shared between the forks.
    gc.collect()
    gc.freeze()
    run(Server(path).serve())


if __name__ == "__main__":
    main(sys.argv[1])
