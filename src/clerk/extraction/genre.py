"""Tells texts in which people speak, and sentences about other times and bodies, from the record of a decision."""

from __future__ import annotations

import re

_CAPTION = re.compile(
    r"(?:^|\s)>>|closed[ -]caption|\[(?:gavel|applause|laughter|inaudible)", re.I | re.MULTILINE
)
_SPEAKER = re.compile(
    r"(?:^|(?<=[.?!]\s))\s*+[A-Z][A-Za-z.'-]{1,20}+(?:\s[A-Z][A-Za-z.'-]{1,20}+){0,2}:\s", re.MULTILINE
)
_SPOKEN = re.compile(
    r"\b(?:i|i'm|i'd|i'll|i've|we're|we'll|that's|it's|don't|didn't|you|your|okay|ok|um|uh|yeah|thank you)\b",
    re.I,
)
_WORD = re.compile(r"[A-Za-z']++")

_REPORTED = re.compile(
    r"\b(?:stated|said|noted|explained|reported|advised|informed|recalled|reminded|mentioned"
    r"|commented|indicated"
    r"|testified|added|asked|responded|replied|wrote|read|told|states?(?=\s+that)|says|writes"
    r"|according\s+to)\b(?:\s+(?:to|the|us|them|members?|council|board"
    r"|commission"
    r"|committee|that|of)\b){0,4}",
)
_PAST = re.compile(
    r"\b(?:at\s+that\s+time|previously|last\s+(?:year|month|week|meeting)|earlier\s+(?:this|in)|years?\s+ago"
    r"|in\s+the"
    r"\s+past|prior\s+(?:meeting|council|board|vote)|(?<!motion )had\s+(?:been\s+)?(?:voted|approved|passed"
    r"|adopted)"
    r"|back\s+in\s+\d{4}|in\s+(?:19|20)\d\d\b|on\s+(?:january|february|march|april|may|june|july"
    r"|august|september"
    r"|october|november|december)\s+\d{1,2},?\s+\d{4},?\s+(?:the|this|by|our)|at\s+(?:its|their"
    r"|the)\s+[^.]{0,40}"
    r"\bmeeting\b)"
)
_RULE = re.compile(
    r"\b(?:shall|once|whenever|requires?|required|must|may\s+be|would|should|could|if|when\s+a"
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
    words = len(_WORD.findall(sample))
    if words < 60:
        return False
    if len(_CAPTION.findall(sample)) >= 4:
        return True
    spoken = len(_SPOKEN.findall(sample))
    return len(_SPEAKER.findall(sample)) >= 4 and spoken >= 12 and spoken / words > 0.03


def tells_of_another(sentence: str, own: str, head: str = "") -> bool:
    """True when a sentence (small letters) tells of a past decision, of another body's, or states a rule.

    Args:
        own: the head of the document in small letters, where the body that met is named.
        head: the same with the sentence, where it is a part; a council or a board may be named there only.
    """
    if _REPORTED.search(sentence) or _PAST.search(sentence) or _RULE.search(sentence):
        return True
    match = _OTHER.search(sentence)
    if match is None:
        return False
    body = [word for word in match.group(1).split() if word not in ("the", "and", "a", "this", "our", "said")]
    if body and body[-1] in ("council", "board"):
        own = head or own
    return len(body) > 1 and " ".join(body[-2:]) not in own and " ".join(body) not in own
