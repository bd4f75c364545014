"""Watches the parts of a running stack: says when one died, and sees to it that each is tried again for ever."""

from __future__ import annotations

from collections.abc import Callable

from clerk.stack.layout import Layout
from clerk.stack.parts import Part
from clerk.stack.supervision import Status, Supervisor


class Watch:
    """Compares what it sees at each look with the look before."""

    def __init__(self, supervisor: Supervisor, layout: Layout, say: Callable[[str], None]) -> None:
        self._supervisor = supervisor
        self._layout = layout
        self._say = say
        self._pids: dict[Part, int] = {}
        self._down: set[Part] = set()

    def look(self) -> None:
        """One look at all parts.

        Raises:
            StackError: the process manager is gone.
        """
        for part, status in self._supervisor.states().items():
            self._compare(part, status)
            if status.state == "FATAL":
                # The manager has used up its tries; ours never are, and its pauses begin anew.
                self._supervisor.start(part)

    def _compare(self, part: Part, status: Status) -> None:
        before = self._pids.get(part, status.pid)
        if status.is_down and part not in self._down:
            self._down.add(part)
            self._say(
                f"{part} ended ({_reason(status.exit_code)}) and is started again. See {self._layout.log(part)}."
            )
        elif status.pid and (part in self._down or status.pid != before):
            died_unseen = part not in self._down
            self._down.discard(part)
            how = f" ended ({_reason(status.exit_code)}) and" if died_unseen else ""
            self._say(f"{part}{how} runs again (process {status.pid}).")
        if status.pid:
            self._pids[part] = status.pid


def _reason(code: int | None) -> str:
    if code is None:
        return "soon after its start"
    return f"killed by signal {code - 128}" if code > 128 else f"exit code {code}"
