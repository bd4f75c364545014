"""The built-in web fetcher, over real HTTP and on pages that meeting platforms served."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clerk.errors import FetchError, UsageError
from clerk.fetch import FetchOptions, FetchResult, fetch_site
from clerk.fetch.client import Rate
from clerk.fetch.layout import Named
from clerk.fetch.links import Rules, page_links, read_link
from clerk.fetch.web_fetcher import is_due, read_config
from clerk.models import Site
from clerk.storage import SiteStore, read_json
from tests.fetch_server import Answer, Server, pdf

pytest_plugins = ("tests.fixtures_fetch",)
YEAR = datetime.now(UTC).year

LISTING = f"""
<h2>City Council</h2>
<table>
 <tr><th>Date</th><th>Agenda</th><th>Minutes</th></tr>
 <tr><td>March 5, {YEAR}</td><td><a href="/files/1.pdf">PDF</a></td><td><a href="files/2.pdf">PDF</a></td></tr>
 <tr><td>March 19, {YEAR} - Posted Mar 15, {YEAR} 4:45 PM</td><td><a href="/files/3.pdf">PDF</a></td><td></td></tr>
 <tr><td>June 4, 2009</td><td><a href="/files/old.pdf">PDF</a></td><td></td></tr>
</table>
<h2>Planning Commission</h2>
<ul>
 <li><a href="/files/PC_Minutes_04-02-{YEAR}.pdf">Minutes</a></li>
 <li>April 16, {YEAR}: <a href="/files/5.pdf" title="Agenda"><img alt="agenda"></a></li>
 <li><a href="/files/budget.pdf">Budget</a></li>
 <li><a href="javascript:void(0)">Agenda</a> <a href="mailto:x@example.org">Minutes</a></li>
</ul>
"""


def fetch(
    server: Server, store: SiteStore, *, options: dict[str, Any] | None = None, **extra: Any
) -> FetchResult:
    site = Site("town.ca", scraper="web", start_year=2005, extra={"url": f"{server.url}/meetings", **extra})
    return fetch_site(site, store, FetchOptions(allow_private_hosts=True, timeout=5, **(options or {})))


@pytest.fixture
def store(tmp_path: Path) -> SiteStore:
    return SiteStore(tmp_path / "sites", "town.ca")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test talks to the same host: its clock runs fast enough for the polite rate."""
    ticks = itertools.count(0, 10)
    monkeypatch.setattr("clerk.fetch.client._RATE", Rate(lambda: float(next(ticks))))


@pytest.fixture
def listing(server: Server) -> Server:
    server.pages["/meetings"] = Answer(LISTING.encode(), headers={"Content-Type": "text/html; charset=utf-8"})
    for name in ("1", "3", "old", f"PC_Minutes_04-02-{YEAR}", "5"):
        server.pages[f"/files/{name}.pdf"] = Answer(pdf(name))
    server.pages["/files/2.pdf"] = Answer(pdf("2"))
    return server


def labels(store: SiteStore) -> list[str]:
    return sorted(document.label for document in store.documents())


def test_a_page_that_lists_pdfs(listing: Server, store: SiteStore) -> None:
    result = fetch(listing, store)
    assert labels(store) == [
        f"agenda CityCouncil/{YEAR}-03-05",
        f"agenda CityCouncil/{YEAR}-03-19",
        f"agenda PlanningCommission/{YEAR}-04-16",
        f"minutes CityCouncil/{YEAR}-03-05",
        f"minutes PlanningCommission/{YEAR}-04-02",
    ]
    assert (result.new, result.failures) == (5, [])
    assert [(Path(entry.path).name, entry.reason) for entry in result.skipped] == [
        ("budget.pdf", "skipped: the link names no date")
    ]
    assert "/files/old.pdf" not in listing.paths()
    asked = len(listing.seen)
    again = fetch(listing, store)
    assert (again.new, again.unchanged, again.updated) == (0, 5, 0)
    assert listing.paths()[asked:] == ["/meetings"]


def test_all_years_begin_with_the_site_s(listing: Server, store: SiteStore) -> None:
    assert fetch(listing, store, options={"all_years": True}).new == 6


def test_patterns_bodies_and_kinds_of_extra(server: Server, store: SiteStore) -> None:
    server.pages["/meetings"] = Answer(
        f"""<div><a href="/d/1?m=1">Regular Session {YEAR}-03-05</a> <a href="/d/2?m=1">Video {YEAR}-03-05</a>
        <a href="/d/3">Regular Session {YEAR}-03-06</a></div>""".encode()
    )
    server.pages["/d/1?m=1"] = Answer(pdf("1"))
    result = fetch(
        server,
        store,
        kind="minutes",
        body="Village Board",
        link_pattern=r"/d/\d+\?m=",
        text_pattern="session",
    )
    assert labels(store) == [f"minutes VillageBoard/{YEAR}-03-05"]
    assert result.skipped == []


def test_index_pages_and_years(server: Server, store: SiteStore) -> None:
    for year in (YEAR, YEAR - 1):
        server.pages[f"/list/{year}"] = Answer(
            b'<a href="/m/%d">Meeting</a> <a href="/about">About</a>' % year
        )
        server.pages[f"/m/{year}"] = Answer(
            f'<h1>Town Board, {year}-02-03</h1><a href="/f/{year}.pdf">Agenda</a><a href="/m/deeper">x</a>'.encode()
        )
        server.pages[f"/f/{year}.pdf"] = Answer(pdf(str(year)))
    site = Site(
        "town.ca",
        scraper="web",
        start_year=2000,
        extra={"url": f"{server.url}/list/{{year}}", "follow": "/m/"},
    )
    result = fetch_site(site, store, FetchOptions(allow_private_hosts=True))
    assert labels(store) == [f"agenda TownBoard/{YEAR - 1}-02-03", f"agenda TownBoard/{YEAR}-02-03"]
    assert result.failures == []
    assert "/about" not in server.paths()
    assert "/m/deeper" not in server.paths()


def test_a_bad_download_is_listed_and_the_rest_is_kept(listing: Server, store: SiteStore) -> None:
    listing.pages["/files/2.pdf"] = Answer(b"<!doctype html><title>Sign in</title>")
    result = fetch(listing, store)
    assert result.new == 4
    (failure,) = result.failures
    assert (failure.kind, failure.meeting, failure.date) == ("minutes", "CityCouncil", f"{YEAR}-03-05")
    assert (failure.reason, failure.stage) == ("is an HTML page, not a PDF", "fetch")
    assert read_json(store.skipped_file)[0] == failure.to_json()
    listing.pages["/files/2.pdf"] = Answer(pdf("mended"))
    assert fetch(listing, store, options={"retry": True}).failures == []


def test_no_page_at_all_is_an_error_that_may_pass(server: Server, store: SiteStore) -> None:
    with pytest.raises(FetchError, match=r"no page could be read: .*answered 404"):
        fetch(server, store)


def test_private_hosts_are_refused_by_default(listing: Server, store: SiteStore) -> None:
    site = Site("town.ca", scraper="web", extra={"url": f"{listing.url}/meetings"})
    with pytest.raises(FetchError, match="private network"):
        fetch_site(site, store, FetchOptions())
    assert listing.seen == []


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ({}, "needs `url`"),
        ({"url": "ftp://x/"}, "bad address 'ftp://x/'"),
        ({"url": "https://x/", "kind": "video"}, "kind 'video'"),
        ({"url": "https://x/", "follow": "("}, "bad follow"),
        ({"url": "https://x/", "text": "a"}, "unknown key 'text'"),
        ([], "needs `url`"),
    ],
)
def test_a_bad_configuration_is_one_line(extra: Any, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        read_config({"subdomain": "town.ca", "extra": extra})


def test_the_schedule_of_a_site_is_none_of_the_fetcher_s_business() -> None:
    extra = {"url": "https://x/", "interval": "1w", "timezone": "America/Chicago"}
    assert read_config({"subdomain": "town.ca", "extra": extra}).urls == ("https://x/",)


def test_late_documents_are_looked_at_daily_and_old_ones_monthly() -> None:
    now = datetime(2024, 6, 1, tzinfo=UTC)
    hours, days = (now - timedelta(hours=5)).isoformat(), (now - timedelta(days=5)).isoformat()
    assert is_due("", "2024-05-20", now)
    assert not is_due(hours, "2024-05-20", now)
    assert is_due(days, "2024-05-20", now)
    assert is_due(days, "2024-07-01", now)
    assert not is_due(days, "2020-01-01", now)
    assert is_due("2024-04-01T00:00:00+00:00", "2020-01-01", now)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        # The link's own words win over what stands around it, and over the file's name.
        (
            (
                "<h2>Council</h2><table><tr><td>May 1, 2024</td>"
                '<td><a href="u_2024-05-09.pdf">Agenda May 2, 2024</a></td></tr></table>'
            ),
            ("Council", "2024-05-02", "agenda"),
        ),
        # Two dates in a row: the file's name settles it.
        (
            (
                "<h2>Council</h2><table><tr><td>2024-05-01 and 2024-05-02</td>"
                '<td><a href="Agenda_05012024.pdf">x</a></td></tr></table>'
            ),
            ("Council", "2024-05-01", "agenda"),
        ),
        # Neighbours' dates are not taken.
        ('<h2>Council</h2><ul><li>May 1, 2024</li><li><a href="x.pdf">Agenda</a></li></ul>', "names no date"),
        ('<h2>Council</h2><p><a href="x.pdf">Minutes of May 1 2024 and May 2 2024</a></p>', "several dates"),
        ('<p><a href="x.pdf">Minutes, May 1, 2024</a></p>', "names no body"),
        ('<h1>Council</h1><p><a href="x.pdf">May 1, 2024</a></p>', "neither agenda nor minutes"),
        (
            '<base href="/a/"><h1>Council</h1><a href="x.pdf">Minutes, May 1, 2024</a>',
            ("Council", "2024-05-01", "minutes"),
        ),
    ],
)
def test_what_a_link_says(html: str, expected: tuple[str, str, str] | str) -> None:
    (link,) = page_links(html, "https://town.example/meetings/")
    named = read_link(link, Rules())
    if isinstance(expected, str):
        assert expected in named.reason
    else:
        assert (named.body, named.date, named.kind) == expected
    assert link.url.startswith(
        "https://town.example/a/" if "<base" in html else "https://town.example/meetings/"
    )


@pytest.mark.parametrize(
    ("page", "pattern", "documents", "body"),
    [
        (
            "civicplus/cs-fresno__fre_farmersville_city_council.html",
            "ViewFile",
            48,
            "FarmersvilleCityCouncil",
        ),
        ("civicplus/cs-fresno__fre_kingsburg_city_council.html", "ViewFile", 87, "CityCouncil"),
        ("civicplus/cs-fresno__fre_chowchilla_city_council.html", "ViewFile", 45, "CityCouncil"),
        ("granicus/cs-ca__west_hollywood_planning_commission.html", "Viewer.php", 136, "PlanningCommission"),
        ("granicus/cs-ca__ladwp.html", "Viewer.php", 499, "BoardofCommissioners"),
        ("municode/cs-fresno__clovis_city_council.html", r"\.pdf", 28, "CityCouncil"),
        ("onbase/cs-akr__akr_city_council.html", r"\.pdf", 7, "CityCouncil"),
        ("legistar/cs-coloh__colum_city_council.html", r"M=[AM]&", 6, "ColumbusCityCouncil"),
    ],
)
def test_pages_of_real_platforms(
    shared_data: Path, page: str, pattern: str, documents: int, body: str
) -> None:
    html = (shared_data / "recorded" / page).read_text(encoding="utf-8", errors="replace")
    extra = {"url": "https://town.example/", "link_pattern": pattern}
    config = read_config({"subdomain": "town.ca", "extra": extra})
    assert config.link is not None
    found: dict[str, Named] = {}
    for link in page_links(html, "https://town.example/"):
        if config.link.search(link.url) and "html=true" not in link.url:
            named = read_link(link, config.rules)
            if not named.reason:
                found.setdefault(link.url, named)
    assert len(found) == documents
    assert body in dict(Counter(named.body for named in found.values()).most_common(2))
