"""Who is who within a site over time: one person for all the ways in which minutes print a name.

`Councilmember Smith`, `SMITH, J.` and `John Smith` are one where a body had no other Smith at the time. Two full names
that cannot be one stay two, and so do names that stand in one list. A surname alone that can mean two is nobody's.
What a person wrote into the site's `people.yaml` wins over every rule. Pure: values in, values out.
"""

from __future__ import annotations

from clerk.people.names import Name, compatible, read_name
from clerk.people.overrides import Overrides, read_overrides
from clerk.people.resolve import People
from clerk.people.values import MeetingNames, Person, Seat

__all__ = [
    "MeetingNames",
    "Name",
    "Overrides",
    "People",
    "Person",
    "Seat",
    "compatible",
    "read_name",
    "read_overrides",
]
