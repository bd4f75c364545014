"""The process manager of the stack: `supervisord` as our child, driven over its socket.

It starts a part when it is told to, starts it again when it died, and writes its output into a log that stays
short. It runs on a leash, and so does every part: whatever dies, nothing is left without anyone who can stop it.
"""

from __future__ import annotations

import http.client
import json
import math
import os
import shlex
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
from supervisor.xmlrpc import SupervisorTransport  # type: ignore[import-untyped]

from clerk.stack import remains
from clerk.stack.layout import Layout, StackError, write_private
from clerk.stack.parts import STOP_ORDER, Part
from clerk.stack.programs import Program

LOG_BYTES, LOG_BACKUPS = 10_000_000, 3
# A part that ends sooner than this is started again after a pause that grows with each time, up to RETRIES seconds.
EARLY_SECONDS, RETRIES = 5, 8
_MANAGER = "manager"
_START_SECONDS = 15.0
_ANSWERS = (OSError, http.client.HTTPException, xmlrpc.client.Error)


@dataclass(frozen=True, slots=True)
class Status:
    """A part as the manager sees it: `state` in its words, `pid` 0 when it does not run.

    `exit_code` is that of its last process; None when that ended so early that the manager does not tell.
    """

    part: Part
    state: str
    pid: int
    exit_code: int | None

    @property
    def is_down(self) -> bool:
        """True when no process of it is left."""
        return self.pid == 0


class Supervisor:
    """One supervisord with the programs of a plan; none is started before `start`."""

    def __init__(self, layout: Layout, programs: Sequence[Program], environment: dict[str, str]) -> None:
        self.layout = layout
        self._programs = {program.part: program for program in programs}
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def launch(self, between: Callable[[], None]) -> None:
        """Start the manager itself.

        Args:
            between: called while waiting; may raise to give up.

        Raises:
            StackError: it did not start.
        """
        path = self.write()
        command = [sys.executable, "-m", "clerk.stack.leash", sys.executable, "-m", "supervisor.supervisord"]
        with self.layout.log(_MANAGER).with_suffix(".out").open("wb") as output:
            # A session of its own: Ctrl-C and a closed terminal are answered by us alone, in order.
            self._process = subprocess.Popen(
                [*command, "-n", "-c", str(path)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
                cwd=self.layout.folder,
                start_new_session=True,
            )
        end = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                raise StackError(f"The process manager did not start. See {self.layout.log(_MANAGER)}.")
            between()

    def start(self, part: Part) -> None:
        """Start a part and return at once; harmless when it is starting or running."""
        try:
            self._call("startProcess", part.value, False)
        except xmlrpc.client.Fault as fault:
            if "ALREADY_STARTED" not in fault.faultString:
                raise StackError(f"Cannot start {part}: {fault.faultString}.") from fault

    def states(self) -> dict[Part, Status]:
        """Every part as it is now.

        Raises:
            StackError: the manager is gone.
        """
        try:
            found = self._call("getAllProcessInfo")
        except _ANSWERS as error:
            raise StackError(
                "The process manager is gone, and all parts with it.",
                advice=f"Start again; see {self.layout.log(_MANAGER)}.",
            ) from error
        return {Part(each["name"]): _status(each) for each in found}

    def stop(self) -> None:
        """Stop all parts, those first that use others, then the manager. Returns when nothing is left."""
        if self._process is None:
            return
        try:
            for group in STOP_ORDER:
                self._stop_group([part for part in group if part in self._programs])
            self._call("shutdown")
        except (*_ANSWERS, StackError):
            # A manager that is gone takes the parts along: their leashes have ended.
            pass
        self._end(3.0)
        remains.end(self.layout.folder, 1.0)

    def kill(self) -> None:
        """Kill everything at once."""
        if self._process is None:
            return
        try:
            family = psutil.Process(self._process.pid).children(recursive=True)
        except psutil.Error:
            family = []
        for process in family:
            try:
                process.kill()
            except psutil.Error:
                continue
        self._end(0.0)
        remains.end(self.layout.folder, 0.0)

    def _stop_group(self, parts: Sequence[Part]) -> None:
        for part in parts:
            try:
                self._call("stopProcess", part.value, False)
            except xmlrpc.client.Fault:
                continue  # it does not run
        end = time.monotonic() + max((self._programs[part].stop.grace for part in parts), default=0) + 1
        # Asking is what makes the manager look at its children.
        while time.monotonic() < end and not all(self.states()[part].is_down for part in parts):
            time.sleep(0.05)

    def _end(self, seconds: float) -> None:
        process = self._process
        if process is None:
            return
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin is not None:
            process.stdin.close()
        self._process = None

    def _answers(self) -> bool:
        try:
            return bool(self._call("getState"))
        except _ANSWERS:
            return False

    def _call(self, method: str, *arguments: Any) -> Any:
        return call(self.layout, method, *arguments)

    def write(self) -> Path:
        """Write the configuration of the manager and of every part; the path of the first."""
        for program in self._programs.values():
            write_private(_spec(self.layout, program.part), json.dumps(asdict(program)))
        path = self.layout.run / "manager.conf"
        write_private(path, "\n".join(_configuration(self.layout, self._programs.values())) + "\n")
        return path


def call(layout: Layout, method: str, *arguments: Any) -> Any:
    """Ask the manager of the stack in `layout`, by the names of supervisor's own interface.

    Raises:
        OSError, HTTPException, xmlrpc.client.Error: it is not there, or refuses.
    """
    transport = SupervisorTransport(None, None, f"unix://{layout.socket()}")
    proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
    try:
        return getattr(proxy.supervisor, method)(*arguments)
    finally:
        transport.close()


def _status(info: dict[str, Any]) -> Status:
    early = info["statename"] in ("BACKOFF", "FATAL")
    return Status(Part(info["name"]), info["statename"], info["pid"], None if early else info["exitstatus"])


def _spec(layout: Layout, part: Part) -> Path:
    return layout.run / f"{part}.json"


def _configuration(layout: Layout, programs: Iterable[Program]) -> Iterable[str]:
    """Lines of the manager's own configuration.

    Paths are relative to the stack's folder, where the manager runs: it reads a percent sign once in some values
    and twice in others, so that there is no way to write a path which holds one.
    """

    def path(value: Path) -> str:
        return os.path.relpath(value, layout.folder) if value.is_relative_to(layout.folder) else str(value)

    yield from ("[unix_http_server]", f"file={path(layout.socket())}", "chmod=0600", "")
    yield from ("[supervisord]", "nodaemon=true", "silent=true", f"logfile={path(layout.log(_MANAGER))}")
    yield from ("logfile_maxbytes=5MB", "logfile_backups=1", f"pidfile={path(layout.run / 'manager.pid')}")
    yield from (f"childlogdir={path(layout.logs)}", "minfds=1024", "minprocs=1", "strip_ansi=true")
    if os.geteuid() == 0:
        yield "user=root"
    yield from ("", "[rpcinterface:supervisor]")
    yield "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface"
    for program in programs:
        command = [sys.executable, "-m", "clerk.stack.part_process", path(_spec(layout, program.part))]
        yield from ("", f"[program:{program.part}]", f"command={shlex.join(command).replace('%', '%%')}")
        yield from ("autostart=false", "autorestart=true")
        yield from (f"startsecs={EARLY_SECONDS}", f"startretries={RETRIES}")
        # The leash kills what does not end in time; the manager's own patience is only longer.
        yield from ("stopsignal=TERM", f"stopwaitsecs={math.ceil(program.stop.grace) + 2}")
        yield from (f"stdout_logfile={path(layout.log(program.part))}", "redirect_stderr=true")
        yield from (f"stdout_logfile_maxbytes={LOG_BYTES}", f"stdout_logfile_backups={LOG_BACKUPS}")
