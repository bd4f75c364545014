"""People by what stands beside their names: a title, a post, a word of speaking; and by given names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from clerk.extraction import person_words as w
from clerk.extraction.lexicon import CUT, PLACE_ENDS, STREETS, SURNAME_ENDS, is_given, plain
from clerk.extraction.lists import read_list
from clerk.extraction.names import Person, is_title, parse, surname
from clerk.extraction.spans import Span
from clerk.extraction.words import BODY_WORDS, SOFT, STOP, SUFFIX, SURNAMES, TITLES


def people(text: str, apart: Sequence[Span] = (), roster: Sequence[Span] = ()) -> list[Span]:
    """People of a text, with the rule that found each.

    Args:
        apart: organisations and places, which are none.
        roster: who is listed as present or absent.
    """
    taken = {cell for span in apart for cell in range(span.start, span.end)}
    found = [*_titled(text), *_in_tallies(text), *roster]
    bodies = frozenset(span.start for span in apart if span.kind == "orgs")
    found += [
        span for span in _full_names(text, bodies) if span.start not in taken or span.end - 1 not in taken
    ]
    return [*found, *_again(text, found, taken)]


def _full_names(text: str, bodies: frozenset[int]) -> Iterator[Span]:
    for match in w.NAME.finditer(text):
        for first, last in apart_names(text, match.start(), match.end()):
            start, end = core(text, first, last)
            name = text[start:end]
            if _is_full_name(name) and (rule := _rule(text, start, end, name, bodies)):
                yield Span("persons", start, end, rule)


def apart_names(text: str, start: int, end: int, *, pairs: bool = False) -> Iterator[tuple[int, int]]:
    """The names of a run of capitals: `Ann B. Lee Carl Stone` are two whose line break is lost.

    Args:
        pairs: four plain words are two names, as in a list of those present.
    """
    words = list(re.finditer(r"\S+", text[start:end]))
    first = size = 0
    for number, match in enumerate(words):
        border = _is_border(match.group())
        begins = size >= 2 and _begins_name(
            [word.group() for word in words], number, pairs=pairs and size == 2
        )
        if begins or (border and size):
            yield start + words[first].start(), start + words[number - 1].end()
            first, size = number, 0
        size += not border
    yield start + words[first].start(), end


def _begins_name(words: Sequence[str], number: int, *, pairs: bool) -> bool:
    """Whether a word of a run, which two or more of a name stand before, begins the next name."""
    word, before = words[number], words[number - 1]
    if len(plain(before)) < 2:
        return False
    if word == before:
        return True  # "Todd Essex Essex reported": a sentence begins
    if number == len(words) - 1:
        return False
    if is_given(word) or (pairs and number == len(words) - 2 and all(map(w.WHOLE.fullmatch, words))):
        return True
    return bool(re.fullmatch(r"[A-Z]\.", word)) and not is_given(before) and len(before) > 2


def _rule(text: str, start: int, end: int, name: str, bodies: frozenset[int]) -> str:
    """What beside a full name says that it is a person's; `bodies` is where organisations begin."""
    given = is_given(name.split(maxsplit=1)[0])
    if is_place(name):
        return ""
    belongs = w.BELONGS.match(text, end)
    posted = w.POST.match(text, end) or w.BRACKET.match(text, end) or w.AT_HOME.match(text, end)
    if posted or (belongs and belongs.end() in bodies):
        return "post"
    if w.SPEAKS.match(text, end):
        return "speaks"
    if w.BY.search(text, max(0, start - 40), start):
        return "by"
    return "given" if given else ""


def core(text: str, start: int, end: int) -> tuple[int, int]:
    """A run of capitals without the titles and small words at its ends."""
    words = list(re.finditer(r"\S+", text[start:end]))
    while words and plain(words[0].group()) in w.EDGE and not _is_name_start(words[0].group(), len(words)):
        words.pop(0)
    if not words or _is_numbered(text, start, [word.group() for word in words]):
        return start, start
    if post := w.POSTED.search(words[-1].group()):
        return start + words[0].start(), start + words[-1].start() + post.start()
    while len(words) > 2 and re.fullmatch(r"[A-Z]{2,}", words[0].group()) and not words[1].group().isupper():
        words.pop(0)  # "PC Mercer": the end of a name before it
    while len(words) > 2 and plain(words[-1].group()) in w.EDGE:
        words.pop()
    return start + words[0].start(), start + words[-1].end()


def _is_numbered(text: str, start: int, words: Sequence[str]) -> bool:
    """True for `B. Grants` at the beginning of a line: a heading with its letter."""
    begins = start == 0 or text[start - 1] == "\n"
    return begins and len(words) == 2 and len(words[0]) == 2 and text.startswith(words[0], start)


def _is_border(word: str) -> bool:
    """True for a word of a run of capitals at which a name ends: a title, or a small word in a text of capitals."""
    low = plain(word)
    small = word.isupper() and len(word) > 1 and low in STOP | CUT and low not in SOFT
    return low in TITLES | w.MORE_TITLES or (small and not word.endswith(".") and not is_given(word))


def _is_name_start(word: str, count: int) -> bool:
    return bool(re.fullmatch(r"[A-Z]\.", word)) or (count > 1 and is_given(word))


def is_place(name: str) -> bool:
    """True for a name that ends or begins as places do."""
    words = [plain(word) for word in name.split()]
    last = words[-1] in PLACE_ENDS and not (is_given(words[0]) and words[-1] in SURNAME_ENDS)
    return last or words[0] in w.PLACE_STARTS or words[-1] in STREETS


def _in_tallies(text: str) -> Iterator[Span]:
    for match in w.TALLY.finditer(text):
        for person in read_list(text, match.end(), (), min(len(text), match.end() + 400)).people:
            if _is_name(person) and person.at >= 0 and not is_place(person.name):
                yield Span("persons", person.at, person.end, "tally", person.title)


def _again(text: str, found: list[Span], taken: set[int]) -> Iterator[Span]:
    """Surnames that stand alone, of people whom the page names in full or with a title; and their given names."""
    known, first = _parts(text, found)
    taken = taken | {cell for span in found for cell in range(span.start, span.end)}
    for match in w.LONE.finditer(text):
        word = match.group().removesuffix("'s")
        start, end, low = match.start(), match.start() + len(word), plain(word)
        if start in taken or low in STOP | w.NO_PERSON | TITLES:
            continue
        if word in known:
            before = w.GIVEN_BEFORE.search(text, max(0, start - 20), start)
            full = before is not None and ("." in before["name"] or is_given(before["name"].strip()))
            yield Span("persons", before.start("name") if before and full else start, end, "again")
        elif word in first and re.match(r"\s[a-z]{2,}", text[end : end + 4]):
            yield Span("persons", start, end, "again")
        elif low not in w.SPEAKERS and _acts(text, start, end):
            yield Span("persons", start, end, "alone")


def _parts(text: str, found: Sequence[Span]) -> tuple[set[str], set[str]]:
    """Surnames of those who were found, and given names of those whom a title or a post makes sure."""
    known: set[str] = set()
    first: set[str] = set()
    for span in found:
        words = [word.strip(".,") for word in text[span.start : span.end].split()]
        while len(words) > 1 and words[-1].lower() in SUFFIX:
            words.pop()
        if len(words[-1]) > 2:
            known.add(words[-1])
        if len(words) > 1 and is_given(words[0]) and span.rule in ("titled", "roster", "post", "speaks"):
            first.add(words[0])
    return known, first


def _acts(text: str, start: int, end: int) -> bool:
    """True when a lone word does what people do: it begins a sentence and speaks, or something was moved by it."""
    speaks = w.SPEAKS.match(text, end) and _is_start(text, start)
    return bool(speaks or w.BY_ONE.search(text, max(0, start - 30), start))


def _is_start(text: str, start: int) -> bool:
    return not re.search(r"[\w,&'][ ]$", text[max(0, start - 2) : start]) or bool(
        re.search(r"(?:and|but|that|when|,)[ ]$", text[max(0, start - 6) : start])
    )


def _titled(text: str) -> Iterator[Span]:
    done = 0
    for match in w.TITLE.finditer(text):
        if match.start() < done or text[max(0, match.start() - 3) : match.start()] == "of ":
            continue
        known = is_title(match.group().split()[0])
        person = parse(text, match.start() if known else match.end() + 1)
        if person is None or not _is_name(person):
            continue
        person = _once(person)
        heading = person.name.isupper() and not match.group().isupper()
        if heading or "\n" in text[match.start() : person.at]:
            continue  # what follows a title at the end of a line is no name
        yield _span(person)
        done = person.end
        if (
            match.group().rstrip(".").endswith(("s", "men", "women"))
            or "," in text[person.end : person.end + 2]
        ):
            for each in _more(text, person):
                yield _span(each)
                done = each.end


def _once(person: Person) -> Person:
    """`Todd Essex` of `Todd Essex Essex`: the next sentence begins with the surname."""
    words = person.name.split()
    if len(words) < 3 or words[-1] != words[-2]:
        return person
    return replace(person, name=" ".join(words[:-1]), end=person.end - len(words[-1]) - 1)


def _more(text: str, first: Person) -> Iterator[Person]:
    """The people of a list that a plural title begins: `Councilmembers A, B and C`."""
    plural = first.title.split()[-1] if first.title else ""
    if not plural.endswith(("s", "men", "women")):
        return
    position = first.end
    for _ in range(20):
        gap = re.compile(r"\s?,\s{0,2}(?:and\s)?|\s(?:and|&)\s").match(text, position)
        if gap is None:
            return
        person = parse(text, gap.end())
        if person is None or not _is_name(person):
            return
        yield person
        position = person.end


def _span(person: Person) -> Span:
    return Span("persons", person.at, person.end, "titled", person.title)


def _is_name(person: Person) -> bool:
    words = person.name.split()
    if len(words) > 4 or any(char.isdigit() for char in person.name):
        return False
    if person.title.split()[-1:] and person.title.split()[-1] in BODY_WORDS - {"members"} and len(words) > 2:
        return False
    return (
        all(word.rstrip(".").lower() not in w.NO_PERSON for word in words) and len(surname(person.name)) > 1
    )


def _is_shout(word: str) -> bool:
    """True for capitals within a name in small letters that are no initials: `PC Mercer`, `Accountant II`."""
    return (
        len(word) > 1
        and word.isupper()
        and word not in ("JR", "SR", "II", "III", "IV")
        and word[-1] not in "JD."
    )


def _is_full_name(name: str) -> bool:
    words = [word.rstrip(".,") for word in name.split()]
    if len(words) < 2 or len(words) > 5 or (len(words) == 2 and words[1].lower() in SUFFIX):
        return False
    given = is_given(words[0])
    apart = STOP | TITLES | w.NO_PERSON
    if given:
        apart = apart - SOFT - SURNAMES
    return (
        not any(word.lower() in apart for word in words if len(word) > 1)
        and (name.isupper() or not any(_is_shout(word) for word in words))
        and (given or not name.isupper())
        and is_title(name) is False
        and len(words[-1]) > 1
    )
