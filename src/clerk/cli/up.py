"""`clerk up`: the whole stack on this machine, in the foreground."""

from __future__ import annotations

from pathlib import Path

import click

from clerk.errors import UsageError
from clerk.settings import get_settings
from clerk.stack import running
from clerk.stack import up as stack
from clerk.stack.layout import Layout, default_folder
from clerk.stack.parts import Part, chosen
from clerk.stack.plan import Options
from clerk.stack.ports import SCHEDULER_PORT, SERVER_PORT

_FIXED = click.IntRange(1, 65535)
_PORT = click.IntRange(0, 65535)


@click.command()
@click.option(
    "--only", metavar="PART[,PART…]", multiple=True, help=f"Start these parts only: {', '.join(Part)}."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of the Prefect server.")
@click.option("--port", type=_FIXED, default=SERVER_PORT, show_default=True, help="Its port.")
@click.option("--dask-host", default="127.0.0.1", show_default=True, help="Address of the Dask scheduler.")
@click.option("--dask-port", type=_PORT, default=SCHEDULER_PORT, show_default=True, help="Its port.")
@click.option("--redis-port", type=_PORT, help="Port of Redis; by default, and with 0, any free one.")
@click.option("--postgres-port", type=_PORT, help="Port of Postgres; by default, and with 0, any free one.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder of the stack's data, instead of .stack in STORAGE_DIR.",
)
@click.option(
    "--print-env", is_flag=True, help="Print the addresses of the stack that runs, as lines of .env."
)
@click.pass_context
def up(
    context: click.Context,
    only: tuple[str, ...],
    folder: Path | None,
    print_env: bool,
    host: str,
    port: int,
    dask_host: str,
    dask_port: int,
    redis_port: int | None,
    postgres_port: int | None,
) -> None:
    """Start the whole stack on this machine.

    Database, broker, servers and workers run in this terminal and keep their data in one folder. Ctrl-C stops
    all in order; a second one kills. A part that dies is started again.
    """
    settings = get_settings()
    if print_env:
        _print_env(settings.storage_dir, folder)
        return
    options = Options(
        parts=chosen(only),
        named=bool(only),
        host=host,
        port=port,
        dask_host=dask_host,
        dask_port=dask_port,
        redis_port=redis_port,
        postgres_port=postgres_port,
    )
    layout = Layout((folder or default_folder(settings.storage_dir)).expanduser().absolute())
    try:
        stack.up(settings, options, layout, click.echo)
    except stack.StackProblemsError as error:
        for line in error.lines:
            click.echo(f"clerk: {line}", err=True)
        context.exit(error.exit_code)


def _print_env(storage_dir: Path, folder: Path | None) -> None:
    found = running.addresses(storage_dir, folder)
    if not found:
        raise UsageError("No stack runs here.", advice="Start it with `clerk up`, in this folder.")
    for line in running.lines(found):
        click.echo(line)
