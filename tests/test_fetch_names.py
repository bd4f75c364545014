"""Tables of names that people give to meeting documents, and what may be read from them."""

from __future__ import annotations

import pytest

from clerk.fetch.layout import read_path
from clerk.fetch.names import only_kind, read_body, read_date, read_kind
from clerk.models import Kind

DATES = [
    ("City Council Minutes 2024-03-05", "2024-03-05"),
    ("PlanningCommission_Agenda_03-05-2024", "2024-03-05"),
    ("2024.03.05 Council Agenda", "2024-03-05"),
    ("Minutes-April-18-2023", "2023-04-18"),
    ("2022_01_20_board_agenda", "2022-01-20"),
    ("civicplus_ca-napacounty_Agenda__09032020-930", "2020-09-03"),
    ("Notice-and-Agenda-001-2023.06.01-closed", "2023-06-01"),
    ("EnRSC_Agenda_Packet_2.18.26_v2", "2026-02-18"),
    ("city_record_june101998", "1998-06-10"),
    ("Minutes of 5 March 2024", "2024-03-05"),
    ("Tuesday, March 5th, 2024", "2024-03-05"),
    ("Acta 5 de marzo de 2024", "2024-03-05"),
    ("18-Apr-2023", "2023-04-18"),
    ("2023 April 18", "2023-04-18"),
    ("CC20240305min", "2024-03-05"),
    ("18-04-2023", "2023-04-18"),
    ("3/5/2024 and again March 5, 2024", "2024-03-05"),
    ("Sept. 9, 2024", "2024-09-09"),
    ("Minutes 6-10-98", "1998-06-10"),
]
NO_DATES = [
    ("Resolution-2024-189", "names no date"),
    ("Town-Meeting-Guide-2022", "names no date"),
    ("May 2024", "names no date"),
    ("Minutes March 5-6, 2024", "names no date"),
    ("2024-02-30", "is no day of the calendar"),
    ("22-01-20", "2020-01-22 or 2022-01-20"),
    ("2024-03-05 approved 2024-03-19", "several dates: 2024-03-05, 2024-03-19"),
    ("555-123-4567", "names no date"),
    ("", "names no date"),
]


@pytest.mark.parametrize(("text", "expected"), DATES)
def test_a_date_is_read(text: str, expected: str) -> None:
    assert read_date(text).value == expected


@pytest.mark.parametrize(("text", "reason"), NO_DATES)
def test_what_is_no_date_or_two_is_not_read(text: str, reason: str) -> None:
    reading = read_date(text)
    assert (reading.value, reason in reading.reason) == ("", True), reading


@pytest.mark.parametrize("text", ["03-05-2024", "3/5/2024", "03052024", "05.03.24"])
def test_outside_the_us_the_order_of_numbers_is_not_guessed(text: str) -> None:
    reading = read_date(text, country="CA")
    assert reading.value == ""
    assert reading.ambiguous


@pytest.mark.parametrize("text", ["03-03-2024", "3 March 2024", "2024-03-03"])
def test_outside_the_us_dates_of_one_meaning_are_read(text: str) -> None:
    assert read_date(text, country="CA").value == "2024-03-03"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("City Council Minutes", "minutes"),
        ("CityCouncilAgendaPacket", "agenda"),
        ("board_agendas", "agenda"),
        ("Acta", "minutes"),
        ("Agenda and Minutes", ""),
        ("Budget", ""),
        ("In 20 minuteslong", ""),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    assert read_kind(text).value == kind


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("City Council Minutes 2024-03-05", "CityCouncil"),
        ("PlanningCommission_Agenda_03-05-2024", "PlanningCommission"),
        ("Special Meeting of the City Council, March 5, 2024", "CityCouncil"),
        ("CITY COUNCIL MINUTES", "CityCouncil"),
        ("Parks & Recreation Board Agenda", "ParksAndRecreationBoard"),
        ("Board of Supervisors Regular Meeting", "BoardofSupervisors"),
        ("City Council Budget Workshop", "CityCouncil"),
        ("Minutes-April-18-2023", ""),
        ("Hummel Bridge Site Review", ""),
        ("please join the council and the board by calling the number that is printed on page two", ""),
    ],
)
def test_bodies(text: str, body: str) -> None:
    assert read_body(text).value == body


def test_a_folder_that_sorts_by_kind_is_told_from_a_body() -> None:
    assert only_kind("Minutes (final)") is Kind.MINUTES
    assert only_kind("Agendas 2024") is Kind.AGENDA
    assert only_kind("City Council Minutes") is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("CityCouncil/2024-03-05.pdf", ("CityCouncil", "2024-03-05", Kind.MINUTES)),
        ("CityCouncil/2024-03-05-2.pdf", ("CityCouncil", "2024-03-05", Kind.MINUTES)),
        ("_agendas/CityCouncil/2024-03-05.pdf", ("CityCouncil", "2024-03-05", Kind.AGENDA)),
        ("pdfs/CityCouncil/2024-03-05.pdf", ("CityCouncil", "2024-03-05", Kind.MINUTES)),
        ("_agendas/pdfs/CityCouncil/2024-03-05.pdf", ("CityCouncil", "2024-03-05", Kind.AGENDA)),
        ("Agendas/CityCouncil/2024/2024-03-05.pdf", ("CityCouncil", "2024-03-05", Kind.AGENDA)),
        ("CityCouncil/Minutes/2024-03-05.pdf", ("CityCouncil", "2024-03-05", Kind.MINUTES)),
        ("Council/Minutes-April-18-2023.pdf", ("Council", "2023-04-18", Kind.MINUTES)),
        ("2024.03.05 Council Agenda.pdf", ("Council", "2024-03-05", Kind.AGENDA)),
        ("InformationBoard/2022_01_20_board_agenda.pdf", ("InformationBoard", "2022-01-20", Kind.AGENDA)),
        ("Council/2024-03-05/agenda.pdf", ("Council", "2024-03-05", Kind.AGENDA)),
    ],
)
def test_paths(path: str, expected: tuple[str, str, Kind]) -> None:
    named = read_path(path, country="US")
    assert (named.body, named.date, named.kind) == expected
    assert named.reason == ""


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("2024-03-05.pdf", "nothing names its body"),
        ("Minutes-April-18-2023.pdf", "nothing names its body"),
        ("Council/report.pdf", "names no date"),
        ("Council/Report 2024-03-05.pdf", "neither agenda nor minutes"),
        ("Council/Agenda and Minutes 2024-03-05.pdf", "both agenda and minutes"),
        ("_agendas/Council/Minutes 2024-03-05.pdf", "lies among the agendas"),
        ("Minutes/2024-03-05.pdf", "nothing names its body"),
    ],
)
def test_paths_that_are_not_clear_are_skipped_with_the_reason(path: str, reason: str) -> None:
    named = read_path(path, country="US")
    assert reason in named.reason


def test_the_body_of_the_site_stands_in_where_a_path_names_none() -> None:
    assert read_path("Minutes-April-18-2023.pdf", country="US", body="Council").body == "Council"
