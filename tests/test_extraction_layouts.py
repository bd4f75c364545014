"""Votes in the layouts that bodies use: short texts written for the tests, and the same texts printed otherwise."""

from __future__ import annotations

import json
import random
import re
import textwrap
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from clerk.extraction.votes import find_votes
from clerk.findings import Vote

LINES = [
    json.loads(line)
    for line in (Path(__file__).parent / "labels" / "layouts.jsonl").read_text(encoding="utf-8").splitlines()
]
# Texts of many towns: written first and run before any rule was made for them, then kept (see docs/accuracy.md).
TOWNS = [
    json.loads(line)
    for line in (Path(__file__).parent / "labels" / "towns.jsonl").read_text(encoding="utf-8").splitlines()
]
SURE = [line for line in [*LINES, *TOWNS] if "known-miss" not in line["tags"]]
CASES = [pytest.param(line, id=line["id"]) for line in SURE]


def told(vote: Vote) -> dict[str, Any]:
    """A vote in the terms of the labels; a recusal is told as an abstention."""
    members: dict[str, list[str]] = {}
    for name, side in vote.individual:
        members.setdefault("abstain" if side == "recused" else side, []).append(name)
    return {
        "result": vote.result,
        "ayes": vote.ayes,
        "nays": vote.nays,
        "abstain": vote.abstain,
        "absent": vote.absent,
        "motion_by": vote.motion_by,
        "seconded_by": vote.seconded_by,
        "members": members,
        "item_ref": None,
    }


@cache
def votes(*pages: str) -> list[dict[str, Any]]:
    """What a text holds: kept, since every test below compares with it."""
    found = find_votes(dict(enumerate(pages, 1)))
    return [told(vote) for page in sorted(found) for vote in found[page]]


@pytest.mark.parametrize("line", CASES)
def test_layout(line: dict[str, Any]) -> None:
    assert votes(line["text"]) == line["expected"]


def test_the_table_is_large_and_has_texts_without_votes() -> None:
    assert len(CASES) > 580
    assert sum(not line["expected"] for line in LINES + TOWNS) >= 45


def _wrapped(text: str) -> str:
    return "\n".join("\n".join(textwrap.wrap(line, 60)) for line in text.split("\n"))


# Printed otherwise, the same votes: narrower lines, blanks at their ends, wide gaps between sentences.
PRINTED = {
    "narrow": _wrapped,
    "blanks": lambda text: "\n".join(f"{line} " for line in text.split("\n")),
    "gaps": lambda text: text.replace(". ", ".  "),
    "curly": lambda text: re.sub(r"(?<=\d)-(?=\d)", "–", text.replace("'", "’")),
}


@pytest.mark.parametrize("how", PRINTED)
def test_the_same_text_printed_otherwise(how: str) -> None:
    wrong = [
        line["id"]
        for line in LINES
        if "known-miss" not in line["tags"] and votes(PRINTED[how](line["text"])) != votes(line["text"])
    ]
    assert wrong == []
    others = [line for line in TOWNS if "known-miss" not in line["tags"]]
    towns = [line["id"] for line in others if votes(PRINTED[how](line["text"])) != votes(line["text"])]
    assert len(towns) <= len(others) * 0.02, towns


def _few(text: str, pattern: str, wrong: Callable[[random.Random, str], str], share: float) -> str:
    """The text with a share of what matches changed; the same ones each time."""
    chance = random.Random(zlib.crc32(text.encode()))
    return re.sub(
        pattern,
        lambda match: wrong(chance, match.group()) if chance.random() < share else match.group(),
        text,
    )


# As recognition leaves a text: marks before words, blanks before commas, words broken in two, letters taken for others.
MISREAD = {
    "marks": lambda text: _few(text, r"(?<= )(?=[A-Za-z]{3})", lambda r, _: r.choice(".:-_"), 0.06),
    "blanks": lambda text: _few(text, r"(?<=[A-Za-z0-9])(?=[,.;:])", lambda _, __: " ", 0.5),
    "broken": lambda text: _few(text, r"[a-z]{7,}", lambda _, word: f"{word[:4]} {word[4:]}", 0.05),
    "letters": lambda text: _few(
        text,
        r"[a-z]{5,}",
        lambda r, word: word.replace(
            *r.choice([("m", "rn"), ("l", "1"), ("i", "1"), ("o", "0"), ("e", "c")]), 1
        ),
        0.03,
    ),
    "wide": lambda text: text.replace(" ", "  "),
}


@pytest.mark.parametrize("how", MISREAD)
def test_most_texts_survive_recognition(how: str) -> None:
    """The noise hits names too, which no rule can mend."""
    lines = SURE
    wrong = [line["id"] for line in lines if votes(MISREAD[how](line["text"])) != votes(line["text"])]
    assert len(wrong) <= len(lines) * 0.05, (len(wrong) / len(lines), wrong)


def test_most_texts_survive_capitals_and_one_long_line() -> None:
    """Capitals throughout and lost line breaks take away what some layouts live on, not what most do."""

    def lowered(found: list[dict[str, Any]]) -> str:
        return json.dumps(found).lower()

    for change in (str.upper, lambda text: re.sub(r"\s*\n\s*", " ", text)):
        lines = LINES + TOWNS
        wrong = [e for e in lines if lowered(votes(change(e["text"]))) != lowered(votes(e["text"]))]
        assert len(wrong) <= len(lines) * 0.08, [e["id"] for e in wrong]
