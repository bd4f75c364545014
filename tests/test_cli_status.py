"""`clerk status`: queues, pace, history, watching, and what it does when a server is away."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from clerk.cli import main
from clerk.cli.status_report import report
from clerk.cli.status_view import _duration, _rate
from clerk.fleet import depths
from clerk.models import Failure, JobType, Site, Stage, State
from clerk.settings import get_settings, load
from clerk.tracking import NewJob, Tracking, open_tracking
from tests.fixtures_pipeline import wait_until

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def civic() -> Iterator[Tracking]:
    tracking = open_tracking(get_settings())
    tracking.sites.add(Site("town.st"))
    yield tracking
    tracking.close()


def run_of(tracking: Tracking, name: str = "town.st", run: str = "run-1", spans: int = 2) -> None:
    """A run that is at the OCR of `spans` spans: the first is done, the second has failed, the others are open."""
    jobs = [
        NewJob(f"{run}-{n}", run, name, JobType.OCR_SPAN, Stage.OCR, items_total=10) for n in range(spans)
    ]
    tracking.jobs.add([NewJob(run, run, name, JobType.SITE_RUN, None), *jobs])
    tracking.jobs.transition(run, State.RUNNING, expect={State.PENDING})
    for job, state, error in zip(jobs[:2], (State.COMPLETED, State.CRASHED), ("", "died"), strict=False):
        tracking.jobs.transition(job.job_id, State.RUNNING, expect={State.PENDING})
        tracking.jobs.set_items(job.job_id, total=10, done=10, failed=0)
        tracking.jobs.transition(job.job_id, state, expect={State.RUNNING}, error_message=error)
    total = 10 * spans
    tracking.progress.set(
        name, run_id=run, state=State.RUNNING, stage=Stage.OCR, total=total, completed=10, failed=5
    )


def age(tracking: Tracking, seconds: float) -> None:
    """Make every job so much older."""
    past = tracking.overview.now().replace(tzinfo=None) - timedelta(seconds=seconds)
    with tracking.database.write() as connection:
        connection.execute(text("UPDATE job_tracking SET created_at = :past"), {"past": str(past)})


def test_pace_and_time_left(civic: Tracking) -> None:
    run_of(civic, spans=4)
    age(civic, 60)
    (site,) = report(load(), None)["active"]
    assert site["rate"] == pytest.approx(15 / 60, rel=0.05)
    assert site["seconds_left"] == pytest.approx(25 / 15 * 60, rel=0.05)
    civic.progress.set(
        "town.st", run_id="run-1", state=State.RUNNING, stage=Stage.OCR, total=40, completed=0, failed=0
    )
    (site,) = report(load(), None)["active"]
    # Nothing is done yet: any number would be a guess.
    assert (site["rate"], site["seconds_left"]) == (None, None)
    assert site["stage_started_at"]


def test_pace_counts_from_where_the_stage_began_anew(civic: Tracking) -> None:
    run_of(civic)
    age(civic, 1000)
    # A second round takes up what was left over, and the numbers begin anew with it.
    civic.jobs.add([NewJob("again", "run-1", "town.st", JobType.OCR_SPAN, Stage.OCR, items_total=5)])
    (site,) = report(load(), None)["active"]
    assert site["rate"] > 1


@pytest.mark.parametrize(
    ("rate", "left", "said"),
    [
        (None, None, ("", "")),
        (2.5, 59, ("2.5/s", "59 s")),
        (0.05, 60, ("3.0/min", "1 min")),
        (1, 3900, ("1.0/s", "1 h 05 min")),
    ],
)
def test_pace_in_words(rate: float | None, left: int | None, said: tuple[str, str]) -> None:
    assert (_rate(rate), _duration(left)) == said


def test_one_site_with_its_history(civic: Tracking, capsys: pytest.CaptureFixture[str]) -> None:
    civic.sites.add(Site("other.st"))
    run_of(civic, "other.st", "run-0")
    run_of(civic, spans=3)
    civic.failures.replace(
        "town.st", [Failure("town.st", "minutes", "Board", "2025-03-04", "p.pdf", 3, "ocr", "timed out", 2)]
    )
    assert main(["status", "--subdomain", "town.st", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [run["run_id"] for run in found["runs"]] == ["run-1"]
    assert found["jobs"] == [
        {
            "completed": 1, "error": "died", "failed": 1, "finished_at": None, "items_done": 20, "items_failed": 0,
            "items_total": 30, "running": 0, "stage": "ocr", "started_at": found["jobs"][0]["started_at"],
            "type": "ocr-span", "waiting": 1,
        }
    ]  # fmt: skip
    assert found["jobs"][0]["started_at"]
    assert found["failures"] == 1
    assert found["last_failures"][0]["reason"] == "timed out"
    assert main(["status", "--subdomain", "town.st"]) == 0
    said = capsys.readouterr().out
    assert "ocr-span\t1\t0\t1\t1\t20/30\t" in said
    assert "other.st" not in said
    assert main(["status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["jobs"] is None


def test_sites_that_wait_are_counted_and_not_listed(
    civic: Tracking, capsys: pytest.CaptureFixture[str]
) -> None:
    civic.progress.set("town.st", run_id="r", state=State.PENDING, stage=None, total=0, completed=0, failed=0)
    assert main(["status"]) == 0
    assert "1 site waits for a worker.\n" in capsys.readouterr().out


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every SELECT of this process within the block."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("subdomain", [None, "town.st"])
def test_ten_thousand_rows_cost_no_more_queries_than_ten(civic: Tracking, subdomain: str | None) -> None:
    run_of(civic, spans=10)
    with statements() as few:
        report(load(), subdomain)
    for number in range(20):
        run = f"bulk-{number}"
        civic.sites.add(Site(f"s{number}"))
        civic.jobs.add([NewJob(run, run, f"s{number}", JobType.SITE_RUN, None)])
        civic.jobs.add(
            [NewJob(f"{run}-{n}", run, f"s{number}", JobType.OCR_SPAN, Stage.OCR) for n in range(500)]
        )
    with statements() as many:
        found = report(load(), subdomain)
    assert many == few
    assert len(few) < 15
    # The rows are counted where they are: those of sites come one a site, those of runs ten in all.
    assert found["queues"]["ocr"]["waiting"] == 10_008
    assert len(found["runs"]) == (1 if subdomain else 10)


def test_an_api_that_is_down_is_said_and_the_rest_is_shown(
    civic: Tracking, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(depths, "PATIENCE_SECONDS", 0.3)
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    get_settings.cache_clear()
    run_of(civic, spans=3)
    assert main(["status"]) == 0
    said = capsys.readouterr()
    assert "The Prefect API at http://127.0.0.1:1/api does not answer" in said.err
    assert said.err.count("\n") == 1
    assert "fetch\t?\t?\nocr\t1\t0\n" in said.out
    assert "town.st\tocr\t15/30\t50 %" in said.out
    assert main(["status", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["api"]["state"], found["database"]["state"]) == ("down", "up")
    assert found["queues"]["fetch"] == {"late": None, "running": None, "waiting": None}
    assert list(found["queues"]) == ["deploy", "extraction", "fetch", "high-priority", "ocr"]


def test_an_api_that_hangs_does_not_hold_the_command_up(
    civic: Tracking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(depths, "DEADLINE_SECONDS", 0.5)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        address = f"http://127.0.0.1:{mute.getsockname()[1]}/api"
        found = report(load(prefect_api_url=address), None)
    assert (found["api"]["state"], found["database"]["state"]) == ("down", "up")
    assert "did not answer in" in found["api"]["problem"]


def test_a_database_that_is_down_leaves_one_line_and_null(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://clerk:hidden@127.0.0.1:1/clerk")
    get_settings.cache_clear()
    assert main(["status", "--json"]) == 1
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert said.err.count("\n") == 1
    assert "hidden" not in said.out + said.err
    assert found["database"]["state"] == "down"
    assert found["failures"] is found["sites"] is found["active"] is None


def test_no_api_is_said_in_one_line(civic: Tracking, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out.startswith("Queues: not known, since no Prefect API is set.\nNo run is active.\n")


def test_watch_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--watch", "--json"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


# As the command does it, ten times as often.
HASTY = """
from clerk.cli import main, status_view
status_view.PAUSE_SECONDS = 0.2
raise SystemExit(main(["status", "--watch"]))
"""


@pytest.mark.parametrize("terminal", [True, False])
def test_watch_shows_it_again_and_again_until_ctrl_c(civic: Tracking, terminal: bool, tmp_path: Path) -> None:
    run_of(civic)
    keeper, end = pty.openpty() if terminal else os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", HASTY],
        stdout=end,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "120", "LINES": "40"},
        # As a shell with job control starts it: one without would have it ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    os.close(end)
    os.set_blocking(keeper, False)
    said = b""

    def shown(times: int) -> bool:
        nonlocal said
        try:
            said += os.read(keeper, 65536)
        except OSError:
            pass
        return len(re.findall(rb"town\.st\s+ocr", re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", said))) >= times

    wait_until(lambda: shown(2), 30, "two reports have been shown")
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    os.close(keeper)


def test_status_imports_neither_prefect_nor_dask(civic: Tracking) -> None:
    heavy = "{'prefect', 'dask', 'distributed', 'alembic'}"
    script = (
        "import sys\nfrom clerk.cli import main\nfrom clerk.fleet import depths\n"
        "depths.PATIENCE_SECONDS = 0.0\n"  # nobody answers there
        f"main(['status', '--json'])\nprint(*({heavy} & set(sys.modules)), file=sys.stderr)"
    )
    environment = os.environ | {"PREFECT_API_URL": "http://127.0.0.1:1/api"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_every_key_is_documented(civic: Tracking) -> None:
    run_of(civic)
    civic.failures.replace(
        "town.st", [Failure("town.st", "minutes", "Board", "2025-03-04", "p.pdf", 3, "ocr", "timed out", 2)]
    )
    found = report(load(), "town.st")
    words = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    section = words[words.index("## clerk status") : words.index("## clerk failures")]
    keys = set(found) | set(found["api"]) | set(found["database"]) | set(found["queues"]["ocr"])
    for name in ("sites", "runs", "jobs", "last_failures"):
        keys |= set(found[name][0])
    assert {key for key in keys if not re.search(rf"\b{key}\b", section)} == set()
