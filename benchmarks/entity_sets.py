"""The labelled pages of names, and what the extraction says of them."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

from entity_labels import read_pages
from scoring import Score

from clerk.extraction.entities import find_entities
from clerk.extraction.model import load_model, resolve_model

KINDS = ("persons", "orgs", "locations")


class EntityScore:
    """Scores by kind, (confidence, right) of every name, and what was wrong."""

    def __init__(self) -> None:
        self.kinds = {kind: Score() for kind in KINDS}
        self.pairs: list[tuple[str, float, bool]] = []
        self.errors: list[str] = []


def run(data: Path, own: Path | None = None) -> dict[str, EntityScore]:
    """Score all labelled pages, each half of them, and the project's own pages in the folder `own`."""
    path = data / "entities" / "labelled" / "entities.jsonl"
    if not path.is_file():
        return {}
    pages = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    pipeline = load_model(resolve_model(""))
    found = list(find_entities(pipeline, [page["text"] for page in pages]))
    sets = {name: EntityScore() for name in ("labelled", "labelled_dev", "labelled_held")}
    for page, entities in zip(pages, found, strict=True):
        for name in ("labelled", f"labelled_{page['split']}"):
            _page(page, entities, sets[name])
    pages = read_pages(own / "names.txt") if own else []
    if pages:
        sets["own_pages"] = score_pages(pages)
    return sets


def score_pages(pages: list[dict[str, Any]]) -> EntityScore:
    """Score pages with labels `{id, text, persons, orgs, locations, ignore}`."""
    score = EntityScore()
    found = find_entities(load_model(resolve_model("")), [page["text"] for page in pages])
    for page, entities in zip(pages, found, strict=True):
        _page(page, entities, score)
    return score


def _page(page: dict, entities: tuple, score: EntityScore) -> None:  # type: ignore[type-arg]
    ignored = {_key(name) for name in page["ignore"]}
    for kind in KINDS:
        expected = {_key(name): name for name in page[kind]}
        got = {_key(entity.text): entity for entity in entities if entity.kind == kind}
        for key, entity in got.items():
            if key in ignored and key not in expected:
                continue
            right = key in expected
            score.kinds[kind].right += right
            score.kinds[kind].wrong += not right
            score.pairs.append((kind, entity.confidence, right))
            if not right:
                score.errors.append(f"{page['id']}: {kind} + {entity.text!r} ({entity.confidence})")
        for key, name in expected.items():
            if key not in got:
                score.kinds[kind].missed += 1
                score.errors.append(f"{page['id']}: {kind} - {name!r}")


def _key(name: str) -> str:
    text = unicodedata.normalize("NFKD", name.replace("’", "'")).casefold()
    return " ".join(text.removeprefix("the ").strip(" .,").split())
