"""Which of a site's languages a page is in, told from a few lines of it. Pure: text in, language out.

Tesseract asks its languages in their order and mostly keeps what the first is sure of, accents of another or not; and
the first says how words are spaced. None is left out: a page may hold more than one. It is asked for only where that
order was measured to make a difference, see `docs/ocr-accuracy.md`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import Any

from clerk.pdf.tongues import COMMON

# Between these the order makes no difference: not one character in pages of either language. Nor does it between
# English and a script whose letters cannot be taken for Latin ones, but for those that are written without spaces.
ALIKE = frozenset({"eng", "spa"})
# The share of the letters that a script has, and of the words that are among the commonest of a language.
_SCRIPT, _WORDS = 0.5, 0.15
_LEAST_LETTERS, _LEAST_SIGNS, _DIFFERENT = 30, 10, 4
# How much more of them a language must have than the next.
_AHEAD = 1.25
_TOKEN = re.compile(r"[^\W\d_]+")
_ENGLISH = frozenset(
    """the of and to in a is that for it as was with be by on not he at are this have from or had an they which were
    all their there would been has when who will no more if out so any may shall must also each other such than its
    council board meeting motion vote public""".split()
)
# As Unicode's names of letters begin; what is not here is written in Latin letters.
_SCRIPTS = {
    "CYRILLIC": "rus ukr bel bul srp mkd kaz kir mon tgk tat uzb_cyrl aze_cyrl",
    "GREEK": "ell grc",
    "ARABIC": "ara fas urd pus uig snd kur_ara",
    "HEBREW": "heb yid",
    "CJK": "chi_sim chi_tra chi_sim_vert chi_tra_vert jpn jpn_vert",
    "HANGUL": "kor kor_vert",
    "DEVANAGARI": "hin mar nep san",
    "BENGALI": "ben asm",
    "GURMUKHI": "pan",
    "GUJARATI": "guj",
    "ORIYA": "ori",
    "TAMIL": "tam",
    "TELUGU": "tel",
    "KANNADA": "kan",
    "MALAYALAM": "mal",
    "SINHALA": "sin",
    "THAI": "tha",
    "LAO": "lao",
    "TIBETAN": "bod dzo",
    "MYANMAR": "mya",
    "KHMER": "khm",
    "GEORGIAN": "kat kat_old",
    "ARMENIAN": "hye",
    "ETHIOPIC": "amh tir",
}
_SCRIPT_OF = {code: script for script, codes in _SCRIPTS.items() for code in codes.split()}
_JAPANESE = ("HIRAGANA", "KATAKANA")


@dataclass(frozen=True, slots=True)
class Tongue:
    """What was found: the language that leads (a code of the site's, "" where it cannot be told), and by what.

    `share` is that of the letters in its `script`, or where several of the site's languages are written in it, of the
    words that are among the commonest of the language.
    """

    language: str
    script: str = ""
    share: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Its entry in the page's record."""
        return {"language": self.language, "script": self.script.title(), "share": round(self.share, 2)}


UNKNOWN = Tongue("")


def worth_asking(languages: str) -> bool:
    """True where the order of `languages`, joined by "+", makes a difference."""
    codes = set(languages.split("+"))
    latin = {code for code in codes if code not in _SCRIPT_OF}
    unspaced = any(_SCRIPT_OF.get(code) == "CJK" for code in codes)
    return len(codes) > 1 and (unspaced or (len(latin) > 1 and not latin <= ALIKE))


def led_by(languages: str, first: str) -> str:
    """`languages` with `first` before all others."""
    codes = languages.split("+")
    return "+".join([first, *(code for code in codes if code != first)]) if first in codes else languages


def tongue_of(text: str, languages: str) -> Tongue:
    """The language of `text`, a few lines, among `languages`, joined by "+"."""
    letters = Counter(map(_script, filter(str.isalpha, text)))
    if not letters:
        return UNKNOWN
    script, count = letters.most_common(1)[0]
    share = count / letters.total()
    least = _LEAST_SIGNS if script == "CJK" else _LEAST_LETTERS
    codes = languages.split("+")
    written = [code for code in codes if _SCRIPT_OF.get(code, "LATIN") == script]
    if count < least or share < _SCRIPT or not written:
        return UNKNOWN
    if script == "CJK":
        return Tongue(_of_signs(text, written), script, share)
    best, known = _of_words(text, written) if len(written) > 1 else (written[0], share)
    if best:
        return Tongue(best, script, known)
    # Their script is known, at least: any of them before those of another.
    return UNKNOWN if codes[0] in written else Tongue(written[0], script, share)


def _of_words(text: str, codes: list[str]) -> tuple[str, float]:
    words = Counter(word.lower() for word in _TOKEN.findall(text))
    total = words.total()
    shares = []
    for code in codes:
        common = _ENGLISH if code == "eng" else COMMON.get(code, frozenset())
        known = {word: count for word, count in words.items() if word in common}
        shares.append((sum(known.values()) / total if len(known) >= _DIFFERENT else 0.0, code))
    # A language whose words are not known here may be any of those that are.
    if not all(code == "eng" or code in COMMON for code in codes):
        return "", 0.0
    (second, _), (first, best) = sorted(shares)[-2:]
    return (best, first) if first >= _WORDS and first >= _AHEAD * second else ("", 0.0)


def _of_signs(text: str, codes: list[str]) -> str:
    """Japanese has signs of its own between the Chinese ones; the two ways to write Chinese are not told apart."""
    own = any(unicodedata.name(letter, "").startswith(_JAPANESE) for letter in text)
    fitting = [code for code in codes if code.startswith("jpn") == own]
    return (fitting or codes)[0]


def _script(letter: str) -> str:
    name = unicodedata.name(letter, "").partition(" ")[0]
    return "CJK" if name in _JAPANESE else name
