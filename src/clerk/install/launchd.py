"""Property lists of launchd: one for each process, since launchd knows no instances."""

from __future__ import annotations

from xml.sax.saxutils import escape

from clerk.install.marks import mark
from clerk.install.parts import Part, Plan
from clerk.install.place import Place
from clerk.install.templates import fill

PREFIX = "band.civic.clerk."
PATTERNS = (f"{PREFIX}*.plist",)


def files(plan: Plan, place: Place) -> dict[str, str]:
    """Text of every property list by its file name."""
    return {
        f"{PREFIX}{name}.plist": mark(_agent(part, name, place))
        for part in plan.parts
        for name in _names(part)
    }


def _names(part: Part) -> list[str]:
    if not part.numbered:
        return [part.name]
    return [f"{part.name}-{number}" for number in range(1, part.count + 1)]


def _agent(part: Part, name: str, place: Place) -> str:
    arguments = [str(place.python), "-m", "clerk.install.launch", *part.arguments]
    user = f"\t<key>UserName</key>\n\t<string>{escape(place.user)}</string>\n" if place.system else ""
    # What works once is started again only when it failed.
    until_done = "\t<dict>\n\t\t<key>SuccessfulExit</key>\n\t\t<false/>\n\t</dict>"
    return fill(
        "launchd/agent.plist",
        {
            "label": PREFIX + name,
            "arguments": "\n".join(f"\t\t<string>{escape(argument)}</string>" for argument in arguments),
            "folder": escape(str(place.folder)),
            "user": user,
            "keep_alive": until_done if part.once else "\t<true/>",
            "log": escape(str(place.logs / f"{name}.log")),
        },
    )
