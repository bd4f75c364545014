"""The closing report: counts, confidence and failures, with nothing in it that a document could say in Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest

from clerk.artifacts import percent
from clerk.models import Document, DocumentRecord, Failure, Kind, PageRecord, RunSummary, Source, Stage, State
from clerk.progress import StageProgress
from clerk.stages.report import MOST_FAILURES, closing_report
from clerk.storage import SiteStore, write_atomic, write_json

DOCUMENT = Document("town", Kind.MINUTES, "Board", "2024-03-01")


def page(number: int, confidence: float | None, source: Source = Source.OCR) -> PageRecord:
    return PageRecord(number, "done", source=source, confidence=confidence)


def failure(reason: str, page: int | None = 3) -> Failure:
    path = "town/pdfs/Board/2024-03-01.pdf"
    return Failure("town", "minutes", "Board", "2024-03-01", path, page, "ocr", reason)


def report(tmp_path: Path, pages: list[PageRecord], letters: list[Failure]) -> str:
    store = SiteStore(tmp_path, "town")
    record = DocumentRecord(DOCUMENT, "", 1, 1, len(pages), "1", pages={entry.page: entry for entry in pages})
    summary = RunSummary("town", State.INCOMPLETE, "1 failed", documents=1, pages=len(pages), ocr=2)
    return closing_report(store, summary, {DOCUMENT: record}, letters)


def test_the_confidence_of_recognised_pages_is_drawn(tmp_path: Path) -> None:
    pages = [page(1, 96.0), page(2, 95.0), page(3, 100.0), page(4, 49.9), page(5, None, Source.TEXT_LAYER)]
    lines = report(tmp_path, pages, []).splitlines()
    bars = [line for line in lines if " % " in line]
    assert [line.split()[4] for line in bars] == ["1", "0", "0", "0", "0", "3"]
    assert bars[-1].count("█") == 3 * bars[0].count("█") == 30


def test_text_layers_alone_draw_nothing(tmp_path: Path) -> None:
    assert "Confidence" not in report(tmp_path, [page(1, None, Source.TEXT_LAYER)], [])


def test_failures_are_listed_with_links_and_say_nothing_in_markdown(tmp_path: Path) -> None:
    store = SiteStore(tmp_path, "town")
    write_atomic(store.pdf(DOCUMENT), b"%PDF-")
    write_json(store.source_file(DOCUMENT), {"origin": "https://town.example/a.pdf"})
    text = report(tmp_path, [page(1, 90)], [failure("took <b>long</b>\n# title [x](javascript:1)")])
    assert "- [town/pdfs/Board/2024-03-01.pdf](https://town.example/a.pdf), page 3 (ocr): took" in text
    assert "<b>" not in text.replace("\\<", "")
    assert "\n# title" not in text
    assert "[x](" not in text.replace("\\]", "")


def test_many_failures_are_cut_with_their_number(tmp_path: Path) -> None:
    text = report(tmp_path, [page(1, 90)], [failure("x", number) for number in range(MOST_FAILURES + 7)])
    assert text.count("page ") >= MOST_FAILURES
    assert text.endswith("- and 7 more: `clerk failures town`")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (StageProgress(Stage.FETCH, 0, 0), 0),
        (StageProgress(Stage.OCR, 100, 40, 10), 52.5),
        (StageProgress(Stage.OCR, 10, 12), 85),
        (StageProgress(Stage.DEPLOY, 1, 1), 100),
    ],
)
def test_progress_counts_the_whole_run(event: StageProgress, expected: float) -> None:
    assert percent(event) == expected
