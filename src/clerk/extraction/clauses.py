"""The clause around an event: where its sentence begins and ends, and who stands in it."""

from __future__ import annotations

import re
from collections.abc import Collection

from clerk.extraction.events import Event
from clerk.extraction.forms import is_blank
from clerk.extraction.names import Person, parse, parse_before
from clerk.extraction.support import supports
from clerk.extraction.words import TITLES

_STOP = re.compile(r"[.!?](?=[\s\"')*]|$)|\n\s*\n|\n(?=\s*(?:\d{1,2}\.|[a-z]\.|motion|ayes?\b|result)[\s:])")
_INITIAL = re.compile(
    r"(?:\b(?:[a-z]|jr|sr|mr|ms|mrs|dr|hon|no|nos|st|vs|inc|co|ave|res|ord|art|sec|approx|rev|supt|ald|comm"
    r"|twp|u\.s))$"
)
_BACK = 500
_KIND = re.compile(r"\b(substitute|amend(?:ment|ed)?)\b")
_PRONOUN = re.compile(r"\b(?:he|she|they)\s+(?:then\s+|also\s+)?$")
_JOINED = re.compile(r"(?:\b(?:and|then|also|who|again|therefore|thereafter|so|subsequently)\s+|,\s*)+$")
_NOT = re.compile(
    r"\b(?:be|to\s+be|if|shall|when|unless|until|before|should|would|must|whether|as\s+previously|previously"
    r"|not)\s+(?:\w+\s+)?$|\breads?,?\s*\"$"
)
_IMPLIED = re.compile(r"\b(?:requested|asked|suggested|proposed|recommended|offered|nominated)\b")


def sentence_start(low: str, position: int) -> int:
    """Where the sentence of a position begins."""
    begin = max(0, position - _BACK)
    start = begin
    for match in _STOP.finditer(low, begin, min(len(low), position + 12)):  # what follows a stop is looked at
        if match.end() > position:
            break
        if not _is_short_form(low, begin, match):
            start = match.end()
    while start < position and low[start].isspace():
        start += 1
    return start


def _is_short_form(low: str, begin: int, stop: re.Match[str]) -> bool:
    """True where a full stop ends an initial or a short form; `no.` is one before a number only."""
    if stop.group() != ".":
        return False
    short = _INITIAL.search(low, max(begin, stop.start() - 6), stop.start())
    return short is not None and (short.group() != "no" or bool(_NUMBER_NEXT.match(low, stop.end())))


_NUMBER_NEXT = re.compile(r"\s{0,3}[#a-z]{0,3}-?\d")


def sentence_end(low: str, position: int) -> int:
    """Where the sentence of a position ends (its full stop is left out)."""
    limit = min(len(low), position + 1500)
    for match in _STOP.finditer(low, position, limit):
        if not _is_short_form(low, position, match):
            return match.start()
    return limit


def clause_start(low: str, floor: int, position: int) -> int:
    """Where what belongs to an outcome begins: its sentence, not before the names of the motion."""
    return max(floor, sentence_start(low, position))


def short_sentence(low: str, end: int, limit: int) -> int:
    """The end of the sentence after `end` where it is short, else `end`."""
    begin = end + 1
    if begin >= limit or low[end : end + 1] == "\n":
        begin = end
    while begin < min(limit, end + 4) and low[begin].isspace():
        begin += 1
    stop = min(sentence_end(low, begin), limit)
    return stop if stop - begin < 140 else end


def tells_votes(low: str, start: int, end: int) -> bool:
    """True for a sentence that only says how some voted: `Smith opposed.`, `Jones abstained.`"""
    return bool(
        _NOBODY_AGAINST.match(low, start, end)
        or re.search(
            r"(?:vot(?:ed|ing)\s+(?:no|nay|against|yes|aye)|in\s+favou?r|abstain(?:ed|ing|s)|oppos(?:ed|ing)|dissent(?:ed"
            r"|ing)|absent|recused"
            r"|requested\s+(?:that\s+)?(?:his|her|their)\s+[a-z ]{0,20}votes?[a-z ]{0,20}\s(?:recorded|noted))"
            r"(?:\s+(?:himself|herself|from\s+voting|from\s+the\s+vote))?\s*[)\"]?\s*"
            r"(?:,?\s*(?:because|due\s+to|as\b|since|citing|having|for)\b(?:[^.]|(?<=\b[md]r)\.|(?<=\bms)\.|(?<=\bmrs)\.){0,110})?$",
            low[start:end],
        )
    )


# `Motion carried. |No nays.|`
_NOBODY_AGAINST = re.compile(
    r"\W*(?:there\s+(?:were|was)\s+)?(?:no|without(?:\s+an?y?)?)\s+(?:nays?|noes|opposition|opposed|opposing"
    r"|dissent(?:ers?|ing)?|negative|abstentions?)(?:\s+votes?)?\b(?!\s?:|\s+(?:from|by|to|at|was|were|has|had|letters?)\b)"
)


def is_no_outcome(low: str, start: int, end: int) -> bool:
    """True where the words are a wish, a condition, or those of an empty form: `moved that the minutes be approved`."""
    return bool(_NOT.search(low, max(0, start - 30), start)) or is_blank(low, start, end)


def by_pronoun(low: str, start: int) -> bool:
    """True for `She |moved`."""
    return bool(_PRONOUN.search(low, max(0, start - 14), start))


def motion_kind(low: str, start: int, end: int) -> str:
    """`substitute` or `amendment` where the words by the motion say so."""
    before = max(0, start - 25, sentence_start(low, start))
    match = _KIND.search(low, start, min(len(low), end + 45)) or _KIND.search(low, before, start)
    if match is None:
        return "main"
    return "substitute" if match.group() == "substitute" else "amendment"


def movers(
    text: str, low: str, event: Event, known: Collection[str]
) -> tuple[Person | None, Person | None, int]:
    """Who moved, who seconded where one phrase names both, and where the motion begins."""
    kind = event.match.lastgroup or ""
    kind = "msc" if kind == "letters" else kind
    if kind in ("by", "label"):
        short = (
            _SHORT_SECOND.search(low, event.end, event.end + 45) if event.match.group()[1:2] in ":" else None
        )
        person = parse(text, event.end, known, short.start() if short else None)
        if kind == "label" and person and not _second_follows(low, person.end):
            person = person if _labelled(low, event, person, known) else None
        if kind == "by" and person and text[person.end : person.end + 1] == "/":
            return person, parse(text, person.end + 1, known), event.start
        if kind == "by" and person and event.match.group().startswith(("on ", "upon ")):
            return person, _joint(text, person.end, known), event.start
        return person, None, event.start
    if kind in ("msc", "slash", "header", "pair"):
        first, second = _pair(text, event.end, known)
        if first is None and kind == "header":
            first = parse(text, event.end, known)
        if first is None and kind == "slash" and _second_follows_name(text, low, event.end, known):
            first = parse(text, event.end, known)
        return first, second, event.start
    if kind == "verb":
        return _before_verb(text, low, event, known)
    return None, None, event.start


def _joint(text: str, end: int, known: Collection[str]) -> Person | None:
    """Who seconded, in `on motion of Hale |and Burt, …`."""
    joint = _AND.match(text, end)
    second = parse(text, joint.end(), known) if joint else None
    return second if second is not None and text.startswith((",", ":", " that "), second.end) else None


_AND = re.compile(r"\sand\s(?=[A-Z])")


def _labelled(low: str, event: Event, person: Person, known: Collection[str]) -> bool:
    """True for `Motion: Commissioner Coyle to approve … Second: …`."""
    if not event.match.group().startswith("mo"):
        return False
    goes_on = _TO_DO.match(low, person.end)
    return bool(goes_on and (person.seated or person.surname in known or " to" in goes_on.group())) and bool(
        _SECOND_NEAR.search(low, person.end, person.end + 400)
    )


_SHORT_SECOND = re.compile(r"[\s,;/]s\s?:")  # `M: Jonas  S: Klein`
_TO_DO = re.compile(r"[,;]?\s*(?:to\b|that\b|for\b|\n|[;,.]|$)")
_SECOND_NEAR = re.compile(r"\b(?:second(?:ed)?|2nd|secundad[ao])\b")


def _second_follows(low: str, end: int) -> bool:
    return bool(
        re.compile(
            r"(?:\s{13,60}|[\s,;./…-]{0,12})(?:and\s+)?(?:second|2nd|secundad|segundad|support)"
        ).match(low, end)
    )


def _pair(text: str, start: int, known: Collection[str]) -> tuple[Person | None, Person | None]:
    """`(A/B)`, `A, B:`, `A and B`."""
    begin = re.compile(r"[\s(:.-]*").match(text, start)
    first = parse(text, begin.end() if begin else start, known)
    if first is None:
        return None, None
    gap = _GAP.match(text, first.end)
    second = parse(text, gap.end(), known) if gap else None
    return (first, second) if second else (None, None)


_GAP = re.compile(r"\s?(?:[;,]\s(?:second(?:ed)?(?:\sby)?|2nd)[,:]?|[/,&-]|\band\b|\bto\b)\s?", re.IGNORECASE)


def _before_verb(
    text: str, low: str, event: Event, known: Collection[str]
) -> tuple[Person | None, Person | None, int]:
    phrase = event.match.group()
    person = _in_sentence(text, parse_before(text, event.start, known), event.start)
    behind = _moved_by_next(text, low, event, known, person) if phrase == "moved" else None
    if behind is not None:
        return behind, None, event.start
    if person is None and (adverb := _ADVERB.search(low, max(0, event.start - 12), event.start)):
        person = parse_before(text, adverb.start(), known)
    if phrase.strip() == "proposed" and not (
        person
        and (
            (
                person.title.rstrip(".").endswith(_PROPOSERS)
                and _SECOND_NEAR.search(low, event.end, event.end + 300)
            )
            or (person.title and _AND_SECONDED.match(low, event.end))
        )
    ):
        return None, None, event.start
    if person is None and (joined := _JOINED.search(low, max(0, event.start - 40), event.start)):
        person = _subject(text, low, joined.start(), known)
    if person is None or (phrase == "moved" and _went(text, event.end, person)):
        return None, None, event.start
    pair = re.search(r"([\w.' -]{2,40})/\s?$", text[max(0, person.start - 42) : person.start])
    if pair and (first := parse_before(text, person.start - len(pair.group()) + len(pair[1]), known)):
        return first, person, first.start
    return person, None, person.start


def _moved_by_next(
    text: str, low: str, event: Event, known: Collection[str], before: Person | None
) -> Person | None:
    """The name behind `moved`, where a second follows and no member stands before: `Moved Petch, seconded Quinn`."""
    behind = parse(text, event.end, known)
    if behind is None or not _second_follows(low, behind.end):
        return None
    opens_line = low[max(0, event.start - 20) : event.start].rstrip(" ")[-1:] in ("", "\n", ".", ":")
    member = before is not None and (before.seated or before.surname in known)
    return behind if before is None or opens_line or (behind.seated and not member) else None


def _in_sentence(text: str, person: Person | None, verb: int) -> Person | None:
    """None for a name with which the sentence before ends: `… with Ruth Hale. |Motioned and seconded`."""
    printed = text[verb : verb + 2]
    ended = person is not None and text[person.end - 1 : verb].strip() == "." and printed.istitle()
    return None if ended else person


_PROPOSERS = ("cllr", "cr", "councillor", "alderman", "cllr mrs", "councillor mrs", "deputy mayor")
_AND_SECONDED = re.compile(
    r"[^.;\n]{0,60}?,?\s(?:and|&)\s(?:[^.;\n]|(?<=mr)\.|(?<=ms)\.|(?<=mrs)\.|(?<=\b[a-z])\.){2,30}?\sseconded\b"
)
_ADVERB = re.compile(r"\s(?:so|then|also|again|duly|formally|further|first)\s$")


def opens(low: str, event: Event) -> bool:
    """True where a second without a motion before it tells of one: `B seconded the motion`."""
    if event.match.lastgroup == "verb":
        return event.match.group() not in ("second", "2nd", "supported")
    return "motion" in low[sentence_start(low, event.start) : event.start]


def _second_follows_name(text: str, low: str, end: int, known: Collection[str]) -> bool:
    person = parse(text, end, known)
    return person is not None and _second_follows(low, person.end)


def _went(text: str, end: int, person: Person) -> bool:
    """True for `Smith moved to Oakland`."""
    match = re.compile(r"\s+to\s+([A-Z][a-z]+)").match(text, end)
    return (
        match is not None
        and not person.seated
        and match[1].lower() not in ("approve", "adopt", "table", "amend", "deny")
    )


def _subject(text: str, low: str, end: int, known: Collection[str]) -> Person | None:
    """The person with whom the sentence begins: `Councilmember Marsh thanked staff and |moved`."""
    start = sentence_start(low, end)
    before = parse_before(text, end, known) if low.startswith("who", end) else None
    if before is not None and before.title:
        return before
    person = parse(text, start, known, end)
    if person is not None and " " in person.name and person.name.isupper():
        return None  # in capitals nothing tells the name from the verb after it
    if person is not None and (person.seated or person.surname in known):
        return person
    before = parse_before(text, end, known)
    return before if before is not None and (before.seated or before.surname in known) else None


MOVED_TOO = re.compile(r",?\s+(?:and\s+)?(?:moved\b(?!\s+by)|made\s+(?:a|the)\s+motion\b|nominated\b)")
_OF_MONTH = re.compile(r"(?:\d(?:st|nd|rd|th)?|\b[a-z]{3,9}\.?),?\s(?:and\s|&\s)?$")
_YEAR = re.compile(r",?\s\d{4}\b")


def seconders(
    text: str, low: str, event: Event, known: Collection[str], current: Person | None = None
) -> tuple[Person | None, Person | None]:
    """Who seconded (not `current`, who moved); and who moved, in `A, seconded by B, moved`."""
    kind = event.match.lastgroup
    if kind in ("by", "bare"):
        person = parse(text, event.end, known)
        if person and event.match.group().startswith(("second", "2nd", "support")):
            moved = MOVED_TOO.match(low, person.end)
            mover = parse_before(text, event.start, known) if moved else None
            return person, mover
        named = person and (person.title or person.surname in known)
        bare = event.match.group().startswith("support") and not named
        return (None if bare and not _MOVED.search(low, event.start - 90, event.start) else person), None
    person = _in_sentence(text, parse_before(text, event.start, known), event.start)
    if event.match.group() == "supported":
        return (person if person and current and supports(low, event.end, current, person) else None), None
    if person is not None and current is not None and person.at == current.at:
        # "Moved by A, seconded, that …", "Moved A, seconded B"
        start = re.compile(r"[\s,:-]*").match(text, event.end)
        following = parse(text, start.end() if start else event.end, known)
        return (following if following and _ends(text, following.end) else None), None
    if event.match.group() in ("second", "2nd") and person is None:
        comma = re.compile(r",\s{1,2}").match(low, event.end)
        following = parse(text, comma.end(), known) if comma else None
        if following and (following.seated or following.surname in known) and _ends(text, following.end):
            return following, None
    if event.match.group() in ("second", "2nd") and person and not (person.title or person.surname in known):
        person = person if _MOVED.search(low, event.start - 300, event.start) else None
    if person is None and event.match.group() == "seconded":
        start = re.compile(r"[\s,:-]*").match(text, event.end)
        person = parse(text, start.end() if start else event.end, known)
        if person and not (person.title or person.surname in known or _ends(text, person.end)):
            person = None
    if person is None and (joined := _JOINED.search(low, max(0, event.start - 30), event.start)):
        person = _subject(text, low, joined.start(), known)
    return person, None


def is_day(low: str, event: Event) -> bool:
    """True for `September 1st, and |2nd|, 2015`."""
    return (
        event.match.group() == "2nd"
        and bool(_YEAR.match(low, event.end))
        and bool(_OF_MONTH.search(low, max(0, event.start - 16), event.start))
    )


_MOVED = re.compile(r"\bmove|\bmotion")


def _ends(text: str, end: int) -> bool:
    return end >= len(text) or text[end] in ".,;\n)" or bool(_TO.match(text, end))


_TO = re.compile(r"\s+(?:that|to|the|for|and)\b", re.IGNORECASE)


def implied_mover(text: str, low: str, start: int, known: Collection[str]) -> Person | None:
    """`Councilor Leonard requested to add an item. Mr. Wyman |seconded the motion`: the one who asked."""
    begin = sentence_start(low, start)
    before = sentence_start(low, max(0, begin - 3))
    if begin - before > 350 or not _IMPLIED.search(low, before, begin):
        return None
    person = parse(text, before, known, begin)
    if person is None or not person.title or not _IMPLIED.match(low, person.end + 1):
        return None
    return person


def labels_in_a_row(low: str, end: int, side: str) -> tuple[list[str], int] | None:
    """Sides of labels that follow each other without names, and where the last one ends; None for one label."""
    sides = [side]
    position = end
    while match := _NEXT_LABEL.match(low, position):
        sides.append(next(name for name, value in match.groupdict().items() if value))
        position = match.end()
    return (sides, position) if len(sides) > 1 and "aye" in sides else None


_NEXT_LABEL = re.compile(
    r"[\s:]{0,6}(?:(?P<aye>ayes?|yeas?|yes)|(?P<nay>noes|nays?|no)|(?P<abstain>abstain(?:ed)?|abstentions?)|"
    r"(?P<absent>absent|excused)"
    r"|(?P<recused>recused))\s?[:-]"
)
assert TITLES
