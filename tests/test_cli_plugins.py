"""Commands that plug-ins bring, and plug-ins that are broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from clerk.cli import main, plugin_commands
from clerk.settings import get_settings
from clerk.tracking import open_tracking


def out(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    code = main(arguments)
    said = capsys.readouterr()
    assert (code, said.err) == (0, "")
    return said.out


def plugin(folder: Path, name: str, body: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.py").write_text(body, encoding="utf-8")
    return folder


GOOD = """
import os
import click
from clerk import hookimpl

@click.command()
def greet():
    "Greet people."
    click.echo("hello from " + os.environ["PLUGINS_DIR"])

@click.command()
def search():
    "Not the built-in one."

class Plugin:
    @hookimpl
    def register_cli_commands(self):
        return greet

class Clash:
    @hookimpl
    def register_cli_commands(self):
        return search

class Raises:
    @hookimpl
    def register_cli_commands(self):
        raise RuntimeError("not today")

    @hookimpl
    def fetcher_extra(self, label):
        return {"api": "https://x.example", "id": 1} if label == "legis" else None

    @hookimpl
    def post_create(self, subdomain):
        print("created", subdomain)
"""


@pytest.fixture
def _fresh_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    plugin_commands._load.cache_clear()
    monkeypatch.setenv("PLUGINS_DIR", "unset-after-the-test")
    monkeypatch.delenv("PLUGINS_DIR")


@pytest.mark.usefixtures("_fresh_plugins")
def test_commands_of_plugins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = plugin(tmp_path / "mine", "good", GOOD)
    help_text = out(capsys, "--plugins-dir", str(folder), "--help")
    assert "  greet  Greet people." in help_text
    assert "not today" in " ".join(help_text.split())
    assert "'search' has the name of a built-in one" in " ".join(help_text.split())
    assert "Not the built-in one." not in help_text
    assert out(capsys, "--plugins-dir", str(folder), "greet") == f"hello from {folder}\n"


@pytest.mark.usefixtures("_fresh_plugins")
@pytest.mark.parametrize("body", ["def broken(:", "raise SystemExit(3)", "import no_such_module_zz"])
def test_a_broken_plugin_does_not_break_the_help(
    body: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = plugin(tmp_path / "mine", "broken", body)
    help_text = " ".join(out(capsys, "--plugins-dir", str(folder), "--help").split())
    assert "A plug-in is left out: Error loading plugin" in help_text
    assert main(["--plugins-dir", str(folder), "greet"]) == 2
    assert "Perhaps a plug-in has it: Error loading plugin" in capsys.readouterr().err
    assert main(["--plugins-dir", str(folder), "sites", "add", "town.st"]) == 1
    assert "broken.py" in capsys.readouterr().err


@pytest.mark.usefixtures("_fresh_plugins")
def test_plugins_dir_that_is_a_file_or_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["--plugins-dir", str(tmp_path / "file"), "--help"]) == 2
    assert "Plugins path is not a directory" in capsys.readouterr().err
    assert main(["--plugins-dir", str(tmp_path / "gone"), "--help"]) == 0
    assert "there is no folder" in capsys.readouterr().err


@pytest.mark.usefixtures("_fresh_plugins")
def test_a_plugin_completes_a_new_site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = plugin(tmp_path / "mine", "good", GOOD)
    arguments = ["sites", "add", "town.st", "--scraper", "legis", "--extra", '{"id": 2}']
    assert out(capsys, "--plugins-dir", str(folder), *arguments).startswith("created town.st\nAdded town.st.")
    site = open_tracking(get_settings()).sites.get("town.st")
    assert site.extra == {"api": "https://x.example", "id": 2}
