"""Fixtures of the end-to-end tests: the real command, its processes, and small documents made on the spot."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pymupdf
import pytest

ROOT = Path(__file__).resolve().parent.parent
WORDS = "The council met in regular session and approved the minutes of the previous meeting without change."


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Poll `condition`; fail with `what` when it does not come true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"not within {seconds:g} s: {what}")
        time.sleep(0.05)


def text_pdf(path: Path, pages: int, words: str = WORDS) -> None:
    """A born-digital document; each page names its number."""
    document = pymupdf.open()
    for number in range(1, pages + 1):
        page = document.new_page()
        page.insert_text((72, 100), f"Page {number} of the minutes.")
        page.insert_textbox((72, 130, 520, 700), words)
    path.parent.mkdir(parents=True, exist_ok=True)
    document.save(path)


def scanned_pdf(path: Path, texts: list[str], widths: dict[int, int] | None = None) -> None:
    """A document of page images only; `widths` (points, by page from 1) makes pages of another width."""
    document = pymupdf.open()
    for number, text in enumerate(texts, 1):
        width = (widths or {}).get(number, 612)
        source = pymupdf.open()
        page = source.new_page(width=width, height=400)
        page.insert_textbox((50, 60, width - 50, 380), text, fontsize=14)
        image = page.get_pixmap(dpi=150, colorspace=pymupdf.csGRAY)
        document.new_page(width=width, height=400).insert_image((0, 0, width, 400), pixmap=image)
    path.parent.mkdir(parents=True, exist_ok=True)
    document.save(path)


@dataclass
class Clerk:
    """The command `clerk` with a storage folder of its own."""

    storage: Path
    plugins: Path
    environment: dict[str, str] = field(default_factory=dict)
    _started: list[subprocess.Popen[str]] = field(default_factory=list)

    def env(self) -> dict[str, str]:
        base = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "DASK_"))}
        own = {"STORAGE_DIR": str(self.storage), "PLUGINS_DIR": str(self.plugins), "OCR_LANGUAGES": "eng"}
        return {**base, **own, **self.environment}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "clerk", *arguments],
            env=self.env(),
            cwd=self.storage.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._started.append(process)
        return process

    def __call__(self, *arguments: str, code: int = 0, seconds: float = 300) -> str:
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=seconds)
        assert process.returncode == code, output
        return output

    def json(self, *arguments: str) -> object:
        return json.loads(self(*arguments, "--json"))

    def processes(self) -> list[psutil.Process]:
        """Every live process that was started for this storage folder."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("STORAGE_DIR") == str(self.storage):
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
                continue
        return found

    def stop(self) -> None:
        for process in self.processes():
            try:
                process.send_signal(signal.SIGKILL)
            except psutil.NoSuchProcess:
                continue
        for started in self._started:
            started.wait(30)
            if started.stdout is not None:
                started.stdout.close()


@pytest.fixture
def clerk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Clerk]:
    """A command with an empty storage folder; everything it started is gone after the test.

    An end-to-end test finds a Prefect database there, which is what a second run of a user finds.
    """
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    storage = tmp_path / "storage"
    storage.mkdir()
    if request.node.get_closest_marker("e2e"):
        request.getfixturevalue("prepared_server")(storage)
    command = Clerk(storage, plugins)
    yield command
    command.stop()
