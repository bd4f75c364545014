"""How sure a vote or a name is: a probability, from what the text itself confirms.

The levels are near the shares that were right on the half of the labelled votes on which no rule was tuned;
docs/accuracy.md shows what was said against what was right.
"""

from __future__ import annotations

from clerk.extraction.motion import Motion
from clerk.extraction.names import Person

_NOT_SHOWN = 0.65  # an outcome in words, and nothing to check it by
_NEITHER, _SECONDER_ONLY = 0.6, 0.4
_BY_MEMBERS = (
    0.93  # unanimous, moved and seconded by members that the roster names: 52 of 52 in lots read blind
)
_ROSTER, _NEAR = 3, 200  # names that make a roster; characters between those who moved and the outcome
_NO_MOVER = 0.8  # names and count agree, and nobody moved it
_UNREAD, _UNNAMED, _STRANGER = 0.12, 0.1, 0.15
_CONFLICT = 0.3  # the printed count is not that of the names

# (right + 1) / (found + 2) on the tuning half of the labelled pages; a rule seen fewer than five times has the
# share of its neighbours.
_ENTITY = {
    ("persons", "titled"): 0.98, ("persons", "roster"): 0.95, ("persons", "post"): 0.9, ("persons", "speaks"): 0.9,
    ("persons", "guess"): 0.78, ("persons", "guess_known"): 0.8,
    ("locations", "address"): 0.92, ("locations", "street"): 0.9, ("locations", "seat"): 0.8,
    ("locations", "seat_name"): 0.86, ("locations", "hall"): 0.85, ("locations", "site"): 0.8,
    ("locations", "region"): 0.82, ("locations", "county"): 0.82, ("locations", "guess"): 0.5,
    ("locations", "guess_bare"): 0.4, ("orgs", "company"): 0.9, ("orgs", "headed"): 0.9, ("orgs", "dba"): 0.88,
    ("orgs", "acronym"): 0.88, ("orgs", "partners"): 0.85, ("orgs", "suffix"): 0.85, ("orgs", "caps"): 0.7,
    ("orgs", "guess_short"): 0.5,
}  # fmt: skip


def vote_confidence(motion: Motion, known: frozenset[str], *, unread: bool, torn: bool = False) -> float:
    """The probability that every field of a vote is right.

    Args:
        known: surnames of the meeting's roster, in small letters.
        unread: words of voting stand near that no rule has read.
        torn: the text of the vote tells two different counts.
    """
    level = _support(motion, known)
    if unread:
        level -= _UNREAD
    if _contradicts(motion):
        level = min(level, _CONFLICT)
    if torn:
        level -= _UNREAD
    if _unnamed(motion):
        level -= _UNNAMED
    if _stranger(motion):
        level -= _STRANGER
    if motion.weak_mover or (motion.mover and motion.seconder and motion.mover.name == motion.seconder.name):
        level -= 0.08
    named = {person.surname for people in motion.ballots.names.values() for person in people}
    if len(known) >= _ROSTER and named and len(named - known) * 2 > len(named):
        level -= 0.05
    if len(known) >= _ROSTER and any(person.surname not in known for person in _movers(motion)):
        level -= _UNNAMED
    if motion.at - motion.start > 3000:
        level -= 0.1
    return round(max(0.05, level), 2)


def _support(motion: Motion, known: frozenset[str]) -> float:
    """What confirms a vote: a count that equals the names is the surest."""
    ballots = motion.ballots
    agrees = ballots.agrees()
    if agrees is not None:
        return _CONFLICT if not agrees else 0.97 if motion.mover else _NO_MOVER
    if motion.mover is None:
        return _SECONDER_ONLY if motion.seconder else _NEITHER
    if motion.seconder is None:
        return _NOT_SHOWN
    return _counted(motion, known)


def _unnamed(motion: Motion) -> bool:
    """True where some voted otherwise and nobody is named who did: most minutes tell who."""
    ballots = motion.ballots
    return any(
        (ballots.count(side) or 0) > len(ballots.names.get(side, ())) for side in ("nay", "abstain", "absent")
    )


def _stranger(motion: Motion) -> bool:
    """True where all who voted are named and who moved or seconded is not among them."""
    names = motion.ballots.names
    if len(names.get("aye", ())) < 2:
        return False
    voters = {person.surname for side in names.values() for person in side}
    return any(person.surname not in voters for person in _movers(motion))


def _movers(motion: Motion) -> list[Person]:
    return [person for person in (motion.mover, motion.seconder) if person is not None]


def _contradicts(motion: Motion) -> bool:
    """True where it passed and as many were against it as for it."""
    ayes, nays = motion.ballots.count("aye"), motion.ballots.count("nay")
    return motion.result == "passed" and ayes is not None and ayes <= (nays or 0)


def _counted(motion: Motion, known: frozenset[str]) -> float:
    """Of a motion with mover and seconder: how its outcome is told."""
    ballots = motion.ballots
    if "aye" in ballots.printed or "aye" in ballots.counted:
        return 0.95
    if ballots.names.get("aye"):
        return 0.82
    if not ballots.unanimous:
        return _NOT_SHOWN
    return _BY_MEMBERS if _members_near(motion, known) else 0.85


def _members_near(motion: Motion, known: frozenset[str]) -> bool:
    """True where both who moved it are members that the roster names, and the outcome stands by them."""
    movers = _movers(motion)
    return (
        len(known) >= _ROSTER
        and all(person.surname in known for person in movers)
        and motion.at - max(person.end for person in movers) < _NEAR
    )


def entity_confidence(kind: str, rule: str, times: int = 1) -> float:
    """The share of names found by a rule that were right; a name that a page prints again is a little surer."""
    return min(0.99, round(_ENTITY.get((kind, rule), 0.5) + (0.02 if times > 1 else 0.0), 2))
