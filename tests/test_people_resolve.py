"""Who is who within a site over time: what is joined, what stays apart, and what stays open."""

from __future__ import annotations

import pytest

from clerk.errors import ClerkError
from clerk.people import MeetingNames, Overrides, People, Person, Seat, read_name, read_overrides
from clerk.people.names import compatible, nearly, shown


def meeting(
    date: str,
    *seats: str,
    body: str = "Council",
    movers: tuple[str, ...] = (),
    rolls: tuple[tuple[str, ...], ...] = (),
) -> MeetingNames:
    places = tuple(Seat(name, 1, 40 * number) for number, name in enumerate(seats))
    return MeetingNames(f"{body}/{date}", date, body, places, movers, rolls)


def people(*meetings: MeetingNames, rules: str = "") -> dict[tuple[str, str], str]:
    """(date, printed name) to the name of the person; a name that is nobody's is not there."""
    every = People("elm", lambda: meetings, read_overrides(rules))
    return {(each.date, text): person.name for each in meetings for text, person in every.of(each).items()}


def names(*meetings: MeetingNames, rules: str = "") -> set[str]:
    return set(people(*meetings, rules=rules).values())


@pytest.mark.parametrize(
    ("printed", "given", "family", "suffix"),
    [
        ("Councilmember Smith", "", "smith", ""),
        ("SMITH, J.", "j", "smith", ""),
        ("Vice Mayor José O’Hara, Jr.", "jose", "o'hara", "jr"),
        ("John Q. Smith", "john q", "smith", ""),
        ("Ann De Angelis", "ann", "de angelis", ""),
        ("Robert (Bob) Smith", "robert", "smith", ""),
        ("J.Marsh", "j", "marsh", ""),
        ("Mayor", "", "", ""),
    ],
)
def test_a_name_is_taken_apart(printed: str, given: str, family: str, suffix: str) -> None:
    name = read_name(printed)
    assert (" ".join(name.given), " ".join(name.family), name.suffix) == (given, family, suffix)


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("J. Smith", "John Smith", True),
        ("J. Smith", "Mary Smith", False),
        ("Bob Smith", "Robert Smith", True),
        ("Chris Smith", "Christopher Smith", True),
        ("Al Smith", "Alan Smith", False),
        ("John Q. Smith", "John Smith", True),
        ("John Q. Smith", "John R. Smith", False),
        ("John Smith, Sr.", "John Smith Jr.", False),
        ("John Smith", "John Smith Jr.", True),
        ("W. Harrington Smith", "Harrington Smith", True),
        ("John Smith", "John Smythe", False),
    ],
)
def test_which_names_can_be_one(one: str, two: str, same: bool) -> None:
    assert compatible(read_name(one), read_name(two)) is same
    assert compatible(read_name(two), read_name(one)) is same


def test_spelling() -> None:
    assert nearly("lopez", "lopes")
    assert not nearly("lee", "lea")
    assert nearly("chalapenko", "chapalenko")
    assert not nearly("anderson", "henderson")
    assert shown("SMITH, J.") == "J. Smith"
    assert shown("Vice Mayor McArthur") == "McArthur"


def test_one_person_under_many_names() -> None:
    found = people(
        meeting(
            "2024-01-02", "John Smith", "Maria Lopez", movers=("SMITH, J.", "Lopez"), rolls=(("Smith", "Lopes"),)
        ),
        meeting("2025-01-02", "J. Smith", "Maria Lopez", movers=("Vice Mayor Smith",)),
    )  # fmt: skip
    assert {name for (_, text), name in found.items() if "mith" in text.lower()} == {"John Smith"}
    assert found["2024-01-02", "Lopes"] == found["2024-01-02", "Lopez"] == "Maria Lopez"
    assert len(found) == 9


def test_ids_stay_when_meetings_are_added_or_come_in_another_order() -> None:
    first = meeting("2024-01-02", "John Smith", "Ann Hart")
    later = meeting("2024-02-02", "J. Smith", "Ann Hart", movers=("Hart",))

    def ids(*meetings: MeetingNames) -> dict[str, str]:
        every = People("elm", lambda: meetings)
        return {p.name: p.id for each in meetings for p in every.of(each).values()}

    assert ids(first) == ids(first, later) == ids(later, first)
    assert set(map(len, ids(first).values())) == {12}
    other = People("oak", lambda: [first]).of(first)
    assert {p.id for p in other.values()}.isdisjoint(ids(first).values())


def test_two_smiths_of_one_meeting_stay_two_and_a_bare_smith_is_nobody() -> None:
    found = people(meeting("2024-01-02", "John Smith", "Mary Smith", movers=("Smith", "M. Smith")))
    assert found["2024-01-02", "John Smith"] != found["2024-01-02", "Mary Smith"]
    assert found["2024-01-02", "M. Smith"] == "Mary Smith"
    assert ("2024-01-02", "Smith") not in found


def test_names_of_one_list_are_two_even_where_they_could_be_one() -> None:
    assert names(meeting("2024-01-02", "J. Smith", "John Smith", "Ann Hart")) >= {"J. Smith", "John Smith"}
    rolled = meeting("2024-01-02", rolls=(("J. Smith", "John Smith"), ("J. Smith", "John Smith")))
    assert names(rolled) == {"J. Smith", "John Smith"}


def test_a_list_that_is_printed_twice_makes_no_second_person() -> None:
    seats = (
        Seat("John Smith", 1, 100),
        Seat("Ann Hart", 1, 130),
        Seat("J. Smith", 3, 20),
        Seat("A. Hart", 3, 30),
    )
    twice = MeetingNames("m", "2024-01-02", "Council", seats)
    assert names(twice) == {"John Smith", "Ann Hart"}


def test_a_bare_surname_is_the_one_whom_the_body_had_at_the_time() -> None:
    old = [meeting(f"20{year}-03-01", "John Smith", "Ann Hart") for year in ("10", "13")]
    new = [meeting(f"20{year}-03-01", "Mary Smith", "Ann Hart") for year in ("18", "21")]
    between = meeting("2015-09-01", "Ann Hart", movers=("Smith",))
    early = meeting("2011-09-01", "Ann Hart", movers=("Smith",))
    late = meeting("2019-09-01", "Ann Hart", movers=("Smith",))
    found = people(*old, *new, between, early, late)
    assert found["2011-09-01", "Smith"] == "John Smith"
    assert found["2019-09-01", "Smith"] == "Mary Smith"
    assert ("2015-09-01", "Smith") not in found


def test_two_at_the_same_time_leave_it_open_unless_one_sat_there() -> None:
    both = meeting("2024-01-02", "John Smith", "Mary Smith")
    nobody = meeting("2024-02-02", "Ann Hart", movers=("Smith", "J. Smith"))
    one = meeting("2024-03-02", "Mary Smith", movers=("Smith",))
    found = people(both, nobody, one, meeting("2024-05-02", "John Smith", "Mary Smith"))
    assert ("2024-02-02", "Smith") not in found
    assert found["2024-02-02", "J. Smith"] == "John Smith"
    assert found["2024-03-02", "Smith"] == "Mary Smith"


def test_an_initial_that_fits_two_is_told_by_who_sat_there() -> None:
    both = meeting("2024-01-02", "John Smith", "Jane Smith", movers=("J. Smith",))
    one = meeting("2024-02-02", "Jane Smith", movers=("J. Smith",))
    found = people(both, one)
    assert ("2024-01-02", "J. Smith") not in found
    assert found["2024-02-02", "J. Smith"] == "Jane Smith"


def test_bodies_with_other_members_do_not_lend_their_names() -> None:
    found = people(
        meeting("2024-01-02", "John Smith", "Ann Hart", "Lou Ruiz"),
        meeting("2024-01-03", "Smith", "Pat Tull", "Kim Vale", body="Planning"),
        meeting("2024-01-04", "Ann Hart", "Lou Ruiz", body="Council"),
    )
    assert found["2024-01-03", "Smith"] == "Smith"
    assert found["2024-01-02", "John Smith"] == "John Smith"


def test_a_body_under_another_name_is_the_same_people() -> None:
    seats = ("John Smith", "Ann Hart", "Lou Ruiz", "Pat Tull")
    special = meeting("2024-01-09", "Hart", "Ruiz", "Smith", "Tull", body="CouncilSpecial")
    assert people(meeting("2024-01-02", *seats), special)["2024-01-09", "Smith"] == "John Smith"


def test_one_full_name_in_two_bodies_is_one_person() -> None:
    every = [
        meeting("2010-01-02", "John Smith", body="Planning"),
        meeting("2020-01-02", "John Q. Smith", "Ann Hart"),
    ]
    assert len(names(*every)) == 2
    resolved = People("elm", lambda: every)
    assert len({p.id for each in every for p in resolved.of(each).values()}) == 2


def test_a_short_first_name_years_later_is_not_joined() -> None:
    found = names(meeting("1998-01-02", "J. Smith", "Ann Hart"), meeting("2020-01-02", "John Smith"))
    assert found >= {"J. Smith", "John Smith"}


def test_misprints() -> None:
    seats = ("Lisa Chalapenko", "Ann Hart", "Lou Ruiz")
    usual = [meeting(f"2024-0{month}-01", *seats, movers=("L. Chalapenko",)) for month in range(1, 7)]
    odd = meeting("2024-07-01", *seats, movers=("L. Chapalenko", "C. Hart", "Museum Foundation"))
    found = people(*usual, odd)
    assert found["2024-07-01", "L. Chapalenko"] == "Lisa Chalapenko"
    assert ("2024-07-01", "C. Hart") not in found
    assert ("2024-07-01", "Museum Foundation") not in found


def test_surnames_of_several_words() -> None:
    found = people(
        meeting(
            "2024-01-02", "John Knox White", "Maria Lopez Garcia", movers=("Knox White", "Garcia", "Lopez")
        )
    )
    assert found["2024-01-02", "Knox White"] == "John Knox White"
    assert found["2024-01-02", "Garcia"] == found["2024-01-02", "Lopez"] == "Maria Lopez Garcia"


def test_a_surname_alone_is_a_person_where_nothing_else_is_printed() -> None:
    every = [meeting("2024-01-02", "Hart", "Ruiz", movers=("Hart", "Order"))]
    resolved = People("elm", lambda: every).of(every[0])
    assert {name: person.full for name, person in resolved.items()} == {"Hart": False, "Ruiz": False}


def test_a_persons_own_word_wins() -> None:
    rules = """
people:
  - name: Maria López-García
    aliases: [M. Lopez, LOPEZ, Maria Lopez]
  - name: Smith of Planning
    aliases: [Smith]
    body: Planning
    until: 2023-12-31
apart: [J. Smith]
ignore: [Motion]
"""
    found = people(
        meeting("2024-01-02", "M. Lopez", "Motion", "John Smith", "Ann Hart", movers=("Lopez", "J. Smith")),
        meeting("2023-01-02", "Smith", body="Planning"),
        meeting("2024-01-03", "Smith", body="Planning"),
        rules=rules,
    )
    assert found["2024-01-02", "M. Lopez"] == found["2024-01-02", "Lopez"] == "Maria López-García"
    assert ("2024-01-02", "Motion") not in found
    assert found.get(("2024-01-02", "J. Smith")) != "John Smith"
    assert found["2023-01-02", "Smith"] == "Smith of Planning"
    assert found["2024-01-03", "Smith"] == "Smith"


def test_two_of_one_name_are_split_by_time() -> None:
    rules = """
people:
  - {name: John Smith (father), aliases: [John Smith, Smith], until: 1999-12-31}
  - {name: John Smith (son), aliases: [John Smith, Smith], since: 2000-01-01}
"""
    every = [meeting("1990-01-02", "John Smith", movers=("Smith",)), meeting("2010-01-02", "John Smith")]
    found = people(*every, rules=rules)
    assert found["1990-01-02", "Smith"] == "John Smith (father)"
    assert found["2010-01-02", "John Smith"] == "John Smith (son)"
    resolved = People("elm", lambda: every, read_overrides(rules))
    assert len({p.id for each in every for p in resolved.of(each).values()}) == 2


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("people: [", 1, "stream end"),
        ("people:\n  - name: A B\n    aliases: [C\napart: []", 4, "expected"),
        ("- x", 1, "expected the keys people"),
        ("people: []\npersons: []", 2, "unknown key 'persons'"),
        ("\npeople:\n  - aliases: [Smith]", 3, "needs a name"),
        ("people: {name: x}", 1, "people must be a list"),
        ("apart: Smith", 1, "apart must be a list"),
        ("ignore:\n  - [a]", 2, "ignore must hold names"),
        ("people:\n  - name: A B\n    since: yesterday", 3, "since must be a date"),
        ("people:\n  - name: A B\n  - name: A B", 3, "two entries"),
        (
            "people:\n  - {name: A B, aliases: [B]}\n  - {name: C B, aliases: [B]}",
            3,
            "B can mean A B and C B",
        ),
        ("people: []\npeople: []", 2, "twice"),
        ("ignore: ['...']", 1, "no name"),
        ("people:\n\t- name: x", 2, "cannot start any token"),
    ],
)
def test_a_broken_file_is_one_line_that_names_the_line(text: str, line: int, problem: str) -> None:
    with pytest.raises(ClerkError) as caught:
        read_overrides(text, "elm/people.yaml")
    said = str(caught.value)
    assert said.startswith(f"elm/people.yaml, line {line}: ")
    assert problem in said
    assert "\n" not in said
    assert "run again" in said


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "people:\nignore:\n"])
def test_an_empty_file_changes_nothing(text: str) -> None:
    assert read_overrides(text) == Overrides()


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("people:\n- name: Ann Bee\n  since: 2019-13-45\n", 3, "must be a date"),
        ("people:\n- name: Ann Bee\n  since: 2020-01-01\n  until: 2019-01-01\n", 4, "until is before since"),
        (
            "people:\n- name: Ann Bee\n  aliases: [Dan Eff]\n- name: Dan Eff\n",
            4,
            "can mean Ann Bee and Dan Eff",
        ),
        ("people:\n- name: Ann Bee\n- name: ANN BEE\n", 3, "can mean Ann Bee and ANN BEE"),
        (
            "people:\n- {name: Ann Bee, aliases: [Eff], body: X}\n- {name: Dan Eff, aliases: [Eff], body: X}\n",
            3,
            "Eff can mean Ann Bee and Dan Eff",
        ),
        ("people:\n- name: A\x07B Cee\n", 2, "#x07"),
        ("people: " + "[" * 5000, 1, "nested too deeply"),
        ("? [a, b]\n: c\n", 1, "unknown key"),
    ],
)
def test_a_file_that_contradicts_itself_or_is_hostile(text: str, line: int, problem: str) -> None:
    with pytest.raises(ClerkError) as caught:
        read_overrides(text, "elm/people.yaml")
    assert f"elm/people.yaml, line {line}: " in caught.value.message
    assert problem in caught.value.message


def test_an_alias_in_two_times_is_no_contradiction() -> None:
    text = (
        "people:\n- name: Ann Bee\n  aliases: [Eff, Ann Bee]\n  until: 2019-12-31\n"
        "- name: Dan Eff\n  aliases: [Eff]\n  since: 2020-01-01\n- name: Eff\n"
    )
    assert len(read_overrides(text).entries) == 3


def test_a_file_of_megabytes_is_refused_before_it_is_read() -> None:
    with pytest.raises(ClerkError, match="characters"):
        read_overrides("# " + "x" * 1_000_000)


def test_nobody() -> None:
    empty = MeetingNames("m", "2024-01-02", "Council")
    assert People("elm", lambda: [empty]).of(empty) == {}
    assert People("elm", list).known("John Smith") is None
    known = People("elm", lambda: [meeting("2024-01-02", "John Smith")]).known("Mr. John Smith")
    assert isinstance(known, Person)
