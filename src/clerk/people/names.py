"""Names taken apart for comparison: words without titles, accents and case, and when two can be one person's."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from clerk.extraction.names import strip_titles, surname
from clerk.extraction.words import SUFFIX
from clerk.people.nicknames import same_first_name

_ASIDE = re.compile(r"[(\[][^)\]]*[)\]]?")  # "Robert (Bob) Smith"
_LONG = 5  # letters of a word that may be spoilt by one
_VERY_LONG = 9  # and by two


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """A printed name: `given` and `family` are its words in small ASCII letters, `suffix` is `jr`, `ii`, … or empty."""

    given: tuple[str, ...]
    family: tuple[str, ...]
    suffix: str = ""

    @property
    def bare(self) -> bool:
        """True for a surname alone."""
        return not self.given

    @property
    def words(self) -> tuple[str, ...]:
        return self.given + self.family

    @property
    def initial(self) -> bool:
        """True where the first name is one letter."""
        return bool(self.given) and len(self.given[0]) == 1

    @property
    def plain(self) -> str:
        """`john q smith jr`: what ids are made from."""
        return " ".join(self.words + ((self.suffix,) if self.suffix else ()))

    def ends_with(self, words: tuple[str, ...]) -> bool:
        """True where `words` are the last ones of this name: `knox white` of `john knox white`."""
        return bool(words) and self.words[-len(words) :] == words


@lru_cache(maxsize=20_000)
def read_name(printed: str) -> Name:
    """Take a printed name apart: titles go, `SMITH, J.` is turned round; without words where no name is left."""
    text = unicodedata.normalize("NFKD", _ASIDE.sub(" ", printed).replace("’", "'"))
    text = text.encode("ascii", "ignore").decode()
    words = [word.strip(".,'\"()").lower() for word in _turned(strip_titles(text)).replace(".", ". ").split()]
    suffix = next((word for word in words if word in SUFFIX), "")
    kept = [word for word in words if word and word not in SUFFIX]
    if not kept:
        return Name((), ())
    family = tuple(surname(" ".join(kept)).split())
    return Name(tuple(kept[: -len(family)]), family, suffix)


def shown(printed: str) -> str:
    """A printed name as it is shown: without title, first name first, not in capitals throughout."""
    name = _turned(strip_titles(_ASIDE.sub(" ", printed))) or printed
    name = re.sub(r"^([A-Z])(?= )", r"\1.", name)
    return name.title() if name.isupper() else name


def compatible(one: Name, two: Name) -> bool:
    """True where two full names can be one person's: `J. Smith`, `Bob Smith` and `Robert Q. Smith`."""
    if one.family != two.family or (one.suffix and two.suffix and one.suffix != two.suffix):
        return False
    if one.given == two.given[1:] or two.given == one.given[1:]:
        return True  # "W. Harrington Smith" is called Harrington
    first, second = one.given, two.given
    if not same_first_name(first[0], second[0]):
        return False
    return len(first) == 1 or len(second) == 1 or first[1][0] == second[1][0]


def same_first(one: Name, two: Name) -> bool:
    """True where both print the same whole first name."""
    return one.given[:1] == two.given[:1] and not one.initial


def nearly(one: str, two: str) -> bool:
    """True for different words that may be one, spoilt by recognition or typing: a letter, or two of a long word."""
    shortest = min(len(one), len(two))
    if one == two or shortest < _LONG:
        return False
    most = 2 if shortest >= _VERY_LONG else 1
    return abs(len(one) - len(two)) <= most and _edits(one, two) <= most


def _edits(one: str, two: str) -> int:
    """Letters to add, take away or change."""
    row = list(range(len(two) + 1))
    for count, letter in enumerate(one, 1):
        last, row[0] = row[0], count
        for at, other in enumerate(two, 1):
            last, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, last + (letter != other))
    return row[-1]


def _turned(name: str) -> str:
    last, comma, first = name.partition(",")
    if comma and first.strip() and first.strip(" .").lower() not in SUFFIX:
        return f"{first.strip()} {last.strip()}"
    return name
