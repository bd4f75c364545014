"""Names as minutes print them, and who sat at a meeting."""

from __future__ import annotations

import pytest

from clerk.extraction.names import parse, parse_before, strip_titles, surname
from clerk.extraction.roster import find_roster, surnames
from clerk.extraction.text import build


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("Councilmember Marsh", "Marsh"),
        ("VICE MAYOR OKAFOR", "OKAFOR"),
        ("Mayor Pro Tem Phan", "Phan"),
        ("Ruth Okonkwo, Commissioner", "Ruth Okonkwo"),
        ("the Hon. Dr. Lee", "Lee"),
        ("Councilmembers", ""),
        ("Chairman", ""),
        ("Mayoral Smith", "Mayoral Smith"),
        ("Clerk-Treasurer Ada Lund", "Ada Lund"),
    ],
)
def test_titles(printed: str, name: str) -> None:
    assert strip_titles(printed) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Vice Mayor Okafor, to adopt", "Okafor"),
        ("Council Member Burgess moved", "Burgess"),
        ("Mayor Page called", "Page"),
        ("Council Member Parks.", "Parks"),
        ("W. Harrington Smith, Jr. and", "W. Harrington Smith Jr."),
        ("Councilmember\nLawrence-Anderson moved", "Lawrence-Anderson"),
        ("J.WALDORF, J.RACICH", "J. WALDORF"),
        ("Councillor de la Cruz opposed", "de la Cruz"),
        ("Mr. St. John moved", "St. John"),
        ("HARRIS MOVED THAT", "HARRIS"),
        ("Bill Smith and", "Bill Smith"),
        ("Ruiz VOTE: Unanimous", "Ruiz"),
        ("Hart\nRuiz\nTull", "Hart"),
        ("the following people", ""),
        ("Page 3 of 7", ""),
        ("Councilmembers", ""),
        ("________", ""),
    ],
)
def test_a_name_is_read_from_where_it_begins(text: str, name: str) -> None:
    person = parse(text, 0)
    assert (person.name if person else "") == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("for the item. Marsh |moved", "Marsh"),
        ("Commissioner Walter Byrne\nCommissioner Prescott |moved", "Prescott"),
        ("APPROVAL OF MINUTES\nMember Ruiz |moved", "Ruiz"),
        ("After discussion, Ms. Ann B. Hart |moved", "Ann B. Hart"),
        ("Robert Claud, Sr. |moved", "Robert Claud Sr."),
        ("The company |moved", ""),
        ("and then |moved", ""),
    ],
)
def test_a_name_is_read_backwards(text: str, name: str) -> None:
    person = parse_before(text.replace("|", ""), text.index("|"))
    assert (person.name if person else "") == name


def test_surnames_keep_their_particles() -> None:
    assert [surname(name) for name in ("Ann De Angelis", "John Smith, Jr.", "Knox")] == [
        "de angelis",
        "smith",
        "knox",
    ]


ATTENDANCE = """Town Council, minutes
PRESENT: Mayor Ruth Calloway; Councilmembers Victor Delgado, J. Marsh (arrived at 7:20 p.m.), and Ann Raman
ABSENT: Councilmember Lindqvist
STAFF PRESENT: Town Manager Greg Summers, Ada Lund, Town Clerk
The meeting was called to order. Councilmember Raman left the meeting at 8:05 p.m.
"""


def test_attendance() -> None:
    roster = {each.name: each for each in find_roster(build({3: ATTENDANCE}))}
    assert list(roster) == [
        "Ruth Calloway", "Victor Delgado", "J. Marsh", "Ann Raman", "Lindqvist", "Greg Summers", "Ada Lund",
    ]  # fmt: skip
    assert [each.name for each in roster.values() if not each.seated] == ["Greg Summers", "Ada Lund"]
    assert roster["Ruth Calloway"].role == "mayor"
    assert roster["Ada Lund"].role == "town clerk"
    assert (roster["Lindqvist"].status, roster["J. Marsh"].status) == ("absent", "late")
    assert (roster["Ann Raman"].status, roster["Ann Raman"].left) == ("left", "8:05 p.m.")
    assert roster["Victor Delgado"].page == 3
    assert ATTENDANCE[roster["Victor Delgado"].start :].startswith("Victor Delgado")
    assert "delgado" in surnames(tuple(roster.values()))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "ROLL CALL - PRESENT: Alderman Hart Alderman Ruiz Alderman Tull A Quorum was present.",
            ["Hart", "Ruiz", "Tull"],
        ),
        ("In attendance were Selectmen Ann Hart, Lou Ruiz, and Pat Tull.", ["Ann Hart", "Lou Ruiz", "Pat Tull"]),
        (
            "Present:\nGlenn Hart, Supervisor\nLou Ruiz, Councilman\nPat Tull, Councilman",
            ["Glenn Hart", "Lou Ruiz", "Pat Tull"],
        ),
        ("Councilmembers Hart, Ruiz, and Mayor Tull were present.", ["Hart", "Ruiz", "Tull"]),
        ("The meeting was called to order at 7:00 PM.", []),
    ],
)  # fmt: skip
def test_layouts_of_attendance(text: str, names: list[str]) -> None:
    assert [each.name for each in find_roster(build({1: text}))] == names
