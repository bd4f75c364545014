"""`clerk pools`: the work pools and queues of a fleet."""

from __future__ import annotations

import click

from clerk.cli import output
from clerk.cli.session import settings
from clerk.fleet import pools as fleet_pools
from clerk.fleet.api import connect
from clerk.fleet.queues import POOLS


@click.group()
def pools() -> None:
    """Make work pools, queues and deployments, and list them.

    Those of the Prefect server of PREFECT_API_URL.
    """


@pools.command()
def apply() -> None:
    """Create or mend pools, queues, automation and deployments.

    Applying again changes nothing that is right. Pauses and limits that you set in Prefect stay.
    """
    chosen = settings()
    with connect(chosen) as api:
        done = fleet_pools.apply(api, chosen)
    for pool in done.pools:
        click.echo(f"{pool.name}: {pool.change or 'as it was'}, queues {', '.join(pool.queues)}")
    click.echo(f"Crash automation: {done.automation or 'as it was'}.")
    click.echo(f"Deployed: {', '.join(done.deployments)}.")


@pools.command(name="list")
@click.option(
    "--json", "as_json", is_flag=True, help="Print a JSON list of {in_order, name, paused, queues}."
)
def list_pools(as_json: bool) -> None:
    """List the pools with their queues, the first to be taken first."""
    with connect(settings()) as api:
        found = fleet_pools.read(api)
    if as_json:
        output.emit_json(
            [
                {
                    "in_order": fleet_pools.in_order(pool),
                    "name": pool.name,
                    "paused": pool.paused,
                    "queues": pool.queues,
                }
                for pool in found
            ]
        )
        return
    output.table(
        ("pool", "queues", "state"), [[pool.name, ", ".join(pool.queues), _state(pool)] for pool in found]
    )
    missing = [name for name in POOLS if name not in {pool.name for pool in found}]
    if missing or not all(fleet_pools.in_order(pool) for pool in found):
        lacking = f"Missing: {', '.join(missing)}. " if missing else ""
        output.note(f"{lacking}Run `clerk pools apply`.")


def _state(pool: fleet_pools.Pool) -> str:
    states = [] if fleet_pools.in_order(pool) else ["wrong order"]
    return ", ".join([*states, "paused"] if pool.paused else states) or "ok"
