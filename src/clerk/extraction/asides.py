"""Passages that tell of a vote of another day or body, in whatever text they stand: history, recitals, examples.

A sentence that begins with another day than the meeting's (`On April 1, the Council voted 5-2 …`) tells of the past,
and so do the sentences after it that only go on about the same vote, up to the end of the paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from clerk.extraction.clauses import sentence_end, sentence_start
from clerk.extraction.events import ON_DAY, Event
from clerk.extraction.papers import SECTION, retold
from clerk.extraction.reports import LONGEST, PARAGRAPH, of_other_bodies, of_polls

Span = tuple[int, int]

_MONTH = (
    r"(?:jan(?:uary|\.)?|feb(?:ruary|\.)?|march|mar\.|apr(?:il|\.)?|may|june|july|aug(?:ust|\.)?|sept?(?:ember|\.)?"
    r"|oct(?:ober|\.)?|nov(?:ember|\.)?|dec(?:ember|\.)?)"
)
_DAY = re.compile(
    rf"\b(?:(?P<month>{_MONTH})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)"
    rf"|(?P<first>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:day\s+)?(?:of\s+)?(?P<second>{_MONTH})(?!\w)"
    r"|(?P<m>\d{1,2})[/.](?P<d>\d{1,2})[/.](?:\d{4}|\d\d)(?!\d))"
)
_WHEN = (
    rf"(?:{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?|\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH}(?:,?\s+\d{{4}})?"
    rf"|\d{{1,2}}/\d{{1,2}}/\d{{2,4}}|(?:(?:early|late|mid)[\s-])?{_MONTH}(?:,?\s+\d{{4}})?|(?:fiscal\s+year\s+)?(?:19|20)\d\d)"
)
# A clause that begins with a day, and a short way from there to the words of the vote.
_INTRO = re.compile(
    rf"(?:^|[.;:!?(]\s{{0,3}}|\n\W{{0,6}}|\b(?:that|and)\s)(?:\d{{1,2}}(?:\.\d{{1,2}}){{0,2}}\.?\s+)?"
    rf"(?:(?:on|in|during|since)\s+(?P<when>{_WHEN})"
    rf"|at\s+(?:its|their|the|our|your|a)\s+(?:(?!of\b|on\b)[\w']+\s+){{0,4}}?(?P<meeting>{_WHEN})(?=\s+(?:[\w']+\s+){{0,2}}(?:meeting|session|hearing))"
    rf"|at\s+(?:its|their|the|our|your|a)\s+(?:[\w']+\s+){{0,4}}(?:meeting|session|hearing)\s+(?:(?:held\s+)?(?:on|of|in)\s+)"
    rf"(?P<held>{_WHEN}))(?P<rest>[^.;\n]{{0,20}}(?:\n?[^.;\n]){{0,150}})$"
)
_MOVES = re.compile(r"\b(?:moved|motion|seconded)\b")
_YOU = re.compile(
    r"\b(?:you|your\s+(?:board|council|commission|committee))\s+(?:unanimously\s+)?(?:voted|approved|adopted|passed|rejected)\b"
)
# `A letter was read, advising that its Board had …`
_WRITES = re.compile(
    r"\b(?:advising|stating|informing|noting|indicating|reporting|announcing)\s+(?:[\w']+\s+){0,3}?that\s+(?:its|their|the)\s[^.;]{0,80}?"
    r"\b(?:had|has|have)\s+(?:unanimously\s+)?(?:adopted|approved|voted|passed|endorsed)\b"
)
# The record of the vote on the very paper, dated: `I certify that on May 6 the Council adopted the foregoing …`.
_CERTIFIES = re.compile(
    r"\b(?:foregoing|certif\w+|(?:by\s+)?the\s+following\s+vote|passed\s+and\s+adopted|adopted\s+this)\b"
)
_COUNTED = re.compile(
    r"\b(?:voted|approved|adopted|passed|rejected|defeated|denied)\b[^.;\n]{0,120}?\b\d{1,2}\s?(?:-|to)\s?\d{1,2}\b(?!-|/)"
)
# Who says it is at the meeting, which goes on after it.
_SAID = re.compile(
    r"\b(?:said|stated|noted|recalled|explained|reported|mentioned|asked|added|commented|reminded)\b"
)
# `voted 4-1 on April 16`
_DATED = re.compile(rf"[^.;\n]{{0,30}}?\b\d{{1,2}}\s?(?:-|to)\s?\d{{1,2}}\s+(?:on|in)\s+(?P<when>{_WHEN})")
_NEW = re.compile(r"\b(?:to\s+[a-z]{3,}|that\b)")
# Each begins with letters or a line break, so that it is found fast; the text is read with a line break before it.
_LEFT_OUT = {
    "recital": re.compile(r"whereas\b\s?[,:;]?"),
    "preface": re.compile(
        r"unless\s+otherwise\s+(?:indicated|noted|stated|specified|recorded|shown|mentioned)\b(?=[^.;]{0,90}\b(?:motions?|votes?|actions?)\b)"
    ),
    "example": re.compile(r"\n[ ]*(?:example|sample|specimen|template)s?\b[^\n:.]{0,40}:"),
    "suggested": re.compile(
        r"[\n.;:]\s{0,2}[ ]*(?:\d{1,2}\.[ ])?(?:(?:suggested|recommended|possible|proposed|draft|alternative|sample)[ ]"
        r"(?:[a-z]+[ ])?(?:motion|action|wording|language)s?\b|legislative[ ]update\b)[^\n:.]{0,30}:"
    ),
    "records": re.compile(
        r"(?:clerk|secretary|recorder)\s+(?:then\s+|will\s+)?(?:records?|writes?|enters?)\s*:"
    ),
    "quoted": re.compile(
        r"(?:e\.g\.|for\s+example|such\s+as|(?:should|shall|to|will|must|would)\s+(?:read|say|state)|instead\s+of)"
        r"[,:]?\s{1,2}(?=['\"])"
    ),
    "prior": re.compile(
        r"\n[ ]*(?:(?:previous|prior|past)\s+(?:(?:council|board|committee|commission)\s+)?"
        r"(?:direction|action|vote|decision)s?|(?:legislative|project|case|council)\s+history|chronology|timeline)\b"
        r"[ ]*(?::|\n)"
    ),
    "bracket": re.compile(
        r"\((?=[^()]{0,60}\b(?:committee|commission|board|council|selectmen|trustees)\b[^()]{0,12}\s"
        r"(?:voted|recommend|approved|vote\b)|[^()]{0,80}\bin\s+(?:committee|commission)\b)"
    ),
    "entry": re.compile(r"\n[ ]*[-*•]?[ ]*\(?\d{1,2}/\d{1,2}/\d{2,4}\)?[ ]*[:|-]?[ ]+"),
}
# Without one of these there is none of the kind.
_SIGNS = {
    "recital": ("whereas",),
    "preface": ("unless",),
    "example": ("example", "sample", "specimen", "template"),
    "records": ("clerk", "secretary", "recorder"),
    "quoted": ("e.g.", "example", "such as", "read", "say", "state", "instead"),
    "prior": ("previous", "prior", "past", "history", "chronology", "timeline"),
    "entry": ("/",),
}
_RECITAL_ENDS = re.compile(
    r";|\bnow,?\s+therefore\b|\bbe\s+it\s+(?:further\s+)?(?:resolved|ordained)\b|\n\s*\n"
)
# Days that are not the meeting's: of the minutes that are approved, of an ordinance's first reading.
_OTHER_DAYS = re.compile(
    rf"\b(?:the\s+(?:[\w']+\s+){{0,3}}minutes\s+(?:of|from|for)\s[^.;\n]{{0,60}}?"
    rf"|(?:introduced|first\s+reading|read\s+first|posted|published|filed)\W{{1,3}}(?:on\s+)?){_WHEN}"
)
# Words of those who look back on a vote.
_HINDSIGHT = re.compile(
    r"\b(?:background|history|description|earlier|in\s+(?:[a-z]+\s+)?(?:19|20)\d\d|(?:has|have)\s+since|chronology|timeline|previous(?:ly)?|recommend(?:s|ed|ation)|since\s+then|at\s+that\s+time"
    r"|had\s+(?:been\s+)?(?:\w+ly\s+)?(?:passed|carried|failed|approved|adopted|voted|moved|seconded|denied)"
    r"|(?:is|are|comes?|returns?)\s+(?:now|again|back)\b|now\s+(?:before|returns?|comes?|open|pending|in\s+effect)"
    r"|pursuant\s+to\s+(?:that|this|the)\s+(?:direction|vote|action|motion)|staff\s+(?:has|have|then|drafted|prepared|returned)"
    r"|tonight|will\s+(?:now\s+|then\s+)?(?:consider|hear|discuss|take\s+up)|years?\s+ago|later\s+(?:that|the\s+same)|remains?\s+(?:in|on|open))"
)
_TITLE = re.compile(
    r"\b(?:council|board|commission|committee|trustees|selectmen|town|city|village|county|township|district)\b"
)
_OF_A_MEETING = re.compile(r"\b(?:met|meeting|minutes|present|session|hearing|resolution|ordinance)\b")
_LOOKS_BACK = 300  # characters behind a vote in which words tell that it is long past
_PRONOUN = re.compile(r"\W*(?:it|this|that|which|they)\b")
_BESIDE = 40  # characters from an outcome to the words that name its mover
_HEAD = 500  # characters in which the day of a meeting is told
_WAITS = 1500  # characters in which a motion waits for its outcome, whatever is told in between
_CLOSING_QUOTE = re.compile(r"[\"'](?=[\s.,;)]|$)")


def asides(text: str, low: str, starts: Sequence[int], events: Sequence[Event]) -> list[Span]:
    """Passages whose motions and outcomes are none of the meeting's, from and to, in their order.

    Args:
        text: the text of a document.
        low: the same in small letters.
        starts: where its pages begin.
        events: what the text holds, in its order.
    """
    spans = [
        *retold(text, low, starts),
        *_marked_off(low, events),
        *_of_other_days(low, events),
        *of_other_bodies(low, events),
        *of_polls(low, events),
    ]
    return _joined(spans)


def outside(events: Sequence[Event], spans: Sequence[Span]) -> list[Event]:
    """The events that stand in none of the passages."""
    kept: list[Event] = []
    number = 0
    for event in sorted(events, key=lambda each: each.start):
        while number < len(spans) and spans[number][1] <= event.start:
            number += 1
        if number == len(spans) or event.start < spans[number][0]:
            kept.append(event)
    kept.sort(key=lambda event: (event.position, -event.end))
    return kept


def _joined(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _marked_off(low: str, events: Sequence[Event]) -> Iterator[Span]:
    """Recitals, examples, words that are only suggested, lists of dated entries, what a committee said before."""
    entries: list[Span] = []
    text = "\n" + low
    for kind, pattern in _LEFT_OUT.items():
        if any(sign in low for sign in _SIGNS.get(kind, ("",))):
            for match in pattern.finditer(text):
                start, end = max(0, match.start() - 1), match.end() - 1
                if kind == "entry":
                    entries += (
                        [] if _days(match.group()) & _own(low, start) else [(start, _line_end(low, end))]
                    )
                else:
                    yield start, _left_out_until(low, kind, end, events)
    if len(entries) > 1:
        yield from entries


def _line_end(low: str, position: int) -> int:
    stop = low.find("\n", position)
    return len(low) if stop < 0 else stop


def _left_out_until(low: str, kind: str, end: int, events: Sequence[Event]) -> int:
    """Where a passage ends that begins with the words of its kind, which end at `end`."""
    limit = min(len(low), end + LONGEST)
    if kind == "recital":
        stop = _RECITAL_ENDS.search(low, end, limit)
        return min(stop.start() if stop else limit, sentence_end(low, end))
    if kind == "quoted":
        closing = _CLOSING_QUOTE.search(low, end + 1, limit)
        return closing.end() if closing else end
    if kind == "bracket":
        return max(low.find(")", end, limit), end)
    stop = PARAGRAPH.search(low, end, limit)
    last = stop.start() if stop else limit
    if kind == "preface":
        last = min(last, _line_end(low, end))
    return _first_move(events, end, last) if kind in ("suggested", "preface") else last


def _first_move(events: Sequence[Event], start: int, end: int) -> int:
    """Where somebody moves between two positions, else the second one."""
    return next((e.start for e in events if e.kind == "move" and start <= e.start < end), end)


def _of_other_days(low: str, events: Sequence[Event]) -> Iterator[Span]:
    """Sentences that begin with another day, with those that go on about the same vote."""
    told = [
        *(e for e in events if e.kind in ("move", "outcome")),
        *(Event("count", m) for m in _COUNTED.finditer(low)),
    ]
    told.sort(key=lambda event: event.start)
    done = own = -1
    for number, event in enumerate(told):
        if event.start < max(done, own):
            continue
        start = sentence_start(low, event.start)
        end = sentence_end(low, event.end)
        before = told[number - 1] if number else None
        waits = (
            before is not None and before.kind == "move" and max(done, event.start - _WAITS) <= before.start
        )
        # The paper's first words of a vote may be those that tell the day of the meeting.
        if number == 0 and _tells_its_day(low, event, told[1:6]):
            own = end
            continue
        another = _is_of_another_day(low, start, event.start) or (not waits and _has_another_day(low, event))
        if not another or _CERTIFIES.search(low, start, end):
            continue
        said = _SAID.search(low, start, event.start)
        done = end if waits or said else _goes_on(low, end, told[number + 1 : number + 20])
        yield start, done


def _has_another_day(low: str, event: Event) -> bool:
    """True for an outcome that names a day, and not that of the meeting: `|adopted on April 1 by 5-0|`."""
    found = ON_DAY.search(event.match.group()) if event.kind == "outcome" else None
    return found is not None and not _days(found.group()) & _own(low, event.start)


def _tells_its_day(low: str, event: Event, following: Sequence[Event]) -> bool:
    """True where a paper without a day begins with a motion and its day: nothing says that it is of another.

    `On May 5, motion by A …`, or `Adopted on May 6 by 5-0, motion by A`.
    """
    start, end = sentence_start(low, event.start), sentence_end(low, event.end)
    begin = event.start
    if event.kind == "move":
        match = _INTRO.search(low[start : event.start])
        if match is None or not _days(match["when"] or "") or match.group().startswith(("that", "and")):
            return False
        begin = start + match.start("when")
    elif not (
        _has_another_day(low, event)
        and any(e.kind == "move" and 0 <= e.start - event.end < _BESIDE for e in following)
    ):
        return False
    return not (
        begin > _HEAD
        or _days(_OTHER_DAYS.sub("", low[:begin]))
        or not _opens_minutes(low[:begin])
        or _SAID.search(low, start, event.start)
        or _HINDSIGHT.search(low, 0, end + _LOOKS_BACK)
        or (event.kind == "outcome" and _PRONOUN.match(low, start))
    )


def _opens_minutes(lead: str) -> bool:
    """True for what stands before the first motion of minutes: nothing, a title, or words of a meeting or paper."""
    lead = lead.strip().removesuffix("on").rstrip()
    if SECTION.search(lead):
        return False
    title = _TITLE.search(lead) is not None and not re.search(r"[.:;!?(]", lead)
    return not lead or title or (_OF_A_MEETING.search(lead) is not None and lead[-1] not in ":;(")


def _is_of_another_day(low: str, start: int, position: int) -> bool:
    if position - start > 400:
        return False
    if _YOU.search(low, start, position + 12) or _WRITES.search(low, start, position):
        return True
    dated = _DATED.match(low, position)
    if dated is not None and not _days(dated["when"]) & _own(low, dated.start("when")):
        return True
    match = _INTRO.search(low[start:position])
    if match is None or _MOVES.search(match["rest"]):
        return False
    group = next(name for name in ("when", "meeting", "held") if match[name])
    return not _days(match[group]) & _own(low, start + match.start(group))


def _goes_on(low: str, end: int, following: Sequence[Event]) -> int:
    """Where a passage ends: before a new paragraph, or a motion that says what it is for."""
    for event in following:
        start = sentence_start(low, event.start)
        stop = sentence_end(low, event.end)
        if event.start < end:
            continue
        if start - end > 300 or PARAGRAPH.search(low, end, event.start):
            break
        if event.kind == "move" and _NEW.search(low, event.end, stop):
            break
        end = stop
    return end


def _own(low: str, position: int) -> frozenset[tuple[str, str]]:
    """Days named at the head of a document, before a position: one is that of the meeting."""
    return _days(low[: min(_HEAD, position)])


def _days(text: str) -> frozenset[tuple[str, str]]:
    """The days (month, day) named in a text in small letters; months by their first three letters or number."""
    found = set()
    for match in _DAY.finditer(text):
        month = match["month"] or match["second"] or match["m"]
        day = match["day"] or match["first"] or match["d"]
        number = _NUMBERS.get(month[:3], month.lstrip("0"))
        found.add((number, day.lstrip("0")))
    return frozenset(found)


_NUMBERS = {
    name: str(number)
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)
}
