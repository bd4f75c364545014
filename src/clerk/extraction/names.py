"""Names of people as minutes print them: without titles, in lists, before and after a word.

Every pattern has a bounded length or cannot give back what it took, so that no text makes it slow.
"""

from __future__ import annotations

import re

_TITLES = (
    r"(?:the|vice|deputy|interim|acting|mayors?|pro|tem|tern|president|chair(?:man|woman|person|s)?|councill?ors?"
    r"|council|city|town|village|county|board|members?|council(?:members?|man|men|woman|women|persons?)"
    r"|commissioners?|commission(?:man|woman)|supervisors?|trustees?|director|directors|aldermen|alderman|alderwoman"
    r"|select(?:man|men|woman|person)|secretary|treasurer|clerk|attorney|manager|administrator|judge|reeve|warden"
    r"|representative|delegate|senator|engineer|planner|chief|captain|sergeant|lieutenant|officer|superintendent"
    r"|mr|mrs|ms|miss|dr|hon|honorable|reverend|rev)\.?"
)
_BODIES = frozenset(("the", "city", "town", "village", "county", "council", "board"))
_WORD_BEFORE = re.compile(r"(?<!\w)([A-Z][A-Za-z]+\.?)\s+$")
_LEADING = re.compile(rf"(?:{_TITLES}[\s,]++)++", re.IGNORECASE)
_ONLY_TITLE = re.compile(rf"(?:{_TITLES}\s*+)++", re.IGNORECASE)
_INNER = re.compile(rf"(?<=[a-z]{{3}}\.)\s|(?:(?:^|\s++)(?<![\w]){_TITLES}(?![\w.'-]))++", re.IGNORECASE)
_TRAILING = re.compile(rf",?\s++(?:{_TITLES}\s*+)++$", re.IGNORECASE)

_PART = r"(?:[A-ZÀ-Ý]['’]?[A-Za-zÀ-ÿ]{1,24}+(?:['’-][A-Za-zÀ-ÿ]{1,24}+){0,2}+\.?|[A-Z]\.)"
_NAME = rf"{_PART}(?:[ \t\n]{{1,3}}(?:de\s|de\sla\s|van\s|von\s)?{_PART}){{0,5}}"
_AT_START = re.compile(rf"\s*+((?:(?:the|mr|mrs|ms|dr)\.?\s)?{_NAME})")
_AT_END = re.compile(rf"(?<![\w'’-])({_NAME}),?\s*+$")
_WHOLE = re.compile(rf"{_NAME}(?:,?\s(?:jr|sr|ii|iii|iv)\.?)?", re.IGNORECASE)
_SUFFIX = re.compile(r",\s++((?:jr|sr|ii|iii|iv)\b\.?)", re.IGNORECASE)
_SPLIT = re.compile(r"\s*(?:[,;&/]|\band\b)\s*", re.IGNORECASE)
_NO_NAME_WORDS = """
none nil all unanimous motion moved seconded second ayes aye noes nay nays yes no absent abstain
abstained abstentions present vote voting opposed against favor carried passed failed item resolution
ordinance page status after upon following roll call then discussion by to of in on with others other
being
"""
_NO_NAME = frozenset(_NO_NAME_WORDS.split())


def strip_titles(text: str) -> str:
    """A name without titles before or after it, in one line; empty where only titles are left."""
    name = " ".join(text.split()).strip(" .,;:-–—()[]\"'")
    if _ONLY_TITLE.fullmatch(name):
        return ""
    name = _LEADING.sub("", name, count=1) if _LEADING.match(name) else name
    return _TRAILING.sub("", name).strip(" .,;:")


def title_before(text: str, start: int) -> bool:
    """True when a person's title stands right before `start`."""
    match = _WORD_BEFORE.search(text, max(0, start - 24), start)
    return match is not None and match.group(1).lower() not in _BODIES and not strip_titles(match.group(1))


def name_before(text: str, end: int) -> str | None:
    """The name that ends right before `end`: `Councilmember Marsh| moved`."""
    window = text[max(0, end - 90) : end]
    match = _AT_END.search(window)
    return _person(match.group(1), last=True) if match else None


def name_after(text: str, start: int) -> str | None:
    """The name that begins at `start`: `seconded by |Vice Mayor Okafor, to adopt`."""
    match = _AT_START.match(text[start : start + 120])
    if match is None:
        return None
    # Of "Councilmember Marsh The motion" or of two lines only the first belongs to the name.
    return _person(match.group(1))


def _person(text: str, *, last: bool = False) -> str | None:
    """The one name in a run of capitalised words; a title in the middle begins another person's."""
    runs = [run for run in _INNER.split(text) if strip_titles(run)]
    if not runs:
        return None
    name = strip_titles(runs[-1] if last else runs[0])
    words = name.split()
    while words and words[-1].lower().strip(".") in _NO_NAME:
        words.pop()
    if not words or any(word.lower().strip(".") in _NO_NAME for word in words):
        return None
    return " ".join(words[-4:])


def name_list(text: str) -> tuple[str, ...]:
    """Names of a list with commas, semicolons, `and` and line breaks; what is no name is left out."""
    joined = _SUFFIX.sub(r" \1", " ".join(text.split()))
    names: list[str] = []
    for part in _SPLIT.split(joined):
        name = strip_titles(part)
        if name and len(name) <= 60 and _WHOLE.fullmatch(name) and name[0].isupper():
            person = _person(name)
            if person and person not in names:
                names.append(person)
    return tuple(names)
