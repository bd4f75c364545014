"""The closing report of a run as Markdown: documents, pages, how sure the recognition is, and what failed."""

from __future__ import annotations

from collections.abc import Sequence

from clerk.models import Failure, RunSummary, Source
from clerk.stages.plan import Records
from clerk.storage import SiteStore, read_json

# Lower bounds of the bars, in percent of confidence; a good page has 90 and more.
BOUNDS = (0, 50, 70, 80, 90, 95)
BAR = 30
MOST_FAILURES = 50
_SPECIAL = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>|#"})


def closing_report(store: SiteStore, summary: RunSummary, known: Records, letters: Sequence[Failure]) -> str:
    """The report; at most `MOST_FAILURES` failures are listed, each with a link to its source where one is known."""
    parts = f"{summary.text_layer} from text layers, {summary.ocr} recognised, {summary.failed_pages} failed"
    lines = [
        f"# {summary.subdomain}: {summary.state.value}",
        "",
        _plain(summary.message),
        "",
        "| | |",
        "|---|---|",
        f"| documents | {summary.documents} ({summary.unreadable} unreadable, {summary.skipped} files skipped) |",
        f"| pages | {summary.pages} ({parts}) |",
        f"| this run | {summary.fetched} fetched, {summary.read} read, {summary.recognised} pages recognised |",
        f"| time | {summary.seconds:.1f} s |",
        "",
        *_histogram(known),
        *_failures(store, letters),
    ]
    return "\n".join(lines)


def _histogram(known: Records) -> list[str]:
    values = [
        entry.confidence
        for record in known.values()
        for entry in record.pages.values()
        if entry.done and entry.source is Source.OCR and entry.confidence is not None
    ]
    if not values:
        return []
    counts = [
        sum(low <= value < high for value in values)
        for low, high in zip(BOUNDS, (*BOUNDS[1:], 101), strict=True)
    ]
    rows = [
        f"{low:>3} to {min(high, 100):>3} %  {count:>6}  {'█' * round(BAR * count / max(counts))}".rstrip()
        for low, high, count in zip(BOUNDS, (*BOUNDS[1:], 101), counts, strict=True)
    ]
    return ["## Confidence of the recognised pages", "", "```", *rows, "```", ""]


def _failures(store: SiteStore, letters: Sequence[Failure]) -> list[str]:
    if not letters:
        return []
    sources = {store.relative(store.pdf(document)): document for document in store.documents()}
    lines = [f"## Failures ({len(letters)})", ""]
    for letter in letters[:MOST_FAILURES]:
        document = sources.get(letter.path)
        source = read_json(store.source_file(document)) if document else None
        url = source.get("origin", "") if isinstance(source, dict) else ""
        name = _plain(letter.path)
        place = f"[{name}]({url})" if str(url).startswith(("http://", "https://")) else name
        page = f", page {letter.page}" if letter.page is not None else ""
        lines.append(f"- {place}{page} ({letter.stage}): {_plain(letter.reason)}")
    if len(letters) > MOST_FAILURES:
        rest = len(letters) - MOST_FAILURES
        lines.append(f"- and {rest} more: `clerk failures {store.subdomain}`")
    return lines


def _plain(text: str) -> str:
    """Text from documents and servers, so that it says nothing in Markdown."""
    return " ".join(text.split()).translate(_SPECIAL)
