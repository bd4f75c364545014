"""Names of people, organisations and places on a page: rules for meeting papers, and spaCy's recogniser.

What a rule finds by its form (a title, a suffix, an address) is surer than what the recogniser guesses; where two
claims overlap the surer one stays. Confidence is the share of names found in that way that were right on
labelled pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from clerk.extraction.excerpt import Excerpt, excerpt
from clerk.extraction.guesses import guesses
from clerk.extraction.org_rules import organisations
from clerk.extraction.person_rules import apart_names, people
from clerk.extraction.person_words import NO_PERSON
from clerk.extraction.place_rules import places
from clerk.extraction.roster import find_roster
from clerk.extraction.spans import Span
from clerk.extraction.sureness import entity_confidence
from clerk.extraction.text import Source, build
from clerk.findings import Entity

BATCH = 8  # pages: larger batches take three times the memory and gain nothing
_LONGEST = 20_000  # characters of a page that are looked at in one piece: memory grows with the piece
_SHORT = re.compile(r"\b(?:Jr|Sr|Inc|Co|Corp|Ltd|L\.?L\.?C|P\.?C|Dept|St|Ave|Rd|Blvd|Dr|[A-Z])\.$")
_LINE = re.compile(r"(?<=[^\n]{45})\n(?=[ ]?[A-Za-z(])(?![A-Z]\.[ ])(?![A-Z][\w()]*+(?:[ ][A-Z]\w*+){0,2}:)")


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
        sources = [build({1: text[:_LONGEST]}, spoken=True) for text in texts[start : start + BATCH]]
        pages = [_LINE.sub(" ", source.text) for source in sources]
        ruled = [_ruled(source, text) for source, text in zip(sources, pages, strict=True)]
        excerpts = [excerpt(text, spans) for text, spans in zip(pages, ruled, strict=True)]
        documents = pipeline.pipe([each.text for each in excerpts], batch_size=BATCH)
        for source, text, spans, part, document in zip(
            sources, pages, ruled, excerpts, documents, strict=True
        ):
            yield _page(source, text, spans, part, document)


def _ruled(source: Source, text: str) -> list[Span]:
    """What the rules find."""
    apart = [*organisations(text), *places(text)]
    roster = [
        Span("persons", start, end, "roster", each.role)
        for each in find_roster(source)
        if _is_roster_name(each.name, each.role) and (at := text.find(each.name)) >= 0
        for start, end in apart_names(text, at, at + len(each.name), pairs=True)
        if text[end : end + 1] != ":"
    ]
    return [*people(text, apart, roster), *apart]


def _page(source: Source, text: str, ruled: list[Span], part: Excerpt, document: Any) -> tuple[Entity, ...]:
    recognised = [
        (part.origin(each.start_char), part.origin(each.end_char - 1) + 1, each.label_)
        for each in document.ents
    ]
    found = [*ruled, *guesses(text, recognised, ruled)]
    found.sort(key=lambda span: (-_precedence(span), -(span.end - span.start), span.start))
    return _entities(source, text, _without_overlaps(found))


def _is_roster_name(name: str, role: str) -> bool:
    return bool(" " in name or role) and not any(word.lower() in NO_PERSON for word in name.split())


def _rank(span: Span) -> float:
    return entity_confidence(span.kind, span.rule)


# Which of two claims on the same letters stays: forms that mean one thing before those that may mean several.
_FIRST = frozenset("titled address company highway seat dba tally acronym".split())
_LAST = frozenset("guess guess_known guess_short guess_bare again alone region short".split())


def _precedence(span: Span) -> int:
    return 2 if span.rule in _FIRST else 0 if span.rule in _LAST else 1


def _without_overlaps(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    taken: set[int] = set()
    for span in spans:
        inner = span.rule in _INNER
        cells = range(span.start, span.end)
        if not inner and any(cell in taken for cell in cells):
            continue
        kept.append(span)
        if not inner:
            taken.update(cells)
    return sorted(kept, key=lambda span: span.start)


_INNER = frozenset(("seat_name",))  # a name within another is one of its own


def _entities(source: Source, text: str, spans: list[Span]) -> tuple[Entity, ...]:
    """Each name of a kind once, as it is first printed, with how often it is."""
    seen: dict[tuple[str, str], list[Span]] = {}
    for span in spans:
        name = _printed(text, span)
        if name:
            seen.setdefault((span.kind, name.casefold()), []).append(span)
    return tuple(_entity(source, text, same) for same in seen.values())


def _printed(text: str, span: Span) -> str:
    name = " ".join(text[span.start : span.end].split()).strip(" ,;:-()[]\"'*_")
    if span.kind == "persons":
        name = name.removesuffix("'s")
    if name.endswith(".") and not _SHORT.search(name):
        name = name[:-1]
    name = re.sub(r"^(?:the|The|THE)\s+", "", name)
    letters = sum(letter.isalpha() for letter in name)
    return name if letters >= (1 if span.rule == "highway" else 2) and len(name) <= 100 else ""


def _entity(source: Source, text: str, same: list[Span]) -> Entity:
    best = max(same, key=_rank)
    page_start = source.place(best.start)[1]
    sure = entity_confidence(best.kind, best.rule, times=len(same))
    return Entity(
        best.kind,
        _printed(text, best),
        sure,
        start=page_start,
        end=source.place(best.end)[1],
        count=len(same),
        role=next((span.title for span in same if span.title), ""),
        rule=best.rule,
    )
