"""What the documents name exists: links, commands with their options, make targets, pools, SQL."""

from __future__ import annotations

import re
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
import yaml

from clerk.cli.app import cli
from clerk.compile.schema import create_indexes, create_tables
from clerk.deploy import export_sites

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    path
    for folder in (ROOT, ROOT / "docs", ROOT / "docs" / "adr", ROOT / "samples", ROOT / "deployments")
    for path in folder.glob("*.md")
)
NAMES = [path.relative_to(ROOT).as_posix() for path in PAGES]
SHELL = ("bash", "sh", "console", "")
# Words that stand for something a reader fills in: `clerk COMMAND --help`, `clerk …`.
WORD = re.compile(r"--?[a-z][a-z-]*|[a-z][a-z-]*")


@dataclass(frozen=True)
class Line:
    """A line of a document, and the language of the code block that it stands in (None: in none)."""

    number: int
    text: str
    language: str | None


def lines(path: Path) -> Iterator[Line]:
    language: str | None = None
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if text.lstrip().startswith("```"):
            language = text.strip().strip("`") if language is None else None
        else:
            yield Line(number, text, language)


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)


def clerk_words(text: str) -> list[str] | None:
    """The arguments of `clerk` in a line of shell, without settings before it and comments behind; or None."""
    try:
        words = shlex.split(text, comments=True)
    except ValueError:
        return None
    while words and re.fullmatch(r"[A-Z][A-Z_]*=.*", words[0]):
        words.pop(0)
    return words[1:] if words and words[0] == "clerk" else None


def parse(words: list[str]) -> None:
    """Parse a command line as clerk would, down to the last command, without doing any of it."""
    group, context = cli, cli.make_context("clerk", list(words), resilient_parsing=False)
    while isinstance(group, click.Group):
        rest = [*getattr(context, "_protected_args", ()), *context.args]
        name, command, rest = group.resolve_command(context, rest)
        assert command is not None
        context = command.make_context(name, rest, parent=context)
        group = command


def known(words: list[str]) -> list[str]:
    """Names in `words` that clerk does not know; placeholders are passed over, arguments end the commands."""
    command: click.Command = cli
    missing = []
    for word in words:
        if not WORD.fullmatch(word):
            continue
        if word.startswith("-"):
            options = {
                name
                for param in command.get_params(click.Context(command))
                for name in (*param.opts, *param.secondary_opts)
            }
            missing += [] if word in {*options, "-h", "--help"} else [word]
        elif isinstance(command, click.Group):
            found = command.get_command(click.Context(command), word)
            if found is None:
                return [*missing, word]
            command = found
    return missing


@pytest.fixture(autouse=True)
def _no_plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLUGINS_DIR", str(tmp_path))


@pytest.mark.parametrize("name", NAMES)
def test_every_relative_link_resolves(name: str) -> None:
    page = ROOT / name
    prose = "\n".join(line.text for line in lines(page) if line.language is None)
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        found = (page.parent / file).resolve() if file else page
        if not found.exists() or (anchor and anchor not in anchors(found)):
            broken.append(target)
    assert not broken


def anchors(page: Path) -> set[str]:
    headings = (line.text for line in lines(page) if line.language is None and line.text.startswith("#"))
    return {
        re.sub(r"[^\w\- ]", "", heading.lstrip("# ").lower()).strip().replace(" ", "-")
        for heading in headings
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_command_line_of_a_code_block_parses(name: str) -> None:
    wrong = []
    for line in lines(ROOT / name):
        words = clerk_words(line.text.strip().removeprefix("$ ")) if line.language in SHELL else None
        if words is None or line.language is None:
            continue
        try:
            parse(words)
        except click.exceptions.Exit:
            continue
        except click.ClickException as error:
            wrong.append(f"line {line.number}: {line.text.strip()}: {error.format_message()}")
    assert not wrong


@pytest.mark.parametrize("name", NAMES)
def test_every_command_named_in_a_sentence_exists(name: str) -> None:
    wrong = []
    for line in lines(ROOT / name):
        if line.language is not None or "does not exist" in line.text:
            continue
        for code in re.findall(r"`([^`]+)`", line.text):
            words = clerk_words(code)
            missing = known(words) if words else []
            wrong += [f"line {line.number}: {code}: {', '.join(missing)}"] if missing else []
    assert not wrong


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", makefile, re.MULTILINE))
    named: dict[str, str] = {}
    for page in PAGES:
        for line in lines(page):
            if line.language in SHELL:
                calls = re.findall(r"^\s*make ([a-z][a-z0-9-]*)", line.text)
            else:
                calls = re.findall(r"`make ([a-z][a-z0-9-]*)`", line.text)
            named |= dict.fromkeys(calls, f"{page.name}:{line.number}")
    assert {"demo", "test"} <= set(named)
    assert {call: place for call, place in named.items() if call not in targets} == {}


def test_pools_and_deployments_that_are_named_are_those_of_prefect_yaml() -> None:
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(clerk-(?:fetch|extraction|deploy))`", text))
    assert named == {each["work_pool"]["name"] for each in deployments}
    flows = {
        each["entrypoint"].partition(":")[2].replace("_", "-") + "/" + each["name"] for each in deployments
    }
    called = set(re.findall(r"deployment run '?([a-z-]+/[a-z-]+)", text))
    assert called
    assert called <= flows


def test_sql_examples_run(tmp_path: Path) -> None:
    meetings, sites = tmp_path / "meetings.db", tmp_path / "sites.db"
    export_sites([], sites)
    with closing(sqlite3.connect(meetings)) as connection:
        create_tables(connection)
        create_indexes(connection)
    examples = [sql for page in PAGES for sql in blocks(page, "sql")]
    assert len(examples) >= 3
    for sql in examples:
        database = sites if re.search(r"\bFROM sites\b", sql) else meetings
        with closing(sqlite3.connect(database)) as connection:
            assert connection.execute(sql).fetchall() == []


def test_columns_in_the_documents_are_those_of_the_files(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "database.md").read_text(encoding="utf-8")
    export_sites([], tmp_path / "sites.db")
    with closing(sqlite3.connect(tmp_path / "sites.db")) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(sites)")]
    with closing(sqlite3.connect(":memory:")) as connection:
        create_tables(connection)
        columns += [row[1] for row in connection.execute("PRAGMA table_info(minutes)")]
    stages = re.compile(r"(fetch|ocr|compilation|extraction|deploy)_(total|completed|failed)")
    plain = {re.sub(stages, r"{stage}_\2", name) for name in columns}
    assert {name for name in plain if f"`{name}`" not in text} == set()


def test_readme_stays_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 200


def test_the_checks_find_what_is_wrong() -> None:
    assert known(["run", "SUBDOMAIN", "--from", "FOLDER"]) == []
    assert known(["run", "SUBDOMAIN", "--form", "FOLDER"]) == ["--form"]
    assert known(["sites", "delete"]) == ["delete"]
    assert clerk_words('PAGE_TIMEOUT_SECONDS=300 clerk retry "my town"  # again') == ["retry", "my town"]
    parse(["sites", "add", "town.ca", "--state", "CA"])
    with pytest.raises(click.UsageError):
        parse(["run"])
    with pytest.raises(click.UsageError):
        parse(["run", "town", "--nothing"])
    assert anchors(ROOT / "README.md") >= {"three-sizes", "your-own-documents"}
