"""Who moved and seconded and how many voted, in the forms that clerks use less often, and texts that tell no vote."""

from __future__ import annotations

from pathlib import Path

import pytest

from clerk.extraction.votes import find_votes
from clerk.findings import Vote

PASSAGES = [
    line.replace("\\n", "\n").split(" >> ")
    for line in (Path(__file__).parent / "labels" / "movers.txt").read_text("utf-8").splitlines()[1:]
]
HEAD = "TOWN OF FERNDALE\nRegular Meeting, May 4, 2021\n\n"
NO_VOTE = "no vote"


def told(vote: Vote) -> list[str]:
    """What a vote says, in the columns of the passages."""
    counts = [("." if n is None else str(n)) for n in (vote.ayes, vote.nays, vote.abstain, vote.absent)]
    sides: dict[str, list[str]] = {}
    for name, side in vote.individual:
        sides.setdefault(side, []).append(name)
    return [
        vote.motion_by or "-",
        vote.seconded_by or "-",
        vote.result,
        "-".join(counts).rstrip("-.") or "-",
        "; ".join(f"{side} {', '.join(names)}" for side, names in sides.items()) or "-",
    ]


@pytest.mark.parametrize(("passage", "expected"), PASSAGES)
def test_the_vote_is_read(passage: str, expected: str) -> None:
    # A text with "^" stands for itself, others stand on a page of minutes.
    text = passage[1:] if passage.startswith("^") else HEAD + passage
    page = f"{text}\n\nThe next meeting is in June.\n"
    votes = [vote for found in find_votes({1: page}).values() for vote in found]
    columns = expected.count("|") + 1
    found = [" | ".join(told(vote)[:columns]) for vote in votes] or [NO_VOTE]
    assert [each.casefold() for each in found] == [expected.casefold()]
