"""The cache file of a page's extraction: `{content_hash, extractor, model, entities, votes, roster}`.

Names and votes have a version each, so that new rules for one do not make the other due. What an earlier version,
another model (for names) or another text gave is no hit; a damaged file is none either.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clerk.extraction.roster import Attendee, attendee_from_json
from clerk.extraction.values import Extracted, entities_from_json, entities_json, votes_from_json, votes_json
from clerk.findings import Entity, Vote
from clerk.storage import read_json, write_json

# Raise the one whose rules change: votes (with attendance) or names of every page are then extracted anew.
VOTES = "10"
ENTITIES = "6"
EXTRACTOR = f"{VOTES}.{ENTITIES}"  # names both, for what is made from both


@dataclass(frozen=True, slots=True)
class Kept:
    """What the cache has of a page; None for what must be made."""

    entities: tuple[Entity, ...] | None = None
    votes: tuple[Vote, ...] | None = None
    roster: tuple[Attendee, ...] = ()


def read_kept(path: Path, text_hash: str, *, model: str | None = None) -> Kept:
    """What is kept of the text whose sha256 is `text_hash`.

    Args:
        path: `SiteStore.extracted` of the page.
        model: name of the model that must have found the names; None: any.
    """
    data = read_json(path)
    if not isinstance(data, dict) or data.get("content_hash") != text_hash:
        return Kept()
    made = data.get("extractor")
    votes, names = (made.get("votes"), made.get("entities")) if isinstance(made, dict) else (None, None)
    try:
        page = _page_of(path)
        fresh = names == ENTITIES and model in (None, data.get("model"))
        entities = entities_from_json(data["entities"]) if fresh else None
        if votes != VOTES:
            return Kept(entities)
        roster = tuple(attendee_from_json(entry, page) for entry in data["roster"])
        return Kept(entities, votes_from_json(data["votes"], page), roster)
    except (AttributeError, KeyError, TypeError, ValueError):
        return Kept()


def read_cached(path: Path, text_hash: str, *, model: str | None = None) -> Extracted | None:
    """The extraction of the text whose sha256 is `text_hash`, or None where it must be made.

    Args:
        path: `SiteStore.extracted` of the page.
        model: name of the model that must have made it; None: any.
    """
    kept = read_kept(path, text_hash, model=model)
    if kept.entities is None or kept.votes is None:
        return None
    return Extracted(kept.entities, kept.votes, kept.roster)


def write_cached(path: Path, text_hash: str, extracted: Extracted, *, model: str = "") -> None:
    """Keep a page's extraction, atomically."""
    data: dict[str, Any] = {
        "content_hash": text_hash,
        "extractor": {"votes": VOTES, "entities": ENTITIES},
        "model": model,
        "entities": entities_json(extracted.entities),
        "votes": votes_json(extracted.votes),
        "roster": [attendee.to_json() for attendee in extracted.roster],
    }
    write_json(path, data, sync=False)


def _page_of(path: Path) -> int:
    return int(path.name.partition(".")[0])
