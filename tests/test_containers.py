"""The containers: what the compose files and the Dockerfile say, and the health checks that they call."""

from __future__ import annotations

import importlib.util
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from clerk.install import health, launch
from clerk.settings import Settings
from tests.test_docs import parse

ROOT = Path(__file__).resolve().parent.parent
DEPLOYMENTS = ROOT / "deployments"
ONCE = {"schema", "pools"}
DATABASES = {"postgres", "redis"}
WORKERS = {"fetch", "ocr", "extraction", "deploy"}
CORE = {*DATABASES, *ONCE, "server", "services", "scheduler", "sweeper"}


def load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOYMENTS / name).read_text(encoding="utf-8"))
    return found


@pytest.fixture
def compose() -> dict[str, Any]:
    return load("compose.yaml")


@pytest.fixture
def services(compose: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = compose["services"]
    return found


def test_profiles_are_one_machine_and_the_two_halves_of_a_fleet(services: dict[str, Any]) -> None:
    profiles: dict[str, set[str]] = {}
    for name, service in services.items():
        for profile in service["profiles"]:
            profiles.setdefault(profile, set()).add(name)
    assert profiles == {"all": CORE | WORKERS, "core": CORE, "workers": WORKERS, "ocr": {"ocr"}}


def test_every_service_that_stays_has_a_health_check(services: dict[str, Any]) -> None:
    for name, service in services.items():
        if name in ONCE:
            assert service["restart"] == "no"
            continue
        assert service["restart"] == "unless-stopped"
        check = service["healthcheck"]
        assert {"test", "interval", "timeout", "retries", "start_period"} <= check.keys()
        if name not in DATABASES:
            part = "sweep" if name == "sweeper" else name
            assert check["test"] == ["CMD", "python", "-m", "clerk.install.health", part]


def test_commands_are_modules_and_commands_that_exist(services: dict[str, Any]) -> None:
    for name in services.keys() - DATABASES:
        module, *arguments = services[name]["command"]
        assert importlib.util.find_spec(module) is not None
        if module == "clerk":
            parse(arguments)
    with pytest.raises(click.UsageError):
        parse(["worker", "nothing"])


def test_work_waits_for_schema_pools_and_servers(services: dict[str, Any]) -> None:
    for name in (*WORKERS, "sweeper"):
        waits = {other: entry["condition"] for other, entry in services[name]["depends_on"].items()}
        assert waits == {
            "schema": "service_completed_successfully",
            "pools": "service_completed_successfully",
            "server": "service_healthy",
            "scheduler": "service_healthy",
        }
        # The workers' profile has none of these.
        assert all(entry["required"] is False for entry in services[name]["depends_on"].values())
    assert services["pools"]["depends_on"]["server"]["condition"] == "service_healthy"
    assert services["schema"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    for service in services.values():
        assert service.get("depends_on", {}).keys() <= services.keys()


def test_containers_of_clerk_have_few_rights(services: dict[str, Any]) -> None:
    for name in services.keys() - DATABASES:
        service = services[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        assert not service.get("privileged")
        writable = [volume for volume in service["volumes"] if not volume.endswith(":ro")]
        assert writable == ["${CLERK_STORAGE:-storage}:/srv/clerk/storage"]


def test_no_service_publishes_a_port_beyond_this_machine_by_itself(services: dict[str, Any]) -> None:
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {"server": ["${CLERK_BIND:-127.0.0.1}:4200:4200"]}
    for name, service in load("compose.fleet.yaml")["services"].items():
        assert name in services
        assert all(port.startswith("${CLERK_BIND:-127.0.0.1}:") for port in service.get("ports", []))


def test_passwords_come_from_the_environment_only() -> None:
    for path in (DEPLOYMENTS / "compose.yaml", DEPLOYMENTS / "compose.fleet.yaml"):
        text = path.read_text(encoding="utf-8")
        secret = re.findall(
            r"(?i)\bPASSWORD\b:\s*(.*)|_PASSWORD:\s+(.*)|requirepass (.*)|REDISCLI_AUTH:\s*(.*)", text
        )
        values = ["".join(found).strip('" ') for found in secret]
        assert all(re.fullmatch(r"\$\{(POSTGRES|REDIS)_PASSWORD:\?[a-z .]+\}", value) for value in values), (
            values
        )
        for user in re.findall(r"://\w*:([^@\s]+)@", text):
            assert re.fullmatch(r"\$\{(POSTGRES|REDIS)_PASSWORD:\?[^}]+\}", user), user


def test_every_variable_is_in_the_example_and_every_example_is_used() -> None:
    text = "".join((DEPLOYMENTS / name).read_text("utf-8") for name in ("compose.yaml", "compose.fleet.yaml"))
    used = set(re.findall(r"\$\{([A-Z_]+)[:}?-]", text))
    example = (DEPLOYMENTS / "env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    settings = {name.upper() for name in Settings.model_fields}
    # Where the image or an operator who knows Prefect decides.
    assert used - named == {"CLERK_IMAGE", "PREFECT_SERVER_DATABASE_CONNECTION_URL"}
    assert named - used <= settings
    assert re.findall(r"^\w*PASSWORD=(.+)$", example, re.MULTILINE) == []


def test_services_get_the_addresses_of_each_other(services: dict[str, Any]) -> None:
    for name in services.keys() - DATABASES:
        environment = services[name]["environment"]
        assert "@postgres:5432/clerk" in environment["DATABASE_URL"]
        assert "@redis:6379/0" in environment["REDIS_URL"]
        assert environment["PREFECT_API_URL"].endswith("-http://server:4200/api}")
        assert environment["DASK_SCHEDULER_ADDRESS"].endswith("-tcp://scheduler:8786}")
    for name in ("server", "services"):
        assert "/prefect}" in services[name]["environment"]["PREFECT_SERVER_DATABASE_CONNECTION_URL"]


def instructions() -> list[tuple[str, str]]:
    text = (DEPLOYMENTS / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in joined]


def test_the_image_is_built_in_two_stages_and_runs_without_rights() -> None:
    found = instructions()
    stages = [words for name, words in found if name == "FROM"]
    assert [stage.rpartition(" ")[2] for stage in stages] == ["build", "run"]
    last = found[max(index for index, (name, _) in enumerate(found) if name == "FROM") :]
    assert [words for name, words in last if name == "USER"] == ["10001:10001"]
    assert ("COPY", "--from=build /opt/clerk /opt/clerk") in last
    entry = next(words for name, words in last if name == "ENTRYPOINT")
    assert json.loads(entry) == ["python", "-m", "clerk.install.launch"]
    # Nothing runs as root after the user is set.
    names = [name for name, _ in last]
    assert "RUN" not in names[names.index("USER") :]


def test_the_image_installs_the_lock_with_hashes_and_nothing_else() -> None:
    pip = [words for name, words in instructions() if name == "RUN" and "pip" in words]
    calls = [call for words in pip for call in words.split("&&") if " pip " in call]
    assert len(calls) == 4
    assert all("--require-hashes" in call or "--no-index" in call for call in calls)


def test_no_private_file_gets_into_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    rules = [line for line in ignored if line and not line.startswith("#")]
    assert rules[0] == "*"
    kept = [rule[1:] for rule in rules if rule.startswith("!")]
    assert all((ROOT / name).exists() for name in kept)
    assert not {"storage", ".git", ".env", "tests", ".demo"} & set(kept)
    # The last rule that fits wins.
    assert rules.index("**/.env") > max(rules.index(f"!{name}") for name in kept)
    carried = re.findall(r'^"([^"]+)" = "clerk/project', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert {name.split("/")[0] for name in carried} <= set(kept)


# --- Health checks -------------------------------------------------------------------------------------------


@contextmanager
def api(answers: dict[str, Any]) -> Iterator[str]:
    """A server that answers as the Prefect API does; paths that it does not know are 404."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(answers.get(self.path)).encode()
            self.send_response(200 if self.path in answers else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/api"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("workers", "problem"),
    [
        ({"clerk-fetch-{host}-12": 10}, ""),
        ({"clerk-fetch-{host}-1": 900, "clerk-fetch-{host}-12": 20}, ""),
        ({"clerk-fetch-{host}-12": 3000}, "not heard of the worker for 30"),
        ({"clerk-fetch-other-12": 10}, "knows no worker"),
        ({"clerk-fetch-{host}-12": None}, "knows no worker"),
    ],
)
def test_health_of_a_worker_is_that_the_api_has_heard_of_it(
    workers: dict[str, int | None], problem: str
) -> None:
    now = datetime.now(UTC)
    answer = [
        {
            "name": name.replace("{host}", socket.gethostname()),
            "last_heartbeat_time": None if age is None else (now - timedelta(seconds=age)).isoformat(),
        }
        for name, age in workers.items()
    ]
    said = ""
    with api({"/api/work_pools/clerk-fetch/workers/filter": answer}) as url:
        try:
            health.check("fetch", {"PREFECT_API_URL": url})
        except health.UnhealthyError as error:
            said = str(error)
    assert problem in said
    assert bool(said) == bool(problem)


def test_health_of_a_worker_without_an_api() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/api"
        with pytest.raises(health.UnhealthyError, match="does not answer"):
            health.check("deploy", {"PREFECT_API_URL": url})


def test_health_of_scheduler_and_ocr_worker_is_their_connection() -> None:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        values = {"DASK_SCHEDULER_ADDRESS": f"tcp://127.0.0.1:{listener.getsockname()[1]}"}
        with pytest.raises(health.UnhealthyError, match="nothing listens"):
            health.check("scheduler", values)
        listener.listen()
        assert "listens" in health.check("scheduler", values)
        with pytest.raises(health.UnhealthyError, match="no worker is connected"):
            health.check("ocr", values)
        with closing(socket.create_connection(listener.getsockname())):
            assert "connected" in health.check("ocr", values)


@contextmanager
def process(*words: str) -> Iterator[None]:
    """A process whose command line ends with `words`."""
    code = "import sys; print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        yield
        assert child.stdin is not None
        child.stdin.close()


def test_health_of_the_services_is_process_and_redis(redis_url: str) -> None:
    words = ("prefect", "server", "services", "start")
    with process(*words):
        assert "Redis answers" in health.check("services", {"REDIS_URL": redis_url})
        with pytest.raises(health.UnhealthyError, match="ConnectionError"):
            health.check("services", {"REDIS_URL": "redis://127.0.0.1:1/0"})


def test_health_of_the_sweeper_is_process_and_api() -> None:
    with api({"/api/ready": {"message": "OK"}}) as url, process("clerk", "sweep", "--loop"):
        assert "the API answers" in health.check("sweep", {"PREFECT_API_URL": url})


def test_a_process_that_is_not_there_is_found_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(health._COMMANDS, "sweep", ("clerk", "sweep", "--loop", f"{time.time_ns()}"))
    with pytest.raises(health.UnhealthyError, match="no process runs"):
        health.check("sweep", {"PREFECT_API_URL": launch.API_URL})


def test_health_is_told_by_exit_code_and_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    answers: dict[str, Callable[..., str]] = {"ocr": lambda _: "fine"}
    monkeypatch.setattr(health, "_CHECKS", answers)
    assert health.main(["ocr"]) == 0
    assert capsys.readouterr().out == "fine\n"
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    assert health.main(["fetch"]) == 1
    assert capsys.readouterr().out.startswith(
        "fetch: The Prefect API at http://127.0.0.1:1/api does not answer"
    )
    assert health.main(["nothing"]) == 2
