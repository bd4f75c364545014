"""Passages in which somebody tells of the decisions of another body, or of what people answered who are no body."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice

from clerk.extraction.clauses import sentence_end, sentence_start
from clerk.extraction.events import Event

Span = tuple[int, int]

LONGEST = 1200  # characters of a passage
_ANSWERS = 200  # characters in which answers of a survey are told
PARAGRAPH = re.compile(
    r"\n[ ]*\n|\n(?=[ ]*(?:\d{1,2}[.)]|[-*•]|\(?[a-z][.)]\s)|[ ]*[a-z][a-z &/]{3,40}:)"
    r"|(?<=[.!?)])[ ]*\n(?=[ ]*[a-z ]{4,50}\n)"
)
_REPORTS = re.compile(
    r"\b(?:reported|report(?:s|ing)?|updates?|updated|briefed|briefing|summar\w+|overview|attended)\b[^.;:\n]{0,40}?\b(?:on|of|from|about|regarding|attended)\s"
    r"[^.;:]{0,60}?\b(?:district|commission|committee|authority|association|league|legislature|(?:planning|school|fire|library|zoning|health|county|"
    r"parks?|water)\s+(?:board|council|commission))\b"
    r"|\b(?:gave|presented|provided)\s+(?:the|a|an|his|her)\s+(?:county|legislative|state|district|school)\s+(?:\w+\s+)?(?:update|report)\b"
)
_SEAT = re.compile(
    r"\b(?:council|commissioner|trustee|supervisor|director|select(?:man|woman)|alder|delegate|senator"
    r"|representative)"
)
# `County Commissioner Blum gave the county update`: of his own body, to this one.
_OF_COUNTY = re.compile(r"\b(?P<of>county|state|district|school)\s+(?:\w+\s+)?$")
# `… reported that at the hospital board |a motion was made|`, `… said the library board met, where |Ms. Dow moved|`.
_BODY = (
    r"(?P<body>(?:[a-z'&-]+\s+){0,4}?(?:board|commission|committee|council|authority|association|district|society|union"
    r"|auxiliary|senate|legislature|league)\b(?:\s+of\s+[a-z]+)?)"
)
_ELSEWHERE = re.compile(
    r"\b(?:said|stated|noted|reported|reports|announced|explained|mentioned|told|advised|informed|shared|added|relayed)\b"
    rf"[^.;\n]{{0,60}}?\s(?:at\s+(?:the|its|their|a)\s+{_BODY}(?:'s)?(?:\s+(?:meeting|session|hearing))?"
    rf"|the\s+{_BODY.replace('body', 'where')}(?:\s[^.;\n]{{1,60}}?)?,?\s+(?:where|at\s+which|during\s+which)\b)"
    r"(?P<gap>(?:[^.;\n]|(?<=\b[md]r)\.|(?<=\bms)\.|(?<=\bmrs)\.){0,45})$"
)
_OWN_MOVE = re.compile(r"\b(?:and|then)\s*(?:also\s+)?$|\s(?:he|she)\s")
_POLLED = re.compile(
    r"\bin\s+(?:a|an|the|its|our|this)\s+(?:(?!(?:land|boundary|site|field)\b)\w+\s+){0,2}(?:survey|questionnaire|poll|referendum)\b"
    r"|\b(?:straw|opinion|online|informal|telephone|mail)\s+(?:polls?|surveys?|ballots?|votes?)\b|\brespondents\b"
    r"|\b(?:survey|poll|questionnaire)\s+(?:of\s+(?:the\s+)?(?:\w+\s+)?(?:residents|owners|members|voters|parents"
    r"|businesses|customers|households|neighbou?rs|employees)|showed|shows|found|closed)\b"
    r"|\bof\s+(?:the|those)\s+(?:\w+\s+)?(?:\w+\s+)?who\s+(?:answered|responded|replied|took\s+part)\b"
    r"|\bamong\s+(?:the\s+)?(?:respondents|residents|voters|audience|public|neighbou?rs)\b"
)


def of_other_bodies(low: str, events: Sequence[Event]) -> Iterator[Span]:
    """What somebody reports of another body: in the same sentence, or in what follows it in the paragraph.

    A motion of somebody who sits on another kind of body than the one who reports belongs to it, or on the same
    where the one who reports came from there; any other is new.

    Args:
        low: the text of a document in small letters.
        events: what it holds, in its order.
    """
    for match in _REPORTS.finditer(low):
        start = sentence_end(low, match.end())
        end = _paragraph_end(low, start)
        begin = sentence_start(low, match.start())
        reporter = _SEAT.search(low, begin, match.start())
        theirs = reporter is not None and _reports_on_own(low, begin, reporter.start(), match)
        for event in events:
            if event.kind != "move" or not start <= event.start < end:
                continue
            seat = _SEAT.search(low, event.start, min(end, event.end + 25))
            if not (reporter and seat and (seat.group()[:5] == reporter.group()[:5]) == theirs):
                end = event.start
                break
        yield start, max(start, end)
    yield from _at_other_bodies(low, events)


def _reports_on_own(low: str, begin: int, seat: int, match: re.Match[str]) -> bool:
    """True for `County Commissioner Blum |gave the county update|`, where the county's body is not this one."""
    of = _OF_COUNTY.search(low, begin, seat)
    return of is not None and of["of"] in match.group() and of["of"] not in low[: min(_HEAD, begin)]


_HEAD = 1500  # characters in which the body that met is named


def _at_other_bodies(low: str, events: Sequence[Event]) -> Iterator[Span]:
    """A motion that a sentence says was made at another body, with what came of it."""
    done = -1
    for number, event in enumerate(events):
        if event.kind != "move" or event.start < done:
            continue
        start = sentence_start(low, event.start)
        match = _ELSEWHERE.search(low, start, event.start)
        if match is None or _OWN_MOVE.search(match["gap"]):
            continue
        body = (match["body"] or match["where"]).split()
        named = " ".join(body[-3 if "of" in body else -2 :])
        if len(body) < 2 or named in low[: min(_HEAD, start)]:
            continue
        done = _its_outcome(low, sentence_end(low, event.end), events[number + 1 : number + 20])
        yield start, done


def _its_outcome(low: str, end: int, following: Sequence[Event]) -> int:
    """Where ends what is told of a motion: with the sentences after it, before another motion or paragraph."""
    for event in following:
        if event.start < end:
            continue
        start = sentence_start(low, event.start)
        if event.kind == "move" or start - end > 40 or PARAGRAPH.search(low, end, event.start):
            break
        end = sentence_end(low, event.end)
    return end


def of_polls(low: str, events: Sequence[Event]) -> Iterator[Span]:
    """What people answered in a survey: the sentence that names it and a few more, up to a motion or a list of names.

    None where a motion of the body waits for its outcome.
    """
    told = sorted((e.start, e.kind) for e in events if e.kind in ("move", "outcome", "label"))
    for match in _POLLED.finditer(low):
        start = sentence_start(low, match.start())
        end = min(_paragraph_end(low, match.end()), sentence_end(low, match.end() + _ANSWERS))
        first = bisect_left(told, (start, ""))
        if first and told[first - 1][1] == "move" and start - told[first - 1][0] < LONGEST:
            continue
        following = islice(told, first, first + 50)
        yield start, min(end, next((at for at, kind in following if kind != "outcome"), end))


def _paragraph_end(low: str, start: int) -> int:
    limit = min(len(low), start + LONGEST)
    stop = PARAGRAPH.search(low, start, limit)
    return stop.start() if stop else limit
