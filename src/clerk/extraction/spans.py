"""A piece of text that may be a name, and the rule that says so."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """`kind` is persons, orgs or locations; `rule` names what found it; `title` is of a person."""

    kind: str
    start: int
    end: int
    rule: str
    title: str = ""
