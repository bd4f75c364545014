"""What the extraction finds on a page, and its shapes as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from clerk.extraction.roster import Attendee
from clerk.findings import Entity, Vote

KINDS = ("persons", "orgs", "locations")


@dataclass(frozen=True, slots=True)
class Extracted:
    """Entities, votes and attendance of one page, in the order of the text."""

    entities: tuple[Entity, ...] = ()
    votes: tuple[Vote, ...] = ()
    roster: tuple[Attendee, ...] = ()


def entities_json(entities: Iterable[Entity]) -> dict[str, Any]:
    """The column `entities_json`: `{"persons": [{"text", "confidence", …}], "orgs": […], "locations": […]}`.

    Beside the two keys that every reader knows: `start` and `end` in the page's text, `count` of mentions, `role`
    (a person's title) and `rule` (what found it); those that are empty are left out.
    """
    groups: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for entity in sorted(entities, key=lambda each: -each.confidence):
        groups[entity.kind].append(_entity_json(entity))
    return groups


def votes_json(votes: Iterable[Vote]) -> dict[str, Any]:
    """The column `votes_json`: `{"votes": [{"result", "tally", "motion_by", "seconded_by", …}]}`."""
    return {"votes": [vote.to_json() for vote in votes]}


def entities_from_json(data: dict[str, Any]) -> tuple[Entity, ...]:
    """The inverse of `entities_json`, but for the order."""
    return tuple(_entity(kind, entry) for kind in KINDS for entry in data[kind])


def votes_from_json(data: dict[str, Any], page: int) -> tuple[Vote, ...]:
    """The inverse of `votes_json`."""
    return tuple(_vote(entry, page) for entry in data["votes"])


_EXTRA = ("start", "end", "count", "role", "rule")
_PLAIN = ("raw_text", "confidence", "kind", "method", "unanimous", "section", "topic", "consent")


def _entity_json(entity: Entity) -> dict[str, Any]:
    data: dict[str, Any] = {"text": entity.text, "confidence": entity.confidence}
    if entity.start >= 0:
        data |= {"start": entity.start, "end": entity.end, "count": entity.count}
    return data | {key: value for key, value in (("role", entity.role), ("rule", entity.rule)) if value}


def _entity(kind: str, data: dict[str, Any]) -> Entity:
    extra = {key: data[key] for key in _EXTRA if key in data}
    return Entity(kind, data["text"], float(data["confidence"]), **extra)


def _vote(data: dict[str, Any], page: int) -> Vote:
    tally = data["tally"]
    start_page, start, end_page, end = data["span"]
    return Vote(
        page=page,
        result=data["result"],
        motion_by=data["motion_by"],
        seconded_by=data["seconded_by"],
        individual=tuple((each["name"], each["vote"]) for each in data["individual_votes"]),
        start_page=start_page,
        start=start,
        end_page=end_page,
        end=end,
        item=data["agenda_item_ref"],
        ordinances=tuple(data["ordinances"]),
        resolutions=tuple(data["resolutions"]),
        **{key: tally[key] for key in ("ayes", "nays", "abstain", "absent", "recused")},
        **{key: data[key] for key in _PLAIN},
    )
