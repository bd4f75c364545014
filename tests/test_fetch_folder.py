"""The built-in folder fetcher: what it takes, what it leaves out and why, and what it does the second time."""

from __future__ import annotations

import csv
import hashlib
import os
import time
from pathlib import Path

import pytest

from clerk.errors import UsageError
from clerk.fetch import FetchOptions, FetchResult, fetch_site
from clerk.models import Document, Kind, PageRecord, Site
from clerk.storage import SiteStore, read_json
from tests.fetch_server import pdf


@pytest.fixture
def store(tmp_path: Path) -> SiteStore:
    return SiteStore(tmp_path / "sites", "town.ca")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "inbox"
    path.mkdir()
    return path


def put(folder: Path, name: str, content: bytes | None = None) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pdf(name) if content is None else content)
    return path


def manifest(folder: Path, *rows: tuple[str, str, str, str]) -> None:
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([("path", "body", "date", "kind"), *rows])


def fetch(store: SiteStore, folder: Path, **site: object) -> FetchResult:
    return fetch_site(Site("town.ca", **site), store, FetchOptions(source_folder=folder))  # type: ignore[arg-type]


def names(store: SiteStore) -> list[str]:
    return sorted(document.label for document in store.documents())


def reasons(result: FetchResult) -> dict[str, str]:
    return {Path(entry.path).name: entry.reason for entry in result.skipped}


def test_every_layout_is_taken_and_the_source_stays_as_it_is(store: SiteStore, folder: Path) -> None:
    for name in (
        "CityCouncil/2024-03-05.pdf",
        "_agendas/CityCouncil/2024-03-05.pdf",
        "PlanningCommission_Agenda_03-05-2024.pdf",
        "City Council Minutes 2024-04-02.PDF",
        "School Board/Minutes-April-18-2023.pdf",
    ):
        put(folder, name)
    before = {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*.*") if path.is_file()
    }
    result = fetch(store, folder)
    assert names(store) == [
        "agenda CityCouncil/2024-03-05",
        "agenda PlanningCommission/2024-03-05",
        "minutes CityCouncil/2024-03-05",
        "minutes CityCouncil/2024-04-02",
        "minutes SchoolBoard/2023-04-18",
    ]
    assert (result.new, result.unchanged, result.updated, result.failures, result.skipped) == (
        5,
        0,
        0,
        [],
        [],
    )
    assert before == {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in before}
    copied = store.pdf(Document("town.ca", Kind.MINUTES, "CityCouncil", "2024-03-05"))
    assert not copied.samefile(folder / "CityCouncil" / "2024-03-05.pdf")
    source = read_json(store.source_file(Document("town.ca", Kind.MINUTES, "CityCouncil", "2024-03-05")))
    original = folder / "CityCouncil" / "2024-03-05.pdf"
    assert source["origin"] == str(original)
    assert source["sha256"] == hashlib.sha256(original.read_bytes()).hexdigest()
    assert (source["size"], source["mtime_ns"]) == (original.stat().st_size, original.stat().st_mtime_ns)


def test_the_storage_folder_of_another_site_is_a_source(
    store: SiteStore, folder: Path, tmp_path: Path
) -> None:
    put(folder, "Council/2024-03-05.pdf")
    put(folder, "_agendas/Council/2024-03-05.pdf")
    fetch(store, folder)
    other = SiteStore(tmp_path / "others", "village.ca")
    result = fetch_site(Site("village.ca"), other, FetchOptions(source_folder=store.folder))
    assert names(other) == names(store)
    assert result.skipped == []


def test_a_second_time_nothing_is_done_and_changed_files_are_replaced(store: SiteStore, folder: Path) -> None:
    first = put(folder, "Council/2024-03-05.pdf")
    put(folder, "Council/2024-03-06.pdf")
    fetch(store, folder)
    copies = {path: path.stat().st_mtime_ns for path in store.folder.rglob("*.pdf")}
    again = fetch(store, folder)
    assert (again.new, again.unchanged, again.updated) == (0, 2, 0)
    assert copies == {path: path.stat().st_mtime_ns for path in store.folder.rglob("*.pdf")}
    first.write_bytes(pdf("amended"))
    changed = fetch(store, folder)
    assert (changed.new, changed.unchanged, changed.updated) == (0, 1, 1)
    assert store.pdf(Document("town.ca", Kind.MINUTES, "Council", "2024-03-05")).read_bytes() == pdf(
        "amended"
    )


def test_a_copy_that_lost_its_end_is_made_again(store: SiteStore, folder: Path) -> None:
    put(folder, "Council/2024-03-05.pdf")
    fetch(store, folder)
    copy = store.pdf(store.documents()[0])
    copy.write_bytes(b"%PDF-")
    fetch(store, folder)
    assert copy.read_bytes() == pdf("Council/2024-03-05.pdf")


def test_two_files_of_one_day_stay_two_documents_and_keep_their_names(store: SiteStore, folder: Path) -> None:
    put(folder, "b/Council Agenda 2024-03-05.pdf")
    put(folder, "a/Council Agenda March 5, 2024.pdf")
    for _ in range(3):
        fetch(store, folder)
        assert names(store) == ["agenda Council/2024-03-05", "agenda Council/2024-03-05-2"]
    put(folder, "0/2024.03.05 Council Agenda.pdf")
    fetch(store, folder)
    day = [read_json(store.source_file(document))["origin"] for document in store.documents()]
    assert [Path(origin).parent.name for origin in day] == ["a", "b", "0"]


def test_the_same_content_twice_is_one_document(store: SiteStore, folder: Path) -> None:
    put(folder, "a/Council Agenda 2024-03-05.pdf", pdf("same"))
    twin = put(folder, "b/Council Agenda 2024-03-05.pdf", pdf("same"))
    for _ in range(2):
        result = fetch(store, folder)
        assert names(store) == ["agenda Council/2024-03-05"]
        assert [entry.path for entry in result.skipped] == [str(twin)]
        assert "has the content of" in result.skipped[0].reason
    # When the first one changes, the old content stays with the second: nothing is lost.
    (folder / "a/Council Agenda 2024-03-05.pdf").write_bytes(pdf("amended"))
    result = fetch(store, folder)
    assert result.skipped == []
    assert sorted(store.pdf(document).read_bytes() for document in store.documents()) == sorted(
        [pdf("same"), pdf("amended")]
    )
    assert (fetch(store, folder).unchanged, len(store.documents())) == (2, 2)


def test_a_folder_that_moved_brings_no_second_copies(store: SiteStore, folder: Path) -> None:
    put(folder, "Council/2024-03-05.pdf")
    fetch(store, folder)
    moved = folder.rename(folder.with_name("moved"))
    result = fetch(store, moved)
    assert (result.new, result.unchanged, result.skipped) == (0, 1, [])
    assert read_json(store.source_file(store.documents()[0]))["origin"].startswith(str(moved))


def test_what_is_not_clear_is_left_out_with_its_reason_and_a_manifest_settles_it(
    store: SiteStore, folder: Path
) -> None:
    put(folder, "Minutes-April-18-2023.pdf")
    put(folder, "scan0001.pdf")
    put(folder, "notes.txt", b"hello")
    result = fetch(store, folder)
    assert names(store) == []
    said = reasons(result)
    assert "nothing names its body" in said["Minutes-April-18-2023.pdf"]
    assert "names no date" in said["scan0001.pdf"]
    assert said["notes.txt"] == "skipped: it is no .pdf file"
    assert read_json(store.skipped_file) == [entry.to_json() for entry in result.skipped]
    manifest(
        folder,
        ("Minutes-April-18-2023.pdf", "Council", "2023-04-18", "minutes"),
        ("scan0001.pdf", "Council", "2023-04-19", "agenda"),
    )
    result = fetch(store, folder)
    assert names(store) == ["agenda Council/2023-04-19", "minutes Council/2023-04-18"]
    assert list(reasons(result)) == ["notes.txt"]


def test_day_and_month_are_not_guessed_outside_the_us(store: SiteStore, folder: Path) -> None:
    put(folder, "Council Agenda 03-05-2024.pdf")
    result = fetch(store, folder, country="CA")
    assert "2024-03-05 or 2024-05-03" in result.skipped[0].reason
    assert fetch(store, folder, country="US").new == 1


def test_bad_rows_of_a_manifest_are_one_line_each(store: SiteStore, folder: Path) -> None:
    for number in range(6):
        put(folder, f"{number}.pdf")
    manifest(
        folder,
        ("0.pdf", "Council", "2024-03-05", "minutes"),
        ("1.pdf", "", "2024-03-05", "minutes"),
        ("2.pdf", "Council", "03/05/2024", "minutes"),
        ("3.pdf", "Council", "2024-03-05", "report"),
        ("../4.pdf", "Council", "2024-03-05", "minutes"),
        ("gone.pdf", "Council", "2024-03-05", "minutes"),
        ("0.pdf", "Council", "2024-03-06", "minutes"),
    )
    result = fetch(store, folder)
    assert names(store) == []
    said = reasons(result)
    assert "line 3: names no body" in said["1.pdf"]
    assert "line 4: the date '03/05/2024' is not YYYY-MM-DD" in said["2.pdf"]
    assert "line 5: the kind 'report'" in said["3.pdf"]
    assert "line 8: names the file again" in said["0.pdf"]
    assert "it is not there" in said["gone.pdf"]
    assert any("leaves the folder" in reason for reason in said.values())
    assert all("\n" not in reason for reason in said.values())


def test_a_corrected_manifest_moves_the_document(store: SiteStore, folder: Path) -> None:
    put(folder, "x.pdf")
    manifest(folder, ("x.pdf", "Council", "2024-03-05", "minutes"))
    fetch(store, folder)
    (before,) = store.documents()
    store.write_page(before, PageRecord(1, "done"), "read while it was filed there")
    manifest(folder, ("x.pdf", "Planning", "2024-03-06", "agenda"))
    fetch(store, folder)
    assert names(store) == ["agenda Planning/2024-03-06"]
    assert [document.label for document in store.documents()] == ["agenda Planning/2024-03-06"]
    assert store.page_records(before) == {}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"path,body,date\nx.pdf,a,2024-01-01\n", "lacks the column 'kind'"),
        (b"\xff\xfe\x00p", "no CSV file in UTF-8"),
    ],
)
def test_a_manifest_that_cannot_be_read_ends_the_fetch(
    store: SiteStore, folder: Path, content: bytes, reason: str
) -> None:
    (folder / "manifest.csv").write_bytes(content)
    with pytest.raises(UsageError, match=reason):
        fetch(store, folder)


def test_files_that_are_no_pdf_fail_with_their_reason_until_they_change(
    store: SiteStore, folder: Path
) -> None:
    put(folder, "Council/2024-03-05.pdf", b"<!DOCTYPE html><html><body>503</body></html>")
    empty = put(folder, "Council/2024-03-06.pdf", b"")
    for _ in range(2):
        result = fetch(store, folder)
        assert [(entry.reason, entry.attempts) for entry in result.failures] == [
            ("is an HTML page, not a PDF", 1),
            ("is empty (0 bytes)", 1),
        ]
        assert names(store) == []
    assert [entry["path"] for entry in read_json(store.skipped_file)][1] == str(empty)
    empty.write_bytes(pdf("now"))
    result = fetch(store, folder)
    assert names(store) == ["minutes Council/2024-03-06"]
    assert len(result.failures) == 1
    (folder / "Council/2024-03-05.pdf").unlink()
    assert fetch(store, folder).failures == []
    assert not [path for path in store.quarantine.iterdir() if path.name.endswith(".part")]


def test_links_that_leave_the_folder_are_not_followed(store: SiteStore, folder: Path, tmp_path: Path) -> None:
    secret = put(tmp_path / "private", "Council/2024-03-05.pdf")
    (folder / "Council").mkdir()
    (folder / "Council/2024-03-05.pdf").symlink_to(secret)
    (folder / "Council/2024-03-06.pdf").symlink_to(folder / "nowhere.pdf")
    (folder / "all").symlink_to(tmp_path / "private")
    os.mkfifo(folder / "Council/2024-03-07.pdf")
    put(folder, "Council/2024-03-08.pdf")
    result = fetch(store, folder)
    assert names(store) == ["minutes Council/2024-03-08"]
    assert reasons(result) == {
        "2024-03-05.pdf": "skipped: it is a link that leaves the folder",
        "2024-03-06.pdf": "skipped: it is a link to nothing",
        "2024-03-07.pdf": "skipped: it is no regular file",
        "all": "skipped: it is a link that leaves the folder",
    }


def test_bodies_cannot_leave_the_site_s_folder(store: SiteStore, folder: Path) -> None:
    put(folder, "x.pdf")
    manifest(folder, ("x.pdf", "../../etc/Council", "2024-03-05", "minutes"))
    fetch(store, folder)
    (document,) = store.documents()
    assert store.pdf(document).resolve().is_relative_to(store.folder.resolve())
    assert "/" not in document.meeting


def test_a_missing_folder_and_the_site_s_own_are_refused(store: SiteStore, folder: Path) -> None:
    with pytest.raises(UsageError, match="There is no folder"):
        fetch(store, folder / "none")
    (store.folder / "pdfs").mkdir(parents=True)
    with pytest.raises(UsageError, match="own storage"):
        fetch(store, store.folder / "pdfs")


def test_the_folder_is_remembered_in_extra(store: SiteStore, folder: Path) -> None:
    put(folder, "Council/2024-03-05.pdf")
    site = Site("town.ca", scraper="folder", extra={"folder": str(folder)})
    assert fetch_site(site, store, FetchOptions()).new == 1


def test_real_documents_are_all_taken_and_a_second_time_costs_nothing(
    shared_data: Path, tmp_path: Path
) -> None:
    store = SiteStore(tmp_path / "sites", "real")
    options = FetchOptions(source_folder=shared_data / "pdfs")
    first = fetch_site(Site("real"), store, options)
    with (shared_data / "pdfs" / "manifest.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert (first.new, first.failures) == (len(rows), [])
    started = time.process_time()
    second = fetch_site(Site("real"), store, options)
    assert time.process_time() - started < 0.5
    assert (second.new, second.unchanged, second.updated) == (0, len(rows), 0)
