"""`WebFetcher`: pages that list PDFs. What it reads from a site's `extra` is described in docs/plugins.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from clerk.errors import FetchError, UsageError
from clerk.fetch.layout import Named
from clerk.fetch.links import Link, Rules, page_links, read_link
from clerk.fetcher import Fetcher
from clerk.models import Kind
from clerk.storage import safe_name

MAX_PAGES = 200
# What the common meeting platforms call documents whose address does not end in .pdf.
_DOCUMENT = re.compile(
    r"\.pdf(?:$|[?&])|/ViewFile/(?:Agenda|Minutes)/|/(?:Agenda|Minutes)Viewer\.php|/View\.ashx\?M=[AM]&",
    re.IGNORECASE,
)
_WEB_PAGE = re.compile(r"[?&]html=true", re.IGNORECASE)
_PATTERNS = (
    "link_pattern", "text_pattern", "follow", "minutes_pattern", "agenda_pattern", "body_pattern", "date_pattern",
)  # fmt: skip
_KEYS = frozenset(("url", "urls", "kind", "body", "max_pages", *_PATTERNS))
# When the site is due, which is none of the fetcher's business.
_SCHEDULE = frozenset(("interval", "timezone"))
_RECENT = timedelta(days=60)
_AGAIN_RECENT = timedelta(hours=20)
_AGAIN_OLD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Config:
    """A site's `extra`, checked."""

    urls: tuple[str, ...]
    rules: Rules
    link: re.Pattern[str] | None
    text: re.Pattern[str] | None
    follow: re.Pattern[str] | None
    max_pages: int


class WebFetcher(Fetcher):
    """Fetches the PDFs that a site's pages link to."""

    def child_init(self) -> None:
        self.config = read_config(self.site)

    def fetch_events(self) -> None:
        """Read the pages and fetch what is new, has changed, or is due to be looked at again.

        Raises:
            FetchError: no page could be read.
        """
        links: dict[str, list[Link]] = {}
        for link in self._links():
            links.setdefault(link.url, []).append(link)
        for url, places in links.items():
            named = self._named(places)
            if named.reason or named.kind is None:
                self._run.skip(url, named.reason, kind=named.kind or "", date=named.date)
            elif int(named.date[:4]) >= self.start_year:
                self._fetch(url, named.kind, named.body, named.date)

    def _links(self) -> Iterator[Link]:
        """Links to documents, on the site's pages and on the pages that these lead to."""
        waiting = [(url, True) for url in self._addresses()]
        seen: set[str] = set()
        read = 0
        while waiting and len(seen) < self.config.max_pages:
            address, first = waiting.pop(0)
            if address in seen:
                continue
            seen.add(address)
            page = self._page(address)
            if page is None:
                continue
            read += 1
            for link in page_links(*page):
                if self._is_document(link):
                    yield link
                elif first and self.config.follow is not None and self.config.follow.search(link.url):
                    waiting.append((link.url, False))
        if waiting:
            self.logger.log(f"stopped after {len(seen)} pages", level="warning")
        if not read:
            raise FetchError(f"Site {self.subdomain}: no page could be read: {self._run.broken}")

    def _addresses(self) -> Iterator[str]:
        years = range(self.today.year, self.start_year - 1, -1)
        for url in self.config.urls:
            yield from (url.replace("{year}", str(year)) for year in years) if "{year}" in url else (url,)

    def _page(self, address: str) -> tuple[str, str] | None:
        """HTML and final address of a page; None, with the reason listed, where there is none."""
        response = self.request("GET", address)
        if response is None:
            self._run.skip(address, f"the page cannot be read: {self._run.broken}")
            return None
        if response.status_code != 200:
            self._run.broken = f"{address} answered {response.status_code}."
            self._run.skip(address, f"the page answered {response.status_code}")
            return None
        return response.text, str(response.url)

    def _is_document(self, link: Link) -> bool:
        config = self.config
        if config.text is not None and not config.text.search(f"{link.text} {link.titles}"):
            return False
        if config.link is not None:
            return config.link.search(link.url) is not None
        return bool(_DOCUMENT.search(link.url) and not _WEB_PAGE.search(link.url)) or (
            config.text is not None and not _WEB_PAGE.search(link.url)
        )

    def _named(self, places: list[Link]) -> Named:
        """What the links to one document say: the first that says all."""
        readings = [read_link(link, self.config.rules) for link in places]
        return next((reading for reading in readings if not reading.reason), readings[0])

    def _fetch(self, url: str, kind: Kind, body: str, day: str) -> None:
        meeting = self.simplified_meeting_name(body)
        self.total_events += 1
        if kind is Kind.MINUTES:
            self.total_minutes += 1
        else:
            self.total_agendas += 1
        known = self._run.shelf.of_origin((kind, safe_name(meeting), day), url)
        if known is not None and self._run.shelf.intact(known):
            checked = self._run.shelf.source(known).checked
            if not is_due(checked, day, datetime.now(UTC)):
                return
        self.fetch_and_write_pdf(url, kind, meeting, day)


def is_due(checked: str, day: str, now: datetime) -> bool:
    """True when a document of the ISO date `day`, last looked at at `checked` (ISO 8601), is to be again.

    Documents of late and coming meetings are still amended, so they are looked at about daily, others monthly.
    """
    try:
        last = datetime.fromisoformat(checked)
    except ValueError:
        return True
    recent = date.fromisoformat(day) > (now - _RECENT).date()
    return now - last > (_AGAIN_RECENT if recent else _AGAIN_OLD)


def read_config(site: dict[str, Any]) -> Config:
    """The configuration in a site's `extra`.

    Raises:
        UsageError: a key is unknown, missing, or has a value that cannot be used.
    """
    raw = site.get("extra") or {}
    extra: Any = json.loads(raw) if isinstance(raw, str) else raw
    if not isinstance(extra, dict):
        raise _wrong(site, "is no object")
    unknown = sorted(key for key in extra if key not in _KEYS | _SCHEDULE and not key.startswith("_"))
    if unknown:
        raise _wrong(site, f"has an unknown key {unknown[0]!r}")
    urls = [*([extra["url"]] if extra.get("url") else []), *(extra.get("urls") or [])]
    bad = [url for url in urls if urlsplit(str(url)).scheme not in ("http", "https")]
    if not urls or bad:
        raise _wrong(
            site, f"has a bad address {bad[0]!r}" if bad else "needs `url`, the page that lists documents"
        )
    kind = extra.get("kind")
    if kind not in (None, "", "minutes", "agenda"):
        raise _wrong(site, f"has the kind {kind!r}: it is minutes or agenda")
    found = {name: _pattern(site, extra, name) for name in _PATTERNS}
    rules = Rules(
        kind=Kind(kind) if kind else None,
        minutes=found["minutes_pattern"],
        agenda=found["agenda_pattern"],
        body=str(extra.get("body") or ""),
        body_pattern=found["body_pattern"],
        date_pattern=found["date_pattern"],
        country=str(site.get("country") or "US"),
    )
    pages = int(extra.get("max_pages") or MAX_PAGES)
    return Config(
        tuple(map(str, urls)), rules, found["link_pattern"], found["text_pattern"], found["follow"], pages
    )


def _pattern(site: dict[str, Any], extra: dict[str, Any], name: str) -> re.Pattern[str] | None:
    if not extra.get(name):
        return None
    try:
        return re.compile(str(extra[name]), re.IGNORECASE)
    except re.error as error:
        raise _wrong(site, f"has a bad {name}: {error}") from error


def _wrong(site: dict[str, Any], fault: str) -> UsageError:
    return UsageError(f"extra of site {site['subdomain']} {fault}.", advice="See docs/plugins.md.")
