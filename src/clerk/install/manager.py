"""systemctl and launchctl: the only place that calls them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass

from clerk.errors import ClerkError
from clerk.install.place import Place

_SECONDS = 120
_TRIES, _PAUSE_SECONDS = 5, 2.0


class ServiceManagerError(ClerkError):
    """The service manager of the system refused what it was asked."""


@dataclass(frozen=True, slots=True)
class Call:
    """A command for the service manager.

    `may_fail`: it asks for what may be done already. `again`: it fails for a while after the call before it.
    """

    arguments: tuple[str, ...]
    may_fail: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class Manager:
    """The service manager of a place."""

    place: Place

    @property
    def program(self) -> tuple[str, ...]:
        """How it is called."""
        if self.place.mac:
            return ("launchctl",)
        return ("systemctl",) if self.place.system else ("systemctl", "--user")

    def missing(self) -> str:
        """Why it cannot be called, or an empty text."""
        if shutil.which(self.program[0]) is None:
            return f"there is no {self.program[0]} on PATH"
        # It says so in a container and in the shell of a rescue system, where systemd is installed but not running.
        if not self.place.mac and self._run(("is-system-running",)).stdout.strip() == "offline":
            return "systemd does not run here"
        return ""

    def says(self, *arguments: str) -> bool:
        """True when it answers a question with yes."""
        return self._run(arguments).returncode == 0

    def line(self, call: Call) -> str:
        """The call as a line of shell."""
        return shlex.join((*self.program, *call.arguments))

    def do(self, calls: Iterable[Call]) -> None:
        """Make the calls in order.

        Raises:
            ServiceManagerError: one failed that may not.
        """
        for call in calls:
            done = self._run(call.arguments)
            for _ in range(_TRIES if call.again else 0):
                if done.returncode == 0:
                    break
                time.sleep(_PAUSE_SECONDS)
                done = self._run(call.arguments)
            if done.returncode and not call.may_fail:
                said = " ".join((done.stderr or done.stdout).split()) or f"exit code {done.returncode}"
                raise ServiceManagerError(
                    f"The files are written, but `{self.line(call)}` failed: {said}.",
                    advice="Mend that, and call the command again.",
                )

    def _run(self, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        command = [*self.program, *arguments]
        try:
            return subprocess.run(
                command, capture_output=True, text=True, timeout=_SECONDS, stdin=subprocess.DEVNULL,
                env={**os.environ, "SYSTEMD_PAGER": "", "LC_ALL": "C"},
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            return subprocess.CompletedProcess(command, 1, "", str(error))
