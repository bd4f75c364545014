"""Attendance lists with broken names, and lists of a vote that are none."""

from __future__ import annotations

from clerk.extraction import attendance

BROKEN = """1. CALL TO ORDER AND ROLL CALL
Present: Mayor Ruth Calloway; Vice Mayor Daniel Okafor; Councilmember Priya
Raman; Councilmember Thomas Whitfield and Councilmember Grace |
Lindqvist
Absent: None
Staff: City Attorney Samuel Price; City Manager Janet
Holloway
"""
BALLOT = """PRESENT: Mayor Ruth Calloway, Councilmembers Victor Delgado, Helen Marsh
ABSENT: Councilmember Ann Raman

AYES: Calloway, Marsh
NOES: Delgado
ABSENT: Raman

5. APPEAL OF THE PERMIT
TEMPORARY BAN OF FIREWORKS
"""


def test_a_name_that_the_line_breaks_is_one() -> None:
    roster = attendance({1: BROKEN})
    assert [each.name for each in roster if each.seated] == [
        "Ruth Calloway", "Daniel Okafor", "Priya Raman", "Thomas Whitfield", "Grace Lindqvist",
    ]  # fmt: skip
    assert "Janet Holloway" in {each.name for each in roster if not each.seated}


def test_a_column_of_surnames_stays_one_name_a_line() -> None:
    roster = attendance({1: "Present: Commissioner Hart\nRuiz\nTull\nAbsent: none"})
    assert [each.name for each in roster] == ["Hart", "Ruiz", "Tull"]


def test_who_is_absent_in_a_recorded_vote_is_no_attendance() -> None:
    roster = attendance({1: BALLOT})
    assert [each.name for each in roster] == ["Ruth Calloway", "Victor Delgado", "Helen Marsh", "Ann Raman"]
    assert roster[-1].status == "absent"
