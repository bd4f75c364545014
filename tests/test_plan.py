"""How work is cut into tasks, and what is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from clerk.models import Document, DocumentRecord, Kind, PageRecord, PageSpan
from clerk.stages.plan import ocr_batches, pages_to_recognise, read_batches

NOW = datetime(2026, 1, 10, tzinfo=UTC)


def document(number: int) -> Document:
    return Document("town", Kind.MINUTES, "Council", f"2024-01-{number:02d}")


def span(number: int, pages: int) -> PageSpan:
    return PageSpan(document(number % 28 + 1), tuple(range(1, pages + 1)))


@pytest.mark.parametrize(
    ("spans", "workers", "tasks", "largest"),
    [
        ([], 2, 0, 0),
        ([span(1, 1)], 2, 1, 1),
        ([span(n, 1) for n in range(16)], 2, 8, 4),
        ([span(1, 100)], 2, 11, 25),
        ([span(1, 2000)], 2, 87, 25),
        ([span(n, 10) for n in range(200)], 2, 87, 25),
        ([span(1, 200)], 16, 79, 7),
        ([span(1, 100_000)], 2, 308, 334),
        ([span(1, 100_000)], 500, 378, 334),
    ],
)
def test_pages_are_cut_into_few_tasks(spans: list[PageSpan], workers: int, tasks: int, largest: int) -> None:
    batches = ocr_batches(spans, workers)
    sizes = [sum(len(each.pages) for each in batch) for batch in batches]
    assert len(batches) == tasks
    assert max(sizes, default=0) == largest
    assert [page for batch in batches for each in batch for page in each.pages] == [
        page for each in spans for page in each.pages
    ]


@pytest.mark.parametrize("pages", [9, 100, 333, 5000])
@pytest.mark.parametrize("workers", [1, 2, 7])
def test_the_last_tasks_are_short_so_that_none_is_waited_for_alone(pages: int, workers: int) -> None:
    sizes = [sum(len(each.pages) for each in batch) for batch in ocr_batches([span(1, pages)], workers)]
    assert sizes == sorted(sizes, reverse=True)
    assert max(sizes[-workers:]) <= 3
    # Handed out one by one to whoever is free, they end within the last task's length of each other.
    ends = [0] * workers
    for size in sizes:
        ends[ends.index(min(ends))] += size
    assert max(ends) - min(ends) <= 4
    single = ocr_batches([span(1, pages)], workers, size=1)
    assert max(sum(len(each.pages) for each in batch) for batch in single) <= -(-pages // 300)


@pytest.mark.parametrize("count", [1, 7, 92, 20_000])
def test_a_site_of_any_size_makes_at_most_a_hundred_read_tasks(count: int) -> None:
    documents = [document(n % 28 + 1) for n in range(count)]
    batches = read_batches(documents, 2)
    assert [each for batch in batches for each in batch] == documents
    assert len(batches) <= max(100, -(-count // 50))
    assert len(batches) <= 400


def record(entry: PageRecord) -> DocumentRecord:
    return DocumentRecord(document(1), "sha", 1, 1, 1, "1", pages={1: entry})


FAILED = PageRecord(
    1, "failed", error="took too long", transient=True, at=(NOW - timedelta(hours=1)).isoformat()
)


@pytest.mark.parametrize(
    ("entry", "due"),
    [
        (PageRecord(1, "done"), False),
        (PageRecord(1, "pending"), True),
        (PageRecord(1, "retry", attempts=3), True),
        (FAILED, False),
        (replace(FAILED, at=(NOW - timedelta(hours=25)).isoformat()), True),
        (replace(FAILED, at=(NOW - timedelta(hours=25)).isoformat(), transient=False), False),
        (replace(FAILED, at=(NOW - timedelta(hours=25)).isoformat(), attempts=2), False),
        (replace(FAILED, at=(NOW - timedelta(days=90)).isoformat(), attempts=5), False),
    ],
)
def test_failed_pages_are_due_again_after_their_back_off(entry: PageRecord, due: bool) -> None:
    assert bool(pages_to_recognise({document(1): record(entry)}, now=NOW)) is due
