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


WORK, LOOK, KEEP = "Work", "Look", "Keep"

COMMANDS: dict[str, Entry] = {
    "run": _entry("run", WORK, "Run the whole pipeline of a site in this process."),
    "demo": _entry("demo", WORK, "Run the pipeline over the sample documents and search them."),
    "retry": _entry("retry", WORK, "Try again what failed in a site."),
    "search": _entry("search", LOOK, "Search the text of all compiled meetings."),
    "status": _entry("status", LOOK, "Show active sites, the last runs and how much failed."),
    "failures": _entry("failures", LOOK, "List pages and documents that could not be read, and why."),
    "serve": _entry("serve", LOOK, "Serve the compiled databases with Datasette on this machine."),
    "sites": _entry("sites", KEEP, "Add, list, show and remove sites."),
    "db": _entry("db", KEEP, "Bring the civic database to the schema of this version."),
    "doctor": _entry("doctor", KEEP, "Check this installation and say how to mend what is missing."),
}
