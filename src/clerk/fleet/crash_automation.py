"""The automation that marks a flow run crashed when its process has fallen silent.

A worker that lives sees its child die. When worker and child die together, only the missing heartbeat tells.
"""

from __future__ import annotations

from typing import Any

from clerk.fleet.api import PrefectApi

NAME = "clerk: crashed flow runs"
HEARTBEAT = "prefect.flow-run.heartbeat"
SILENCE_SECONDS = 90

# An event is named after the name of the state, so the names that our own flows give their ends are needed too:
# without them a run that ended `Incomplete` would be called crashed. One that waits for its site to be free is back in
# its queue, and sends no heartbeat from there either.
ENDS = (
    "AwaitingRetry",
    "Completed",
    "Incomplete",
    "NoDocuments",
    "Failed",
    "TimedOut",
    "Crashed",
    "Cancelled",
)
TAG = "clerk"


def ensure(api: PrefectApi, *, seconds: float = SILENCE_SECONDS) -> str:
    """Create the automation, or bring the one of that name up to date; `created`, `mended`, or "" for no change.

    Raises:
        ServerError: the API does not answer, or refuses it.
    """
    wanted = definition(seconds)
    found = list(api.pages("/automations/filter", {"automations": {"name": {"any_": [NAME]}}}))
    if not found:
        api.post("/automations/", wanted)
        return "created"
    for surplus in found[1:]:
        api.call("DELETE", f"/automations/{surplus['id']}")
    # One that somebody switched off stays off.
    wanted["enabled"] = found[0]["enabled"]
    if len(found) == 1 and _same(wanted, found[0]):
        return ""
    api.call("PUT", f"/automations/{found[0]['id']}", wanted)
    return "mended"


def definition(seconds: float) -> dict[str, Any]:
    """The automation as the REST API takes it; `seconds` of silence after a heartbeat, at least 10."""
    return {
        "name": NAME,
        "description": "Marks a run of clerk crashed when its process has sent no heartbeat.",
        "enabled": True,
        "trigger": {
            "type": "event",
            "posture": "Proactive",
            "after": [HEARTBEAT],
            "expect": sorted([HEARTBEAT, *(f"prefect.flow-run.{end}" for end in ENDS)]),
            "match": {"prefect.resource.id": "prefect.flow-run.*"},
            # Other programs may use the same server: only runs of our deployments, which carry this tag.
            "match_related": {"prefect.resource.id": f"prefect.tag.{TAG}", "prefect.resource.role": "tag"},
            "for_each": ["prefect.resource.id"],
            "threshold": 1,
            "within": seconds,
        },
        "actions": [
            {
                "type": "change-flow-run-state",
                "state": "CRASHED",
                "message": f"No heartbeat for {seconds:g} s: the process of this run is gone.",
            }
        ],
    }


def _same(wanted: Any, found: Any) -> bool:
    """True when `found` has all of `wanted`; the server adds ids and defaults, and keeps sets in any order."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(_same(value, found.get(key)) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        if all(isinstance(value, str) for value in wanted):
            return set(wanted) == set(found)
        return all(_same(one, other) for one, other in zip(wanted, found, strict=True))
    return bool(wanted == found)
