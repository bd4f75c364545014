"""Sites, progress and dead letters."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from clerk.errors import LeaseHeldError, UnknownSiteError, UsageError
from clerk.models import Failure, JobType, Site, Stage, State
from clerk.tracking import NewJob, StageCounts, Tracking

SITE = "town.example"
FULL = Site(
    SITE,
    "Town",
    "CA",
    "US",
    "city",
    "custom",
    2011,
    7,
    37.5,
    -122.25,
    True,
    {"url": "https://x", "n": [1, "é"]},
)


def letter(page: int | None, *, reason: str = "no ink", attempts: int = 1) -> Failure:
    path = "town.example/pdfs/Council/2025-03-04.pdf"
    return Failure(SITE, "minutes", "Council", "2025-03-04", path, page, "ocr", reason, attempts)


def report(tracking: Tracking, run_id: str, state: State = State.RUNNING, **more: str) -> bool:
    return tracking.progress.set(
        SITE, run_id=run_id, state=state, stage=Stage.OCR, total=10, completed=4, failed=1, **more
    )


def test_a_site_comes_back_as_it_was_given(tracking: Tracking) -> None:
    tracking.sites.add(FULL)
    tracking.sites.add(Site("a.example"))
    assert tracking.sites.get(SITE) == FULL
    assert tracking.sites.find("a.example") == Site("a.example")
    assert tracking.sites.find("b.example") is None
    assert [site.subdomain for site in tracking.sites.list()] == ["a.example", SITE]


def test_a_site_is_added_once_and_under_a_sound_name(tracking: Tracking) -> None:
    tracking.sites.add(FULL)
    with pytest.raises(UsageError, match="exists already"):
        tracking.sites.add(Site(SITE))
    with pytest.raises(UsageError, match="no subdomain"):
        tracking.sites.add(Site("../etc"))
    assert tracking.sites.list() == [FULL]


def test_an_unknown_site_names_its_neighbours(tracking: Tracking) -> None:
    tracking.sites.add(FULL)
    with pytest.raises(
        UnknownSiteError, match=r"No site 'twon\.example' is registered\. Did you mean town\.ex"
    ):
        tracking.sites.get("twon.example")
    with pytest.raises(UnknownSiteError, match=r"registered\. Run"):
        tracking.sites.remove("quite-another")
    with pytest.raises(UnknownSiteError):
        tracking.sites.update("quite-another", pages=1)


def test_fields_of_a_site_change_one_by_one(tracking: Tracking) -> None:
    tracking.sites.add(FULL)
    changed = tracking.sites.update(SITE, pages=9, extra={"url": "https://y"})
    assert changed == replace(FULL, pages=9, extra={"url": "https://y"}) == tracking.sites.get(SITE)
    assert tracking.sites.update(SITE) == changed
    with pytest.raises(UsageError, match="no field mayor"):
        tracking.sites.update(SITE, mayor="x", pages=1)
    assert tracking.sites.get(SITE) == changed


def test_removing_a_site_takes_its_rows_along_but_never_under_a_run(tracking: Tracking) -> None:
    tracking.sites.add(FULL)
    tracking.jobs.add([NewJob("r1", "r1", SITE, JobType.SITE_RUN, None)])
    tracking.failures.replace(SITE, [letter(1)])
    lease = tracking.leases.acquire(SITE, "r1")
    report(tracking, "r1")
    with pytest.raises(LeaseHeldError, match="r1"):
        tracking.sites.remove(SITE)
    tracking.leases.release(lease)
    tracking.sites.remove(SITE)
    assert (tracking.jobs.get("r1"), tracking.progress.get(SITE), tracking.failures.count()) == (
        None,
        None,
        0,
    )
    tracking.sites.add(FULL)
    assert tracking.leases.acquire(SITE, "r2").token > lease.token


def test_progress_keeps_the_start_of_its_run(tracking: Tracking) -> None:
    tracking.sites.add(FULL)
    assert tracking.progress.get(SITE) is None
    assert report(tracking, "r1")
    first = tracking.progress.get(SITE)
    assert first is not None
    assert (first.state, first.stage, first.total, first.completed, first.failed) == (
        State.RUNNING,
        Stage.OCR,
        10,
        4,
        1,
    )
    report(tracking, "r1", State.INCOMPLETE)
    second = tracking.progress.get(SITE)
    assert second is not None
    assert (second.state, second.started_at) == (State.INCOMPLETE, first.started_at)
    assert second.updated_at > first.updated_at
    report(tracking, "r2")
    third = tracking.progress.get(SITE)
    assert third is not None
    assert third.started_at > first.started_at
    assert tracking.progress.list() == [third]


def test_stage_counts_belong_to_the_run_and_marks_outlive_it(tracking: Tracking) -> None:
    tracking.sites.add(FULL)
    tracking.progress.mark(SITE, "deployed")
    report(tracking, "r1")
    tracking.progress.set_stage_counts(SITE, Stage.FETCH, 3, 2, 1)
    tracking.progress.set_stage_counts(SITE, Stage.OCR, 9, 9, 0)
    tracking.progress.set_stage_counts(SITE, Stage.FETCH, 3, 3, 0)
    row = tracking.progress.get(SITE)
    assert row is not None
    assert row.stage_counts == {Stage.FETCH: StageCounts(3, 3, 0), Stage.OCR: StageCounts(9, 9, 0)}
    report(tracking, "r1", State.COMPLETED)
    after = tracking.progress.get(SITE)
    assert after is not None
    assert after.stage_counts == row.stage_counts
    report(tracking, "r2")
    new = tracking.progress.get(SITE)
    assert new is not None
    assert new.stage_counts == {}
    assert new.last_deployed == row.last_deployed is not None
    assert (new.last_updated, new.last_extracted) == (None, None)


def test_stages_that_count_at_once_lose_nothing(tracking: Tracking) -> None:
    tracking.sites.add(FULL)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda stage: tracking.progress.set_stage_counts(SITE, stage, 1, 1, 0), Stage))
    row = tracking.progress.get(SITE)
    assert row is not None
    assert set(row.stage_counts) == set(Stage)


def test_an_error_stays_until_its_run_ends_well_or_another_begins(tracking: Tracking) -> None:
    tracking.sites.add(FULL)

    def error() -> tuple[str, str, bool]:
        row = tracking.progress.get(SITE)
        assert row is not None
        return row.error_stage, row.error_message, row.error_at is not None

    report(tracking, "r1", error_stage="ocr", error_message="no model")
    report(tracking, "r1")
    assert error() == ("ocr", "no model", True)
    report(tracking, "r1", State.COMPLETED)
    assert error() == ("", "", False)
    report(tracking, "r1", State.FAILED, error_stage="deploy", error_message="disk full")
    assert error() == ("deploy", "disk full", True)
    report(tracking, "r2")
    assert error() == ("", "", False)


def test_a_run_that_lost_the_site_does_not_write_over_its_successor(tracking: Tracking) -> None:
    tracking.sites.add(FULL)
    report(tracking, "r1")
    lease = tracking.leases.acquire(SITE, "r2")
    assert report(tracking, "r2")
    assert not report(tracking, "r1", State.COMPLETED)
    row = tracking.progress.get(SITE)
    assert row is not None
    assert (row.run_id, row.state) == ("r2", State.RUNNING)
    tracking.leases.release(lease)
    assert report(tracking, "r1")


def test_rows_of_an_unregistered_site_are_refused(tracking: Tracking) -> None:
    calls = (
        lambda: report(tracking, "r1"),
        lambda: tracking.progress.set_stage_counts(SITE, Stage.OCR, 1, 1, 0),
        lambda: tracking.progress.mark(SITE, "updated"),
        lambda: tracking.failures.replace(SITE, [letter(1)]),
    )
    for call in calls:
        with pytest.raises(UnknownSiteError, match=r"town\.example"):
            call()


def test_replacing_failures_keeps_when_each_was_first_seen(tracking: Tracking) -> None:
    tracking.sites.add(FULL)
    tracking.failures.replace(SITE, [letter(None), letter(2), letter(3)])
    before = {seen.failure.page: seen for seen in tracking.failures.seen(SITE)}
    tracking.failures.replace(SITE, [letter(9), letter(2, reason="time-out", attempts=2), letter(None)])
    after = {seen.failure.page: seen for seen in tracking.failures.seen(SITE)}
    assert list(after) == [None, 2, 9]
    assert after[2].failure == letter(2, reason="time-out", attempts=2)
    for page in (None, 2):
        assert after[page].first_seen == before[page].first_seen
        assert after[page].last_seen > before[page].last_seen
    assert after[9].first_seen > before[3].first_seen
    tracking.failures.replace(SITE, [])
    assert tracking.failures.list() == []


def test_failures_are_of_one_site_and_listed_in_order(tracking: Tracking) -> None:
    tracking.sites.add(FULL)
    tracking.sites.add(Site("a.example"))
    tracking.failures.replace(SITE, [letter(10), letter(2), letter(None)])
    tracking.failures.replace("a.example", [replace(letter(1), subdomain="a.example")])
    assert [(one.subdomain, one.page) for one in tracking.failures.list()] == [
        ("a.example", 1),
        (SITE, None),
        (SITE, 2),
        (SITE, 10),
    ]
    assert (tracking.failures.count(), tracking.failures.count(SITE)) == (4, 3)
    with pytest.raises(ValueError, match=r"a\.example"):
        tracking.failures.replace(SITE, [replace(letter(1), subdomain="a.example")])
    assert tracking.failures.count() == 4


def test_writers_of_one_list_take_turns(tracking: Tracking) -> None:
    tracking.sites.add(FULL)
    lists = [[letter(page) for page in range(1, 4)] for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: tracking.failures.replace(SITE, one), lists))
    assert [one.page for one in tracking.failures.list(SITE)] == [1, 2, 3]
