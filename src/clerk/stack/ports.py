"""Ports of the stack: chosen once, kept in its folder, and looked at before anything is started."""

from __future__ import annotations

import json
import os
import socket

import httpx
import psutil

from clerk.stack.layout import Layout, write_private
from clerk.stack.parts import Part

LOOPBACK = "127.0.0.1"
SERVER_PORT, SCHEDULER_PORT = 4200, 8786
# A port may be held by what takes connections and never answers.
ANSWER_SECONDS = 3.0
_ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, never bound to by default


def kept(layout: Layout, part: Part) -> int:
    """The port that was chosen for `part` at an earlier start, 0 for none."""
    return _load(layout).get(part.value, 0)


def choose(layout: Layout, part: Part, wanted: int) -> int:
    """`wanted`, or for 0 any free port: that of the last time as long as it is free."""
    if wanted:
        return wanted
    port = kept(layout, part)
    if not port or is_taken(LOOPBACK, port):
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            port = probe.getsockname()[1]
    write_private(layout.ports, json.dumps({**_load(layout), part.value: port}, indent=2, sort_keys=True))
    return port


def is_taken(host: str, port: int) -> bool:
    """True when something listens on `port` already, or it may not be used."""
    with socket.socket(_family(host)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    # Some systems let a port be taken a second time when only one of the two is bound to all addresses.
    return listens(reachable(host), port, 0.5)


def listens(host: str, port: int, seconds: float = 2.0) -> bool:
    """True when a connection to `port` is taken."""
    try:
        with socket.create_connection((host, port), seconds):
            return True
    except OSError:
        return False


def reachable(host: str) -> str:
    """An address at which this machine reaches what is bound to `host`."""
    return LOOPBACK if host in _ANYWHERE else host


def public(host: str) -> str:
    """An address at which others reach what is bound to `host`."""
    return socket.gethostname() if host in _ANYWHERE else host


def problem(part: Part, host: str, port: int, option: str) -> str:
    """One line on why `part` cannot have its port; empty when it can."""
    if not is_taken(host, port):
        return ""
    if port < 1024 and os.getuid() != 0 and not listens(reachable(host), port, 0.5):
        return f"{part}: port {port} needs root. Choose one from 1024 on with {option}."
    version = _prefect_version(host, port)
    if version:
        return (
            f"{part}: a Prefect server {version} answers at http://{reachable(host)}:{port} already{_owner(port)}. "
            f"Stop it, or choose another port with {option}."
        )
    return f"{part}: port {port} of {host} is taken{_owner(port)}. Free it, or choose another with {option}."


def _prefect_version(host: str, port: int) -> str:
    try:
        answer = httpx.get(f"http://{reachable(host)}:{port}/api/admin/version", timeout=ANSWER_SECONDS)
        found = answer.json() if answer.status_code == httpx.codes.OK else ""
    except (httpx.HTTPError, ValueError):
        return ""
    return found if isinstance(found, str) else ""


def _owner(port: int) -> str:
    """The process that listens on `port`, as far as this user may see it."""
    try:
        for each in psutil.net_connections("tcp"):
            if each.status == psutil.CONN_LISTEN and each.laddr and each.laddr.port == port and each.pid:
                return f" by {psutil.Process(each.pid).name()} (process {each.pid})"
    except (psutil.Error, OSError):
        return ""
    return ""


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _load(layout: Layout) -> dict[str, int]:
    try:
        found = json.loads(layout.ports.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): int(port) for name, port in found.items()} if isinstance(found, dict) else {}
