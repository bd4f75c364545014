"""The values that pass between stages and processes: frozen, small, picklable. Imports nothing of ours."""

from __future__ import annotations

import re
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

Named = TypeVar("Named", bound=StrEnum)


class Kind(StrEnum):
    """Kind of a meeting document; the value is what database, files and command line call it."""

    MINUTES = "minutes"
    AGENDA = "agenda"

    @property
    def table(self) -> str:
        """Name of its table in `meetings.db`."""
        return "minutes" if self is Kind.MINUTES else "agendas"


class Stage(StrEnum):
    """Stages of a site run, in order. The one list of stage names."""

    FETCH = "fetch"
    READ = "read"
    OCR = "ocr"
    COMPILATION = "compilation"
    EXTRACTION = "extraction"
    DEPLOY = "deploy"


class JobType(StrEnum):
    """What a row of `job_tracking` stands for."""

    SITE_RUN = "site-run"
    FETCH = "fetch"
    READ_BATCH = "read-batch"
    OCR_SPAN = "ocr-span"
    COMPILE = "compile"
    EXTRACT = "extract"
    DEPLOY = "deploy"


class State(StrEnum):
    """States of a job or a site run."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    NO_DOCUMENTS = "no_documents"
    FAILED = "failed"
    CRASHED = "crashed"
    CANCELLED = "cancelled"

    @property
    def terminal(self) -> bool:
        """True when no further transition can follow."""
        return self not in (State.PENDING, State.RUNNING)


class Priority(StrEnum):
    """Priority of a run; its queue's name is `{value}-priority`, `normal` alone for the middle one."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"

    @property
    def queue(self) -> str:
        """Name of the work queue that carries it."""
        return "normal" if self is Priority.NORMAL else f"{self.value}-priority"

    @property
    def dask(self) -> int:
        """Priority of a Dask task: larger runs first."""
        return {Priority.HIGH: 10, Priority.NORMAL: 0, Priority.LOW: -10}[self]


class Source(StrEnum):
    """Where the text of a page comes from."""

    TEXT_LAYER = "text-layer"
    OCR = "ocr"


class Level(StrEnum):
    """How full a compiled database is."""

    FAST = "fast"
    FULL = "full"

    @property
    def rank(self) -> int:
        """Higher replaces lower within one run."""
        return 2 if self is Level.FULL else 1


STEM = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:-([0-9]+))?")
# No document has more; one that claims to is not read.
MAX_PAGES = 20_000


def is_iso_date(text: Any) -> bool:
    """True for a day of the calendar written YYYY-MM-DD."""
    try:
        return isinstance(text, str) and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_stem(name: str) -> bool:
    """True for the name of a document: a day of the calendar, and perhaps `-2`, `-3`."""
    found = STEM.fullmatch(name)
    return found is not None and is_iso_date(found[1])


@dataclass(frozen=True, slots=True)
class Site:
    """A municipality. `subdomain` is the key; `extra` is whatever its fetcher needs."""

    subdomain: str
    name: str = ""
    state: str = ""
    country: str = "US"
    kind: str = ""
    scraper: str = ""
    start_year: int = 2000
    pages: int = 0
    lat: float | None = None
    lng: float | None = None
    has_finance_data: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class Document:
    """One PDF of a meeting: `stem` is its file name without `.pdf`, an ISO date and perhaps `-2`, `-3`."""

    subdomain: str
    kind: Kind
    meeting: str
    stem: str

    @property
    def date(self) -> str:
        """ISO date of the meeting, without the number that tells two documents of one day apart."""
        return self.stem[:10]

    @property
    def label(self) -> str:
        """Readable name: `minutes CityCouncil/2025-03-04`."""
        return f"{self.kind.value} {self.meeting}/{self.stem}"


@dataclass(frozen=True, slots=True)
class PageSpan:
    """Pages (from 1) of one document that need recognition together."""

    document: Document
    pages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PageRecord:
    """What is known of one page. `status` is `done`, `failed` or `pending` (needs OCR).

    `confidence` is 0 to 100 (None for a text layer), `seconds` is wall time, `at` is UTC ISO 8601, `why` says
    why a text layer was trusted or not, `sha256` is of the UTF-8 text. `redo` marks a page that is to be recognised
    again while its text stays: when that was asked for, and the backend. `error` of a page that is done says why
    that failed, `image_error` why its image could not be made. `layer` is the decision about the text layer: the
    `rule` that made it, and the figures of `clerk.pdf.trust`. `cpu` is in seconds, of all looks at the page; `looks`
    tells of each where there were several, see `clerk.ocr.looks`. `tongue` is the language that the page was found to
    be in, where the site allows several, see `clerk.ocr.tongue`; `languages` are in the order that was used. `run` of a
    page whose recognition failed is the `PageWork.attempt` in which that was.
    """

    page: int
    status: str
    source: Source | None = None
    engine: str = ""
    version: str = ""
    languages: str = ""
    confidence: float | None = None
    sha256: str = ""
    chars: int = 0
    seconds: float = 0.0
    why: str = ""
    error: str = ""
    transient: bool = False
    stage: Stage | None = None
    attempts: int = 1
    at: str = ""
    redo: str = ""
    image_error: str = ""
    layer: dict[str, Any] = field(default_factory=dict)
    cpu: float = 0.0
    looks: tuple[dict[str, Any], ...] = ()
    tongue: dict[str, Any] = field(default_factory=dict)
    run: str = ""

    @property
    def done(self) -> bool:
        return self.status == "done"

    @property
    def failed(self) -> bool:
        return self.status == "failed"

    @property
    def unread(self) -> bool:
        """True when it has its text but could not be read again, `error` says why: its whole document is to be."""
        return self.done and bool(self.error) and self.stage is Stage.READ

    def to_json(self) -> dict[str, Any]:
        """Plain dict without the fields that hold their default."""
        return {key: value for key, value in asdict(self).items() if value != _DEFAULTS[key]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> PageRecord:
        """The inverse of `to_json`; unknown keys and names are ignored, so that an older clerk reads a newer file."""
        known = {key: value for key, value in data.items() if key in cls.__dataclass_fields__}
        known["source"] = _named(Source, known.get("source"))
        known["stage"] = _named(Stage, known.get("stage"))
        if "looks" in known:
            known["looks"] = tuple(known["looks"])
        return cls(**known)


_DEFAULTS = {
    each.name: each.default if each.default_factory is MISSING else each.default_factory()
    for each in fields(PageRecord)
}


def _named(kind: type[Named], value: object) -> Named | None:
    return next((member for member in kind if member.value == value), None)


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """The sidecar of one document: facts of its PDF and a record for each of its pages.

    `error` says why the PDF could not be read; where it could be before, with the same bytes, `pages` are still those
    of then. `size` (bytes) and `mtime_ns` are those of the PDF when it was read, 0 where it was gone; `sha256` is of
    its bytes. `reader` names the version of the reading rules, `run` the `PageWork.attempt` that read it.
    """

    document: Document
    sha256: str
    size: int
    mtime_ns: int
    page_count: int
    reader: str
    pages: dict[int, PageRecord] = field(default_factory=dict)
    error: str = ""
    transient: bool = False
    attempts: int = 1
    at: str = ""
    run: str = ""

    @property
    def readable(self) -> bool:
        """True when its pages are known."""
        return not self.error or self.page_count > 0

    @property
    def pending(self) -> tuple[int, ...]:
        """Pages that have no terminal record yet, in order."""
        if not self.readable:
            return ()
        ended = {page for page, record in self.pages.items() if record.done or record.failed}
        return tuple(page for page in range(1, self.page_count + 1) if page not in ended)

    @property
    def redo(self) -> tuple[int, ...]:
        """Pages that have their text and are to be recognised again, in order."""
        return tuple(sorted(page for page, record in self.pages.items() if record.done and record.redo))

    @property
    def failed(self) -> tuple[int, ...]:
        """Pages that failed, in order."""
        return tuple(sorted(page for page, record in self.pages.items() if record.failed))

    def with_pages(self, records: dict[int, PageRecord]) -> DocumentRecord:
        """A copy in which `records` replace those of the same pages."""
        return replace(self, pages={**self.pages, **records})


@dataclass(frozen=True, slots=True)
class Failure:
    """A dead letter: a page, or a whole document when `page` is None.

    `path` is relative to the storage folder, or the path of the source.
    """

    subdomain: str
    kind: str
    meeting: str
    date: str
    path: str
    page: int | None
    stage: str
    reason: str
    attempts: int = 1

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class RunRef:
    """A site run as its stages know it: the run's id and the fencing token of its lease."""

    run_id: str
    token: int


@dataclass(frozen=True, slots=True)
class PageWork:
    """How a worker process reads and recognises pages; all that it needs to know beside the documents.

    `timeout` is seconds a page, `memory_mb` what a page may take on top of its engine. `attempt` names this attempt at
    the run, as no other is named: what it reads and fails bears that name, since the clocks of hosts differ. `again`
    makes it read what is read already, `images` makes it keep an image of each page, `second` is the OCR backend that
    is asked about doubtful pages, "" for none.
    """

    root: str
    languages: str
    backend: str
    timeout: float
    memory_mb: int
    plugins_dir: str
    attempt: str
    again: bool = False
    run_id: str = ""
    images: bool = False
    second: str = ""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What a site run was asked to do; the parameters of the flow `process-site`.

    `retry` makes what failed due again, of the stage `retry_stage` only where one is named. `redo_ocr` recognises
    again what was recognised, without fetching: of `documents` only where some are named, and only pages whose
    confidence is below `below_confidence` where that is above 0. `redo_since` (UTC ISO 8601) is when that was asked
    for: a page recognised since then is not recognised once more. `extract_only` extracts and builds from what is read
    already, and with `force` extracts all of it anew.
    """

    subdomain: str
    source_folder: str = ""
    all_years: bool = False
    all_agendas: bool = False
    skip_fetch: bool = False
    force: bool = False
    retry: bool = False
    ocr_backend: str = ""
    retry_stage: str = ""
    redo_ocr: bool = False
    below_confidence: float = 0.0
    documents: tuple[str, ...] = ()
    redo_since: str = ""
    extract_only: bool = False


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a site run found and did. Counts of documents and pages are of the whole site, `read`, `recognised`
    and `fetched` of this run; `seconds` is the run's own wall time."""

    subdomain: str
    state: State
    message: str
    documents: int = 0
    unreadable: int = 0
    pages: int = 0
    text_layer: int = 0
    ocr: int = 0
    failed_pages: int = 0
    failures: int = 0
    skipped: int = 0
    fetched: int = 0
    read: int = 0
    recognised: int = 0
    built: bool = False
    seconds: float = 0.0
