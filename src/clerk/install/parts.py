"""Which services a machine runs: their commands, in which numbers, and what was left out and why."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from clerk.install.launch import API_URL, SCHEDULER
from clerk.settings import Settings

# What can be asked for by name, in the words of `clerk up`.
CHOICES = ("server", "scheduler", "fetch", "ocr", "extraction", "deploy", "sweeper")
WORKERS = ("fetch", "ocr", "extraction", "deploy")
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}

# Without an address it would serve HTTP on every interface even so.
_QUIET_HTTP = ("--no-dashboard", "--dashboard-address", "127.0.0.1:0")


@dataclass(frozen=True, slots=True)
class Part:
    """A service: `arguments` start with the module that Python runs; `count` is its number of instances.

    A `once` part does its work and ends. `memory_mb` is what an instance may take before it is killed.
    """

    name: str
    arguments: tuple[str, ...]
    memory_mb: int
    count: int = 1
    once: bool = False

    @property
    def numbered(self) -> bool:
        """True for workers, which exist once for each instance number from 1."""
        return self.name in WORKERS


@dataclass(frozen=True, slots=True)
class Plan:
    """The services of a machine, and one line for each thing a person should know."""

    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()


def plan(settings: Settings, values: Mapping[str, str], only: Iterable[str] = ()) -> Plan:
    """The services of this machine.

    Args:
        settings: gives the numbers of workers.
        values: what `.env` says, which is all that the services will see.
        only: names of `CHOICES`; empty: all that belong on this machine.
    """
    notes: list[str] = []
    chosen = set(only) or _usual(values, notes)
    split = _can_split(values)
    if "server" in chosen and not split:
        notes.append(
            "One process serves the API and its background services, since REDIS_URL and a PostgreSQL database in "
            "PREFECT_SERVER_DATABASE_CONNECTION_URL are not both set in .env."
        )
    parts: list[Part] = []
    if "server" in chosen:
        parts += _servers(values, split)
    if "scheduler" in chosen:
        parts.append(_scheduler(values))
    parts += [part for part in _workers(settings) if part.name in chosen]
    if "sweeper" in chosen:
        parts.append(Part("sweep", ("clerk", "sweep", "--loop"), 1024))
    return Plan(tuple(parts), tuple(notes))


def _usual(values: Mapping[str, str], notes: list[str]) -> set[str]:
    """All choices but the servers that `.env` places on another machine."""
    chosen = set(CHOICES)
    if not is_here(values.get("PREFECT_API_URL", API_URL)):
        chosen -= {"server", "sweeper"}
        notes.append("PREFECT_API_URL names another machine: no server and no sweeper here.")
    if not is_here(values.get("DASK_SCHEDULER_ADDRESS", SCHEDULER)):
        chosen.discard("scheduler")
        notes.append("DASK_SCHEDULER_ADDRESS names another machine: no scheduler here.")
    return chosen


def is_here(url: str) -> bool:
    """True when the host of `url` is this machine, by its name or by an address of its own."""
    host = (urlsplit(url).hostname or "").lower()
    if host in _LOOPBACK or host in {socket.gethostname().lower(), socket.getfqdn().lower()}:
        return True
    return any(host == entry.address for entries in psutil.net_if_addrs().values() for entry in entries)


def _can_split(values: Mapping[str, str]) -> bool:
    # Two processes share neither a SQLite file well nor a broker in memory at all.
    database = values.get("PREFECT_SERVER_DATABASE_CONNECTION_URL", "")
    return "REDIS_URL" in values and database.startswith("postgresql")


def _servers(values: Mapping[str, str], split: bool) -> list[Part]:
    host, port = _place(values.get("PREFECT_API_URL", API_URL), 4200)
    start = (
        "prefect",
        "server",
        "start",
        *(("--no-services",) if split else ()),
        "--host",
        host,
        "--port",
        port,
    )
    services = [Part("services", ("prefect", "server", "services", "start"), 2048)] if split else []
    return [
        Part("schema", ("clerk", "db", "upgrade"), 1024, once=True),
        Part("server", start, 3072),
        *services,
        Part("pools", ("clerk", "pools", "apply"), 1024, once=True),
    ]


def _scheduler(values: Mapping[str, str]) -> Part:
    address = values.get("DASK_SCHEDULER_ADDRESS", SCHEDULER)
    host, port = _place(address, 8786)
    protocol = ("--protocol", "tls") if urlsplit(address).scheme == "tls" else ()
    module = "distributed.cli.dask_scheduler"
    return Part("scheduler", (module, *protocol, "--host", host, "--port", port, *_QUIET_HTTP), 2048)


def _place(url: str, usual_port: int) -> tuple[str, str]:
    """Where to listen: loopback, unless the address that others use names an interface of this machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    listen = host if host not in _LOOPBACK and is_here(url) else "127.0.0.1"
    return listen, str(parts.port or usual_port)


def _workers(settings: Settings) -> list[Part]:
    # A fetch worker also starts the runs that wait for OCR and extraction, and those hold memory until they end.
    fetch_mb = 1024 + 512 * settings.max_active_sites
    page_mb = 1536 + settings.page_memory_mb
    memory = {"fetch": fetch_mb, "ocr": page_mb, "extraction": 4096, "deploy": 2048}
    return [
        Part(name, ("clerk", "worker", name, "-n", "1"), memory[name], count)
        for name, count in settings.workers.items()
    ]


def unseen(environment: Mapping[str, str], values: Mapping[str, str]) -> list[str]:
    """Names of settings that this shell has and `.env` has not, or not so: the services will not see them."""
    counts = {f"{name.upper()}_WORKERS" for name in WORKERS}
    names = [name.upper() for name in Settings.model_fields if name.upper() not in counts]
    return [name for name in names if environment.get(name) and environment[name] != values.get(name)]


def storage_folder(folder: Path, values: Mapping[str, str]) -> Path:
    """STORAGE_DIR as the services will see it."""
    return (folder / Path(values.get("STORAGE_DIR", "storage")).expanduser()).absolute()
