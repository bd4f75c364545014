"""`clerk votes` and `clerk people`: what they print, whom they find, and what they say where they cannot answer."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from clerk.cli import main
from clerk.cli.output import emit_csv
from clerk.compile import Details, PageRow, compile_database
from clerk.models import Kind, Level, RunRef
from clerk.settings import get_settings
from clerk.storage import SiteStore

SEATS = ("Ruth Calloway", "Helen Marsh", "Victor Delgado", "Mary Smith", "John Smith")


def vote(number: int, topic: str, mover: str, *members: tuple[str, str], **changes: Any) -> dict[str, Any]:
    values = {
        "result": "passed",
        "tally": {
            "ayes": sum(side == "aye" for _, side in members),
            "nays": sum(side == "nay" for _, side in members),
        },
        "motion_by": mover,
        "seconded_by": "Delgado",
        "individual_votes": [{"name": name, "vote": side} for name, side in members],
        "raw_text": topic,
        "confidence": 0.9,
        "agenda_item_ref": str(number),
        "ordinances": [],
        "resolutions": [],
        "topic": topic,
        "span": [1, number * 100, 1, number * 100 + 50],
    }
    return values | changes


def page(date: str, *votes: dict[str, Any]) -> PageRow:
    seats = [
        {
            "name": name,
            "role": "councilmember",
            "page": 1,
            "start": 40 * number,
            "seated": True,
            "status": "present",
        }
        for number, name in enumerate(SEATS)
    ]
    return PageRow(Kind.MINUTES, "Council", date, date, 1, "text", {}, {"votes": list(votes)}, seats)


def build(level: Level = Level.FULL) -> SiteStore:
    store = SiteStore(get_settings().storage_dir, "elm")
    housing = vote(
        4, "housing on Mill Street", "Marsh", ("Calloway", "aye"), ("Marsh", "aye"), ("J. Smith", "nay")
    )
    fence = vote(5, "a fence; =cmd", "J. Smith", ("Calloway", "aye"), ("Marsh", "aye"), ordinances=["1042"])
    rows = [page("2024-05-01", housing), page("2025-05-01", fence)]
    compile_database(
        store,
        rows,
        level=level,
        run=RunRef("r", 1),
        fingerprint="f",
        guard=lambda: None,
        details=Details() if level is Level.FULL else None,
    )
    return store


def out(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    code = main(arguments)
    said = capsys.readouterr()
    assert (code, said.err) == (0, "")
    return said.out


def failed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(arguments)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return code, said.err


def topics(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    return [each["topic"] for each in json.loads(out(capsys, "votes", "elm", *arguments, "--json"))]


def test_votes_are_listed_by_date_with_who_did_what(capsys: pytest.CaptureFixture[str]) -> None:
    build()
    lines = out(capsys, "votes", "elm").splitlines()
    assert lines[0].split("\t")[:3] == ["date", "meeting", "page"]
    assert lines[1].split("\t") == [
        "2024-05-01", "Council", "1", "4", "housing on Mill Street", "passed", "2-1", "Helen Marsh", "Victor Delgado",
        "0.9",
    ]  # fmt: skip
    assert len(lines) == 3


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--item", ""], "--item '' names nothing"),
        (["--topic", ""], "--topic '' names nothing"),
        (["--topic", '" *'], "names nothing"),
        (["--person", " "], "--person ' ' names nothing"),
        (["--since", "yesterday"], "write it like 2024-01-31"),
        (["--person", "a" * 10_000], "Nobody is named"),
    ],
)
def test_a_condition_that_says_nothing_is_no_condition_left_out(
    capsys: pytest.CaptureFixture[str], options: list[str], problem: str
) -> None:
    build()
    code, said = failed(capsys, "votes", "elm", *options)
    assert code == 2
    assert problem in said
    assert len(said) < 400


def test_csv_is_safe_in_a_spreadsheet(capsys: pytest.CaptureFixture[str]) -> None:
    emit_csv(["a", "b", "c"], [{"a": "=HYPERLINK(1)", "b": ["@x", "y"], "c": "one\x1b[2J\ntwo"}])
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows[1] == ["'=HYPERLINK(1)", "'@x; y", "one [2J\ntwo"]
    emit_csv(["a"], [{"a": -1}])
    assert capsys.readouterr().out == "a\n-1\n"


def test_values_that_are_damaged(capsys: pytest.CaptureFixture[str]) -> None:
    store = build()
    with closing(sqlite3.connect(store.database)) as connection:
        connection.execute("UPDATE people SET roles = 'no JSON'")
        connection.commit()
    code, said = failed(capsys, "people", "elm")
    assert code == 1
    assert "cannot be read" in said
    assert "clerk extract elm --force" in said


@pytest.mark.parametrize("buffered", [True, False])
def test_output_that_nobody_can_take(buffered: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    build()
    monkeypatch.setenv("PYTHONUNBUFFERED", "" if buffered else "1")
    line = [sys.executable, "-m", "clerk", "votes", "elm"]
    if Path("/dev/full").exists():
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        assert "no space is left" in done.stderr
    closed = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *line], stderr=subprocess.PIPE, text=True, check=False
    )
    assert (closed.returncode, closed.stderr) == (0, "")


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--topic", "housing"], [0]),
        (["--topic", "mill hous*"], [0]),
        (["--split"], [0]),
        (["--since", "2025-01-01"], [1]),
        (["--item", "4"], [0]),
        (["--item", "1042"], [1]),
        (["--item", "Ordinance No. 1042"], [1]),
        (["--item", "a\udcff"], []),
        (["--person", "John Smith"], [0, 1]),
        (["--person", "John Smith", "--split"], [0]),
        (["--person", "Mary Smith"], []),
        (["--item", "99"], []),
        ([], [0, 1]),
    ],
)
def test_conditions_narrow_the_list(
    capsys: pytest.CaptureFixture[str], options: list[str], found: list[int]
) -> None:
    build()
    assert topics(capsys, *options) == [
        ["housing on Mill Street", "a fence; =cmd"][number] for number in found
    ]


@pytest.mark.parametrize(
    "text", ["Marsh", "marsh", "Councilmember MARSH", "Helen", "MARSH, H.", "Helen Marsh"]
)
def test_a_person_is_found_by_any_name(capsys: pytest.CaptureFixture[str], text: str) -> None:
    build()
    found = json.loads(out(capsys, "votes", "elm", "--person", text, "--json"))
    assert [(each["vote"], each["basis"], each["part"]) for each in found] == [
        ("aye", "named", "moved"),
        ("aye", "named", None),
    ]
    assert found[0]["members"][2] == {"name": "John Smith", "vote": "nay", "basis": "named"}
    assert found[1]["ordinances"] == ["1042"]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Smith", "can be John Smith ("),
        ("Mash", "Did you mean Helen Marsh?"),
        ("Victor Delgdo", "Did you mean Victor Delgado?"),
        ("Xerxes", "`clerk people` lists"),
    ],
)
def test_a_person_who_cannot_be_told_is_an_error_with_names(
    capsys: pytest.CaptureFixture[str], text: str, hint: str
) -> None:
    build()
    code, said = failed(capsys, "votes", "elm", "--person", text)
    assert code == 2
    assert hint in said


def test_people_and_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    build()
    found = {each["name"]: each for each in json.loads(out(capsys, "people", "elm", "--json"))}
    assert list(found) == ["Ruth Calloway", "Victor Delgado", "Helen Marsh", "John Smith", "Mary Smith"]
    john = found["John Smith"]
    assert {each["name"]: each["times"] for each in john["aliases"]} == {"John Smith": 2, "J. Smith": 2}
    assert (john["votes"], john["moved"], john["roles"], john["full_name"]) == (1, 1, ["councilmember"], True)
    assert (
        "John Smith\tcouncilmember\tCouncil\t2024-05-01\t2025-05-01\t2\t1\t1\t0\tJ. Smith, John Smith"
        in out(capsys, "people", "elm")
    )


def test_names_of_the_people_file_that_change_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    store = build()
    store.people_file.parent.mkdir(parents=True, exist_ok=True)
    store.people_file.write_text(
        "people:\n  - name: Mary Ann Smith\n    aliases: [Mary Smith, M. Smyth]\n  - name: Dora Quill\n"
        "    aliases: [Quill]\n  - name: Helen Marsh\n    body: Library\napart: [John Smith, Jon Smith]\n"
        "ignore: [Motion]\n"
    )
    assert main(["people", "elm"]) == 0
    said = capsys.readouterr()
    assert "Ruth Calloway" in said.out
    assert said.err.count("\n") == 1
    assert said.err.endswith("changes nothing: M. Smyth, Dora Quill, Helen Marsh, Jon Smith, Motion.\n")
    store.people_file.write_text("people:\n  - name: Ruth Calloway\n")
    assert main(["people", "elm"]) == 0
    assert capsys.readouterr().err == ""
    store.people_file.write_text("peeple: []\n")
    assert main(["people", "elm"]) == 0
    said = capsys.readouterr()
    assert "unknown key 'peeple'" in said.err
    assert said.err.count("\n") == 1


def test_csv(capsys: pytest.CaptureFixture[str]) -> None:
    build()
    rows = list(csv.DictReader(io.StringIO(out(capsys, "votes", "elm", "--person", "Marsh", "--csv"))))
    assert [(each["vote"], each["topic"], each["ordinances"]) for each in rows] == [
        ("aye", "housing on Mill Street", ""),
        ("aye", "a fence; =cmd", "1042"),
    ]
    people = list(csv.DictReader(io.StringIO(out(capsys, "people", "elm", "--csv"))))
    assert people[0]["name"] == "Ruth Calloway"
    assert people[0]["aliases"] == "Calloway; Ruth Calloway"
    code, said = failed(capsys, "votes", "elm", "--json", "--csv")
    assert (code, "cannot go together" in said) == (2, True)


@pytest.mark.parametrize("command", ["votes", "people"])
def test_a_site_without_a_full_build_is_told_so(capsys: pytest.CaptureFixture[str], command: str) -> None:
    code, said = failed(capsys, command, "elm")
    assert code == 2
    assert "no compiled database of elm" in said
    store = build(Level.FAST)
    code, said = failed(capsys, command, "elm")
    assert code == 1
    assert "no full build yet" in said
    assert "clerk run elm" in said
    store.database.write_bytes(b"no database" * 100)
    code, said = failed(capsys, command, "elm")
    assert code == 1
    assert "clerk extract elm --force" in said


def test_a_full_build_of_an_earlier_version_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    store = build()
    with closing(sqlite3.connect(store.database)) as connection:
        connection.execute("DROP TABLE page_entities")
    assert "no full build yet" in failed(capsys, "votes", "elm")[1]


def test_nothing_found_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    build()
    assert main(["votes", "elm", "--item", "77"]) == 0
    assert "No vote found" in capsys.readouterr().err


def test_reading_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    store = build()
    before = store.database.read_bytes()
    out(capsys, "votes", "elm", "--person", "Marsh")
    out(capsys, "people", "elm")
    assert store.database.read_bytes() == before
    assert sorted(path.name for path in store.folder.iterdir()) == ["_records", "meetings.db"]
