"""Votes over a whole meeting: page breaks, spans, what they were about, confidence, samples, hostile input."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from clerk.extraction import votes_json
from clerk.extraction.pages import furniture
from clerk.extraction.text import build
from clerk.extraction.values import votes_from_json
from clerk.extraction.votes import find_votes
from clerk.findings import Vote


def votes(*pages: str) -> list[Vote]:
    found = find_votes(dict(enumerate(pages, 1)))
    return [vote for page in sorted(found) for vote in found[page]]


def test_a_roll_call_over_a_page_break() -> None:
    first = (
        "Town Council, minutes of March 4\nMOTION by Member Marsh, seconded by Member Delgado, to adopt. The motion "
        "carried by the following roll call\nvote:\nAYES: Calloway, Okafor, MARSH,\nDelgado and Raman\nPage 2 of 4"
    )
    second = (
        "Town Council, minutes of March 4\nNOES: Whitfield\nABSTAIN: None\nABSENT: Lindqvist\n5. NEXT ITEM"
    )
    found = find_votes({2: first, 3: second})
    assert found[3] == ()
    (vote,) = found[2]
    assert (vote.page, vote.start_page, vote.end_page) == (2, 2, 3)
    assert (vote.ayes, vote.nays, vote.abstain, vote.absent) == (5, 1, 0, 1)
    assert dict(vote.individual)["Whitfield"] == "nay"
    assert dict(vote.individual)["Lindqvist"] == "absent"


def test_offsets_are_those_of_the_page_as_it_is() -> None:
    first = "7\n\nThe Council met.\u00a0Mr. O’Hara moved to adopt Resolution 24-7; seconded by Coun-\n"
    second = "cilmember Lee. The mo-\ntion carried 4–1.\nNext."
    (vote,) = votes(first, second)
    assert (vote.motion_by, vote.seconded_by, vote.ayes, vote.nays) == ("O'Hara", "Lee", 4, 1)
    assert first[vote.start :].startswith("Mr. O’Hara moved")
    assert second[: vote.end].endswith("carried 4–1")
    assert vote.raw_text == first[vote.start :] + "\n" + second[: vote.end]


def test_every_position_leads_back() -> None:
    text = "MayorAmezcua .moved that the “plan” be car-\nried, 5–0. Lawrence-\nAnderson"
    source = build({4: text, 9: "second page"})
    assert "Mayor Amezcua moved" in source.text
    assert "be carried, 5-0. Lawrence-Anderson" in source.text
    for word in ("Amezcua", "plan", "Anderson"):
        page, offset = source.place(source.text.index(word))
        assert (page, text[offset : offset + len(word)]) == (4, word)
    page, offset = source.place(source.text.index("second"))
    assert (page, offset) == (9, 0)
    assert len(source.low) == len(source.text)


def test_what_a_vote_was_about() -> None:
    text = (
        "CONSENT CALENDAR\nItems were considered routine.\n\nPUBLIC HEARINGS\n7. Zoning of Elm Street\nMember Hart "
        "moved to introduce Ordinance No. 2024-15 and adopt Resolution 24-031, seconded by Member Ruiz. The motion "
        "carried 5-0.\nNEW BUSINESS\n8.2 Budget\nMember Hart moved to approve the budget for Agenda Item 8.2, "
        "seconded by Member Ruiz, and carried unanimously."
    )
    first, second = votes(text)
    assert (first.section, first.item) == ("public_hearing", "7")
    assert (first.ordinances, first.resolutions) == (("2024-15",), ("24-031",))
    assert first.topic.startswith("introduce Ordinance No. 2024-15")
    assert (second.section, second.item) == ("new_business", "8.2")
    assert (first.method, second.method) == ("", "unanimous")


def test_an_amendment_is_decided_before_its_motion() -> None:
    text = (
        "Hart moved to adopt the budget; Ruiz seconded. Tull moved to amend the motion by adding $500; Vance seconded. "
        "The amendment failed 2-3. Odom moved a substitute motion to postpone, seconded by Pike. The substitute motion "
        "failed for lack of support, 1-4. The main motion then passed 3-2."
    )
    found = votes(text)
    assert [vote.motion_by for vote in found] == ["Tull", "Odom", "Hart"]
    assert [vote.kind for vote in found] == ["amendment", "substitute", "main"]
    assert [(vote.ayes, vote.nays) for vote in found] == [(2, 3), (1, 4), (3, 2)]


def test_confidence_follows_what_the_text_confirms() -> None:
    motion = "Motion by Hart, seconded by Ruiz, to approve. "
    (sure,) = votes(motion + "Motion carried 3-1.\nAYES: Hart, Ruiz, Tull\nNOES: Vance")
    (counted,) = votes(motion + "Motion carried 4-0.")
    (split,) = votes(motion + "Motion carried 3-1.")
    (told,) = votes(motion + "Motion carried.")
    (odd,) = votes(motion + "Motion carried 5-0.\nAYES: Hart, Ruiz\nNOES: Vance")
    (alone,) = votes("The motion carried.")
    assert (
        sure.confidence
        > counted.confidence
        >= 0.9
        > split.confidence
        > told.confidence
        > alone.confidence
        > odd.confidence
    )
    (stranger,) = votes(motion + "Motion carried 2-1.\nAYES: Hart, Tull\nNOES: Vance")
    (less,) = votes(motion + "Motion carried 0-5.")
    assert stranger.confidence < 0.9
    assert less.confidence <= odd.confidence


def test_shape_of_the_column() -> None:
    (vote,) = votes("Marsh moved to adopt; Lang seconded. Motion carried unanimously.")
    data = json.loads(json.dumps(votes_json([vote])))
    entry = data["votes"][0]
    assert entry["result"] == "passed"
    counts = {"ayes": None, "nays": 0, "abstain": None, "absent": None}
    assert entry["tally"] == {**counts, "recused": None}
    assert (entry["motion_by"], entry["seconded_by"], entry["individual_votes"]) == ("Marsh", "Lang", [])
    assert votes_from_json(data, 1) == (vote,)


def test_page_furniture() -> None:
    pages = ["Minutes of May 1\nfirst text\nmore\nPage 1 of 2", "Minutes of May 1\nsecond text\nmore\n- 2 -"]
    left = []
    for page, spans in zip(pages, furniture(pages), strict=True):
        for start, end in reversed(spans):
            page = page[:start] + page[end:]
        left.append(page.split())
    assert left == [["first", "text", "more"], ["second", "text", "more"]]
    assert furniture(["", "\n", "7"]) == [[], [], []]


def test_letters_spaced_out_by_recognition() -> None:
    text = (
        "Upo n a call of the r ol l , the following were present : Coun cil Mem bers Ha rt , Ru iz , Tul l . "
        "CO UN CIL MEM BER HA RT MOV ED TO APPR OVE THE MINUT ES OF TH E REGU LAR ME ET ING . "
        "Ma yor Pr o Te m Ru iz sec onded the mo tion . Up on a ca ll of the ro ll , the vo te resu lted as fol lows : "
        "Ay es : Coun cil Mem bers Ha rt , Ru iz , Tul l . Na ys : No ne . Th e May or decl ared the mo tion car ried ."
    )
    (vote,) = votes(text)
    assert vote.result == "passed"
    assert vote.motion_by is not None
    assert vote.motion_by.lower() == "hart"
    assert vote.seconded_by == "Ruiz"
    assert (vote.ayes, vote.nays) == (3, 0)


HOSTILE = {
    "titles": "COUNCIL MEMBER " * 70_000,
    "one-word": "A" * 1_000_000,
    "labels": "AYES: " * 170_000,
    "movers": "Smith moved " * 80_000,
    "motions": "motion to a b c d e f g h " * 40_000,
    "names": "Aye " + "Van Der Berg, " * 70_000,
    "outcomes": "carried unanimously, " * 48_000,
    "lines": "\n" * 1_000_000,
    "dashes": "- " * 500_000,
    "hyphens": "O'Neil-" * 140_000,
    "tallies": "5-2-" * 250_000,
    "rolls": "Smith aye, " * 90_000,
    "rows": "Smith ....... Aye\n" * 55_000,
    "tables": "AYE NAY ABSTAIN\n" * 60_000,
    "capitals": "THE COUNCIL MOVED THAT MAYOR JOHN SMITH BE ABSENT AND VOTED AYE " * 15_000,
    "spaced": "m o t i o n c a r r i e d " * 40_000,
    "motion-by": "MOTION BY " * 10_000,
    "motion-by-lines": "MOTION BY\n" * 10_000,
    "motion-to": "motion to approve the minutes " * 34_000,
    "answers": "Hart\nYes\n" * 120_000,
    "pipes": "| Aye | Nay |\n" + "| Hart | X | |\n" * 60_000,
    "open-brackets": "(" * 1_000_000,
    "said-no": "(Hart no " * 100_000,
    "proposed": "Cllr Hart proposed that " * 40_000,
    "recalled": "Mr. Lee recalled that at the prior " * 30_000,
    "except": "all in favor except " * 50_000,
    "resolved": "and resolved that " * 50_000,
    "misread": "rnotion canied seco nded " * 40_000,
    "votes": "Motion by Hart, second by Ruiz. Ayes: Hart, Ruiz. Motion carried 2-0. " * 14_000,
    "polls": "in the online poll the motion passed 5-2 " * 20_000,
    "elsewhere": "said that at the hospital board a motion was made by " * 15_000,
    "marks": "Alden __X__ Yes; " * 2_500,
    "marks-by-line": "Alden __X__ Yes; Bass __X__ No\n" * 1_300,
    "days": "adopted on the 3rd day of May, 2025, by a vote of 5-0 " * 1_500,
    "that-lines": "That the road be\nThat we pay\n" * 2_500,
    "margin": "MONTHLY HALE - That a " * 3_000,
    "both": "Mr Hale proposed and Mrs Burt and Mr. A. " * 1_500,
    "resolved-twice": "It was RESOLVED that\n\nProposed Hale and " * 1_500,
    "adjourns": "Motion to adjourn Hale Burt Cole Dunn Ellis " * 1_500,
    "declared": "declared Hale and Burt to be \n" * 2_000,
    "spoken-of": "Ayes: Hart, Ruiz. The motion by Hart, seconded by Ruiz, carried. " * 1_200,
    "grids": "VOTE Hale Burt Cole Aye \u2610\u2610\u2610 " * 1_500,
    "bars": "| \n| | a |\n" * 4_000,
    "nominated": "Cllr Hale proposed, seconded by Cllr Burt was elected (Propose " * 1_000,
    "alone": "voted aye: Hale, Burt. Cole voted nay. " * 1_500,
    "listed": "7. A. Hale - J. Burt\nRESOLVED THAT x\n" * 500,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_long_page_of_anything_ends_soon(name: str) -> None:
    started = time.process_time()
    find_votes({1: HOSTILE[name]})
    assert time.process_time() - started < 10


def test_time_grows_with_the_text() -> None:
    """Ten pages take about ten times what one page takes, of the texts that cost most."""

    def seconds(pages: int, text: str) -> float:
        started = time.process_time()
        find_votes(dict.fromkeys(range(1, pages + 1), text))
        return time.process_time() - started

    for name in ("capitals", "votes", "resolved"):
        text = HOSTILE[name][:10_000]
        seconds(1, text)
        assert seconds(20, text) < 60 * max(seconds(1, text), 0.02), name


def test_odd_characters_keep_their_places() -> None:
    text = "İstanbul \ud7ff\u2028 Member Şen moved to adopt; Member Ünal seconded. Motion carried 3-0."
    (vote,) = votes(text)
    assert (vote.motion_by, vote.seconded_by, vote.ayes) == ("Şen", "Ünal", 3)
    assert text[vote.start : vote.end].startswith("Member Şen moved")


def _last(name: str | None) -> str | None:
    return name.split()[-1] if name else None


def test_the_votes_of_the_samples(samples: Path) -> None:
    truth = json.loads((samples.parent / "truth.json").read_text(encoding="utf-8"))
    seen = 0
    for document in truth["files"]:
        if not document["readable"] or document["kind"] != "minutes":
            continue
        found = votes(*document["text"])
        expected: list[dict[str, Any]] = document["votes"]
        names = {"died": "no_second"}
        assert [vote.result for vote in found] == [names.get(e["result"], e["result"]) for e in expected]
        for vote, each in zip(found, expected, strict=True):
            assert _last(vote.motion_by) == _last(each["mover"])
            assert _last(vote.seconded_by) == _last(each["seconder"])
            assert (vote.ayes, vote.nays) == (each["ayes"], each["nays"])
            members = {(_last(member["name"]), member["vote"]) for member in each["members"]}
            assert {(_last(name), side) for name, side in vote.individual} == members
            seen += 1
    assert seen >= 20


def test_real_minutes_keep_the_score_that_was_reached(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A floor under what the rules reach on labelled texts, so that a change for the worse shows."""
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parent.parent / "benchmarks"))
    import vote_sets

    scores = {
        name: score.as_json() for name, score in vote_sets.run(shared_data, shared_data / "none").items()
    }
    floors = {
        "detection": 0.96,
        "result": 0.96,
        "mover": 0.95,
        "seconder": 0.95,
        "tally": 0.93,
        "members": 0.93,
    }
    assert all(scores["labelled"][field]["f1"] >= floor for field, floor in floors.items()), scores[
        "labelled"
    ]
    assert scores["labelled"]["all_fields"] >= 0.8
    assert min(scores["nipissing"][field]["f1"] for field in ("mover", "seconder")) >= 0.97
    assert scores["clerk_tests"]["all_fields"] == 1.0


def test_agendas_and_reports_hold_no_votes(shared_data: Path) -> None:
    """Real agendas: what they propose, require and recall was not decided there."""
    pymupdf = pytest.importorskip("pymupdf")
    for name in ("beverlyhills", "burbank", "gardena", "hidden_hills", "la_habra_heights"):
        with pymupdf.open(shared_data / "pdfs" / "california_cities" / f"{name}_agenda_1.pdf") as document:
            pages = {number: page.get_text() for number, page in enumerate(document, 1)}
        assert sum(len(found) for found in find_votes(pages).values()) == 0, name
