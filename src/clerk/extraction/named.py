"""Motions, seconds and outcomes in the rarer forms of minutes: `Motion to adjourn. Hart/Ruiz. All agreed.`

They are told by capitals, so that they are looked for in the text as it is printed; each begins with plain words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

_WORD = r"[A-Z][\w'-]{1,20}"
_NAME = rf"(?:(?:[A-Z][\w'-]{{0,20}}\.?[ ]){{0,3}}{_WORD})"
PAIR = rf"{_NAME}[ ]?/[ ]?{_NAME}"
_SECOND_NEXT = (
    r",?\s(?:and\s|was\s|with\sa\s|a\s){0,2}(?i:second(?:ed)?|2nd(?:ed)?|support(?:ed)?)(?:\s(?:by|from|of))?:?\s"
    + _NAME
)
_NUMBER = (
    r"(?:(?:Minutes|MINUTES|Motion|MOTION|Resolution|RESOLUTION|Res\.?|R|No\.?)[ ]?)?(?:No\.?[ ]?)?\#?[ ]?"
    r"\d{1,4}[/-]\d{1,4}[.:]?"
)
_HEADER = re.compile(
    rf"""
    (?P<header>^[ ]*+(?:{_NUMBER}[ ]{{1,4}})?(?={_NAME}[ ]?[:-][ ]{{1,3}}(?:That|THAT)\b)
      # what stands in the margin runs into the line: `3. MONTHLY HALE - That`, `Accounts 19/086 HALE: That`
      | (?<=[ ])(?:\d{{2,4}}/\d{{1,4}}[.:]?[ ]{{1,3}})?(?=(?:[A-Z]\.[ ]?)?(?:(?:DE|VAN|VON|DU|LA|ST\.?)[ ])?
          [A-Z][A-Z'-]{{2,20}}[ ]?[:-][ ]{{1,3}}(?:That|THAT)\b))
  | (?P<pair>^[ ]*+\d{{1,3}}[.)]?[ ]{{1,4}}(?={_NAME}[ ]?[-/][ ]?{_NAME}[ ]*\n\s*(?i:resolved|whereas|be\sit|that)\b)
      | ^[ ]*+(?={PAIR}:[ ]{{1,3}}[^\n]{{3,30}}\n\s*(?:THAT|That)\b))
  | (?P<passive>(?:^[ ]*+{_NUMBER}|(?<=[A-Z][ ])\#\d{{1,4}}[/-]\d{{1,4}})\s{{1,4}}
      (?=(?i:be\sit\s(?:hereby\s)?)(?i:resolved)\b)
      | ^[ ]*+(?=That\s(?:the|we|this|our|an?|[A-Z][a-z]+)\b)
      | That(?=\s(?:the|we|this|our|an?|[A-Z][a-z]+)\b)(?:(?<=(?i:carried)[ ]That)|(?<=(?i:carried)[.][ ]That)))
    """,
    re.VERBOSE | re.MULTILINE,
)
_MOVE = re.compile(
    rf"""
    (?:(?<![A-Za-z0-9])(?=[acmnopw1(A-Z])|(?='))(?:  # nothing begins inside a word
    (?P<slash>\b(?i:motions?(?:[ ](?:was[ ])?made)?|moved)[ ]?(?=\({_NAME}[ ]?(?:,|/|&|and\b)[ ]?{_NAME}\))
      | \b(?i:motion\s(?:to|that|for)\s)[^.;:\n]{{2,120}}(?:[.;,-]\s{{1,2}}|\s?\n[ ]?)\(?
        (?={PAIR}\)?[ ]?(?:[.,;)\n-]|$))
      | (?<![a-z][ ])(?i:motion\sto\s(?:adjourn|approve|accept|close|enter))\b[^.;:\n]{{0,80}}?\s
        (?<!for\s)(?<!of\s)(?<!to\s)(?<!with\s)(?<!from\s)(?={_NAME},\s{_NAME}\s(?i:seconds?|seconded|2nd)\b)
      | \bMoved\s(?={_NAME}\s-\s{_NAME}:) | \bMotion[ ]?-[ ]?\d{{1,5}}-\d{{2,4}}[ ]?-[ ]?(?={PAIR}[ ]*\n)
      | \bon\san?\s(?={PAIR}\smotion\b) | \b(?i:motion\sto\s)[^.;:\n()]{{2,120}}\s\((?={_NAME},\s{_NAME}\))
      | (?<=[.;]\s)(?={PAIR}(?::\s{{1,2}}(?i:to|that|motion)\b|\s(?i:m/s)\b))
      | (?<=[.;]\s)\((?={PAIR}\)\s(?i:motion)\b)
      | \b(?:[Mm]ade|[Mm]oved|[Mm]otion)\s?(?:,|/|\sand)\s?(?:duly\s)?[Ss]econded?,?\s\(?(?={PAIR}\))
      | \b(?:MOTION|Motion)\b[^.;\n]{{0,80}}?\((?={_NAME}[;,]\s(?i:second(?:ed)?(?:\sby)?|2nd)[,:]?\s{_NAME}\)))
  | (?P<passive>\b[Mm]otion\s(?:was\s)?made\s(?=to\s[a-z]|that\s) | \bproposed\sand\sseconded\b(?!\sby\b))
  | (?P<by>\bmade\sby\s(?=(?:Mr|Mrs|Ms|Councill?or|Councilman|Commissioner|Trustee|Member)\.?\s{_NAME}{_SECOND_NEXT})
      | \bnominated\s(?:for|as)\s[A-Za-z -]{{3,30}}?\sby\s(?={_NAME}{_SECOND_NEXT})
      | \b(?:approved|accepted|adopted|motioned|moved|nominated)\s
        (?:(?:for\s)?(?:approval|adoption|acceptance|adjournment)\s)?by\s(?={_NAME}{_SECOND_NEXT})
      | \b(?:motioned|moved)\sfor\s(?:approval|adoption|acceptance|adjournment)\sby\s(?={_NAME})
      | \b(?:approved|accepted|adopted|adjourned)\s\((?={PAIR}\))
      | \b1st(?:ed)?[ ](?:by[ ])?(?={_NAME}[\s,;.]{{1,3}}(?:and\s)?2nd(?:ed)?[ ](?:by[ ])?{_NAME})
      | \b(?i:motion)\s(?:from|made)\s(?={_NAME}{_SECOND_NEXT}) | \bBy:\s(?={_NAME}[.,;]?\s{{1,3}}(?i:second|2nd))
      | \bwith\sa\smotion\s(?:from|by)\s(?={_NAME}{_SECOND_NEXT})
      | \b(?:Prop|PROP)[.:]\s?(?=(?:Cllr|Cr|Mr|Mrs|Ms)?\.?\s?{_NAME}[.,;]?\s{{1,4}}(?:Sec|SEC|2nd)[.:])
      | \b(?i:motion\sto\s)[^.;:\n]{{2,120}}\s-\s(?={_NAME}\s{{1,40}}(?i:seconded):)
      | \b(?i:motion\sto\s)[^:\n]{{2,200}}:\s?
        (?=(?:(?:[A-Z]\.?|{_WORD})[ ]){{0,2}}{_WORD}(?:…|[.,;-])*\s{{1,3}}(?i:2nd|seconded|second)\b)
      | (?:\b[Pp]roposed[ ]by[ ]|\b(?<![a-z][ ])[Pp]roposed[ ])(?=(?:Cllr|Cr|Councillor|Mr|Mrs|Ms)\.?[ ]{_NAME})
      | \b[Pp]roposed(?:\s[a-z]+){{1,5}}\sby\s(?={_NAME}{_SECOND_NEXT}))
  | (?P<verb>\bproposing\b | \bmake\s(?:a|the)\smotion\b | \bmoves(?=,[ ](?:and?[ ]|ad[ ])?{_NAME}[ ]seconds?\b)
      | (?<=s)'[ ]motion\b | 's\sproposal\b(?=\swas\s(?:duly\s)?seconded\b)
      | \bnominate[ds]\b(?=[ ]{_NAME}[^.;\n]{{0,60}}[.;,][ ](?:and[ ])?(?:(?i:the\snomination)[ ])?(?:was[ ])?
        (?:{_NAME}[ ])?(?i:second|2nd))
      | (?<=[a-z][ ])[Mm]otion\b(?=\s(?:to|for|that)\s[^.;\n]{{2,160}}?[.;,]?\s(?:and\s)?(?:was\s)?
        (?:(?i:second(?:ed)?|2nd(?:ed)?)\b|{_NAME}\s(?i:second(?:ed)?|2nd)\b))))
    """,
    re.VERBOSE | re.MULTILINE,
)
_SECOND = re.compile(
    rf"""
    (?P<verb>\bsecond\b(?=\s(?:the|that|his|her)\s(?:motion|nomination)\b) | \b2nd\b(?=[ ]?[.,;])
      | (?<=[a-z][ ])seconds\b(?=\s(?:an?|to|it)\b) | \bseconds\b(?=\s(?:this|his|her)\s(?:motion|nomination)\b))
  | (?P<by>\b(?i:second),\s(?={_NAME}\s?(?:[.,;\n]|to\b|that\b)) | \bsecond\s(?<=\band\sa\ssecond\s)(?={_NAME}\b)
      | \bsecond\sof\s(?:(?<=\band\ssecond\sof\s)|(?<=\band\sa\ssecond\sof\s))(?={_NAME}\b)
      | \b(?:Sec|SEC)[.:]\s?(?=(?:Cllr|Cr|Mr|Mrs|Ms)\.?\s{_NAME}))
    """,
    re.VERBOSE,
)
_OUTCOME = re.compile(
    rf"""
    (?<![A-Za-z0-9])(?=[ abcdefimpuvwyA-Z0-9])(?:  # most positions are passed over
    (?P<strong>\b(?:was|were)\s(?:approved|accepted|adopted)(?:\sas\s[a-z]+)?
        (?=\s(?:by|with|on|upon)\s(?:(?:an?\s)?motion\s(?:from|by|of)\s)?{_NAME}{_SECOND_NEXT})
      | \b(?:was|were)\s(?:approved|accepted|adopted|adjourned)(?=\s\({PAIR}\))
      | \b[Mm]otions?\s(?:(?:was|were)\s)?made\sand\s(?:duly\s|unanimously\s)?(?:passed|carried|approved|adopted)\b
      | \b(?:was|were)\s(?:adopted|approved|passed|accepted|defeated|rejected)\sby\san?\s
        \(?\d{{1,2}}\s?[-:]\s?\d{{1,2}}\)?\svote\b
      | \b(?:was|were)\s(?:confirmed|approved|adopted|agreed|noted|passed)\s(?:up)?on\sthe\sproposal\sof\b
      | \b(?:was|were)\s(?:duly\s)?(?:passed|adopted|carried)\sas\sfollows\b
      | \b(?:was|were)\s(?:duly\s|unanimously\s)?(?:re-?)?elected\b(?=[^.;:\n]{{0,60}}\(Proposer)
      | \b(?:RESOLVED|Resolved|AGREED|Agreed)\sby\s(?:a\s)?vote\sof\s(?=\d)
      | \b(?:RESOLVED|Resolved)\s?:?\s?\((?i:unanimous(?:ly)?)\)
      | (?:^[ ]*+|(?<=[Ii]t\swas\s))(?:RESOLVED|Resolved|AGREED|Agreed)\b
        (?=(?:[^\n]|\n(?!\s*\n)|\n\s*\n(?=[ ]*Proposed)){{3,260}}?\b[Pp]ropos(?:ed|ing|ition)\b(?!\s?:))
      | \b(?i:adjourned)\b(?=[^.;\n]{{0,40}}?,?\s(?:(?:on|upon|by|with)\s)?(?:a\s)?motion\s(?:made\s)?
        (?:by|of|from)\s{_NAME}))
  | (?P<weak>\b(?:[Ii]t|IT)\s(?:passed|failed)\b(?=\s?[.,;\n(]|\sunanim|\s?$)
      | \b[Ee]veryone\s(?:(?:was|voted|present)\s){{1,2}}(?:in\sfavou?r|aye|yes)\b
      | (?<=[.;]\s)(?:No\sone|Nobody|None)\s(?:was\s|were\s)?opposed\b(?=\s?[.;\n]|\s?$)
      | (?:(?<=[.;]\sThe\s)|(?<=[.;]\s))(?:Board|Council|Commission|Committee)\s(?:all\s|unanimously\s)?agreed\b
        (?=\s?[.;\n]|\s?$)
      | \b(?i:yes|ayes?|yeas?|(?:in\s)?favou?r)\s?[:-]?\s?\d{{1,2}}[,;]?\s{{1,3}}
        (?i:no|nays?|noes|opposed|against)\s?[:-]?\s?\d
      | (?<=,\sthe\s)(?:Board|board|Council|council|Commission|Committee|Court|Trustees|Selectmen)\s
        (?:approved|adopted|accepted|authori[sz]ed|granted|appointed|awarded)\b(?=\s(?:the|an?|to|all|[A-Z])\b)
      | (?<=[.;]\s)\d{{1,2}}\s?-\s?\d{{1,2}}\sin\sfavou?r\b | (?<=[.;]\s)MC\b(?=\s?[.;\n]|\s?$)
      | \bvoted\sby\sunanimous\s(?:consent|vote)\b | (?<=seconded[.;]\s)UNANIMOUS\b
      | \b[Uu]nanimously\sagreed\b(?=\s?(?:[.,;\n]|by\b|that\b|and\b|$)) | \bmotion\sso\s(?:moved|passed|carried)\b
      | \ball\s(?:(?:members|those|in\sattendance|present)\s){{1,2}}so\svoted\b | \ball\sapproved\b(?=\s?[.,;(\n]|\s?$)
      | (?<=[.;:]\s)C(?:R|r)(?:D|d)\b\.?
      | (?:(?<=,\s)c|(?<=,\s\s)c|(?<=[.;]\s)C|(?<=[.;]\s\s)C)arrying\b(?=\s?[.,;\n]|\s\d)
      | ^[ ]*+(?i:and[ ](?:was[ ]|it[ ]was[ ])?(?:agreed|resolved|adopted))\b(?=[ ]?[:,]?[ ]*\n)
      | \band\s(?:was\s|it\swas\s)?(?:RESOLVED|AGREED|resolved|agreed)\b(?=\s?:?\s{{1,3}}")
      | \band\sit\s(?:was\s)?(?:passed|carried|approved|adopted|failed)\b(?=\s?[.,;\n]|\sunan|\swith|\s?$)
      | (?<=,\s)confirmed\b(?=\sas\s(?:printed|read|presented|amended|circulated)\b)
      | \belected\sunanimously\b | (?<=[.;,]\s)\d{{1,2}}\sin\sfavou?r\b(?=[,;]?\s(?:and\s)?\d{{1,2}}\sabst)
      | (?<=[a-z][.;,]\s)(?:Two|Three|Four|Five|Six|Seven|Eight|Nine)\s(?:[Aa]yes|[Yy]eas|[Yy]es)\b(?=[ ]?(?:[.;,\n]|$))
      | \bdeclared\s[^.;]{{3,50}}\s(?:duly\s)?elected\b
      | \bunanimously\s(?:re)?(?:adjourned|appointed|elected|awarded|authori[sz]ed|granted|directed|denied
        |waived|tabled|referred|recommended|decided|ordered|endorsed|received)\b
      | \b(?i:all\sagreed)\b(?!\s(?:that|to|with|on)\b) | \ball\svoted\sfor\b(?=\s?(?:[.;,\n]|it\b|the\smotion|$))
      | (?<=,\s)(?:carried|passed)(?=\sto\s[a-z]) | \b[Vv]ote:?\s(?=\d{{1,2}}\saffirmative\b)
      | (?:^[ ]*+|(?<=[.;]\s))(?:RESOLVED|Resolved|AGREED|Agreed)\b(?=\s?[:-])
      | \band\s(?:duly\s)?passed\b(?=\s(?:that|to)\b) | \band\sUC\b(?=\s(?:that|to)\b|[.,;\n])))
    """,
    re.VERBOSE | re.MULTILINE,
)
# What parishes and towns of Britain and Ireland write of each decision, whoever proposed it.
_BRITISH = re.compile(
    r"\bcllrs?\b|\b(?:parish|community)\s+council\b|\bapologies\b|\b(?:correct|accurate)\s+record"
)
_DECIDED = re.compile(
    r"(?P<strong>(?:(?:^|(?<=[.:;)-]\s)|(?<=\s\s)|(?<=[A-Z]{4}\s))[ ]*+RESOLVED\b"
    r"(?=\s?[:-]|\s(?:to|that|unanimously)\b)"
    r"|\b(?:[Ii]t\swas|IT\sWAS)\s(?:then\s|therefore\s|unanimously\s)?(?:RESOLVED|Resolved|resolved)\b(?=\s?:?\s(?:to|that|unanimously)\b)"
    r"|\b(?:(?:RESOLVED|[Rr]esolved)\b(?:(?<=[Cc]ouncil\s\w{8})|(?<=[Cc]ommittee\s\w{8})|(?<=[Bb]oard\s\w{8}))"
    r"|(?:AGREED|[Aa]greed)\b(?:(?<=[Cc]ouncil\s\w{6})|(?<=[Cc]ommittee\s\w{6})|(?<=[Bb]oard\s\w{6})))"
    r"(?=\s?:?\s(?:to|that)\b)|\bvoted\s(?<=[Cc]ouncil\svoted\s)(?:unanimously\s)?in\sfavou?r\sof\b))",
    re.MULTILINE,
)
# Who was proposed and seconded and then `was duly elected`.
_ELECTED = re.compile(
    r"(?P<weak>\b(?:was|were)\s(?:duly\s|then\s|therefore\s|unanimously\s){0,2}(?:re-?)?elected\b"
    r"(?=[ ]?(?:[.,;\n]|unanimously\b|to\sthe\b|as\b|$)))"
)
# `Vote of the Board ... (Aye) Ruth Hart, Member`
_ROW = re.compile(rf"\((?P<vote>Aye|Nay|Yes|No|Abstain(?:ed)?|Absent)\)[ ](?={_NAME})")
# Words in capitals before `motion` that are no names.
_NO_NAMES = re.compile(
    r"(?:\b(?:main|substitute|amended|original|recommended|suggested|proposed|possible|final|previous|next|same|"
    r"procedural|privileged|prior|council|board|commission|committee|action|following|their|his|her|s)|[^\w.'-])$"
)
_ENDS = re.compile(r"\b(?:carried|defeated|lost)\b(?:\s(?:unanimously|\d[\d\s-]{0,6}))?[.)\]]?\s*(?:\n|$)")
_OTHERWISE = re.compile(r"\b(?:moved|seconded|mover|passed\s+and\s+adopted|adopted\s+this)\b")
# `7. A. Hale - J. Burt`, a line that begins with RESOLVED THAT, and no word of the outcome: it is recorded as passed.
_LISTED = re.compile(r"(?P<strong>\nRESOLVED[ ]THAT\b)")
_SIGNS = (
    ": that",
    "\nthat",
    "\nthat ",
    "\nresolved",
    "\nwhereas",
    "- that",
    "-that",
    "be it ",
)  # without one of them there is no resolution with a number or bare name
_RESOLVED = re.compile(r"\b(?:resolved|agreed)\b")
_SECONDED = re.compile(r"\bsecond(?:ed)?\b")
_PUT_AS = re.compile(r"[ ]*(?:resolved|agreed)", re.IGNORECASE)
_PASSAGE = 1500  # characters of a resolution that bears a number and ends with a word of its outcome


def rare_forms(text: str, low: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Kind of event and match of each motion, second and outcome in such a form.

    Args:
        text: a text as it is printed.
        low: the same in small letters.
    """
    numbered = any(sign in low for sign in _SIGNS)
    headers = list(_HEADER.finditer(text)) if numbered else []
    listed = sum(match.lastgroup == "pair" for match in headers) > 1
    for match in chain(headers, _MOVE.finditer(text)):
        if _holds(match, low):
            yield "move", match
        elif (
            listed
            and match.lastgroup == "pair"
            and (passed := _LISTED.match(text, text.find("\n", match.end())))
        ):
            yield "move", match
            yield "outcome", passed
    for match in _SECOND.finditer(text):
        if match.group() != "seconds" or "mo" in low[max(0, match.start() - 60) : match.end() + 12]:
            yield "second", match
    for match in _OUTCOME.finditer(text):
        if match.lastgroup != "weak" or not _PUT_AS.match(match.group()) or _proposed(low, match.start()):
            yield "outcome", match
    yield from (("outcome", match) for match in _of_parishes(text, low))
    rows = list(_ROW.finditer(text))
    if len(rows) > 1:
        yield from (("row", match) for match in rows)


def _of_parishes(text: str, low: str) -> Iterator[re.Match[str]]:
    if _BRITISH.search(low) and "moved by" not in low and "be it resolved" not in low:
        yield from _DECIDED.finditer(text)
    for match in _ELECTED.finditer(text) if "propos" in low else ():
        start = match.start()
        if _proposed(low, start) and _SECONDED.search(low, max(0, start - 300), start):
            yield match


def _holds(match: re.Match[str], low: str) -> bool:
    """Whether words that other texts have too stand where minutes have them."""
    kind = match.lastgroup
    if kind == "passive" and match.re is _MOVE:
        return True
    if kind in ("header", "pair", "passive"):
        end = _ENDS.search(low, match.end(), match.end() + _PASSAGE)
        return end is not None and not _OTHERWISE.search(low, match.end(), end.start())
    if match.group().lower().startswith("propos") and " as " not in match.group():
        resolved = _RESOLVED.search(low, max(0, match.start() - 300), match.start()) or (
            low.endswith("it was ", 0, match.start())
            and _RESOLVED.search(low, match.end(), match.end() + 300)
        )
        return bool(resolved) or bool(_SECONDED.search(low, match.end(), match.end() + 60))
    if kind == "verb" and match.group().lower() == "motion":
        return not _NO_NAMES.search(low, max(0, match.start() - 21), match.start() - 1)
    return True


def _proposed(low: str, position: int) -> bool:
    """True where somebody proposed what is resolved: in a resolution's own text the word says nothing of a vote."""
    return "propos" in low[max(0, position - 300) : position]
