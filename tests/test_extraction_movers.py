"""Who moved and who seconded, in the forms that clerks use less often, and texts like them that tell no vote."""

from __future__ import annotations

from pathlib import Path

import pytest

from clerk.extraction.votes import find_votes

PASSAGES = [
    line.replace("\\n", "\n").split(" >> ")
    for line in (Path(__file__).parent / "labels" / "movers.txt").read_text("utf-8").splitlines()[1:]
]
HEAD = "TOWN OF FERNDALE\nRegular Meeting, May 4, 2021\n\n"


@pytest.mark.parametrize(("passage", "expected"), PASSAGES)
def test_who_moved_and_who_seconded(passage: str, expected: str) -> None:
    page = f"{HEAD}{passage}\n\nThe next meeting is in June.\n"
    votes = [vote for found in find_votes({1: page}).values() for vote in found]
    told = [f"{vote.motion_by or '-'} | {vote.seconded_by or '-'} | {vote.result}" for vote in votes]
    assert ("; ".join(told) or "no vote").casefold() == expected.casefold()
