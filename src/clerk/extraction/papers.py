"""Tells papers that only speak of votes (agendas, reports, letters, judgments, news) from minutes that record them.

A document may hold several: a packet has an agenda, reports, and the minutes of the last meeting. A page that opens
like a paper of one kind begins a part of the document; what opens like none belongs to the part before it. Where
anything in a part is said as only minutes say it, its votes are read, whatever else it looks like.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_HEAD = 900  # characters in which a paper says what it is
_RECORD = re.compile(
    r"\bcalled\s+(?:the\s+)?(?:[\w']+\s+){0,6}?to\s+order\b|\bto\s+order\s+(?:at|by)\b|\b(?:meeting|council|board|commission)\s+"
    r"(?:was\s+|then\s+|stood\s+)?(?:adjourned|convened|reconvened)\b|\badjourned\s+(?:the\s+meeting\s+)?at\s+\d"
    r"|\b(?:members?|commissioners?|trustees?|council\s?members?|supervisors?|directors?|councill?ors?)\s+"
    r"(?:present|absent)\s*:\s*[a-z]"
    r"|(?:^|\n)[ ]*(?:present|absent|in\s+attendance|also\s+present|apologies)\s*:\s*[a-z]"
    r"|\b(?:were|was)\s+(?:also\s+)?(?:present|absent)\b|\b(?:present|absent)\s+(?:were|was)\b|\bresult\s*:\s*(?:approved|adopted|passed|carried|failed|denied)"
    r"|\bayes\s?:\s?\d"
    r"|\baction(?:\s+taken)?\s*:\s*(?:approved|adopted|passed|carried|motion|moved|failed|denied)"
)
_TITLE = re.compile(r"(?:^|\n)[ ]*(?P<title>[^\n]{3,90})(?=\n|$)")
_SMALL = re.compile(r"(?<![\w'])[a-z]{4,}")
_MINUTES = re.compile(
    r"\b(?:minutes|proceedings|action\s+(?:summary|agenda|minutes)|summary\s+of\s+actions?|results)\b"
)
_BUSINESS = re.compile(
    r"\b(?:approv|adopt|accept|amend|chang|addition|deletion|set(?:ting)?\b|review|consent|order|item\s+\d|motion|moved"
    r"|previous|prior|read)|^\W*(?:\d|[a-z]\.|[ivx]+\.)"
)
_AGENDA = re.compile(r"\bagenda\b")
_LETTERHEAD = re.compile(
    r"(?:^|\n)[ ]*(?P<which>to|from|subject|re|via"
    r"|(?P<author>(?:prepared|submitted|presented)\s+by|presenter|staff\s+contact))\s*:(?=[ ]{0,20}\S)"
)
_REPORT = re.compile(
    r"(?:^|\n)[ ]*(?:[\w ]{0,30}\bstaff\s+report|memorandum|(?:agenda|council|board|commission)\s+(?:item\s+)?"
    r"(?:memo(?:randum)?|report|bill|statement|communication|summary\s+report)|[\w ]{0,20}report\s+to\s+(?:the\s+)?"
    r"(?:council|board|committee|cabinet|commission)|annual\s+report|(?:city|town)\s+council\s+report"
    r"|legislative\s+update)\b[^\n.]{0,60}(?=\n|$)"
)
SECTION = re.compile(
    r"(?:^|\n)[ ]*(?:\d{1,2}\.[ ]+)?(?P<which>background|recommend(?:ation|ed\s+action)s?|fiscal\s+impact|financial\s+"
    r"(?:impact|implications)|requested\s+action|action\s+requested|alternatives|analysis|next\s+steps|attachments?|discussion|options"
    r"|legislative\s+history|project\s+history|previous\s+(?:council|board|committee|commission)\s+(?:direction|action)s?"
    r"|prior\s+actions?|history|strategic\s+(?:priority|goal|plan)|environmental\s+review|budget\s+impact|summary"
    r"|legal\s+implications|consultation|purpose(?:\s+of\s+report)?|executive\s+summary)\b[ ]*(?::|(?=\n))"
)
_ADVICE = re.compile(
    r"\bstaff\s+(?:recommends|is\s+recommending|requests)\b|(?:^|\n)[ ]*(?:applicant|case\s+(?:no|number))\b"
)
_LETTER = re.compile(r"(?:^|\n)[ ]*dear\s+\w")
_CLOSING = re.compile(
    r"(?:^|\n)[ ]*(?:sincerely|yours\s+(?:truly|sincerely|faithfully)|(?:best|kind)\s+regards|respectfully)\b"
)
_COURT = re.compile(
    r"\bplaintiffs?\b|\bdefendants?\b|\bappellants?\b|\btrial\s+court\b|\bgrand\s+jury\b|\bwe\s+(?:hold|affirm|reverse)\b"
    r"|\bfiled\s+suit\b|\brespondents?\b|\bpetitioners?\b|\bremand"
)
_NEWS = re.compile(
    r"\b(?:voted|approved|rejected|passed|adopted)\s[^.\n]{0,40}?\b(?:mon|tues|wednes|thurs|fri)day\b(?!,?\s+\w+\s+\d)"
)
_BYLINE = re.compile(
    r"(?:^|\n|\.\s)[ ]*[a-z][a-z .,]{2,40}?\s?-{1,2}\s+\w|(?:^|\n)[ ]*by\s[a-z. ]{4,30}\n|\breported\."
)


# An argument about what people vote on at an election: its title, and what it asks of them.
_ARGUMENT = re.compile(
    r"(?:^|\n)[ ]*(?:ballot\s+measure\s+)?(?:rebuttal\s+to\s+(?:the\s+)?)?"
    r"(?:argument|statement)s?\s+(?:in\s+favou?r|for|against)\b"
    r"|(?:^|\n)[ ]*(?:please\s+)?vote\s+[\"']?(?:yes|no)[\"']?\s+on\s+(?:measure|prop|question|issue|article|amendment)"
)
_PLEADS = re.compile(
    r"(?:(?:^|[.!?:]\s+|\bplease\s+|\bto\s+)vote|\b(?:in|by)\s+voting)\s+[\"']?(?:yes|no)[\"']?\s+(?:on|for)\b"
)
# A decision with its names: an agenda may quote one, not several.
_DECIDED = re.compile(
    r"\bmo(?:ved|tion)\b[^\n]{0,20}?\s(?:by|from)\s[^.;\n]{2,160}?[.;,]?\s(?:second(?:ed)?|2nd)(?:\s(?:by|from))?\s[^_\n]{2,120}?"
    r"\b(?:motion\s(?:carried|passed|approved)|carried|all\s(?:in\sfavou?r|ayes?)|unanimous(?:ly)?)\b(?!\s?(?:__|/|\?))"
)
# Words of those who tell of a meeting by its recording.
_RECAP = re.compile(
    r"\b(?:transcript|audio|recording)\s+(?:record\s+)?(?:shows|showed|indicates|captured|characteri[sz]es|identifies"
    r"|specifies|does\s+not|did\s+not)\b|\bthe\s+recorded\s+discussion\b"
    r"|\bin\s+the\s+(?:audio|meeting|public|provided)\s+(?:record(?:ing)?|transcript)\b"
    r"|\b(?:movers?|seconders?)\b[^.\n]{0,50}\bnot\s+(?:specified|recorded|named|identified|stated)\b"
    r"|\b(?:moved|seconded|motion|second)\s+by\s+speaker\s+\d|\b(?:votes|motions|actions)\s+at\s+a\s+glance\b"
)
_MOVED = re.compile(r"\b(?:moved|motion|seconded)\b")
# `RECAP: at last night's Town Council meeting …`, `The City Council on Tuesday night voted …`
_OF_A_DAY = re.compile(
    r"\b(?:at|during)\s+last\s+(?:night|week|evening)'?s\s+(?:[\w']+\s+){0,3}?(?:council|board|commission|committee|meeting|workshop)\b"
    r"|\b(?:council|board|commission|committee|trustees|supervisors|selectmen)\s+(?:on\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"(?:\s+(?:night|evening|morning|afternoon))?\s+(?:unanimously\s+)?(?:voted|approved|passed|adopted|rejected|agreed)\b"
)
# Words that minutes with votes hold; a text without any of them only tells.
_BUSINESSLIKE = re.compile(
    r"\b(?:mo(?:ved?|ves|tions?|tioned|ving)|second(?:ed|s)?|ayes?|yeas?|nays?|noes|carried|crd|roll\s+call|resolved|proposed|nominated"
    r"|present|absent|abstain\w*|vote\s*:|minute\s*book|\d\s?-\s?\d|y-\d|moción|voted|in\s+favou?r|consent|minutes\s+of\s+the)\b"
)
_PROSE = 500  # characters of a text that can be told so


def retold(text: str, low: str, starts: Sequence[int]) -> list[tuple[int, int]]:
    """The parts of a document that are no minutes and only tell of votes, from and to, in their order.

    Args:
        text: the text of the document.
        low: the same in small letters.
        starts: where its pages begin.
    """
    ends = [*starts[1:], len(low)]
    parts: list[tuple[int, int]] = []
    for start, end in zip(starts, ends, strict=True):
        if parts and not _opens(text[start : min(end, start + _HEAD)]):
            parts[-1] = (parts[-1][0], end)
        else:
            parts.append((start, end))
    return [part for part in parts if _only_tells(text[part[0] : part[1]], low[part[0] : part[1]])]


def _opens(head: str) -> bool:
    """True for the head of a page with which a paper begins; an agenda's title is on pages of minutes too."""
    return _names_minutes(head) or _is_report(head.lower()) or bool(_ARGUMENT.search(head.lower()))


def _only_tells(text: str, low: str) -> bool:
    title, head = text[:_HEAD], low[:_HEAD]
    looks = (
        (_names_agenda(title) and len(_DECIDED.findall(low)) < 2)
        or _is_report(head)
        or _is_letter(low)
        or _is_news(head)
        or _is_court(low)
    )
    looks = looks or _is_argument(low) or bool(_RECAP.search(low) or _OF_A_DAY.search(head))
    looks = looks or (len(low) > _PROSE and not _BUSINESSLIKE.search(low))
    return looks and not _names_minutes(title) and not _RECORD.search(low)


def _titles(head: str) -> list[str]:
    """The first lines (in small letters) that are printed as titles are: longer words with capitals."""
    lines = [match["title"].strip() for match in _TITLE.finditer(head)][:8]
    return [line.lower() for line in lines if not _SMALL.search(line)]


def _names_minutes(head: str) -> bool:
    return any(
        _MINUTES.search(line) and not _BUSINESS.search(line) and not line.endswith(".")
        for line in _titles(head)
    )


def _names_agenda(head: str) -> bool:
    """True where one of the first lines is the title of an agenda, not an item about it."""
    return any(
        _AGENDA.search(line)
        and not _BUSINESS.search(line)
        and not re.search(r"[.:]\s+\S|[.:]$|^[-*\u2022]", line)
        and len(line) < 70
        for line in _titles(head)[:4]
    )


def _is_report(head: str) -> bool:
    """True for a letterhead, or a report's title with one of its headings, or three of its headings."""
    lines = {" ".join(match["which"].split()) for match in _LETTERHEAD.finditer(head)}
    sections = {" ".join(match["which"].split()) for match in SECTION.finditer(head)}
    author = any(match["author"] for match in _LETTERHEAD.finditer(head))
    addressed = "to" in lines and bool(lines & {"from", "subject", "re"})
    about = len(sections) + author + bool(_ADVICE.search(head))
    return addressed or about + 2 * bool(_REPORT.search(head)) >= 3


def _is_letter(part: str) -> bool:
    return bool(_LETTER.search(part, 0, 2500) and _CLOSING.search(part))


def _is_court(part: str) -> bool:
    return len({match.group().rstrip("s") for match in _COURT.finditer(part, 0, 20_000)}) >= 2


def _is_news(head: str) -> bool:
    return bool(_NEWS.search(head) and _BYLINE.search(head))


def _is_argument(part: str) -> bool:
    """True for an argument in favour of a measure, or against one, printed for those who vote on it."""
    return bool(_ARGUMENT.search(part, 0, _HEAD) and _PLEADS.search(part) and not _MOVED.search(part))
