"""Votes of members whom the minutes do not name: who was there when a motion was carried by all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clerk.people import read_name

_FEWEST = 3  # members of a body


def inferred_ayes(vote: dict[str, Any], roster: Sequence[dict[str, Any]]) -> list[str]:
    """Names of members who must have voted for a motion that was carried unanimously.

    Empty where the minutes name them, where the printed count is another than that of the members who were there, or
    where no attendance is known. One who came late or left is counted, but not among them.
    """
    individual = vote.get("individual_votes") or ()
    if (
        not vote.get("unanimous")
        or vote.get("result") != "passed"
        or any(each["vote"] == "aye" for each in individual)
    ):
        return []
    aside = {read_name(each["name"]).words[-1:] for each in individual}
    there = [
        each
        for each in roster
        if each.get("seated", True)
        and each.get("status", "present") != "absent"
        and read_name(each["name"]).words[-1:] not in aside
    ]
    certain = [each["name"] for each in there if each.get("status", "present") == "present"]
    ayes = (vote.get("tally") or {}).get("ayes")
    if len(there) < _FEWEST or (ayes is not None and ayes not in (len(there), len(certain))):
        return []
    if ayes is not None and ayes == len(there):
        return [each["name"] for each in there]
    return certain
