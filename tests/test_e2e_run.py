"""The whole pipeline through the command line: a real server, real workers, real recognition."""

from __future__ import annotations

import json
import signal
import sqlite3
from pathlib import Path

import pytest

from clerk.models import Kind
from clerk.storage import SiteStore
from tests.fixtures_pipeline import Clerk, scanned_pdf, text_pdf, wait_until

pytestmark = pytest.mark.e2e
SAMPLES = Path(__file__).resolve().parent.parent / "samples"


def truth() -> dict[str, object]:
    return json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))


def rows(database: Path) -> dict[tuple[str, str, str, int], str]:
    """Text of each page by table, meeting, date and page number."""
    with sqlite3.connect(database) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {
            (kind.table, meeting, date, page): text
            for kind in Kind
            for meeting, date, page, text in connection.execute(
                f"SELECT meeting, date, page, text FROM {kind.table}"
            )
        }


def recognised(store: SiteStore) -> dict[Path, int]:
    """Page records that OCR wrote and nobody folded yet, with the time of their text."""
    found = {}
    for document in store.documents():
        for page in store.page_records(document):
            found[store.text(document, page)] = store.text(document, page).stat().st_mtime_ns
    return found


def test_demo_accounts_for_every_page_and_the_second_run_does_nothing(clerk: Clerk) -> None:
    output = clerk("demo")
    pages = rows(clerk.storage / "demo" / "meetings.db")
    assert len(pages) == truth()["pages"]
    for example in truth()["example_searches"]:  # type: ignore[union-attr]
        hits = clerk.json("search", example["query"], "--site", "demo")
        assert example["expect_page"] in [hit["page"] for hit in hits]  # type: ignore[union-attr, index]
    letters = clerk.json("failures", "demo")
    unreadable = [entry for entry in truth()["files"] if not entry["readable"]]  # type: ignore[union-attr]
    assert len(letters) == len(unreadable)  # type: ignore[arg-type]
    assert {letter["date"] for letter in letters} == {entry["date"] for entry in unreadable}  # type: ignore[union-attr]
    assert set(letters[0]) == {  # type: ignore[index]
        *("subdomain", "kind", "meeting", "date", "path", "page", "stage", "reason", "attempts")
    }
    assert "database" in output
    before = (clerk.storage / "demo" / "meetings.db").stat().st_ino
    assert "nothing fetched, nothing recognised, nothing rebuilt" in clerk("demo")
    assert (clerk.storage / "demo" / "meetings.db").stat().st_ino == before
    with sqlite3.connect(clerk.storage / "sites.db") as connection:
        site = connection.execute("SELECT current_stage, deploy_completed, pages FROM sites").fetchone()
    assert site == ("completed", 1, truth()["pages"])
    assert not clerk.processes()


def test_killed_in_the_middle_of_ocr_it_goes_on_where_it_was(clerk: Clerk, tmp_path: Path) -> None:
    text = "The board approved the budget for the library and the parks after a short public hearing. " * 6
    folder = tmp_path / "source"
    for day in range(1, 5):
        scanned_pdf(
            folder / "Board" / f"2024-03-0{day}.pdf", [f"Day {day}, page {n}. {text}" for n in range(1, 7)]
        )
    store = SiteStore(clerk.storage, "town")
    first = clerk.start("run", "town", "--from", str(folder))
    wait_until(lambda: len(recognised(store)) >= 4, 120, "four recognised pages")
    first.send_signal(signal.SIGKILL)
    first.wait()
    wait_until(lambda: not clerk.processes(), 15, "all processes of the killed run are gone")
    status = clerk.json("status")
    assert not status["active"]  # type: ignore[index, call-overload]
    done = recognised(store)
    assert 4 <= len(done) < 24
    output = clerk("run", "town")
    assert f"{24 - len(done)} pages recognised" in output
    assert {path: path.stat().st_mtime_ns for path in done} == done
    assert len(rows(store.database)) == 24
    assert clerk.json("failures", "town") == []


def test_no_documents_ends_at_once(clerk: Clerk, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "no_documents" in clerk("run", "nowhere", "--from", str(tmp_path / "empty"))
    assert clerk.json("status", "--subdomain", "nowhere")


FLAKY = """
import os, signal
from clerk import hookimpl
from clerk.ocr.engine import Recognition

FLAG = {flag!r}
VICTIM = {victim!r}

class Engine:
    name, version, languages = "flaky", "1", "eng"

    def recognise(self, image):
        if image.width > 1400 and os.path.exists(FLAG):
            {action}
        return Recognition("recognised text of a page", 90.0)

class Plugin:
    @hookimpl
    def ocr_engine(self, name, languages):
        return Engine() if name == "flaky" else None
"""
WIDE = 720  # points: 1,500 pixels at 150 dpi, where the others have 1,275


def flaky(clerk: Clerk, flag: Path, action: str) -> None:
    source = FLAKY.format(flag=str(flag), victim="", action=action)
    (clerk.plugins / "flaky.py").write_text(source, encoding="utf-8")
    clerk.environment["DEFAULT_OCR_BACKEND"] = "flaky"
    flag.touch()


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"),
        ("os.kill(os.getppid(), signal.SIGKILL)", "worker process died"),
    ],
    ids=["kills its own process", "kills its Dask worker"],
)
def test_a_deadly_page_fails_alone_and_retry_repairs_it(
    clerk: Clerk, tmp_path: Path, action: str, reason: str
) -> None:
    scanned_pdf(tmp_path / "in" / "Board" / "2024-03-01.pdf", ["A page."] * 6, {4: WIDE})
    flaky(clerk, tmp_path / "flag", action)
    output = clerk("run", "town", "--from", str(tmp_path / "in"), seconds=500)
    assert "incomplete" in output
    database = clerk.storage / "town" / "meetings.db"
    assert len(rows(database)) == 5
    letters = clerk.json("failures", "town")
    assert [(letter["page"], letter["stage"]) for letter in letters] == [(4, "ocr")]  # type: ignore[union-attr]
    assert reason in letters[0]["reason"]  # type: ignore[index]
    with sqlite3.connect(clerk.storage / "clerk.db") as civic:
        query = "SELECT job_type, state, items_total, items_done, items_failed FROM job_tracking"
        jobs = civic.execute(query).fetchall()
    assert not [job for job in jobs if job[1] in ("pending", "running")]
    assert sum(job[1] == "completed" for job in jobs if job[0] == "fetch") == 1
    spans = [job for job in jobs if job[0] == "ocr-span"]
    # A page that fails is an item that failed; a worker that dies takes its task along.
    assert sum(job[3] for job in spans) == 5
    assert sum(job[4] for job in spans) >= 1
    assert {job[1] for job in spans} == ({"completed"} if "SIGSEGV" in reason else {"completed", "crashed"})
    (tmp_path / "flag").unlink()
    assert "completed" in clerk("retry", "town")
    assert len(rows(database)) == 6
    assert clerk.json("failures", "town") == []


def test_bad_input_is_one_line_and_an_exit_code(clerk: Clerk, tmp_path: Path) -> None:
    text_pdf(tmp_path / "in" / "Board" / "2024-03-01.pdf", 1)
    for arguments, code, said in [
        (("run", "unknown"), 2, "unknown"),
        (("run", "town", "--from", str(tmp_path / "missing")), 2, "missing"),
        (("run", "UP/../x", "--from", str(tmp_path / "in")), 2, "subdomain"),
        (("run", "town", "--from", str(tmp_path / "in"), "--ocr-backend", "nonsense"), 1, "nonsense"),
    ]:
        output = clerk(*arguments, code=code)
        assert len([line for line in output.splitlines() if line.startswith("clerk:")]) == 1, output
        assert said in output
    clerk.environment["PREFECT_API_URL"] = "http://127.0.0.1:9/api"
    assert "does not answer" in clerk("run", "town", "--from", str(tmp_path / "in"), code=1)


def test_the_same_run_on_postgres(clerk: Clerk, tmp_path: Path, postgres_url: str) -> None:
    text_pdf(tmp_path / "in" / "Board" / "2024-03-01.pdf", 2)
    clerk.environment["DATABASE_URL"] = postgres_url
    assert "clerk db upgrade" in clerk("run", "town", "--from", str(tmp_path / "in"), code=1)
    clerk("db", "upgrade")
    assert "completed" in clerk("run", "town", "--from", str(tmp_path / "in"))
    assert len(rows(clerk.storage / "town" / "meetings.db")) == 2
    assert not (clerk.storage / "clerk.db").exists()
