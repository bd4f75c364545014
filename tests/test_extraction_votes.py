"""Votes from text: a table of texts and what they say, the project's samples, and hostile input."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from clerk.extraction import votes_json
from clerk.extraction.pages import without_furniture
from clerk.extraction.votes import find_votes
from clerk.models import Vote


def votes(*pages: str) -> list[Vote]:
    found = find_votes(dict(enumerate(pages, 1)))
    return [vote for page in sorted(found) for vote in found[page]]


# text, result, mover, seconder, (ayes, nays, abstain, absent)
CASES: list[tuple[str, str, str | None, str | None, tuple[int | None, ...]]] = [
    (
        "Vice Mayor Okafor moved to approve the calendar; Councilmember Raman\nseconded. The motion carried 5-2.",
        "passed", "Okafor", "Raman", (5, 2, None, None),
    ),
    (
        "It was moved by Commissioner Haddad, seconded by Vice Chair Sandoval, and carried by voice vote to adjourn.",
        "passed", "Haddad", "Sandoval", (None, None, None, None),
    ),
    (
        "MOTION by Mr. Lewis to deny the appeal. Seconded by Ms. Baca. Motion failed 4-3.",
        "failed", "Lewis", "Baca", (3, 4, None, None),
    ),
    (
        "Councilmember Byrne moved to forbid garages. The motion died\nfor lack of a second.",
        "no_second", "Byrne", None, (None, None, None, None),
    ),
    (
        "Delgado moved to lower the rent. Whitfield seconded. After discussion Delgado withdrew the motion.",
        "withdrawn", "Delgado", "Whitfield", (None, None, None, None),
    ),
    (
        "RESULT: APPROVED [UNANIMOUS]\nMOVER: Ruth Okonkwo, Member\nSECONDER: Dale Petersen\nAYES: Okonkwo, Haas, Lee",
        "passed", "Ruth Okonkwo", "Dale Petersen", (3, 0, None, None),
    ),
    (
        "Motion by Supervisor Meegan, seconded by Councilman Hart, to pay.\nAyes: All   Noes: None   Motion Carried",
        "passed", "Meegan", "Hart", (None, 0, None, None),
    ),
    (
        "The motion carried, 5-0-0-2, on a motion by Phan",
        "passed", None, None, (5, 0, 0, 2),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "result", "mover", "seconder", "tally"), CASES)
def test_one_vote(
    text: str, result: str, mover: str | None, seconder: str | None, tally: tuple[int | None, ...]
) -> None:
    (vote,) = votes(text)
    assert (vote.result, vote.motion_by, vote.seconded_by) == (result, mover, seconder)
    assert (vote.ayes, vote.nays, vote.abstain, vote.absent) == tally
    assert vote.raw_text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The fire station moved to Water Street in 1987.",
        "Mr. Caskey stated that at that time by a vote of (3-2) the Board approved the rezoning.",
        "Present: Mayor Calloway; Councilmember Marsh\nAbsent: Councilmember Lindqvist",
        "MOTION by Councilmember Marsh, seconded by Councilmember Delgado, to table the item.",
    ],
)
def test_no_vote(text: str) -> None:
    assert votes(text) == []


def test_a_roll_call_over_a_page_break() -> None:
    first = (
        "Town Council, minutes of March 4\nMOTION by Member Marsh, seconded by Member Delgado, to adopt. The motion "
        "carried by the following roll call\nvote:\nAYES: Calloway, Okafor, MARSH,\nDelgado and Raman\nPage 2 of 4"
    )
    second = (
        "Town Council, minutes of March 4\nNOES: Whitfield\nABSTAIN: None\nABSENT: Lindqvist\n5. NEXT ITEM"
    )
    found = find_votes({2: first, 3: second})
    assert found[3] == ()
    (vote,) = found[2]
    assert vote.page == 2
    assert (vote.ayes, vote.nays, vote.abstain, vote.absent) == (5, 1, 0, 1)
    assert dict(vote.individual)["Whitfield"] == "nay"
    assert dict(vote.individual)["Lindqvist"] == "absent"


def test_members_by_phrase_and_by_ballot() -> None:
    (vote,) = votes("Upon motion by Marsh, the motion carried 4-2, with Members Raman and Lang voting no.")
    assert vote.individual == (("Raman", "nay"), ("Lang", "nay"))
    (vote,) = votes("Marsh moved to adopt.\nAye Mayor Calloway\nNo Councilmember Lang\nMotion failed 1-1.")
    assert vote.individual == (("Calloway", "aye"), ("Lang", "nay"))


def test_shape_of_the_column() -> None:
    (vote,) = votes("Marsh moved to adopt; Lang seconded. Motion carried unanimously.")
    entry = json.loads(json.dumps(votes_json([vote])))["votes"][0]
    assert entry["result"] == "passed"
    assert entry["tally"] == {"ayes": None, "nays": 0, "abstain": None, "absent": None}
    assert (entry["motion_by"], entry["seconded_by"], entry["individual_votes"]) == ("Marsh", "Lang", [])


def test_page_furniture() -> None:
    pages = ["Minutes of May 1\nfirst text\nmore\nPage 1 of 2", "Minutes of May 1\nsecond text\nmore\n- 2 -"]
    assert without_furniture(pages) == ["first text\nmore", "second text\nmore"]
    assert without_furniture(["", "\n", "7"]) == ["", "", "7"]


@pytest.mark.parametrize(
    "text",
    [
        "COUNCIL MEMBER " * 70_000,
        "A" * 1_000_000,
        "AYES: " * 40_000,
        "Smith moved " * 20_000,
        "motion was " * 20_000,
        "Aye " + "Van Der Berg, " * 20_000,
        "carried unanimously, " * 12_000,
        "\n" * 1_000_000,
        "- " * 120_000,
        "O'Neil-" * 30_000,
    ],
    ids=[
        "titles",
        "one-word",
        "labels",
        "movers",
        "motions",
        "names",
        "outcomes",
        "lines",
        "dashes",
        "hyphens",
    ],
)
def test_a_long_page_of_anything_ends_soon(text: str) -> None:
    started = time.process_time()
    find_votes({1: text})
    assert time.process_time() - started < 15


def _last(name: str | None) -> str | None:
    return name.split()[-1] if name else None


def test_the_votes_of_the_samples(samples: Path) -> None:
    truth = json.loads((samples.parent / "truth.json").read_text(encoding="utf-8"))
    seen = 0
    for document in truth["files"]:
        if not document["readable"] or document["kind"] != "minutes":
            continue
        found = votes(*document["text"])
        expected: list[dict[str, Any]] = document["votes"]
        names = {"died": "no_second"}
        assert [vote.result for vote in found] == [
            names.get(each["result"], each["result"]) for each in expected
        ]
        for vote, each in zip(found, expected, strict=True):
            assert _last(vote.motion_by) == _last(each["mover"])
            assert _last(vote.seconded_by) == _last(each["seconder"])
            assert (vote.ayes, vote.nays) == (each["ayes"], each["nays"])
            members = {(_last(member["name"]), member["vote"]) for member in each["members"]}
            assert {(_last(name), side) for name, side in vote.individual} == members
            seen += 1
    assert seen >= 20


def test_real_minutes_keep_the_score_that_was_reached(shared_data: Path) -> None:
    """Detection on hand-labelled texts: a floor under what the rules reach, so that a change for the worse shows."""
    lines = (shared_data / "votes" / "labelled" / "votes.jsonl").read_text(encoding="utf-8").splitlines()
    found = right = expected = 0
    for line in map(json.loads, lines):
        got, want = [v.result for v in votes(line["text"])], [each["result"] for each in line["expected"]]
        found, expected = found + len(got), expected + len(want)
        right += sum(min(got.count(result), want.count(result)) for result in set(got))
    assert right / found > 0.93
    assert right / expected > 0.70
