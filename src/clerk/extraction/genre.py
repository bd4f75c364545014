"""Tells texts in which people speak, and sentences about other times and bodies, from the record of a decision."""

from __future__ import annotations

import re

_CAPTION = re.compile(
    r"(?:^|\s)>>|closed[ -]caption|\[(?:gavel|applause|laughter|inaudible)", re.I | re.MULTILINE
)
_SPEAKER = re.compile(
    r"(?:^|(?<=[.?!]\s))\s*+(?P<who>[A-Z][A-Za-z.'-]{1,20}+(?:\s[A-Z][A-Za-z.'-]{1,20}+){0,2}):\s",
    re.MULTILINE,
)
_TURN = re.compile(r"^\s*>>", re.MULTILINE)
# Times of a recording before what was said; a time of day has no seconds.
_CLOCK = re.compile(
    r"\d\d:\d\d:\d\d[,.]\d{3}\s?-+>|^[ ]*\[?\(?\d{1,2}:\d\d(?::\d\d|\.\d{3})[.,\d]{0,4}\)?\]?[ ]",
    re.MULTILINE,
)
_STAMP = re.compile(r"\[\d\d:\d\d:\d\d\]")
_SAYS_SO = re.compile(
    r"\bvoice-to-text\b|\b(?:this|the following)\s+transcript\b|\b(?:rough|uncorrected|automated)\s+transcript"
    r"|\btranscript\s+(?:does|did)\s+not\b|\b(?:in|by)\s+the\s+(?:meeting\s+)?transcript\b(?=\s?[.;,])"
)
# What a chair says aloud and no minutes write, by kind.
_CHAIR = re.compile(
    r"\b(?:(?P<favor>all\s+(?:those\s+)?in\s+favou?r(?:\s*\?|\s*,?\s+(?:please\s+)?(?:say|signify)))"
    r"|(?P<opposed>(?:any\s+)?opposed\s*\?|any\s+opposed\b|those\s+opposed\s*\?|all\s+opposed\?)"
    r"|(?P<asks>(?:do|can|may)\s+(?:i|we)\s+(?:have|hear|get)\s+a\s+(?:motion|second)|is\s+there\s+a\s+(?:motion|second)"
    r"|(?:we|i)\s+have\s+a\s+motion)"
    r"|(?P<calls>(?:please\s+call\s+the\s+roll|call\s+the\s+roll,?\s+please))"
    r"|(?P<next>next\s+item,?\s+please|(?:moving|move)\s+on\s+to\s+item|(?:that|which)\s+takes\s+us\s+to|next\s+up)"
    r"|(?P<moves>(?:^|(?<=[.?!:>]\s)|(?<=[.?!:>]))\s?so\s+moved\b[.!]|\bi(?:'ll|\s+will|'d\s+like\s+to|\s+would\s+like\s+to)?\s+"
    r"(?:move\b|second\b|make\s+(?:a|that)\s+motion))"
    r"|(?P<thanks>thank\s+you[,.]?\s+(?:mayor|council|madam|mr|chair|jim|everyone|everybody|to\s+everybody))"
    r"|(?P<hall>hearing\s+none,?\s+all))",
    re.MULTILINE,
)
_FILLER = re.compile(r"\b(?:um|uh|okay|gonna|yeah|you\s+know|all\s+right)\b", re.IGNORECASE)
# Words before a colon that are no speakers.
_LABELS = frozenset(
    """
    ayes aye nays nay noes yes no yeas abstain abstained abstentions absent present excused recused motion second
    moved seconded mover seconder result vote action discussion recommendation resolution staff other others attest
    date time place from to subject re note item questions comments budget background
    """.split()
)
_SPOKEN = re.compile(
    r"\b(?:i|i'm|i'd|i'll|i've|we're|we'll|we've|let's|thanks|what's|here's|that's|it's|don't|didn't|you|your|okay|ok"
    r"|um|uh|yeah|thank you)\b",
)
_WORD = re.compile(r"[A-Za-z']++")

_REPORTED = re.compile(
    r"\b(?:stated|said|noted|explained|reported|advised|informed|recalled|reminded|mentioned"
    r"|commented|indicated"
    r"|testified|added|asked|responded|replied|wrote"
    r"|(?<!as )read(?!\s+(?:and\s+(?:approved|accepted|adopted)|an?\s+(?:first|second|third))\b)"
    r"|told|states?(?=\s+that)|says|writes"
    r"|according\s+to)\b(?:\s+(?:to|the|us|them|members?|council|board"
    r"|commission"
    r"|committee|that|of)\b){0,4}",
)
_PAST = re.compile(
    r"\b(?:at\s+that\s+time|previously|(?<!minutes of the )last\s+(?:year|month|week|meeting)"
    r"|earlier\s+(?:this|in)|years?\s+ago|in\s+the\s+past|prior\s+(?:meeting|council|board|vote)"
    r"|(?<!motion )had\s+(?:been\s+)?(?:voted|approved|passed|adopted)"
    r"|back\s+in\s+\d{4}|in\s+(?:19|20)\d\d\b|on\s+(?:january|february|march|april|may|june|july"
    r"|august|september"
    r"|october|november|december)\s+\d{1,2},?\s+\d{4},?\s+(?:the|this|by|our)|at\s+(?:its|their"
    r"|the)\s+[^.]{0,40}"
    r"\bmeeting\b)"
)
# Newspapers tell the day of the week and no date: `voted 4-1 on Monday night to …`.
_NEWS = re.compile(
    r"\b(?:vot(?:ed|es)|approved|passed|adopted|rejected|agreed)\b[^.;\n]{0,50}?\s(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"(?:\s+(?:night|evening|morning|afternoon))?(?:\s+(?:to|that|not|against|in|by|after|with)\b|\s*[,.]?$)"
    r"|\b(?:council|board|commission|committee|trustees|supervisors|selectmen|commissioners)\s+(?:on\s+)?(?:mon|tues|wednes|thurs|fri"
    r"|satur|sun)day(?:\s+(?:night|evening|morning|afternoon))?\s+(?:unanimously\s+)?(?:voted|approved|passed|adopted|rejected|agreed)\b"
)
_RULE = re.compile(
    r"\b(?:after|once|when)\s+(?:the|a)\s+(?:\w+\s+){0,2}motion\s+(?:has|is)\b|\bmotions\s+(?:are|shall|may|will)\b|\bin\s+(?:a|case\s+of\s+a|the\s+case\s+of\s+a)\s+tie\b|\b(?:a|any|no|every)\s+motion\b[^.;]{0,80}?\b(?:is|are)\b|\bon\s+a\s+vote\s+of\s+\d{1,2}\s?-\s?\d{1,2},?\s+(?:a|the)\s+motion\b"
    r"|\b(?:shall|once|whenever|requires?|required|must|may\s+be|would|should|could|if|when\s+a"
    r"|in\s+the\s+event|unless"
    r"|in\s+order\s+to|needs?|necessary)\b"
)
_OTHER = re.compile(
    r"(?<!by the )(?<!by )\b((?:[a-z&']+\s+){0,3}(?:committee|commission|board|council|authority"
    r"|task\s+force|association|congress"
    r"|legislature|senate|house|voters|electors|planning\s+board))\s+(?:also\s+|has\s+|have\s+"
    r"|had\s+|then\s+|heard\s[^.;]{0,60}?\sand\s+|met\s[^.;]{0,60}?\sand\s+)?"
    r"(?:voted|approved|recommended|passed|adopted|unanimously|decided|supported|agreed|reviewed)\b"
)


def is_transcript(page: str) -> bool:
    """True for a page of captions or of what people said word by word."""
    sample = page[:8000]
    if len(_TURN.findall(sample)) >= 2:
        return True
    low = sample.lower()
    if _SAYS_SO.search(low) or (_STAMP.search(sample) and len(_FILLER.findall(sample)) >= 2):
        return True
    spoken = len(_SPOKEN.findall(low))
    clocks = _CLOCK.findall(sample)
    words = len(_WORD.findall(sample))
    unbroken = _is_unbroken(sample, words)
    if not (spoken or unbroken or clocks):
        return False
    cues = len({match.lastgroup for match in _CHAIR.finditer(low)})
    return (
        (cues >= 3 and spoken > 0)
        or _has_clocks(clocks, speech=bool(cues or spoken or unbroken))
        or _has_speakers(sample, cues, spoken, words)
        or (words >= 25 and _is_flow(sample, cues, unbroken=unbroken))
    )


def _has_clocks(clocks: list[str], *, speech: bool) -> bool:
    """True for times of a recording before what was said; minutes may print them too, but nobody speaks there."""
    return len(clocks) >= 2 and (speech or clocks[0].strip()[:1] in "[(" or "->" in clocks[0])


def _has_speakers(sample: str, cues: int, spoken: int, words: int) -> bool:
    """True for names with colons before what they said."""
    if spoken < 3 and cues < 2:
        return False
    speakers = sum(match["who"].lower().strip() not in _LABELS for match in _SPEAKER.finditer(sample))
    return speakers >= 4 and spoken > words * 0.03


def _is_flow(sample: str, cues: int, *, unbroken: bool) -> bool:
    """True for captions, and for words that run on without stops."""
    if len(_CAPTION.findall(sample)) >= 4:
        return True
    return unbroken and (sample.islower() or len(_FILLER.findall(sample)) >= 2 or cues >= 2)


def _is_unbroken(sample: str, words: int) -> bool:
    """True for words without the stops that writing has."""
    return sum(map(sample.count, ".;:?!")) * 30 < words


def tells_of_another(sentence: str, own: str, head: str = "") -> bool:
    """True when a sentence (small letters) tells of a past decision, of another body's, or states a rule.

    Args:
        own: the head of the document in small letters, where the body that met is named.
        head: the same with the sentence, where it is a part; a council or a board may be named there only.
    """
    if any(each.search(sentence) for each in (_REPORTED, _PAST, _RULE, _NEWS)):
        return True
    match = _OTHER.search(sentence)
    if match is None:
        return False
    body = [word for word in match.group(1).split() if word not in ("the", "and", "a", "this", "our", "said")]
    if body and body[-1] in ("council", "board"):
        own = head or own
    return len(body) > 1 and " ".join(body[-2:]) not in own and " ".join(body) not in own
