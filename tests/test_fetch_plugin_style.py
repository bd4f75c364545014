"""A plug-in as operators have them, and tests as they have them: both run unchanged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock, patch

import httpcore
import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from clerk import Fetcher, hookimpl

PAGE = """
<table>
 <tr class="meeting"><td class="body">City Council</td><td class="day">2025-03-04</td><td><a class="m" href="m/1.pdf">M</a></td></tr>
 <tr class="meeting"><td class="body">Parks &amp; Recreation</td><td class="day">2025-03-05</td>
  <td><a class="m" href="https://town.example/m/2.pdf">M</a></td></tr>
 <tr class="meeting"><td class="body">City Council</td><td class="day">2025-03-18</td><td>soon</td></tr>
</table>
"""  # noqa: E501


class TownFetcher(Fetcher):
    """Reads one table."""

    def child_init(self) -> None:
        extra = self.site.get("extra", "{}")
        settings = json.loads(extra) if isinstance(extra, str) else extra
        self.base_url = (settings or {}).get("base_url", "https://town.example")
        self.logger.log("ready", level="info", url=self.base_url, filename="x", name="y", args=())

    def fetch_events(self) -> tuple[int, int]:
        response = self.request("GET", self.base_url)
        if not response:
            raise RuntimeError("no page")
        response.raise_for_status()
        for row in LexborHTMLParser(response.text).css("tr.meeting"):
            link = row.css_first("a.m")
            if link is None:
                continue
            href = link.attributes["href"] or ""
            url = href if href.startswith("http") else f"{self.base_url}/{href}"
            body, day = row.css_first("td.body"), row.css_first("td.day")
            assert body is not None
            assert day is not None
            meeting = self.simplified_meeting_name(body.text())
            if self.check_if_exists(meeting, day.text(), "minutes"):
                continue
            self.fetch_and_write_pdf(url, self.minutes_output_dir, meeting, day.text())
            self.total_minutes += 1
            self.total_events += 1
        return self.total_events, self.total_minutes


class TownPlugin:
    @hookimpl
    def fetcher_class(self, label: str) -> type[Fetcher] | None:
        return TownFetcher if label == "town_example" else None

    @hookimpl
    def fetcher_extra(self, label: str) -> dict[str, str] | None:
        return {"base_url": "https://town.example"} if label == "town_example" else None


@pytest.fixture
def fetcher(tmp_path: Path) -> TownFetcher:
    site = {
        "subdomain": "example-city.test",
        "start_year": 2025,
        "pages": 0,
        "extra": '{"base_url": "https://town.example"}',
    }
    with patch("clerk.fetcher.STORAGE_DIR", str(tmp_path)):
        return TownFetcher(site)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, httpcore.Response]:
    """Answers by URL, given where mocking libraries give them: in the connection pool, before any connection."""
    known: dict[str, httpcore.Response] = {}

    def handle(self: object, request: httpcore.Request) -> httpcore.Response:
        url = request.url
        return known[f"{url.scheme.decode()}://{url.host.decode()}{url.target.decode()}"]

    monkeypatch.setattr(httpcore.ConnectionPool, "handle_request", handle)
    return known


def test_hook_methods_are_called_directly() -> None:
    assert TownPlugin().fetcher_class(label="town_example") is TownFetcher
    assert TownPlugin().fetcher_class(label="other") is None
    assert TownPlugin().fetcher_extra("town_example") == {"base_url": "https://town.example"}


def test_paths_are_strings_under_the_patched_folder(fetcher: TownFetcher, tmp_path: Path) -> None:
    base = f"{tmp_path}/example-city.test"
    assert fetcher.storage_dir == str(tmp_path)
    assert fetcher.dir_prefix == base
    assert fetcher.minutes_output_dir == f"{base}/pdfs"
    assert fetcher.agendas_output_dir == f"{base}/_agendas/pdfs"
    assert fetcher.docs_output_dir == f"{base}/_docs/pdfs"
    assert fetcher.minutes_processed_dir == f"{base}/processed"
    assert fetcher.agendas_processed_dir == f"{base}/_agendas/processed"
    assert all(Path(base, "_docs", name).is_dir() for name in ("pdfs", "processed", "html"))
    fetcher.assert_fetch_dirs()
    assert Path(fetcher.agendas_output_dir).is_dir()
    assert not Path(base, "meetings.db").exists()
    assert fetcher.db.execute("select 1").fetchone() == (1,)
    assert not Path(base, "meetings.db").exists()


def test_methods_can_be_replaced(fetcher: TownFetcher) -> None:
    fetcher.request = MagicMock(  # type: ignore[method-assign]
        return_value=httpx.Response(200, text=PAGE, request=httpx.Request("GET", "https://town.example"))
    )
    fetcher.fetch_and_write_pdf = MagicMock()  # type: ignore[method-assign]
    assert fetcher.fetch_events() == (2, 2)
    calls = [call.args for call in fetcher.fetch_and_write_pdf.call_args_list]
    assert calls == [
        ("https://town.example/m/1.pdf", fetcher.minutes_output_dir, "CityCouncil", "2025-03-04"),
        ("https://town.example/m/2.pdf", fetcher.minutes_output_dir, "ParksAndRecreation", "2025-03-05"),
    ]


def test_mocked_answers_reach_request_and_downloads(
    fetcher: TownFetcher, answers: dict[str, httpcore.Response]
) -> None:
    answers["https://town.example/"] = httpcore.Response(200, content=PAGE.encode())
    # No length, and a type that says nothing: the bytes decide.
    answers["https://town.example/m/1.pdf"] = httpcore.Response(
        200, headers=[("Content-Type", "application/octet-stream")], content=b"%PDF-1.4 x"
    )
    answers["https://town.example/m/2.pdf"] = httpcore.Response(404, content=b"none")
    assert fetcher.fetch_events() == (2, 2)
    assert Path(fetcher.minutes_output_dir, "CityCouncil", "2025-03-04.pdf").read_bytes() == b"%PDF-1.4 x"
    assert fetcher.check_if_exists("CityCouncil", "2025-03-04", "minutes") is True
    assert fetcher.check_if_exists("ParksAndRecreation", "2025-03-05", "minutes") is False


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("City Council", "CityCouncil"),
        ("Parks & Recreation", "ParksAndRecreation"),
        ("Planning/Zoning", "PlanningAndZoning"),
        ("Meeting of the Planning Board", "PlanningBoard"),
        ("Special Meeting of the City Council", "SpecialCityCouncil"),
        ("Special Concurrent Meeting of the City Council", "CityCouncil"),
        ("City Council*", "CityCouncil"),
        ("Meeting of the", ""),
    ],
)
def test_simplified_meeting_names(fetcher: TownFetcher, body: str, expected: str) -> None:
    assert fetcher.simplified_meeting_name(body) == expected


def test_a_finished_document_exists_without_its_pdf(fetcher: TownFetcher) -> None:
    marker = Path(fetcher.agendas_processed_dir, "Council", "2025-03-04.txt")
    marker.parent.mkdir(parents=True)
    marker.touch()
    assert fetcher.check_if_exists("Council", "2025-03-04", "agenda") is True
    assert fetcher.check_if_exists("Council", "2025-03-04", "minutes") is False


def test_the_base_class_fetches_nothing(tmp_path: Path) -> None:
    site: dict[str, Any] = {"subdomain": "upland.ca", "start_year": 2026, "pages": 3, "extra": None}
    with patch("clerk.fetcher.STORAGE_DIR", str(tmp_path)):
        base = Fetcher(site, 2020, True)
    assert (base.start_year, base.all_agendas, base.previous_page_count) == (2020, True, 3)
    assert (base.total_events, base.total_minutes, base.total_agendas, base.ocr_lang) == (0, 0, 0, "eng+spa")
    with pytest.raises(NotImplementedError, match="Subclasses must implement"):
        base.fetch_events()
    with patch("clerk.fetcher.STORAGE_DIR", str(tmp_path)), pytest.raises(KeyError):
        Fetcher({"subdomain": "upland.ca"})


def test_without_a_patch_the_folder_is_that_of_the_settings(tmp_path: Path) -> None:
    made = Fetcher({"subdomain": "upland.ca", "start_year": 2026, "pages": 0})
    assert made.storage_dir == str(tmp_path / "storage")
