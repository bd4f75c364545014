"""Ballots as forms and tables print them, topics, items, and words that are names: what was once read wrongly."""

from __future__ import annotations

import pytest

from clerk.extraction.genre import is_transcript
from clerk.extraction.votes import find_votes
from clerk.findings import Vote

MOVED = "Motion by Dell, second by Nunn, to hire Kyle Fret.\n"
AYES, NAYS = {"Dell", "Nunn", "Hoyle"}, {"Crisp"}


def votes(text: str) -> list[Vote]:
    return [vote for found in find_votes({1: text}).values() for vote in found]


def sides(vote: Vote) -> tuple[set[str], set[str]]:
    return tuple({name for name, side in vote.individual if side == each} for each in ("aye", "nay"))  # type: ignore[return-value]


BOXES = [
    ("__X__", "_____"),
    ("_X_", "___"),
    ("(X)", "( )"),
    ("(x)", "()"),
    ("[X]", "[ ]"),
    ("☑", "☐"),
    ("☒", "☐"),
    ("■", "□"),
    ("✔", "□"),
]


@pytest.mark.parametrize(("tick", "empty"), BOXES)
def test_ticks_under_headings(tick: str, empty: str) -> None:
    rows = [("Dell", 0), ("Nunn", 0), ("Crisp", 1), ("Hoyle", 0)]
    lines = [f"{n:10}{tick if side == 0 else empty:8}{tick if side else empty:8}" for n, side in rows]
    (vote,) = votes(MOVED + "Member    Aye     Nay\n" + "\n".join(lines) + "\nMotion carried.")
    assert (vote.result, vote.ayes, vote.nays) == ("passed", 3, 1)
    assert sides(vote) == (AYES, NAYS)


@pytest.mark.parametrize("line", ["{0}  {1} Aye  {2} Nay  {3} Abstain", "{0}  Aye {1}  Nay {2}  Abstain {3}"])
@pytest.mark.parametrize(("tick", "empty"), BOXES)
def test_boxes_beside_each_vote(tick: str, empty: str, line: str) -> None:
    rows = [("Dell", 0), ("Nunn", 0), ("Crisp", 1), ("Hoyle", 0)]
    lines = [line.format(n, tick if side == 0 else empty, tick if side else empty, empty) for n, side in rows]
    (vote,) = votes(MOVED + "\n".join(lines) + "\nMotion carried.")
    assert (vote.result, vote.ayes, vote.nays) == ("passed", 3, 1)
    assert sides(vote) == (AYES, NAYS)


SIDE_BY_SIDE = [
    "AYES           NAYS         ABSTAIN\nDell           Crisp        None\nNunn\nHoyle\nMotion carried 3-1.",
    "AYES: 3         NAYS: 1\nDell            Crisp\nNunn\nHoyle\nMotion carried.",
    "VOTING AYE        VOTING NAY\nDell              Crisp\nNunn\nHoyle\nMotion carried.",
    "Ayes: Dell          Nays: Crisp\n      Nunn\n      Hoyle\nMotion carried.",
    "AYES NAYS\nDell Crisp\nNunn\nHoyle\nMotion carried 3-1.",
    "AYES\nNAYS\nDell\nNunn\nHoyle\nCrisp\nMotion carried 3-1.",
]


@pytest.mark.parametrize("table", SIDE_BY_SIDE)
def test_names_side_by_side(table: str) -> None:
    (vote,) = votes(MOVED + table)
    assert (vote.result, vote.ayes, vote.nays) == ("passed", 3, 1)
    assert sides(vote) == (AYES, NAYS)


def test_names_under_two_labels_that_no_count_shares_out_are_nobodys() -> None:
    (vote,) = votes(MOVED + "AYES\nNAYS\nDell\nNunn\nHoyle\nCrisp\nMotion carried.")
    assert (vote.result, vote.ayes, vote.nays, vote.individual) == ("passed", None, None, ())


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Motion by Dell to approve the minutes, second by Nunn. Carried 3-0.", "approve the minutes"),
        ("Dell moved to adopt the plan; Nunn seconded. Carried 3-0.", "adopt the plan"),
        ("Dell moved to adopt the plan with Nunn seconding. Carried 3-0.", "adopt the plan"),
        ("Dell moved to adopt the plan, and Mr. Nunn seconded the motion. Carried 3-0.", "adopt the plan"),
        ("A motion to adopt the plan was made by Dell and seconded by Nunn. Carried 3-0.", "adopt the plan"),
        ("Motion to adopt the plan by Dell, second Nunn, all in favor. Carried 3-0.", "adopt the plan"),
        ("Motion to adopt the plan (Dell/Nunn). Carried 3-0.", "adopt the plan"),
        ("Dell moved to accept the second phase report. Nunn seconded. Carried.", "accept the second phase report"),
    ],
)  # fmt: skip
def test_a_topic_ends_before_the_names(text: str, topic: str) -> None:
    (vote,) = votes(text)
    assert (vote.motion_by, vote.seconded_by, vote.topic) == ("Dell", "Nunn", topic)


def test_a_number_of_the_closed_session_stays_there() -> None:
    text = (
        "CLOSED SESSION\n4. Conference with legal counsel\n{}Council Member Dell moved to approve the consent "
        "calendar, seconded by Council Member Nunn. Carried 5-0.\n5. Budget\nDell moved to adopt the budget, Nunn "
        "seconded. Carried 5-0."
    )
    inside, _ = votes(text.format(""))
    assert (inside.section, inside.item) == ("closed_session", "4")
    first, second = votes(text.format("The Council reconvened in open session at 7:05 p.m.\n"))
    assert (first.section, first.item) == ("", "")
    assert (second.section, second.item) == ("", "5")


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("Dell moved to table it. Nunn seconded. The Board voted 4-0 to approve the motion to table.", "tabled"),
        ("RESULT: APPROVED MOTION TO TABLE [5-0]\nMOVER: Ann Dell\nSECONDER: Bo Nunn", "tabled"),
        ("Motion by Dell, second by Nunn, to approve. The item was tabled.", "tabled"),
        ("Motion by Dell, second by Nunn, to continue it to June 3. Carried. Item continued to June 3.", "continued"),
        ("Motion by Dell, second by Nunn, to table it. Motion to table carried 4-1.", "passed"),
    ],
)  # fmt: skip
def test_what_is_put_off(text: str, result: str) -> None:
    (vote,) = votes(text)
    assert vote.result == result


@pytest.mark.parametrize(
    ("text", "mover", "seconder"),
    [
        ("Motion by Will, seconded by May, to approve. Carried 2-0.", "Will", "May"),
        ("Motion by Young, seconded by Long, to approve. Carried 2-0.", "Young", "Long"),
        ("Mr. Bill moved to approve. Ms. March seconded. Carried 2-0.", "Bill", "March"),
        ("Call moved to approve; Page seconded. Motion passed 2-0.", "Call", "Page"),
        ("MOVED BY WILL, SECONDED BY MARCH, TO PAY BILLS. CARRIED.", "WILL", "MARCH"),
        ("Motion by Commissioner Pct. 2 Garza, second by Commissioner Pct. 4 Hull. Passed 5-0.", "Garza", "Hull"),
    ],
)  # fmt: skip
def test_names_that_are_words(text: str, mover: str, seconder: str) -> None:
    (vote,) = votes(text)
    assert (vote.motion_by, vote.seconded_by) == (mover, seconder)


RECORDED = {
    "a letterhead over minutes": (
        "VILLAGE OF ARDEN\nTo: All residents\nFrom: Village Clerk\nRe: Meeting of May 5\nTrustee Bell moved to pay "
        "the bills, second by Trustee Ames. Ayes: 6. Nays: 0. Motion carried."
    ),
    "what somebody recalls before the motion": (
        "DISCUSSION\nThe Manager said that in March 2024 the Council approved the first reading 4-1.\nMr. Fine moved "
        "to adopt the ordinance on second reading. Mrs. Dow seconded. The motion carried 3-2."
    ),
    "what was decided years ago before the motion": (
        "In 2021 the Board voted 5-0 to lease the barn. The lease ends in June. Supervisor Hale moved to renew the "
        "lease, seconded by Supervisor Pike. Carried 4-1, Hale opposed."
    ),
    "an old vote between a motion and its outcome": (
        "Motion by Zook, second by Ahl, to pass it. Mr. Ahl said the old ordinance passed 5-0 in 2010. Vote: 4-0."
    ),
    "an action agenda": (
        "CITY COUNCIL AGENDA - ACTION SUMMARY\nMay 6, 2025\n1. Minutes. Motion by Ray, second by Ott. Approved 5-0."
    ),
    "an agenda that was filled in": (
        "AGENDA\nMay 6, 2025\nMayor Ray called the meeting to order at 7:00 p.m.\nMotion by Lee, second by Ott to "
        "adjourn. Carried."
    ),
    "what was done before": (
        "On April 1, the Council introduced Ordinance 5. Council Member Lee moved to adopt Ordinance 5, seconded by "
        "Council Member Orr. Motion carried 5-0."
    ),
    "the day of the meeting": (
        "Meeting of May 6, 2025\nOn May 6, 2025, a motion was made by Fry, seconded by Gill, to pay; motion carried."
    ),
    "a resolution in full": (
        "WHEREAS, the Town needs a loader; and\nWHEREAS, there is money;\nNOW, THEREFORE, BE IT RESOLVED that it is "
        "bought.\nMotion by Supervisor Ash, seconded by Councilman Bell.\nAsh aye, Bell aye, Cole nay. Motion carried."
    ),
    "another body's report, then a motion": (
        "Trustee Yoder reported on the Fire District meeting of May 2.\nMotion by Trustee Haas, seconded by Trustee "
        "Lind, to accept the report. Carried 5-0."
    ),
    "what a committee advised": (
        "Planning Commission recommended approval 5-1 on April 8. Motion made by Council Member Stone, seconded by "
        "Council Member Wade, to approve the rezoning. Motion carried."
    ),
    "an action that was recommended": (
        "Recommended Action: Approve the contract with Delco.\nCouncilmember Ives moved the recommended action; "
        "Councilmember Orth seconded. Motion passed 4-0."
    ),
}


@pytest.mark.parametrize("case", RECORDED)
def test_minutes_that_look_like_other_papers_keep_their_votes(case: str) -> None:
    assert len(votes(RECORDED[case])) == 1


def test_a_report_in_a_packet_ends_where_the_minutes_begin() -> None:
    report = (
        "STAFF REPORT\nTo: Council\nFrom: Planner\nMs. Ash moved, Mr. Bell seconded, to deny it. Carried 3-2."
    )
    minutes = "MINUTES OF MAY 6\nPresent: Ash, Bell, Cole\nMs. Ash moved, Mr. Bell seconded, to pay bills. Carried 3-0."
    assert [len(found) for found in find_votes({1: report, 2: minutes, 3: report}).values()] == [0, 1, 0]


def test_roll_calls_and_times_are_no_speech() -> None:
    assert not is_transcript("Roll call:\nMr. Ash: Aye\nMs. Bell: Aye\nMr. Cole: Nay\nMayor Dunn: Aye\n" * 3)
    assert not is_transcript("7:02 Motion by Ash, second by Bell. Carried.\n7:05 Public comment.\n" * 3)
    assert is_transcript("[00:42:10] all those in favor\n[00:42:12] aye\n[00:42:14] motion carries\n")
