"""`clerk status`: what runs, what ran, and how much failed. Reads the civic database only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from clerk.cli import output
from clerk.cli.session import settings
from clerk.models import State
from clerk.tracking import Job, Progress, Tracking, open_tracking

RUNS = 10


@click.command()
@click.option("--subdomain", metavar="SUBDOMAIN", help="This site only, with the counts of its stages.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print a JSON object: active, failures, reaped, runs, sites."
)
def status(subdomain: str | None, as_json: bool) -> None:
    """Show active sites, the last runs and how much failed.

    Runs of this machine whose process is gone are marked crashed first, so that none looks alive.
    """
    civic = open_tracking(settings())
    if subdomain:
        civic.sites.get(subdomain)
    reaped = civic.reap()
    report = _report(civic, subdomain, reaped)
    if as_json:
        output.emit_json(report)
    else:
        _show(report, one=subdomain is not None)


def _report(civic: Tracking, subdomain: str | None, reaped: Sequence[str]) -> dict[str, Any]:
    """The object that --json prints; docs/commands.md lists its keys."""
    progress = [
        entry for entry in civic.progress.list() if subdomain in (None, entry.subdomain)
    ]  # one row a site: small
    counts = _failure_counts(civic, subdomain)
    known = {entry.subdomain: entry for entry in progress}
    names = [subdomain] if subdomain else [site.subdomain for site in civic.sites.list()]
    sites = [_site(name, known.get(name), counts.get(name, 0)) for name in names]
    return {
        "active": [site for site in sites if site["state"] in (State.PENDING, State.RUNNING)],
        "failures": sum(counts.values()),
        "reaped": sorted(reaped),
        "runs": [_run(job) for job in civic.jobs.runs(subdomain, limit=RUNS)],
        "sites": sites,
    }


def _failure_counts(civic: Tracking, subdomain: str | None) -> dict[str, int]:
    counts: dict[str, int] = {}
    for failure in civic.failures.list(subdomain):
        counts[failure.subdomain] = counts.get(failure.subdomain, 0) + 1
    return counts


def _site(name: str, entry: Progress | None, failures: int) -> dict[str, Any]:
    if entry is None:
        return _NEVER_RUN | {"subdomain": name, "failures": failures}
    ended = entry.completed + entry.failed
    return {
        "completed": entry.completed,
        "error": entry.error_message or None,
        "error_stage": entry.error_stage or None,
        "failed": entry.failed,
        "failures": failures,
        "last_deployed": _iso(entry.last_deployed),
        "last_updated": _iso(entry.last_updated),
        "percent": round(100 * ended / entry.total, 1) if entry.total else None,
        "run_id": entry.run_id,
        "stage": entry.stage.value if entry.stage else None,
        "stages": {
            stage.value: {"completed": count.completed, "failed": count.failed, "total": count.total}
            for stage, count in entry.stage_counts.items()
        },
        "started_at": _iso(entry.started_at),
        "state": entry.state.value,
        "subdomain": name,
        "total": entry.total,
        "updated_at": _iso(entry.updated_at),
    }


_NEVER_RUN: dict[str, Any] = {
    "completed": 0,
    "error": None,
    "error_stage": None,
    "failed": 0,
    "last_deployed": None,
    "last_updated": None,
    "percent": None,
    "run_id": None,
    "stage": None,
    "stages": {},
    "started_at": None,
    "state": None,
    "total": 0,
    "updated_at": None,
}


def _run(job: Job) -> dict[str, Any]:
    ended = job.finished_at or datetime.now(UTC)
    return {
        "error": job.error_message or None,
        "error_class": job.error_class or None,
        "finished_at": _iso(job.finished_at),
        "run_id": job.run_id,
        "seconds": round((ended - job.started_at).total_seconds(), 1) if job.started_at else None,
        "started_at": _iso(job.started_at),
        "state": job.state.value,
        "subdomain": job.subdomain,
    }


def _iso(time: datetime | None) -> str | None:
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if time else None


def _show(report: dict[str, Any], *, one: bool) -> None:
    if report["reaped"]:
        output.note(f"Marked crashed, since their process is gone: {', '.join(report['reaped'])}.")
    _show_active(report["active"])
    if one:
        _show_stages(report["sites"][0])
    if report["runs"]:
        output.table(
            ("site", "state", "started", "seconds", "error"),
            [
                [run["subdomain"], run["state"], run["started_at"], run["seconds"], run["error"]]
                for run in report["runs"]
            ],
            title="Last runs",
            right=("seconds",),
        )
    sites = len(report["sites"])
    hint = " See `clerk failures`." if report["failures"] else ""
    plural = ["" if number == 1 else "s" for number in (sites, report["failures"])]
    click.echo(f"{sites} site{plural[0]}, {report['failures']} failure{plural[1]}.{hint}")


def _show_active(active: list[dict[str, Any]]) -> None:
    if not active:
        click.echo("No run is active.")
        return
    rows = [
        [
            site["subdomain"],
            site["stage"] or site["state"],
            f"{site['completed'] + site['failed']}/{site['total']}",
            f"{site['percent']:.0f} %" if site["percent"] is not None else "",
            site["failed"],
            site["updated_at"],
        ]
        for site in active
    ]
    output.table(
        ("site", "stage", "done", "percent", "failed", "updated"),
        rows,
        title="Active",
        right=("done", "percent", "failed"),
    )


def _show_stages(site: dict[str, Any]) -> None:
    rows = [
        [name, *(count[key] for key in ("total", "completed", "failed"))]
        for name, count in site["stages"].items()
    ]
    columns = ("stage", "total", "completed", "failed")
    if rows:
        output.table(columns, rows, title=f"{site['subdomain']}: {site['state']}", right=columns[1:])
    elif site["state"] is None:
        click.echo(f"{site['subdomain']} has never run. Start it with `clerk run {site['subdomain']}`.")
    if site["error"]:
        click.echo(f"{site['error_stage'] or 'error'}: {site['error']}")
