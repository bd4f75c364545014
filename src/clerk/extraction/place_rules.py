"""Places by their form: addresses, streets, highways, `City of X`, `X, Ohio`, parks and waters, halls, states."""

from __future__ import annotations

import re
from collections.abc import Iterator

from clerk.extraction.lexicon import CUT, LOWER, PLACE_ENDS, SURNAME_ENDS, UPPER, is_given, plain
from clerk.extraction.spans import Span
from clerk.extraction.words import TITLES

_CAP = rf"(?:[{UPPER}][{LOWER}{UPPER}'-]{{1,24}}+|(?:[{UPPER}]|Mt|St|Ft|Jr|Dr|MT|ST)\.)"
_ORDINAL = r"\d{1,3}(?:st|nd|rd|th|ST|ND|RD|TH)"
_GAP = r"(?:[ ]|[ ]?\n[ ]?)"
_SIDES = (
    "North|South|East|West|Northeast|Northwest|Southeast|Southwest|NORTH|SOUTH|EAST|WEST|N|S|E|W|NE|NW|SE|SW"
)
_TYPES = (
    "Street|Avenue|Road|Lane|Drive|Boulevard|Court|Way|Place|Highway|Parkway|Terrace|Circle|Trail|Turnpike|Alley"
    "|Crescent|Pike|Loop|Causeway|Expressway|Freeway|Bypass|Promenade|Trace|Row|Close"
)
_SHORT = "St|Ave|Av|Rd|Ln|Dr|Blvd|Bl|Ct|Pl|Hwy|Pkwy|Cir|Ter|Terr|Tpke|Trl|Cres"
_TYPE = rf"(?:(?:{_TYPES}|{_TYPES.upper()})\b|(?:{_SHORT}|{_SHORT.upper()})\b\.?)"
_NUMBER = rf"(?P<number>\d{{1,6}}(?:-\d{{1,4}})?[A-Z]?(?:[ ]1/2)?{_GAP})?"
_STREET = re.compile(
    rf"(?<![\w'.,$-]){_NUMBER}(?P<name>(?:(?:{_SIDES})\.?{_GAP})?(?:(?:{_CAP}|{_ORDINAL}"
    rf"|[A-Z](?=[ ](?:Street|Avenue|St|Ave|Road)\b)){_GAP}){{1,4}}){_TYPE}"
    rf"(?:[ ](?:{_SIDES})\b(?![ ][{UPPER}][{LOWER}]))?"
    r"(?![ ](?i:department|commission|committee|patrol|superintendent|authority|association|district|fund)\b)"
)
_HIGHWAY = re.compile(
    rf"(?<![\w'-]){_NUMBER}(?:(?:(?:U\.?[ ]?S\.?|State|County|Old|Trunk|Federal|STATE|COUNTY)[ ])?"
    r"(?:Highway|Hwy\.?|Route|Rte\.?|HIGHWAY|ROUTE|HWY)[ \n](?:No\.[ ]?)?(?:\d{1,4}[A-Z]?|[A-Z]{1,2})\b"
    r"|(?:County|Forest|Farm|Township|COUNTY)[ ](?:Road|Rd\.?|Line|ROAD"
    r"|to[ ]Market[ ]Road)[ ](?:\d{1,4}[A-Z]?|[A-Z]{1,2})\b"
    r"|(?:Interstate|INTERSTATE)[ \n](?:Highway[ ])?\d{1,3}\b|(?:I|US|SR|CR|SH|TH|FM|CSAH|CTH"
    r"|STH)[ -]\d{1,4}\b)"
)
_SPANISH = re.compile(
    rf"(?<![\w'-]){_NUMBER}(?:(?:El[ ])?(?:Calle|Avenida|Camino|Paseo|Via|Vía|Rue|Callejón|Corte|Vista"
    rf"|Alameda)"
    rf"|CALLE|AVENIDA|CAMINO|PASEO)[ ](?:(?:de|del|la|las|los|el|DE|DEL|LA|LAS|LOS|EL)[ ]){{0,2}}{_CAP}"
    rf"(?:[ ](?!(?:and|AND)\b){_CAP})?"
)
_BROADWAY = re.compile(rf"(?<![\w'-]){_NUMBER}(?:(?:{_SIDES})\.?[ ])?(?:Broadway|BROADWAY)\b(?![ ][A-Z])")
_GRID = re.compile(
    rf"(?<![\w'-])\d{{1,5}}[ ](?:{_SIDES})\.?[ ](?:{_ORDINAL}|\d{{2,5}})(?:[ ](?:{_SIDES})\b\.?)?(?![\w-])"
)
_OF = re.compile(
    r"\b(?P<kind>(?:Charter |Regional |District |Rural )?(?:City|Town|Village|Township|County|Borough"
    r"|Municipality"
    r"|Parish|State|Commonwealth|Hamlet|CITY|TOWN|VILLAGE|TOWNSHIP|COUNTY|STATE|BOROUGH|MUNICIPALITY))"
    rf"[ \n](?:of|OF)[ \n](?P<name>{_CAP}(?:[ ](?:{_CAP}|(?:of|on|the|de|OF)(?=[ -][{UPPER}]))){{0,3}})"
)
_BODY_OF = re.compile(
    rf"\b(?:COUNCIL|BOARD|Council|(?:City|Town|Village)[ ](?:Council|Board))[ ](?:of|OF)[ ](?!Governments"
    rf"|Trustees|Directors)(?P<name>{_CAP}(?:[ ]{_CAP}){{0,2}})"
)
_COUNTY = re.compile(
    rf"(?<![\w'-])(?P<name>{_CAP}(?:[ ]{_CAP}){{0,2}})[ ](?:County|Township|Parish|Borough|COUNTY"
    rf"|TOWNSHIP|PARISH"
    r"|BOROUGH)\b(?!')"
)
_ENDS = "|".join(sorted((word.capitalize() for word in PLACE_ENDS), key=len, reverse=True))
_CENTRE = (
    "(?:Government|Community|Civic|Senior|Recreation|Convention|Transit|Shopping|Nature|Aquatic|Aquatics|Youth|Visitor"
    "|Cultural|Arts?|Medical|Town|Events?|Conference|Justice|Service|Sports|Learning|Education|Resource|Rec)"
    "[ ]Cent(?:er|re)|Golf[ ]Course|Public[ ]Square|Sports[ ]Complex|Skate[ ]Park|Ball[ ]?park|Railroad[ ]Station"
    "|Fire[ ]Station|Transfer[ ]Station|Treatment[ ]Plant|Boat[ ](?:Ramp|Launch)"
)
_SITE = re.compile(
    rf"(?<![\w'-])(?P<name>(?:[NSEW][ ])?(?:{_CAP}{_GAP}){{1,4}})(?:{_CENTRE}|{_ENDS}"
    rf"|{_ENDS.upper()})\b(?![-'])"
)
_NAMED = re.compile(
    rf"(?<![\w'-])(?:Lake|Mount|Fort|Port|Cape|Point|Rio|Río|Camp)[ ]{_CAP}(?![ ](?:{_TYPES})\b)"
)
_HALL = re.compile(
    r"\b(?:City|Town|Village|County|Township|Borough)[ ](?:Hall|Building)\b|\bMunicipal[ ](?:Building"
    r"|Center)\b"
    r"|\b(?:Corporate|City|Public[ ]Works)[ ]Yard\b|\bCounty[ ]Courthouse\b"
    r"|\b(?<![A-Z][a-z]{2}[ ])(?:Senior|Community|Civic|Recreation)[ ]Center\b|\b(?:CITY|TOWN"
    r"|VILLAGE)[ ]HALL\b"
)
_ONE = """
    Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware Florida Georgia Hawaii Idaho Illinois
    Indiana Iowa Kansas Kentucky Louisiana Maine Maryland Massachusetts Michigan Minnesota Mississippi Missouri
    Montana Nebraska Nevada Ohio Oklahoma Oregon Pennsylvania Tennessee Texas Utah Vermont Virginia Wisconsin
    Wyoming Ontario Quebec Manitoba Saskatchewan Alberta Gaza Israel Ukraine Russia Canada Mexico China Iraq Iran
    Afghanistan Vietnam Korea Japan Germany France England Ireland Italy Cuba Haiti
    """.split()
_TWO = (
    "New York|New Jersey|New Mexico|New Hampshire|North Carolina|South Carolina|North Dakota|South Dakota"
    "|Rhode Island|West Virginia|British Columbia|Nova Scotia|New Brunswick|Puerto Rico|United States"
    "|District of Columbia"
).split("|")
_STATES = "|".join([*_TWO, *_ONE, *(name.upper() for name in [*_TWO, *_ONE])])
_CODES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR"
    "|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|ON|QC|BC|Calif\\.|Mass\\.|Conn\\.|Fla\\.|D\\.C\\."
)
_REGION = re.compile(
    rf"(?<![\w'-])(?:{_STATES})\b(?![ ](?:[A-Z][a-z]+[ ])?(?:{_TYPES}|Department|Environmental|Government"
    r"|Vehicle|Code|Board|Act|University|Supreme|Building|Fire|Penal|Public)\b)"
)
_TOWN = re.compile(
    rf"(?<![\w'-])(?P<town>{_CAP}(?:[ ]{_CAP}){{0,2}}),[ \n](?P<state>(?:{_STATES}|{_CODES}))(?![\w'])"
)
_NO_SITE = frozenset(
    """
    city town village county state board council the this said each any regular special new public planning
    county's south north east west old upper lower great united general community neighborhood open private
    municipal local historic existing proposed dog skate national regional recreational parks senior
    """.split()
)
_NO_STREET = frozenset(
    """
    a an the this item section resolution public project right wait bike select fire travel turn bus private
    main's
    city county state any each no every said one-way two-way driveway truck traffic through local food supreme
    superior district appeals municipal circuit federal appellate probate juvenile general their parking
    tennis
    basketball pickleball ball common safe same subject staff food mobile business drive-through motor water
    sewer storm complete high shared bicycle pedestrian half either another
    """.split()
)
_NOT_SEAT = frozenset(
    """
    emergency regular special minutes agenda city council resolution ordinance to and for board planning
    meeting held county state with as a an the of in hereby does shall declares municipal police fire
    resolutions ordinances commission department staff
    """.split()
)
_NOT_TOWN = frozenset(
    "city council county board room hall department office street road avenue drive lane inc".split()
)


def places(text: str) -> Iterator[Span]:
    """Places of a text, with the rule that found each."""
    yield from _streets(text)
    for pattern, rule in (
        (_HIGHWAY, "highway"),
        (_BROADWAY, "street"),
        (_SPANISH, "street"),
        (_GRID, "address"),
    ):
        for match in pattern.finditer(text):
            numbered = pattern is not _GRID and match["number"]
            yield Span("locations", match.start(), match.end(), "address" if numbered else rule)
    yield from _seats(text)
    yield from _sites(text)
    for pattern, rule in ((_HALL, "hall"), (_NAMED, "site"), (_REGION, "region")):
        yield from (Span("locations", match.start(), match.end(), rule) for match in pattern.finditer(text))
    for match in _TOWN.finditer(text):
        start = _after_cut(text, match.start("town"), match.end("town"))
        town = text[start : match.end("town")]
        if town and not (_words(town) & (_NOT_TOWN | TITLES)) and not is_given(town.split()[0]):
            yield Span("locations", start, match.end("town"), "town")
            yield Span("locations", match.start("state"), match.end("state"), "region")


def _words(text: str) -> set[str]:
    return {plain(word) for word in text.split()}


def _after_cut(text: str, start: int, end: int) -> int:
    """Where the name begins after the last word that only leads into it; `end` where nothing is left."""
    begin = start
    for match in re.finditer(r"\S+", text[start:end]):
        word = match.group()
        low = plain(word)
        if low in CUT or low in TITLES - {"county", "township", "park", "water", "land", "general"}:
            # "May Avenue", "Page Road": a word alone is the name
            begin = start + match.end()
    while begin < end and text[begin].isspace():
        begin += 1
    return begin


def _streets(text: str) -> Iterator[Span]:
    for match in _STREET.finditer(text):
        start = _after_cut(text, match.start("name"), match.end("name"))
        name = text[start : match.end("name")]
        if not name.strip():
            continue
        whole = start == match.start("name")
        known = (
            whole and match["number"] and plain(name.split()[0]) in ("state", "county", "school", "church")
        )
        if (plain(name.split()[0]) in _NO_STREET and not known) or _is_saint(text[start : match.end()]):
            continue
        end = _before_lane(text, start, match.end())
        numbered = whole and match["number"]
        begin = match.start() if numbered else start
        yield Span("locations", begin, end, "address" if numbered else "street")


_INNER = re.compile(rf"[ \n](?:{_TYPES})(?=[ \n](?:\w+[ \n])?(?:Lane|Trail|Loop|Way|Place|Court)$)")


def _before_lane(text: str, start: int, end: int) -> int:
    """`Elm Avenue Bike Lane` is a work on Elm Avenue."""
    inner = _INNER.search(text, start, end)
    return inner.end() if inner else end


def _is_saint(printed: str) -> bool:
    return bool(re.match(r"(?:St|Ct|Dr|Pl|Av)\.?[ ]+[A-Z]\w+$", printed))


def _sites(text: str) -> Iterator[Span]:
    for match in _SITE.finditer(text):
        start = _after_cut(text, match.start("name"), match.end("name"))
        words = text[start : match.end()].split()
        if len(words) < 2 or plain(words[0]) in _NO_SITE - (
            {"south", "north", "east", "west", "old", "new", "upper", "lower", "great"}
            if len(words) > 2 or plain(words[-1]) not in _COMPASS
            else set()
        ):
            continue
        if is_given(words[0]) and len(words) == 2 and plain(words[-1]) in SURNAME_ENDS:
            continue
        number = _NUMBERED.search(text, max(0, start - 7), start)
        if number and words[-1] in ("Square", "Plaza", "Park", "Point", "Landing", "Mall", "Hill"):
            yield Span("locations", number.start(), match.end(), "address")
        else:
            yield Span("locations", start, match.end(), "site")


_NUMBERED = re.compile(r"(?<![\w.,$-])\d{1,5}[ ]$")


_COMPASS = frozenset("park building field yard pool parking garden tower".split())


def _seats(text: str) -> Iterator[Span]:
    for match in _OF.finditer(text):
        name = _cut(match["name"])
        if name:
            start = match.start("name")
            yield Span("locations", match.start(), start + len(name), "seat")
            yield Span("locations", start, start + len(name), "seat_name")
    for match in _BODY_OF.finditer(text):
        name = _cut(match["name"])
        if name and not set(name.lower().split()) & (TITLES | CUT):
            yield Span("locations", match.start("name"), match.start("name") + len(name), "seat_name")
    for match in _COUNTY.finditer(text):
        start = _after_cut(text, match.start("name"), match.end("name"))
        if start < match.end("name") and plain(
            text[start : match.end()].split(maxsplit=1)[0]
        ) not in _NO_SITE - {
            "upper",
            "lower",
            "north",
            "south",
            "east",
            "west",
            "new",
        }:
            yield Span("locations", start, match.end(), "county")


def _cut(name: str) -> str:
    """The part of a run of capitals that is the place's name: `OAK BROOK` of `OAK BROOK APPROVED AS`."""
    kept: list[str] = []
    for word in name.split(" "):
        bare = word.strip(".,'")
        if bare.lower() in _NOT_SEAT or len(kept) == 3 or (bare.endswith(("ED", "ING")) and kept):
            break
        if kept and kept[-1].isupper() != bare.isupper() and len(bare) > 2:
            break
        kept.append(word)
        if word.endswith((".", ",")) and len(word) > 3:
            break
    return " ".join(kept).rstrip(".,' ")
