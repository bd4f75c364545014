"""Who sat at a meeting, and who is who within a site."""

from __future__ import annotations

import pytest

from clerk.errors import ClerkError
from clerk.extraction.names import parse, parse_before, strip_titles, surname
from clerk.extraction.people import Meeting, Overrides, person_id, plain, read_overrides, resolve_people
from clerk.extraction.roster import Attendee, find_roster, surnames
from clerk.extraction.text import build
from clerk.findings import Vote


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


def _meeting(
    date: str, *roster: tuple[str, str], body: str = "Council", votes: tuple[Vote, ...] = ()
) -> Meeting:
    return Meeting(f"{body}/{date}", date, body, tuple(Attendee(name, role) for name, role in roster), votes)


def test_one_person_under_many_names() -> None:
    vote = Vote(
        1,
        "passed",
        motion_by="SMITH, J.",
        seconded_by="Lopez",
        individual=(("Smith", "aye"), ("Lopes", "aye")),
    )
    people = resolve_people(
        "elm",
        [
            _meeting("2024-01-02", ("John Smith", "councilmember"), ("Maria Lopez", "mayor"), votes=(vote,)),
            _meeting("2025-01-02", ("J. Smith", "vice mayor"), ("Maria Lopez", "mayor")),
        ],
    )
    assert [person.name for person in people.persons] == ["John Smith", "Maria Lopez"]
    smith, lopez = people.persons
    assert {alias for alias, _ in smith.aliases} == {"John Smith", "SMITH, J.", "Smith", "J. Smith"}
    assert set(smith.roles) == {"councilmember", "vice mayor"}
    assert (smith.first, smith.last, smith.meetings) == ("2024-01-02", "2025-01-02", 2)
    assert smith.id == person_id("elm", "John Smith") != person_id("oak", "John Smith")
    # "Lopes" is a spoilt "Lopez" of the same meeting
    assert people.of("Council/2024-01-02", "Lopes") == lopez.id


def test_two_smiths_stay_two() -> None:
    bare = Vote(1, "passed", motion_by="Smith")
    people = resolve_people(
        "elm",
        [
            _meeting("2024-01-02", ("John Smith", ""), ("Mary Smith", ""), votes=(bare,)),
            _meeting("2024-02-02", ("Mary Smith", ""), votes=(bare,)),
            _meeting("2024-03-02", ("J. Smith", ""), body="Planning"),
        ],
    )
    assert {person.name for person in people.persons} >= {"John Smith", "Mary Smith"}
    assert people.of("Council/2024-01-02", "Smith") == ""
    assert people.of("Council/2024-02-02", "Smith") == person_id("elm", "Mary Smith")


def test_a_bare_surname_is_looked_for_in_its_own_body_first() -> None:
    bare = Vote(1, "passed", motion_by="Smith")
    people = resolve_people(
        "elm",
        [
            _meeting("2024-01-02", ("John Smith", ""), ("Ann Hart", "")),
            _meeting("2024-01-03", ("Mary Smith", ""), ("Lou Ruiz", ""), body="Planning"),
            _meeting("2024-02-02", ("Ann Hart", ""), votes=(bare,)),
        ],
    )
    assert people.of("Council/2024-02-02", "Smith") == person_id("elm", "John Smith")


def test_a_persons_own_word_wins() -> None:
    meetings = [
        _meeting("2024-01-02", ("M. Lopez", ""), ("Motion", ""), ("John Smith", ""), ("J. Smith", ""))
    ]
    rules = read_overrides(
        {
            "people": [{"name": "Maria Lopez", "aliases": ["M. Lopez", "LOPEZ"]}],
            "apart": ["J. Smith"],
            "drop": ["Motion"],
        }
    )
    people = resolve_people("elm", meetings, rules)
    assert [person.name for person in people.persons] == ["J. Smith", "John Smith", "Maria Lopez"]
    assert people.of("Council/2024-01-02", "Motion") == ""
    assert resolve_people("elm", reversed(meetings), rules) == people, "the order of meetings does not matter"


@pytest.mark.parametrize(
    "data", [["x"], {"persons": []}, {"people": {}}, {"people": [{}]}, {"apart": "Smith"}]
)
def test_overrides_of_another_shape_are_refused(data: object) -> None:
    with pytest.raises(ClerkError, match=r"people\.yaml"):
        read_overrides(data)


def test_no_overrides() -> None:
    assert read_overrides(None) == Overrides()
    assert plain("Vice Mayor José O’Hara, Jr.") == "jose o'hara"
    assert resolve_people("elm", []).persons == ()
