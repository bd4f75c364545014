"""Full names that are one person's, by what is printed of them and when."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from clerk.people.evidence import Evidence, Uses
from clerk.people.names import Name, compatible, nearly, read_name, same_first, shown
from clerk.people.overrides import Entry, Overrides
from clerk.people.values import Person

YEARS_APART = 3 * 365  # days between two uses of one person's names where a first name is short
_RARE = 5  # times that a spoilt name is rarer than the right one


@dataclass(slots=True)
class Identity:
    """One person's full names; `spans` are days of the first and last use by circle."""

    names: list[Name] = field(default_factory=list)
    entry: Entry | None = None
    times: int = 0
    seated: bool = False
    prints: Counter[str] = field(default_factory=Counter)
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)

    def take(self, name: Name, uses: Uses, evidence: Evidence) -> None:
        self.names.append(name)
        self.times += uses.times
        self.seated = self.seated or uses.seated
        self.prints.update(uses.prints)
        for body, (first, last) in uses.spans.items():
            circle = evidence.circle(body)
            old = self.spans.get(circle, (first, last))
            self.spans[circle] = (min(old[0], first), max(old[1], last))

    @property
    def initials(self) -> bool:
        """True for one of whom no first name is known."""
        return all(name.initial for name in self.names)

    def near(self, circle: str, first: int, last: int, days: int) -> bool:
        """True where this person's names are printed in `circle` within `days` of that time."""
        span = self.spans.get(circle)
        return span is not None and span[0] - days <= last and first <= span[1] + days


@dataclass(slots=True)
class Identities:
    """All full names of a site: `of` leads to their person, `doubtful` to those whom a short form can mean."""

    all: list[Identity] = field(default_factory=list)
    of: dict[Name, Identity] = field(default_factory=dict)
    doubtful: dict[Name, list[Identity]] = field(default_factory=dict)


def identify(evidence: Evidence, rules: Overrides) -> Identities:
    """Join full names into people: the fullest first, then each short form to the one person whom it fits."""
    found = Identities()
    by_family: dict[tuple[str, ...], list[Identity]] = {}
    order = sorted(evidence.full, key=lambda name: (name.initial, -len(name.plain), name))
    for name in order:
        entry = rules.everywhere(name)
        family = by_family.setdefault(name.family, [])
        fitting = _forced(found.all, entry) if entry else _fitting(name, family, evidence, rules)
        if len(fitting) > 1:
            found.doubtful[name] = fitting
            continue
        if not fitting:
            fitting = [Identity(entry=entry)]
            found.all += fitting
        if fitting[0] not in family:
            family.append(fitting[0])
        fitting[0].take(name, evidence.full[name], evidence)
        found.of[name] = fitting[0]
    _join_spoilt(found, evidence, rules)
    return found


def persons(subdomain: str, identities: Iterable[Identity]) -> dict[int, Person]:
    """The person of each identity, by its `id()`: ids are made of first name and surname where that is enough."""
    every = list(identities)
    short = Counter(_short_key(each) for each in every)
    return {
        id(each): _person(subdomain, each, _short_key(each), unique=short[_short_key(each)] == 1)
        for each in every
    }


def file_person(subdomain: str, entry: Entry) -> Person:
    """A person of the override file; what stands in brackets tells two of one name apart."""
    family = " ".join(read_name(entry.name).family)
    return Person(stable_id(subdomain, _entry_key(entry)), entry.name, family, source="file")


def stable_id(*parts: str) -> str:
    """12 hex digits that stay while the parts do."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def best_print(prints: Mapping[str, int], name: Name) -> str:
    """The form to show: one with the first name of `name` and small letters, the most frequent of these."""
    chosen = max(
        prints,
        key=lambda text: (
            read_name(text).given[:1] == name.given[:1],
            not text.isupper(),
            prints[text],
            text,
        ),
    )
    return shown(chosen)


def _fitting(name: Name, family: list[Identity], evidence: Evidence, rules: Overrides) -> list[Identity]:
    if name in rules.apart:
        return []
    return [each for each in family if _fits(name, each, evidence, rules)]


def _fits(name: Name, identity: Identity, evidence: Evidence, rules: Overrides) -> bool:
    if any(frozenset((name, other)) in evidence.apart or other in rules.apart for other in identity.names):
        return False
    if not all(compatible(name, other) for other in identity.names):
        return False
    return any(same_first(name, other) for other in identity.names) or _met(name, identity, evidence)


def _met(name: Name, identity: Identity, evidence: Evidence) -> bool:
    """True where the name is printed by a body of that person's, at about that person's time."""
    return any(
        identity.near(evidence.circle(body), first, last, YEARS_APART)
        for body, (first, last) in evidence.full[name].spans.items()
    )


def _forced(every: list[Identity], entry: Entry) -> list[Identity]:
    return [each for each in every if each.entry is entry]


def _join_spoilt(found: Identities, evidence: Evidence, rules: Overrides) -> None:
    """Join names that differ by a letter of the surname: the rare one is spoilt by recognition or typing."""
    groups: dict[str, list[Identity]] = {}
    for each in found.all:
        groups.setdefault(each.names[0].given[0][0], []).append(each)
    gone: set[int] = set()
    for group in groups.values():
        for rare in sorted(group, key=lambda each: (each.times, each.names)):
            right = [each for each in group if id(each) not in gone and _spoilt(rare, each, evidence, rules)]
            if len(right) == 1:
                for name in rare.names:
                    right[0].take(name, evidence.full[name], evidence)
                    found.of[name] = right[0]
                gone.add(id(rare))
    found.all = [each for each in found.all if id(each) not in gone]


def _spoilt(rare: Identity, right: Identity, evidence: Evidence, rules: Overrides) -> bool:
    one, two = rare.names[0], right.names[0]
    same = same_first(one, two) or (one.initial and not rare.seated and one.given[0] == two.given[0][0])
    return (
        same
        and rare.entry is None
        and rare.times * _RARE <= right.times
        and one.family[:-1] == two.family[:-1]
        and nearly(one.family[-1], two.family[-1])
        and not rules.apart & {one, two}
        and all(_met(name, right, evidence) for name in rare.names)
    )


def _short_key(identity: Identity) -> str:
    if identity.entry is not None:
        return _entry_key(identity.entry)
    name = identity.names[0]
    return " ".join((name.given[0], *name.family, *filter(None, (name.suffix,))))


def _entry_key(entry: Entry) -> str:
    return " ".join(entry.name.casefold().split())


def _person(subdomain: str, identity: Identity, key: str, *, unique: bool) -> Person:
    if identity.entry is not None:
        return file_person(subdomain, identity.entry)
    name = identity.names[0]
    own = stable_id(subdomain, key if unique else name.plain)
    return Person(own, best_print(identity.prints, name), " ".join(name.family))
