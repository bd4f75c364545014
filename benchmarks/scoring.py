"""Compares extracted votes with labelled ones: order-keeping alignment, then field by field."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

SUFFIXES = {"jr", "sr", "ii", "iii", "iv"}


@dataclass
class Score:
    """Counts of one field."""

    right: int = 0
    wrong: int = 0  # said, but not so
    missed: int = 0  # labelled, but not said so

    def add(self, expected: Iterable[Any], found: Iterable[Any]) -> None:
        want, got = set(expected), set(found)
        self.right += len(want & got)
        self.wrong += len(got - want)
        self.missed += len(want - got)

    def as_json(self) -> dict[str, float]:
        p = self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0
        r = self.right / (self.right + self.missed) if self.right + self.missed else 1.0
        return {"p": round(p, 4), "r": round(r, 4), "f1": round(2 * p * r / (p + r) if p + r else 0.0, 4)}


@dataclass(frozen=True)
class Fact:
    """One vote, extracted or labelled, in the terms that are compared."""

    result: str
    mover: str
    seconder: str
    tally: frozenset[tuple[str, int]]
    members: frozenset[tuple[str, str]]
    item: frozenset[str] = frozenset()
    confidence: float = 0.0
    text: str = ""


@dataclass
class SetScore:
    """Scores of one set of texts; `fields` that the labels do not hold are left out."""

    fields: dict[str, Score] = field(default_factory=dict)
    complete: int = 0
    expected: int = 0
    pairs: list[tuple[float, bool]] = field(default_factory=list)  # confidence, every field right
    errors: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        share = self.complete / self.expected if self.expected else 1.0
        return {
            **{name: score.as_json() for name, score in self.fields.items()},
            "all_fields": round(share, 4),
        }


FIELDS = ("result", "mover", "seconder", "tally", "members")


def plain(name: str | None) -> str:
    """A name in small ASCII letters, without suffix and full stops."""
    if not name:
        return ""
    text = unicodedata.normalize("NFKD", name.replace("’", "'")).encode("ascii", "ignore").decode().lower()
    words = [word.strip(".,") for word in text.split()]
    while len(words) > 1 and words[-1] in SUFFIXES:
        words.pop()
    return " ".join(words)


def same_name(expected: str, found: str) -> bool:
    """True when the labelled surname ends the extracted name (or the other way round)."""
    if not expected or not found:
        return expected == found
    want, got = expected.split(), found.split()
    shorter = min(len(want), len(got))
    return want[-shorter:] == got[-shorter:]


def compare(
    name: str, expected: Sequence[Fact], found: Sequence[Fact], score: SetScore, fields: Sequence[str]
) -> None:
    """Add one text's votes to a set's score."""
    detection = score.fields.setdefault("detection", Score())
    for each in fields:
        score.fields.setdefault(each, Score())
    score.expected += len(expected)
    for want, got in align(expected, found):
        if want is None or got is None:
            detection.wrong += want is None
            detection.missed += got is None
            _single(score, want, got, fields)
            side = "missed" if got is None else "invented"
            score.errors.append(f"{name}: {side} {want or got}")
            if got is not None:
                score.pairs.append((got.confidence, False))
            continue
        detection.right += 1
        bad = [each for each in fields if not _field(score.fields[each], each, want, got)]
        complete = all(_equal(each, want, got) for each in fields if each in FIELDS)
        score.complete += complete
        score.pairs.append((got.confidence, complete))
        if bad:
            detail = "; ".join(f"{each}: {getattr(want, each)} != {getattr(got, each)}" for each in bad)
            score.errors.append(f"{name}: {detail} [{got.text[:150]!r}]")


def _single(score: SetScore, want: Fact | None, got: Fact | None, fields: Sequence[str]) -> None:
    for each in fields:
        score.fields[each].add(_facts(each, want), _facts(each, got))


def _facts(name: str, fact: Fact | None) -> set[Any]:
    value = getattr(fact, name) if fact is not None else None
    if isinstance(value, frozenset):
        return set(value) if name != "item" else set()
    return {value} if value else set()


def _field(score: Score, name: str, want: Fact, got: Fact) -> bool:
    if name in ("mover", "seconder"):
        expected, found = getattr(want, name), getattr(got, name)
        same = same_name(expected, found)
        if same:
            score.right += bool(expected)
        else:
            score.wrong += bool(found)
            score.missed += bool(expected)
        return same
    if name == "members":
        matched = _matched(want, got)
        score.right += matched
        score.wrong += len(got.members) - matched
        score.missed += len(want.members) - matched
        return matched == len(got.members) == len(want.members)
    if name == "item":
        if want.item:
            hit = bool(want.item & got.item)
            score.right += hit
            score.missed += not hit
            score.wrong += bool(got.item) and not hit
            return hit
        return True
    score.add(_facts(name, want), _facts(name, got))
    return bool(getattr(want, name) == getattr(got, name))


def _matched(want: Fact, got: Fact) -> int:
    left = sorted(got.members)
    count = 0
    for name, side in sorted(want.members, key=lambda each: -len(each[0])):
        hit = (
            (name, side)
            if (name, side) in left
            else next((each for each in left if each[1] == side and same_name(name, each[0])), None)
        )
        if hit:
            left.remove(hit)
            count += 1
    return count


def _equal(name: str, want: Fact, got: Fact) -> bool:
    if name in ("mover", "seconder"):
        return same_name(getattr(want, name), getattr(got, name))
    if name == "members":
        return _matched(want, got) == len(got.members) == len(want.members)
    return bool(getattr(want, name) == getattr(got, name))


def _likeness(want: Fact, got: Fact) -> float:
    score = 1.0
    if want.mover and got.mover:
        score += 1.5 if same_name(want.mover, got.mover) else -0.6
    if want.seconder and got.seconder:
        score += 1.0 if same_name(want.seconder, got.seconder) else -0.3
    score += 0.5 * (want.result == got.result)
    score += 0.3 * (want.tally == got.tally) + 0.2 * bool(want.members & got.members)
    return score


def align(expected: Sequence[Fact], found: Sequence[Fact]) -> list[tuple[Fact | None, Fact | None]]:
    """Pairs in order, chosen so that as much as possible agrees."""
    rows, columns = len(expected), len(found)
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            pair = _likeness(expected[i], found[j])
            together = best[i + 1][j + 1] + pair if pair > 0.4 else -1.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], together)
    pairs: list[tuple[Fact | None, Fact | None]] = []
    i = j = 0
    while i < rows and j < columns:
        pair = _likeness(expected[i], found[j])
        if pair > 0.4 and best[i][j] == best[i + 1][j + 1] + pair:
            pairs.append((expected[i], found[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((expected[i], None))
            i += 1
        else:
            pairs.append((None, found[j]))
            j += 1
    return pairs + [(each, None) for each in expected[i:]] + [(None, each) for each in found[j:]]
