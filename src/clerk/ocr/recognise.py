"""Recognises one page under a deadline and a memory limit; a bad page is a failed record, no exception."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from clerk.errors import ClerkError, OcrUnavailableError, PluginError
from clerk.isolation import Child
from clerk.models import PageRecord, Source, Stage
from clerk.ocr import child as inside
from clerk.ocr.looks import FIRST, Look, Seen, Taken, best, further_looks, turned_looks
from clerk.ocr.tongue import UNKNOWN

# A look is not begun when less than this times the first look's time is left of the page's deadline.
_ROOM = 2.0


@dataclass(frozen=True, slots=True)
class OcrOptions:
    """How pages are recognised.

    `backend` by name, `languages` joined by "+", `timeout` in seconds a page with all its looks; `second` is the
    backend whose opinion is asked on pages that stay doubtful, "" for none.
    """

    backend: str = "tesseract"
    languages: str = "eng+spa"
    timeout: float = 60.0
    plugins_dir: str = ""
    second: str = ""


@dataclass(frozen=True, slots=True)
class PageText:
    """The normalised text of a page ("" where it failed), its record, and its layout data (see `clerk.layout`)."""

    text: str
    record: PageRecord
    layout: bytes = b""


def recognise_page(path: Path, page: int, options: OcrOptions, child: Child) -> PageText:
    """Recognise page `page`, from 1, of the PDF at `path`.

    Raises:
        OcrUnavailableError, PluginError: the backend itself cannot be used; that is no page's fault.
    """
    started = time.monotonic()
    looking = _Looking(path, page, options, child)
    try:
        looking.first()
    except (OcrUnavailableError, PluginError):
        raise
    except ClerkError as error:
        record = PageRecord(
            page,
            "failed",
            engine=options.backend,
            languages=options.languages,
            seconds=round(time.monotonic() - started, 3),
            error=error.message,
            transient=error.transient,
            stage=Stage.OCR,
            at=_now(),
        )
        return PageText("", record)
    looking.again()
    kept = best(looking.taken)
    seen = looking.taken[kept].seen
    assert seen is not None
    record = PageRecord(
        page,
        "done",
        source=Source.OCR,
        engine=seen.engine,
        version=seen.version,
        languages=seen.languages,
        tongue=seen.tongue.to_json() if seen.tongue.language else {},
        confidence=seen.confidence,
        sha256=hashlib.sha256(seen.text.encode()).hexdigest(),
        chars=len(seen.text),
        seconds=round(time.monotonic() - started, 3),
        cpu=round(sum(each.seen.cpu for each in looking.taken if each.seen), 2),
        looks=looking.story(kept),
        at=_now(),
    )
    return PageText(seen.text, record, seen.layout)


class _Looking:
    """Looks at one page until it is read well, no look is left, or time is up. Each look may fail alone."""

    def __init__(self, path: Path, page: int, options: OcrOptions, child: Child) -> None:
        self.taken: list[Taken] = []
        self._path, self._page, self._options, self._child = path, page, options, child
        self._left = options.timeout

    def first(self) -> None:
        """The look that every page gets.

        Raises:
            ClerkError: it failed.
        """
        self.taken.append(Taken(FIRST, self._seen(FIRST, self._left)))

    def again(self) -> None:
        """The looks that the page is worth besides."""
        first = self._best
        if turned_looks(first, (180,)):
            for look in turned_looks(first, self._turns()):
                self._take(look)
        for look in further_looks(lambda: self._best, second=bool(self._options.second)):
            self._take(look)

    def story(self, kept: int) -> tuple[dict[str, object], ...]:
        """Entries for the page's record; none where one look was enough."""
        if len(self.taken) < 2:
            return ()
        return tuple(each.to_json(kept=n == kept) for n, each in enumerate(self.taken))

    @property
    def _best(self) -> Seen:
        seen = self.taken[best(self.taken)].seen
        assert seen is not None
        return seen

    def _turns(self) -> tuple[int, ...]:
        began = time.monotonic()
        try:
            found: tuple[int, ...] = self._child.call(
                inside.turns, self._path, self._page, self._engine(FIRST), timeout=self._left
            )
        except ClerkError as error:
            self._lost(began, error)
            return ()
        self._left -= time.monotonic() - began
        return found

    def _take(self, look: Look) -> None:
        needed = _ROOM * self._best.seconds
        if self._left < needed:
            self.taken.append(Taken(look, None, "no time was left for it"))
            return
        began = time.monotonic()
        try:
            self.taken.append(Taken(look, self._seen(look, self._left)))
        except ClerkError as error:
            # What was read before stands.
            self.taken.append(Taken(look, None, error.message))
            self._lost(began, error)

    def _lost(self, began: float, error: ClerkError) -> None:
        """Take off the page's time what failed since `began`; what may fail again in the same way is not begun anew."""
        self._left = 0.0 if error.transient else self._left - (time.monotonic() - began)

    def _seen(self, look: Look, timeout: float) -> Seen:
        arguments = (self._path, self._page, look, self._engine(look))
        seen: Seen = self._child.call(inside.look, *arguments, timeout=timeout)
        self._left -= seen.seconds
        return seen

    def _engine(self, look: Look) -> inside.EngineOptions:
        backend = self._options.second if look.second else self._options.backend
        tongue = self._best.tongue if self.taken else UNKNOWN
        return inside.EngineOptions(backend, self._options.languages, self._options.plugins_dir, tongue)


def check_backend(name: str, languages: str, plugins_dir: str) -> None:
    """Load the backend in a child process of its own, to know before the first page that it can be used.

    Raises:
        OcrUnavailableError: it, or each of its languages, is not installed; the advice is the command for it.
        PluginError: a plug-in cannot be loaded.
    """
    child = Child(1024)
    try:
        child.call(inside.describe, name, languages, plugins_dir, timeout=60.0)
    finally:
        child.close()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
