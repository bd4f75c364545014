"""Places by their form: street addresses, streets, `City of X`, halls and parks, states and countries."""

from __future__ import annotations

import re
from collections.abc import Iterator

from clerk.extraction.spans import Span

_WORD = r"[A-Z][A-Za-z'.-]{0,30}+"
_STREETS = (
    r"(?:Street|Avenue|Road|Lane|Drive|Boulevard|Court|Way|Place|Highway|Parkway|Terrace|Circle|Trail|Turnpike"
    r"|Alley|Crescent"
    r"|St|Ave|Rd|Ln|Dr|Blvd|Ct|Pl|Hwy|Pkwy|Cir|Ter)\b"
)
_DIRECTION = r"(?:(?:N|S|E|W|NE|NW|SE|SW|North|South|East|West|Old|New)\.?[ ]+)?"
_STREET = re.compile(
    rf"(?<![\w'-])(?P<number>\d{{1,5}}(?:-\d{{1,4}})?[A-Z]?[ \n]+)?{_DIRECTION}(?:(?!(?:The|From|At|On|And|To"
    rf"|Of|In)\b)(?:{_WORD}|\d{{1,3}}(?:st|nd|rd|th))[ \n]){{1,3}}{_STREETS}(?:[ ](?:N|S|E|W|NE|NW|SE|SW)\b)?"
)
_SAINT = re.compile(rf"\b(?:St|Ct|Dr|Pl)\.?[ ]+{_WORD}")
_SEAT = re.compile(
    rf"\b(?P<kind>City|Town|Village|Township|County|Borough|Municipality|Parish|State|CITY|TOWN|VILLAGE"
    rf"|TOWNSHIP|COUNTY|STATE)[ \n](?:of|OF)[ \n](?P<name>(?:{_WORD}|[A-Z]{{2,20}})(?:[ ](?:{_WORD}|of"
    rf"(?=[ ][A-Z])|on-[A-Z][a-z-]+)){{0,3}})"
)
_COUNTY = re.compile(
    rf"\b(?P<name>{_WORD}(?:[ ]{_WORD}){{0,2}})[ ](?:County|Township|Parish|Borough)\b(?![ ](?:Board|Council"
    rf"|Commission|Attorney|Sheriff|Manager|Department|Clerk|Planning|Housing|Library|Fire|Health|School"
    rf"|[A-Z]))"
)
_SITE = re.compile(
    rf"(?<![\w'-])(?P<name>(?:(?!(?:The|At|In|And|Of)\b){_WORD}[ \n]){{1,4}}(?:(?:Government|Community|Civic"
    rf"|Senior|Recreation|Convention|Transit|Shopping|Nature|Aquatic|Youth|Visitor|Cultural|Art|Medical"
    rf"|Town)[ ]Cent(?:er|re)"
    r"|Boardroom|Auditorium|Park|Bridge|Creek|River|Lake|Plaza|Intersection|Beach|Island|Valley|Airport"
    r"|Cemetery|Stadium|Square|Canyon|Reservoir|Golf[ ]Course|Field|Pond|Bay|Harbor|Dam|Trailhead|Fairgrounds"
    r"|Marina))\b(?![ ](?:and[ ]Recreation|Commission|Board|District|Committee|Department|Association|Director"
    r"|Superintendent|Authority|Ranger|Master[ ]Plan|Street|Avenue|Road))"
)
_NAMED = re.compile(
    rf"(?<![\w'-])(?:Lake|Mount|Fort|Port|Cape|Point)[ ]{_WORD}(?![ ](?:Street|Avenue|Road|Drive))"
)
_HALL = re.compile(
    r"\b(?:City|Town|Village|County)[ ]Hall\b|\b(?:Corporate|City|Public Works)[ ]Yard\b|\bCounty[ ]Courthouse\b"
)
_REGIONS = """
    Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Georgia Hawaii Idaho Illinois
    Indiana Iowa Kansas Kentucky Louisiana Maine Maryland Massachusetts Michigan Minnesota Mississippi Missouri
    Montana Nebraska Nevada Ohio Oklahoma Oregon Pennsylvania Tennessee Texas Utah Vermont Virginia Wisconsin
    Wyoming Ontario Quebec Manitoba Saskatchewan Alberta Gaza Israel Ukraine Russia Canada Mexico China Iraq Iran
    Afghanistan
    """.split()
_TWO = (
    "New York|New Jersey|New Mexico|New Hampshire|North Carolina|South Carolina|North "
    "Dakota|South Dakota|Rhode Island|West Virginia|British Columbia|Nova Scotia|New "
    "Brunswick|Puerto Rico|United States"
).split("|")
_REGION = re.compile(
    r"(?<![\w'-])(?:"
    + "|".join([*_TWO, *_REGIONS, *(name.upper() for name in [*_TWO, *_REGIONS])])
    + (
        r")\b(?![ ](?:[A-Z][a-z]+[ ])?(?:Street|Avenue|Road|Department|Environmental|Government|State|Public"
        r"|Vehicle|Code|Board|Act|University|Supreme))"
    )
)
_COMMON = frozenset(
    """
    city town village county state board council the this said each any regular special new public
    planning county's south north east west old upper lower great united
    """.split()
)


def places(text: str) -> Iterator[Span]:
    """Places of a text, with the rule that found each."""
    for match in _STREET.finditer(text):
        printed = match.group()
        if _is_street(printed):
            yield Span("locations", match.start(), match.end(), "address" if match["number"] else "street")
    yield from _seats(text)
    for match in _SITE.finditer(text):
        first = match["name"].split()[0].lower()
        if first not in _COMMON:
            yield Span("locations", match.start(), match.end(), "site")
    for pattern, rule in ((_HALL, "hall"), (_NAMED, "site"), (_REGION, "region")):
        yield from (Span("locations", match.start(), match.end(), rule) for match in pattern.finditer(text))


def _is_street(printed: str) -> bool:
    words = printed.split()
    return not _SAINT.match(printed) and words[0] not in (
        "The",
        "This",
        "Item",
        "Section",
        "Resolution",
        "Public",
        "Project",
        "Right",
        "Wait",
        "Bike",
        "Select",
        "Fire",
        "Travel",
        "Turn",
        "Bus",
    )


def _seats(text: str) -> Iterator[Span]:
    for match in _SEAT.finditer(text):
        name = _cut(match["name"])
        if name:
            start = match.start("name")
            yield Span("locations", match.start(), start + len(name), "seat")
            yield Span("locations", start, start + len(name), "seat_name")
    for match in _COUNTY.finditer(text):
        if match["name"].split()[0].lower() not in _COMMON:
            yield Span("locations", match.start(), match.end(), "county")


_NOT_SEAT = frozenset(
    """
    emergency regular special minutes agenda city council resolution ordinance to and for board planning
    meeting held county state with as a an the of in hereby does shall declares municipal police fire
    """.split()
)


def _cut(name: str) -> str:
    """The part of a run of capitals that is the place's name: `OAK BROOK` of `OAK BROOK APPROVED AS`."""
    kept: list[str] = []
    for word in name.split(" "):
        bare = word.strip(".,'")
        if bare.lower() in _NOT_SEAT or len(kept) == 3 or bare.endswith(("ED", "ING")):
            break
        if kept and kept[-1].isupper() != bare.isupper() and len(bare) > 2:
            break
        kept.append(word)
        if word.endswith((".", ",")) and len(word) > 3:
            break
    return " ".join(kept).rstrip(".,' ")
