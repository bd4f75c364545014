"""Downloads over real HTTP: what is filed, what is quarantined, and what is asked for again."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clerk.fetch import client as client_module
from clerk.fetch.client import Client, Rate
from clerk.fetch.download import download
from clerk.fetch.run import FetchRun, running
from clerk.fetcher import Fetcher
from clerk.models import Document, Kind
from clerk.storage import read_json
from tests.fetch_server import Answer, Server, pdf

pytest_plugins = ("tests.fixtures_fetch",)
KEY = (Kind.MINUTES, "CityCouncil", "2024-03-05")


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch, fetch_run: FetchRun) -> list[float]:
    """What the client would have waited, in seconds; nothing is waited for."""
    waited: list[float] = []
    fetch_run._client = Client(fetch_run.limits, sleep=waited.append)
    return waited


def fetcher(run: FetchRun) -> Fetcher:
    with running(run):
        return Fetcher({"subdomain": "town.ca", "start_year": 2020, "pages": 0, "extra": "{}"})


def stems(run: FetchRun) -> list[str]:
    return [document.stem for document in run.store.documents()]


def test_a_pdf_is_filed_with_its_source(server: Server, fetch_run: FetchRun) -> None:
    server.pages["/a.pdf"] = Answer(
        pdf("a"), headers={"ETag": '"1"', "Last-Modified": "Tue, 05 Mar 2024 10:00:00 GMT"}
    )
    assert download(fetch_run, KEY, f"{server.url}/a.pdf").status == "new"
    document = Document("town.ca", *KEY[:2], KEY[2])
    assert fetch_run.store.pdf(document).read_bytes() == pdf("a")
    assert fetch_run.store.pdf(document).stat().st_mode & 0o777 == 0o644
    source = read_json(fetch_run.store.source_file(document))
    assert (source["origin"], source["size"], source["etag"]) == (f"{server.url}/a.pdf", len(pdf("a")), '"1"')
    assert download(fetch_run, KEY, f"{server.url}/a.pdf").status == "same"
    assert server.seen[-1][2]["if-none-match"] == '"1"'
    assert server.seen[-1][2]["accept-encoding"] == "identity"


def test_the_same_address_is_the_same_document_and_is_replaced(server: Server, fetch_run: FetchRun) -> None:
    server.pages["/a.pdf"] = [Answer(pdf("draft")), Answer(pdf("final"))]
    assert [download(fetch_run, KEY, f"{server.url}/a.pdf").status for _ in range(3)] == [
        "new",
        "replace",
        "same",
    ]
    assert stems(fetch_run) == ["2024-03-05"]


def test_two_meetings_of_one_day_both_survive(server: Server, fetch_run: FetchRun) -> None:
    server.pages |= {"/a.pdf": Answer(pdf("a")), "/b.pdf": Answer(pdf("b")), "/copy.pdf": Answer(pdf("a"))}
    for _ in range(3):
        for name in ("a", "b", "copy"):
            download(fetch_run, KEY, f"{server.url}/{name}.pdf")
        assert stems(fetch_run) == ["2024-03-05", "2024-03-05-2"]


def test_a_bad_answer_never_replaces_a_good_file(server: Server, fetch_run: FetchRun) -> None:
    page = b"<html><body>Please log in</body></html>"
    server.pages["/a.pdf"] = [Answer(pdf("a")), Answer(page)]
    url = f"{server.url}/a.pdf"
    assert [download(fetch_run, KEY, url).status for _ in range(2)] == ["new", "failed"]
    assert fetch_run.store.pdf(fetch_run.store.documents()[0]).read_bytes() == pdf("a")
    (entry,) = fetch_run.quarantine.all()
    assert (entry.origin, entry.reason, entry.attempts) == (url, "is an HTML page, not a PDF", 1)
    assert (fetch_run.store.quarantine / entry.name).read_bytes() == page


@pytest.mark.parametrize(
    ("answer", "reason", "transient"),
    [
        (Answer(b""), "is empty (0 bytes)", False),
        (Answer(b"gone", 404), "The server answered 404 Not Found.", False),
        (Answer(b"%PDF-" + b"x" * 200_000), "The download is larger than 0 MB.", False),
        (Answer(b"busy", 503), "The server answered 503 Service Unavailable.", True),
        (Answer(pdf("cut"), length=9_000), "The download broke off", True),
    ],
)
def test_failures_are_recorded_and_left_alone_for_a_while(
    server: Server, fetch_run: FetchRun, answer: Answer, reason: str, transient: bool
) -> None:
    server.pages["/a.pdf"] = answer
    url = f"{server.url}/a.pdf"
    assert download(fetch_run, KEY, url).status == "failed"
    (entry,) = fetch_run.quarantine.all()
    assert entry.reason.startswith(reason)
    assert entry.transient is transient
    assert stems(fetch_run) == []
    assert not [name for name in os.listdir(fetch_run.store.quarantine) if name.endswith(".part")]
    asked = len(server.seen)
    assert download(fetch_run, KEY, url).status == "waits"
    assert len(server.seen) == asked
    # After the back-off it is tried again, and counted on; a success clears it.
    early = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    fetch_run.quarantine._known[entry.name] = replace(entry, at=early)
    download(fetch_run, KEY, url)
    assert fetch_run.quarantine.all()[0].attempts == 2
    server.pages["/a.pdf"] = Answer(pdf("good"))
    fetch_run.retry = True
    assert download(fetch_run, KEY, url).status == "new"
    assert fetch_run.quarantine.all() == []
    assert not [name for name in os.listdir(fetch_run.store.quarantine) if name.endswith(".json")]


def test_a_failed_download_is_tried_at_once_when_its_source_changed(
    server: Server, fetch_run: FetchRun
) -> None:
    server.pages["/a.pdf"] = Answer(b"<html>", headers={"Last-Modified": "Tue, 05 Mar 2024 10:00:00 GMT"})
    url = f"{server.url}/a.pdf"
    assert [download(fetch_run, KEY, url).status for _ in range(2)] == ["failed", "waits"]
    assert fetch_run.quarantine.all()[0].attempts == 1
    server.pages["/a.pdf"] = Answer(pdf("a"), headers={"Last-Modified": "Wed, 06 Mar 2024 10:00:00 GMT"})
    assert download(fetch_run, KEY, url).status == "new"


def test_a_busy_server_is_asked_again_after_the_time_it_names(
    server: Server, fetch_run: FetchRun, waits: list[float]
) -> None:
    server.pages["/a.pdf"] = [Answer(b"", 429, {"Retry-After": "7"}), Answer(b"", 503), Answer(pdf("a"))]
    assert download(fetch_run, KEY, f"{server.url}/a.pdf").status == "new"
    assert waits[0] == 7
    assert 0 < waits[1] < 3


def test_a_server_that_asks_for_an_hour_is_not_waited_for(
    server: Server, fetch_run: FetchRun, waits: list[float]
) -> None:
    server.pages["/a.pdf"] = Answer(b"", 429, {"Retry-After": "3600"})
    assert download(fetch_run, KEY, f"{server.url}/a.pdf").status == "failed"
    assert waits == []
    assert len(server.seen) == 1


def test_a_download_that_drips_has_a_deadline(
    server: Server, fetch_run: FetchRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 100_000, 500))
    monkeypatch.setattr("clerk.fetch.client.time.monotonic", lambda: float(next(clock)))
    server.pages["/a.pdf"] = Answer(pdf("a"))
    download(fetch_run, KEY, f"{server.url}/a.pdf")
    assert "did not end within 20 s" in fetch_run.quarantine.all()[0].reason


def test_redirects_are_followed_but_not_for_ever(server: Server, fetch_run: FetchRun) -> None:
    server.pages["/a"] = Answer(b"", 302, {"Location": "/b.pdf"})
    server.pages["/b.pdf"] = Answer(pdf("b"))
    server.pages["/loop"] = Answer(b"", 302, {"Location": "/loop"})
    server.pages["/file"] = Answer(b"", 302, {"Location": "file:///etc/passwd"})
    assert download(fetch_run, KEY, f"{server.url}/a").status == "new"
    assert "redirects more than" in download(fetch_run, KEY, f"{server.url}/loop").reason
    assert "is no web address" in download(fetch_run, KEY, f"{server.url}/file").reason


def test_request_returns_any_status_and_forgets_cookies(server: Server, fetch_run: FetchRun) -> None:
    server.pages["/page"] = Answer(b"hello", 500, {"Set-Cookie": "session=abc"})
    made = fetcher(fetch_run)
    response = made.request("POST", f"{server.url}/page", data={"a": "1"}, cookies={"mine": "2"})
    assert response is not None
    assert (response.status_code, response.text, response.request.method) == (500, "hello", "POST")
    assert dict(response.cookies) == {"session": "abc"}
    assert server.seen[-1][2]["cookie"] == "mine=2"
    made.request("GET", f"{server.url}/page")
    assert "cookie" not in server.seen[-1][2]


def test_request_returns_none_where_there_is_no_answer(server: Server, fetch_run: FetchRun) -> None:
    made = fetcher(fetch_run)
    server.pages["/big"] = Answer(b"x" * 200_000)
    assert made.request("GET", f"{server.url}/big") is None
    server.close()
    assert made.request("GET", f"{server.url}/page") is None
    assert made.request("GET", "ftp://example.org/x") is None
    assert made.request("GET", "http://[") is None


def test_a_compressed_answer_is_counted_as_it_unfolds(server: Server, fetch_run: FetchRun) -> None:
    import gzip

    server.pages["/page"] = Answer(gzip.compress(b"text"), headers={"Content-Encoding": "gzip"})
    server.pages["/bomb"] = Answer(gzip.compress(b"0" * 5_000_000), headers={"Content-Encoding": "gzip"})
    made = fetcher(fetch_run)
    response = made.request("GET", f"{server.url}/page")
    assert response is not None
    assert response.text == "text"
    assert made.request("GET", f"{server.url}/bomb") is None


@pytest.mark.parametrize("kind", ["minutes", "agenda", "agendas", "minutes_output_dir", "agendas_output_dir"])
def test_a_kind_may_be_a_folder(server: Server, fetch_run: FetchRun, kind: str) -> None:
    server.pages["/a.pdf"] = Answer(pdf("a"))
    made = fetcher(fetch_run)
    made.fetch_and_write_pdf(
        f"{server.url}/a.pdf", getattr(made, kind, kind), "NewBody", "2024-03-05", {"X-Key": "1"}
    )
    (document,) = fetch_run.store.documents()
    assert document.kind is (Kind.MINUTES if kind.startswith("minutes") else Kind.AGENDA)
    assert made.check_if_exists("NewBody", "2024-03-05", document.kind.value) is True
    assert server.seen[-1][2]["x-key"] == "1"


@pytest.mark.parametrize(
    ("kind", "meeting", "date", "reason"),
    [
        ("minutes", "Council", "not a date", "'not a date' is no ISO date"),
        ("minutes", "Council", "", "'' is no ISO date"),
        ("minutes", "Council", "2024-3-5", "is no ISO date"),
        ("minutes", "Council", "20240305", "is no ISO date"),
        ("minutes", "Council", "../../x", "is no ISO date"),
        ("minutes", "", "2024-03-05", "its meeting has no name"),
        ("minutes", "..", "2024-03-05", "its meeting has no name"),
        ("minutes", "議" * 120, "2024-03-05", "name is too long"),
        ("video", "Council", "2024-03-05", "neither minutes nor agenda"),
    ],
)
def test_what_cannot_be_filed_is_left_out_without_a_request(
    server: Server, fetch_run: FetchRun, kind: str, meeting: str, date: str, reason: str
) -> None:
    made = fetcher(fetch_run)
    assert made.fetch_and_write_pdf(f"{server.url}/a.pdf", kind, meeting, date) is None
    assert made.check_if_exists(meeting, date, kind) is False
    assert server.seen == []
    assert reason in fetch_run.skipped[0].reason


@pytest.mark.parametrize("meeting", ["../../../etc", "a/b", "/abs", "_records", ".hidden", "x\x00y", "a\\b"])
def test_names_from_outside_stay_in_the_site_s_folder(
    server: Server, fetch_run: FetchRun, meeting: str
) -> None:
    server.pages["/a.pdf"] = Answer(pdf("a"))
    made = fetcher(fetch_run)
    made.fetch_and_write_pdf(f"{server.url}/a.pdf", "minutes", meeting, "2024-03-05")
    (document,) = fetch_run.store.documents()
    parent = fetch_run.store.pdf(document).resolve().parent
    assert parent.parent == Path(made.minutes_output_dir).resolve()
    assert made.check_if_exists(meeting, "2024-03-05", "minutes") is True


def test_a_host_is_asked_at_a_polite_rate() -> None:
    now = 100.0
    rate = Rate(lambda: now)
    waits = [rate.reserve("a.gov", 4.0, 2) for _ in range(4)]
    assert waits == [0.0, 0.0, 0.25, 0.5]
    assert rate.reserve("b.gov", 4.0, 2) == 0.0
    now = 110.0
    assert rate.reserve("a.gov", 4.0, 2) == 0.0


def test_the_wait_of_a_retry_after_date_is_counted_from_now() -> None:
    import httpx

    later = (datetime.now(UTC) + timedelta(seconds=20)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert 15 < client_module._wait(httpx.Response(503, headers={"Retry-After": later}), 1) <= 20
    assert 0 < client_module._wait(httpx.Response(503, headers={"Retry-After": "soon"}), 1) < 1
