"""People by what stands beside their names: a title, a comma and a post, a word of speaking."""

from __future__ import annotations

import re
from collections.abc import Iterator

from clerk.extraction.names import Person, is_title, parse, surname
from clerk.extraction.spans import Span
from clerk.extraction.words import BODY_WORDS, SEATED, STOP, TITLES

_TITLE = re.compile(
    r"(?<![\w'-])(?:Mayors?|MAYOR|Vice|VICE|Council(?:\s?[Mm]embers?|ors?|lors?|man|men|woman|women|persons?)"
    r"|COUNCIL\s?MEMBERS?|COUNCILMEMBERS?|COUNCILMAN|COUNCILWOMAN|Commissioners?|COMMISSIONERS?|Trustees?"
    r"|TRUSTEES?|Alder(?:man|men|woman|person)|ALDERMAN"
    r"|Supervisors?|Select(?:man|men|woman)|Chair(?:man|woman|person)?|President|Members?|Director|Directors"
    r"|Mr|Mrs|Ms|Dr|Chief|Captain|Lieutenant|Sergeant|Officer|Manager|Attorney|Clerk|Engineer|Planner"
    r"|Treasurer|Secretary|Administrator|Superintendent|Forester|Assessor|Auditor|Judge|Senator|Representative"
    r"|Rev|Reverend|Pastor|Councillors?|Reeve|Clerk\sof\sthe\s(?:Council|Board)|Coordinator|Inspector"
    r"|Assistant|Deputy|Librarian|Solicitor|Sheriff|Citizen|Resident)\.?,?(?=[ \n])"
)
_SPEAKS = re.compile(
    r"(?:[ ]\([^)\n]{3,60}\))?,?\s(?:(?:also|then|and\s+\w+)\s)?(?:spoke|stated|thanked|addressed|asked"
    r"|announced|explained|reported|commented|said|noted|presented|introduced|expressed|requested|inquired"
    r"|questioned|responded|accepted|gave|read|appeared|testified|clarified|seconded|moved|voted|resides"
    r"|lives)\b"
)
_NAME = re.compile(
    r"(?<![\w'-])[A-Z](?:[a-zA-Z'’]{1,20}+|\.)(?:[ ][A-Z]\.)?(?:[ ][A-Z][a-zA-Z'’-]{1,20}+){1,3}(?:,?[ ](?:Jr|Sr|II"
    r"|III)\.?)?"
)
_POST = re.compile(
    r",\s{1,3}(?:(?:the|our|an?|City|Town|County|Village|Vice|Deputy|Assistant|Acting|Interim|Public|Works"
    r"|Police|Fire|Finance|Community|Development|Administrative|Services|Executive|Senior|Planning|Parks"
    r"|Recreation)\s)*"
    r"(?:Director|Manager|Attorney|Clerk|Planner|Engineer|Chief|Mayor|Chair\w*|Councilm\w+|Commissioner"
    r"|Trustee|President|Secretary|Treasurer|Member|Superintendent|Administrator|Supervisor|Counsel"
    r"|Coordinator|Alderman|Consultant|Architect|resident|leader|den\s+leader|representing|owner)\b"
)


def people(text: str) -> Iterator[Span]:
    """People of a text, with the rule that found each."""
    yield from _titled(text)
    for match in _NAME.finditer(text):
        name = match.group()
        if not _is_full_name(name):
            continue
        if _POST.match(text, match.end()):
            yield Span("persons", match.start(), match.end(), "post")
        elif _SPEAKS.match(text, match.end()):
            yield Span("persons", match.start(), match.end(), "speaks")


def _titled(text: str) -> Iterator[Span]:
    done = 0
    for match in _TITLE.finditer(text):
        if match.start() < done:
            continue
        person = parse(text, match.start())
        if person is None or not _is_name(person, text):
            continue
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
        if person is None or not _is_name(person, text):
            return
        yield person
        position = person.end


def _span(person: Person) -> Span:
    return Span("persons", person.at, person.end, "titled", person.title)


def _is_name(person: Person, text: str) -> bool:
    words = person.name.split()
    if len(words) > 4 or any(char.isdigit() for char in person.name):
        return False
    if person.title.split()[-1:] and person.title.split()[-1] in BODY_WORDS - {"members"} and len(words) > 2:
        return False
    return (
        all(word.rstrip(".").lower() not in NO_PERSON for word in words)
        and len(surname(person.name)) > 1
        and bool(text)
    )


def _is_full_name(name: str) -> bool:
    words = [word.rstrip(".,") for word in name.split()]
    return (
        not any(word.lower() in STOP | TITLES | NO_PERSON for word in words)
        and not name.isupper()
        and is_title(name) is False
    )


NO_PERSON = (
    frozenset(
        """
    board commission committee council club lane department city town county village street avenue road park school
    center project program services group inc llc company association district authority agency police
    works public development opening comments remarks elect position emeritus office report reports
    training academy association's calendar conference requested items item room university building
    library team center plan award week month year holiday the and of for to at in on by with from asked
    called said stated was were is are has had general special
    """.split()
    )
    - SEATED
)
