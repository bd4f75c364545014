"""Search: what is found, in which order, and that no input is too strange."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from clerk.compile import PageRow, compile_database
from clerk.errors import DatabaseError, UsageError
from clerk.models import Kind, Level, RunRef
from clerk.search import MARK, search
from clerk.storage import SiteStore

DAY = "2025-03-04"


def build(root: Path, subdomain: str, *texts: str, kind: Kind = Kind.MINUTES) -> None:
    rows = [PageRow(kind, "CityCouncil", DAY, DAY, n, text) for n, text in enumerate(texts, 1)]
    compile_database(
        SiteStore(root, subdomain),
        rows,
        level=Level.FAST,
        run=RunRef("r", 1),
        fingerprint="",
        guard=lambda: None,
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    build(
        tmp_path,
        "one.ca",
        "The budget hearing\nwas opened.",
        "A hearing on the annual budget.",
        "co-op garden",
    )
    build(tmp_path, "two.ca", "budget budget budget hearing", "presupuesto de José", kind=Kind.AGENDA)
    return tmp_path


def test_all_words_must_be_there_and_the_best_comes_first(root: Path) -> None:
    hits = search(root, "budget HEARING")
    assert {(hit.subdomain, hit.page) for hit in hits} == {("one.ca", 1), ("one.ca", 2), ("two.ca", 1)}
    assert [hit.page for hit in search(root, "annual budget")] == [2]
    first = next(hit for hit in hits if (hit.subdomain, hit.page) == ("one.ca", 1))
    assert first.snippet == f"The {MARK}budget{MARK} {MARK}hearing{MARK} was opened."
    assert (first.kind, first.meeting, first.date) == (Kind.MINUTES, "CityCouncil", DAY)
    assert first.page_image == f"/CityCouncil/{DAY}/1.png"
    assert len(first.id) == 12


def test_phrases_and_beginnings(root: Path) -> None:
    assert [(hit.subdomain, hit.page) for hit in search(root, '"budget hearing"', site="one.ca")] == [
        ("one.ca", 1)
    ]
    assert [hit.page for hit in search(root, "presup*")] == [2]
    assert search(root, "presup") == []
    assert [hit.page for hit in search(root, "co-op")] == [3]
    assert [hit.page for hit in search(root, "jose")] == [2]


def test_narrowed_by_site_kind_and_limit(root: Path) -> None:
    assert {hit.subdomain for hit in search(root, "budget", site="two.ca")} == {"two.ca"}
    assert {hit.kind for hit in search(root, "budget", kind=Kind.AGENDA)} == {Kind.AGENDA}
    assert len(search(root, "budget", limit=2)) == 2
    assert search(root, "budget", site="nowhere.ca") == []
    assert search(root / "nothing", "budget") == []


@pytest.mark.parametrize(
    "words",
    [
        'budget "', '"budget', "budget AND", "AND", "OR NOT", "NEAR(budget)", "(budget", "budget)",
        "text:budget", "-budget",

        "^budget", "*budget*", "budget'", "bud\x00get", "\ud800budget", "budget + hearing", "{budget}", "ünïcödé 漢字",
        "😀 budget",
        "budget;--", '"" budget', "budget " * 90, "b" * 100_000, "%", "_ budget", "ﬁ Ⅷ ²",
    ],
)  # fmt: skip
def test_no_input_breaks_the_query(root: Path, words: str) -> None:
    try:
        search(root, words)
    except UsageError as error:
        assert "no word" in error.message  # noqa: PT017


@pytest.mark.parametrize("words", ["", "   ", '""', "*", "(-)"])
def test_nothing_to_search_for_is_a_wrong_usage(root: Path, words: str) -> None:
    with pytest.raises(UsageError):
        search(root, words)


def test_a_damaged_database_is_named_with_advice(root: Path) -> None:
    path = SiteStore(root, "one.ca").database
    path.write_bytes(b"x" * 5000)
    with pytest.raises(DatabaseError, match=r"one\.ca/meetings\.db") as caught:
        search(root, "budget")
    assert "clerk run one.ca" in caught.value.advice
    assert search(root, "budget", site="two.ca")


def test_search_and_compile_import_nothing_heavy() -> None:
    code = (
        "import sys, clerk.search, clerk.compile, clerk.extraction, clerk.serve, clerk.deploy.local\n"
        "heavy = {'spacy', 'sqlalchemy', 'prefect', 'datasette', 'pymupdf', 'numpy', 'pydantic', 'httpx'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
