"""What is open and what is decided while the events of a meeting are read."""

from __future__ import annotations

from collections.abc import Collection

from clerk.extraction.motion import Motion
from clerk.extraction.names import Person

OPEN = 7000  # characters after which an open motion no longer belongs to an outcome
NEAR = 700  # characters within which lists follow an outcome


class State:
    """The motion at hand, those that wait, and those that came to an end."""

    def __init__(self, text: str, low: str, known: Collection[str]) -> None:
        self.text, self.low, self.known = text, low, known
        self.own = low[:1500]
        self.decided: list[Motion] = []
        self.current: Motion | None = None
        self.pending: list[Motion] = []
        self._rolls: list[tuple[Person, str, int]] = []
        self._loose = False  # whether a vote stood by a bare word
        self._labels: list[tuple[str, int]] = []  # labels that stand in a row before their lists
        self._empty = ("", 0)  # the last label without names, and where it ends
        self._after = 0  # where the next outcome stands
        self._until = len(text)  # where the next list or motion begins
        self._done = 0  # events before this position were read with an earlier one

    def _open(self, motion: Motion) -> None:
        current, self.current = self.current, None
        if current is not None and not current.decided and not current.ballots.known and current.opened:
            self.pending = [*self.pending, current][-3:]
            motion.nested = True
        elif current is not None:
            if not current.nested:
                self.pending = []
            self._finish(current)
        self.current = motion

    def _close(self) -> None:
        self._finish(self.current)
        self.current = None

    def _finish(self, motion: Motion | None) -> None:
        if motion is None:
            return
        if not motion.decided and motion.ballots.known:
            motion.at, motion.by, motion.result = max(motion.start, motion.end - 1), "list", "passed"
        motion.settle()
        if motion.decided and (not self.decided or self.decided[-1] is not motion):
            self.decided.append(motion)

    def _floor(self, motion: Motion, position: int) -> int:
        """Where what is said of a motion's outcome can begin at the earliest."""
        ended = max((each.end for each in self.decided[-2:]), default=0)
        return min(position, max(motion.start, self._last_end(motion), ended))

    def _last_end(self, motion: Motion) -> int:
        people = [person.end for person in (motion.mover, motion.seconder) if person is not None]
        return max([motion.start, *(end for end in people if end <= len(self.text))])

    def _resume(self, position: int) -> Motion | None:
        """The motion that waited for an amendment, open again; None where none waits."""
        if not self.pending or position - self.pending[-1].start >= OPEN:
            return None
        self._finish(self.current)
        self.current = self.pending.pop()
        return self.current
