"""Words and patterns by which people are found: titles, posts, words of speaking, and what no name holds."""

from __future__ import annotations

import re

from clerk.extraction.lexicon import CUT, LOWER, UPPER
from clerk.extraction.words import SEATED, STOP, TITLES

_TITLES = (
    r"Mayors?|Vice|Council(?:\s?[Mm]embers?|ors?|lors?|man|men|woman|women|persons?)|Commissioners?|Trustees?"
    r"|Alder(?:man|men|woman|women|persons?)|Supervisors?|Select(?:man|men|woman)|Chair(?:man|woman"
    r"|person)?|President"
    r"|(?:Board|Committee|Assembly)?[Mm]embers?|Directors?|Mrs?|Ms|Dr|Chief|Captain|Lieutenant|Sergeant"
    r"|Officers?"
    r"|Manager|Attorneys?|Clerk|Engineer|Planner|Treasurer|Secretary|Administrator|Superintendent"
    r"|Forester|Assessor"
    r"|Auditor|Judge|Justice|Senator|Representative|Rev|Reverend|Pastor|Rabbi|Bishop|Councillors?|Reeve"
    r"|Clerk\sof\sthe\s(?:Council|Board)|Coordinator|Inspector|Assistant|Deputy|Librarian|Solicitor|Sheriff"
    r"|Citizen|Resident|Detectives?|Constable|Trooper|Deputies|Sgt|Lt|Capt|Cpl|Principal|Professor|Prof"
    r"|Congress(?:man|woman)|Assembly(?:man|woman|member)|Governor|Moderator|Counsel|Dispatcher|Comptroller"
    r"|Controller|Director|Delegate|Freeholder|Regent|Warden|Magistrate|Ranger|Curator|Foreman|Arborist"
)
TITLE = re.compile(
    rf"(?<![\w'-])(?:{_TITLES}"
    rf"|{_TITLES.replace('[Mm]', 'M').upper().replace(chr(92) + 'S', chr(92) + 's')})\.?,?"
    r"(?=[ \n])"
)
_VERB = (
    r"spoke|stated|thanked|addressed|asked|announced|explained|reported|commented|said|noted|presented"
    r"|introduced"
    r"|expressed|requested|inquired|questioned|responded|accepted|gave|read|appeared|testified|clarified"
    r"|seconded"
    r"|moved|voted|resides|lives|replied|suggested|described|summarized|summarised|reviewed|recommended"
    r"|complained"
    r"|congratulated|welcomed|chaired|called|opened|closed|adjourned|reminded|recalled|agreed|disagreed"
    r"|opposed"
    r"|supported|abstained|arrived|left|joined|wondered|added|mentioned|proposed|volunteered|offered"
    r"|urged|shared"
    r"|motioned|recused|attended|objected|pointed|led|invited|spoken|visited|concurred|advised|informed"
    r"|indicated"
)
SPEAKS = re.compile(rf"(?:[ ]\([^)\n]{{3,60}}\))?\s(?:(?:also|then|and\s+\w+|has|had|was)\s)?(?:{_VERB})\b")
_FIRST = rf"[{UPPER}](?:[{UPPER}{LOWER}'’-]{{1,20}}+|\.)"
_WORD = rf"[{UPPER}][{UPPER}{LOWER}'’-]{{1,20}}+"
_PART = r"(?:(?:de|la|las|los|del|van|von|der|den|di|da|y)[ ]){1,3}"
_SUFFIXES = r"(?:,?[ ](?:Jr|Sr|II|III|IV|JR|SR)\b\.?)?"
NAME = re.compile(
    rf"(?<![\w'-]){_FIRST}(?:[ ](?:[A-Z]\.|\"\w+\"|{_PART}{_WORD})){{0,2}}"
    rf"(?:[ ](?:{_PART})?(?:{_WORD}|[A-Z]\.)){{0,15}}[ ](?:{_PART})?{_WORD}{_SUFFIXES}"
)
POST = re.compile(
    r",\s{1,3}(?:(?:the|our|an?|City|Town|County|Village|Township|Borough|District|Vice|Deputy|Assistant"
    r"|Acting|Interim"
    r"|Public|Works|Police|Fire|Finance|Community|Development|Administrative|Services|Executive|Senior"
    r"|Planning"
    r"|Parks|Recreation|Associate|Board|Human|Resources|Economic|General|Chief|Principal|Project|owner's"
    r"|Recording"
    r"|Student|Library|Building)\s)*"
    r"(?:Director|Manager|Attorney|Clerk|Planner|Engineer|Chief|Mayor|Chair\w*|Councilm\w+|Commissioner"
    r"|Officer"
    r"|Trustee|President|Secretary|Treasurer|Member|Superintendent|Administrator|Supervisor|Counsel|Esq|AICP"
    r"|Coordinator|Alderman|Consultant|Architect|residents?|leader|den\s+leader|representing|owner"
    r"|applicant|attorney"
    r"|engineer|architect|chair|president|director|member|manager|parent|student|neighbor|on\s+behalf"
    r"|representative"
    r"|Supt|P\.E\.|Works|Liaison|MPA|MD|RN|who\s+\w+)\b"
)
BRACKET = re.compile(
    r"[ ]\((?:(?:Vice|Board|Acting|Committee)[ -])?(?:Chair\w*|chair|Mayor|President|Clerk|Secretary"
    r"|applicant|owner"
    r"|alternate|excused|absent|remote\w*|via[ ]Zoom|District[ ]\d+|Ward[ ]\d+|resident|Alternate"
    r"|Treasurer)\b"
)
AT_HOME = re.compile(r"(?:,|,?[ ]of|,?[ ]at|,?[ ]from)[ \n]{1,2}(?:\d{1,5}[A-Z]?[ ]|PO[ ]Box)")
BY = re.compile(
    r"(?:\b(?:[Mm]oved|[Ss]econded|[Ss]econd|[Mm]otion(?:ed)?|made|offered|[Pp]repared|[Ss]ubmitted"
    r"|[Pp]resented|supported"
    r"|introduced|[Aa]ppoint(?:ment\sof|ed|ing)?|[Rr]eappoint(?:ed|ing|ment\sof)?|[Pp]romot(?:e|ed|ing)"
    r"|[Rr]esignation\sof"
    r"|memory\sof|[Hh]ire|[Hh]onor\sof|[Cc]laim\s(?:of|by)|[Rr]efund\sto|[Rr]equest\s(?:of|by|from)"
    r"|[Aa]ttest:)"
    r"(?:[ \n]by)?(?:[ \n](?:Mr|Mrs|Ms|Dr|Lt|Sgt|Capt)\.)?[ \n])$"
)
TALLY = re.compile(
    r"\b(?i:roll\scall|ayes?|yeas?|yes|noes?|nays?|no|abstain\w*|abstentions?|absent|excused|recused"
    r"|in\sfavor|opposed|present"
    r"|voting\s(?:aye|nay|yes|no))(?:\s(?i:votes?|members?|directors?|commissioners?|trustees?"
    r"|council\w*))?\s?[:-]\s?"
    r"(?:\d+\s?[-:(]?\s?)?"
)
BELONGS = re.compile(r"(?:,|,?[ ](?:of|from|with|representing))[ \n](?:the[ ])?|[ ]\((?:the[ ])?")


WHOLE = re.compile(rf"[{UPPER}][{LOWER}]{{2,}}")
POSTED = re.compile(r"-(?:Vice-?)?(?:Chair\w*|Mayor|President|Clerk|Secretary|Treasurer|Director|Member)$")
GIVEN_BEFORE = re.compile(
    rf"(?<![\w.\n])(?<!^)(?<![A-Z][ ])(?P<name>(?:[A-Z]\.[ ]?){{1,2}}|[{UPPER}][{LOWER}]+[ ])$"
)
LONE = re.compile(rf"(?<![\w'’-]){_WORD}(?![\w-])(?![ ][{UPPER}][{LOWER}])")
BY_ONE = re.compile(r"\b(?:[Mm]oved|[Ss]econded|[Ss]econd|[Mm]otion|[Mm]otioned|supported)[ \n]by[ \n]$")
SPEAKERS = frozenset(
    """
    council board staff commission committee mayor chair it he she they we who which all everyone members
    applicant
    applicants residents resident citizens public department attorney manager clerk director president chief
    developer owner neighbors nobody none someone commissioners councilmembers trustees supervisors motion
    this that
    there city town county village state school counsel chairman authority company officers people students
    parents
    consultant engineer planner trustee commissioner councilmember vice secretary moderator treasurer
    selectmen
    administration senator governor congress legislature court judge association group everybody meeting
    session
    supervisor also then i you what item ordinance resolution bill hearing has had when being having
    """.split()
)
PLACE_STARTS = frozenset(
    "calle avenida camino paseo lake mount fort port cape rio camp san santa via saint".split()
)
MORE_TITLES = frozenset(
    "pastor detective constable sgt lt capt rev principal justice rabbi bishop trooper dispatcher ranger also".split()
)
EDGE = (
    STOP
    | TITLES
    | CUT
    | MORE_TITLES
    | frozenset("alternate visitors guests later today tonight meanwhile finally next again".split())
)


NO_PERSON = (
    frozenset(
        """
    board commission committee council club lane department city town county village street avenue road park
    school
    center project program services group inc llc company association district authority agency police
    works public development opening comments remarks elect position emeritus office report reports
    training academy association's calendar conference requested items item room university building
    library team center plan award week month year holiday the and of for to at in on by with from asked
    administration federal national operating financial executive technology accountant technician operator
    specialist analyst mechanic worker custodian teacher aide nurse firefighter
    paramedic lineman laborer intern tavern equipment miscellaneous bike plows plow events event society
    chapel church foundation unlimited trust partners associates paving construction consultants companies
    engineering bureau coalition alliance college museum bank apartments subdivision tract estates
    called said stated was were is are has had general special
    """.split()
    )
    - SEATED
)
