"""What in a text can belong to a decision: motions, seconds, outcomes, lists and roll calls, in their order.

Patterns look at the text in small letters, start with plain words and have bounded parts, so that a page takes
milliseconds whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from clerk.extraction.counted import counted_labels
from clerk.extraction.inline import inline_forms
from clerk.extraction.named import rare_forms

PASSED = (
    r"(?:carrie[ds]|carries|carried|canied|carned|caried|carrled|pass(?:ed|es)|adopted|approved"
    r"|accepted|granted|confirmed|ratified|prevail"
    r"(?:ed|s))"
)
FAILED = (
    r"(?:fail(?:ed|s|ing)|fai[lt][a-z,.]{1,3}d|defeated|lost|denied|rejected|did\s+not\s+(?:pass|carry)"
    r"|does\s+not\s+"
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
    r"|with\s+(?:a\s|all\s|\d|(?:[\w.'-]+,?\s){1,7}?(?:oppos|dissent|abstain|voting|recus))|\(?y-\d)"
)
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|(?:jan|feb|mar|apr|aug|sept?|oct|nov|dec)\.?)"
)
# `|adopted on May 6, 2025| by 5-0`
_DAY = (
    rf"(?:on\s+)?(?:this\s+)?(?:the\s+)?(?:{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?\b|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:day\s+)?"
    rf"(?:of\s+)?{_MONTH}|\d{{1,2}}/\d{{1,2}}/\d{{2,4}}\b)(?:,?\s+\d{{4}}\b)?"
)
YEAS_NAYS = r"(?:yeas|ayes)\s?[:-]?\s?\d{1,2}\s?[.,;]?\s{1,2}(?:nays|noes)\s?[:-]?\s?\d{1,2}\b"
ON_DAY = re.compile(rf"\b(?:passed|carried|adopted|approved|failed|defeated)\s*,?\s+{_DAY}")

OUTCOME = re.compile(
    rf"""
    (?<![a-z0-9])(?=[a-z0-9(])(?:  # no outcome begins inside a word: most positions are passed over
    (?P<noname>\b(?:(?:motions?\s+|it\s+|then\s+)?(?:dies|died|fail(?:s|ed|ing))\s+(?:for|due\s+to|from
        |because\s+of)\s+(?:the\s+|a\s+)?(?:lack|want|absence)
        (?:\s+of)?\s+(?:a\s+)?second\b
      | (?:there\s+(?:was|being)|receiv(?:ed|ing)|with)\s+no\s+second\b | (?:for|due\s+to)\s+
          (?:the\s+)?lack\s+of\s+(?:a\s+)?second\b
      | no\s+second\s+(?:was\s+)?(?:offered|made|received|given|heard|to\s+the\s+motion)\b
      | (?:hearing|receiving|having|was|got|had|for)\s+no\s+second\b | did\s+not\s+receive\s+(?:a\s+second
          |one)\b
      | (?:was|is)\s+not\s+seconded\b | without\s+a\s+second\b | fail(?:ed|ing)\s+to\s+(?:receive|get)\s+a\s+second\b
      | (?:dies|died)\s+without\s+(?:a\s+)?second\b ))
  | (?P<withdrawn>\b(?:withdrew\s+(?:the|his|her|their|that|said)\s+(?:\w+\s+)?motion\b
      | motion\s+(?:was|is|were)\s+(?:then\s+)?withdrawn\b | withdraws\s+(?:the|his|her|their)\s+motion\b))
  | (?P<strong>
      \bmotions?\b[\s,.:;-]{{1,4}}{_AUX}{{0,4}}(?:{PASSED}|{FAILED})(?![a-z])
    | \bmotions?\s+(?:as\s+\w+|to\s+[a-z](?:(?!\sby\s[\w'-]{{1,20}}/)[^.;:\n]|(?<=\d)\.(?=[\w,])|\.(?=,)){{2,90}}?
        |on\s+[^.;:\n]{{2,40}}?|of\s+[^.;:\n]{{2,60}}?
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
        (?:by\s+(?:a\s+vote\s+of\s+)?)?\(?\d{{1,2}}\s?-\s?\d{{1,2}}\b(?!-\d{{3}}|/)
    | \b(?:passed|carried|adopted|approved|failed|defeated)\s*,?\s+{_DAY},?\s+(?:(?:by|on|with)\s+)?(?:an?\s+)?
        (?:vote\s+of\s+)?\(?\d{{1,2}}(?:\s?-\s?\d{{1,2}}\b(?!-\d{{3}}|/)|\s+(?:ayes?|yeas?|yes|in\s+favou?r)\b)
    | \b(?:was|were)\s+(?:adopted|approved|passed)\s+(?:on|upon)\s+(?:a\s+)?motion\b(?=\s+(?:of|by|made))
    | \bdeclared\s+(?:to\s+(?:be|have)\s+)?(?:been\s+|duly\s+|unanimously\s+|finally\s+){{0,3}}(?:{PASSED}
        |{FAILED})\b
    | \b(?:and\s+|was\s+|were\s+)?resolved\s+unanimously\b | \bunanimously\s+resolved\b
    | \bvoted\s*:?\s+(?:\(?unanimous|\(?\d{{1,2}}\s?(?:-|to)\s?\d|as\s+follows)
    | \bvoted\s+\w+\s+(?:\(\d{{1,2}}\)\s+)?(?:for|in\s+favou?r)\s+and\b
    | \bvote\s+on\s+(?:the|this|that|his|her)\s+(?:\w+\s+){{1,3}}(?:was|is)\s+(?:unanimous|\d)
    | \b(?:the\s+)?vote\s+(?:was|is|being|to\s+[^.;\n]{{3,60}}?\s+was)\s+(?:unanimous|\d)
    | \b(?:passed|carried|adopted)\s+(?:with|on)\s+a\s+(?:\d|unanim|roll|voice|vote)
    | \b(?:(?:passed|adopted|approved|suspended|agreed\s+to|concurred\s+in|confirmed|lost|defeated
        |failed(?:\s+of\s+passage)?)\s?[.,;:]?\s{{1,2}}(?:by\s)?{YEAS_NAYS}
      |(?:was|were|and)\s+(?:approved|accepted|adopted)\s?[.,;]\s{{1,3}}(?=motion\s+(?:was\s+)?(?:made\s+)?by\s
        [\w.' -]{{2,40}}?,?\s(?:and\s)?(?:second(?:ed)?|2nd(?:ed)?|support(?:ed)?)\s+by\s(?:[a-z]{{1,5}}\.\s)?
        [a-z][\w' -]{{1,30}}(?:[.\n]|$)(?!\s*(?:(?:the\s)?motion|all|carried|passed|approved|vote|roll|ayes|unanim
        |those|voice|by\s|it\s|\d))))
    )
  | (?P<box>\b(?:result|outcome|disposition|final\s+vote|vote\s+result|action(?:\s+taken)?)\s*:\s*
      (?:motion\s+)?(?P<word>adopted|approved|passed|carried|accepted|failed|defeated|denied|rejected|lost
          |tabled|continued|postponed|deferred
        |withdrawn|no\s+second|died|confirmed|referred|held)\b)
  | (?P<spanish>\bmoci[oó]n\s+(?:es\s+|fue\s+|queda\s+|ha\s+sido\s+)?(?:aprobada|adoptada|rechazada
      |derrotada|no\s+aprobada)\b
      | \b(?:fue|queda|fueron|se)\s+(?:aprobad[ao]s?|aprob[oó]|aprueba|rechaz[oó]
          |rechazad[ao]s?)(?=\s*(?:[.,;\n(\d]|por\b))
      | \baprobad[ao]s?\s+(?:por\s+)?(?:unanimidad|unánimemente|un[aá]nime)\b
      | \bresultado\s*:\s*(?:aprobad[ao]|adoptad[ao]|rechazad[ao])\b)
  | (?P<status>\bstatus\s*:\s*(?=\d))
  | (?P<consent>
      (?:without\s+objections?|no\s+objections?(?:\s+being)?(?:\s+(?:heard|voiced|raised))?|by\s+(?:general
          |unanimous|common)\s+consent|by\s+acclamation)
        \b(?:[^.;\n]|\n(?!\s*\n)){{0,110}}?\b(?:approved|adopted|accepted|so\s+ordered|ordered|carried
            |granted|confirmed)\b
    | \b(?:approved|adopted|accepted|agreed|carried|elected|appointed|granted)\b[^.;\n]{{0,50}}?\b(?:by|with
        |on)\s+(?:general|unanimous|common)\s+consent
    | \b(?:approved|adopted|accepted|elected|appointed|carried)\b[^.;\n]{{0,50}}?\b(?:by\s+acclamation
        |without\s+objection|with\s+no\s+objections?)
    | (?:hearing|seeing|there\s+being)\s+none,?\s+(?:the|these|those)\s+(?:[\w'-]+\s+){{0,4}}?(?:minutes|agenda
        |calendar|reports?)\s+(?:is|are|was|were)\s+(?:hereby\s+|so\s+)?(?:approved|adopted|accepted)\b(?!\s+(?:by|with|unan))
    | \b(?:minutes|agenda|calendar)\s+(?:will\s+)?stands?\s+(?:approved|adopted)\b
    )
  | (?P<weak>
      \b(?:and|was|were|it\s+was|same\s+was|motion)\s+(?:so\s+|duly\s+|unanimously\s+)?(?:carried|car\s?ried)\b
    | (?:(?<=[.;:,]\s)|(?<=\)\s)|(?<=\n)|(?<=\s\s)|(?<=^)|(?<=\*)
        |(?<=[.;:,]\s["'])|(?<=\n["'])|(?<=[.]["']\s))(?:all\s+)?(?:carried|defeated|passed|approved
        |adopted|lost|denied)(?=\s*(?:viva\b|with\b|on\s+a\b|over\b|[.,;:*\n)"']|\d|unanim|\(|$|-\s?unanim|\s+(?:moved|motion
            |res(?:olution)?)\b|[ ]{{1,4}}[x✓✔☒](?!\w)|by\b|[a-z]+\s\d))
    | \b(?:all\s+(?:(?:two|three|four|five|six|seven|nine|members|present|trustees|commissioners|those
        |council\s?members|supervisors|voted|voting
        |of\s+the\s+\w+|were|the|\w+\s+present)[\s,]+){{0,4}}["']?(?:in\s+favou?r|ayes?|yeas?|yes|affirmative
        |in\s+the\s+affirmative)\b)
    | (?<=\s)(?:carried|defeated)(?=\.?[ ]*(?:\n|$)) | \bso\s+ordered\b
    | \bwhich\s+(?:motion\s+)?(?:was\s+|then\s+)?(?:unanimously\s+|duly\s+)?(?:carried|passed|failed
        |adopted|approved|defeated)\b
    | \b(?:and|was|were)\s+(?:duly\s+)?(?:approved|adopted|passed|accepted)(?={_CUE}|\s*[.\n])
    | \b(?:with\s+)?(?:a\s+)?unanimous\s+(?:(?:roll\s+call|voice|affirmative|approval|yes|aye|favou?rable
        |show)\s+)?(?:vote|approval|consent|of\s+hands)\b(?!\s+(?:be|to|for|is|would|must|shall)\b)
    | \bunanimous\b(?=\s*(?:[.;\])\n]|$))
    | \bvoted\s+(?:unanimously|in\s+favou?r|to\b|that\b|yes\b|:)
    | \b(?:by|on|upon|with)\s+(?:a\s+)?voice\s+vote\b(?!\s+on\b) | \b(?:vote|result|tally
        |vote\s+count)\s*:\s*(?=\(?\d|(?:for|in\s+favou?r)\s*[-:]?\s*\d|(?:ayes?|yeas?)-\d|unan|all|passed|carried
        |approved|failed|yes\b) | \bvote\s+(?:taken|count)\s*[:,-]\s*(?=\d)
    | \band\s+(?:it\s+was\s+)?(?:unanimously\s+)?resolved\b(?=\s+(?:that|to)\b|\s?:) | \bayes?\s+(?:of|from
        |by)\s+all\b
    | \bayes?,?\s+all\b(?!\s+(?:of|the|but|members))
    | \b(?:ordinance|resolution|amendment|bill|order|variance|permit)\s+
        (?:adopted|passed|approved|carried|granted)(?=\s*[.\n]|\s*$)
    | \ball\s+(?:voted\s+)?aye\b | \bmcu\b | \bayes\s+have\s+it\b | \bmotion\s+fail?[a-z]{{0,3}}\b
    | \(\s?\d{{1,2}}\s?-\s?\d{{1,2}}(?:\s?-\s?\d{{1,2}}){{0,2}}\s?[,;.)]
    | \(y-\d{{1,2}} | \by-\d{{1,2}}\s+(?:roll|vote)
    | (?<=[.;,:]\s)agreed\b(?=\s*[.;]|\s+(?:with|by|\(|\d)) | \b(?:and
        |it\s+was|this\s+was)\s+(?:then\s+|unanimously\s+)?agreed\b(?=\s+(?:to|that|by|unanim)|\s*[.;])
    | \bagreed\s+unanimously\b
    | \b\d{{1,2}}\s+(?:ayes?|yeas?|yes|in\s+favou?r|for)\b[\s,;/-]{{1,3}}(?:and\s+)?\d{{1,2}}\s+(?:nays?|noes|no
        |opposed|against)\b
    | \bvote\s+(?:was\s+)?\d{{1,2}}\s?-\s?\d | \bby\s+a\s+\d{{1,2}}\s?(?:-|to)\s?\d{{1,2}}[\s\w-]{{0,12}}vote
        | \bby\s+a?\s*vote\s+of\s+\(?\d
    | \baccepted\s+by\s+acclamation\b | \b(?:carried|passed|adopted)\s+as\s+(?:amended|presented)\b
    | (?:(?<=,\s)|(?<=was\s)|(?<=were\s)|(?<=and\s)|(?<=stand\s))approved\s+as\s+(?:amended|presented|read
        |submitted
        |written|corrected|printed|distributed|circulated|published|recommended|mailed)\b
    | (?:(?<=[.;,]\s)|(?<=\n))\(?\d{{1,2}}\s?-\s?\d{{1,2}}(?:\s?-\s?\d{{1,2}})?\)?(?=\s*[.;]?\s*(?:\n|$))
    )
    )
    """,
    re.VERBOSE,
)

MOVE = re.compile(
    r"""
    (?P<by>\b(?:mover\s*:|moved\s*:|moved\s+(?:(?:in|as\s+an?|an)\s+amendment\s+)?by\b\s*:?|moci[oó]n\s+(?:hecha\s+|presentada\s+)?(?:por
        |del?)\b(?:\s+(?:el|la)\b)?
        |propuest[ao]\s+por\b(?:\s+(?:el|la)\b)?|made\s+by\s*:|motion\s+made\s*:|on\s+the\s+propos(?:al|ition)\s+of\b
            |(?:moved|made|proposed)\s*\((?=[a-z])(?![a-z][\w.' -]{1,24},\s[a-z][\w.' -]{1,24}\))
            |motion\s?:\s{0,2}by\b|motion\s\(by\b|motions?(?:ed)?,?\s+(?:(?:was|is|being|were|has|been|then
            |duly|again|so|first|made|offered
        |introduced|moved|presented|put\s+forward|put|forth)\s+){0,5}+(?:at\s+\d{1,2}:\d\d\s?(?:[ap]\.?m\.?)?\s+)?
            (?:to\s+[a-z](?:[^.;:\n]|(?<=[\da-z]):(?=\d)|(?<=[ap])\.|(?<=\.m)\.){2,160}?\s(?:(?:was|is|made|offered|put
        |forward)\s+){0,3}+)?
        (?<!seconded[ ])(?<!second[ ])(?<!2nd[ ])(?<!2nded[ ])(?<!support[ ])
        (?<!2nd\n)(?<!second\n)(?<!supported\n)(?<!supported[ ])(?<!seconded\n)by\b(?!\s*\d)\s*:?
        |m\s?:\s*(?=[a-z][a-z.' -]{1,30}?[\s,;/]s\s?:)
        |(?:on|upon|by)\s+(?:a\s+
            |the\s+)?motion\s+(?:of|from|by)\b
        |motion\s+(?:of|from)\b(?=\s+(?:the\s+)?(?:mr|ms|mrs|dr|council|commiss|trustee|super|alder|vice|mayor
            |member|chair|select)))\s*)
  | (?P<msc>\bm\s?/\s?s(?:\s?/\s?(?P<letters>[cpuaf]{1,2}|u\s?/\s?[cp]
      |[cp]\s?/\s?u))?\b(?:\s?/\s?\d)?[\s:.-]{0,3}|\b(?:msc|msp|msu|mscu|msuc|mspu|msup|msf
      |mmsc|m/m/s/c)\b[\s:.-]{0,3})
  | (?P<slash>\b(?:motion|moved|resolved(?=\s*[(:]))(?:\s?/\s?second(?:ed)?)?
        (?:\s+(?:no\.?\s*)?\d[\d-]{0,8})?\s*[:-]?(?!\s*(?:to|that|for)\s)\s*(?=\(?\s?[a-z.'-]{2,20}
      (?:\s[a-z'-]{2,20})?\s?/\s?[a-z])
      |\bresolved[ ]\[\d{1,4}/\d{2,4}\][ ](?=\([a-z][\w.' -]{1,24}/[a-z][\w.' -]{1,24}\))
      |\b(?:moved|motion)\s*(?:,|and
          |/)\s*(?:duly\s+)?second(?:ed)?\s*\((?=[a-z][\w.' -]{1,24}/[ ]?[a-z][\w.' -]{1,24}\))
      |\bmotion\s+(?:to|that|for)\s[^.;\n]{2,120}?\((?=[a-z][\w.' -]{1,24}/[ ]?[a-z][\w.' -]{1,24}\)))
  | (?P<passive>\b(?:moved|made)\s*(?:,|and|/)\s*(?:duly\s+)?seconded\b(?!\s+by))
  | (?P<label>\bmo(?:tion|ci[oó]n)\s*(?:[:(]|-{1,2}(?=\s))\s*(?=[a-z])|\bpropos(?:ed|er)\s*:\s*
        |\b(?:first|1st)(?:\s+by)?\s*:\s*(?=[a-z])|\bmotion,\s+(?=[a-z])
      |\bmotion\s+to\s+[a-z ]{3,40}:\s*(?=[a-z])|\b(?:offered|introduced|presented|proposed
      |resolution)\s+by\s*:?\s*|\bmotion\s+(?=
      (?:(?:mr|ms|mrs|dr|council\w*|commissioner|trustee|supervisor|alder\w*
      |member)\.?\s+)?[a-z][a-z'-]{2,20}[,;]?\s+(?:and\s+)?(?:second|2nd|support\s+[a-z])))
  | (?P<verb>\b(?:moved(?!\s+(?:by\b|its\b(?!\s+(?:adoption|passage|approval|accept))|their\b|his\b|from\b
      |into\b|out\b|away\b|here\b|up\b|down\b|forward\b(?!\s+(?:the\s+)?(?:appro|adopt))|on\b|in\b|along\b|off\b
      |back\b|ahead\b|around\b))
        |motioned\b|proposed\b(?=\s+[a-z]|,\s(?:and\s)?(?:seconded|cllr|cr|councillor|mrs?|ms)\b)|(?<=:\s)(?:so\s+)?moved?\b(?=\s+(?:to|that|approv|adopt)|\s*\.)
            |moves\s+(?:to|that|for|approval|adoption)\b
        |(?:made|makes|offered|presented|entered|introduced|put\s+forward|submitted|tendered)\s+(?:(?:a|the|an|another|said)\s+(?:\w+\s+){0,2})?motion\b
        |offered\s+(?:a|an|the)\s+(?!friendly)(?:\w+\s+){0,2}amendment\b
        |(?:offered|introduced|presented)\s+the\s+(?:following|foregoing)\s+(?:resolution|motion|ordinance)\b
            |offered\s+the\s+following\b(?!\s(?:correction|comment|change|remark))
        |'s\s+(?:\w+(?:[ ]+|\n(?!\n)))?motion\b(?!\s+(?:for\s+reconsideration\s+of\s+the\s+court))))
  | (?P<header>(?:(?<=\n)|^)[ ]*+(?:\d{1,4}[/-]\d{2,4}
      |\d{2,4}-\d{1,4})[.:]?[ ]{1,4}(?=[a-z][\w.'-]{1,24}(?:[ ][a-z][\w.'-]{1,24}){0,2}
        [ ]{0,2}:[ ]{1,3}that\b)|(?:(?<=\n)|^)[ ]*+(?:r|res(?:olution)?\.?|motion|no\.?
            |by-?law)[ ]?\#?(?:no\.?[ ]?)?[ ]?\d{1,4}
      (?:-\d{1,5})?:?[ ]{1,3}(?=[a-z][\w.' -]{1,34},[ ]{0,2}[a-z][\w.' -]{1,34}[:;][ ]*\n)|(?:(?<=\n)|^)[ ]*+r?
      (?:es)?[ ]?\d{2,4}-\d{1,5}[ ]{1,3}
      (?=[a-z]\.?[ ]?[a-z][\w'-]{1,20},[ ]{0,2}[a-z]\.?[ ]?[a-z][\w'-]{1,20}[ ]*\n))
    """,
    re.VERBOSE,
)
SECOND = re.compile(
    r"""
    (?P<by>\b(?:seconder\s*:|s\s?:(?=\s*[a-z])|(?:secundad[ao]|segundad[ao]|apoyad[ao])\s*(?:por\b(?:\s+(?:el|la)\b)?|:)
        |seconded\s*\((?=[a-z])
        |(?:second(?:ed)?|seconcled|secouded|seeonded)\s+(?:was\s+|is\s+)?(?:(?:made|offered|given|provided
            |motioned
        |duly)\s+)?(?:by|from)\b\s*:?|2nd(?:ed)?\s+by\b\s*:?
        |support(?:ed)?\s+(?:was\s+)?(?:offered\s+|given\s+|provided\s+)?(?:by|from)\b\s*:?|support\s*:
            |seconded\s*:|second\s*:|second\s-{1,2}(?=\s[a-z])
            |2nd\s*:|second\s+of\b(?=\s+(?:mr|ms|mrs|dr|council|comm|trustee|super|alder|select|vice|mayor
                |member|direct|board))
        |2nd\b(?=\s*[-,]?\s*[a-z]))\s*)
  | (?P<verb>\b(?:seconded\b|seconcled\b|secouded\b|seeonded\b|(?:provid|offer|giv|mak)(?:ed|es?
      |ing)\s+(?:a|the)\s+second\b|(?:gave|made)\s+(?:a|the)\s+second\b|seconds\s+(?:the|that)\b|seconding\b
      |seconds\b(?=\s*[.,;\n])|supported\s+the\s+motion\b|supported\b(?!\s+(?:by|from)\b)|(?:second|2nd)\b(?=\s*[.,;\n])))
  | (?P<bare>\bsupport(?=\s+[a-z'-]{2,20}\s*[,.;\n])
      |\bsecond\b(?!\s+(?:addition|reading|street|avenue|floor|phase|amendment|quarter|half|class
      |ward|district|filing|plat
      |subdivision|story|unit|meeting|hearing|set|page|paragraph|sentence|time|year|grade|degree|language
          |home|sheet|st|ave|and)\b)(?=,?\s+(?:(?:mr|ms|mrs|dr|council\w*|commissioner|trustee|supervisor
          |alder\w*|member
      |vice|mayor|select\w*|director|chair\w*|cllr|cr|board|ald)\b|[a-z'-]{2,20}(?:\s*[.,;\n(]|\s+(?:to
          |that)\b))))
    """,
    re.VERBOSE,
)
_LABELS = (
    (
        "aye",
        (
            r"ayes?|yeas?|yes|vot(?:ed|ing)\s+(?:aye|yes|yea|for|in\s+favou?r(?:\s+thereof|\s+of\s+"
            r"(?:the\s+)?\w+)?)|in\s+favou?r(?:\s+of\s+(?:the\s+(?:motion|resolution)|same|it))?|affirmative|a\s+favor|s[ií]|for(?:\s+(?:adoption|passage"
            r"|approval|the\s+motion))?|vote\s+for|votes\s+for"
        ),
    ),
    (
        "nay",
        (
            r"noes|nay(?:s|es)?|napes|no|oppos(?:ed|ing)\s+(?:to\s+)?the\s+motion|against(?:\s+(?:adoption|passage|approval|the\s+motion))?|opposed"
            r"|vot(?:ed|ing)\s+(?:nay|no|against(?:\s+(?:the\s+same|it|thereof"
            r"|the\s+\w+))?)|negative|dissenting|en\s+contra|vote\s+against|votes\s+against|oppose"
        ),
    ),
    (
        "abstain",
        r"abstain(?:ed|ing|s)?|abstentions?|voting\s+abstain|not\s+voting|abstenci[oó]n(?:es)?|abst",
    ),
    (
        "absent",
        r"absent(?:/excused)?|excused(?:\s*(?:&|and)\s*not\s+voting)?|absen(?:ce|tees?)|not\s+present|ausentes?|away",
    ),
    ("recused", r"recus(?:ed|als?|ing)|recuse|conflict|disqualified"),
)
_GROUPS = "|".join(f"(?P<{side}>{pattern})" for side, pattern in _LABELS)
LABEL = re.compile(
    rf"""
    (?:(?<=^)|(?<=[\s;.,(/"\[]))
    (?:(?:council\s?(?:members?|men|persons?)|commissioners?|members?|trustees?|supervisors?|votes?|voting
        |those)\s+){{0,2}}
    ["']?(?:{_GROUPS})["']?
    (?:/[a-z]{{2,8}})?(?:\s+votes?)?
    (?:\s*\(?(?P<count>\d{{1,2}})\)?)?\s?
    (?:\s*[:=](?!\d\d)|\s?(?:were|was)\b\s*:?(?!\s+(?:not|no|the|called|given|taken|heard))
        |(?<=ayes),(?=\s[a-z])|(?<=nays),(?=\s[a-z])|(?<=noes),(?=\s[a-z])|(?<=yeas),(?=\s[a-z])|(?<=ayes);
        |(?<=ye"),(?=\s[a-z])|(?<=ay"),(?=\s[a-z])|(?<="no"),(?=\s[a-z])|(?<=yes"),(?=\s[a-z])
        |(?<=nays);|(?<=noes);|(?<=noes);|(?<=(?:ted|ing)\s(?:aye|yea|yes|nay)),(?=\s[a-z])|(?<=(?:ted|ing)\sno),(?=\s[a-z])
        |(?<=\d)\s?(?=\([a-z])|(?<=[a-z])-(?=0(?![\d-]))|\s?-{{1,2}}(?=\s|[a-z])(?!to-
        |\s?vote))
    """,
    re.VERBOSE,
)
# "… Webb NOES 1 Yates": labels in capitals where line breaks are lost.
INLINE_LABEL = re.compile(
    r"(?<=[a-z.;)]\s)(?:(?P<aye>AYES|YEAS)|(?P<nay>NOES|NAYS)|(?P<abstain>ABSTAIN(?:ED"
    r"|ING)?(?=[ ]\d)|ABSTENTIONS?"
    r"(?=[ ]\d))|(?P<absent>(?:ABSENT"
    r"|EXCUSED)(?=[ ]\d)))(?P<count>[ ]\d{1,2}\b)?(?=[ ]{1,4}(?:[A-Z][a-z]|[Nn]one\b|NONE\b)|\.|\s*$)"
)
# "Item tabled.", "The motion was continued to June 3."
PUT_OFF = re.compile(
    r"(?P<put>tabled|laid\s+on\s+the\s+table|postponed|continued|deferred)(?=\s*(?:[.;,\n(]|$)|\s+(?:until|to|\d{1,2}\.)(?:\s|$))"
)
_PUT_OFF_IS = re.compile(
    r"(?:^|[.;:,]\s|\n|\band\s)(?:the\s+|said\s+)?(?:motion|item|ordinance|resolution|matter|request|application|question)"
    r"\s+(?:no\.?\s+)?(?:\d[\w.-]{0,8}\s+)?(?:(?:was|is|were|has\s+been|has)\s+)?(?:then\s+)?$"
)
# "… be received. CARRIED Councillor Lee …": the word in capitals where a line break is lost.
CAPITALS = re.compile(
    r"(?P<weak>(?=[CD])(?:(?<=[a-z.:;)\d][ ])|(?<=[.:;)]\s[\"']))"
    r"(?:CARRIED|DEFEATED)\b(?:[ ]UNANIMOUSLY)?(?=:?[ ]+[A-Z\d]))"
)
# "AYES Smith, Jones" on a line of its own, or "AYES: 5" in one row of counts.
LINE_LABEL = re.compile(
    r"(?:^|(?<=[^.][.;)]\s)|(?<=[a-z]:\s)(?=(?:AYES|YEAS|Ayes|Yeas)\b))"
    r"[ ]*+(?:(?P<aye>AYES?|YEAS?|Ayes|Yeas|YES|Yes|Voting Aye)|(?P<nay>NOES|NAYS?|Noes"
    r"|Nays?|NO|Voting Nay)"
    r"|(?P<abstain>ABSTAIN(?:ED|ING)?|Abstain(?:ed|ing)?|ABSTENTIONS?|Abstentions?)|(?P<absent>(?<![.;)]\s)"
    r"(?:ABSENT|Absent|EXCUSED|Excused)))"
    r"(?P<count>[ ]\d{1,2}\b)?[ \n]{1,8}(?=[A-Z]|none\b)(?!AND\b)",
    re.MULTILINE,
)
ROLL = re.compile(
    r"""(?:[ ]?[-,:"(=*/]{1,2}[ \n]{0,3}|[ ]{2,20}|[ \n](?i:voted|votes|voting)[ \n]|[ \n]|\.{2,60}+[ ]?)["']?
    (?P<vote>(?i:ayes?|yes|yea|nay|nays|no|abstain(?:ed|s|ing)?|abstention|not[ ]present
        |(?<=voted[ ])(?:in[ ]the[ \n](?:affirmative|negative)|in[ \n]favou?r|against)|absent|recused?|excused
        |present|sí))\b
    (?![ ](?:[Cc]omments?|[Rr]eports?|[Aa]ction|[Qq]uestions?|[Qq]uorum|[Oo]bjections?|[Rr]esponse|[Cc]hanges?)\b)
    (?=["']?[ ]{0,30}(?:[;,)\n|/-]|$|[A-Z(]|and\b|to[ ]break\b|\.(?!\s?\d)|(?<![nN][oO])\.))
    (?![ ]?\((?:\d|(?i:one|two|three|four|five|six|seven|eight|nine|none|zero|nil)\b))""",
    re.VERBOSE,
)
# Letters; and "Raymond Hart - for; Ida Ruiz - against".
ROLL_SHORT = re.compile(
    r"[ ]?[-:(][ ]?(?P<vote>[YNA](?=[;,)\n]|\s(?![a-z])|\.\s|\.?$)|(?i:for|against|opposed)(?=[;,)\n]|\.\s|\.?$))"
)
ROW = re.compile(
    r"^[ ]*+(?P<vote>(?i:aye|yes|yea|nay|no|abstain(?:ed)?"
    r"|absent))[ ]{1,20}(?=(?:[A-Z][\w.'-]*[ ]?){1,5}[ ]*$)",
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
    events += _found("outcome", CAPITALS, text)
    events += (
        event
        for event in _found("outcome", PUT_OFF, low)
        if _PUT_OFF_IS.search(low, max(0, event.start - 60), event.start)
    )
    events += _found("label", LINE_LABEL, text)
    events += _found("label", INLINE_LABEL, text)
    events += (Event("label", match) for match in counted_labels(text))
    events += (Event(kind, match) for kind, match in chain(rare_forms(text, low), inline_forms(text, low)))
    if re.search(r"(?:aye|yes|yea|nay|voted\s+in\s+\w+|negative)\b", low):
        events += (event for event in _found("roll", ROLL, text))
        events += _found("row", ROW, text)
    events += _found("roll", ROLL_SHORT, text)
    events.sort(key=lambda event: (event.position, -event.end))
    return events


def _found(kind: str, pattern: re.Pattern[str], text: str) -> Iterator[Event]:
    return (Event(kind, match) for match in pattern.finditer(text))
