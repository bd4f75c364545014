"""What the extraction finds in texts: names and votes, as frozen, picklable values. Imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Entity:
    """A name in a text. `kind` is `persons`, `orgs` or `locations`; `confidence` is 0 to 1.

    `start` and `end` are offsets in the page's text (-1: not known), `count` is how often the page prints it,
    `role` a person's title in small letters, `rule` what found it.
    """

    kind: str
    text: str
    confidence: float
    start: int = -1
    end: int = -1
    count: int = 1
    role: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Vote:
    """One decision of a body. Counts are None where the text prints none; `individual` holds (name, vote).

    `result` is passed, failed, no_second, withdrawn, tabled or continued; `kind` main, amendment or substitute;
    `method` roll_call, unanimous, general_consent or empty. `page` is where the outcome stands; the text of the
    vote runs from `start` in the text of `start_page` to `end` in that of `end_page`, and `raw_text` is a part of
    it as printed. `section`, `item`, `ordinances`, `resolutions` and `topic` say what it was about, `consent` that
    it was on a consent calendar. `confidence` is the probability that every field is right.
    """

    page: int
    result: str
    motion_by: str | None = None
    seconded_by: str | None = None
    ayes: int | None = None
    nays: int | None = None
    abstain: int | None = None
    absent: int | None = None
    individual: tuple[tuple[str, str], ...] = ()
    raw_text: str = ""
    recused: int | None = None
    kind: str = "main"
    method: str = ""
    unanimous: bool = False
    start_page: int = 0
    start: int = 0
    end_page: int = 0
    end: int = 0
    section: str = ""
    item: str = ""
    ordinances: tuple[str, ...] = ()
    resolutions: tuple[str, ...] = ()
    topic: str = ""
    consent: bool = False
    confidence: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The shape of one vote in `votes_json`."""
        return {
            "result": self.result,
            "tally": {side: getattr(self, side) for side in ("ayes", "nays", "abstain", "absent", "recused")},
            "motion_by": self.motion_by,
            "seconded_by": self.seconded_by,
            "individual_votes": [{"name": name, "vote": vote} for name, vote in self.individual],
            "raw_text": self.raw_text,
            "confidence": self.confidence,
            "kind": self.kind,
            "method": self.method,
            "unanimous": self.unanimous,
            "section": self.section,
            "agenda_item_ref": self.item,
            "ordinances": list(self.ordinances),
            "resolutions": list(self.resolutions),
            "topic": self.topic,
            "consent": self.consent,
            "span": [self.start_page, self.start, self.end_page, self.end],
        }
