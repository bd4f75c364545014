"""Units of systemd: a target that wants every service, and a template for each kind of worker."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from clerk.install.marks import mark
from clerk.install.parts import Part, Plan
from clerk.install.place import Place
from clerk.install.templates import fill

TARGET = "clerk.target"
PATTERNS = ("clerk.target", "clerk-*.service")
_TEMPORARY = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - named, not used


def files(plan: Plan, place: Place) -> dict[str, str]:
    """Text of every unit by its file name."""
    wants = [*(["network-online.target"] if place.system else []), *names(plan.parts)]
    target = fill(
        "systemd/clerk.target",
        {
            "wants": "\n".join(f"Wants={name}" for name in wants),
            "wanted_by": "multi-user.target" if place.system else "default.target",
        },
    )
    units = {_file(part): mark(_unit(part, place)) for part in plan.parts}
    return {TARGET: mark(target), **units}


def names(parts: Iterable[Part]) -> list[str]:
    """Names of all services: those of workers with their instance number."""
    return [
        f"clerk-{part.name}@{number}.service" if part.numbered else f"clerk-{part.name}.service"
        for part in parts
        for number in range(1, part.count + 1)
    ]


def wanted(target: str) -> list[str]:
    """Names of the services of clerk in the text of a target."""
    found: list[str] = []
    for line in re.findall(r"^Wants=(.*)$", target, re.MULTILINE):
        found += [name for name in line.split() if name.startswith("clerk-")]
    return found


def _file(part: Part) -> str:
    return f"clerk-{part.name}@.service" if part.numbered else f"clerk-{part.name}.service"


def _unit(part: Part, place: Place) -> str:
    command = [str(place.python), "-m", "clerk.install.launch", *part.arguments]
    values = {
        "folder": _plain(place.folder),
        "command": " ".join(_word(argument) for argument in command),
        "identifier": _file(part).removesuffix(".service").replace("@", "-%i"),
        "user": f"User={place.user}\n" if place.system else "",
        "memory": str(part.memory_mb),
        "hardening": _hardening(place),
    }
    service = fill("systemd/service.conf", values).strip()
    kind = fill(f"systemd/{'once' if part.once else 'always'}.conf", {}).strip()
    network = "network-online.target" if place.system else "basic.target"
    return fill(f"systemd/{_file(part)}", {"network": network, "kind": kind, "service": service})


def _hardening(place: Place) -> str:
    if not place.system:
        # The others need namespaces, which a user's manager has only where the kernel allows them.
        return fill("systemd/hardening-user.conf", {}).strip()
    paths = (place.folder, place.storage, place.python)
    hidden = any(path.is_relative_to(folder) for path in paths for folder in _TEMPORARY)
    values = {"writable": _word(str(place.storage)), "private_tmp": "no" if hidden else "yes"}
    return fill("systemd/hardening-system.conf", values).strip()


def _plain(path: Path) -> str:
    return str(path).replace("%", "%%")


def _word(text: str) -> str:
    """`text` as one word of a unit file: specifiers and variables escaped, quoted where it has to be."""
    escaped = text.replace("%", "%%").replace("$", "$$")
    if re.fullmatch(r"[\w@%$+=:,./-]+", escaped):
        return escaped
    return '"' + escaped.replace("\\", "\\\\").replace('"', '\\"') + '"'
