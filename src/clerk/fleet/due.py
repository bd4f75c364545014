"""Which sites are due: each by its own interval, at a time of day of its own, in its time zone. Pure functions.

A site's runs are due at its *slots*: moments that lie one interval apart by the clock of its time zone, and begin at an
offset that a hash of its name gives, so that sites are spread evenly. A slot is used by any run that began at it or
later; of slots that were missed, however many, one run makes up for all.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from clerk.errors import UsageError
from clerk.models import Site

DAY = timedelta(days=1)
SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=366)
NEVER = "off"
# A site that fails again and again is tried less often, up to this pause; longer intervals need no help.
LONGEST_PAUSE = timedelta(hours=12)
_UNITS = {"h": timedelta(hours=1), "d": DAY, "w": timedelta(weeks=1)}
_INTERVAL = re.compile(r"([1-9]\d{0,4})([hdw])")
# A Monday, so that weekly sites have a day of the week.
_ORIGIN = datetime(2024, 1, 1)  # noqa: DTZ001 - a reading of the clock in whatever zone
_log = logging.getLogger("clerk.fleet")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a site is due. `interval` is None for a site that never is; `offset` is shorter than `interval`."""

    interval: timedelta | None
    zone: ZoneInfo
    offset: timedelta

    def slot_before(self, moment: datetime) -> datetime:
        """The last slot at or before `moment` (aware), in UTC."""
        assert self.interval is not None
        local = moment.astimezone(self.zone).replace(tzinfo=None)
        number = (local - _ORIGIN - self.offset) // self.interval + 1
        # Around a change of the clocks, readings of the clock do not tell which moment came first.
        while (slot := self._slot(number)) > moment:
            number -= 1
        return slot

    def slot_after(self, moment: datetime) -> datetime:
        """The first slot after `moment` (aware), in UTC."""
        assert self.interval is not None
        local = moment.astimezone(self.zone).replace(tzinfo=None)
        number = (local - _ORIGIN - self.offset) // self.interval - 1
        while (slot := self._slot(number)) <= moment:
            number += 1
        return slot

    def _slot(self, number: int) -> datetime:
        assert self.interval is not None
        local = _ORIGIN + self.offset + number * self.interval
        return local.replace(tzinfo=self.zone).astimezone(UTC)


def schedule_of(site: Site) -> Schedule:
    """What `interval` and `timezone` in a site's `extra` say; daily and UTC where they say nothing.

    Raises:
        UsageError: one of them cannot be used.
    """
    interval = _interval(site)
    return Schedule(interval, _zone(site), _offset(site.subdomain, interval or DAY))


def due_sites(
    sites: Iterable[Site],
    last_starts: Mapping[str, datetime],
    now: datetime,
    failed_in_a_row: Mapping[str, int] | None = None,
) -> list[str]:
    """Subdomains of the sites that are due at `now`; first those that never ran, then the longest overdue.

    A site whose schedule cannot be used is left out with a warning, and does not stop the others.

    Args:
        last_starts: when the latest run of each site began, or was queued where it still waits.
        now: an aware time.
        failed_in_a_row: how many of a site's latest runs failed one after the other.
    """
    fails = failed_in_a_row or {}
    found: list[tuple[datetime, str]] = []
    for site in sites:
        try:
            schedule = schedule_of(site)
        except UsageError as error:
            _log.warning("%s It is left out.", error)
            continue
        last = last_starts.get(site.subdomain)
        since = _due_since(schedule, last, now, fails.get(site.subdomain, 0))
        if since is not None:
            found.append((since, site.subdomain))
    return [subdomain for _, subdomain in sorted(found)]


def _due_since(schedule: Schedule, last: datetime | None, now: datetime, fails: int) -> datetime | None:
    """Since when a site is due, or None when it is not."""
    if schedule.interval is None:
        return None
    if last is None:
        return datetime.min.replace(tzinfo=UTC)
    if schedule.slot_before(now) <= last or now < last + _pause(schedule.interval, fails):
        return None
    return schedule.slot_after(last)


def _pause(interval: timedelta, fails: int) -> timedelta:
    """The least time from the start of a failed run to the next: the interval, doubled with each further failure."""
    if fails < 2:
        return timedelta()
    # Powers beyond a few would overflow long before they mattered.
    return min(interval * (1 << min(fails - 1, 10)), LONGEST_PAUSE)


def _interval(site: Site) -> timedelta | None:
    value: Any = site.extra.get("interval", "")
    text = str(value).strip().lower() or "1d"
    if text == NEVER:
        return None
    match = _INTERVAL.fullmatch(text)
    interval = int(match[1]) * _UNITS[match[2]] if match else timedelta()
    if not SHORTEST <= interval <= LONGEST:
        raise UsageError(
            f"Site {site.subdomain}: interval {value!r} cannot be used.",
            advice=f"Write hours, days or weeks like 12h, 1d or 2w, from 1h to 366d, or {NEVER}.",
        )
    return interval


def _zone(site: Site) -> ZoneInfo:
    value: Any = site.extra.get("timezone", "")
    name = str(value).strip() or "UTC"
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise UsageError(
            f"Site {site.subdomain}: there is no time zone {value!r}.",
            advice="Use a name of the time zone database, like America/Chicago.",
        ) from error


def _offset(subdomain: str, interval: timedelta) -> timedelta:
    """Where in its interval a site has its slot, to the minute; the same on every machine and for ever."""
    number = int.from_bytes(hashlib.sha256(subdomain.encode()).digest()[:8], "big")
    return timedelta(minutes=number % (interval // timedelta(minutes=1)))
