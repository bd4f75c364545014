"""Counts and names of one decision, by side."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from clerk.extraction.names import Person

SIDES = ("aye", "nay", "abstain", "absent", "recused")


@dataclass
class Ballots:
    """Counts printed and names listed of one decision."""

    printed: dict[str, int] = field(default_factory=dict)  # from a tally
    counted: dict[str, int] = field(default_factory=dict)  # beside a list of names, or "None"
    names: dict[str, list[Person]] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)  # sides whose list is complete
    unanimous: bool = False

    @property
    def known(self) -> bool:
        """True when the text tells who or how many were for it."""
        return "aye" in self.names or "aye" in self.printed or "aye" in self.counted

    def add(self, side: str, people: Collection[Person]) -> None:
        """Note people on a side; the first side on which a name stands counts."""
        taken = {person.surname for held in self.names.values() for person in held}
        full = {person.name.casefold() for held in self.names.values() for person in held}
        for person in people:
            if person.name.casefold() in full or (person.surname in taken and " " not in person.name):
                continue
            self.names.setdefault(side, []).append(person)

    def move(self, side: str, people: Collection[Person]) -> None:
        """Note people on a side even where they were noted on another."""
        moved = {person.surname for person in people}
        for held in self.names.values():
            held[:] = [person for person in held if person.surname not in moved]
        self.add(side, people)

    def settle(self) -> None:
        """`5-1-1. Noes: A. Absent: B.`: a third number is of those whom the names tell."""
        third = self.printed.get("abstain")
        if not third or "absent" in self.printed or self.names.get("abstain") or self.counted.get("abstain"):
            return
        if len(self.names.get("absent", ())) == third:
            self.printed["absent"] = self.printed.pop("abstain")

    def count(self, side: str) -> int | None:
        """Members on a side: as printed, else as listed where the list is one of a whole side."""
        if side in self.counted:
            return self.counted[side]
        if side in self.printed:
            return self.printed[side]
        if side in self.listed and self.names.get(side):
            return len(self.names[side])
        if self.names.get(side) and side != "aye":
            return len(self.names[side])
        return 0 if side == "nay" and self.unanimous and not self.names.get("nay") else None

    def individual(self) -> tuple[tuple[str, str], ...]:
        """(name, side) of everyone named."""
        return tuple((person.name, side) for side in SIDES for person in self.names.get(side, ()))

    def agrees(self) -> bool | None:
        """Whether printed counts equal the names listed; None where there is nothing to compare."""
        checks = [
            count == len(self.names.get(side, ()))
            for source in (self.printed, self.counted)
            for side, count in source.items()
            if side in ("aye", "nay") and (self.names.get(side) or (count == 0 and side in self.counted))
        ]
        return all(checks) if checks and self.names.get("aye") else None
