"""Names on pages of many kinds: the project's own labelled pages, single rules, and texts made to take long."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from clerk.extraction import extract_pages
from clerk.extraction.values import KINDS

LABELS = Path(__file__).resolve().parent / "labels" / "names.txt"


def names(text: str) -> dict[str, set[str]]:
    (page,) = extract_pages({1: text}, "", votes=False).values()
    return {kind: {entity.text for entity in page.entities if entity.kind == kind} for kind in KINDS}


def test_own_pages_keep_the_score_that_was_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(LABELS.parent.parent.parent / "benchmarks"))
    import entity_labels
    import entity_sets

    pages = entity_labels.read_pages(LABELS)
    assert len(pages) >= 45
    score = entity_sets.score_pages(pages)
    assert {kind: found.as_json()["f1"] > floor for (kind, found), floor in zip(
        score.kinds.items(), (0.96, 0.89, 0.94), strict=True
    )} == dict.fromkeys(KINDS, True)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("The detour runs from Main St. and 4th Ave to State Route 46.", "locations", {"Main St.", "4th Ave"}),
        ("Signals on I-5 and US 30, and at County Road 12.", "locations", {"I-5", "US 30", "County Road 12"}),
        ("Repairs in the 1200 block of Hawthorn Blvd are due", "locations", {"Hawthorn Blvd"}),
        ("a variance at 1411 Calle Hidalgo, parcel 045-122-018", "locations", {"1411 Calle Hidalgo"}),
        ("She moved here from Pottsgrove, Ohio.", "locations", {"Pottsgrove", "Ohio"}),
        ("AN OVERLAY OF BAYSHORE DRIVE IN CALHOUN COUNTY", "locations", {"BAYSHORE DRIVE", "CALHOUN COUNTY"}),
        ("The trail follows Tamarack Creek to Cottonwood Park.", "locations", {"Tamarack Creek", "Cottonwood Park"}),
        ("Joaquín Arreola of 2218 Larkspur Road spoke.", "persons", {"Joaquín Arreola"}),
        ("Motion by Osvaldo Cabral, second by Tavares.", "persons", {"Osvaldo Cabral", "Tavares"}),
        ("AYES: Ashby, Ybarra, Swanson. NAYS: Delacroix.", "persons", {"Ashby", "Ybarra", "Swanson", "Delacroix"}),
        ("Present: Dana Mercer Luis Ordaz Freya Holm", "persons", {"Dana Mercer", "Luis Ordaz", "Freya Holm"}),
        ("Council Members Tandy, Eklund and Boone left.", "persons", {"Tandy", "Eklund", "Boone"}),
        ("Ruth Calloway asked. Later Calloway agreed.", "persons", {"Ruth Calloway", "Calloway"}),
        ("the Parks, Trails and Open Space Committee met", "orgs", {"Parks, Trails and Open Space Committee"}),
        ("an agreement with Three Forks Gravel Company", "orgs", {"Three Forks Gravel Company"}),
        ("a permit of PennDOT and JCP&L", "orgs", {"PennDOT", "JCP&L"}),
        ("thanked the Friends of the Elkhorn Library", "orgs", {"Friends of the Elkhorn Library"}),
        ("Paul Beaumont of Kimura & Beckett Engineering, Inc. spoke", "orgs", {"Kimura & Beckett Engineering, Inc."}),
    ],
)  # fmt: skip
def test_names_by_one_rule(text: str, kind: str, found: set[str]) -> None:
    assert found <= names(text)[kind]


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("A bike lane on Santa Clara Avenue Bike Lane", "locations", "Santa Clara Avenue Bike Lane"),
        ("B. Grants\nThe list was read.", "persons", "B. Grants"),
        ("Wells in Mira Monte will be tested.", "persons", "Mira Monte"),
        ("The General Fund and the Capital Improvement Program", "orgs", "General Fund"),
        ("Regular Meeting of the City Council", "orgs", "City Council"),
        ("Staff said so. Council asked why.", "persons", "Staff"),
    ],
)
def test_what_is_no_name(text: str, kind: str, name: str) -> None:
    assert name not in names(text)[kind]


@pytest.mark.parametrize(
    "text",
    [
        "MAYOR JOHN SMITH OF THE CITY OF ELM DEPARTMENT " * 22_000,
        "Ann Lee " * 130_000,
        "A. B. C. " * 110_000,
        "North Elm Oak " * 75_000,
        "A" * 1_000_000,
        "of the and " * 90_000,
        "Ayes: Hart, Ruiz, " * 60_000,
        "1200 " * 200_000,
    ],
    ids=lambda text: text[:12],
)
def test_a_line_of_a_megabyte_takes_a_second_or_two(text: str) -> None:
    extract_pages({1: "Warm up."}, "")
    started = time.process_time()
    extract_pages({1: text}, "", votes=False)
    assert time.process_time() - started < 6
