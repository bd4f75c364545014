"""One flow of many tasks on the servers of `clerk up`: does the Prefect database hold every task run afterwards?

`python -m benchmarks.task_runs [TASKS]`, 5,000 by default. With `--without-redis`, the same on a Prefect server that
has no broker but its own memory. Ends with one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time

from benchmarks.live_stack import Stack

# How long the server may need to write down what it has been told.
SETTLE_SECONDS = 180.0
FLOW = """
import sys
from prefect import flow, task
from prefect.futures import wait
from prefect.task_runners import ThreadPoolTaskRunner

@task
def one(number):
    return number

@flow(task_runner=ThreadPoolTaskRunner(max_workers=8), flow_run_name="many")
def many(count):
    futures = one.map(range(count))
    wait(futures)
    return sum(future.state.is_completed() for future in futures)

print(many(int(sys.argv[1])))
"""


def recorded(stack: Stack, tasks: int) -> tuple[int, int]:
    """Task runs that the server knows, and those of them that it knows to have completed."""
    last, since = (-1, -1), time.monotonic()
    end = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < end and min(last) < tasks:
        states = {"type": {"any_": ["COMPLETED"]}}
        now = (
            stack.ask("/task_runs/count"),
            stack.ask("/task_runs/count", task_runs={"state": states}),
        )
        if now != last:
            last, since = now, time.monotonic()
        if time.monotonic() - since > SETTLE_SECONDS / 3:
            break
        time.sleep(2)
    return last


def main(arguments: list[str] | None = None) -> int:
    """Run the flow and count; 0 when no task run is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", type=int, nargs="?", default=5000)
    parser.add_argument("--without-redis", action="store_true")
    chosen = parser.parse_args(arguments)
    parts = "postgres,server" if chosen.without_redis else "postgres,redis,server"
    stack = Stack("--only", parts)
    began = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-c", FLOW, str(chosen.tasks)],
            env=os.environ | {"PREFECT_API_URL": stack.api, "PREFECT_LOGGING_LEVEL": "ERROR"},
            cwd=stack.base,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(done.stderr)
        seconds = time.monotonic() - began
        known, completed = recorded(stack, chosen.tasks)
    finally:
        stack.stop()
    figures = {
        "tasks": chosen.tasks,
        "redis": not chosen.without_redis,
        "completed_in_the_flow": int(done.stdout.split()[-1]),
        "known_to_the_server": known,
        "known_as_completed": completed,
        "seconds": round(seconds),
    }
    print(json.dumps(figures))
    return int(completed != chosen.tasks)


if __name__ == "__main__":
    sys.exit(main())
