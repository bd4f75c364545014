"""Votes of a document as lines that a person corrects, and sentences that may tell of votes that no rule found.

The first line holds the text of the pages, so that a file of labels needs nothing else to be scored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from clerk.extraction import clauses
from clerk.extraction.events import scan
from clerk.extraction.text import Source, build
from clerk.extraction.votes import votes_of
from clerk.findings import Vote

_COUNTS = ("ayes", "nays", "abstain", "absent")
_SAID = ("strong", "box", "noname", "withdrawn", "consent", "spanish")  # outcomes in plain words
_LONGEST = 600  # characters of a candidate's sentence
_BLANK: dict[str, Any] = {
    "result": None,
    **dict.fromkeys(_COUNTS),
    "motion_by": None,
    "seconded_by": None,
    "members": {},
    "item_ref": None,
}


def vote_lines(source: str, texts: Mapping[int, str]) -> list[dict[str, Any]]:
    """Lines of a file of labels: one of the document, then one of each vote and each candidate, in their order.

    Args:
        source: what the document is called.
        texts: page number to text.

    Returns:
        `{"kind": "document", "source", "pages"}`, then `{"kind": "vote" or "candidate", "source", "page", "start",
        "end_page", "end", "confidence", "text", "expected"}`. `start` and `end` are offsets in the text of their
        pages; `expected` has the fields of a label, with result null for a candidate. A recusal is told as an
        abstention.
    """
    built = build(texts)
    votes = [vote for found in votes_of(built, tuple(texts)).values() for vote in found]
    lines = [_vote_line(source, vote) for vote in votes]
    spans = [((vote.start_page, vote.start), (vote.end_page, vote.end)) for vote in votes]
    lines += (
        _candidate(source, built, first, last)
        for first, last in _sentences(built)
        if not _told(built, first, last, spans)
    )
    lines.sort(key=lambda line: (line["page"], line["start"]))
    pages = {str(page): texts[page] for page in sorted(texts)}
    return [{"kind": "document", "source": source, "pages": pages}, *lines]


def _vote_line(source: str, vote: Vote) -> dict[str, Any]:
    members: dict[str, list[str]] = {}
    for name, side in vote.individual:
        members.setdefault("abstain" if side == "recused" else side, []).append(name)
    refs = [f"Item {vote.item}"] if vote.item else []
    refs += [f"Ordinance {each}" for each in vote.ordinances] + [
        f"Resolution {each}" for each in vote.resolutions
    ]
    expected = {
        **_BLANK,
        "result": vote.result,
        **{side: getattr(vote, side) for side in _COUNTS},
        "motion_by": vote.motion_by,
        "seconded_by": vote.seconded_by,
        "members": members,
        "item_ref": refs[0] if refs else None,
    }
    return {
        "kind": "vote",
        "source": source,
        "page": vote.start_page,
        "start": vote.start,
        "end_page": vote.end_page,
        "end": vote.end,
        "confidence": vote.confidence,
        "text": vote.raw_text,
        "expected": expected,
    }


def _sentences(built: Source) -> Iterator[tuple[int, int]]:
    """Sentences (from, to) in which somebody moves or seconds, or that say an outcome; each once."""
    done = -1
    for event in scan(built.text, built.low):
        if event.kind not in ("move", "second") and not (
            event.kind == "outcome" and event.match.lastgroup in _SAID
        ):
            continue
        if event.start < done:
            continue
        first = max(clauses.sentence_start(built.low, event.start), done, 0)
        done = max(clauses.sentence_end(built.low, event.end), event.end)
        yield first, done


def _told(built: Source, first: int, last: int, spans: list[tuple[tuple[int, int], tuple[int, int]]]) -> bool:
    """True where a vote that was found covers a part of the sentence."""
    start, end = built.place(first), built.place(last)
    return any(begin < end and start < stop for begin, stop in spans)


def _candidate(source: str, built: Source, first: int, last: int) -> dict[str, Any]:
    page, start = built.place(first)
    end_page, end = built.place(last)
    return {
        "kind": "candidate",
        "source": source,
        "page": page,
        "start": start,
        "end_page": end_page,
        "end": end,
        "confidence": 0.0,
        "text": built.raw(first, last)[:_LONGEST],
        "expected": {**_BLANK, "members": {}},
    }
