"""The cache file of a page's extraction: `{content_hash, extractor, model, entities, votes}`.

A file of an earlier extractor, of another text or of another model is no hit; a damaged one is none either.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clerk.extraction.values import Extracted, entities_from_json, entities_json, votes_from_json, votes_json
from clerk.storage import read_json, write_json

EXTRACTOR = "2"  # raise it when the rules change: every page is then extracted anew


def read_cached(path: Path, text_hash: str, *, model: str | None = None) -> Extracted | None:
    """The extraction of the text whose sha256 is `text_hash`, or None where it must be made.

    Args:
        path: `SiteStore.extracted` of the page.
        model: name of the model that must have made it; None: any.
    """
    data = read_json(path)
    if (
        not isinstance(data, dict)
        or data.get("content_hash") != text_hash
        or data.get("extractor") != EXTRACTOR
    ):
        return None
    if model is not None and data.get("model") != model:
        return None
    try:
        return Extracted(entities_from_json(data["entities"]), votes_from_json(data["votes"], _page_of(path)))
    except (KeyError, TypeError, ValueError):
        return None


def read_cached_document(
    paths: Mapping[int, Path], text_hashes: Mapping[int, str], *, model: str | None = None
) -> dict[int, Extracted] | None:
    """The extraction of all pages of a document, or None where a page is missing or its text changed.

    A vote can span a page break, so one changed page makes the whole document due.
    """
    found: dict[int, Extracted] = {}
    for page, path in paths.items():
        extracted = read_cached(path, text_hashes[page], model=model)
        if extracted is None:
            return None
        found[page] = extracted
    return found


def write_cached(path: Path, text_hash: str, extracted: Extracted, *, model: str = "") -> None:
    """Keep a page's extraction, atomically."""
    data: dict[str, Any] = {
        "content_hash": text_hash,
        "extractor": EXTRACTOR,
        "model": model,
        "entities": entities_json(extracted.entities),
        "votes": votes_json(extracted.votes),
    }
    write_json(path, data, sync=False)


def _page_of(path: Path) -> int:
    return int(path.name.partition(".")[0])
