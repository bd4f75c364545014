"""The server, asked in process and as a process."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from clerk.compile import PageRow, compile_database
from clerk.compile.detail_schema import DETAIL_TABLES
from clerk.errors import UsageError
from clerk.models import Kind, Level, RunRef
from clerk.serve import command
from clerk.serve.app import make_app, make_datasette
from clerk.serve.cache import FileCache
from clerk.storage import SiteStore


def build(root: Path, subdomain: str, pages: int, word: str = "budget", token: int = 1) -> SiteStore:
    store = SiteStore(root, subdomain)
    day = "2025-01-07"
    rows = [
        PageRow(Kind.AGENDA, "CityCouncil", day, day, n, f"{word} of page {n}") for n in range(1, pages + 1)
    ]
    compile_database(
        store, rows, level=Level.FAST, run=RunRef("r", token), fingerprint=word, guard=lambda: None
    )
    return store


def ask(root: Path, *paths: str, site: str | None = None) -> list[httpx.Response]:
    async def main() -> list[httpx.Response]:
        transport = httpx.ASGITransport(make_app(make_datasette(root, site)))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://test", follow_redirects=True
        ) as client:
            return [await client.get(path) for path in paths]

    return asyncio.run(main())


def test_one_site_is_read_in_pages_of_a_thousand_like_a_search_product_does(tmp_path: Path) -> None:
    build(tmp_path, "alameda.ca", 2300)

    async def read() -> tuple[list[dict[str, Any]], list[int], int]:
        transport = httpx.ASGITransport(make_app(make_datasette(tmp_path, "alameda.ca")))
        rows: list[dict[str, Any]] = []
        sizes: list[int] = []
        following: str | None = None
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            while True:
                extra = f"&_next={following}" if following else ""
                data = (await client.get(f"/meetings/agendas.json?_size=1000&_shape=objects{extra}")).json()
                rows += data["rows"]
                sizes.append(len(data["rows"]))
                following = data["next"]
                if not following:
                    return rows, sizes, data["filtered_table_rows_count"]

    rows, sizes, total = asyncio.run(read())
    assert sizes == [1000, 1000, 300]
    assert total == 2300
    assert len({row["id"] for row in rows}) == 2300
    assert {"id", "meeting", "date", "page", "text", "page_image"} <= rows[0].keys()


def test_every_site_has_its_subdomain_in_the_address(tmp_path: Path) -> None:
    build(tmp_path, "alameda.ca", 2, "harbor")
    build(tmp_path, "plain", 3)
    listing, dotted, encoded, plain, minutes, database = ask(
        tmp_path,
        "/-/databases.json",
        "/alameda.ca/agendas.json?_search=harbor&_shape=objects",
        "/alameda~2Eca/agendas.json",
        "/plain/agendas.json?_size=1000",
        "/plain/minutes.json",
        "/alameda.ca.json",
    )
    assert [entry["name"] for entry in listing.json()] == ["alameda.ca", "plain"]
    assert sorted(row["page"] for row in dotted.json()["rows"]) == [1, 2]
    assert len(encoded.json()["rows"]) == 2
    assert len(plain.json()["rows"]) == 3
    assert minutes.json()["rows"] == []
    shown = {table["name"] for table in database.json()["tables"] if not table["hidden"]}
    assert shown == {"agendas", "minutes", *DETAIL_TABLES}


def test_an_address_that_is_no_page_is_not_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build(tmp_path, "town", 1)
    paths = ("/town/Board/2024-03-01/1.PNG", "/town/Board/2024-03-01/extra/1.png", "/town/none")
    assert [answer.status_code for answer in ask(tmp_path, *paths)] == [404, 404, 404]
    assert capsys.readouterr().out == ""


def test_a_replaced_database_is_served_at_once(tmp_path: Path) -> None:
    build(tmp_path, "town", 1, "before")

    async def main() -> tuple[str, str, int]:
        transport = httpx.ASGITransport(make_app(make_datasette(tmp_path)))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            url = "/town/agendas.json?_shape=objects"
            first = (await client.get(url)).json()
            build(tmp_path, "town", 5, "after", token=2)
            second = (await client.get(url)).json()
            return first["rows"][0]["text"], second["rows"][0]["text"], second["filtered_table_rows_count"]

    before, after, count = asyncio.run(main())
    assert before.startswith("before")
    assert after.startswith("after")
    assert count == 5


def test_nothing_to_serve_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="clerk run"):
        command(tmp_path)
    build(tmp_path, "town", 1)
    with pytest.raises(UsageError, match=r"other\.town"):
        command(tmp_path, "other.town")


@pytest.mark.e2e
def test_the_process_listens_on_this_machine_only(tmp_path: Path) -> None:
    build(tmp_path, "town", 4)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(command(tmp_path, "town", port))
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                answer = httpx.get(f"http://127.0.0.1:{port}/meetings/agendas.json?_size=1000", timeout=10)
                break
            except httpx.TransportError:
                assert time.monotonic() < deadline, "the server did not start"
                assert process.poll() is None, "the server ended"
                time.sleep(0.1)
        assert len(answer.json()["rows"]) == 4
    finally:
        process.terminate()
        process.wait(20)


def test_the_cache_stays_within_its_bound(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, 10_000)
    for number in range(100):
        cache.write(f"{number:032x}", bytes(500))
        os.utime(next(tmp_path.glob(f"*/{number:032x}.png")), (number, number)) if number != 99 else None
        assert sum(path.stat().st_size for path in tmp_path.glob("*/*")) <= 11_500
        cache.read(f"{0:032x}")
    assert cache.read(f"{0:032x}") is not None, "what is asked for often stays"
    assert cache.read(f"{99:032x}") is not None
    assert cache.read(f"{5:032x}") is None


def test_files_of_the_cache_that_cannot_be_removed_or_touched_stay_and_harm_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where another user's server filled the folder."""
    cache = FileCache(tmp_path, 1_000)
    (tmp_path / "ab").mkdir()
    foreign = tmp_path / "ab" / f"{'ab' * 16}.png"
    foreign.write_bytes(bytes(900))
    os.utime(foreign, (1, 1))
    (tmp_path / "zz" / "a folder").mkdir(parents=True)
    unlink, utime = Path.unlink, os.utime

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path == foreign:
            raise PermissionError(13, "Permission denied", str(path))
        unlink(path, missing_ok=missing_ok)

    def refuse_touch(path: Path, *arguments: Any) -> None:
        if path == foreign:
            raise PermissionError(13, "Permission denied", str(path))
        utime(path, *arguments)

    monkeypatch.setattr(Path, "unlink", refuse)
    monkeypatch.setattr(os, "utime", refuse_touch)
    for number in range(10):
        cache.write(f"{number:032x}", bytes(300))
    assert cache.read("ab" * 16) == bytes(900)
    assert sum(path.stat().st_size for path in tmp_path.glob("0*/*.png")) <= 600
