"""`clerk up`: starts the parts of the stack in order, watches them, and stops them in order."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from clerk.errors import ClerkError
from clerk.redis_client import check as check_redis
from clerk.settings import Settings
from clerk.stack import plan as planning
from clerk.stack import ports, postgres, programs, register, remains, running
from clerk.stack.layout import Layout, StackError
from clerk.stack.parts import START_ORDER, WORKERS, Part
from clerk.stack.plan import Options, Plan
from clerk.stack.server import answers
from clerk.stack.supervision import Supervisor
from clerk.stack.watch import Watch
from clerk.tracking import migrate

READY_SECONDS = {Part.POSTGRES: 60.0, Part.REDIS: 60.0, Part.SCHEDULER: 90.0, Part.SERVER: 240.0}
POOLS_SECONDS = 240.0
_POLL_SECONDS = 0.1
_WATCH_SECONDS = 1.0

Say = Callable[[str], None]


class StackProblemsError(StackError):
    """Why nothing was started: a line each."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(" ".join(lines), advice="")
        self.lines = lines


class _Stopped(Exception):  # noqa: N818 - no error: somebody asked for it
    """The stack is to be stopped."""


def up(settings: Settings, options: Options, layout: Layout, say: Say) -> None:
    """Run the stack in the foreground until SIGINT, SIGTERM or SIGHUP, then stop it; a second one kills it.

    Args:
        say: told each line for people.

    Raises:
        StackProblemsError: something is in the way; nothing was started.
        StackError: a part failed while it started; all were stopped.
        KeyboardInterrupt: it was killed by a second signal.
    """
    layout.make()
    with running.held(layout), _signals() as asked:
        running.forget_addresses(layout)
        left = remains.end(layout.folder, 6.0)
        if left:
            say(f"Ended {left} processes that an earlier start had left behind.")
        plan = planning.make(layout, settings, options)
        problems = planning.problems(plan)
        if problems:
            raise StackProblemsError(problems)
        _Stack(plan, say, asked).run()


class _Stack:
    """One life of a stack, from its first part to its last."""

    def __init__(self, plan: Plan, say: Say, asked: threading.Event) -> None:
        self._plan = plan
        self._say = say
        self._asked = asked
        self._environment = programs.environment(plan)
        self._began = time.monotonic()

    def run(self) -> None:
        plan = self._plan
        self._say(f"{plan.layout.folder}: starting {', '.join(plan.parts)}")
        user = postgres.prepare(plan.layout, self._say) if Part.POSTGRES in plan.parts else None
        supervisor = Supervisor(plan.layout, programs.build(plan, user), self._environment)
        try:
            self._start(supervisor)
            self._watch(supervisor)
        except _Stopped:
            self._stop(supervisor)
        except KeyboardInterrupt:
            supervisor.kill()
            raise
        except ClerkError:
            self._stop(supervisor)
            raise
        finally:
            # Nothing is left of it save where the above did not get so far, as when the terminal is gone.
            supervisor.kill()
            running.forget_addresses(plan.layout)

    def _start(self, supervisor: Supervisor) -> None:
        supervisor.launch(self._pause)
        for group in START_ORDER:
            parts = [part for part in group if part in self._plan.parts]
            if Part.SERVER in parts:
                self._prepare_server()
            for part in parts:
                supervisor.start(part)
            for part in parts:
                self._await(supervisor, part)
            if Part.POSTGRES in parts:
                self._prepare_civic()
            if Part.SERVER in parts:
                self._apply_pools()
                # From here on other commands can do all they need.
                running.write_addresses(self._plan.layout, self._plan.addresses)
        running.write_addresses(self._plan.layout, self._plan.addresses)
        self._tell()

    def _prepare_civic(self) -> None:
        url = self._plan.database_url
        postgres.create_database(url, postgres.CIVIC)
        migrate.upgrade(url)
        for line in register.bring_sites(self._plan.settings, self._plan.civic()):
            self._say(line)

    def _prepare_server(self) -> None:
        """Make the database of the Prefect server, where it is on the civic database's server."""
        database = self._plan.server_database()
        if database.startswith("postgresql"):
            name = postgres.name_of(database)
            through = postgres.name_of(self._plan.database_url)
            postgres.create_database(self._plan.database_url, name, through=through)

    def _apply_pools(self) -> None:
        """Make pools, queues and deployments, in a process of its own, since Prefect takes long to import."""
        log = self._plan.layout.log("pools")
        leashed = [sys.executable, "-m", "clerk.stack.leash", sys.executable, "-m", "clerk", "pools", "apply"]
        with log.open("wb") as output:
            process = subprocess.Popen(
                leashed,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )
        end = time.monotonic() + POOLS_SECONDS
        try:
            while process.poll() is None and time.monotonic() < end:
                self._pause()
        finally:
            if process.stdin is not None:
                process.stdin.close()
            process.wait(10)
        if process.returncode:
            raise StackError(f"Cannot apply the pools: {_last_line(log.read_bytes())}", advice=f"See {log}.")
        self._say(f"{'pools':<11}applied")

    def _await(self, supervisor: Supervisor, part: Part) -> None:
        began, log = time.monotonic(), self._plan.layout.log(part)
        seconds = READY_SECONDS.get(part, 0.0)
        while not self._is_ready(part):
            status = supervisor.states()[part]
            if status.is_down and status.state not in ("STARTING", "STOPPED"):
                said = _last_line(log.read_bytes() if log.exists() else b"")
                raise StackError(f"{part} ended while it started: {said}", advice=f"See {log}.")
            if time.monotonic() - began > seconds:
                raise StackError(f"{part} was not ready within {seconds:.0f} s.", advice=f"See {log}.")
            self._pause()
        if part in WORKERS:
            self._say(f"{part:<11}{_count(programs.workers(self._plan, part))}")
        elif part in self._plan.listens:
            host, port = self._plan.listens[part]
            self._say(f"{part:<11}{host}:{port}, ready after {time.monotonic() - self._began:.0f} s")
        else:
            self._say(f"{part:<11}started")

    def _is_ready(self, part: Part) -> bool:
        plan = self._plan
        if part is Part.POSTGRES:
            return not postgres.accepts(plan.database_url)
        if part is Part.REDIS:
            return _redis_answers(plan.redis_url)
        if part is Part.SERVER:
            return answers(plan.api_url)
        if part is Part.SCHEDULER:
            host, port = plan.listens[part]
            return ports.listens(ports.reachable(host), port)
        # Workers wait for what they need by themselves; whether one dies is seen by the watch.
        return True

    def _tell(self) -> None:
        plan = self._plan
        rows = [
            ("UI", plan.ui_url),
            ("API", plan.api_url),
            ("Dask", plan.scheduler),
            ("Logs", str(plan.layout.logs)),
            ("Settings", f"{plan.layout.env} (other commands on this folder find the stack by themselves)"),
        ]
        self._say("")
        for name, text in rows:
            if text:
                self._say(f"{name:<11}{text}")
        for line in planning.remarks(plan):
            self._say(line)
        self._say(f"Ready after {time.monotonic() - self._began:.0f} s. Ctrl-C stops everything.")

    def _watch(self, supervisor: Supervisor) -> None:
        watch = Watch(supervisor, self._plan.layout, self._say)
        while True:
            watch.look()
            self._pause(_WATCH_SECONDS)

    def _stop(self, supervisor: Supervisor) -> None:
        began = time.monotonic()
        self._say("Stopping; a second Ctrl-C kills at once.")
        try:
            supervisor.stop()
        except KeyboardInterrupt:
            supervisor.kill()
            raise
        self._say(f"Stopped after {time.monotonic() - began:.1f} s.")

    def _pause(self, seconds: float = _POLL_SECONDS) -> None:
        if self._asked.wait(seconds):
            raise _Stopped


@contextmanager
def _signals() -> Iterator[threading.Event]:
    """The event is set by the first signal to stop; each one after it is a KeyboardInterrupt."""
    asked = threading.Event()

    def note(_number: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            for each in before:
                signal.signal(each, signal.SIG_IGN)
            raise KeyboardInterrupt
        asked.set()

    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    for each in before:
        signal.signal(each, note)
    try:
        yield asked
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _redis_answers(url: str) -> bool:
    try:
        check_redis(url)
    except ClerkError:
        return False
    return True


def _count(number: int) -> str:
    return f"{number} worker{'s' if number != 1 else ''}"


def _last_line(output: bytes) -> str:
    lines = [line.strip() for line in output.decode(errors="replace").splitlines() if line.strip()]
    last = lines[-1].removeprefix("clerk: ") if lines else "it said nothing"
    return last if last.endswith((".", "?", "!")) else f"{last}."
