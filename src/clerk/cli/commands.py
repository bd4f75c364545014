"""The table of commands: what `clerk --help` prints without loading any of them.

A test holds that each text is the first line of the command's own docstring.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command lives (`attribute` of `module`), and its line of help under a heading."""

    module: str
    attribute: str
    section: str
    help: str


def _entry(name: str, section: str, text: str) -> Entry:
    return Entry(f"clerk.cli.{name}", name, section, text)


WORK, LOOK, FLEET, KEEP = "Work", "Look", "Fleet", "Keep"

COMMANDS: dict[str, Entry] = {
    "run": _entry("run", WORK, "Run the whole pipeline of a site in this process."),
    "extract": _entry("extract", WORK, "Extract names and votes of a site from what is read already."),
    "demo": _entry("demo", WORK, "Run the pipeline over the sample documents and search them."),
    "retry": _entry("retry", WORK, "Try again what failed in a site."),
    "search": _entry("search", LOOK, "Search the text of all compiled meetings."),
    "votes": _entry("votes", LOOK, "List the votes of a site, and how a person voted."),
    "people": _entry("people", LOOK, "List the people who sat, moved or voted in a site."),
    "status": _entry("status", LOOK, "Show queues, active sites, the last runs and how much failed."),
    "failures": _entry("failures", LOOK, "List pages and documents that could not be read, and why."),
    "inspect": _entry("inspect", LOOK, "Show which text layers of a PDF are trusted, and why."),
    "label": _entry("label", LOOK, "Write labels that a person corrects and the scorer reads."),
    "serve": _entry("serve", LOOK, "Serve the compiled databases with Datasette on this machine."),
    "up": _entry("up", FLEET, "Start the whole stack on this machine."),
    "enqueue": _entry("enqueue", FLEET, "Queue runs of sites for the workers."),
    "worker": _entry("worker", FLEET, "Take runs of one kind off their queues."),
    "purge": _entry("purge", FLEET, "Cancel all work of a site and clear its rows."),
    "purge-queue": Entry(
        "clerk.cli.purge", "purge_queue_command", FLEET, "Cancel all that waits in a queue."
    ),
    "sweep": Entry("clerk.cli.sweep", "sweep_command", FLEET, "Mark crashed what died, and queue it again."),
    "pools": _entry("pools", FLEET, "Make work pools, queues and deployments, and list them."),
    "install-workers": _entry(
        "install_workers", FLEET, "Install servers and workers as services of the system."
    ),
    "uninstall-workers": _entry(
        "uninstall_workers", FLEET, "Stop the services and remove exactly what was installed."
    ),
    "sites": _entry("sites", KEEP, "Add, list, show, schedule and remove sites."),
    "db": _entry("db", KEEP, "Bring the civic database to the schema of this version."),
    "doctor": _entry("doctor", KEEP, "Check this installation and say how to mend what is missing."),
}
