"""Counts, results and members as clerks print them: each form in several variations, and texts that tell no vote."""

from __future__ import annotations

import pytest

from clerk.extraction.votes import find_votes
from clerk.findings import Vote

MOVED = "Moved by Hale, seconded by Burt, to buy a truck. "


def votes(text: str) -> list[Vote]:
    """All votes of a text of one page."""
    return [vote for found in find_votes({1: text}).values() for vote in found]


def only(text: str) -> Vote:
    """The one vote of a text."""
    found = votes(text)
    assert len(found) == 1, [vote.raw_text for vote in found]
    return found[0]


def counts(vote: Vote) -> tuple[int | None, ...]:
    """Ayes, nays, abstentions, absent."""
    return vote.ayes, vote.nays, vote.abstain, vote.absent


def members(vote: Vote) -> str:
    """`aye: Hale, Burt; nay: Cole`."""
    sides: dict[str, list[str]] = {}
    for name, side in vote.individual:
        sides.setdefault(side, []).append(name)
    return "; ".join(f"{side}: {', '.join(names)}" for side, names in sides.items())


@pytest.mark.parametrize(
    ("told", "expected", "names"),
    [
        (
            "Ayes (3) Hale, Burt, Cole\nNays (1) Dunn\n",
            (3, 1, None, None),
            "aye: Hale, Burt, Cole; nay: Dunn",
        ),
        (
            "YEAS (2) Hale, Burt NAYS (1) Dunn ABSENT (1) Orr. ",
            (2, 1, None, 1),
            "aye: Hale, Burt; nay: Dunn; absent: Orr",
        ),
        ("Roll call: Ayes (2) Mrs. Hale, Mr. Burt Noes (0) ", (2, 0, None, None), "aye: Hale, Burt"),
        (
            "Voting aye (2) Hale, Burt. Voting nay (1) Dunn. ",
            (2, 1, None, None),
            "aye: Hale, Burt; nay: Dunn",
        ),
        ("For (2) Hale, Burt\nAgainst (1) Dunn\n", (2, 1, None, None), "aye: Hale, Burt; nay: Dunn"),
        (
            "Yes (2) Hale, Burt; No (1) Dunn; Abstain (1) Cole. ",
            (2, 1, 1, None),
            "aye: Hale, Burt; nay: Dunn; abstain: Cole",
        ),
        (
            "In favour (2) Councillors Hale, Burt\nOpposed (1) Councillor Dunn\n",
            (2, 1, None, None),
            "aye: Hale, Burt; nay: Dunn",
        ),
        ("Ayes (three) Hale, Burt, Cole\nNays (none)\n", (3, 0, None, None), "aye: Hale, Burt, Cole"),
        ("Yeas 2, Hale, Burt\nNays 1, Dunn\n", (2, 1, None, None), "aye: Hale, Burt; nay: Dunn"),
        ("AYES (2)\nHale\nBurt\nNOES (1)\nDunn\n", (2, 1, None, None), "aye: Hale, Burt; nay: Dunn"),
    ],
)
def test_a_count_in_brackets_belongs_to_the_names_behind_it(
    told: str, expected: tuple[int | None, ...], names: str
) -> None:
    vote = only(f"{MOVED}\n{told}Motion carried.")
    assert (counts(vote), members(vote)) == (expected, names)


@pytest.mark.parametrize(
    ("told", "expected", "names"),
    [
        (
            "The vote was 2 for (Hale and Burt) and 1 against (Orr). ",
            (2, 1, None, None),
            "aye: Hale, Burt; nay: Orr",
        ),
        ("The roll call vote was 6 for and 1 (Orr) against. ", (6, 1, None, None), "nay: Orr"),
        (
            "The vote was 2 \nfor (Hale, Burt) and 2 (Cole and Orr) \nagainst. ",
            (2, 2, None, None),
            "aye: Hale, Burt; nay: Cole, Orr",
        ),
        (
            "Roll call vote: 3 ayes (Hale, Burt, Cole), 1 nay (Orr). ",
            (3, 1, None, None),
            "aye: Hale, Burt, Cole; nay: Orr",
        ),
        (
            "Two in favor (Hale, Burt) and one opposed (Dunn). ",
            (2, 1, None, None),
            "aye: Hale, Burt; nay: Dunn",
        ),
        (
            "Vote: 2 yes (Hale, Burt), 1 no (Orr), 1 abstain (Dunn). ",
            (2, 1, 1, None),
            "aye: Hale, Burt; nay: Orr; abstain: Dunn",
        ),
        ("Roll call vote, 2 nays, Moss, Wolfe, rest yeas, ", (None, 2, None, None), "nay: Moss, Wolfe"),
        ("1 no vote, Wolfe, all others yea, ", (None, 1, None, None), "nay: Wolfe"),
        ("One abstention, Moss, rest ayes. ", (None, None, 1, None), "abstain: Moss"),
        ("Vote: Moss nay, the rest aye. ", (None, 1, None, None), "nay: Moss"),
        ("Roll call vote- yes-Hale, Burt, Cole.  No-0. ", (3, 0, None, None), "aye: Hale, Burt, Cole"),
        (
            "In favor\N{EM DASH}Mr. Hale and Ms. Burt; opposed\N{EM DASH} none; absent\N{EM DASH}Mr. Orr. ",
            (2, 0, None, 1),
            "aye: Hale, Burt; absent: Orr",
        ),
        (
            "The vote was 3-1 Ms.\nHale Mr. Burt and Mr. Cole voted yes,Mr. Orr voted no. ",
            (3, 1, None, None),
            "aye: Hale, Burt, Cole; nay: Orr",
        ),
        (
            "Vote: Raymond Hale - for; Gil Burt - for; Kevin Orr - against. ",
            (2, 1, None, None),
            "aye: Raymond Hale, Gil Burt; nay: Kevin Orr",
        ),
    ],
)
def test_names_beside_their_number(told: str, expected: tuple[int | None, ...], names: str) -> None:
    vote = only(f"{MOVED}{told}Motion carried.")
    assert (counts(vote), members(vote)) == (expected, names)


@pytest.mark.parametrize(
    ("told", "ayes", "nays"),
    [
        ("Roll call vote, all yeas, motion carried.", None, 0),
        ("Motion carried. All yeas.", None, 0),
        ("Motion carried with 5 yes.", 5, None),
        ("Motion carried with 5 yes votes.", 5, None),
        ("Carried. No nays.", None, 0),
        ("Motion carried. No opposition.", None, 0),
        ("Motion carried, no noes.", None, 0),
        ("Motion passed without opposition.", None, 0),
        ("The motion carried without dissent.", None, 0),
        ("Motion carried without a dissenting vote.", None, 0),
        ("Passed 3-0\n- Corrections: none.", 3, 0),
        ("Motion passed 4-1\n\N{EN DASH} 2 copies go to the county.", 4, 1),
        ("Motion carried 5 0. Next item.", 5, 0),
        ("Motion carried. Yes-4, No-0", 4, 0),
        ("Motion carried. There was no opposition from the neighbors.", None, None),
        ("Motion carried. Then 5 yes answers were counted.", None, None),
        ("Motion carried 5 1.", None, None),
    ],
)
def test_counts_in_words(told: str, ayes: int | None, nays: int | None) -> None:
    vote = only(MOVED + told)
    assert (vote.ayes, vote.nays) == (ayes, nays)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("All in favor except Nelson, absent.", "absent: Nelson"),
        ("All aye except Nelson (absent).", "absent: Nelson"),
        ("All in favor except Ms. Nelson and Mr. Cole, who were absent.", "absent: Nelson, Cole"),
        ("All were in favor with the exception of Nelson, who was excused.", "absent: Nelson"),
        ("All ayes, except Nelson - abstained.", "abstain: Nelson"),
        ("All yea except Nelson, recused.", "recused: Nelson"),
        ("All in favor except Nelson.", "nay: Nelson"),
        ("All in favor except Nelson, nay.", "nay: Nelson"),
        ("All aye but Nelson who voted no.", "nay: Nelson"),
    ],
)
def test_why_one_was_not_for_it(told: str, expected: str) -> None:
    vote = only(f"{MOVED}{told} Motion carried.")
    assert members(vote) == expected
    assert vote.nays == expected.count("nay")


@pytest.mark.parametrize(
    ("told", "result"),
    [
        (
            "The vote was 2 for (Hale and Burt) and 1 against (Orr). The motion failing, Ms. Cole read it.",
            "failed",
        ),
        ("The vote was 2-2. Motion failing, the Board went on.", "failed"),
        ("The motion failing to pass, discussion went on.", "failed"),
        ("2 ayes, 3 nays; motion having failed.", "failed"),
        ("2 ayes, 3 nays.", "failed"),
        ("Motion failing for lack of a second.", "no_second"),
        ('"CARRIED"', "passed"),
        ('\n"Carried."', "passed"),
        ('"DEFEATED"', "failed"),
    ],
)
def test_results(told: str, result: str) -> None:
    assert only(MOVED + told).result == result


def test_a_motion_named_with_its_item_may_fail() -> None:
    text = (
        "ON MOTION by Commissioner Hale, SECONDED by Commissioner Burt, by a 4-1 vote (Commissioner Orr opposed), the "
        "Motion to approve the addition of Item 14.C., Talk of Appointments, FAILED."
    )
    vote = only(text)
    assert (vote.result, vote.ayes, vote.nays) == ("failed", 4, 1)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("Chair Drew voted in favor; the motion carried 5-4.", (5, 4)),
        ("Mayor Drew voted yes, therefore the motion passed, 5-4.", (5, 4)),
        ("Mayor Drew voted no, and the motion failed 4-5.", (4, 5)),
    ],
)
def test_one_who_votes_after_the_count(told: str, expected: tuple[int, int]) -> None:
    vote = only(f"{MOVED}The vote was 4 to 4. {told}")
    assert (vote.ayes, vote.nays) == expected
    assert vote.individual[0][0] == "Drew"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "The rules were suspended. Yeas 9. Nays 0. Read third time. Passed. Yeas 9. Nays 0.",
            [(9, 0), (9, 0)],
        ),
        ("The rules were suspended. Yeas\n9. Nays 0. Adopted. Yeas 8.\nNays 1.", [(9, 0), (8, 1)]),
        ("Ord. No. 12-98. Failed of passage. Yeas 3. Nays 6.", [(3, 6)]),
        ("Res. No. 14. Adopted. Ayes 7, Nays 0.", [(7, 0)]),
        ("Approved. Yeas 12; Nays 2.", [(12, 2)]),
        (
            "Roll call; the motion to substitute passed, 5:3.\n\nRoll call; the vote on the substitute motion was 5:3.",
            [(5, 3), (5, 3)],
        ),
        ("Motion carried 5-0.\n\nThe vote on the motion was 5-0.", [(5, 0)]),
        ("To be adopted. Yeas __ Nays __", []),
        ("A letter said the bill passed. Yeas 20. Nays 3 in the House.", []),
    ],
)
def test_decisions_that_name_no_motion(text: str, expected: list[tuple[int, int]]) -> None:
    assert [(vote.ayes, vote.nays) for vote in votes(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "Birch moved and Oland supported to approve the budget. Carried.",
        "R. Birch moved and T. Oland supported the plan to chip seal the road. Motion carried.",
        "Birch motioned to pay the bills, Oland supported. Motion carried.",
        "Birch motioned to pay the bills. Oland supported. Roll call vote, all yeas.",
        "Birch moved to pay the bills; Oland supported, motion carried.",
        "Moved by Birch, Oland supported, to approve. Passed.",
        "Trustee Birch moved, Trustee Oland supported the motion to pay. All ayes.",
        "Birch moved, supported by Oland, to pay. Carried.",
        "Birch moved to approve. Oland seconded. Cole supported the plan. Motion carried.",
        "Birch moved to approve. Cole supported, saying it was good. Oland seconded. Motion carried.",
        "Birch moved to close the road. Residents supported. Oland seconded. Motion carried.",
    ],
)
def test_supported_is_the_word_of_the_seconder(text: str) -> None:
    seconder = only(text).seconded_by
    assert seconder is not None
    assert seconder.endswith("Oland")


@pytest.mark.parametrize(
    ("text", "mover", "names"),
    [
        (
            "Dunn made a motion. This was seconded by Orr and approved, with Brook abstaining because she was new.",
            "Dunn",
            "abstain: Brook",
        ),
        (
            "Dunn moved to pay. Seconded by Orr and passed with Brook and Cole opposed.",
            "Dunn",
            "nay: Brook, Cole",
        ),
        ("The report was read and approved. Motion by Teresa and seconded by Wilma.", "Teresa", ""),
        ("The bills were approved. Motion made by Hale, seconded by Burt.", "Hale", ""),
        ("He asked for corrections. Hearing none, these minutes are approved.", None, ""),
        ("Seeing none, the agenda was approved.", None, ""),
        (
            "Hale moved it. Burt seconded and the following Trustees voted YEA, Oak, Hinck. Following voted NAY: none.",
            "Hale",
            "aye: Oak, Hinck",
        ),
    ],
)
def test_outcomes_within_other_sentences(text: str, mover: str | None, names: str) -> None:
    vote = only(text)
    assert (vote.result, vote.motion_by, members(vote)) == ("passed", mover, names)


@pytest.mark.parametrize(
    "text",
    [
        "Present (4) Hale, Burt, Cole, Dunn\nAbsent (1) Orr\nThe meeting was called to order.",
        "Seats: For (2) Hale Road, the plan is complete. No (1) Street was named.",
        "Survey results: Yes (40) No (12). Staff said it was a good return.",
        "The survey had 40 for (mostly owners) and 12 against (tenants).",
        "There were 2 nays, Moss, Wolfe, in the barn.",
        "The hearing closed without opposition. Five yes answers came from residents.",
        "All members were present except Nelson, absent.",
        "Staff said a motion failing here would be sent back. The hearing closed.",
        "Cole supported the levy. The library was also supported.",
        "The applicants voted yes, Oak Street included, in a survey.",
        "If hearing none, the minutes are to be approved next month.",
        "Permits are reviewed and approved, with staff attending the site.",
        "The board moved on. Mr. Shaw - for the record; Mr. Fine - against the wall; Mr. Kinn - for now.",
    ],
)
def test_texts_that_tell_no_vote(text: str) -> None:
    assert votes(text) == []


@pytest.mark.parametrize(
    "told",
    [
        "Comments: Sam Reed - against; Ida Poe - for; Al Orr - for. Motion carried.",
        "Then 2 trucks for (Parks) and a road were named. Motion carried.",
        "Mr. Hale voted in the last election, Ayes (5) of old. Motion carried.",
    ],
)
def test_others_are_no_members(told: str) -> None:
    assert only(MOVED + told).individual == ()
