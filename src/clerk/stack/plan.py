"""What one start of the stack consists of: its parts, their addresses, and what would stop them from working."""

from __future__ import annotations

import os
from dataclasses import dataclass

from sqlalchemy import make_url

from clerk.errors import ClerkError
from clerk.redis_client import check as check_redis
from clerk.settings import Settings
from clerk.stack import ports, postgres, redis_server
from clerk.stack.layout import Layout, StackError
from clerk.stack.parts import WORKERS, Part
from clerk.stack.server import answers
from clerk.tracking import open_tracking

_SQLITE = "sqlite+aiosqlite:///"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line chose. Ports: None for the default, 0 for any free one."""

    parts: frozenset[Part] = frozenset(Part)
    named: bool = False
    host: str = ports.LOOPBACK
    port: int | None = None
    dask_host: str = ports.LOOPBACK
    dask_port: int | None = None
    redis_port: int | None = None
    postgres_port: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Parts to start, and where everything is; an empty address means that there is none."""

    layout: Layout
    settings: Settings
    parts: tuple[Part, ...]
    listens: dict[Part, tuple[str, int]]
    api_url: str
    ui_url: str
    scheduler: str
    database_url: str
    redis_url: str

    @property
    def addresses(self) -> dict[str, str]:
        """What other commands need to work with this stack, by the names of the settings."""
        return {
            "PREFECT_API_URL": self.api_url,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "DASK_SCHEDULER_ADDRESS": self.scheduler,
        }

    @property
    def own_database(self) -> bool:
        """True when the civic database is that of the stack's own PostgreSQL."""
        return Part.POSTGRES in self.parts

    def civic(self) -> Settings:
        """The settings with the addresses of this stack."""
        return self.settings.model_copy(update={k.lower(): v for k, v in self.addresses.items()})

    def server_database(self) -> str:
        """URL of the Prefect server's database; empty where the environment names one."""
        names = ("PREFECT_SERVER_DATABASE_CONNECTION_URL", "PREFECT_API_DATABASE_CONNECTION_URL")
        if any(os.environ.get(name) for name in names):
            return ""
        if not self.database_url.startswith("postgresql"):
            return f"{_SQLITE}{self.layout.prefect / 'prefect.db'}"
        url = make_url(self.database_url)
        name = postgres.PREFECT if self.own_database else f"{url.database}_{postgres.PREFECT}"
        mode = url.query.get("sslmode")
        made = url.set(drivername="postgresql+asyncpg", database=name, query={"ssl": mode} if mode else {})
        return made.render_as_string(hide_password=False)


def make(layout: Layout, settings: Settings, options: Options) -> Plan:
    """Decide what is started and at which ports.

    Raises:
        StackError: a part is asked for that cannot be started; nothing was.
    """
    parts = _without_external(layout, settings, options)
    listens = {part: place for part, place in _places(layout, settings, options).items() if part in parts}
    server, dask = listens.get(Part.SERVER), listens.get(Part.SCHEDULER)
    root = f"http://{_bracketed(ports.reachable(server[0]))}:{server[1]}" if server else ""
    return Plan(
        layout=layout,
        settings=settings,
        parts=tuple(part for part in Part if part in parts),
        listens=listens,
        api_url=f"{root}/api" if root else settings.prefect_api_url,
        ui_url=f"http://{_bracketed(ports.public(server[0]))}:{server[1]}" if server else "",
        scheduler=f"{dask_protocol()}://{_bracketed(ports.reachable(dask[0]))}:{dask[1]}"
        if dask
        else settings.dask_scheduler_address,
        database_url=postgres.url(layout, listens[Part.POSTGRES][1])
        if Part.POSTGRES in parts
        else settings.database_url,
        redis_url=redis_server.url(listens[Part.REDIS][1]) if Part.REDIS in parts else settings.redis_url,
    )


def problems(plan: Plan) -> list[str]:
    """A line for each thing that would stop the parts of `plan`: ports that are taken, others that do not answer."""
    options = {
        Part.SERVER: "--port",
        Part.SCHEDULER: "--dask-port",
        Part.REDIS: "--redis-port",
        Part.POSTGRES: "--postgres-port",
    }
    found = [ports.problem(part, host, port, options[part]) for part, (host, port) in plan.listens.items()]
    found += [_missing(plan, Part.POSTGRES), _missing(plan, Part.REDIS)]
    found += [_database(plan), _redis(plan), _api(plan), _scheduler(plan)]
    return [line for line in found if line]


def remarks(plan: Plan) -> list[str]:
    """Lines that a person should read, though the stack works."""
    lines = []
    settings = plan.settings
    for name, ours, theirs in (
        ("PREFECT_API_URL", plan.api_url, settings.prefect_api_url),
        ("DASK_SCHEDULER_ADDRESS", plan.scheduler, settings.dask_scheduler_address),
    ):
        if theirs and theirs.rstrip("/") != ours:
            lines.append(
                f"{name} is set to {theirs}: other commands use that, the parts started here use {ours}."
            )
    for part, secured in ((Part.SERVER, bool(settings.prefect_api_auth_string)), (Part.SCHEDULER, _tls())):
        host = plan.listens.get(part, (ports.LOOPBACK, 0))[0]
        if host not in (ports.LOOPBACK, "localhost", "::1") and not secured:
            lines.append(f"{part} listens on {host} and asks nobody for a password: see docs/stack.md.")
    if Part.SERVER in plan.parts and not plan.redis_url:
        lines.append(
            "No Redis: the Prefect server keeps its events in memory, and large runs lose some of them."
        )
    return lines


def dask_protocol() -> str:
    """`tls` where the environment asks Dask for encryption, else `tcp`."""
    return "tls" if _tls() else "tcp"


def _tls() -> bool:
    value = os.environ.get("DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION", "")
    return value.lower() not in ("", "0", "false", "no")


def _without_external(layout: Layout, settings: Settings, options: Options) -> frozenset[Part]:
    """The chosen parts without those whose place an address in the settings takes."""
    parts = set(options.parts)
    external = {
        Part.POSTGRES: (
            "DATABASE_URL",
            settings.database_url and not postgres.is_own(layout, settings.database_url),
        ),
        Part.REDIS: ("REDIS_URL", settings.redis_url and not _own_redis(layout, settings)),
    }
    for part, (name, is_external) in external.items():
        if part in parts and is_external:
            if options.named:
                raise StackError(
                    f"{name} is set, so there is no {part} to start.",
                    advice=f"Unset it, or leave {part} out.",
                )
            parts.remove(part)
    return frozenset(parts)


def _own_redis(layout: Layout, settings: Settings) -> bool:
    port = ports.kept(layout, Part.REDIS)
    return bool(port) and settings.redis_url == redis_server.url(port)


def _places(layout: Layout, settings: Settings, options: Options) -> dict[Part, tuple[str, int]]:
    """Host and port of each part that listens."""

    def port(part: Part, wanted: int | None, default: int) -> int:
        if part not in options.parts:
            return 0
        return ports.choose(layout, part, default if wanted is None else wanted)

    # What the settings say of our own server is what other commands will use.
    database = postgres.is_own(layout, settings.database_url)
    redis = ports.kept(layout, Part.REDIS) if _own_redis(layout, settings) else 0
    return {
        Part.SERVER: (options.host, port(Part.SERVER, options.port, ports.SERVER_PORT)),
        Part.SCHEDULER: (options.dask_host, port(Part.SCHEDULER, options.dask_port, ports.SCHEDULER_PORT)),
        Part.REDIS: (ports.LOOPBACK, port(Part.REDIS, options.redis_port, redis)),
        Part.POSTGRES: (ports.LOOPBACK, port(Part.POSTGRES, options.postgres_port, database)),
    }


def _missing(plan: Plan, part: Part) -> str:
    if part not in plan.parts:
        return ""
    try:
        if part is Part.POSTGRES:
            postgres.binaries()
        else:
            redis_server.program()
    except StackError as error:
        return f"{part}: {error}"
    return ""


def _users(plan: Plan, *parts: Part) -> str:
    return ", ".join(part for part in plan.parts if part in parts)


def _database(plan: Plan) -> str:
    needs = _users(plan, *WORKERS, Part.SWEEPER, Part.SERVER)
    if plan.own_database or not needs:
        return ""
    try:
        open_tracking(plan.civic()).close()
    except ClerkError as error:
        return f"{needs}: {error}"
    return ""


def _redis(plan: Plan) -> str:
    if Part.REDIS in plan.parts or not plan.redis_url:
        return ""
    try:
        check_redis(plan.redis_url)
    except ClerkError as error:
        return str(error)
    return ""


def _api(plan: Plan) -> str:
    needs = _users(plan, *WORKERS, Part.SWEEPER)
    if Part.SERVER in plan.parts or not needs:
        return ""
    if not plan.api_url:
        return f"{needs}: no Prefect server. Set PREFECT_API_URL, or start the part server, too."
    if not answers(plan.api_url, 10):
        return f"{needs}: the Prefect API at {plan.api_url} does not answer. Start it, or correct PREFECT_API_URL."
    return ""


def _scheduler(plan: Plan) -> str:
    needs = _users(plan, Part.FETCH, Part.OCR)
    if Part.SCHEDULER in plan.parts or not needs:
        return ""
    if not plan.scheduler:
        return f"{needs}: no Dask scheduler. Set DASK_SCHEDULER_ADDRESS, or start the part scheduler, too."
    host, _, port = plan.scheduler.partition("://")[2].rpartition(":")
    if not port.isdigit() or not ports.listens(host.strip("[]"), int(port), 5):
        return (
            f"{needs}: the Dask scheduler at {plan.scheduler} does not answer. "
            "Start it, or correct DASK_SCHEDULER_ADDRESS."
        )
    return ""


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
