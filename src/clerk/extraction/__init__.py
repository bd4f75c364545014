"""Extracts names, votes and attendance from the text of documents. Pure: text in, frozen values out.

Importing this is light; spaCy is loaded by the first `extract_pages`, in the process that calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from clerk.extraction.cache import EXTRACTOR, Kept, read_cached, read_kept, write_cached
from clerk.extraction.entities import find_entities
from clerk.extraction.model import load_model, resolve_model
from clerk.extraction.roster import Attendee, find_roster
from clerk.extraction.text import build
from clerk.extraction.values import Extracted, entities_json, votes_json
from clerk.extraction.votes import find_votes

__all__ = [
    "EXTRACTOR",
    "Attendee",
    "Extracted",
    "Kept",
    "attendance",
    "entities_json",
    "extract_pages",
    "read_cached",
    "read_kept",
    "resolve_model",
    "votes_json",
    "write_cached",
]


def extract_pages(
    texts: Mapping[int, str],
    model: str,
    cancelled: Callable[[], bool] | None = None,
    *,
    names: Collection[int] | None = None,
    votes: bool = True,
) -> dict[int, Extracted]:
    """Names of each page, votes and attendance of the whole document, by the page on which they stand.

    Args:
        texts: page number to text of one document (votes may span its pages).
        model: name of the spaCy model, empty for the default one.
        cancelled: asked between batches of pages; the pages done until then are returned.
        names: pages of which names are wanted; None: all. The model is loaded only where there are some.
        votes: whether votes and attendance are wanted.

    Raises:
        ModelMissingError: the model is not installed.
    """
    chosen = sorted(texts if names is None else names)
    pipeline = load_model(resolve_model(model)) if chosen else None
    told = find_votes(texts) if votes else {}
    found = dict(
        zip(chosen, find_entities(pipeline, [texts[page] for page in chosen], cancelled), strict=False)
    )
    rosters: dict[int, list[Attendee]] = {}
    for each in attendance(texts) if votes else ():
        rosters.setdefault(each.page, []).append(each)
    unfinished = set(chosen) - found.keys()
    return {
        page: Extracted(found.get(page, ()), told.get(page, ()), tuple(rosters.get(page, ())))
        for page in sorted(texts)
        if page not in unfinished
    }


def attendance(texts: Mapping[int, str]) -> tuple[Attendee, ...]:
    """Who sat at the meeting of a document, from its pages (number to text); takes milliseconds, needs no model."""
    return find_roster(build(texts))
