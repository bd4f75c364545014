"""`Fetcher`: the base class of fetcher plug-ins. Its names, defaults and results are a contract."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from clerk.errors import FetchError, FetchRefusedError
from clerk.fetch.client import Limits
from clerk.fetch.download import download
from clerk.fetch.run import FetchRun, current_run
from clerk.fetch.shelf import is_too_long
from clerk.models import Document, Kind, is_iso_date
from clerk.settings import get_settings
from clerk.storage import SiteStore, check_subdomain, safe_name

STORAGE_DIR: str | None = None
"""Folder of all sites, read when a `Fetcher` is constructed; None: the one of the settings."""

PDF_SUPPORT = False
"""True where HTML answers can be turned into PDFs."""

_LEVELS = {name: getattr(logging, name.upper()) for name in ("debug", "info", "warning", "error", "critical")}
_REMOVED = ("SpecialConcurrentMeetingofthe", "ConcurrentMeetingofthe", "Meetingofthe")
_log = logging.getLogger("clerk.fetch")


class FetchLogger:
    """The log of one fetcher. Attributes that are set on it (`meeting`, `date`, …) go with every message."""

    def __init__(self, subdomain: str) -> None:
        self.subdomain = subdomain

    def log(self, message: str, level: str = "info", parent_job_id: str | None = None, **fields: Any) -> None:
        """Log `message` as it is, with `fields` behind it; an unknown level counts as info."""
        known = {**vars(self), **({"parent_job_id": parent_job_id} if parent_job_id else {}), **fields}
        text = " ".join(f"{name}={value!s}" for name, value in known.items() if value is not None)
        _log.log(_LEVELS.get(str(level).lower(), logging.INFO), "%s %s", message, text)


class Fetcher:
    """Finds a site's documents and brings them into its folder.

    A plug-in overrides `fetch_events`, and `child_init` where it has something to prepare.

    Args:
        site: the site as a dict; `subdomain`, `start_year` and `pages` are always there, `extra` is JSON.
        start_year: first year to look at; None: the site's.
        all_agendas: fetch agendas of meetings that have passed, too.

    Attributes:
        minutes_output_dir, agendas_output_dir, docs_output_dir: folders of the PDFs, as strings; so are
            `*_processed_dir`, `docs_html_dir`, `dir_prefix` (the site's folder) and `storage_dir`.
        today: local time of construction.
        total_events, total_minutes, total_agendas: counts that a fetcher keeps for its log.
        ocr_lang: languages of the documents for recognition, like `eng+spa`.
    """

    def __init__(
        self, site: dict[str, Any], start_year: int | None = None, all_agendas: bool = False
    ) -> None:
        self.site = site
        self.subdomain: str = check_subdomain(site["subdomain"])
        self.start_year = int(start_year or site["start_year"])
        self.all_agendas = all_agendas
        self.today = datetime.now().astimezone().replace(tzinfo=None)
        self._run = current_run(self.subdomain) or _own_run(self.subdomain)
        self.storage_dir = str(self._run.store.root)
        self.dir_prefix = f"{self.storage_dir}/{self.subdomain}"
        self.minutes_output_dir = f"{self.dir_prefix}/pdfs"
        self.agendas_output_dir = f"{self.dir_prefix}/_agendas/pdfs"
        self.docs_output_dir = f"{self.dir_prefix}/_docs/pdfs"
        self.minutes_processed_dir = f"{self.dir_prefix}/processed"
        self.agendas_processed_dir = f"{self.dir_prefix}/_agendas/processed"
        self.docs_processed_dir = f"{self.dir_prefix}/_docs/processed"
        self.docs_html_dir = f"{self.dir_prefix}/_docs/html"
        _make(self.docs_output_dir, self.docs_processed_dir, self.docs_html_dir)
        self.previous_page_count = site.get("pages", 0)
        self.total_events = 0
        self.total_minutes = 0
        self.total_agendas = 0
        self.ocr_lang = "eng+spa"
        self.logger = FetchLogger(self.subdomain)
        self.child_init()

    def child_init(self) -> None:
        """Prepare the fetcher; called last in its construction."""

    def fetch_events(self) -> Any:
        """Find the site's documents and fetch them. The result is only logged: documents are found by scanning."""
        raise NotImplementedError("Subclasses must implement fetch_events().")

    @cached_property
    def db(self) -> sqlite3.Connection:
        """The site's compiled database, read-only; an empty one in memory where there is none yet."""
        path = self._run.store.database
        if not path.is_file():
            return sqlite3.connect(":memory:")
        return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)

    def assert_fetch_dirs(self) -> None:
        """Make the folders of minutes and agendas."""
        _make(self.minutes_output_dir, self.agendas_output_dir)

    def assert_processed_dirs(self) -> None:
        """Make the folders of finished texts."""
        _make(self.minutes_processed_dir, self.agendas_processed_dir)

    def assert_site_db_exists(self) -> None:
        """Nothing: the site's database is built whole from the documents, never by a fetcher."""

    def simplified_meeting_name(self, body: str) -> str:
        """The body's name in one word: "Parks & Recreation" is "ParksAndRecreation"."""
        name = body.replace(" ", "").replace("*", "").replace("&", "And").replace("/", "And")
        for phrase in _REMOVED:
            name = name.replace(phrase, "")
        return name

    def request(
        self,
        method: str,
        url: str,
        json: Any = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        cookies: Mapping[str, str] | None = None,
    ) -> httpx.Response | None:
        """The response, whatever its status, after redirects and retries; None where there is none."""
        try:
            return self._run.client.request(
                method, url, json=json, data=data, headers=headers, cookies=cookies
            )
        except (FetchError, FetchRefusedError) as error:
            self._run.broken = error.message
            self.logger.log(f"{method} {url}: {error}", level="error")
            return None

    def check_if_exists(self, meeting: str, date: str, kind: str) -> bool:
        """True if the document of that meeting and ISO date is there, or was once and is finished."""
        document = self._document(meeting, date, kind)
        if document is None:
            return False
        store = self._run.store
        finished = store.processed(document)
        return any(path.exists() for path in (store.pdf(document), finished, finished.with_suffix(".pdf")))

    def fetch_and_write_pdf(
        self, url: str, kind: str, meeting: str, date: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """Download the PDF at `url` and file it. A bad download is logged and listed, never raised.

        Args:
            url: http or https.
            kind: `minutes` or `agenda`, or the output directory of either.
            meeting: the body's name in one word, see `simplified_meeting_name`.
            date: ISO date of the meeting.

        Raises:
            StorageError: the folder cannot be written.
        """
        self.assert_fetch_dirs()
        document = self._document(meeting, date, kind)
        if document is None:
            reason = self._why_not(meeting, date, kind)
            self.logger.log(f"{url} left out: {reason}", level="warning")
            self._run.skip(str(url), reason, kind=str(kind), meeting=str(meeting), date=str(date))
            return
        key = (document.kind, document.meeting, document.date)
        outcome = download(self._run, key, str(url), headers)
        failed = outcome.status in ("failed", "waits")
        self.logger.log(
            f"{document.label}: {outcome.reason if failed else outcome.status}",
            level="warning" if failed else "info",
            url=url,
        )

    def ocr(self, backend: str = "tesseract") -> None:
        """Nothing: pages are recognised by the pipeline, after the fetch."""

    def transform(self) -> None:
        """Nothing: the database is compiled by the pipeline, after the fetch."""

    def _document(self, meeting: str, date: str, kind: str) -> Document | None:
        if self._why_not(meeting, date, kind):
            return None
        known = self._kind(kind)
        assert known is not None
        return Document(self.subdomain, known, safe_name(meeting), date)

    def _why_not(self, meeting: str, date: str, kind: str) -> str:
        """The reason why nothing can be filed under these names, or ""."""
        if self._kind(kind) is None:
            return f"{kind!r} is neither minutes nor agenda"
        if not is_iso_date(date):
            return f"{date!r} is no ISO date"
        if not isinstance(meeting, str) or not meeting.strip(" ./\\_"):
            return "its meeting has no name"
        if is_too_long(safe_name(meeting)):
            return "its meeting's name is too long"
        return ""

    def _kind(self, kind: str) -> Kind | None:
        text = str(kind).rstrip("/")
        if text in ("minutes", "minute", self.minutes_output_dir.rstrip("/")):
            return Kind.MINUTES
        if text in ("agenda", "agendas", self.agendas_output_dir.rstrip("/")):
            return Kind.AGENDA
        return None


def _own_run(subdomain: str) -> FetchRun:
    """What a fetcher works with that is constructed outside of a fetch, as plug-ins' tests do."""
    if STORAGE_DIR is not None:
        return FetchRun(SiteStore(Path(STORAGE_DIR), subdomain), Limits())
    settings = get_settings()
    limits = Limits(
        max_bytes=settings.fetch_max_mb * 1024 * 1024, allow_private_hosts=settings.allow_private_hosts
    )
    return FetchRun(SiteStore(settings.storage_dir, subdomain), limits)


def _make(*folders: str) -> None:
    for folder in folders:
        Path(folder).mkdir(parents=True, exist_ok=True)
