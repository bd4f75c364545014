"""Pools and deployments without a server: the names agree, and what a failed deploy says is one line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from clerk import project_root
from clerk.errors import ServerError
from clerk.fleet import crash_automation, deployments
from clerk.fleet.api import PrefectApi
from clerk.fleet.queues import DEPLOYMENTS
from clerk.settings import load


def test_prefect_yaml_and_the_names_agree() -> None:
    declared = yaml.safe_load((project_root.root() / "prefect.yaml").read_text(encoding="utf-8"))
    found = {each["name"]: each for each in declared["deployments"]}
    assert {name.partition("/")[2]: pool for name, pool in DEPLOYMENTS.items()} == {
        name: each["work_pool"]["name"] for name, each in found.items()
    }
    for each in found.values():
        # The automation knows our runs by this tag, and by the heartbeat that they send.
        assert crash_automation.TAG in each["tags"]
        heart = each["work_pool"]["job_variables"]["env"]["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"]
        assert 2 * int(heart) < crash_automation.SILENCE_SECONDS


def test_a_failed_deploy_says_why_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    script = (
        "print('Deploying …'); raise SystemExit('The work pool\\n  clerk-fetch does not exist\\n╰──────╯')"
    )
    monkeypatch.setattr(deployments, "_COMMAND", (sys.executable, "-c", script))
    with pytest.raises(ServerError) as caught:
        deployments.deploy_all(PrefectApi("http://127.0.0.1:1/api"), load())
    assert str(caught.value) == "Deploying failed: clerk-fetch does not exist"


def test_the_deploy_gets_the_address_and_the_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    names = ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING", "PREFECT_SERVER_ANALYTICS_ENABLED")
    script = (
        f"import os, sys; open({str(seen)!r}, 'w').write(str([os.environ[n] for n in {names}])); sys.exit(3)"
    )
    monkeypatch.setattr(deployments, "_COMMAND", (sys.executable, "-c", script))
    settings = load(prefect_api_auth_string="clerk:secret")
    with pytest.raises(ServerError, match="it said nothing"):
        deployments.deploy_all(PrefectApi("http://127.0.0.1:1/api"), settings)
    assert seen.read_text() == "['http://127.0.0.1:1/api', 'clerk:secret', 'false']"


@pytest.mark.parametrize("module", ["clerk.cli.pools", "clerk.fleet.pools"])
def test_pools_are_applied_without_importing_prefect(module: str) -> None:
    script = f"import sys, {module}; print(*({{'prefect', 'dask', 'sqlalchemy'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, "")
