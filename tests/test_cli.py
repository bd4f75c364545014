"""The command line as a whole: what its help costs, how it ends, and that all of it is documented."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from clerk.cli import cli, main
from clerk.cli.commands import COMMANDS
from clerk.errors import LeaseHeldError
from clerk.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
HEAVY = {
    "prefect",
    "sqlalchemy",
    "spacy",
    "pymupdf",
    "dask",
    "distributed",
    "alembic",
    "pydantic",
    "httpx",
    "rich",
}


def clerk(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "clerk", *arguments], capture_output=True, text=True, timeout=60, **options
    )


def commands(
    group: click.Group = cli, path: tuple[str, ...] = ("clerk",)
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command of clerk's own with its path."""
    yield path, group
    for name in COMMANDS if group is cli else group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def test_help_loads_no_command_and_nothing_heavy(tmp_path: Path) -> None:
    script = (
        "import sys; from clerk.cli import main; code = main(['--help']);"
        "print('LOADED', code, *sorted(m for m in sys.modules if '.' not in m or m.startswith('clerk.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    text, _, loaded = done.stdout.partition("LOADED ")
    code, *modules = loaded.split()
    assert code == "0"
    assert not HEAVY & set(modules)
    assert not {entry.module for entry in COMMANDS.values()} & set(modules)
    for name, entry in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(entry.help)}$", text, re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_what_the_command_says(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.name == name
    assert (command.help or "").split("\n")[0].strip() == COMMANDS[name].help
    assert len(f"  {name:8}  {COMMANDS[name].help}") <= 80


def test_no_short_help_is_cut() -> None:
    for path, command in commands():
        if isinstance(command, click.Group) and command is not cli:
            result = CliRunner().invoke(command, ["--help"])
            assert "..." not in result.output.partition("Commands:")[2], path


def test_every_command_and_option_is_documented() -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    parts = re.split(r"^##+ (clerk[a-z -]*)$", text, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    found = {" ".join(path): command for path, command in commands()}
    assert set(found) == set(sections)
    for path, command in found.items():
        options = {
            option for parameter in command.params for option in parameter.opts if option.startswith("--")
        }
        written = set(re.findall(r"`(--[a-z-]+)`", sections[path])) - {"--help"}
        assert options - {"--help"} == written, path


@pytest.mark.parametrize("file", [".env.example", "docs/settings.md"])
def test_every_setting_is_documented_with_its_default(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    pattern = r"^#([A-Z_]+)=(.*)$" if file == ".env.example" else r"^\| `([A-Z_]+)` \| `?(.*?)`? \|"
    written = {
        name: "" if value == "empty" else value for name, value in re.findall(pattern, text, re.MULTILINE)
    }
    expected = {
        name.upper(): f"{field.default:g}" if isinstance(field.default, (int, float)) else str(field.default)
        for name, field in Settings.model_fields.items()
    }
    assert written == expected


def test_the_example_with_every_line_switched_on_is_valid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    text = re.sub(
        r"^#([A-Z_]+=)", r"\1", (ROOT / ".env.example").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    (tmp_path / "all.env").write_text(text, encoding="utf-8")
    assert Settings(_env_file=tmp_path / "all.env") == Settings(_env_file=None)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["serch"], "clerk: No such command 'serch'. Did you mean search or serve? Try `clerk --help`."),
        (["search"], "clerk: Missing argument 'WORDS...'. Try `clerk search --help`."),
        (["search", "x", "--kind", "memo"], "clerk: Invalid value for '--kind': 'memo' is not one of"),
        (["sites", "add", "Bad/Name"], "clerk: 'Bad/Name' is no subdomain. Use lower-case letters"),
        (["--wrong"], "clerk: No such option '--wrong'."),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith(says)
    assert output.err.count("\n") == 1


def test_a_wrong_setting_is_one_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OCR_WORKERS", "many")
    assert main(["search", "budget"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("clerk: OCR_WORKERS=many: ")
    assert error.count("\n") == 1


def _raising(error: BaseException) -> click.Command:
    def fail() -> None:
        raise error

    return click.Command("fail", callback=fail)


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (
            LeaseHeldError("Site 'a' is held."),
            1,
            "clerk: Site 'a' is held. Wait for it to end, or see `clerk status`.\n",
        ),
        (KeyboardInterrupt(), 130, "\nclerk: interrupted.\n"),
        (BrokenPipeError(errno.EPIPE, "pipe"), 141, ""),
        (
            ModuleNotFoundError("No module named 'zzz'", name="zzz"),
            1,
            "clerk: the package zzz is missing. Run",
        ),
        (
            ZeroDivisionError("division\nby zero"),
            1,
            "clerk: unexpected ZeroDivisionError: division by zero. The det",
        ),
    ],
)
def test_how_a_command_ends(
    error: BaseException,
    code: int,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("clerk.cli.errors._drop_stdout", lambda: None)
    monkeypatch.setitem(cli.commands, "fail", _raising(error))
    monkeypatch.setattr(type(cli), "get_command", click.Group.get_command)
    assert main(["fail"]) == code
    said = capfd.readouterr().err
    assert said.startswith(says)
    for path in re.findall(r"details are in (\S+\.txt);", said):
        assert type(error).__name__ in Path(path).read_text(encoding="utf-8")


def test_an_unexpected_error_shows_its_traceback_where_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLERK_DEBUG", "1")
    monkeypatch.setitem(cli.commands, "fail", _raising(ZeroDivisionError("no")))
    monkeypatch.setattr(type(cli), "get_command", click.Group.get_command)
    assert main(["fail"]) == 1
    error = capsys.readouterr().err
    assert "Traceback (most recent call last)" in error
    assert error.endswith("clerk: unexpected ZeroDivisionError: no.\n")


def test_a_pipe_whose_reader_left_is_no_error(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.Popen(
        [sys.executable, "-m", "clerk", "--help"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    )
    os.close(writer)
    assert process.communicate(timeout=60)[1] == ""
    assert process.returncode == 141


def test_ctrl_c_ends_with_130_and_no_traceback(tmp_path: Path) -> None:
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "wait.py").write_text(
        "import click, time\nfrom clerk import hookimpl\n"
        "@click.command()\ndef wait():\n    print('waiting', flush=True)\n    time.sleep(60)\n"
        "class Plugin:\n    @hookimpl\n    def register_cli_commands(self):\n        return wait\n",
        encoding="utf-8",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "clerk", "wait"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=30)[1].strip() == "clerk: interrupted."
    assert process.returncode == 130


def test_version_and_bare_name() -> None:
    done = clerk("--version")
    assert re.fullmatch(r"clerk \d+\.\d+\.\S+\n", done.stdout)
    bare = clerk()
    assert bare.returncode == 2
    assert "Usage: clerk" in bare.stderr


def test_completion_knows_commands_without_loading_them(tmp_path: Path) -> None:
    environment = os.environ | {
        "_CLERK_COMPLETE": "bash_complete",
        "COMP_WORDS": "clerk s",
        "COMP_CWORD": "1",
    }
    done = clerk(env=environment, cwd=tmp_path)
    assert {line.partition(",")[2] for line in done.stdout.split()} == {
        "search",
        "serve",
        "sites",
        "status",
        "sweep",
    }


@pytest.mark.parametrize("module", ["status", "search", "failures", "sites"])
def test_light_commands_do_not_import_prefect(module: str) -> None:
    heavy = "{'prefect', 'dask', 'spacy', 'pymupdf'}"
    script = f"import sys, clerk.cli.{module}; print(*({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, "")
