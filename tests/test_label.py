"""`clerk label votes`: lines that a person corrects, and their way into the scorer."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from clerk.cli import main
from clerk.extraction.labels import vote_lines

FIRST = (
    "Present: Mayor Ames, Council Members Boone, Dixon and Frost\nBoone moved to approve the minutes; Dixon "
    "seconded. Motion carried 4-0.\nFrost moved to buy a mower at the price told."
)
SECOND = "8. Lease\nMotion by Dixon, seconded by Frost, to sign. AYES: Boone, Dixon, Ames\nNOES: Frost"


@pytest.fixture
def vote_sets(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parent.parent / "benchmarks"))
    return importlib.import_module("vote_sets")


def lines() -> list[dict[str, Any]]:
    return vote_lines("May.pdf", {2: FIRST, 3: SECOND})


def test_votes_and_candidates_in_the_order_of_the_text() -> None:
    document, *rest = lines()
    assert document == {"kind": "document", "source": "May.pdf", "pages": {"2": FIRST, "3": SECOND}}
    assert [(line["kind"], line["page"]) for line in rest] == [("vote", 2), ("candidate", 2), ("vote", 3)]
    first, candidate, second = rest
    assert FIRST[first["start"] : first["end"]] == first["text"]
    assert candidate["text"].startswith("Frost moved to buy a mower")
    assert candidate["expected"]["result"] is None
    assert first["expected"] == {
        "result": "passed", "ayes": 4, "nays": 0, "abstain": None, "absent": None,
        "motion_by": "Boone", "seconded_by": "Dixon", "members": {}, "item_ref": None,
    }  # fmt: skip
    assert second["expected"]["members"] == {"aye": ["Boone", "Dixon", "Ames"], "nay": ["Frost"]}
    assert second["expected"]["item_ref"] == "Item 8"


def test_the_scorer_reads_what_a_person_corrected(vote_sets: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    corrected = lines()
    path.write_text("".join(json.dumps(line) + "\n" for line in corrected), encoding="utf-8")
    assert vote_sets.run_own([path])["mine"].as_json()["all_fields"] == 1.0
    corrected[1]["expected"]["motion_by"] = "Mayor Ames"
    corrected[2]["expected"] |= {"result": "no_second", "motion_by": "Frost"}
    path.write_text("".join(json.dumps(line) + "\n" for line in corrected), encoding="utf-8")
    score = vote_sets.run_own([path])["mine"]
    assert score.expected == 3
    assert score.fields["detection"].missed == 1
    assert score.fields["mover"].wrong == 1


@pytest.mark.parametrize(
    "content", ["", "\n", '{"kind": "document", "source": "a", "pages": {"1": "No vote."}}\n']
)
def test_labels_without_a_vote_are_no_score(
    vote_sets: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: str,
) -> None:
    del vote_sets  # its folder is on the path now
    path = tmp_path / "mine.jsonl"
    path.write_text(content, encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["score.py", "--labels", str(path)])
    assert importlib.import_module("score").main() == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "There is nothing to score" in said.err


def test_a_line_that_is_no_label_is_named(vote_sets: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"kind": "document", "source": "a", "pages": {}}\n{"kind": "vote"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.jsonl, line 2 is no label"):
        vote_sets.run_own([path])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"result": "Pased"}, "result 'Pased' is none of passed"),
        ({"ayes": "5"}, "ayes must be a number or null"),
        ({"motion_by": 5}, "motion_by must be a text or null"),
        ({"members": {"aye": "Boone"}}, "lists of names"),
        ({"members": {"yes": ["Boone"]}}, "members must map aye"),
    ],
)
def test_what_a_person_mistyped_is_named_and_not_counted(
    vote_sets: ModuleType, tmp_path: Path, changes: dict[str, Any], problem: str
) -> None:
    path = tmp_path / "mine.jsonl"
    corrected = lines()
    corrected[1]["expected"] |= changes
    path.write_text("".join(json.dumps(line) + "\n" for line in corrected), encoding="utf-8")
    with pytest.raises(ValueError, match="line 2 is no label") as caught:
        vote_sets.run_own([path])
    assert problem in str(caught.value)


def test_a_line_separator_in_a_text_does_not_end_the_label(vote_sets: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    made = vote_lines("May.pdf", {1: FIRST + "\u2028\x85"})
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in made), encoding="utf-8")
    assert vote_sets.run_own([path])["mine"].expected == 1


def test_votes_without_their_document(vote_sets: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps(lines()[1]) + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"line 1 is no label: the line of the document May\.pdf is missing"):
        vote_sets.run_own([path])


def test_the_command_reads_a_pdf(samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pdf = samples / "CityCouncil" / "2025-04-01.pdf"
    out = tmp_path / "labels.jsonl"
    assert main(["label", "votes", str(pdf), "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    written = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    votes = [line for line in written if line["kind"] == "vote"]
    assert f"{len(votes)} votes" in said.err
    assert len(votes) >= 4
    assert all(line["source"] == pdf.name for line in written)


def test_corrected_labels_are_not_overwritten(
    samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "labels.jsonl"
    out.write_text("corrected\n", encoding="utf-8")
    assert main(["label", "votes", str(samples / "CityCouncil" / "2025-04-01.pdf"), "--out", str(out)]) == 1
    assert "may hold what a person corrected" in capsys.readouterr().err
    assert out.read_text(encoding="utf-8") == "corrected\n"


def test_bad_input_is_one_clear_line(
    samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "notes.pdf"
    text.write_text("no pdf", encoding="utf-8")
    pdf = samples / "CityCouncil" / "2025-04-01.pdf"
    for arguments, wanted in (
        (["label", "votes", str(text)], "is not a PDF"),
        (["label", "votes", str(tmp_path / "none.pdf")], "does not exist"),
        (["label", "votes", str(pdf), "--out", str(tmp_path / "none" / "a.jsonl")], "there is no folder"),
        (["label", "votes", str(pdf), "--out", str(pdf)], "is the PDF itself"),
    ):
        assert main(arguments) != 0
        said = capsys.readouterr()
        assert said.out == ""
        assert wanted in said.err
        assert said.err.count("\n") == 1
