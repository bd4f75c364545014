"""What the service managers are asked to do, as lists of calls; `manager` makes them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from clerk.install import launchd, systemd
from clerk.install.change import Change
from clerk.install.manager import Call, Manager
from clerk.install.parts import Plan
from clerk.install.place import Place


class Backend(Protocol):
    """A kind of service manager."""

    @property
    def patterns(self) -> tuple[str, ...]:
        """Patterns of the names of its files."""

    def files(self, plan: Plan, place: Place) -> dict[str, str]:
        """Text of every file by its name."""

    def activate(self, change: Change) -> list[Call]:
        """What loads and starts the services after `change` was written."""

    def settle(self, change: Change, manager: Manager) -> list[Call]:
        """What is left to do where every file was there already."""

    def deactivate(self, change: Change) -> tuple[list[Call], list[Call]]:
        """What stops the services, before and after the files are removed."""


class Systemd:
    """systemd: one target is enabled, and wants all services."""

    patterns = systemd.PATTERNS

    def files(self, plan: Plan, place: Place) -> dict[str, str]:
        """Text of every unit by its name."""
        return systemd.files(plan, place)

    def activate(self, change: Change) -> list[Call]:
        """Surplus services are stopped, changed ones restarted, new ones started."""
        before, after = change.changed.get(systemd.TARGET, ("", ""))
        surplus = [name for name in systemd.wanted(before) if name not in systemd.wanted(after)]
        kinds = tuple(name.removesuffix(".service") for name in change.changed if name != systemd.TARGET)
        running = systemd.wanted(after or change.new.get(systemd.TARGET, "") or _text(change, systemd.TARGET))
        again = [name for name in running if name not in surplus and name.startswith(kinds)] if kinds else []
        return [
            *([Call(("stop", *surplus), may_fail=True)] if surplus else []),
            Call(("daemon-reload",)),
            *([Call(("try-restart", *again))] if again else []),
            Call(("start", systemd.TARGET)),
            # Last: a target that is enabled tells the next call that all of this was done.
            Call(("enable", systemd.TARGET)),
        ]

    def settle(self, change: Change, manager: Manager) -> list[Call]:  # noqa: ARG002
        """Enable and start the target where that was not done."""
        if manager.says("is-enabled", "--quiet", systemd.TARGET):
            return []
        return [
            Call(("daemon-reload",)),
            Call(("start", systemd.TARGET)),
            Call(("enable", systemd.TARGET)),
        ]

    def deactivate(self, change: Change) -> tuple[list[Call], list[Call]]:
        """Stop the target with its services, and forget them."""
        target = change.removed.get(systemd.TARGET, "")
        services = systemd.wanted(target)
        before = [Call(("disable", "--now", systemd.TARGET))] if target else []
        # A service outlives its target where somebody stopped and started it by hand.
        before += [Call(("stop", *services), may_fail=True)] if services else []
        return before, [Call(("daemon-reload",))]


@dataclass(frozen=True, slots=True)
class Launchd:
    """launchd: each property list is loaded into the domain of the user or of the system."""

    domain: str
    patterns: tuple[str, ...] = launchd.PATTERNS

    def files(self, plan: Plan, place: Place) -> dict[str, str]:
        """Text of every property list by its name."""
        return launchd.files(plan, place)

    def activate(self, change: Change) -> list[Call]:
        """Surplus services are unloaded, changed ones loaded anew, new ones loaded."""
        gone = [self._unload(name) for name in (*change.removed, *change.changed)]
        return gone + [self._load(change.folder / name) for name in (*change.changed, *change.new)]

    def settle(self, change: Change, manager: Manager) -> list[Call]:
        """Load the services that are not loaded."""
        return [
            self._load(change.folder / name)
            for name in change.same
            if not manager.says("print", f"{self.domain}/{_label(name)}")
        ]

    def deactivate(self, change: Change) -> tuple[list[Call], list[Call]]:
        """Unload every service, which stops it."""
        return [self._unload(name) for name in change.removed], []

    def _unload(self, name: str) -> Call:
        return Call(("bootout", f"{self.domain}/{_label(name)}"), may_fail=True)

    def _load(self, path: Path) -> Call:
        # Unloading goes on in the background, and until it is done loading fails.
        return Call(("bootstrap", self.domain, str(path)), again=True)


def _label(name: str) -> str:
    return name.removesuffix(".plist")


def _text(change: Change, name: str) -> str:
    path = change.folder / name
    return path.read_text(encoding="utf-8") if name in change.same else ""


def backend(place: Place) -> Backend:
    """The kind of service manager that `place` has."""
    if not place.mac:
        return Systemd()
    return Launchd("system" if place.system else f"gui/{os.getuid()}")
