"""The group `clerk`: global options, and commands that are imported only when they are called."""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from pathlib import Path
from typing import NoReturn

import click
from click.shell_completion import CompletionItem

from clerk.cli import plugin_commands
from clerk.cli.commands import COMMANDS
from clerk.cli.version import version


class LazyGroup(click.Group):
    """A group whose own commands come from the table, and whose other commands come from plug-ins."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [*COMMANDS, *plugin_commands.load().commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return plugin_commands.load().commands.get(cmd_name)
        command: click.Command = getattr(importlib.import_module(entry.module), entry.attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and self.get_command(ctx, name) is None:
            self._unknown(ctx, name)
        return super().resolve_command(ctx, args)

    def _unknown(self, ctx: click.Context, name: str) -> NoReturn:
        found = plugin_commands.load()
        near = difflib.get_close_matches(name, [*COMMANDS, *found.commands], n=2, cutoff=0.6)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        broken = f" Perhaps a plug-in has it: {' '.join(found.problems)}" if found.problems else ""
        raise click.UsageError(f"No such command {name!r}.{hint}{broken}", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, entry in COMMANDS.items():
            sections.setdefault(entry.section, []).append((name, entry.help))
        found = plugin_commands.load()
        for name, command in sorted(found.commands.items()):
            if not command.hidden:
                sections.setdefault("Plug-ins", []).append((name, command.get_short_help_str(limit=200)))
        for section, rows in sections.items():
            with formatter.section(section):
                formatter.write_dl(rows)
        for problem in found.problems:
            formatter.write_paragraph()
            formatter.write_text(f"A plug-in is left out: {problem}")

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        own = [
            CompletionItem(name, help=entry.help)
            for name, entry in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return own + click.Command.shell_complete(self, ctx, incomplete)


def _show_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"clerk {version()}")
        ctx.exit()


def _set_plugins_dir(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    """Put the folder into the environment: child processes and task workers read it there."""
    if value is None:
        return
    folder = Path(value).expanduser().absolute()
    if folder.exists() and not folder.is_dir():
        raise click.BadParameter(f"Plugins path is not a directory: {value}", ctx, param)
    if not folder.exists():
        click.echo(f"clerk: there is no folder {value}, so no plug-in is loaded from it.", err=True)
    os.environ["PLUGINS_DIR"] = str(folder)
    settings = sys.modules.get("clerk.settings")
    if settings is not None:
        settings.get_settings.cache_clear()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Settings come from the environment and from .env in the current folder: see docs/settings.md.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version,
    help="Print the version and leave.",
)  # fmt: skip
@click.option(
    "--plugins-dir", metavar="DIR", is_eager=True, expose_value=False, callback=_set_plugins_dir,
    help="Folder of single-file plug-ins (PLUGINS_DIR; default: plugins).",
)  # fmt: skip
def cli() -> None:
    """Keep the minutes and agendas of municipalities searchable."""
