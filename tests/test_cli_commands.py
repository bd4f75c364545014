"""The commands that look and keep: sites, db, search, status, failures."""

from __future__ import annotations

import json
import os
import pty
import re
import sqlite3
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from typing import Any

import pytest

from clerk.cli import main
from clerk.models import Failure, JobType, Kind, Site, Stage, State
from clerk.settings import get_settings
from clerk.storage import SiteStore
from clerk.tracking import NewJob, Tracking, migrate, open_tracking

REASON = (
    "\x1b[31m" + "is encrypted with a password that nobody has written down, " * 4 + "and\nso cannot be\tread"
)
PATH = "town.st/pdfs/" + "Board of Commissioners and Trustees " * 4 + "/2025-03-04.pdf"


@pytest.fixture
def civic() -> Tracking:
    """The civic database of the test's settings, with one site."""
    tracking = open_tracking(get_settings())
    tracking.sites.add(Site("town.st", name="Town", state="ST", scraper="folder"))
    return tracking


@pytest.fixture
def failed(civic: Tracking) -> Tracking:
    """The same with two failures whose texts are longer than any line of a terminal."""
    civic.failures.replace(
        "town.st",
        [
            Failure("town.st", "minutes", "Board", "2025-03-04", PATH, 3, "ocr", "timed out after 60 s", 2),
            Failure("town.st", "minutes", "Board", "2025-03-05", PATH, None, "read", REASON),
        ],
    )
    return civic


def out(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    code = main(arguments)
    said = capsys.readouterr()
    assert (code, said.err) == (0, "")
    return said.out


def parsed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    text = out(capsys, *arguments)
    value = json.loads(text)
    assert text == json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    return value


def on_terminal(*arguments: str, columns: int = 80) -> str:
    """What `clerk` prints on a real terminal of so many columns."""
    keeper, terminal = pty.openpty()
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = os.environ | {"TERM": "dumb"}
    process = subprocess.Popen([sys.executable, "-m", "clerk", *arguments], stdout=terminal, env=environment)
    os.close(terminal)
    said = b""
    try:
        while piece := os.read(keeper, 65536):
            said += piece
    except OSError:
        pass  # Linux says so that the other end is closed
    os.close(keeper)
    assert process.wait(timeout=60) == 0
    return said.decode().replace("\r\n", "\n")


def test_sites_from_add_to_remove(capsys: pytest.CaptureFixture[str]) -> None:
    added = out(
        capsys, "sites", "add", "town.st", "--name", "Town", "--state", "ST", "--country", "ca",
        "--kind", "city", "--start-year", "2015", "--lat", "34.5", "--lng", "-117.25", "--url", "https://town.example/docs",
        "--extra", '{"pattern": "ü*", "url": "https://other.example"}',
    )  # fmt: skip
    assert added == "Added town.st. Fetch and search it with `clerk run town.st`.\n"
    site = {
        "country": "CA", "extra": {"pattern": "ü*", "url": "https://town.example/docs"},
        "has_finance_data": False, "kind": "city", "lat": 34.5, "lng": -117.25, "name": "Town", "pages": 0,
        "scraper": "web", "start_year": 2015, "state": "ST", "subdomain": "town.st",
    }  # fmt: skip
    assert parsed(capsys, "sites", "list", "--json") == [site]
    folder = get_settings().storage_dir / "town.st"
    shown = site | {"database": None, "failures": 0, "folder": str(folder)}
    assert parsed(capsys, "sites", "show", "town.st", "--json") == shown
    assert "town.st\tTown\tST\tcity\tweb\t2015\t0\n" in out(capsys, "sites", "list")
    assert f"folder\t{folder}\n" in out(capsys, "sites", "show", "town.st")
    assert out(capsys, "sites", "remove", "town.st", "--yes").startswith(
        "Removed town.st. Its documents stay in"
    )
    assert main(["sites", "show", "town.st"]) == 2
    assert parsed_quietly(capsys, "sites", "list", "--json") == []


def parsed_quietly(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    return parsed(capsys, *arguments)


@pytest.mark.parametrize(
    "options",
    [
        ["--name", 'The "Town"'],
        ["--name", "Town\nof"],
        ["--state", "a state of mind"],
        ["--country", "USA"],
        ["--start-year", "20"],
        ["--lat", "91"],
        ["--lng", "east"],
        ["--url", "file:///etc/passwd"],
        ["--extra", "{"],
        ["--extra", "[1]"],
        ["--extra", '{"ocr_languages": "eng,spa"}'],
        ["--extra", '{"ocr_languages": "../eng"}'],
        ["--extra", '{"ocr_languages": ["eng", "spa"]}'],
        ["--extra", '{"ocr_languages": null}'],
        ["--extra", '{"ocr_backend": 3}'],
    ],
)
def test_what_cannot_be_right_is_not_added(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sites", "add", "town.st", *options]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert options[0] in error
    assert open_tracking(get_settings()).sites.list() == []


def test_a_schedule_is_given_checked_changed_and_taken_away(
    civic: Tracking, capsys: pytest.CaptureFixture[str]
) -> None:
    zone = "America/Chicago"
    out(capsys, "sites", "add", "west.st", "--interval", "12h", "--timezone", zone, "--extra", '{"a": 1}')
    assert civic.sites.get("west.st").extra == {"a": 1, "interval": "12h", "timezone": zone}
    said = out(capsys, "sites", "set", "west.st", "--interval", "1w")
    assert re.fullmatch(r"west\.st is due next at \d{4}-\d\d-\d\d \d\d:\d\d C[SD]T\.\n", said)
    assert civic.sites.get("west.st").extra == {"a": 1, "interval": "1w", "timezone": zone}
    assert "never due" in out(capsys, "sites", "set", "west.st", "--interval", "off", "--timezone", "")
    assert civic.sites.get("west.st").extra == {"a": 1, "interval": "off"}
    for wrong, words in (
        (["west.st", "--interval", "7"], "interval '7' cannot be used"),
        (["west.st", "--timezone", "CST/CDT"], "no time zone 'CST/CDT'"),
        (["west.st"], "nothing to change"),
        (["wset.st", "--interval", "1d"], "Did you mean west.st?"),
    ):
        assert main(["sites", "set", *wrong]) == 2
        assert words in capsys.readouterr().err
    assert main(["sites", "add", "east.st", "--timezone", "Mars/Olympus"]) == 2
    assert "no time zone 'Mars/Olympus'" in capsys.readouterr().err
    assert main(["sites", "add", "east.st", "--extra", '{"interval": "fortnightly"}']) == 2
    assert "interval 'fortnightly' cannot be used" in capsys.readouterr().err
    assert civic.sites.find("east.st") is None


def test_adding_twice_and_near_misses(civic: Tracking, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sites", "add", "town.st"]) == 2
    assert "exists already" in capsys.readouterr().err
    for command in (
        ["sites", "show", "twon.st"],
        ["failures", "twon.st"],
        ["status", "--subdomain", "twon.st"],
    ):
        assert main(command) == 2
        assert "Did you mean town.st?" in capsys.readouterr().err


def test_remove_asks_and_keeps_what_it_must(
    civic: Tracking, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SiteStore(get_settings().storage_dir, "town.st")
    pdf = store.pdf_dir(Kind.MINUTES) / "Board" / "2025-03-04.pdf"
    pdf.parent.mkdir(parents=True)
    pdf.write_bytes(b"%PDF-")
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: "n")
    assert main(["sites", "remove", "town.st", "--with-documents"]) == 1
    assert capsys.readouterr().err == "clerk: nothing was changed.\n"
    assert pdf.exists()
    lease = civic.leases.acquire("town.st", "run-1")
    assert main(["sites", "remove", "town.st", "--with-documents", "--yes"]) == 1
    assert "is held by run run-1" in capsys.readouterr().err
    assert pdf.exists()
    civic.leases.release(lease)
    out(capsys, "sites", "remove", "town.st", "--yes", "--with-documents")
    assert not store.folder.exists()
    assert civic.sites.find("town.st") is None


def test_failures_have_exactly_their_keys(failed: Tracking, capsys: pytest.CaptureFixture[str]) -> None:
    page, document = parsed(capsys, "failures", "--json")
    assert page == {
        "subdomain": "town.st", "kind": "minutes", "meeting": "Board", "date": "2025-03-04", "path": PATH,
        "page": 3, "stage": "ocr", "reason": "timed out after 60 s", "attempts": 2,
    }  # fmt: skip
    assert (document["page"], document["reason"]) == (None, REASON)
    assert parsed(capsys, "failures", "town.st", "--json") == [page, document]


def test_a_pipe_gets_whole_lines(failed: Tracking) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "clerk", "failures"],
        capture_output=True, text=True, timeout=60, env=os.environ | {"COLUMNS": "40"},
    )  # fmt: skip
    header, page, document = done.stdout.splitlines()
    assert header.split("\t") == [
        "subdomain",
        "kind",
        "meeting",
        "date",
        "path",
        "page",
        "stage",
        "reason",
        "attempts",
    ]
    assert page.split("\t")[3:6] == ["2025-03-04", " ".join(PATH.split()), "3"]
    assert document.split("\t")[7] == " " + " ".join(REASON[1:].split())


@pytest.mark.parametrize("command", [["failures"], ["sites", "list"], ["status"]])
def test_a_terminal_shows_everything_too(command: list[str], failed: Tracking) -> None:
    name = "Consolidated Metropolitan Municipality of the Upper and Lower Valleys of Saint Bartholomew"
    failed.sites.update("town.st", name=name)
    failed.jobs.add([NewJob("job-1", "run-1", "town.st", JobType.SITE_RUN, None)])
    failed.jobs.close_run("run-1", State.FAILED, "StageFailedError", REASON)
    said = "".join(on_terminal(*command).split())
    wanted = {"failures": REASON + PATH, "sites": name, "status": REASON}[command[0]]
    for word in wanted.replace("\x1b", "").split():
        assert word in said
    assert "…" not in said
    assert "\x1b[31m" not in said


def test_status_of_a_run_under_way(failed: Tracking, capsys: pytest.CaptureFixture[str]) -> None:
    failed.jobs.add([NewJob("job-1", "run-1", "town.st", JobType.SITE_RUN, None)])
    failed.jobs.transition("job-1", State.RUNNING, expect={State.PENDING})
    failed.progress.set(
        "town.st", run_id="run-1", state=State.RUNNING, stage=Stage.OCR, total=40, completed=9, failed=1
    )
    failed.progress.set_stage_counts("town.st", Stage.READ, 5, 5, 0)
    report = parsed(capsys, "status", "--json")
    assert set(report) == {
        "active", "api", "database", "failures", "jobs", "last_failures", "queues", "reaped", "runs", "sites",
    }  # fmt: skip
    assert report["active"] == report["sites"]
    assert report["failures"] == 2
    site = report["sites"][0]
    assert (site["stage"], site["total"], site["completed"], site["failed"]) == ("ocr", 40, 9, 1)
    assert (site["percent"], site["failures"], site["state"]) == (25.0, 2, "running")
    assert site["stages"]["read"] == {"completed": 5, "failed": 0, "total": 5}
    assert report["runs"][0]["state"] == "running"
    text = out(capsys, "status", "--subdomain", "town.st")
    assert "town.st\tocr\t10/40\t25 %\t1\t" in text
    assert "read\t5\t5\t0\n" in text
    assert text.endswith("1 site, 2 failures. See `clerk failures`.\n")


def test_status_closes_the_rows_of_a_dead_process(
    civic: Tracking, capsys: pytest.CaptureFixture[str]
) -> None:
    script = (
        "import os\nfrom clerk.models import JobType, Stage, State\nfrom clerk.settings import get_settings\n"
        "from clerk.tracking import NewJob, open_tracking\nt = open_tracking(get_settings())\n"
        "t.leases.acquire('town.st', 'run-9')\n"
        "t.jobs.add([NewJob('j', 'run-9', 'town.st', JobType.SITE_RUN, None)])\n"
        "t.progress.set('town.st', run_id='run-9', state=State.RUNNING, stage=Stage.OCR,"
        " total=4, completed=1, failed=0)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], timeout=60).returncode == -9
    report = parsed(capsys, "status", "--json")
    assert (report["reaped"], report["active"]) == (["run-9"], [])
    assert [run["state"] for run in report["runs"]] == ["crashed"]
    assert civic.leases.list() == []


def test_status_of_a_site_that_never_ran(civic: Tracking, capsys: pytest.CaptureFixture[str]) -> None:
    report = parsed(capsys, "status", "--subdomain", "town.st", "--json")
    assert report["sites"][0]["state"] is None
    civic.progress.set(
        "town.st", run_id="r", state=State.FAILED, stage=Stage.READ, total=0, completed=0, failed=0
    )
    again = parsed(capsys, "status", "--json")
    assert set(again["sites"][0]) == set(report["sites"][0])


def test_db_from_nothing_and_back(capsys: pytest.CaptureFixture[str]) -> None:
    head = migrate.head()
    assert "empty (this version needs" in out(capsys, "db", "current")
    assert out(capsys, "db", "upgrade") == f"empty -> {head}\n"
    assert out(capsys, "db", "upgrade") == f"Already at {head}.\n"
    assert out(capsys, "db", "current") == f"{head} (newest)\n"
    revisions = parsed(capsys, "db", "history", "--json")
    assert revisions[-1]["revision"] == head
    assert out(capsys, "db", "downgrade", "base", "--yes") == "Now at empty.\n"
    assert main(["db", "upgrade", "nosuch"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_an_unreachable_database_is_one_line_without_its_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://clerk:hidden@127.0.0.1:1/clerk")
    get_settings.cache_clear()
    for command in (["status"], ["sites", "list"], ["db", "current"]):
        assert main(command) == 1
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        assert "hidden" not in error


def compiled(subdomain: str, *pages: tuple[str, str, int, str]) -> None:
    """A small `meetings.db` of minutes: meeting, date, page, text."""
    path = SiteStore(get_settings().storage_dir, subdomain).database
    path.parent.mkdir(parents=True)
    connection = sqlite3.connect(path)
    for table in ("minutes", "agendas"):
        connection.execute(
            f"CREATE TABLE {table} (id TEXT PRIMARY KEY, meeting TEXT, date TEXT, page INTEGER, text TEXT,"
            " page_image TEXT, entities_json TEXT, votes_json TEXT)"
        )
        connection.execute(f"CREATE VIRTUAL TABLE {table}_fts USING fts5(text, content={table})")
    for meeting, date, page, text in pages:
        row = (f"{date}-{page}", meeting, date, page, text, f"/{meeting}/{date}/{page}.png")
        connection.execute("INSERT INTO minutes VALUES (?, ?, ?, ?, ?, ?, '', '')", row)
    connection.execute("INSERT INTO minutes_fts(minutes_fts) VALUES ('rebuild')")
    connection.commit()
    connection.close()


def test_search(capsys: pytest.CaptureFixture[str]) -> None:
    compiled(
        "a.st",
        ("Council", "2025-01-02", 1, "the annual\tbudget\nhearing"),
        ("Council", "2025-01-02", 2, "zoning"),
    )
    compiled("b.st", ("Board", "2025-02-03", 7, "no budget was adopted"))
    hits = parsed(capsys, "search", "budget", "--json")
    assert {hit["subdomain"] for hit in hits} == {"a.st", "b.st"}
    assert set(hits[0]) == {"date", "id", "kind", "meeting", "page", "page_image", "snippet", "subdomain"}
    header, line = out(capsys, "search", "annual", "budget", "--site", "a.st").splitlines()
    assert header == "subdomain\tkind\tmeeting\tdate\tpage\tsnippet"
    assert line == "a.st\tminutes\tCouncil\t2025-01-02\t1\tthe annual budget hearing"
    assert parsed(capsys, "search", "budget", "--kind", "agenda", "--json") == []
    assert len(parsed(capsys, "search", "budget", "--limit", "1", "--json")) == 1
    assert parsed(capsys, "search", 'x" OR NEAR(', "--json") == []
    assert main(["search", "budget", "--site", "c.st"]) == 2
    assert "no compiled database of c.st" in capsys.readouterr().err
    assert "the annual budget hearing" in on_terminal("search", "annual")
