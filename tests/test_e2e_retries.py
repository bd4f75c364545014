"""Tasks are tried again by Prefect, later each time, where the error says of itself that it may pass."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from clerk.stack import server
from tests.fixtures_prefect import Prepared

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).resolve().parent.parent

# The retries of our tasks, hurried by a factor of 40; prints when each kind of error was met.
SCRIPT = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
from prefect import flow, task
from clerk import errors
from tasks.compile import compile_site
from tasks.deploy import deploy_site
from tasks.extract import extract_site
from tasks.fetch import fetch_documents

met = {}

def work(name):
    met.setdefault(name, []).append(time.monotonic())
    raise getattr(errors, name)(name)

tasks = []
for one in (compile_site, deploy_site, extract_site, fetch_documents):
    assert one.retries == 3, one.name
    hurried = [seconds / 40 for seconds in one.retry_delay_seconds]
    options = {"retries": 3, "retry_delay_seconds": hurried, "retry_jitter_factor": one.retry_jitter_factor}
    tasks.append(task(work, retry_condition_fn=one.retry_condition_fn, persist_result=False, **options))

@flow
def all_of_them():
    for one, name in zip(tasks, ("DatabaseAwayError", "DatabaseError", "LeaseLostError", "FetchError")):
        one(name, return_state=True)

all_of_them(return_state=True)
print(json.dumps({name: [b - a for a, b in zip(times, times[1:])] for name, times in met.items()}))
"""


def test_errors_that_may_pass_are_tried_four_times_and_others_once(
    tmp_path: Path, prepared_server: Prepared
) -> None:
    local = server.launch(prepared_server(tmp_path / "server"))
    try:
        local.wait()
        with server.environment(local.url, local.home):
            done = subprocess.run(
                [sys.executable, "-c", SCRIPT, str(ROOT)],
                capture_output=True,
                text=True,
                timeout=120,
                cwd=tmp_path,
            )
    finally:
        local.stop()
    assert done.returncode == 0, done.stderr
    pauses = json.loads(done.stdout.splitlines()[-1])
    assert {name: len(found) for name, found in pauses.items()} == {
        "DatabaseAwayError": 3, "DatabaseError": 0, "LeaseLostError": 0, "FetchError": 3,
    }  # fmt: skip
