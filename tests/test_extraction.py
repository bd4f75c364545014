"""Names, the model, and the cache of a page's extraction."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

import pytest

from clerk.errors import ModelMissingError
from clerk.extraction import (
    EXTRACTOR,
    Extracted,
    Kept,
    attendance,
    cache,
    entities_json,
    extract_pages,
    read_cached,
    read_kept,
    resolve_model,
    write_cached,
)
from clerk.extraction.values import KINDS, entities_from_json
from clerk.findings import Entity, Vote

TEXT = """City Council, minutes of March 4, 2025
Present: Mayor Ruth Calloway; Councilmember Victor Delgado
B. Approve the register of demands.
Leonard Hayes, who lives at 412 Main Street, thanked the Cedar County Housing Authority in Chicago.
Councilmember Victor Delgado moved to adopt the plan; Councilmember Marsh seconded. Motion carried 6-1.
AYES: Calloway
"""


def test_names_of_a_page() -> None:
    found = extract_pages({3: TEXT, 7: ""}, "")
    assert list(found) == [3, 7]
    assert found[7] == Extracted()
    data = entities_json(found[3].entities)
    people = [entry["text"] for entry in data["persons"]]
    assert {"Ruth Calloway", "Victor Delgado", "Leonard Hayes"} <= set(people)
    assert len(people) == len({name.casefold() for name in people})
    assert not any("Approve" in name or "AYES" in name or "member" in name for name in people)
    assert "Cedar County Housing Authority" in [entry["text"] for entry in data["orgs"]]
    assert "Chicago" in [entry["text"] for entry in data["locations"]]
    assert all(0 < entry["confidence"] <= 1 for kind in data.values() for entry in kind)
    assert [vote.result for vote in found[3].votes] == ["passed"]


def test_hostile_pages_end() -> None:
    found = extract_pages({1: "COUNCIL MEMBER " * 70_000, 2: "\x00\ud7ff￿ \u202e" * 100}, "")
    assert set(found) == {1, 2}


def test_cancelled_between_batches() -> None:
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 1

    assert len(extract_pages(dict.fromkeys(range(1, 30), "Ruth Calloway spoke."), "", cancelled)) == 8


def test_a_missing_model_is_named_with_the_command() -> None:
    with pytest.raises(ModelMissingError, match="xx_no_such_model") as caught:
        resolve_model("xx_no_such_model")
    assert "spacy download xx_no_such_model" in caught.value.advice
    with pytest.raises(ModelMissingError):
        resolve_model("no/such/folder")
    assert resolve_model("").startswith("en_core_web_sm")


def test_cache_is_by_text_extractor_and_model(tmp_path: Path) -> None:
    path = tmp_path / "0007.txt.extracted.json"
    digest = hashlib.sha256(b"text").hexdigest()
    vote = Vote(7, "passed", "A", None, 1, 0, None, None, (("A", "aye"),), "raw")
    extracted = Extracted((Entity("persons", "José", 0.8),), (vote,))
    assert read_cached(path, digest) is None
    write_cached(path, digest, extracted, model="m")
    assert read_cached(path, digest) == extracted
    assert read_cached(path, digest, model="m") == extracted
    assert read_cached(path, digest, model="other") is None
    assert read_cached(path, "0" * 64) is None
    data = json.loads(path.read_text(encoding="utf-8"))
    assert {"content_hash", "entities", "votes", "extractor"} <= data.keys()
    assert ".".join(data["extractor"].values()) == EXTRACTOR
    for damage in (b"{", b"[]", json.dumps({**data, "votes": {"votes": [{}]}}).encode()):
        path.write_bytes(damage)
        assert read_cached(path, digest) is None
    path.write_text(json.dumps({"content_hash": digest, "entities": {}, "votes": {}}), encoding="utf-8")
    assert read_cached(path, digest) is None, "another program's file is no hit"


def test_votes_and_names_of_a_page_are_kept_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "0007.txt.extracted.json"
    vote = Vote(7, "passed", "A", None, 1, 0, None, None, (("A", "aye"),), "raw")
    names = (Entity("persons", "José", 0.8),)
    write_cached(path, "hash", Extracted(names, (vote,)), model="m")
    assert read_kept(path, "hash", model="m") == Kept(names, (vote,))
    assert read_kept(path, "hash", model="other") == Kept(None, (vote,)), "votes need no model"
    assert read_kept(path, "changed") == Kept()
    monkeypatch.setattr(cache, "VOTES", "next")
    assert read_kept(path, "hash") == Kept(names)
    monkeypatch.setattr(cache, "ENTITIES", "next")
    assert read_kept(path, "hash") == Kept()
    path.write_text(json.dumps({"content_hash": "hash", "extractor": "3", "entities": {}, "votes": {}}))
    assert read_kept(path, "hash") == Kept(), "an earlier version's file is no hit"


PAGE = """REGULAR MEETING OF THE ELM CITY COUNCIL
The meeting was called to order at 412 Main Street by Mayor Ruth Calloway. Councilmembers Hart, Ruiz, and de la Cruz
were present. Leonard Hayes, who lives on North Oak Avenue, thanked the Parks and Recreation Commission. Ann Lee,
Finance Director, presented an agreement with L.N. Curtis & Sons and Galls, LLC for the Cedar County Fire Authority
(CCFA). The CCFA serves the City of Elm and Buena Vista Park. Approved by Ordinance No. 2024-15.
AYES: HART, RUIZ
"""


def test_names_by_their_form() -> None:
    (page,) = extract_pages({1: PAGE}, "").values()
    found = {kind: {entity.text for entity in page.entities if entity.kind == kind} for kind in KINDS}
    assert {"Ruth Calloway", "Hart", "Ruiz", "de la Cruz", "Leonard Hayes", "Ann Lee"} <= found["persons"]
    assert {"Parks and Recreation Commission", "L.N. Curtis & Sons", "Galls, LLC"} <= found["orgs"]
    assert {"Cedar County Fire Authority", "CCFA"} <= found["orgs"]
    assert {"412 Main Street", "North Oak Avenue", "City of Elm", "Buena Vista Park"} <= found["locations"]
    noise = {"AYES", "Ordinance", "Approved", "REGULAR MEETING", "City Council"}
    assert not noise & set.union(*found.values())
    roles = {entity.text: entity.role for entity in page.entities}
    assert roles["Ruth Calloway"] == "mayor"
    for entity in page.entities:
        printed = " ".join(PAGE[entity.start : entity.end].split())
        assert entity.text in printed.removeprefix("the ")


def test_names_are_ranked_by_confidence() -> None:
    (page,) = extract_pages({1: PAGE}, "").values()
    for names in entities_json(page.entities).values():
        levels = [entry["confidence"] for entry in names]
        assert levels == sorted(levels, reverse=True)
        assert all(0.3 < level < 1 for level in levels)
    data = json.loads(json.dumps(entities_json(page.entities)))
    assert set(entities_from_json(data)) == set(page.entities)


def test_real_pages_keep_the_score_that_was_reached(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A floor under what was reached on hand-labelled pages, so that a change for the worse shows."""
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parent.parent / "benchmarks"))
    import entity_sets

    scores = {
        kind: score.as_json()["f1"] for kind, score in entity_sets.run(shared_data)["labelled"].kinds.items()
    }
    assert scores["persons"] >= 0.93
    assert scores["orgs"] >= 0.72
    assert scores["locations"] >= 0.72


def test_a_page_of_a_million_letters_ends_soon() -> None:
    started = time.process_time()
    extract_pages(
        {1: "MAYOR JOHN SMITH OF THE CITY OF ELM DEPARTMENT " * 20_000, 2: "Elm Oak Street " * 60_000}, ""
    )
    assert time.process_time() - started < 20


def test_attendance_of_a_document() -> None:
    found = attendance({1: "Present: Mayor Calloway, Members Hart and Ruiz", 2: "Absent: Member Tull"})
    assert [(each.name, each.status, each.page) for each in found] == [
        ("Calloway", "present", 1), ("Hart", "present", 1), ("Ruiz", "present", 1), ("Tull", "absent", 2),
    ]  # fmt: skip
