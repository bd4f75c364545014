"""The labelled sets of votes, and what the extraction says of their texts."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from scoring import FIELDS, Fact, SetScore, compare, plain

from clerk.extraction.votes import find_votes
from clerk.findings import Vote

_COUNTS = ("ayes", "nays", "abstain", "absent")
_RESULTS = ("passed", "failed", "no_second", "withdrawn", "tabled", "continued")
_SIDES = ("aye", "nay", "abstain", "absent", "recused")


def run(data: Path, own: Path) -> dict[str, SetScore]:
    """Score every set that is there."""
    sets: dict[str, SetScore] = {}
    for split in ("", "dev", "held"):
        _labelled(
            data / "votes" / "labelled" / "votes.jsonl",
            f"labelled_{split}" if split else "labelled",
            split,
            sets,
        )
    for path in sorted(own.glob("*.jsonl")):
        _labelled(path, f"own_{path.stem}", "", sets)
    _clerk_tests(data / "votes" / "clerk_tests" / "test_extraction_cases.tsv", sets)
    _santa_ana(data / "votes" / "santa_ana_2024", sets)
    _nipissing(data / "votes" / "nipissing", sets)
    return sets


def fact(vote: Vote) -> Fact:
    """An extracted vote in the terms that are compared; a recusal is told as an abstention, as the labels do."""
    refs = [f"item {vote.item}"] if vote.item else []
    refs += [f"ordinance {number}" for number in vote.ordinances] + [
        f"resolution {number}" for number in vote.resolutions
    ]
    counts = {side: getattr(vote, side) for side in _COUNTS}
    return Fact(
        vote.result,
        plain(vote.motion_by),
        plain(vote.seconded_by),
        frozenset((side, count) for side, count in counts.items() if count is not None),
        frozenset((plain(name), "abstain" if side == "recused" else side) for name, side in vote.individual),
        frozenset(ref.lower() for ref in refs),
        vote.confidence,
        " ".join(vote.raw_text.split()),
    )


def extracted(text: str | Mapping[int, str]) -> list[Fact]:
    """Facts of all votes of a text, or of the pages of a document, in order."""
    found = find_votes({1: text} if isinstance(text, str) else text)
    return [fact(vote) for page in sorted(found) for vote in found[page]]


def run_own(paths: Iterable[Path]) -> dict[str, SetScore]:
    """Score files of a person's own, as `clerk label votes` writes them or as in `tests/labels`.

    Raises:
        ValueError: a line is no label; the message names file and line.
    """
    sets: dict[str, SetScore] = {}
    for path in paths:
        _labelled(path, path.stem, "", sets)
    return sets


def _labelled(path: Path, name: str, split: str, sets: dict[str, SetScore]) -> None:
    if not path.is_file():
        return
    score = sets.setdefault(name, SetScore())
    for text_id, pages, labels in read_labels(path, split):
        expected = [_expected(each) for each in labels]
        compare(text_id, expected, extracted(pages), score, (*FIELDS, "item"))


def read_labels(path: Path, split: str = "") -> Iterable[tuple[str, dict[int, str], list[dict[str, Any]]]]:
    """(id, pages, labelled votes) of each text of a file of labels.

    A line is a text with its votes (`text`, `expected`: a list), or belongs to a document: one of the kind
    `document` with its `pages`, then its votes and candidates, of which those without a result are none.

    Raises:
        ValueError: a line is no label; the message names file and line.
    """
    texts: dict[str, dict[int, str]] = {}
    placed: dict[str, list[tuple[int, int, dict[str, Any]]]] = {}
    try:
        whole = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is no UTF-8 ({error.reason})") from error
    for number, raw in enumerate(whole.split("\n"), 1):
        if not raw.strip():
            continue
        try:
            line = json.loads(raw)
            kind = line.get("kind")
            if kind == "document":
                texts[line["source"]] = {int(page): text for page, text in line["pages"].items()}
                placed[line["source"]] = []
            elif kind in ("vote", "candidate"):
                if line["source"] not in texts:
                    raise ValueError(f"the line of the document {line['source']} is missing before it")
                if line["expected"]["result"] is not None:
                    _check(line["expected"])
                    placed[line["source"]].append((int(line["page"]), int(line["start"]), line["expected"]))
            elif not split or line["split"] == split:
                for each in line["expected"]:
                    _check(each)
                yield line["id"], {1: line["text"]}, line["expected"]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            why = str(error) if type(error) is ValueError else repr(error)
            raise ValueError(f"{path}, line {number} is no label: {why}") from error
    for source, labels in placed.items():
        labels.sort(key=lambda each: each[:2])
        yield source, texts[source], [expected for _, _, expected in labels]


def _check(each: dict[str, Any]) -> None:
    """Refuse what a person mistyped: it would be counted as a mistake of the rules.

    Raises:
        ValueError: a value that no vote can have. KeyError: one is missing.
    """
    if each["result"] not in _RESULTS:
        raise ValueError(f"result {each['result']!r} is none of {', '.join(_RESULTS)}")
    for side in _COUNTS:
        if each[side] is not None and type(each[side]) is not int:
            raise ValueError(f"{side} must be a number or null, not {each[side]!r}")
    for key in ("motion_by", "seconded_by", "item_ref"):
        if not isinstance(each.get(key, ""), str | None):
            raise ValueError(f"{key} must be a text or null, not {each[key]!r}")
    for side, names in each["members"].items():
        if side not in _SIDES or not isinstance(names, list) or not all(isinstance(n, str) for n in names):
            raise ValueError(
                f"members must map {', '.join(_SIDES)} to lists of names, not {side!r} to {names!r}"
            )


def _expected(each: dict[str, Any]) -> Fact:
    sides = {"recused": "abstain"}
    members = {
        (plain(name), sides.get(side, side)) for side, names in each["members"].items() for name in names
    }
    return Fact(
        each["result"],
        plain(each["motion_by"]),
        plain(each["seconded_by"]),
        frozenset((side, each[side]) for side in _COUNTS if each[side] is not None),
        frozenset(members),
        frozenset({each["item_ref"].lower()} if each.get("item_ref") else ()),
    )


def _clerk_tests(path: Path, sets: dict[str, SetScore]) -> None:
    """Sentences whose expected facts say how many votes there are, their result and counts."""
    if not path.is_file():
        return
    score = sets.setdefault("clerk_tests", SetScore())
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            facts = row["expected"]
            if (
                "ote" not in row["class"]
                or not re.search(r"votes|vote\.", facts)
                or "Disabled" in row["what"]
            ):
                continue
            if "when_extraction_disabled" in row["case"]:
                continue
            text = row["input_text"].replace(" / spaCy not available", "")
            _case(row["case"], text, facts, score)


def _case(name: str, text: str, facts: str, score: SetScore) -> None:
    found = extracted(text)
    count = re.search(r"len\(.*?votes\) (>?=) (\d)", facts)
    wanted = int(count[2]) if count else len(found)
    result = re.search(r"result = (\w+)", facts)
    ayes, nays = (re.search(rf"{side} = (\d+)", facts) for side in ("ayes", "nays"))
    mover, seconder = (re.search(rf"{key} = (\w+)", facts) for key in ("motion_by", "seconded_by"))
    got = found[0] if found else None
    tally = {(side, int(match[1])) for side, match in (("ayes", ayes), ("nays", nays)) if match}
    expected = Fact(
        result[1] if result else (got.result if got else ""),
        plain(mover[1]) if mover else (got.mover if got else ""),
        plain(seconder[1]) if seconder else (got.seconder if got else ""),
        frozenset(tally),
        frozenset(),
    )
    if got is not None:  # the sentences state some facts only
        found[0] = Fact(
            got.result,
            got.mover,
            got.seconder,
            frozenset(t for t in got.tally if t[0] in dict(tally)),
            frozenset(),
        )
    compare(name, [expected] * wanted, found, score, ("result", "mover", "seconder", "tally"))


def _santa_ana(folder: Path, sets: dict[str, SetScore]) -> None:
    """Votes that were taken apart from the consent calendar, by their item; the labels are noisy."""
    path = folder / "santa_ana_vote_extraction_2024.json"
    if not path.is_file():
        return
    score = sets.setdefault("santa_ana", SetScore())
    votes = json.loads(path.read_text(encoding="utf-8"))["votes"]
    for text in sorted(folder.glob("*minutes*.txt")):
        date = f"{int(text.name[4:6])}/{int(text.name[6:8])}/{text.name[2:4]}"
        labelled = [
            v
            for v in votes
            if v["meeting_date"] == date and v["meeting_section"] not in ("consent", "conset", "")
        ]
        found = extracted(text.read_text(encoding="utf-8", errors="replace"))
        for vote in labelled:
            motion = re.search(
                r"MOTION: (?:[A-Z][a-z]+ ?(?:Pro Te[mr]n? )?)?(\w+) moved", vote["agenda_item_description"]
            )
            item = f"item {vote['agenda_item_number']}"
            hit = next((each for each in found if item in each.item), None)
            counts = re.fullmatch(r"(\d)-(\d).*", vote["vote_count"])
            if not counts or vote["outcome"].lower() != "pass":
                continue
            tally = frozenset({("ayes", int(counts[1])), ("nays", int(counts[2]))})
            members = frozenset(
                (plain(name), {"aye": "aye", "nay": "nay", "no": "nay"}.get(value.lower(), "abstain"))
                for name, value in vote["member_votes"].items()
                if value.lower() in ("aye", "nay", "no")
            )
            mover = plain(motion[1]) if motion else (hit.mover if hit else "")
            got = [] if hit is None else [
                Fact(hit.result, hit.mover, hit.seconder, frozenset(t for t in hit.tally if t[0] in ("ayes", "nays")),
                     frozenset(m for m in hit.members if m[1] in ("aye", "nay")),
                     confidence=hit.confidence, text=hit.text)
            ]  # fmt: skip
            compare(
                f"{date} {item}",
                [Fact("passed", mover, hit.seconder if hit else "", tally, members)],
                got,
                score,
                ("result", "mover", "tally", "members"),
            )


def _nipissing(folder: Path, sets: dict[str, SetScore]) -> None:
    """Minutes whose movers and seconders are known; their outcomes are not to be trusted."""
    files = sorted(folder.glob("*.gold.json"))
    if not files:
        return
    score = sets.setdefault("nipissing", SetScore())
    for path in files:
        gold = json.loads(path.read_text(encoding="utf-8"))
        text = path.with_name(path.name.replace(".gold.json", ".txt")).read_text(
            encoding="utf-8", errors="replace"
        )
        expected = [
            Fact("", plain(m["mover"]), plain(m["seconder"]), frozenset(), frozenset())
            for m in gold["motions"]
        ]
        compare(path.name, expected, extracted(text), score, ("mover", "seconder"))
