"""Decides whether the text layer of a page can be trusted. Pure: facts in, verdict out.

The thresholds were measured on some 400 pages of real and of damaged meeting documents: words known to the
dictionary are 82 % and more of good pages, at most 66 % of bad hidden layers, and under 10 % where the
characters of a font are mapped wrongly.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace

from clerk.pdf import tongues
from clerk.pdf.facts import PageFacts
from clerk.pdf.words import WordList

FEW_CHARACTERS = 25
SOME_CHARACTERS = 400
IMAGE_SEEN = 0.02
OUTLINES = 30
IMAGE_LARGE = 0.5
IMAGE_WORTH = 0.3
BROKEN_SHARE = 0.02
WORDS_NEEDED = 8
KNOWN_SHARE = 0.55
KNOWN_SHARE_FOREIGN = 0.33
KNOWN_SHARE_HIDDEN = 0.80
COVERED_SHARE = 0.5
FOREIGN_SHARE = 0.5
LETTERS_ALONE = 120

_PAGE_NUMBER = re.compile(r"\W{0,4}\w{1,5}\W{0,4}")

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`why` is a short reason, in words for a person, whichever way it went.

    `rule` names what decided: blank, empty, characters, covered, image, words, hidden, language, script, sound,
    letters or few. `figures` are what was measured, without those that are zero: `chars`, `words`, `images` and
    `outlines` are counts, `known`, `common`, `broken`, `hidden`, `covered` and `image` are shares (0 to 1).
    """

    trusted: bool
    why: str
    rule: str = ""
    figures: Figures = field(default_factory=dict)


def judge(page: PageFacts, words: WordList) -> Verdict:
    """Decide about one page."""
    characters = sum(map(len, page.text.split()))
    broken = _broken(page.text) / max(characters, 1)
    figures = _figures(page, characters, broken)
    if characters < FEW_CHARACTERS:
        verdict = _nearly_empty(page, characters)
    else:
        verdict = _by_sight(page, characters, broken) or _by_words(page, words, figures)
    why = f"{verdict.why}; the file is damaged here" if page.damaged else verdict.why
    return replace(verdict, why=why, figures=figures)


def _figures(page: PageFacts, characters: int, broken: float) -> Figures:
    spans = max(page.spans, 1)
    found = {
        "chars": characters,
        "broken": round(broken, 3),
        "images": page.images,
        "image": round(page.image_cover, 2),
        "outlines": page.paths,
        "hidden": round(page.invisible / spans, 2),
        "covered": round(page.covered / spans, 2),
    }
    return {name: value for name, value in found.items() if value}


def _nearly_empty(page: PageFacts, characters: int) -> Verdict:
    if page.image_cover >= IMAGE_SEEN or page.paths >= OUTLINES:
        return Verdict(
            False, f"{characters or 'no'} characters of text on a page of images or outlines", "empty"
        )
    if not characters and not page.images and not page.paths:
        return Verdict(True, "blank page", "blank")
    if characters and not _PAGE_NUMBER.fullmatch(page.text.strip()):
        readable = sum(map(str.isalnum, page.text))
        if readable < characters / 2:
            return Verdict(False, f"{characters} characters, most of them no letters", "characters")
    return Verdict(True, "hardly any text, and nothing that could hold more", "blank")


def _by_sight(page: PageFacts, characters: int, broken: float) -> Verdict | None:
    """The verdict on text that cannot be trusted for how it looks and lies on the page."""
    if broken > BROKEN_SHARE:
        return Verdict(False, f"{broken:.0%} of the characters have no meaning", "characters")
    if page.spans and page.covered / page.spans > COVERED_SHARE:
        return Verdict(False, "an image is painted over the text", "covered")
    # The more of the page its images take, the more text it must have beside them.
    enough = SOME_CHARACTERS * min(1.0, page.image_cover / IMAGE_LARGE)
    if page.image_cover >= IMAGE_WORTH and characters < enough:
        why = f"{characters} characters of text beside an image over {page.image_cover:.0%} of the page"
        return Verdict(False, why, "image")
    return None


def _by_words(page: PageFacts, words: WordList, figures: Figures) -> Verdict:
    hidden = page.spans > 0 and page.invisible == page.spans
    name = "hidden text layer" if hidden else "text layer"
    count, share = words.share(page.text)
    figures["words"] = count
    needed = KNOWN_SHARE_HIDDEN if hidden else KNOWN_SHARE
    if count >= WORDS_NEEDED:
        figures["known"] = round(share, 3)
        if share >= needed:
            return Verdict(True, f"{name}, {share:.0%} known words", "hidden" if hidden else "words")
    if tongues.foreign(page.text) > FOREIGN_SHARE:
        return _of_another_script(page.text, name, figures)
    if count < WORDS_NEEDED:
        letters = sum(map(str.isalpha, page.text))
        if letters > LETTERS_ALONE:
            return Verdict(False, f"{name} of {letters} letters that make {count or 'no'} words", "letters")
        return Verdict(True, f"{name} with few words", "few")
    return _of_another_language(page.text, name, share, words, figures)


def _of_another_script(text: str, name: str, figures: Figures) -> Verdict:
    code, common = tongues.spoken(text)
    figures["common"] = round(common, 3)
    if code:
        return Verdict(True, f"{name} in {tongues.NAMES[code]}", "script")
    return Verdict(False, f"{name} in letters that make no words of a language that is known here", "script")


def _of_another_language(text: str, name: str, share: float, words: WordList, figures: Figures) -> Verdict:
    """The verdict on text that the dictionaries do not know: another language, or scrambled letters?"""
    hidden = name.startswith("hidden")
    # Names and terms are the same in many languages; where a third is known, less of the commonest will do.
    half_known = share >= KNOWN_SHARE_FOREIGN and not hidden
    code, common = tongues.spoken(text, tongues.NEEDED / 2 if half_known else tongues.NEEDED)
    figures["common"] = round(common, 3)
    if code:
        return Verdict(True, f"{name} in {tongues.NAMES[code]}", "language")
    if words.usable:
        return Verdict(False, f"{name}, {share:.0%} known words", "hidden" if hidden else "words")
    unsound = tongues.unsound(text)
    if unsound:
        return Verdict(False, f"{name}, no dictionary for one of the languages, and {unsound}", "sound")
    return Verdict(True, f"{name} that looks like words; no dictionary for one of the languages", "sound")


def _broken(text: str) -> int:
    """Number of private-use and unassigned characters, lone surrogates and controls.

    Those of ASCII do not count: they are dropped later and harm nothing.
    """
    if text.isascii():
        return 0
    counts = Counter(text)
    return sum(
        count
        for letter, count in counts.items()
        if letter > "\x7f"
        and (letter == "\ufffd" or unicodedata.category(letter) in ("Co", "Cn", "Cs", "Cc"))
    )
