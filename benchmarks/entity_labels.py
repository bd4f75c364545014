"""Reads pages whose names are marked in the text; the marks are told at the head of tests/labels/names.txt."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_KINDS = {"p": "persons", "o": "orgs", "l": "locations", "i": "ignore"}


def read_pages(path: Path) -> list[dict[str, Any]]:
    """`{id, text, persons, orgs, locations, ignore}` of each page; empty where there is no such file."""
    if not path.is_file():
        return []
    parts = re.split(r"(?m)^=== ", path.read_text(encoding="utf-8"))[1:]
    pages = []
    for part in parts:
        name, _, marked = part.partition("\n")
        labels: dict[str, list[str]] = {kind: [] for kind in _KINDS.values()}
        text, _ = _read(marked, 0, labels)
        pages.append({"id": name.strip(), "text": text, **labels})
    return pages


def _read(marked: str, at: int, labels: dict[str, list[str]]) -> tuple[str, int]:
    """The text from `at` to the brace that closes it, without marks, and where it ends."""
    printed: list[str] = []
    while at < len(marked) and marked[at] != "}":
        if marked[at] != "{":
            printed.append(marked[at])
            at += 1
            continue
        begin = marked.index(" ", at)
        tag = marked[at + 1 : begin]
        inner, at = _read(marked, begin + 1, labels)
        shown, _, name = inner.partition("|")
        labels[_KINDS[tag.lstrip("+")]].append(" ".join((name or shown).split()))
        if tag != "i" and not tag.startswith("+"):
            printed.append(shown)
    return "".join(printed), at + 1
