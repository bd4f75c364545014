"""Extracts names and votes from the text of documents. Pure: text in, frozen values out.

Importing this is light; spaCy is loaded by the first `extract_pages`, in the process that calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from clerk.extraction.cache import EXTRACTOR, read_cached, read_cached_document, write_cached
from clerk.extraction.entities import find_entities
from clerk.extraction.model import load_model, resolve_model
from clerk.extraction.people import Meeting, Overrides, People, Resolved, read_overrides, resolve_people
from clerk.extraction.roster import Attendee, find_roster
from clerk.extraction.text import build
from clerk.extraction.values import Extracted, entities_json, votes_json
from clerk.extraction.votes import find_votes

__all__ = [
    "EXTRACTOR",
    "Attendee",
    "Extracted",
    "Meeting",
    "Overrides",
    "People",
    "Resolved",
    "attendance",
    "entities_json",
    "extract_pages",
    "read_cached",
    "read_cached_document",
    "read_overrides",
    "resolve_model",
    "resolve_people",
    "votes_json",
    "write_cached",
]


def extract_pages(
    texts: Mapping[int, str], model: str, cancelled: Callable[[], bool] | None = None
) -> dict[int, Extracted]:
    """Names of each page and votes of the whole document, by page number.

    Args:
        texts: page number to text of one document (votes may span its pages).
        model: name of the spaCy model, empty for the default one.
        cancelled: asked between batches of pages; the pages done until then are returned.

    Raises:
        ModelMissingError: the model is not installed.
    """
    pipeline = load_model(resolve_model(model))
    pages = sorted(texts)
    votes = find_votes(texts)
    entities = find_entities(pipeline, [texts[page] for page in pages], cancelled)
    return {page: Extracted(found, votes[page]) for page, found in zip(pages, entities, strict=False)}


def attendance(texts: Mapping[int, str]) -> tuple[Attendee, ...]:
    """Who sat at the meeting of a document, from its pages (number to text); takes milliseconds, needs no model."""
    return find_roster(build(texts))
