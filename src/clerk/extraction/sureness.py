"""How sure a name is: the share of names right that its rule found.

Near the share on pages on which the rule was not made, of those that were made for it too where these are few;
docs/accuracy.md shows what was said against what was right.
"""

from __future__ import annotations

_UNKNOWN = 0.5
_LEVELS = {
    ("persons", "titled"): 0.98, ("persons", "roster"): 0.93, ("persons", "tally"): 0.93, ("persons", "post"): 0.95,
    ("persons", "given"): 0.93, ("persons", "speaks"): 0.92, ("persons", "by"): 0.88, ("persons", "again"): 0.94,
    ("persons", "alone"): 0.8, ("persons", "guess"): 0.6, ("persons", "guess_known"): 0.75,
    ("locations", "address"): 0.95, ("locations", "street"): 0.95, ("locations", "highway"): 0.93,
    ("locations", "seat"): 0.88, ("locations", "seat_name"): 0.92, ("locations", "hall"): 0.85,
    ("locations", "town"): 0.86, ("locations", "site"): 0.82, ("locations", "region"): 0.86,
    ("locations", "county"): 0.84, ("locations", "guess"): 0.65, ("locations", "guess_bare"): 0.4,
    ("orgs", "company"): 0.92, ("orgs", "headed"): 0.92, ("orgs", "known"): 0.92, ("orgs", "dba"): 0.88,
    ("orgs", "acronym"): 0.88, ("orgs", "partners"): 0.87, ("orgs", "suffix"): 0.92, ("orgs", "caps"): 0.78,
    ("orgs", "camel"): 0.75, ("orgs", "guess"): 0.7, ("orgs", "guess_short"): 0.5,
}  # fmt: skip


def entity_confidence(kind: str, rule: str, times: int = 1) -> float:
    """The share of names found by a rule that were right; a name that a page prints again is a little surer."""
    return min(0.99, round(_LEVELS.get((kind, rule), _UNKNOWN) + (0.02 if times > 1 else 0.0), 2))
