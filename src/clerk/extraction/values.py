"""What the extraction finds on a page, and its shapes as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from clerk.models import Entity, Vote

KINDS = ("persons", "orgs", "locations")


@dataclass(frozen=True, slots=True)
class Extracted:
    """Entities and votes of one page, in the order of the text."""

    entities: tuple[Entity, ...] = ()
    votes: tuple[Vote, ...] = ()


def entities_json(entities: Iterable[Entity]) -> dict[str, Any]:
    """The column `entities_json`: `{"persons": [{"text", "confidence"}], "orgs": […], "locations": […]}`."""
    groups: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for entity in entities:
        groups[entity.kind].append({"text": entity.text, "confidence": entity.confidence})
    return groups


def votes_json(votes: Iterable[Vote]) -> dict[str, Any]:
    """The column `votes_json`: `{"votes": [{"result", "tally", "motion_by", "seconded_by", …}]}`."""
    return {"votes": [vote.to_json() for vote in votes]}


def entities_from_json(data: dict[str, Any]) -> tuple[Entity, ...]:
    """The inverse of `entities_json`."""
    return tuple(
        Entity(kind, entry["text"], float(entry["confidence"])) for kind in KINDS for entry in data[kind]
    )


def votes_from_json(data: dict[str, Any], page: int) -> tuple[Vote, ...]:
    """The inverse of `votes_json`."""
    return tuple(_vote(entry, page) for entry in data["votes"])


def _vote(entry: dict[str, Any], page: int) -> Vote:
    tally = entry["tally"]
    return Vote(
        page=page,
        result=entry["result"],
        motion_by=entry["motion_by"],
        seconded_by=entry["seconded_by"],
        ayes=tally["ayes"],
        nays=tally["nays"],
        abstain=tally["abstain"],
        absent=tally["absent"],
        individual=tuple((each["name"], each["vote"]) for each in entry["individual_votes"]),
        raw_text=entry.get("raw_text", ""),
    )
