"""What a child may do to itself, and what its parent sees of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from clerk.errors import (
    ChildCrashedError,
    ChildMemoryError,
    ChildTimeoutError,
    ClerkError,
    DocumentError,
    PageError,
)
from clerk.isolation import Child, worker_child
from tests.child_calls import (
    add,
    allocate,
    end_itself,
    exit_at_once,
    kill_itself,
    load_much,
    load_slowly,
    loop_in_c,
    loop_in_python,
    own_pid,
    raise_document_error,
    raise_not_picklable,
    raise_own_error,
    return_not_picklable,
    start_command,
    talk,
)

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    """One for all tests: it starts anew after each death."""
    made = Child(256)
    yield made
    made.close()


def eventually(condition: Callable[[], Any], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_calls_run_in_one_warm_process(child: Child) -> None:
    assert child.call(add, 1, 2, timeout=30) == 3
    pid = child.call(own_pid, timeout=30)
    assert pid == child.pid != os.getpid()
    assert child.call(own_pid, timeout=30) == pid


@pytest.mark.parametrize(
    ("fn", "arguments", "kind", "words"),
    [
        (loop_in_python, (), ChildTimeoutError, "longer than 0.3 s"),
        (loop_in_c, (), ChildTimeoutError, "longer than 0.3 s"),
        (end_itself, (), ChildCrashedError, "exit code 3"),
        (exit_at_once, (), ChildCrashedError, "exit code 7"),
        (kill_itself, (signal.SIGSEGV,), ChildCrashedError, "SIGSEGV"),
        (kill_itself, (signal.SIGKILL,), ChildCrashedError, "SIGKILL"),
        (raise_not_picklable, (), PageError, "NotPicklableError: strange"),
        (return_not_picklable, (), PageError, "cannot pickle"),
    ],
)
def test_each_end_has_its_name_and_the_next_call_works(
    child: Child, fn: Callable[..., Any], arguments: tuple[Any, ...], kind: type[ClerkError], words: str
) -> None:
    child.call(add, 1, 2, timeout=30)
    with pytest.raises(kind) as caught:
        child.call(fn, *arguments, timeout=0.3)
    assert words in caught.value.message
    assert child.call(add, 1, 2, timeout=30) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space")
def test_endless_allocation_ends_at_the_memory_limit(child: Child) -> None:
    with pytest.raises(ChildMemoryError):
        child.call(allocate, timeout=30)
    assert child.call(add, 1, 2, timeout=30) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space")
def test_an_engine_does_not_count_as_memory_of_the_page(child: Child) -> None:
    assert child.call(load_much, timeout=30) == 400_000_000


def test_loading_an_engine_does_not_count_as_time_of_the_page(child: Child) -> None:
    child.call(add, 1, 2, timeout=30)
    assert child.call(load_slowly, 0.5, timeout=0.3) == "loaded"


def test_errors_of_ours_pass_through_with_their_advice(child: Child) -> None:
    with pytest.raises(DocumentError) as caught:
        child.call(raise_document_error, timeout=30)
    assert (caught.value.message, caught.value.advice) == ("is upside down", "Turn it.")


def test_a_foreign_subclass_arrives_as_its_nearest_class_of_ours(child: Child) -> None:
    with pytest.raises(DocumentError, match="is odd") as caught:
        child.call(raise_own_error, timeout=30)
    assert type(caught.value) is DocumentError


def test_the_terminal_stays_quiet(child: Child, capfd: pytest.CaptureFixture[str]) -> None:
    child.call(talk, timeout=30)
    assert capfd.readouterr() == ("", "")


def test_what_the_child_started_is_killed_with_it(child: Child, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with pytest.raises(ChildTimeoutError):
        child.call(start_command, str(note), timeout=1.0)
    assert eventually(lambda: gone(int(note.read_text())))


def test_a_child_that_died_between_calls_is_replaced(child: Child) -> None:
    pid = child.call(own_pid, timeout=30)
    os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: gone(pid))
    assert child.call(own_pid, timeout=30) != pid


def test_interrupts_are_left_to_the_parent(child: Child) -> None:
    pid = child.call(own_pid, timeout=30)
    os.kill(pid, signal.SIGINT)
    assert child.call(own_pid, timeout=30) == pid


def test_a_child_outlives_the_thread_that_made_it(child: Child) -> None:
    child.close()
    pids: list[int] = []
    thread = threading.Thread(target=lambda: pids.append(child.call(own_pid, timeout=30)))
    thread.start()
    thread.join()
    # The kernel sends its signal when the starting thread ends, not the process.
    assert not eventually(lambda: gone(pids[0]), 0.3)
    assert child.call(own_pid, timeout=30) == pids[0]


def test_close_leaves_no_process_and_no_descriptor() -> None:
    child = Child(256)
    child.call(add, 1, 2, timeout=30)
    child.close()
    before = psutil.Process().num_fds()
    for _ in range(3):
        pid = child.call(own_pid, timeout=30)
        child.close()
        assert not psutil.pid_exists(pid)
    assert psutil.Process().num_fds() == before


def test_close_ends_a_call_of_another_thread() -> None:
    child = Child(256)
    child.call(add, 1, 2, timeout=30)
    assert child.pid
    process = psutil.Process(child.pid)
    before = process.cpu_times().user
    errors: list[BaseException] = []

    def work() -> None:
        try:
            child.call(loop_in_python, timeout=60)
        except ChildCrashedError as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    # What the process used until now went into its start: only more of it shows that the call runs.
    assert eventually(lambda: process.cpu_times().user > before + 0.2)
    child.close()
    thread.join(10)
    assert len(errors) == 1


def test_a_process_has_one_shared_child() -> None:
    assert worker_child(256) is worker_child(256)
    assert worker_child(256) is not worker_child(300)
    worker_child(300).close()


_PARENT = """
import sys
from clerk.isolation import worker_child
from tests.child_calls import {fn}, own_pid
child = worker_child(256)
print(child.call(own_pid, timeout=60), flush=True)
{then}
"""


def start_parent(fn: str, then: str) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen(
        [sys.executable, "-c", _PARENT.format(fn=fn, then=then)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


@pytest.mark.parametrize("fn", ["loop_in_python", "loop_in_c"])
@pytest.mark.e2e
def test_a_busy_child_dies_with_its_killed_parent(fn: str) -> None:
    parent, pid = start_parent(fn, f"child.call({fn}, timeout=600)")
    with parent:
        assert eventually(lambda: psutil.Process(pid).cpu_times().user > 0.5, 20)
        parent.kill()
        assert eventually(lambda: gone(pid), 2.0)


@pytest.mark.e2e
def test_a_parent_that_ends_takes_its_child_along() -> None:
    parent, pid = start_parent("add", "assert child.call(add, 1, 2, timeout=60) == 3")
    with parent:
        assert parent.wait(20) == 0
    assert gone(pid)
