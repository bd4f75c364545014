"""Names of people, organisations and places on a page: spaCy's recogniser, then rules for meeting papers.

Confidence is no probability of the single name, which the recogniser does not give: it is a constant for
each kind, the share of names that were right on hand-labelled pages (rounded down), so that a reader can weigh
one kind against another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from clerk.extraction.names import strip_titles, title_before
from clerk.models import Entity

CONFIDENCE = {"persons": 0.8, "orgs": 0.35, "locations": 0.4}
BATCH = 8  # pages: larger batches take three times the memory and gain nothing
_LONGEST = 20_000  # characters of a page that are looked at in one piece: memory grows with the piece

_KINDS = {"PERSON": "persons", "ORG": "orgs", "GPE": "locations", "LOC": "locations", "FAC": "locations"}
_PLACE = re.compile(
    r"\b(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|way|place|pl|highway|hwy|square"
    r"|park|bridge|creek|river|lake|trail|plaza|circle|parkway|terrace)\.?$",
    re.IGNORECASE,
)
_ORG = re.compile(
    r"\b(?:council|commission|committee|board|department|authority|district|company|corporation|corp|inc|llc|group"
    r"|association|agency|bank|university|college|church|foundation|partners|society|library|union|office|bureau"
    r"|chamber of commerce|builders|services|associates|court of appeals|friends of .*)\.?$",
    re.IGNORECASE,
)
_NOISE_WORDS = """
ayes aye noes nays nay none abstain absent present motion moved seconded second carried approved minutes
agenda council chambers chamber resolution ordinance item page roll call public comment consent calendar
adjournment ordinances resolutions staff recommendation action vote yes no attest exhibit section
chapter public works
"""
_NOISE = frozenset(_NOISE_WORDS.split())
_LABELS = re.compile(r"\s+(?:absent|present|staff|ayes|noes|attest|abstain|motion)\b.*$", re.IGNORECASE)
_NEXT_ITEM = re.compile(r"\n\s*(?:[A-Z]|\d{1,2})\.\s")
_HOUSE = re.compile(r"(?<![\w.,-])(\d{1,5})\s$")
_LIST_LETTER = re.compile(r"(?:^|\n)\s*$")


def find_entities(
    pipeline: Any, texts: Sequence[str], cancelled: Callable[[], bool] | None = None
) -> Iterator[tuple[Entity, ...]]:
    """Entities of each text, in order; stops early where `cancelled` says so.

    Args:
        pipeline: a spaCy pipeline with a recogniser of English names.
    """
    for start in range(0, len(texts), BATCH):
        if cancelled is not None and cancelled():
            return
        batch = [text[:_LONGEST] for text in texts[start : start + BATCH]]
        for document in pipeline.pipe(batch, batch_size=BATCH):
            found = (
                _entity(document.text, span.start_char, span.end_char, _KINDS[span.label_])
                for span in document.ents
                if span.label_ in _KINDS
            )
            yield _distinct(entity for entity in found if entity is not None)


def _distinct(entities: Iterator[Entity]) -> tuple[Entity, ...]:
    """Each name of a kind once, as it is first printed."""
    seen: dict[tuple[str, str], Entity] = {}
    for entity in entities:
        seen.setdefault((entity.kind, entity.text.casefold()), entity)
    return tuple(seen.values())


def _entity(text: str, start: int, end: int, kind: str) -> Entity | None:
    printed = _LABELS.sub("", " ".join(_NEXT_ITEM.split(text[start:end])[0].split()))
    if kind == "locations" and (number := _HOUSE.search(text, max(0, start - 8), start)):
        printed = f"{number.group(1)} {printed}"
    printed = re.sub(r"^the\s+", "", printed, flags=re.IGNORECASE).strip(" .,;:-–—()[]\"'*_")
    if kind != "persons" and title_before(text, start) and not _PLACE.search(printed):
        kind = "persons"
    kind, name = _classify(printed, kind)
    if not _is_name(name) or (kind == "persons" and _is_list_item(text, start, name)):
        return None
    return Entity(kind, name, CONFIDENCE[kind])


def _classify(printed: str, kind: str) -> tuple[str, str]:
    """The kind that the form of a name tells, and the name without a title."""
    if _PLACE.search(printed) and " " in printed:
        return "locations", printed
    if _ORG.search(printed):
        return "orgs", printed
    stripped = strip_titles(printed)
    if stripped != printed and stripped and printed.endswith(stripped):
        return "persons", stripped  # only people carry titles
    return kind, stripped if kind == "persons" else printed


def _is_name(name: str) -> bool:
    letters = sum(character.isalpha() for character in name)
    words = [word.strip(".,").lower() for word in name.split()]
    return (
        letters >= 2
        and letters * 2 >= len(name.replace(" ", ""))
        and len(name) <= 100
        and any(character.isupper() for character in name)
        and not all(word in _NOISE for word in words)
    )


def _is_list_item(text: str, start: int, name: str) -> bool:
    """`B. Approve the register` begins a line like a person's initial."""
    return bool(re.match(r"[A-Z]\. [A-Z][a-z]+$", name)) and bool(
        _LIST_LETTER.search(text[max(0, start - 20) : start])
    )
