"""A person's own word on who is who: the file `people.yaml` of a site.

people:                            # merges and canonical names
  - name: Maria Lopez
    aliases: [M. Lopez, LOPEZ]
  - name: John Smith (Planning)    # splits: an alias may be limited to a body and to a time
    aliases: [Smith]
    body: PlanningCommission
    since: 2019-01-01
    until: 2022-12-31
apart: [J. Smith, John Smith]      # names that are joined with no other
ignore: [Motion, Roll Call]        # no people
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NoReturn

import yaml  # type: ignore[import-untyped]

from clerk.errors import ClerkError
from clerk.people.names import Name, read_name

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_KEYS = ("people", "apart", "ignore")
_ENTRY_KEYS = ("name", "aliases", "body", "since", "until")
_LARGEST = 1_000_000  # characters; a site has hundreds of people, and YAML is read slowly
_ADVICE = "Correct that line and run again; docs/database.md shows the file."


@dataclass(frozen=True, slots=True)
class Entry:
    """A person of the file. `body`, `since` and `until` (ISO dates) limit where the aliases mean this person."""

    name: str
    aliases: tuple[str, ...] = ()
    body: str = ""
    since: str = ""
    until: str = ""

    @property
    def limited(self) -> bool:
        return bool(self.body or self.since or self.until)

    def clashes(self, other: Entry) -> bool:
        """True where a name of both means neither: a limited entry goes before one that is not."""
        return (
            self.limited == other.limited
            and (not self.body or not other.body or self.body == other.body)
            and (not self.until or self.until >= other.since)
            and (not other.until or other.until >= self.since)
        )

    def holds(self, body: str, date: str) -> bool:
        """True where the aliases mean this person."""
        return (
            (not self.body or self.body == body)
            and (not self.since or date >= self.since)
            and (not self.until or date <= self.until)
        )


@dataclass(frozen=True, slots=True)
class Overrides:
    """The content of a site's file; empty where there is none."""

    entries: tuple[Entry, ...] = ()
    apart: frozenset[Name] = frozenset()
    ignored: frozenset[Name] = frozenset()
    _by_name: dict[Name, tuple[Entry, ...]] = field(default_factory=dict, compare=False)
    _written: tuple[str, ...] = field(default=(), compare=False)  # names of `apart` and `ignore` as written

    def entry(self, name: Name, body: str, date: str) -> Entry | None:
        """The person whom the file names for `name` in a meeting of `body` at `date`; the limited entry wins."""
        fitting = [each for each in self._by_name.get(name, ()) if each.holds(body, date)]
        return min(fitting, key=lambda each: not each.limited, default=None)

    def everywhere(self, name: Name) -> Entry | None:
        """The person whom the file names for `name` in all meetings."""
        return next((each for each in self._by_name.get(name, ()) if not each.limited), None)

    def idle(self, printed: Iterable[tuple[str, str, str]]) -> tuple[str, ...]:
        """Names of the file that no meeting prints, or none where the entry holds: they change nothing.

        Args:
            printed: name, body and ISO date of every name in every meeting.

        Returns:
            The names as written; of an entry of which no name is printed, its own name only.
        """
        seen: dict[Name, set[tuple[str, str]]] = {}
        for text, body, day in printed:
            seen.setdefault(read_name(text), set()).add((body, day))
        found = [each for entry in self.entries for each in _idle(entry, seen)]
        found += (text for text in self._written if read_name(text) not in seen)
        return tuple(dict.fromkeys(found))


def _idle(entry: Entry, seen: Mapping[Name, Collection[tuple[str, str]]]) -> list[str]:
    idle = [
        name
        for name in dict.fromkeys((entry.name, *entry.aliases))
        if not any(entry.holds(*place) for place in seen.get(read_name(name), ()))
    ]
    if len(idle) == len({entry.name, *entry.aliases}):
        return [entry.name]
    return [name for name in idle if name != entry.name]  # a person may be called what no minutes print


def make_overrides(
    entries: tuple[Entry, ...], apart: tuple[str, ...] = (), ignored: tuple[str, ...] = ()
) -> Overrides:
    """Overrides from their parts."""
    by_name: dict[Name, tuple[Entry, ...]] = {}
    for entry in entries:
        for alias in dict.fromkeys((read_name(entry.name), *map(read_name, entry.aliases))):
            by_name[alias] = (*by_name.get(alias, ()), entry)
    return Overrides(
        entries,
        frozenset(map(read_name, apart)),
        frozenset(map(read_name, ignored)),
        by_name,
        (*apart, *ignored),
    )


def read_overrides(text: str, where: str = "people.yaml") -> Overrides:
    """The overrides in the text of a file; `where` names it in errors.

    Raises:
        ClerkError: it is no YAML, or has another shape; the message names the line.
    """
    if len(text) > _LARGEST:
        raise ClerkError(
            f"{where} has {len(text):,} characters, {_LARGEST:,} at most are read.",
            advice="Keep only the people whom the rules get wrong.",
        )
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        _refuse(where, mark.line + 1 if mark else 1, error.problem or "it is no YAML")
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        _refuse(
            where, line, f"the character #x{ord(text[error.position]):02x} has no place in a file of text"
        )
    except RecursionError:
        _refuse(where, 1, "it is nested too deeply")
    except yaml.YAMLError as error:
        _refuse(where, 1, " ".join(str(error).split()))
    if root is None:
        return Overrides()
    reader = _Reader(where)
    parts = dict(reader.pairs(root, _KEYS))
    entries = tuple(reader.entry(node) for node in reader.items(parts.get("people"), "people"))
    reader.check_names(entries)
    names = {
        key: tuple(reader.text(node, key) for node in reader.items(parts.get(key), key)) for key in _KEYS[1:]
    }
    return make_overrides(entries, names["apart"], names["ignore"])


class _Reader:
    """Reads YAML nodes, which know their line."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._lines: list[int] = []

    def pairs(self, node: yaml.Node, keys: tuple[str, ...]) -> Iterator[tuple[str, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            self._refuse(node, f"expected the keys {', '.join(keys)}")
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "[…]"
            if name not in keys:
                self._refuse(key, f"unknown key {name!r}; the keys are {', '.join(keys)}")
            if name in seen:
                self._refuse(key, f"the key {name} is there twice")
            seen.add(name)
            yield name, value

    def items(self, node: yaml.Node | None, key: str) -> list[yaml.Node]:
        if node is None or _is_null(node):
            return []
        if not isinstance(node, yaml.SequenceNode):
            self._refuse(node, f"{key} must be a list, like [One, Two]")
        return list(node.value)

    def text(self, node: yaml.Node, key: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip() or _is_null(node):
            self._refuse(node, f"{key} must hold names only")
        if not read_name(node.value).words:
            self._refuse(node, f"{node.value!r} holds no name")
        return " ".join(node.value.split())

    def entry(self, node: yaml.Node) -> Entry:
        self._lines.append(node.start_mark.line + 1)
        parts = dict(self.pairs(node, _ENTRY_KEYS))
        if "name" not in parts:
            self._refuse(node, "each entry of people needs a name")
        aliases = tuple(self.text(each, "aliases") for each in self.items(parts.get("aliases"), "aliases"))
        dates = {key: self._date(parts[key], key) for key in ("since", "until") if key in parts}
        if "until" in dates and dates["until"] < dates.get("since", ""):
            self._refuse(parts["until"], "until is before since")
        body = self._plain(parts["body"], "body") if "body" in parts else ""
        return Entry(self.text(parts["name"], "name"), aliases, body, **dates)

    def check_names(self, entries: tuple[Entry, ...]) -> None:
        """Refuse two entries for one name, or for one alias at the same place and time."""
        names: set[str] = set()
        taken: dict[Name, list[Entry]] = {}
        for entry, line in zip(entries, self._lines, strict=True):
            if entry.name in names:
                _refuse(self._where, line, f"{entry.name} has two entries; give them one, or two names")
            names.add(entry.name)
            for alias, name in {read_name(each): each for each in (*entry.aliases, entry.name)}.items():
                others = taken.setdefault(alias, [])
                if clash := next((other for other in others if entry.clashes(other)), None):
                    _refuse(
                        self._where, line, f"{name} can mean {clash.name} and {entry.name} at the same time"
                    )
                others.append(entry)

    def _date(self, node: yaml.Node, key: str) -> str:
        value = self._plain(node, key)
        try:
            real = bool(_DATE.fullmatch(value)) and bool(date.fromisoformat(value))
        except ValueError:
            real = False
        if not real:
            self._refuse(node, f"{key} must be a date like 2024-01-31")
        return value

    def _plain(self, node: yaml.Node, key: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            self._refuse(node, f"{key} must be one value")
        return str(node.value).strip()

    def _refuse(self, node: yaml.Node, problem: str) -> NoReturn:
        _refuse(self._where, node.start_mark.line + 1, problem)


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _refuse(where: str, line: int, problem: str) -> NoReturn:
    raise ClerkError(f"{where}, line {line}: {problem}.", advice=_ADVICE)
