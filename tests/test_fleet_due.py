"""Which sites are due: intervals, time zones and changes of the clocks, spread, catching up, failures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from clerk.errors import UsageError
from clerk.fleet.due import LONGEST_PAUSE, Schedule, due_sites, schedule_of
from clerk.models import Site

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STEP = timedelta(minutes=5)
CHICAGO = "America/Chicago"


def site(name: str = "town", **extra: object) -> Site:
    return Site(name, extra=extra)


def steps(start: datetime, length: timedelta) -> Iterator[datetime]:
    """The moments at which the due flow runs."""
    moment = start
    while moment < start + length:
        yield moment
        moment += STEP


def starts(
    one: Site, begin: datetime, length: timedelta, last: datetime | None = None, fails: bool = False
) -> list[datetime]:
    """When a site is started by a due flow that runs every five minutes."""
    found: list[datetime] = []
    for moment in steps(begin, length):
        known = {one.subdomain: last} if last else {}
        if due_sites([one], known, moment, {one.subdomain: len(found) if fails else 0}):
            found.append(moment)
            last = moment
    return found


def test_a_site_that_never_ran_is_due_and_then_waits_for_its_slot() -> None:
    first, *rest = starts(site(), NOW, 4 * DAY)
    assert first == NOW
    assert len(rest) == 4
    assert {b - a for a, b in pairwise(rest)} == {DAY}


@pytest.mark.parametrize(
    ("interval", "gap", "runs"),
    [("1h", HOUR, 24 * 14), ("12h", 12 * HOUR, 28), ("1d", DAY, 14), ("2d", 2 * DAY, 7), ("1w", 7 * DAY, 2)],
)
def test_every_interval_is_kept(interval: str, gap: timedelta, runs: int) -> None:
    one = site(interval=interval)
    begun = schedule_of(one).slot_before(NOW)
    found = starts(one, NOW, 14 * DAY, last=begun)
    assert {b - a for a, b in pairwise(found)} == {gap}
    assert len(found) == runs
    assert found[0] > NOW


def test_a_minute_before_its_slot_a_site_is_not_due() -> None:
    one = site()
    slot = schedule_of(one).slot_after(NOW)
    last = {"town": slot - DAY}
    assert due_sites([one], last, slot - timedelta(microseconds=1)) == []
    assert due_sites([one], last, slot) == ["town"]
    # Whatever started it, also a person: a run at or after the slot uses it.
    assert due_sites([one], {"town": slot}, slot + 23 * HOUR) == []
    assert due_sites([one], {"town": slot - timedelta(seconds=1)}, slot) == ["town"]


def test_sites_are_spread_evenly_over_the_day_and_always_in_the_same_way() -> None:
    sites = [site(f"town{number}.example") for number in range(2400)]
    hours = Counter(schedule_of(one).slot_after(NOW).hour for one in sites)
    assert len(hours) == 24
    assert 60 < min(hours.values()) <= max(hours.values()) < 150
    # Fixed for ever: another version or machine must not move every site.
    assert schedule_of(site("town.example")).offset == timedelta(hours=10, minutes=30)
    weekly = Counter(
        schedule_of(site(one.subdomain, interval="1w")).slot_after(NOW).weekday() for one in sites
    )
    assert len(weekly) == 7
    assert min(weekly.values()) > 250


def test_the_slot_is_at_the_same_time_of_day_by_the_clock_of_the_zone() -> None:
    here, there = schedule_of(site()), schedule_of(site(timezone=CHICAGO))
    assert here.offset == there.offset
    local = there.slot_after(NOW).astimezone(ZoneInfo(CHICAGO))
    assert (local.hour, local.minute) == (here.slot_after(NOW).hour, here.slot_after(NOW).minute)


@pytest.mark.parametrize("changes", [datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)])
@pytest.mark.parametrize("zone", [CHICAGO, "Australia/Lord_Howe", "Asia/Kathmandu"])
def test_when_the_clocks_change_every_site_still_runs_once_a_day(changes: datetime, zone: str) -> None:
    for number in range(12):
        one = site(f"town{number}", timezone=zone)
        begun = schedule_of(one).slot_before(changes - 3 * DAY)
        found = starts(one, changes - 3 * DAY, 6 * DAY, last=begun)
        days = Counter(moment.astimezone(ZoneInfo(zone)).date() for moment in found)
        assert set(days.values()) == {1}
        assert all(DAY - 2 * HOUR <= b - a <= DAY + 2 * HOUR for a, b in pairwise(found))


@pytest.mark.parametrize("minutes", range(0, 24 * 60, 15))
def test_slots_before_and_after_a_moment_enclose_it_also_around_changes(minutes: int) -> None:
    """Every quarter of an hour of the two nights, for slots at 1:30 and 2:30, which come twice or never."""
    for offset in (timedelta(hours=1, minutes=30), timedelta(hours=2, minutes=30)):
        for interval in (HOUR, DAY):
            plan = Schedule(interval, ZoneInfo(CHICAGO), offset % interval)
            for day in (datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)):
                moment = day + timedelta(minutes=minutes)
                before, after = plan.slot_before(moment), plan.slot_after(moment)
                assert before <= moment < after
                assert after - before <= interval + HOUR
                assert plan.slot_before(after - timedelta(microseconds=1)) == before


def test_after_an_outage_each_site_runs_once_the_longest_overdue_first() -> None:
    sites = [site("daily"), site("hourly", interval="1h"), site("weekly", interval="1w"), site("new")]
    last = {"daily": NOW - 5 * DAY, "hourly": NOW - 2 * DAY, "weekly": NOW - 20 * DAY}
    assert due_sites(sites, last, NOW) == ["new", "weekly", "daily", "hourly"]
    later = dict.fromkeys((one.subdomain for one in sites), NOW)
    assert due_sites(sites, later, NOW) == []
    # However much was missed, the next slot is the usual one.
    for one in sites:
        assert starts(one, NOW, 8 * DAY, last=NOW)[0] == pytest.approx(
            schedule_of(one).slot_after(NOW), abs=STEP
        )


def test_room_for_a_few_at_a_time_serves_all_in_the_order_of_their_waiting() -> None:
    sites = [site(f"town{number}") for number in range(50)]
    last = {one.subdomain: NOW - 3 * DAY - number * HOUR for number, one in enumerate(sites)}
    order: list[str] = []
    for moment in steps(NOW, 5 * STEP):
        for name in due_sites(sites, last, moment)[:10]:
            last[name] = moment
            order.append(name)
    assert len(order) == len(set(order)) == 50
    since = {
        one.subdomain: schedule_of(one).slot_after(NOW - 3 * DAY - n * HOUR) for n, one in enumerate(sites)
    }
    assert order == sorted(order, key=lambda name: since[name])


def test_a_site_that_fails_waits_for_its_next_slot_and_longer_where_its_slots_are_many() -> None:
    daily = starts(site(), NOW, 10 * DAY, last=NOW, fails=True)
    assert len(daily) == 10
    hourly = starts(site(interval="1h"), NOW, 4 * DAY, last=NOW, fails=True)
    gaps = [b - a for a, b in pairwise(hourly)]
    assert gaps[:4] == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR]
    assert set(gaps[4:]) == {LONGEST_PAUSE}
    # However long it has been failing.
    assert due_sites([site(interval="1h")], {"town": NOW - DAY}, NOW, {"town": 10_000}) == ["town"]


@pytest.mark.parametrize(
    "extra",
    [
        {"interval": "often"}, {"interval": "0d"}, {"interval": "30m"}, {"interval": "1.5d"}, {"interval": "-1d"},
        {"interval": 7}, {"interval": "9999w"}, {"interval": ["1d"]}, {"interval": "1d 2h"},
        {"timezone": "Mars/Olympus"}, {"timezone": "../../etc/passwd"}, {"timezone": "America"},
        {"timezone": "CST\0"}, {"timezone": {"a": 1}},
    ],
)  # fmt: skip
def test_a_schedule_that_cannot_be_used_is_said_and_stops_nobody_else(
    extra: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(UsageError, match=r"^Site town: ") as caught:
        schedule_of(site(**extra))
    assert "\n" not in str(caught.value)
    assert next(iter(extra)) in str(caught.value).replace("time zone", "timezone")
    assert due_sites([site("a"), site(**extra), site("z")], {}, NOW) == ["a", "z"]
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "Site town: " in record.getMessage()


@pytest.mark.parametrize(
    "extra", [{}, {"interval": ""}, {"interval": None, "timezone": None}, {"timezone": " "}]
)
def test_what_is_left_out_is_daily_in_utc(extra: dict[str, object]) -> None:
    extra = {name: value for name, value in extra.items() if value is not None}
    assert schedule_of(site(**extra)) == schedule_of(site(interval="1D", timezone="UTC"))
    assert schedule_of(site()).interval == DAY


def test_a_site_that_is_off_is_never_due() -> None:
    assert due_sites([site(interval="off")], {}, NOW) == []
    assert due_sites([site(interval="OFF")], {"town": NOW - 900 * DAY}, NOW) == []
