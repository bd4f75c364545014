"""Names, the model, and the cache of a page's extraction."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from clerk.errors import ModelMissingError
from clerk.extraction import (
    EXTRACTOR,
    Extracted,
    entities_json,
    extract_pages,
    read_cached,
    read_cached_document,
    resolve_model,
    write_cached,
)
from clerk.extraction.names import name_after, name_before, name_list, strip_titles
from clerk.models import Entity, Vote

TEXT = """City Council, minutes of March 4, 2025
Present: Mayor Ruth Calloway; Councilmember Victor Delgado
B. Approve the register of demands.
Leonard Hayes, who lives at 412 Main Street, thanked the Cedar County Housing Authority in Chicago.
Councilmember Victor Delgado moved to adopt the plan; Councilmember Marsh seconded. Motion carried 6-1.
AYES: Calloway
"""


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("Councilmember Marsh", "Marsh"),
        ("VICE MAYOR OKAFOR", "OKAFOR"),
        ("Mayor Pro Tem Phan", "Phan"),
        ("Ruth Okonkwo, Commissioner", "Ruth Okonkwo"),
        ("the Hon. Dr. Lee", "Lee"),
        ("Councilmembers", ""),
        ("Chairman", ""),
        ("Mayoral Smith", "Mayoral Smith"),
    ],
)
def test_titles(printed: str, name: str) -> None:
    assert strip_titles(printed) == name


def test_names_beside_a_word_and_in_lists() -> None:
    text = "Commissioner Walter Byrne\nCommissioner Prescott moved"
    assert name_before(text, text.index("moved")) == "Prescott"
    assert name_after("Vice Mayor Okafor, to adopt", 0) == "Okafor"
    assert name_after("the following people", 0) is None
    listed = "Mayor Calloway, Council Members Lawrence-\nAnderson; A. Anderson, O'Hara and Smith, Jr."
    assert name_list(listed.replace("-\n", "-")) == (
        "Calloway", "Lawrence-Anderson", "A. Anderson", "O'Hara", "Smith Jr",
    )  # fmt: skip
    assert name_list("None") == ()


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
    assert data["extractor"] == EXTRACTOR
    for damage in (b"{", b"[]", json.dumps({**data, "votes": {"votes": [{}]}}).encode()):
        path.write_bytes(damage)
        assert read_cached(path, digest) is None
    path.write_text(json.dumps({"content_hash": digest, "entities": {}, "votes": {}}), encoding="utf-8")
    assert read_cached(path, digest) is None, "another program's file is no hit"


def test_one_changed_page_makes_the_document_due(tmp_path: Path) -> None:
    paths = {page: tmp_path / f"{page:04d}.txt.extracted.json" for page in (1, 2)}
    hashes = {1: "a", 2: "b"}
    for page, path in paths.items():
        write_cached(path, hashes[page], Extracted())
    assert read_cached_document(paths, hashes) == {1: Extracted(), 2: Extracted()}
    assert read_cached_document(paths, {1: "a", 2: "changed"}) is None
