"""Reads the meetings and the stock of sentences from the TOML files beside this one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from _layout import Typesetter
from _model import Ballot, Item, Made, Meeting, Phrases
from _town import BODIES, STAFF

HERE = Path(__file__).parent


def load(name: str) -> dict[str, Any]:
    """A TOML file of this folder, with the line breaks inside its strings made spaces."""
    tidy: dict[str, Any] = _tidy(tomllib.loads((HERE / name).read_text(encoding="utf-8")))
    return tidy


def _tidy(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, list):
        return tuple(_tidy(entry) for entry in value)
    if isinstance(value, dict):
        return {key: _tidy(entry) for key, entry in value.items()}
    return value


@cache
def phrases() -> Phrases:
    return Phrases(**load("_phrases.toml"))


@cache
def meetings() -> dict[str, Meeting]:
    """All meetings, keyed like `CityCouncil/2025-03-04`."""
    rows = (*load("_council.toml")["meeting"], *load("_boards.toml")["meeting"])
    found = [_meeting(row) for row in rows]
    return {f"{meeting.body.folder}/{meeting.date}": meeting for meeting in found}


def _meeting(row: Mapping[str, Any]) -> Meeting:
    ballot = row.get("consent_ballot")
    return Meeting(
        **{
            **row,
            "body": next(body for body in BODIES if body.folder == row["body"]),
            "consent_ballot": Ballot(**ballot) if ballot else None,
            "item": tuple(_item(entry) for entry in row["item"]),
            "phrases": phrases(),
        }
    )


def _item(row: Mapping[str, Any]) -> Item:
    return Item(
        **{
            **row,
            "staff": next(person for person in STAFF if person.last == row["staff"]),
            "ballot": tuple(Ballot(**entry) for entry in row.get("ballot", ())),
        }
    )


def spanish_agenda(size: float = 12.5) -> Made:
    """The agenda of the special meeting of May 6 in Spanish; agendas hold no votes."""
    source = load("_spanish.toml")
    put = Typesetter("times", size)
    put.masthead(source["masthead"])
    put.para(source["notice"], italic=True)
    for section in source["section"]:
        put.heading(section["heading"])
        for text in section["paragraphs"]:
            put.para(text, indent=14)
    return Made(put.finish(source["running"]), [])
