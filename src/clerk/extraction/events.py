"""What in a text can belong to a decision: motions, seconds, outcomes, lists and roll calls, in their order.

Patterns look at the text in small letters, start with plain words and have bounded parts, so that a page takes
milliseconds whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

PASSED = (
    r"(?:carrie[ds]|carries|carried|pass(?:ed|es)|adopted|approved|accepted|granted|confirmed|ratified|prevail"
    r"(?:ed|s))"
)
FAILED = (
    r"(?:fail(?:ed|s)|fai[lt][a-z,.]{1,3}d|defeated|lost|denied|rejected|did\s+not\s+(?:pass|carry)|does\s+not\s+"
    r"(?:pass|carry))"
)
_AUX = (
    r"(?:(?:was|were|is|has|have|having|then|declared|been|hereby|duly|unanimously|therefore|so|being|to\s+be"
    r"|to\s+have"
    r"|thereupon|accordingly|also|again|and|had|thus|thereby|passed\s+and)\s+)"
)
_THING = (
    r"(?:motions?|question|measure|vote|amendment|resolution|ordinance|by-?law|proposal|request|item|minutes"
    r"|agenda|bill|warrants?"
    r"|calendar|recommendation|order|article|appointment|appeal)"
)
_CUE = (
    r"\s*[,;:]?\s*(?:unanimous|all\b|\(?\[?\d{1,2}\s?(?:-|to|ayes|yes)|by\s+(?:a\s|an\s|the\s|all\s|unanimous"
    r"|voice|roll|vote|majority|show|acclam|consent|following|\(?\d)|on\s+a\s+(?:\d|roll|voice|vote|unanim)"
    r"|with\s+(?:a\s|all\s|\d|\w+\s\w+\s(?:oppos|dissent|abstain|voting))|\(?y-\d)"
)

OUTCOME = re.compile(
    rf"""
    (?P<noname>\b(?:(?:motions?\s+|it\s+|then\s+)?(?:dies|died|fail(?:s|ed))\s+(?:for|due\s+to|from
        |because\s+of)\s+(?:the\s+|a\s+)?(?:lack|want|absence)
        (?:\s+of)?\s+(?:a\s+)?second\b
      | (?:there\s+(?:was|being)|receiv(?:ed|ing)|with)\s+no\s+second\b | (?:for|due\s+to)\s+
          (?:the\s+)?lack\s+of\s+(?:a\s+)?second\b
      | no\s+second\s+(?:was\s+)?(?:offered|made|received|given|heard)\b | did\s+not\s+receive\s+(?:a\s+second
          |one)\b
      | (?:was|is)\s+not\s+seconded\b | without\s+a\s+second\b | failed\s+to\s+(?:receive|get)\s+a\s+second\b
      | (?:dies|died)\s+without\s+(?:a\s+)?second\b ))
  | (?P<withdrawn>\b(?:withdrew\s+(?:the|his|her|their|that|said)\s+(?:\w+\s+)?motion\b
      | motion\s+(?:was|is|were)\s+(?:then\s+)?withdrawn\b | withdraws\s+(?:the|his|her|their)\s+motion\b))
  | (?P<strong>
      \bmotions?\b[\s,.:;-]{{1,4}}{_AUX}{{0,4}}(?:{PASSED}|{FAILED})(?![a-z])
    | \bmotions?\s+(?:as\s+\w+|to\s+[a-z][^.;:\n]{{2,90}}?|on\s+[^.;:\n]{{2,40}}?|of\s+[^.;:\n]{{2,60}}?
        |for\s+[^.;:\n]{{2,60}}?)\s*,?\s*{_AUX}{{0,3}}
        (?:carried|carries|passed|passes|failed|fails|defeated)\b(?!\s+(?:by|on)\s+(?:the\s+)?(?:council|board
            |state|legis))(?=\s*(?:[.;,\n(]|\d|unanim|by\b|with\b|on\s+a\b|$))
    | \bdeclar\w+\s+(?:the|said|that|that\s+the|this)\s+(?:motion|resolution|ordinance|measure|vote|amendment
        |minutes)\b[^.;:]{{0,110}}?\b(?:{PASSED}|{FAILED})\b
    | \b{_THING}\b[^.;:\n]{{0,90}}?\s{_AUX}{{0,3}}(?:{PASSED}|failed|defeated|lost|denied|rejected)(?={_CUE})
    | \b{_THING}\s+{_AUX}{{0,3}}unanimously\s+(?:adopted|approved|carried|passed)\b
    | \b(?:adopted|approved|carried|passed|accepted)\s+(?:unanimously|by\s+(?:a\s+)?(?:unanimous|voice
        |roll\s+call)\b)
    | \bunanimously\s+(?:adopted|approved|carried|passed|agreed\s+to|resolved|accepted)\b
    | \b(?:passed|failed|carried|adopted|approved)\s+(?:by\s+the\s+following|\[\s?\d)
    | \bcarried\s+by\s+a\s+(?:majority|vote)\b
    | \b(?:passed|carried|adopted|approved|failed|defeated)\s*,?\s+
        (?:by\s+a\s+vote\s+of\s+)?\(?\d{{1,2}}\s?-\s?\d{{1,2}}\b(?!-\d{{3}}|/)
    | \b(?:was|were)\s+(?:adopted|approved|passed)\s+(?:on|upon)\s+(?:a\s+)?motion\b(?=\s+(?:of|by|made))
    | \bvoted\s+(?:unanimously\b|\(?\d{{1,2}}\s?(?:-|to)\s?\d|as\s+follows)
    | \b(?:the\s+)?vote\s+(?:was|is|being|to\s+[^.;\n]{{3,60}}?\s+was)\s+(?:unanimous|\d)
    | \b(?:passed|carried|adopted)\s+(?:with|on)\s+a\s+(?:\d|unanim|roll|voice|vote)
    )
  | (?P<box>\b(?:result|outcome|disposition|final\s+vote|vote\s+result|action(?:\s+taken)?)\s*:\s*
      (?:motion\s+)?(?P<word>adopted|approved|passed|carried|accepted|failed|defeated|denied|rejected|lost
          |tabled|continued|postponed|deferred
        |withdrawn|no\s+second|died|confirmed|referred|held)\b)
  | (?P<status>\bstatus\s*:\s*(?=\d))
  | (?P<consent>
      (?:without\s+objections?|no\s+objections?(?:\s+being)?(?:\s+(?:heard|voiced|raised))?|by\s+(?:general
          |unanimous|common)\s+consent|by\s+acclamation)
        \b[^.;\n]{{0,110}}?\b(?:approved|adopted|accepted|so\s+ordered|ordered|carried|granted|confirmed)\b
    | \b(?:approved|adopted|accepted|agreed|carried|elected|appointed|granted)\b[^.;\n]{{0,50}}?\b(?:by|with
        |on)\s+(?:general|unanimous|common)\s+consent
    | \b(?:approved|adopted|accepted|elected|appointed|carried)\b[^.;\n]{{0,50}}?\b(?:by\s+acclamation
        |without\s+objection|with\s+no\s+objections?)
    | \b(?:minutes|agenda|calendar)\s+(?:will\s+)?stands?\s+(?:approved|adopted)\b
    )
  | (?P<weak>
      \b(?:and|was|were|it\s+was|same\s+was|motion)\s+(?:so\s+|duly\s+|unanimously\s+)?(?:carried|car\s?ried)\b
    | (?:(?<=[.;:,]\s)|(?<=\)\s)|(?<=\n)|(?<=\s\s)|(?<=^)|(?<=\*))(?:all\s+)?(?:carried|defeated|passed|approved
        |adopted|lost|denied)(?=\s*(?:[.,;:*\n)]|\d|unanim|\(|$|-\s?unanim|by\b|[a-z]+\s\d))
    | \b(?:all\s+(?:(?:members|present|trustees|commissioners|those|council\s?members|supervisors|voted|voting
        |of\s+the\s+\w+|were|the|\w+\s+present)[\s,]+){{0,4}}(?:in\s+favou?r|ayes?|yes|affirmative
        |in\s+the\s+affirmative)\b)
    | (?<=\s)(?:carried|defeated)(?=\.?[ ]*(?:\n|$)) | \bso\s+ordered\b
    | \b(?:and|was|were)\s+(?:approved|adopted|passed|accepted)(?={_CUE}|\s*[.\n])
    | \b(?:with\s+)?(?:a\s+)?unanimous\s+(?:(?:roll\s+call|voice|affirmative|approval|yes|aye|favou?rable
        |show)\s+)?(?:vote|approval|consent|of\s+hands)\b(?!\s+(?:be|to|for|is|would|must|shall)\b)
    | \bunanimous\b(?=\s*(?:[.;\])\n]|$))
    | \bvoted\s+(?:unanimously|in\s+favou?r|to\b|that\b|yes\b|:)
    | \b(?:by|on|upon|with)\s+(?:a\s+)?voice\s+vote\b(?!\s+on\b) | \bvote\s*:\s*(?=\(?\d|unan|all|passed|carried
        |approved|failed|yes\b) | \bvote\s+(?:taken|count)\s*[:,-]\s*(?=\d)
    | \ball\s+(?:voted\s+)?aye\b | \bmcu\b | \bayes\s+have\s+it\b | \bmotion\s+fail?[a-z]{{0,3}}\b
    | \(\s?\d{{1,2}}\s?-\s?\d{{1,2}}(?:\s?-\s?\d{{1,2}}){{0,2}}\s?[,;.)]
    | \(y-\d{{1,2}} | \by-\d{{1,2}}\s+(?:roll|vote)
    | \b\d{{1,2}}\s+(?:ayes?|yeas?|yes|in\s+favou?r)\b[\s,;/-]{{1,3}}(?:and\s+)?\d{{1,2}}\s+(?:nays?|noes|no
        |opposed|against)\b
    | \bvote\s+(?:was\s+)?\d{{1,2}}\s?-\s?\d | \bby\s+a\s+\d{{1,2}}\s?(?:-|to)\s?\d{{1,2}}[\s\w-]{{0,12}}vote
        | \bby\s+a?\s*vote\s+of\s+\(?\d
    | \baccepted\s+by\s+acclamation\b | \b(?:carried|passed|adopted)\s+as\s+(?:amended|presented)\b
    )
    """,
    re.VERBOSE,
)

MOVE = re.compile(
    r"""
    (?P<by>\b(?:mover\s*:|moved\s*:|moved\s+by\b\s*:?|motions?(?:ed)?\s+(?:(?:was|is|being|were|has|been|then|duly|again|so|first|made|offered
        |introduced|moved|presented|put\s+forward|put|forth)\s+){0,5}+(?:to\s+[a-z][^.;:\n]{2,110}?\s(?:(?:was|is|made|offered|put
        |forward)\s+){0,3}+)?
        (?<!seconded[ ])(?<!second[ ])(?<!supported[ ])(?<!seconded\n)by\b\s*:?
        |(?:on|upon)\s+(?:a\s+
            |the\s+)?motion\s+(?:of|from|by)\b
        |motion\s+(?:of|from)\b(?=\s+(?:the\s+)?(?:mr|ms|mrs|dr|council|commiss|trustee|super|alder|vice|mayor
            |member|chair|select)))\s*)
  | (?P<msc>\bm\s?/\s?s(?:\s?/\s?(?P<letters>[cpuaf]{1,2}))?\b(?:\s?/\s?\d)?[\s:.-]{0,3}|\b(?:msc|msp|msu|mscu
      |msf)\b[\s:.-]{0,3})
  | (?P<slash>\b(?:motion|moved)(?:\s?/\s?second(?:ed)?)?\s*[:-]?\s*(?=\(?\s?[a-z.'-]{2,20}
      (?:\s[a-z'-]{2,20})?\s?/\s?[a-z]))
  | (?P<passive>\b(?:moved|made)\s*(?:,|and|/)\s*(?:duly\s+)?seconded\b(?!\s+by))
  | (?P<label>\bmotion\s*:\s*(?=[a-z])|\b(?:offered|introduced|presented|proposed)\s+by\s*:?\s*|\bmotion\s+(?=
      (?:(?:mr|ms|mrs|dr|council\w*|commissioner|trustee|supervisor|alder\w*
      |member)\.?\s+)?[a-z][a-z'-]{2,20}[,;]?\s+(?:and\s+)?(?:second|2nd)))
  | (?P<verb>\b(?:moved(?!\s+(?:by\b|its\b(?!\s+(?:adoption|passage|approval|accept))|their\b|his\b|from\b
      |into\b|out\b|away\b|here\b|up\b|down\b|forward\b(?!\s+(?:the\s+)?(?:appro|adopt))|on\b|in\b|along\b|off\b
      |back\b|ahead\b|around\b))
        |motioned\b|moves\s+(?:to|that|for|approval|adoption)\b
        |(?:made|makes|offered|presented|entered)\s+(?:(?:a|the|an|another|said)\s+(?:\w+\s+){0,2})?motion\b
        |offered\s+(?:a|an|the)\s+(?:\w+\s+){0,2}amendment\b
        |(?:offered|introduced|presented)\s+the\s+(?:following|foregoing)\s+(?:resolution|motion|ordinance)\b
            |offered\s+the\s+following\b
        |'s\s+(?:\w+\s+)?motion\b(?!\s+(?:for\s+reconsideration\s+of\s+the\s+court))))
  | (?P<header>(?:(?<=\n)|^)[ ]*+(?:r|res(?:olution)?\.?|motion|no\.?|by-?law)[ ]?\#?(?:no\.?[ ]?)?[ ]?\d{1,4}
      (?:-\d{1,5})?:?[ ]{1,3}(?=[a-z][\w.' -]{1,34},[ ]{0,2}[a-z][\w.' -]{1,34}[:;][ ]*\n)|(?:(?<=\n)|^)[ ]*+r?
      (?:es)?[ ]?\d{2,4}-\d{1,5}[ ]{1,3}
      (?=[a-z]\.?[ ]?[a-z][\w'-]{1,20},[ ]{0,2}[a-z]\.?[ ]?[a-z][\w'-]{1,20}[ ]*\n))
    """,
    re.VERBOSE,
)
SECOND = re.compile(
    r"""
    (?P<by>\b(?:seconder\s*:|second(?:ed)?\s+(?:was\s+|is\s+)?(?:(?:made|offered|given|provided|motioned
        |duly)\s+)?(?:by|from)\b\s*:?|2nd(?:ed)?\s+by\b\s*:?
        |support(?:ed)?\s+(?:was\s+)?(?:offered\s+|given\s+|provided\s+)?by\b\s*:?|seconded\s*:|second\s*:
            |2nd\s*:|second\s+of\b(?=\s+(?:mr|ms|mrs|dr|council|comm|trustee))
        |2nd\b(?=\s*[-,]?\s*[a-z]))\s*)
  | (?P<verb>\b(?:seconded\b|(?:provided|offered|gave|made)\s+(?:a|the)\s+second\b|seconds\s+(?:the|that)\b
      |seconds\b(?=\s*[.,;\n])|supported\s+the\s+motion\b|(?:second|2nd)\b(?=\s*[.,;\n])))
  | (?P<bare>\bsecond\b(?=,?\s+(?:(?:mr|ms|mrs|dr|council\w*|commissioner|trustee|supervisor|alder\w*|member
      |vice|mayor)\b|[a-z'-]{2,20}(?:\s*[.,;\n(]|\s+(?:to|that)\b))))
    """,
    re.VERBOSE,
)
_LABELS = (
    (
        "aye",
        (
            r"ayes?|yeas?|yes|vot(?:ed|ing)\s+(?:aye|yes|yea|for|in\s+favou?r(?:\s+thereof|\s+of\s+"
            r"(?:the\s+)?\w+)?)|in\s+favou?r|affirmative|a\s+favor|s[ií]|for|vote\s+for|votes\s+for"
        ),
    ),
    (
        "nay",
        (
            r"noes|nays?|napes|no|against|opposed|vot(?:ed|ing)\s+(?:nay|no|against(?:\s+(?:the\s+same|it|thereof"
            r"|the\s+\w+))?)|negative|dissenting|en\s+contra|vote\s+against|votes\s+against|oppose"
        ),
    ),
    (
        "abstain",
        r"abstain(?:ed|ing|s)?|abstentions?|voting\s+abstain|not\s+voting|abstenci[oó]n(?:es)?|abst|abstained",
    ),
    ("absent", r"absent|excused|absence|absentees?|not\s+present|ausentes?|absent/excused|away"),
    ("recused", r"recus(?:ed|als?|ing)|recuse|conflict|disqualified"),
)
_GROUPS = "|".join(f"(?P<{side}>{pattern})" for side, pattern in _LABELS)
LABEL = re.compile(
    rf"""
    (?:(?<=^)|(?<=[\s;.,(/"\[]))
    (?:(?:council\s?(?:members?|men|persons?)|commissioners?|members?|trustees?|supervisors?|votes?|voting
        |those)\s+){{0,2}}
    (?:{_GROUPS})
    (?:/[a-z]{{2,8}})?(?:\s+votes?)?
    (?:\s*\(?(?P<count>\d{{1,2}})\)?)?\s?
    (?:\s*[:=](?!\d\d)|(?<=ayes);|(?<=nays);|(?<=noes);|(?<=\d)\s?(?=\([a-z])|\s?-{{1,2}}(?=\s|[a-z])(?!to-
        |\s?vote))
    """,
    re.VERBOSE,
)
# "AYES Smith, Jones" on a line of its own, or "AYES: 5" in one row of counts.
LINE_LABEL = re.compile(
    r"(?:^|(?<=[.;)]\s))[ ]*+(?:(?P<aye>AYES?|YEAS?|Ayes|Yeas|YES|Yes|Voting Aye)|(?P<nay>NOES|NAYS?|Noes"
    r"|Nays?|NO|Voting Nay)"
    r"|(?P<abstain>ABSTAIN(?:ED|ING)?|Abstain(?:ed|ing)?|ABSTENTIONS?|Abstentions?)|(?P<absent>(?<![.;)]\s)"
    r"(?:ABSENT|Absent|EXCUSED|Excused)))"
    r"(?P<count>[ ]\d{1,2}\b)?[ \n]{1,8}(?=[A-Z]|none\b)",
    re.MULTILINE,
)
ROLL = re.compile(
    r"""(?:[ ]?[-,:"(=*]{1,2}[ \n]{0,3}|[ ]{2,20}|[ \n](?i:voted|votes)[ \n]|[ \n]|\.{2,60}+[ ]?)["']?
    (?P<vote>(?i:ayes?|yes|yea|nay|nays|no|abstain(?:ed|s|ing)?|abstention|not[ ]present|absent|recused?|excused
        |present|sí))\b
    (?=["']?[ ]{0,3}(?:[;,)\n|/-]|$|[A-Z(]|and\b|\.(?!\s?\d)))""",
    re.VERBOSE,
)
ROLL_LETTER = re.compile(r"[ ]?[-:(][ ]?(?P<vote>[YNA])(?=[;,)\s]|\.(?:\s|$)|$)")
ROW = re.compile(
    r"^[ ]*+(?P<vote>(?i:aye|yes|yea|nay|no|abstain(?:ed)?|absent))[ ]{1,20}(?=(?:[A-Z][\w.'-]*[ ]?){1,5}[ ]*$)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Event:
    """`kind` names what was found, `match` where and what exactly."""

    kind: str
    match: re.Match[str]

    @property
    def start(self) -> int:
        return self.match.start()

    @property
    def position(self) -> int:
        """Where an event counts as standing: an outcome at its verb, so that names before it come first."""
        return max(self.start, self.end - 14) if self.kind == "outcome" else self.start

    @property
    def end(self) -> int:
        return self.match.end()


def scan(text: str, low: str) -> list[Event]:
    """All events of a text, by position; of those that begin at one place the first kind named here stays."""
    events = [*_found("move", MOVE, low), *_found("second", SECOND, low), *_found("label", LABEL, low)]
    events += _found("outcome", OUTCOME, low)
    events += _found("label", LINE_LABEL, text)
    if re.search(r"(?:aye|yes|yea|nay)\b", low):
        events += (event for event in _found("roll", ROLL, text))
        events += _found("row", ROW, text)
    events += _found("roll", ROLL_LETTER, text)
    events.sort(key=lambda event: (event.position, -event.end))
    return events


def _found(kind: str, pattern: re.Pattern[str], text: str) -> Iterator[Event]:
    return (Event(kind, match) for match in pattern.finditer(text))
