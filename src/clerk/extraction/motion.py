"""A motion on its way through a meeting, and the decision once there is one."""

from __future__ import annotations

from dataclasses import dataclass, field

from clerk.extraction.ballots import Ballots
from clerk.extraction.names import Person


@dataclass
class Motion:
    """Positions are those in `Source.text`. `by` says what decided it: the kind of the outcome, or `list`."""

    start: int
    mover: Person | None = None
    seconder: Person | None = None
    kind: str = "main"  # main, amendment, substitute
    nested: bool = False  # moved while another motion was open
    at: int = -1  # where the decision stands
    end: int = 0  # up to where its text was read
    result: str = ""
    by: str = ""
    explicit: bool = False  # a word says passed or failed
    readings: int = 0  # how often its outcome was read
    weak_mover: bool = False  # the mover was inferred
    ballots: Ballots = field(default_factory=Ballots)

    @property
    def decided(self) -> bool:
        return bool(self.result)

    @property
    def opened(self) -> bool:
        """True when somebody moved or seconded it."""
        return self.mover is not None or self.seconder is not None

    def decide(self, result: str, by: str, at: int, end: int, *, explicit: bool) -> None:
        """Note the outcome; the first one of a motion stays."""
        if not self.result or (explicit and not self.explicit and by not in ("noname", "withdrawn")):
            self.result, self.by, self.at, self.explicit = result, by, at, explicit
        self.end = max(self.end, end)

    def settle(self) -> None:
        """Decide by the count where no word said the outcome, and correct a guess that the count contradicts."""
        self.ballots.settle()
        ayes, nays = self.ballots.count("aye"), self.ballots.count("nay")
        if self.explicit or self.result in ("no_second", "withdrawn", "tabled", "continued"):
            return
        if ayes is not None:
            self.result = "passed" if ayes > (nays or 0) else "failed"
        elif self.ballots.unanimous and not self.result:
            self.result = "passed"
