"""Images of pages: drawn when they are asked for, or kept and handed to plug-ins."""

from __future__ import annotations

import asyncio
import io
import sqlite3
from contextlib import closing
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from clerk.isolation import Child
from clerk.pdf import picture
from clerk.serve.address import is_page_path
from clerk.serve.cache import FileCache
from clerk.serve.pages import Pages
from clerk.serve.workers import PageWorkers
from clerk.settings import load
from clerk.stages import images, plan, uploads
from clerk.stages.account import failures
from clerk.stages.retry import forget
from clerk.storage import SiteStore, image_cache
from tests.child_drawing import recognise_and_draw
from tests.fixtures_pipeline import scanned_pdf, text_pdf
from tests.page_sites import AGENDA, MINUTES, ask, process, settings_of, site

AGENDA_PATH = "/oak.ca/_agendas/Parks%20%26%20Rec./2024-03-01-2/2.png"


def test_every_image_that_the_database_names_is_drawn_from_its_pdf(tmp_path: Path) -> None:
    store = site(tmp_path)
    with closing(sqlite3.connect(store.database)) as connection:
        names = [
            row[0]
            for table in ("agendas", "minutes")
            for row in connection.execute(f"SELECT page_image FROM {table}")
        ]
    assert len(names) == 4
    answers = ask(store, *(f"/oak.ca{name}" for name in names), f"/meetings{names[0]}")
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/png"
        picture_of = Image.open(io.BytesIO(answer.content))
        assert picture_of.mode == "L"
        assert picture_of.width in (1240, 1275)
        assert picture_of.getextrema()[0] < 100, "something is printed on it"
    assert len({answer.content for answer in answers[:4]}) == 4


def test_an_image_is_cached_and_has_a_tag_that_changes_with_the_pdf(tmp_path: Path) -> None:
    store = site(tmp_path)
    first = ask(store, AGENDA_PATH, AGENDA_PATH)
    assert first[0].content == first[1].content
    cached = list(image_cache(tmp_path).glob("*/*.png"))
    assert len(cached) == 1
    tag = first[0].headers["etag"]
    again = ask(store, AGENDA_PATH, headers={"If-None-Match": tag})[0]
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    head = ask(store, AGENDA_PATH, method="HEAD")[0]
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(first[0].content)
    text_pdf(store.pdf(AGENDA), 3, "Another text.")
    other = ask(store, AGENDA_PATH, headers={"If-None-Match": tag})[0]
    assert other.status_code == 200
    assert other.headers["etag"] != tag
    assert other.content != first[0].content


@pytest.mark.parametrize(
    "path",
    [
        "/oak.ca/_agendas/Parks%20%26%20Rec./2024-03-01-2/9.png",
        "/oak.ca/_agendas/Parks%20%26%20Rec./2024-03-01-2/0.png",
        "/oak.ca/_agendas/Parks%20%26%20Rec./2024-03-01-2/01.png",
        "/oak.ca/Parks%20%26%20Rec./2024-03-01-2/1.png",
        "/oak.ca/Board/2024-03-02/1.png",
        "/oak.ca/Board/../1.png",
        "/oak.ca/..%2F..%2Fetc/2024-03-01/1.png",
        "/oak.ca/%2E%2E/2024-03-01/1.png",
        "/oak.ca/Board%00/2024-03-01/1.png",
        "/oak.ca/Board/2024-03-01/..%2F1.png",
        "/oak.ca/Board/2024-03-01/%31%0A.png",
        "/other.ca/Board/2024-03-01/1.png",
        "/..%2Foak.ca/Board/2024-03-01/1.png",
    ],
)
def test_what_is_no_page_of_a_served_site_is_not_found(tmp_path: Path, path: str) -> None:
    store = site(tmp_path)
    assert ask(store, path)[0].status_code == 404


def test_addresses_of_datasette_are_left_to_it(tmp_path: Path) -> None:
    assert not is_page_path("/oak.ca/minutes/0123.png")
    assert not is_page_path("/-/static/x.png")
    listing = ask(site(tmp_path), "/oak.ca/agendas.json?_shape=objects")[0].json()
    page = ask(SiteStore(tmp_path, "oak.ca"), f"/oak~2Eca/agendas/{listing['rows'][1]['id']}")[0]
    assert page.status_code == 200
    assert f'<img src="{AGENDA_PATH}"' in page.text
    assert "text 2" in page.text


def test_a_page_that_cannot_be_drawn_says_so_and_is_not_tried_at_once_again(tmp_path: Path) -> None:
    store = site(tmp_path)
    store.pdf(MINUTES).write_bytes(b"%PDF-1.4 nothing in it")
    sites, drawn = {"oak.ca": store}, FileCache(tmp_path / "cache", 1_000_000)

    async def main() -> list[tuple[int, bytes]]:
        workers = PageWorkers()
        served = Pages(sites, drawn, workers)
        try:
            answers = [await served.get("/oak.ca/Board/2024-03-01/1.png") for _ in range(2)]
            pid = workers.children[0].pid
            late = Pages(sites, drawn, PageWorkers(timeout=0.0001))
            answers.append(await late.get(AGENDA_PATH))
            late.close()
            assert pid is not None
            return [(answer.status, answer.body) for answer in answers]
        finally:
            served.close()

    first, second, late = asyncio.run(main())
    assert first == second
    assert first[0] == 500
    assert b"cannot be shown" in first[1]
    assert late[0] == 504


def test_a_file_that_is_no_pdf_is_named_as_what_it_is(tmp_path: Path) -> None:
    store = site(tmp_path)
    store.pdf(AGENDA).write_text("<html>not found</html>")
    (answer,) = ask(store, AGENDA_PATH)
    assert answer.status_code == 500
    assert answer.text == "This page cannot be shown: is an HTML page, not a PDF"


# --- Kept images ---------------------------------------------------------------------------------------------


TAKER = """
from clerk import hookimpl

class Cdn:
    @hookimpl
    def upload_static_file(self, file_path, storage_path):
        pass
"""


def test_images_are_kept_where_a_plugin_takes_them_or_the_setting_says_so(tmp_path: Path) -> None:
    store = site(tmp_path)
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "cdn.py").write_text(TAKER)
    assert images.wanted(settings_of(store))
    assert not images.wanted(settings_of(store, page_images="on-demand"))
    none = load(storage_dir=tmp_path, plugins_dir=tmp_path / "none")
    assert not images.wanted(none)
    assert images.wanted(load(storage_dir=tmp_path, plugins_dir=tmp_path / "none", page_images="stored"))
    assert uploads.due(store, none) == 0


def test_images_that_are_wanted_later_are_made_without_recognising_again(tmp_path: Path) -> None:
    store = site(tmp_path)
    process(store, keep=False)
    assert store.image_pages(MINUTES) == store.image_pages(AGENDA) == set()
    before = plan.records(store)
    process(store)
    assert store.image_pages(MINUTES) == store.image_pages(AGENDA) == {1, 2}
    assert plan.records(store)[MINUTES].pages == before[MINUTES].pages
    assert plan.documents_to_read(store, plan.records(store), images=True) == []


def test_a_page_without_image_keeps_its_text_is_listed_and_can_be_retried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = site(tmp_path)
    monkeypatch.setattr("clerk.stages.images.picture", Broken)
    process(store)
    known = plan.records(store)
    assert {entry.done for record in known.values() for entry in record.pages.values()} == {True}
    letters = failures(store, known)
    assert {(letter.page, letter.stage) for letter in letters} == {(1, "read"), (2, "read")}
    assert all("no image" in letter.reason for letter in letters)
    assert plan.documents_to_read(store, known, images=True) == []
    monkeypatch.undo()
    assert forget(store) == 2
    process(store)
    assert failures(store, plan.records(store)) == []
    assert store.image_pages(MINUTES) == store.image_pages(AGENDA) == {1, 2}


class Broken:
    """Stands in for the module that draws."""

    @staticmethod
    def png(path: Path, page: int) -> bytes:
        raise ValueError(f"no page {page}")


def test_the_image_is_made_of_the_pixels_that_were_recognised(tmp_path: Path) -> None:
    gray = bytes(range(200)) * 100
    picture.keep(tmp_path / "gone.pdf", 3, 199, 100, 200, gray)
    made = Image.open(io.BytesIO(picture.png(tmp_path / "gone.pdf", 3)))
    assert made.size == (199, 100)
    assert made.tobytes() == b"".join(gray[at : at + 199] for at in range(0, 20_000, 200))


def test_recognition_hands_over_the_page_that_it_drew(tmp_path: Path) -> None:
    scanned_pdf(tmp_path / "scan.pdf", ["A page."])
    with pymupdf.open(tmp_path / "scan.pdf") as document:
        drawn = document[0].get_pixmap(dpi=150, colorspace=pymupdf.csGRAY)
    isolated = Child(1024)
    try:
        data = isolated.call(recognise_and_draw, str(tmp_path / "scan.pdf"), timeout=60)
    finally:
        isolated.close()
    made = Image.open(io.BytesIO(data))
    assert (made.width, made.height, made.tobytes()) == (drawn.width, drawn.height, drawn.samples)
