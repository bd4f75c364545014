"""Votes that papers tell in other words or orders than most, and votes of others that look like the meeting's."""

from __future__ import annotations

import pytest

from clerk.extraction.votes import find_votes
from clerk.findings import Vote


def votes(text: str) -> list[Vote]:
    return [vote for found in find_votes({1: text}).values() for vote in found]


def sides(vote: Vote) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for name, side in vote.individual:
        told.setdefault(side, []).append(name)
    return told


DATED = [
    ("On May 5, 2025 motion by Kerr, seconded by Pell to approve the budget. Motion carried 4-1.", 4, 1),
    ("On June 9, motion by Kerr, second by Pell, to hire a bookkeeper. Carried 3-0.", 3, 0),
    ("On 06/09/2025, Trustee Kerr moved, seconded by Trustee Pell, to pay bills. Motion carried 3-0.", 3, 0),
    ("On June 9, 2025, upon motion of Mr. Kerr, seconded by Ms. Pell, the Board set the levy. Vote 3-0.", 3, 0),
    ("VILLAGE OF LOAM\nOn June 9, 2025, a motion was made by Kerr and seconded by Pell to pay. Carried 2-1.", 2, 1),
    ("On 9 June 2025 Cllr Kerr moved and Cllr Pell seconded that the accounts be received. CARRIED", None, None),
    ("The minutes of April 7 were presented. On May 5, motion by Kerr, second by Pell, they were approved. Carried.",
     None, None),
    ("Adopted on May 6 by 5-0, motion by Kerr, second by Pell.", 5, 0),
    ("Public hearing on the fees. Adopted on May 6, 2025 by a vote of 5-0, motion by Kerr, second by Pell.", 5, 0),
    ("Resolution 25-4 was approved on June 9, 2025, 4-1, on a motion by Kerr, seconded by Pell.", 4, 1),
    ("ORDINANCE 25-9. Passed on June 9, 2025 by a 6-1 vote. Motion by Kerr, second by Pell.", 6, 1),
    ("Passed this 9th day of June, 2025, by a vote of 4 ayes and 1 nay. Moved by Kerr, seconded by Pell.", 4, 1),
    ("Meeting of June 9, 2025\nFee schedule. Adopted on June 9 by 4-1, motion by Kerr, second by Pell.", 4, 1),
    ("Ordinance 9: introduced July 7, 2025. Adopted on August 4, 2025 by 6-1, motion by Kerr, second by Pell.", 6, 1),
    ("Motion by Kerr, second by Pell. Adopted on May 13, 2025 by a vote of 5-0.", 5, 0),
    ("Adopted by 5-0, motion by Kerr, second by Pell.", 5, 0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "ayes", "nays"), DATED)
def test_a_vote_that_begins_with_its_day(text: str, ayes: int | None, nays: int | None) -> None:
    (vote,) = votes(text)
    assert (vote.result, vote.motion_by, vote.seconded_by) == ("passed", "Kerr", "Pell")
    assert (vote.ayes, vote.nays) == (ayes, nays)


def test_after_the_first_dated_vote_the_next_ones_are_found() -> None:
    text = (
        "On August 4, 2025, a motion by Lind and seconded by Roe to table the dog ordinance failed 2-5. On August 4 "
        "Roe moved and Lind seconded to adjourn. Approved 6-0."
    )
    first, second = votes(text)
    assert (first.result, first.motion_by, first.ayes, first.nays) == ("failed", "Lind", 2, 5)
    assert (second.result, second.motion_by, second.ayes) == ("passed", "Roe", 6)


PAST = [
    "Minutes of June 3, 2025\nOn April 1, 2025 motion by Smit, seconded by Garzo to table the permit carried 4-1.",
    "BACKGROUND: On April 1, 2025 motion by Smit, seconded by Garzo, to introduce it carried 5-2.",
    "On April 1, 2025, the Council voted 5-2 to introduce the ordinance. Since then nine letters came.",
    "On April 1, 2025, a motion by Smit, seconded by Garzo, to lease the barn failed 2-3. The lease is now before us.",
    "Minutes of June 9, 2025\nOrdinance 12 (adopted on May 6 by 5-0, motion by Kerr, second by Pell) is on file.",
    "Minutes of June 9, 2025\nMs. Roe asked. It was adopted on May 6 by a vote of 5-0, motion by Kerr, second by Pell.",
    "The budget was adopted on May 6 by a vote of 5-0. Copies are at the library.",
    "The zoning code, adopted on May 6, 1987, applies to lots 5-9 of the plat.",
    "The lease was signed in 2022. On May 13, 2022, motion by Oster, seconded by Blythe, to lease it carried 5-0.",
    "The Town Council's position. On March 4, 2024 motion by Tarn, seconded by Hobbs, to oppose the mine passed 4-1.",
    "Council Member Tarn's bio: on March 4, 2024, she moved, seconded by Hobbs, to ban leaf blowers; it passed 4-3.",
    "NOTICE is given that on August 4, 2025, motion by Lind, seconded by Roe, the Board adopted Ordinance 9 by 6-0.",
]


@pytest.mark.parametrize("text", PAST)
def test_a_day_that_is_not_the_meetings_is_of_the_past(text: str) -> None:
    assert votes(text) == []


LISTED_FIRST = [
    (
        'Chair Nolan called for the vote. "All in favor?" Aye: Nolan, West, Pike. "Opposed?" None. The motion by West, '
        "seconded by Pike, carried 3-0."
    ),
    "Vote: Ayes - Nolan, West, Pike. Opposed - none. The motion by West, seconded by Pike, carried.",
    "All in favor: Nolan, West, Pike. Opposed: none. West's motion, seconded by Pike, carried.",
    "Ayes: Nolan, West, Pike. Nays: none. The motion, made by West and seconded by Pike, carried 3-0.",
    "Roll call vote: Ayes - Nolan, West, and Pike. Nays - none. Motion, made by West and\nseconded by Pike, carried.",
]


@pytest.mark.parametrize("text", LISTED_FIRST)
def test_names_before_their_motion_are_one_vote_with_it(text: str) -> None:
    (vote,) = votes(text)
    assert (vote.result, vote.motion_by, vote.seconded_by) == ("passed", "West", "Pike")
    assert (vote.ayes, vote.nays, sides(vote)) == (3, 0, {"aye": ["Nolan", "West", "Pike"]})


def test_a_motion_that_is_only_spoken_of_again_is_no_new_vote() -> None:
    listed = "Ayes: Nolan, West, Pike. Nays: None."
    text = f"Motion by Pike, seconded by Nolan, to adjourn. {listed} The motion by Pike carried."
    assert [(vote.motion_by, vote.seconded_by) for vote in votes(text)] == [("Pike", "Nolan")]
    text = f"{listed}\nThe motion by Quint to adjourn, seconded by West, carried."
    assert [(vote.motion_by, vote.ayes) for vote in votes(text)] == [(None, 3), ("Quint", None)]


IN_A_LINE = [
    "Mrs. Alden __X__ Yes; Mr. Bass __X__ Yes; Ms. Cole __X__ No",
    "Mrs. Alden __X__ Yes ____ No; Mr. Bass __X__ Yes ____ No; Ms. Cole ____ Yes __X__ No",
    "Alden [X] Aye  Bass [X] Aye  Cole [X] Nay",
    "Alden Yes _X_ No ___, Bass Yes _X_ No ___, Cole Yes ___ No _X_",
    "Mr. Alden ☒ Yes ☐ No   Mr. Bass ☒ Yes ☐ No   Ms. Cole ☐ Yes ☒ No",
    "Mrs. Alden __X__ Yes; Mr. Bass __X__ Yes;\nMs. Cole __X__ No; Mr. Dorn ____ No ____ Yes __X__ Absent",
    "Alden: Yes (X) No ( ); Bass: Yes (X) No ( ); Cole: Yes ( ) No (X)",
    "Roll call: Alden ☑ Aye, Bass ☑ Aye, Cole ☑ Nay.",
    "VOTE: Alden __X__ Aye  Bass __X__ Aye  Cole __X__ Nay",
    "Member Alden (X) Aye ( ) Nay | Member Bass (X) Aye ( ) Nay | Member Cole ( ) Aye (X) Nay",
]


@pytest.mark.parametrize("line", IN_A_LINE)
def test_marks_of_several_people_in_a_line(line: str) -> None:
    (vote,) = votes(f"Motion by Alden, seconded by Bass, to adopt the plan.\n{line}\nMotion carried.")
    assert (vote.result, vote.ayes, vote.nays) == ("passed", 2, 1)
    told = sides(vote)
    assert (told["aye"], told["nay"]) == (["Alden", "Bass"], ["Cole"])


def test_marks_without_a_no_are_unanimous() -> None:
    (vote,) = votes(
        "Moved by Alden, seconded by Bass to pay.\nAlden __X__ Yes; Bass __X__ Yes\nMotion carried."
    )
    assert (vote.ayes, vote.nays, vote.unanimous) == (2, 0, True)


@pytest.mark.parametrize(
    "line",
    [
        "Alden: [X] Yes [ ] No, Bass: [X] Yes [X] No, Cole: [ ] Yes [X] No",  # two marks of one
        "Alden [X] Yes [ ] No   Bass [ ] Yes [ ] No   Cole [ ] Yes [X] No",  # one without a mark
        "Park fee __X__ Yes; Pool fee __X__ No",  # no people
    ],
)
def test_marks_that_are_not_plain_tell_nothing(line: str) -> None:
    (vote,) = votes(f"Motion by Alden, seconded by Bass, to adopt the plan.\n{line}\nMotion carried.")
    assert (vote.ayes, vote.nays, vote.individual) == (None, None, ())


OF_OTHERS = [
    "In the survey the proposal passed 41-12.",
    "Of the residents who answered, 41 voted for and 12 voted against a gate. The proposal passed 41-12.",
    "A straw poll was taken among the audience; the proposal passed 23-4.",
    "The online questionnaire closed Friday. The motion to keep the name carried 31-9 among respondents.",
    "In an online poll of parents, the motion to change the start time passed 48-11.",
    (
        "ARGUMENT IN FAVOR OF MEASURE B\nThe City Council voted unanimously to place Measure B on the ballot. It costs "
        "nothing. Vote yes on B."
    ),
    "REBUTTAL TO ARGUMENT AGAINST MEASURE F\nThe School Board approved the bond 5-0. Join us in voting YES on F.",
    "Vote YES on Measure F! The Board of Education voted unanimously to support Measure F.",
    (
        "Commissioner Hale reported that at the hospital board a motion was made by Dr. Fenn to buy a scanner and it "
        "passed 5-2."
    ),
    (
        "Commissioner Hale reported that at the hospital board a motion was made by Dr. Fenn to buy a scanner. It was "
        "seconded by Ms. Orr and passed 5-2."
    ),
    (
        "Trustee Ruiz said the library board met Monday, where Ms. Dow moved and Mr. Fry seconded to buy a van; the "
        "motion carried 4-0."
    ),
    (
        "Director Quint reported that at the Cemetery Association meeting Mr. Fry moved to raise dues, Mrs. Dow "
        "seconded, and it passed 6-1."
    ),
    (
        "Mayor Oster told the Council that at the League of Cities a resolution was moved by Mayor Dow of Pineville, "
        "seconded by Mayor Fry of Alder, and adopted 41-3."
    ),
    (
        "State Senator Dow gave the state update. The Senate passed the bill 31-4. A motion by Senator Fry to amend it "
        "failed 12-23."
    ),
]


@pytest.mark.parametrize("text", OF_OTHERS)
def test_votes_of_others_are_left_out(text: str) -> None:
    assert votes(text) == []


MEETINGS = [
    "The survey results were presented. {0} to accept the survey. Motion carried 4-1.",
    "{0} to send a survey of residents. In the survey three questions will be asked. Motion carried 4-1.",
    "A straw poll was held on three names. Then {0} to appoint Ann Fry. Motion carried 4-1.",
    "{0} to submit the argument in favor of Measure B. Vote: 4-1.",
    "ARGUMENT IN FAVOR OF MEASURE F\n{0} to sign it, which asks residents to vote yes on Measure F. Carried 4-1.",
    "Mr. Hale reported that the pump failed. {0} to buy a pump, and it passed 4-1.",
    (
        "HOSPITAL BOARD OF TRUSTEES\nMinutes\nMr. Hale reported that at the hospital board a chair is broken; {0}. "
        "Passed 4-1."
    ),
    "Mayor Hale said that the fire district board was meeting that night. {0} to recess. Motion carried 4-1.",
    "County Commissioner Vance gave the county update. {0} to thank him. Carried 4-1.",
    "Mr. Quint stated that the Planning Board reviewed the plat, and {0} to approve it. Carried 4-1.",
]


@pytest.mark.parametrize("text", MEETINGS)
def test_votes_beside_reports_and_surveys_are_kept(text: str) -> None:
    (vote,) = votes(text.format("Council Member Kerr moved, seconded by Council Member Pell,"))
    assert (vote.motion_by, vote.seconded_by, vote.ayes, vote.nays) == ("Kerr", "Pell", 4, 1)


def test_who_reports_may_move_himself() -> None:
    (vote,) = votes(
        "Director Oster reported that at the Parks Committee the plan was praised and moved to adopt it. Director "
        "Blythe seconded. Carried 5-0."
    )
    assert (vote.motion_by, vote.seconded_by, vote.ayes) == ("Oster", "Blythe", 5)
