"""Which looks a page is worth, and which of several results is kept. Pure: figures in, decision out.

A first look at 150 dpi is enough for most pages. One that reads badly is looked at again in the ways that its figures
speak for. `docs/ocr-accuracy.md` has the measurements behind each number here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from clerk.ocr.tongue import UNKNOWN, Tongue

DPI = 150
# A page on its side or its head reads as garbage with about 45; good pages have 90 and more.
TURNED_BELOW = 70.0
# Below this confidence a page is cleaned and read again where there is something to clean, specks or shadows, or where
# much of its ink is outside of what was read, or where the text jumps about, as it does when noise is taken for gaps
# between columns. A language whose file is missing takes as much confidence away, and no cleaning brings it back.
SURE_FROM, LOST, JUMPS = 93.0, 0.1, 5
# Below this it is tried in any case.
POOR_BELOW = 80.0
# Once cleaned it must be better than that, or it is cleaned at the other resolution too: either may be better by far.
SOUND_FROM, SOUND_LOST, SOUND_JUMPS = 94.0, 0.02, 1
# Below this, cleaning has not helped either: worth the second engine.
BAD_BELOW = 85.0
# Height of the middling word, in pixels at 150 dpi, below which more pixels make fewer errors: print of 7 points has 10
# to 12, of 5 points 7 or 8.
SMALL_BELOW, TINY_BELOW = 11.5, 8.0
SMALL_DPI, TINY_DPI, CLEAN_DPI = 200, 300, 200


@dataclass(frozen=True, slots=True)
class Look:
    """One way to look at a page. `turn` is in degrees clockwise; `second` is done by the second engine."""

    name: str
    dpi: int = DPI
    turn: int = 0
    clean: bool = False
    second: bool = False


FIRST = Look("first")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found: text, layout data, and the figures by which it is judged.

    `words` counts words of three letters and more, `known` is the share of them that a dictionary knows (None
    without one), `height` is that of the middling word in pixels at 150 dpi, `lost` the share of the page's ink that
    is outside of all words, and `jumps` counts how often the text goes on higher up on the page, as it does once for a
    column (all 0 where the engine gives no boxes). `skew` is how far the page was turned to stand level. `rough` and
    `uneven` are of the scan, see `clerk.ocr.condition`. `tongue` is the language of the page, where that was asked.
    `cpu` and `seconds` are without the loading of the engine.
    """

    text: str
    layout: bytes
    confidence: float | None
    engine: str
    version: str
    languages: str
    words: int = 0
    known: float | None = None
    height: float = 0.0
    lost: float = 0.0
    jumps: int = 0
    rough: bool = False
    uneven: bool = False
    skew: float = 0.0
    turn: int = 0
    tongue: Tongue = UNKNOWN
    cpu: float = 0.0
    seconds: float = 0.0

    @property
    def merit(self) -> float:
        """Words that are known, weighted with the confidence: what was read, and how surely."""
        return self.words * (1.0 if self.known is None else self.known) * (self.confidence or 0.0)


@dataclass(frozen=True, slots=True)
class Taken:
    """A look that was made: what it found, or why it found nothing."""

    look: Look
    seen: Seen | None
    error: str = ""

    def to_json(self, *, kept: bool) -> dict[str, Any]:
        """Its entry in the page's record."""
        entry: dict[str, Any] = {"look": self.look.name, "dpi": self.look.dpi}
        if self.seen is None:
            return entry | {"error": self.error}
        entry |= {"engine": self.seen.engine} if self.look.second else {}
        entry |= {"turn": self.seen.turn} if self.seen.turn else {}
        entry |= {"skew": self.seen.skew} if self.seen.skew else {}
        entry |= {"rough": True} if self.seen.rough else {}
        entry |= {"uneven": True} if self.seen.uneven else {}
        known = None if self.seen.known is None else round(self.seen.known, 2)
        entry |= {"confidence": self.seen.confidence, "words": self.seen.words, "known": known}
        entry |= {"lost": round(self.seen.lost, 2), "jumps": self.seen.jumps, "cpu": round(self.seen.cpu, 2)}
        return entry | ({"kept": True} if kept else {})


def turned_looks(first: Seen, turns: Sequence[int]) -> list[Look]:
    """The looks that find out whether a page stands on its side or its head."""
    if (first.confidence or 0.0) >= TURNED_BELOW or not any(map(str.isalnum, first.text)):
        return []
    return [Look("turned", turn=(first.turn + turn) % 360) for turn in turns]


def further_looks(best_so_far: Callable[[], Seen], *, second: bool) -> Iterator[Look]:
    """The looks that may read a page better, as long as the best of those made so far leaves doubts."""
    fine = fine_dpi(best_so_far())
    if fine:
        yield Look("fine", fine, best_so_far().turn)
    if doubtful(best_so_far()):
        yield Look("clean", CLEAN_DPI, best_so_far().turn, clean=True)
        if not sound(best_so_far()):
            yield Look("clean", DPI, best_so_far().turn, clean=True)
    # What is too small to be read may show its size only now.
    finer = fine_dpi(best_so_far())
    if finer > max(fine, CLEAN_DPI) or (finer and not fine):
        yield Look("fine", finer, best_so_far().turn)
    if second and (best_so_far().confidence or 0.0) < BAD_BELOW:
        yield Look("second", CLEAN_DPI, best_so_far().turn, second=True)


def fine_dpi(seen: Seen) -> int:
    """The resolution that the size of the print asks for, 0 where that of the first look will do."""
    if not 0 < seen.height < SMALL_BELOW:
        return 0
    return TINY_DPI if seen.height < TINY_BELOW else SMALL_DPI


def doubtful(seen: Seen) -> bool:
    """True where the page may be read better once it is cleaned."""
    confidence = seen.confidence or 0.0
    if confidence >= SURE_FROM or not any(map(str.isalnum, seen.text)):
        return False
    spoilt = seen.rough or seen.uneven or seen.lost > LOST or seen.jumps >= JUMPS
    return spoilt or confidence < POOR_BELOW


def sound(seen: Seen) -> bool:
    """True where nothing hints at errors."""
    sure = (seen.confidence or 0.0) >= SOUND_FROM
    return sure and seen.lost <= SOUND_LOST and seen.jumps <= SOUND_JUMPS


def best(taken: Sequence[Taken]) -> int:
    """Index of the look to keep: the one of the largest merit, the earlier of equal ones."""
    kept = 0
    for index, each in enumerate(taken):
        old, new = taken[kept].seen, each.seen
        if new is not None and (old is None or new.merit > old.merit):
            kept = index
    return kept
