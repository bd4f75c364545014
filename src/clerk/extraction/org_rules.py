"""Organisations by their form: a suffix, `Department of X`, a short form in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from clerk.extraction.spans import Span

_W = r"(?:[A-Z][A-Za-z'’.&/-]{0,24}+|[A-Z]\.[A-Z]\.)"
_LINK = r"(?:of|and|for|the|&|de)"
_SUFFIX = (
    r"(?:Department|Committee|Subcommittee|Commission|Authority|Association|Club|Team|University|College"
    r"|School|Academy|Company|Corporation|Council"
    r"|Agency|District|Foundation|League|Society|Church|Bank|Hospital|Board|Bureau|Coalition|Alliance"
    r"|Partnership|Partners|Institute|Workgroup"
    r"|Task[ ]Force|Union|Network|Federation|Cooperative|Trust|Group|Associates|Consulting|Engineering"
    r"|Construction|Contractors|Builders|Services"
    r"|Solutions|Systems|Enterprises|Industries|Properties|Realty|Ministries|Chamber[ ]of[ ]Commerce|Police"
    r"|Library|Museum|Troop|Pack[ ]\d+|Media|News|Gazette|Times|Tribune|Herald"
    r"|Legion|Rotary|Lions|Kiwanis|YMCA|Plant|Landscape|Asphalt|Paving|Electric|Communications|Technologies"
    r"|Development[ ]Commission|Conservancy|Ventures|Holdings|Brothers|Court[ ]of[ ]Appeals)"
)
_COMPANY = r"(?:,?[ ](?:Inc|LLC|L\.L\.C|LLP|LP|Ltd|Corp|Co|PLLC|PC|P\.C)\b\.?)"
_BY_SUFFIX = re.compile(
    rf"(?<![\w'-])(?P<name>(?:{_W}[ \n](?:(?:{_LINK}[ \n](?:the[ \n])?)?)){{1,6}}{_SUFFIX})\b"
    rf"(?P<company>{_COMPANY})?(?P<tail>[ ](?:of|for|on)[ ](?:the[ ])?{_W}(?:[ ](?:(?:and|&"
    rf"|of)[ ])?{_W}){{0,3}})?"
)
_BY_COMPANY = re.compile(rf"(?<![\w'-])(?P<name>{_W}(?:[ \n](?:(?:&|and|of)[ ])?{_W}){{0,5}}){_COMPANY}")
_PARTNERS = re.compile(
    rf"(?<![\w'-])(?P<name>{_W}(?:[ ]{_W}){{0,2}}[ ]&[ ](?:Sons|Associates|Company|Co\.|Brothers|Partners"
    rf"|{_W}))(?![\w])"
)
_HEADED = re.compile(
    rf"(?<![\w'-])(?P<name>(?:{_W}[ ]){{0,2}}(?:Department|Bureau|Office|Board|Association|League|Friends"
    rf"|Institute|Division|Society|University|House|Chamber|Knights|Bank|Church|Diocese|Council|Coalition"
    rf"|Center)[ ](?:of|for|on)[ ](?:the[ ])?{_W}(?:(?:,?[ ](?:(?:and|&|of|for)[ ](?:the[ ])?)?){_W}){{0,4}})"
)
_DBA = re.compile(rf"\b(?:dba|d/b/a|DBA|doing[ ]business[ ]as)[ ](?P<name>{_W}(?:[ ]{_W}){{0,3}})")
_ACRONYM = re.compile(r"\([ ]?['\"]?(?P<short>[A-Z][A-Z&]{1,8}[A-Za-z]?)['\"]?[ ]?\)")
# A phrase that ends like an organisation but is a paper, a plan or the body itself.
_PAPERS = re.compile(
    r"\b(?:specifications?|agreements?|resolution|ordinance|certificate|plans?|budget|recognition|project)\b"
)
_POSTS = re.compile(
    r"[/ \n]{1,2}(?:Manager|Director|Superintendent|Coordinator|Attorney|Chief|Assistant|Officer|Administrator"
    r"|Supervisor|Planner|Engineer|Secretary|Chair\w*|Member|Captain|Inspector|Executive|Department\()"
)
_CAPS = re.compile(
    r"(?<![\w'-])(?P<name>(?!REGULAR|SPECIAL|MINUTES|THE|OF|AGENDA|JOINT)[A-Z]{3,20}(?:[ ][A-Z]{3,20}){0,2}[ ]"
    r"(?:CITY|TOWN|VILLAGE)[ ](?:COUNCIL|BOARD))\b"
)
_OWN_BODY = re.compile(r"(?:Council|Board|Commission)[ ]of[ ](?:the[ ])?(?:City|Town|Village|County)[ ]of\b")
_SEAT = re.compile(
    r"(?:City|Town|Village|County)[ ]of(?:[ ][A-Z]\w+){1,2}[ ](?=(?:City|Town|Village|County)\b)"
)
_GENERIC = frozenset(
    """
    city town village county state the this said any each every such our your their its his her board
    council commission committee department staff public new regular special joint annual planning agenda
    item consent calendar resolution ordinance motion approve approved adopt adopted authorize award amend
    amended amending recommended recommending action report minutes meeting session order hearing first
    second final mayor vice president chair chairman chairperson member members councilmember commissioner
    trustee supervisor director manager attorney clerk chief officer deputy assistant interim acting
    presiding project program services service section between with from by at in on as presented
    certificate january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday no nos mr mrs ms dr alderman absent present
    ayes noes all former current agreement contract agreements accept appoint appointment appointments
    presentation discussion discuss update consider direct receive proclamation welcome thank
    """.split()
)
_LEAD = frozenset(
    """
    llc inc co corp ltd
    the this said a an approve approved authorize award recommend recommended accept adopt agreement
    agreements contract between with by from at in on for to of and mayor vice president chair member
    members councilmember commissioner trustee director manager attorney clerk chief officer deputy
    assistant interim acting certificate presentation proclamation appointment appointments report update
    motion item resolution ordinance public hearing discussion annual former current alderman presented
    minutes action consider direct receive staff regular special meeting joint each any our your their its
    his her adopted establish appoint amend am pm
    """.split()
)


def organisations(text: str) -> Iterator[Span]:
    """Organisations of a text, with the rule that found each."""
    shorts: set[str] = set()
    for rule, pattern in (
        ("suffix", _BY_SUFFIX),
        ("company", _BY_COMPANY),
        ("partners", _PARTNERS),
        ("headed", _HEADED),
        ("dba", _DBA),
        ("caps", _CAPS),
    ):
        for match in pattern.finditer(text):
            start, end = match.start("name"), match.end()
            if rule == "company" and "&" in match["name"] and " and " in match["name"]:
                start += match["name"].rindex(" and ") + len(
                    " and "
                )  # "Curtis & Sons and Galls, LLC" are two
            if rule == "suffix" and match["tail"] and not _tail_fits(match):
                end = match.start("tail")
            trimmed = _trimmed(text, start, end, keep=rule in ("company", "headed", "dba"))
            if trimmed is None:
                continue
            yield Span("orgs", *trimmed, rule)
            acronym = _ACRONYM.match(text, _skip(text, trimmed[1]))
            if acronym and _fits(acronym["short"], text[trimmed[0] : trimmed[1]]):
                shorts.add(acronym["short"])
    for short in shorts:
        yield from (
            Span("orgs", m.start(), m.end(), "acronym")
            for m in re.finditer(rf"(?<![\w]){re.escape(short)}(?!\w)(?![ ][A-Z])", text)
        )


def _tail_fits(match: re.Match[str]) -> bool:
    """`Board of Directors` goes on, `Department of`; `Committee on Tuesday` does not."""
    head = match["name"].split()[-1]
    return head in (
        "Department",
        "Bureau",
        "Board",
        "Association",
        "League",
        "Council",
        "Institute",
        "University",
        "College",
        "Society",
        "Court",
        "Bank",
        "Chamber",
    ) and not re.search(
        r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Item"
        r"|the City|Resolution|Tuesday|Monday)",
        match["tail"],
    )


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \n,":
        position += 1
    return position


def _fits(short: str, name: str) -> bool:
    """True when the letters of a short form begin words of the name."""
    initials = "".join(word[0] for word in re.findall(r"[A-Za-z]+", name)).lower()
    remaining = iter(initials)
    return all(letter in remaining for letter in short.lower() if letter.isalpha())


def _trimmed(text: str, start: int, end: int, *, keep: bool) -> tuple[int, int] | None:
    """The span without words before the name that belong to the sentence; None where no name is left."""
    if _OWN_BODY.search(text, start, end) or text.startswith("(s)", end):
        return None
    if seat := _SEAT.match(text, start, end):
        start = seat.end()
    words = list(re.finditer(r"\S+", text[start:end]))
    last_break = max(
        (
            i + 1
            for i, w in enumerate(words[:-1])
            if w.group()[-1] in ".;:"
            and len(w.group()) > 3
            and "." not in w.group()[:-1]
            and w.group().lower() not in ("inc.", "co.", "corp.", "st.")
        ),
        default=0,
    )
    words = words[last_break:]
    cut = max(
        (
            i + 2
            for i in range(len(words) - 2)
            if words[i].group() in ("and", "of") and words[i + 1].group() == "the"
        ),
        default=0,
    )
    if cut and not keep and len(words) - cut > 1 and words[cut - 2].group() == "and":
        words = words[cut:]
    possessive = next((i for i, w in enumerate(words[:-1]) if w.group().endswith("'s") and i > 1), None)
    if possessive is not None and keep:
        end = start + words[possessive].end() - 2
        words = words[: possessive + 1]
    while words and words[0].group().lower().strip(".,:;()") in _LEAD:
        words.pop(0)
    plain = [word.group().lower().strip(".,") for word in words]
    if not words or all(
        word in _GENERIC | {"of", "and", "for", "&", "works", "committees", "commissions"} for word in plain
    ):
        return None
    if len(words) < 2 and not (keep and "." in text[start:end]):
        return None
    upper = all(word.group().isupper() for word in words)
    if upper and len(words) > 6:
        return None
    if _PAPERS.search(" ".join(plain)) or _POSTS.match(text, start + words[-1].end()):
        return None
    return start + words[0].start(), min(end, start + words[-1].end())
