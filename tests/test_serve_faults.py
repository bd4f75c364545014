"""What goes wrong while the server runs: files that go, are damaged, slow, or made to be."""

from __future__ import annotations

import asyncio
import itertools
import json
import signal
import socket
import sqlite3
import string
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from clerk import layout
from clerk.errors import DocumentError, UsageError
from clerk.layout import WordBox
from clerk.models import Document, DocumentRecord, PageRecord, Source
from clerk.serve import hits
from clerk.serve.app import make_app, make_datasette
from clerk.serve.cache import FileCache
from clerk.serve.pages import Pages
from clerk.serve.workers import MAX_WAITING, PageWorkers
from clerk.storage import SiteStore, image_cache
from tests.page_sites import MINUTES, ask, site
from tests.test_serve import build

PAGE = "/oak.ca/Board/2024-03-01/1"


def ask_in_turn(root: Path, *steps: str | Callable[[], object]) -> list[httpx.Response]:
    """The answers of one server to the addresses among `steps`; what can be called is called between them."""

    async def main() -> list[httpx.Response]:
        # What the application raises is what its server answers with 500.
        transport = httpx.ASGITransport(make_app(make_datasette(root)), raise_app_exceptions=False)
        answers = []
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            for step in steps:
                if callable(step):
                    step()
                else:
                    answers.append(await client.get(step, follow_redirects=True))
        return answers

    return asyncio.run(main())


def count(answer: httpx.Response) -> int:
    return int(answer.json()["filtered_table_rows_count"])


@pytest.mark.parametrize("how", ["gone", "damaged in place", "replaced by rubbish", "damaged within"])
def test_a_database_that_cannot_be_read_takes_no_other_site_with_it(
    tmp_path: Path, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    build(tmp_path, "a.town", 2)
    store = build(tmp_path, "b.town", 3)
    good = store.database.read_bytes()

    def spoil() -> None:
        match how:
            case "gone":
                store.database.unlink()
            case "damaged in place":
                store.database.write_bytes(b"rubbish" * 1000)
            case "damaged within":
                store.database.write_bytes(good[:100] + b"\xff" * 2000 + good[2100:])
            case _:
                (tmp_path / "new").write_bytes(b"rubbish" * 1000)
                (tmp_path / "new").replace(store.database)

    theirs, mine = "/b.town/agendas.json?_shape=objects", "/a.town/agendas.json?_shape=objects"
    before, index, listing, other, *lost, back = ask_in_turn(
        tmp_path,
        theirs,
        spoil,
        "/",
        "/-/databases.json",
        mine,
        theirs,
        theirs,
        "/b.town",
        lambda: build(tmp_path, "b.town", 5, "again", token=2),
        theirs,
    )
    assert count(before) == 3
    assert (index.status_code, listing.status_code, other.status_code) == (200, 200, 200)
    assert count(other) == 2
    assert [answer.status_code for answer in lost] == [404, 404, 200]
    assert count(back) == 5, "as soon as it is there again"
    said = [record.getMessage() for record in caplog.records if record.name == "clerk.serve.app"]
    assert len(said) == 1
    assert said[0].startswith("b.town: ")
    assert "\n" not in said[0]


def test_a_server_starts_beside_a_damaged_database(tmp_path: Path) -> None:
    build(tmp_path, "a.town", 2)
    build(tmp_path, "b.town", 2).database.write_bytes(b"rubbish" * 1000)
    index, other = ask_in_turn(tmp_path, "/", "/a.town/agendas.json?_shape=objects")
    assert (index.status_code, count(other)) == (200, 2)


def test_a_database_that_could_not_be_opened_once_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path, "a.town", 2)

    def refuse() -> None:
        monkeypatch.setattr("clerk.serve.app.ReplacedDatabase.connect", unable)

    address = "/a.town/agendas.json?_shape=objects"
    lost, back = ask_in_turn(tmp_path, refuse, address, monkeypatch.undo, address)
    assert lost.status_code == 404
    assert count(back) == 2


def unable(self: Any, write: bool = False) -> None:
    raise sqlite3.OperationalError("unable to open database file")


def test_the_whole_file_of_a_database_is_not_to_be_had(tmp_path: Path) -> None:
    build(tmp_path, "a.town", 1)
    (answer,) = ask_in_turn(tmp_path, "/a.town.db")
    assert answer.status_code == 404


# --- Queue and failures ---------------------------------------------------------------------------------------


def recognised(store: SiteStore, document: Document, text: str) -> None:
    """Page 1 of `document` as recognition leaves it, with a place for each word."""
    boxes = [WordBox(0.1, 0.1, 0.2, 0.12, 90.0)] * len(layout.words(text))
    entry = PageRecord(1, "done", source=Source.OCR)
    store.write_page(document, entry, text, layout=layout.encode(text, boxes))
    store.write_record(DocumentRecord(document, "", 1, 0, 1, "2", {1: entry}))


def test_what_is_kept_does_not_wait_behind_pages_that_are_drawn(tmp_path: Path) -> None:
    """Images that are stored or cached, and words of recognised pages."""
    store = site(tmp_path)
    (cached,) = ask(store, f"{PAGE}.png")
    store.image(MINUTES, 2).parent.mkdir(parents=True)
    store.image(MINUTES, 2).write_bytes(b"a stored image")
    recognised(store, MINUTES, "The first page.")
    go = threading.Event()

    async def main() -> list[tuple[int, bytes]]:
        workers = PageWorkers()
        served = Pages({"oak.ca": store}, FileCache(image_cache(tmp_path), 1_000_000), workers)
        busy = [
            asyncio.create_task(workers.once(f"slow {n}", lambda _: go.wait(60))) for n in range(MAX_WAITING)
        ]
        try:
            paths = (f"{PAGE}.png", "/oak.ca/Board/2024-03-01/2.png", f"{PAGE}.json")
            drawn = "/oak.ca/_agendas/Parks%20%26%20Rec./2024-03-01-2/1.png"
            answers = [await asyncio.wait_for(served.get(path), 20) for path in (*paths, drawn)]
        finally:
            go.set()
            await asyncio.gather(*busy)
            served.close()
        return [(answer.status, answer.body) for answer in answers]

    first, stored, words, new = asyncio.run(main())
    assert first == (200, cached.content)
    assert stored == (200, b"a stored image")
    assert [word["text"] for word in json.loads(words[1])["words"]] == ["The", "first", "page."]
    assert new[0] == 503, "what is to be drawn waits its turn"


def test_a_failure_that_is_told_again_does_not_grow() -> None:
    def fail(call: Any) -> None:
        raise DocumentError("is damaged", advice="Fetch it again.")

    depths: list[int] = []

    async def main() -> list[DocumentError]:
        workers, raised = PageWorkers(), []
        for _ in range(50):
            with pytest.raises(DocumentError, match="is damaged") as caught:
                await workers.once("page", fail)
            raised.append(caught.value)
            depths.append(len(list(entries(caught.value))))
        workers.close()
        return raised

    raised = asyncio.run(main())
    assert len(set(depths[1:])) == 1, "each is raised once"
    assert {error.advice for error in raised} == {"Fetch it again."}


def entries(error: BaseException) -> Any:
    trace = error.__traceback__
    while trace is not None:
        yield trace
        trace = trace.tb_next


# --- Searches -------------------------------------------------------------------------------------------------


def test_words_that_are_repeated_are_looked_for_once() -> None:
    text = "a " * 100_000
    began = time.process_time()
    found = hits.spans(text, " ".join(["a*"] * 100))
    assert len(found) == 100_000
    assert time.process_time() - began < 3


def test_a_search_that_would_take_long_is_refused_at_once(tmp_path: Path) -> None:
    words = ["".join(pair) for pair in itertools.product(string.ascii_lowercase, repeat=2)][:100]
    searched = "+".join(f"{word}*" for word in words)
    store = site(tmp_path)
    recognised(store, MINUTES, "ab cd ef " * 3)
    fine, some = ask(store, f"{PAGE}.json?q={searched}", f"{PAGE}.json?q=ab")
    assert [len(answer.json()["words"]) for answer in (fine, some)] == [6, 3]
    text = "ab cd ef " * 30_000
    store.text(MINUTES, 1).write_text(text, encoding="utf-8")
    words_of, marks = ask(store, f"{PAGE}.json?q={searched}", f"{PAGE}.svg?q={searched}")
    assert (words_of.status_code, marks.status_code) == (400, 400)
    assert "too long" in words_of.json()["error"]
    with pytest.raises(UsageError, match="too long"):
        hits.spans("a " * hits.MOST_TEXT, "a")


@pytest.mark.parametrize("sign", ["\uffff", "\ufffe", "\x08", "\x1b"])
def test_marks_are_xml_whatever_stands_in_a_word(tmp_path: Path, sign: str) -> None:
    store = site(tmp_path)
    recognised(store, MINUTES, f"The bud{sign}get & more")
    (marks,) = ask(store, f"{PAGE}.svg?q=bud*")
    (title,) = ElementTree.fromstring(marks.content).iter("{http://www.w3.org/2000/svg}title")
    assert str(title.text).startswith("bud\ufffdget")


# --- Imported texts -------------------------------------------------------------------------------------------


def test_places_of_words_count_in_the_text_that_the_database_holds(tmp_path: Path) -> None:
    store = site(tmp_path)
    recognised(store, MINUTES, "The first page.")
    store.text(MINUTES, 1).write_bytes(b"one\r\ntwo caf\xe9")
    (answer,) = ask(store, f"{PAGE}.json")
    kept = b"one\r\ntwo caf\xe9".decode(errors="replace")
    assert [kept[word["start"] : word["end"]] for word in answer.json()["words"]] == kept.split()


# --- The process ----------------------------------------------------------------------------------------------


def serve(root: Path, port: int) -> subprocess.Popen[str]:
    environment = {"STORAGE_DIR": str(root), "PATH": "/usr/bin:/bin", "HOME": str(root)}
    argv = [sys.executable, "-m", "clerk", "serve", "--port", str(port)]
    return subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, env=environment, cwd=root)


@pytest.mark.e2e
def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    build(tmp_path, "town", 1)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        process = serve(tmp_path, port)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.startswith(f"clerk: Port {port} ")
    assert "--port" in said
    assert said.count("\n") == 1
    assert "http://" not in said, "nothing is served there"


@pytest.mark.e2e
def test_the_address_is_told_once_it_answers_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    build(tmp_path, "town", 1)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = serve(tmp_path, port)
    try:
        assert process.stderr is not None
        assert f"http://127.0.0.1:{port}" in process.stderr.readline()
        assert httpx.get(f"http://127.0.0.1:{port}/town/agendas.json", timeout=30).status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(30) in (0, -signal.SIGINT, 130)
        assert "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.wait()
