"""What tests let run in a child process. Light to import, since each new process imports it first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from clerk.errors import DocumentError
from clerk.isolation import engine_loading


def say() -> None:
    """Print what would tell of a lack of memory, were it the last word of a process that died."""
    os.write(1, b"MemoryError in a small picture, ignored\n")


def die() -> None:
    """Crash."""
    os.kill(os.getpid(), signal.SIGSEGV)


def die_of_memory() -> None:
    """End as a C++ library does that gets no memory."""
    os.write(2, b"terminate called after throwing an instance of 'std::bad_alloc'\n")
    os.abort()


def slowly(texts: dict[int, str], model: str, **wanted: object) -> dict[int, object]:
    """Stand in for an extraction that takes its time."""
    if "long" in texts[1]:
        time.sleep(300)
    return {}


def add(first: int, second: int) -> int:
    return first + second


def own_pid() -> int:
    return os.getpid()


def loop_in_python() -> None:
    while True:
        pass


def loop_in_c() -> int:
    # One operation of the interpreter that holds its lock for hours.
    return 9 ** (10**9)


def allocate() -> None:
    held = []
    while True:
        held.append(bytearray(10_000_000))


def end_itself() -> None:
    sys.exit(3)


def kill_itself(number: int) -> None:
    os.kill(os.getpid(), number)


def exit_at_once() -> None:
    os._exit(7)


class NotPicklableError(Exception):
    def __init__(self, first: str, second: str) -> None:
        super().__init__(first)
        self.lock = threading.Lock()


class OwnError(DocumentError):
    """A subclass that only this module knows."""


def raise_not_picklable() -> None:
    raise NotPicklableError("strange", "thing")


def raise_document_error() -> None:
    raise DocumentError("is upside down", advice="Turn it.")


def raise_own_error() -> None:
    raise OwnError("is odd")


def return_not_picklable() -> object:
    return threading.Lock()


def talk() -> None:
    os.write(1, b"to the terminal")
    os.write(2, b"to the terminal")


def load_slowly(seconds: float) -> str:
    with engine_loading():
        time.sleep(seconds)
    return "loaded"


def load_much() -> int:
    with engine_loading():
        held = bytearray(400_000_000)
    return len(held)


def start_command(path: str) -> None:
    process = subprocess.Popen(["sleep", "600"])
    Path(path).write_text(str(process.pid))
    process.wait()
