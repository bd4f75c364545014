"""What a run writes into the civic database, and what it takes from its fetcher."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from clerk.errors import FetchError, LeaseHeldError, LeaseLostError
from clerk.fetch import FetchResult
from clerk.models import JobType, RunRequest, Site, Stage, State
from clerk.origin import Origin
from clerk.settings import Settings, load
from clerk.site_run import site_run
from clerk.stages.extract import mark_again
from clerk.tracking import Tracking, open_tracking

REQUEST = RunRequest("town")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load(storage_dir=tmp_path, ocr_languages="eng+osd")


@pytest.fixture
def civic(settings: Settings) -> Tracking:
    tracking = open_tracking(settings)
    tracking.sites.add(Site("town"))
    return tracking


def states(civic: Tracking, run_id: str) -> dict[JobType, State]:
    return {job.job_type: job.state for job in civic.jobs.for_run(run_id)}


def test_the_fetch_has_its_row_and_a_run_without_documents_says_so(
    settings: Settings, civic: Tracking
) -> None:
    with site_run(settings, REQUEST, Origin(run_id="run-1")) as run:
        with run.fetching():
            assert states(civic, "run-1") == {JobType.SITE_RUN: State.RUNNING, JobType.FETCH: State.RUNNING}
            run.fetched(FetchResult())
        assert run.finish().state is State.NO_DOCUMENTS
    assert states(civic, "run-1") == {JobType.SITE_RUN: State.NO_DOCUMENTS, JobType.FETCH: State.COMPLETED}
    assert civic.leases.list() == []


def test_a_fetch_that_fails_fails_its_row_and_its_run(settings: Settings, civic: Tracking) -> None:
    with (
        pytest.raises(FetchError),
        site_run(settings, REQUEST, Origin(run_id="run-1")) as run,
        run.fetching(),
    ):
        raise FetchError("town.example does not answer.")
    assert set(states(civic, "run-1").values()) == {State.FAILED}
    progress = civic.progress.get("town")
    assert progress is not None
    assert (progress.state, progress.error_stage) == (State.FAILED, "fetch")
    assert "does not answer" in progress.error_message
    assert civic.leases.list() == []


def test_the_languages_that_a_fetcher_asks_for_are_used(settings: Settings, civic: Tracking) -> None:
    with site_run(settings, REQUEST, Origin(run_id="run-1")) as run:
        assert run.work.languages == "eng+osd"
        run.fetched(FetchResult(languages="eng"))
        assert run.work.languages == "eng"
        run.finish()


def test_a_second_run_of_a_held_site_is_refused(settings: Settings, civic: Tracking) -> None:
    with site_run(settings, REQUEST, Origin(run_id="run-1")) as run:
        with pytest.raises(LeaseHeldError), site_run(settings, REQUEST, Origin(run_id="run-2")):
            pytest.fail("two runs hold one site")
        run.finish()
    assert states(civic, "run-2") == {}


def test_an_extraction_that_was_broken_off_is_ended_by_the_next_run(
    settings: Settings, civic: Tracking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clerk.site_run.is_current", lambda *_: True)
    monkeypatch.setattr("clerk.site_run.is_published", lambda *_: True)
    with site_run(settings, REQUEST, Origin(run_id="run-1")) as run:
        assert not run.needs_build()
        mark_again(run.store)
        assert run.needs_build()
    assert civic.leases.list() == []


def test_a_run_that_was_taken_over_writes_nothing_of_the_other(settings: Settings, civic: Tracking) -> None:
    with suppress(LeaseLostError), site_run(settings, REQUEST, Origin(run_id="lost")) as run:
        run.show(Stage.READ, 2, 0)
        civic.leases.release(run.lease)
        civic.leases.acquire("town", "winner")
        civic.progress.set(
            "town", run_id="winner", state=State.RUNNING, stage=Stage.FETCH, total=0, completed=0, failed=0
        )
        run.show(Stage.READ, 2, 1)
        progress = civic.progress.get("town")
        assert progress is not None
        assert (progress.run_id, progress.stage, progress.stage_counts) == ("winner", Stage.FETCH, {})
        raise LeaseLostError("taken over")
