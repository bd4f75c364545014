"""Jobs and their states."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from clerk.errors import UnknownSiteError
from clerk.models import JobType, Priority, Site, Stage, State
from clerk.tracking import NewJob, Tracking

SITE = "town.example"
OPEN = {State.PENDING, State.RUNNING}


@pytest.fixture(autouse=True)
def _site(tracking: Tracking) -> None:
    tracking.sites.add(Site(SITE))


def site_run(run_id: str, subdomain: str = SITE) -> NewJob:
    return NewJob(run_id, run_id, subdomain, JobType.SITE_RUN, None, Priority.HIGH)


def span(run_id: str, number: int) -> NewJob:
    return NewJob(f"{run_id}/ocr/{number}", run_id, SITE, JobType.OCR_SPAN, Stage.OCR, items_total=25)


def test_a_new_job_is_pending_and_says_what_it_was_given(tracking: Tracking) -> None:
    tracking.jobs.add([site_run("r1"), span("r1", 1)])
    job = tracking.jobs.get("r1/ocr/1")
    assert job is not None
    assert (job.state, job.stage, job.job_type, job.priority) == (
        State.PENDING,
        Stage.OCR,
        JobType.OCR_SPAN,
        Priority.NORMAL,
    )
    assert (job.items_total, job.items_done, job.items_failed, job.attempt) == (25, 0, 0, 1)
    assert job.created_at.tzinfo is UTC
    assert abs(job.created_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert (job.started_at, job.finished_at, job.open) == (None, None, True)
    whole = tracking.jobs.get("r1")
    assert whole is not None
    assert (whole.stage, whole.priority) == (None, Priority.HIGH)
    assert tracking.jobs.get("r2") is None


def test_a_job_goes_its_way_with_times(tracking: Tracking) -> None:
    jobs = tracking.jobs
    jobs.add([span("r1", 1)])
    assert jobs.transition("r1/ocr/1", State.RUNNING, expect={State.PENDING}, prefect_run_id="p1")
    running = jobs.get("r1/ocr/1")
    assert running is not None
    assert running.started_at is not None
    assert running.created_at <= running.started_at
    assert (running.finished_at, running.prefect_run_id) == (None, "p1")
    assert jobs.transition(
        "r1/ocr/1", State.FAILED, expect=OPEN, error_class="PageError", error_message="no ink"
    )
    failed = jobs.get("r1/ocr/1")
    assert failed is not None
    assert failed.finished_at is not None
    assert failed.started_at == running.started_at <= failed.finished_at
    assert (failed.error_class, failed.error_message, failed.prefect_run_id) == ("PageError", "no ink", "p1")
    assert not failed.open
    assert jobs.transition("r1/ocr/1", State.RUNNING, expect={State.FAILED})
    again = jobs.get("r1/ocr/1")
    assert again is not None
    assert (again.finished_at, again.error_message) == (None, "")


def test_a_transition_from_another_state_changes_nothing(tracking: Tracking) -> None:
    jobs = tracking.jobs
    jobs.add([span("r1", 1)])
    jobs.transition("r1/ocr/1", State.CANCELLED, expect=OPEN)
    before = jobs.get("r1/ocr/1")
    assert not jobs.transition("r1/ocr/1", State.COMPLETED, expect=OPEN)
    assert not jobs.transition("r1/ocr/1", State.COMPLETED, expect=())
    assert not jobs.transition("unknown", State.COMPLETED, expect=OPEN)
    assert jobs.get("r1/ocr/1") == before


@pytest.mark.parametrize("round_", range(5))
def test_of_those_who_race_for_a_job_one_wins(opened: Callable[[], Tracking], round_: int) -> None:
    handles = [opened() for _ in range(4)]
    handles[0].jobs.add([span("r1", round_)])
    start = threading.Barrier(len(handles))

    def race(handle: Tracking) -> bool:
        start.wait(10)
        return handle.jobs.transition(f"r1/ocr/{round_}", State.RUNNING, expect={State.PENDING})

    with ThreadPoolExecutor(len(handles)) as pool:
        assert sorted(pool.map(race, handles)) == [False, False, False, True]


def test_one_handle_serves_many_threads(tracking: Tracking) -> None:
    tracking.jobs.add([span("r1", number) for number in range(40)])

    def work(number: int) -> bool:
        name = f"r1/ocr/{number}"
        return tracking.jobs.transition(
            name, State.RUNNING, expect={State.PENDING}
        ) and tracking.jobs.transition(name, State.COMPLETED, expect={State.RUNNING})

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(40)))
    assert tracking.jobs.open_jobs() == []


def test_adding_is_all_or_nothing_and_twice_is_once(tracking: Tracking) -> None:
    with pytest.raises(UnknownSiteError, match="nowhere"):
        tracking.jobs.add([span("r1", 1), site_run("r1", "nowhere.example")])
    assert tracking.jobs.for_run("r1") == []
    tracking.jobs.add([])
    tracking.jobs.add([span("r1", 1)])
    tracking.jobs.transition("r1/ocr/1", State.RUNNING, expect={State.PENDING})
    tracking.jobs.add([span("r1", 1), span("r1", 2)])
    states = {job.job_id: job.state for job in tracking.jobs.for_run("r1")}
    assert states == {"r1/ocr/1": State.RUNNING, "r1/ocr/2": State.PENDING}


def test_items_are_set(tracking: Tracking) -> None:
    tracking.jobs.add([span("r1", 1)])
    for done in (3, 24):
        assert tracking.jobs.set_items("r1/ocr/1", total=25, done=done, failed=1)
    job = tracking.jobs.get("r1/ocr/1")
    assert job is not None
    assert (job.items_total, job.items_done, job.items_failed) == (25, 24, 1)
    assert not tracking.jobs.set_items("unknown", total=1, done=1, failed=0)


def test_closing_a_run_closes_its_children_and_no_other_run(tracking: Tracking) -> None:
    jobs = tracking.jobs
    jobs.add([site_run("r1"), span("r1", 1), span("r1", 2), site_run("r2"), span("r2", 1)])
    jobs.transition("r1/ocr/1", State.COMPLETED, expect=OPEN)
    assert jobs.close_run("r1", State.CANCELLED, "Cancelled", "by hand") == 2
    assert jobs.close_run("r1", State.CRASHED) == 0
    ended = {job.job_id: (job.state, job.error_message) for job in jobs.for_run("r1")}
    assert ended == {
        "r1": (State.CANCELLED, "by hand"),
        "r1/ocr/1": (State.COMPLETED, ""),
        "r1/ocr/2": (State.CANCELLED, "by hand"),
    }
    assert all(job.finished_at for job in jobs.for_run("r1"))
    assert {job.job_id for job in jobs.open_jobs()} == {"r2", "r2/ocr/1"}
    with pytest.raises(ValueError, match="running"):
        jobs.close_run("r2", State.RUNNING)


def test_runs_are_the_site_runs_newest_first(tracking: Tracking) -> None:
    tracking.sites.add(Site("other.example"))
    for number in range(4):
        tracking.jobs.add([site_run(f"r{number}"), span(f"r{number}", 1)])
    tracking.jobs.add([site_run("o1", "other.example")])
    assert [job.job_id for job in tracking.jobs.runs()] == ["o1", "r3", "r2", "r1", "r0"]
    assert [job.job_id for job in tracking.jobs.runs(SITE, limit=2)] == ["r3", "r2"]
    assert [job.job_id for job in tracking.jobs.open_jobs("other.example")] == ["o1"]


def ended(tracking: Tracking, run_id: str, state: State, subdomain: str = SITE) -> None:
    tracking.jobs.add([site_run(run_id, subdomain)])
    tracking.jobs.transition(run_id, State.RUNNING, expect={State.PENDING})
    tracking.jobs.transition(run_id, state, expect={State.RUNNING})


def test_the_last_start_is_that_of_the_newest_run_or_its_queueing(tracking: Tracking) -> None:
    for name in ("other.example", "never.example"):
        tracking.sites.add(Site(name))
    ended(tracking, "r1", State.COMPLETED)
    ended(tracking, "r2", State.FAILED)
    tracking.jobs.add([span("r2", number) for number in range(3)])
    tracking.jobs.add([site_run("o1", "other.example")])
    newest, waiting = tracking.jobs.get("r2"), tracking.jobs.get("o1")
    assert newest is not None
    assert waiting is not None
    starts = tracking.jobs.last_starts()
    assert starts == {SITE: newest.started_at, "other.example": waiting.created_at}
    assert all(at.tzinfo is UTC for at in starts.values())


def test_failures_in_a_row_end_with_a_run_that_ended_well(tracking: Tracking) -> None:
    tracking.sites.add(Site("other.example"))
    assert tracking.jobs.failed_in_a_row() == {}
    ended(tracking, "r1", State.FAILED)
    ended(tracking, "r2", State.INCOMPLETE)
    for number, state in enumerate((State.FAILED, State.CANCELLED, State.CRASHED)):
        ended(tracking, f"s{number}", state)
    ended(tracking, "o1", State.CRASHED, "other.example")
    assert tracking.jobs.failed_in_a_row() == {SITE: 2, "other.example": 1}
    ended(tracking, "r9", State.NO_DOCUMENTS)
    assert tracking.jobs.failed_in_a_row() == {"other.example": 1}


def test_many_jobs_are_found_at_once_and_missing_ones_left_out(tracking: Tracking) -> None:
    tracking.jobs.add([site_run(f"m{number}") for number in range(1, 1202)])
    found = tracking.jobs.find([f"m{number}" for number in range(1201, 1, -1)] + ["nobody"])
    assert sorted(found) == sorted(f"m{number}" for number in range(2, 1202))
    assert found["m7"].run_id == "m7"
    assert tracking.jobs.find([]) == {}
