"""`clerk retry`: which sites and what of them, by stage; and what the run makes due again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from clerk.cli import main
from clerk.errors import LeaseHeldError, UsageError
from clerk.models import (
    Document,
    DocumentRecord,
    Failure,
    Kind,
    PageRecord,
    RunRequest,
    Site,
    Source,
    Stage,
    State,
)
from clerk.settings import get_settings, load
from clerk.stages.plan import pages_to_recognise, records
from clerk.stages.retry import forget
from clerk.storage import SiteStore
from clerk.tracking import Tracking, open_tracking
from tests.fixtures_pipeline import Clerk, scanned_pdf

BOARD = Document("town", Kind.MINUTES, "Board", "2024-03-01")
COUNCIL = Document("town", Kind.MINUTES, "Council", "2024-03-02")


@pytest.fixture
def civic() -> Tracking:
    tracking = open_tracking(get_settings())
    for name in ("town", "other", "well"):
        tracking.sites.add(Site(name))
    return tracking


@pytest.fixture
def store(civic: Tracking) -> SiteStore:
    """A site with a page that failed in each of three stages, and a document that cannot be read."""
    made = SiteStore(get_settings().storage_dir, "town")
    pages = {
        1: PageRecord(1, "done", Source.TEXT_LAYER),
        2: PageRecord(2, "failed", error="timed out", stage=Stage.OCR, attempts=3),
        3: PageRecord(3, "failed", error="broken", stage=Stage.READ),
        4: PageRecord(4, "failed", error="damaged", stage=Stage.COMPILATION),
        5: PageRecord(5, "failed", error="of an older version"),
    }
    for document in (BOARD, COUNCIL):
        made.pdf(document).parent.mkdir(parents=True)
        made.pdf(document).write_bytes(b"%PDF-")
    made.write_record(DocumentRecord(BOARD, "", 5, 0, 5, "reader", pages))
    made.write_record(DocumentRecord(COUNCIL, "", 5, 0, 0, "reader", error="is encrypted"))
    return made


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[RunRequest]:
    """What would have been run here; nothing is."""
    requests: list[RunRequest] = []

    def process(_: object, request: RunRequest, *, served: bool = False) -> int:
        requests.append(request)
        if request.subdomain == "held":
            raise LeaseHeldError("held is being processed.")
        return int(request.subdomain == "bad")

    @contextmanager
    def serving(_: object) -> Iterator[None]:
        yield

    monkeypatch.setattr("clerk.cli.retry.process", process)
    monkeypatch.setattr("clerk.cli.retry.serving", serving)
    return requests


def letter(subdomain: str, stage: Stage, reason: str = "broken") -> Failure:
    return Failure(subdomain, "minutes", "Board", "2024-03-01", "a.pdf", None, stage.value, reason)


def failed_run(civic: Tracking, subdomain: str, state: State, stage: str = "") -> None:
    civic.progress.set(
        subdomain, run_id="r", state=state, stage=None, total=0, completed=0, failed=0,
        error_stage=stage, error_message="it broke",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stage", "pages", "unread"),
    [
        ("", (2, 3, 4, 5), True),
        ("ocr", (2, 5), False),
        ("read", (3,), True),
        ("compilation", (4,), False),
        ("fetch", (), False),
        ("deploy", (), False),
    ],
)
def test_only_what_failed_in_the_stage_is_due_again(
    store: SiteStore, stage: str, pages: tuple[int, ...], unread: bool
) -> None:
    assert forget(store, stage) == bool(pages) + unread
    due = {page for span in pages_to_recognise(records(store)) for page in span.pages}
    assert due == set(pages)
    known = records(store)
    assert (known[COUNCIL].reader == "retry") is unread
    assert known[BOARD].reader == "reader"
    # Counts go on, and what is done is left alone.
    assert (known[BOARD].pages[2].attempts, known[BOARD].pages[1].status) == (3, "done")
    assert forget(store, stage) == unread


def test_an_unknown_stage_is_an_error_not_a_retry_of_all(store: SiteStore) -> None:
    with pytest.raises(UsageError, match="no stage 'ocrr'"):
        forget(store, "ocrr")
    assert pages_to_recognise(records(store)) == []


@pytest.mark.parametrize(
    ("options", "stage"), [([], ""), (["--stage", "ocr"], "ocr"), (["--stage", "read"], "read")]
)
def test_a_site_is_run_here_without_asking_its_source(
    store: SiteStore, ran: list[RunRequest], options: list[str], stage: str
) -> None:
    assert main(["retry", "town", *options, "--ocr-backend", "tesseract-cli"]) == 0
    assert ran == [
        RunRequest("town", skip_fetch=True, retry=True, ocr_backend="tesseract-cli", retry_stage=stage)
    ]


def test_nothing_failed_in_that_stage(
    store: SiteStore, ran: list[RunRequest], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["retry", "town", "--stage", "deploy"]) == 0
    assert capsys.readouterr().err == "Nothing failed in town in the stage deploy.\n"
    assert main(["retry", "well"]) == 0
    assert main(["retry", "--all", "--stage", "fetch"]) == 0
    assert "Nothing failed in any site in the stage fetch." in capsys.readouterr().err
    assert ran == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["retry"], "Name a site, or use --all."),
        (["retry", "town", "--all"], "Name a site, or use --all."),
        (["retry", "town", "--stage", "printing"], "'printing' is not one of"),
        (["retry", "twon"], "Did you mean town?"),
    ],
)
def test_wrong_usage(
    civic: Tracking, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert said in capsys.readouterr().err


def test_all_are_the_sites_with_failures_and_with_runs_that_failed(
    civic: Tracking, ran: list[RunRequest]
) -> None:
    for name in ("crashed", "cancelled", "skips", "early"):
        civic.sites.add(Site(name))
    civic.failures.replace("town", [letter("town", Stage.OCR), letter("town", Stage.FETCH)])
    civic.failures.replace("skips", [letter("skips", Stage.FETCH, "skipped: no date in its name")])
    failed_run(civic, "other", State.FAILED, "deploy")
    failed_run(civic, "crashed", State.CRASHED, "ocr")
    failed_run(civic, "early", State.CRASHED)
    failed_run(civic, "cancelled", State.CANCELLED, "ocr")
    assert main(["retry", "--all"]) == 0
    assert {request.subdomain: request.skip_fetch for request in ran} == {
        "crashed": True,
        "early": False,
        "other": True,
        "town": False,
    }
    ran.clear()
    assert main(["retry", "--all", "--stage", "ocr"]) == 0
    assert ran == [
        RunRequest(name, skip_fetch=True, retry=True, retry_stage="ocr") for name in ("crashed", "town")
    ]


def test_a_site_that_cannot_run_does_not_stop_the_others(
    civic: Tracking, ran: list[RunRequest], capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("bad", "held", "zoo"):
        civic.sites.add(Site(name))
        civic.failures.replace(name, [letter(name, Stage.OCR)])
    assert main(["retry", "--all"]) == 1
    assert [request.subdomain for request in ran] == ["bad", "held", "zoo"]
    assert "clerk: held: held is being processed." in capsys.readouterr().err


def test_with_a_prefect_api_all_are_queued(
    civic: Tracking,
    ran: list[RunRequest],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from clerk.fleet.enqueue import Outcome, Submitted
    from clerk.models import Priority

    queued: list[RunRequest] = []

    def submit(_tracking: object, _api: object, requests: list[RunRequest], *_: Any) -> list[Submitted]:
        queued.extend(requests)
        outcomes = [Outcome.RUNNING, Outcome.QUEUED]
        return [
            Submitted(request.subdomain, outcome, Priority.NORMAL, "run-1")
            for request, outcome in zip(requests, outcomes, strict=True)
        ]

    monkeypatch.setattr("clerk.cli.retry.submit", submit)
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    get_settings.cache_clear()
    civic.failures.replace("town", [letter("town", Stage.READ)])
    civic.failures.replace("other", [letter("other", Stage.READ)])
    assert main(["retry", "--all", "--stage", "read"]) == 0
    assert [request.subdomain for request in queued] == ["other", "town"]
    assert all(request.retry and request.retry_stage == "read" for request in queued)
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "other: is running already; try again when it has ended",
        "town: queued, run run-1",
    ]
    assert ran == []


@pytest.mark.e2e
def test_two_sites_are_retried_in_one_process(clerk: Clerk, tmp_path: Path) -> None:
    tracking = open_tracking(load(storage_dir=clerk.storage))
    for name in ("east", "west"):
        scanned_pdf(tmp_path / name / "Board" / "2024-03-01.pdf", ["The board met and approved the plan."])
        tracking.sites.add(Site(name, scraper="folder", extra={"folder": str(tmp_path / name)}))
        failed_run(tracking, name, State.FAILED, "fetch")
    tracking.close()
    output = clerk("retry", "--all", "--stage", "fetch")
    assert output.count("1 pages recognised") == 2, output
    assert "Nothing failed" in clerk("retry", "--all")
