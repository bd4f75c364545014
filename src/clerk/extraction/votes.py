"""Finds the decisions of a body in the text of its minutes, by rules: no model, the same answer every time."""

from __future__ import annotations

import re
from collections.abc import Mapping

from clerk.extraction.asides import asides, outside
from clerk.extraction.confidence import vote_confidence
from clerk.extraction.context import Context
from clerk.extraction.events import scan
from clerk.extraction.machine import Machine
from clerk.extraction.motion import Motion
from clerk.extraction.roster import find_roster, surnames
from clerk.extraction.text import Source, build
from clerk.findings import Vote

_VOTING = re.compile(
    r"\b(?:ayes?|nays?|noes|yeas?|abstain\w*|abstentions?|opposed|roll\s+call|voting)\b|\d\s?-\s?\d\b"
)
_RAW = 1500  # characters of the source text that a vote keeps


def find_votes(texts: Mapping[int, str]) -> dict[int, tuple[Vote, ...]]:
    """Votes of a document, by the page on which the outcome stands.

    Args:
        texts: page number to text, of one document.
    """
    return votes_of(build(texts), tuple(texts))


def votes_of(
    source: Source, pages: tuple[int, ...], members: frozenset[str] | None = None
) -> dict[int, tuple[Vote, ...]]:
    """Votes of a text; `members` are surnames in small letters, those of its own attendance where None."""
    known = surnames(find_roster(source)) if members is None else members
    text, low = source.text, source.low
    events = scan(text, low)
    told = outside(events, asides(text, low, source.pages_at(), events))
    motions = Machine(text, low, known).run(told)
    motions.sort(key=lambda motion: motion.at)
    context = Context(source)
    found: dict[int, list[Vote]] = {page: [] for page in sorted(pages)}
    for number, motion in enumerate(motions):
        previous = motions[number - 1].end if number else 0
        following = motions[number + 1].start if number + 1 < len(motions) else len(text)
        vote = _vote(motion, source, context, known, (previous, following))
        found[vote.page].append(vote)
    return {page: tuple(votes) for page, votes in found.items()}


def _vote(
    motion: Motion,
    source: Source,
    context: Context,
    known: frozenset[str],
    bounds: tuple[int, int],
) -> Vote:
    ballots = motion.ballots
    previous, following = bounds
    end = max(motion.end, motion.at + 1)
    page, _ = source.place(motion.at)
    start_page, start = source.place(motion.start)
    end_page, stop = source.place(end)
    people = [person for person in (motion.mover, motion.seconder) if person is not None]
    around = context.of(motion.start, end, previous, [*(person.start for person in people), motion.at])
    return Vote(
        page=page,
        result=motion.result,
        motion_by=motion.mover.name if motion.mover else None,
        seconded_by=motion.seconder.name if motion.seconder else None,
        ayes=ballots.count("aye"),
        nays=ballots.count("nay"),
        abstain=ballots.count("abstain"),
        absent=ballots.count("absent"),
        individual=ballots.individual(),
        raw_text=source.raw(motion.start, end)[:_RAW],
        recused=ballots.count("recused"),
        kind=motion.kind,
        method=_method(motion),
        unanimous=ballots.unanimous,
        start_page=start_page,
        start=start,
        end_page=end_page,
        end=stop,
        section=around.section,
        item=around.item,
        ordinances=around.ordinances,
        resolutions=around.resolutions,
        topic=around.topic,
        consent=around.consent,
        confidence=vote_confidence(
            motion,
            known,
            unread=_unread(source.low, end, following),
            torn=_torn(source.low, motion.start, end),
        ),
    )


def _unread(low: str, end: int, following: int) -> bool:
    """True when words of voting stand behind a vote and before the next."""
    return bool(_VOTING.search(low, end, min(following, end + 200)))


_COUNT = re.compile(
    r"\b(?:passed|carried|failed|approved|adopted|vot(?:e|ed|es))\W{1,3}(?:(?:by|of|a|on|was|the|vote|with)\s){0,5}"
    r"(\d{1,2}\s?-\s?\d{1,2})\b"
)


def _torn(low: str, start: int, end: int) -> bool:
    """True when the text of a vote tells two different counts: one may be of another vote."""
    return (
        len({match[1].replace(" ", "") for match in _COUNT.finditer(low, start, min(end, start + 4000))}) > 1
    )


def _method(motion: Motion) -> str:
    if motion.by == "consent":
        return "general_consent"
    if motion.ballots.names.get("aye"):
        return "roll_call"
    return "unanimous" if motion.ballots.unanimous else ""
