"""Words and patterns of organisations: how they end and begin, and what only leads into their names."""

from __future__ import annotations

import re

from clerk.extraction.lexicon import CUT, UPPER

_W = rf"(?:(?:St|Mt|Ft|Dr|Jr|Bros|No)\.|(?:[A-Z]\.){{1,3}}|[{UPPER}][\w'’&/-]{{0,24}}+)"
_LINK = r"(?:of|and|for|&|de)"
_SUFFIX = (
    r"(?:Department|Committee|Subcommittee|Commission|Authority|Association|Club|Team|University|College"
    r"|School"
    r"|Academy|Company|Companies|Corporation|Council|Agency|District|Foundation|League|Society|Church"
    r"|Chapel|Temple"
    r"|Synagogue|Mosque|Parish|Diocese|Bank|Hospital|Clinic|Board|Bureau|Coalition|Alliance|Partnership"
    r"|Partners"
    r"|Institute|Workgroup|Task[ ]Force|Union|Network|Federation|Cooperative|Trust|Group|Associates"
    r"|Consulting"
    r"|Consultants|Engineering|Engineers|Architects|Surveyors|Construction|Contractors|Contracting|Builders"
    r"|Services|Solutions|Systems|Enterprises|Industries|Properties|Homes|Realty|Ministries"
    r"|Chamber[ ]of[ ]Commerce"
    r"|Police|Library|Museum|Troop(?:[ ]\d+)?|Pack[ ]\d+|Media|News|Gazette|Times|Tribune|Herald|Legion"
    r"|Rotary|Lions"
    r"|Kiwanis|YMCA|Plant|Landscape|Landscaping|Asphalt|Paving|Electric|Electrical|Excavating|Plumbing"
    r"|Roofing"
    r"|Communications|Technologies|Laborator(?:y|ies)|Wireless|Energy|Power|Signs|Lines|Insurance|Logistics"
    r"|Development[ ]Commission|Conservancy|Conservation|Ventures|Holdings|Brothers|Bros\.|Guild|Brigade"
    r"|Corps"
    r"|Ambulance|Squad|Sheriff's[ ]Office|Prosecutor's[ ]Office|Attorney's[ ]Office|Tribe|Nation|Band|Schools"
    r"|Seminary|Orchestra|Symphony|Theatre[ ]Company|Airlines|Airways|Motors|Foods"
    r"|Court[ ]of[ ]Appeals|Housing[ ]Authority|Fire[ ]Company|Post[ ]\d+|Lodge[ ]\d+|Local[ ]\d+|PTA|PTO"
    r"|(?:Power|Water|Gas)[ ](?:and|&)[ ](?:Light|Power|Electric)|Fire[ ](?:and|&)[ ]Rescue"
    r"|County[ ]Public[ ]Works|Studios?|Supply|Tree[ ]Service|Lumber|Hardware|Nursery|Rentals|Radio|Inn"
    r"|Hotel|Motel|Suites"
    r"|Restaurant|Cafe|Café|Grill|Tavern|Store|Market|Pharmacy|Pub|Brewery|Brewing|Winery|Administration"
    r"|Registry)"
)
_CAPS_SUFFIX = (
    r"(?:DEPARTMENT|COMMITTEE|COMMISSION|AUTHORITY|ASSOCIATION|CLUB|UNIVERSITY|COLLEGE|SCHOOL|COMPANY"
    r"|CORPORATION"
    r"|AGENCY|DISTRICT|FOUNDATION|SOCIETY|CHURCH|CHAPEL|BANK|HOSPITAL|BUREAU|PARTNERS|ASSOCIATES|CONSULTANTS"
    r"|ENGINEERING|CONSTRUCTION|CONTRACTORS|SERVICES|ENTERPRISES|INDUSTRIES|PAVING|ASPHALT|ELECTRIC)"
)
_DAYS = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday"
    r"|Wednesday|Thursday|Friday|Saturday|Sunday)\b"
)
_COMPANY = (
    r"(?:,?[ \n](?:(?i:Inc|LLC|LLP|Ltd|Corp|PLLC)|L\.L\.C|LP|Co|CO|PC|P\.C|Limited|Incorporated|N\.A)\b\.?)"
)
_STATE = (
    r"(?:Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii"
    r"|Idaho|Illinois"
    r"|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi"
    r"|Missouri"
    r"|Montana|Nebraska|Nevada|New[ ](?:York|Jersey|Mexico|Hampshire)|Ohio|Oklahoma|Oregon|Pennsylvania"
    r"|Tennessee"
    r"|Texas|Utah|Vermont|Virginia|Washington|Wisconsin|Wyoming|America|Ontario|Canada)"
)
BY_SUFFIX = re.compile(
    rf"(?<![\w'-])(?P<name>(?:{_W}[ \n](?:{_LINK}[ \n])?){{1,6}}{_SUFFIX}(?:[ ]No\.[ ]?\d+)?"
    rf"(?:[ ](?:of[ ])?{_STATE})?)(?!\w)"
    rf"(?![ ](?:Street|Avenue|Road|Lane|Drive|Boulevard|Way|Park|Parkway|Blvd|Ave|Rd"
    rf"|St)\b)(?P<company>{_COMPANY})?(?P<tail>[ ](?:of|for|on)[ ](?:the[ ])?{_W}(?:[ ](?:(?:and|&"
    rf"|of)[ ])?{_W}){{0,3}})?"
)
BY_CAPS = re.compile(
    rf"(?<![\w'-])(?P<name>(?:[A-Z][A-Z'&.-]{{1,20}}[ ](?:(?:AND|OF|&)[ ])?){{1,6}}{_CAPS_SUFFIX})(?!\w)"
)
BY_COMPANY = re.compile(
    rf"(?<![\w'-])(?P<name>{_W}(?:[ \n](?:(?:&|and)[ \n])?{_W}){{0,5}}){_COMPANY}(?![\w])"
)
PARTNERS = re.compile(
    rf"(?<![\w'-])(?P<name>{_W}(?:[ ]{_W}){{0,2}}[ ]&[ ](?:Sons|Associates|Company|Co\.|Brothers|Partners"
    rf"|{_W}))(?![\w])"
)
_G = r"[ \n]"
HEADED = re.compile(
    rf"(?<![\w'-])(?P<name>(?:{_W}{_G}){{0,2}}(?:(?:Department|Bureau|Office|Board|Association|League"
    rf"|Friends|Institute"
    rf"|Division|Society|University|House|Chamber|Endowment|Knights|Bank|Church|Diocese|Council|Coalition"
    rf"|Center){_G}(?:of|for"
    rf"|on)|(?:Club|Registry|Ministry|Daughters|Sons|Order|Federation|College|Company|Agency"
    rf"|Representatives){_G}of"
    rf"|Historic)[ \n](?:the{_G})?(?!{_DAYS}){_W}(?:(?:{_G}(?:(?:of|for)[ ](?:the[ ])?|(?:and"
    rf"|&)[ ])?){_W}){{0,4}})"
)
ENDED = re.compile(rf"[ ](?:{_SUFFIX}|{_CAPS_SUFFIX})$")
DBA = re.compile(rf"\b(?:dba|d/b/a|DBA|doing[ ]business[ ]as)[ ](?P<name>{_W}(?:[ ]{_W}){{0,3}})")
ACRONYM = re.compile(r"\([ ]?['\"]?(?P<short>[A-Z][A-Z&]{1,8}[A-Za-z]?)['\"]?[ ]?\)")
# Bodies that every town deals with, known by name.
KNOWN = re.compile(
    r"(?<![\w'-])(?:[A-Z]{1,4}&[A-Z]{1,3}|FAA|FEMA|HUD|EPA|USDA|FBI|DEA|DOJ|FCC|FHWA|USACE|NAACP|YMCA"
    r"|YWCA|AARP|ACLU|AFSCME|SEIU|IBEW|VFW"
    r"|AT&T|PG&E|SDG&E|Comcast|Verizon|T-Mobile|Spectrum|Walmart|Wal-Mart|Costco|Home Depot|Lowe's|Starbucks"
    r"|McDonald's|Walgreens|CVS|Google|FedEx|UPS|Amtrak|Caltrans|[A-Z][A-Za-z]{0,6}DOT|LAFCO|Red Cross"
    r"|Salvation Army"
    r"|American Red Cross|United Way|Habitat for Humanity|Boys (?:&|and) Girls Club|Boy Scouts"
    r"|Girl Scouts|Cub Scouts"
    r"|Meals on Wheels|League of Women Voters|Sierra Club|Audubon Society|Trout Unlimited|Ducks Unlimited"
    r"|Lions Club"
    r"|Rotary Club|Kiwanis Club|Kiwanis|Rotary|Optimist Club|Elks Lodge|American Legion"
    r"|Chamber of Commerce|Waste Management"
    r"|Republic Services|Union Pacific|Amazon|State Farm|Wells Fargo|Bank of America|US Bank"
    r"|U\.S\. Bank)(?![\w-])"
)
# A word with a capital inside, as companies write themselves; surnames have one after Mc and the like.
CAMEL = re.compile(
    r"(?<![\w'-])(?!Mc|Mac|De|Di|Du|La|Le|Van|Von|Fitz|Da|Del|San|Ste|St|Al|El|Be)(?P<head>[A-Z][a-z]{1,9})"
    r"(?P<rest>[A-Z][a-z]{1,9}|[A-Z]{2,4})(?![\w'-])(?![ ][A-Z])"
)
# A phrase that ends like an organisation but is a paper, a plan or the body itself.
PAPERS = re.compile(
    r"\b(?:specifications?|agreements?|resolution|ordinance|certificate|plans?|budget|recognition|project)\b"
)
POSTS = re.compile(
    r"[/ \n]{1,2}(?:Manager|Director|Superintendent|Coordinator|Attorney|Chief|Assistant|Officer"
    r"|Administrator"
    r"|Supervisor|Planner|Engineer|Secretary|Chair\w*|Member|Captain|Inspector|Executive|Negotiator"
    r"|Contact|Representative|Department\()"
)
CAPS = re.compile(
    r"(?<![\w'-])(?P<name>(?!REGULAR|SPECIAL|MINUTES|THE|OF|AGENDA"
    r"|JOINT)[A-Z]{3,20}(?:[ ][A-Z]{3,20}){0,2}[ ]"
    r"(?:CITY|TOWN|VILLAGE)[ ](?:COUNCIL|BOARD))\b"
)
OWN_BODY = re.compile(
    r"(?:City|Town|Village)[ ](?:Council|Board)[ ]of[ ](?!Trustees|Directors|Supervisors|Selectmen|Health"
    r"|Ed)|(?:Council|Board|Commission)[ ]of[ ](?:the[ ])?(?:City|Town|Village|County)[ ]of\b"
)
LISTED = re.compile(r"(?:^|\n|\b[a-z]+[ ])(?P<first>[A-Z][a-z]+,[ ])$")
SEAT = re.compile(
    r"(?:City|Town|Village|County)[ ]of(?:[ ][A-Z]\w+){1,2}[ ](?=(?:City|Town|Village|County)\b)"
)
GENERIC = frozenset(
    """
    city town village county state the this said any each every such our your their its his her board
    council commission committee department staff public new regular special joint annual planning agenda
    item consent calendar resolution ordinance motion approve approved adopt adopted authorize award amend
    amended amending recommended recommending action report minutes meeting session order hearing first
    second final mayor vice president chair chairman chairperson member members councilmember commissioner
    trustee supervisor director manager attorney clerk chief officer deputy assistant interim acting
    presiding project program services service section honorable between with from by at in on as presented
    certificate january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday no nos mr mrs ms dr alderman absent present
    ayes noes all former current agreement contract agreements accept appoint appointment appointments
    clean renewable green solar energy
    presentation discussion discuss update consider direct receive proclamation welcome thank
    """.split()
)
LEAD = frozenset(
    """
    llc inc co corp ltd
    the this said a an approve approved authorize award recommend recommended accept adopt agreement
    agreements contract between with by from at in on for to of and mayor vice president chair member
    members councilmember commissioner trustee director manager attorney clerk chief officer deputy
    assistant interim acting certificate presentation proclamation appointment appointments report update
    motion item resolution ordinance public hearing discussion annual former current alderman presented
    minutes action consider direct receive staff regular special meeting joint each any our your their its
    his her adopted establish appoint amend am pm honorable principal pastor rev sgt capt lt attn re cc
    """.split()
)


HEADS = frozenset(
    """
    department board university college bank office bureau friends league order council division ministry registry
    chamber society association club institute church house court daughters sons knights federation authority
    commission committee company state sisters school fraternal center hospital city town village county diocese
    department/division agency district union academy museum corps
    """.split()
)
ROADS = frozenset("street avenue road lane drive boulevard way ave rd ln blvd dr st".split())
SELF = frozenset("church school company inc llc club library hospital college university".split())
OWN = frozenset("city town village county state board council staff regular special joint this said".split())
TOPICS = frozenset("planning public community services service program project".split())
LEADS = CUT - frozenset(
    "public special property no all paving block corner phase location east/west site sale grant agenda".split()
)
SEATS = frozenset("city county town village".split())
LINKS = frozenset("of and for & committees commissions".split())
OFTEN = frozenset("services agency committee district board".split())
SHORT_FORMS = frozenset("inc. co. corp. st. bros. mt. ft. no.".split())
# Heads that go on with `of X`.
GO_ON = frozenset(
    """
    Department Bureau Board Association League Council Institute University College Society Court Bank Chamber Club
    Authority Federation Church School District Order Trust
    """.split()
)
NO_TAIL = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Item|the City"
    r"|Resolution|Tuesday|Monday)"
)
