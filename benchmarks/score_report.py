"""Tables and the one line of JSON of the scores."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import Any

from entity_sets import EntityScore
from scoring import SetScore

HEADING = "## Votes and entities"
_INTRO = [
    "`make score` makes this section. Rules were tuned on `labelled_dev` and on `own_layouts` (texts written for the",
    "tests), so those rows say what was fitted, and `labelled` mixes them with the rest; `labelled_held` is the row to",
    "expect of a town that no rule was made for. It is not quite blind: one of its votes' texts and four of its pages",
    "of names were seen, its totals were looked at many times, the fields of its votes (no text) twice, and the",
    "layouts of `own_layouts` were chosen knowing from",
    "which towns the labels come. The confidence of votes was set with the held half, so its table is a fit.",
    "A vote is matched with a labelled one in the order of the text; counts and names compare one by one. `santa_ana`",
    "and `nipissing` are whole minutes whose labels others made or a pattern derived, some of them wrong;",
    "`clerk_tests` are sentences that state single facts.",
    "",
]
_LEVELS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.01)


def as_json(sets: dict[str, SetScore], entities: dict[str, EntityScore]) -> dict[str, Any]:
    """`{"votes": {set: {field: {p, r, f1}, all_fields}}, "entities": {kind: …}, "confidence": {…}}`."""
    all_entities = entities.get("labelled")
    return {
        "votes": {name: score.as_json() for name, score in sets.items()},
        "entities": {kind: score.as_json() for kind, score in all_entities.kinds.items()}
        if all_entities
        else {},
        "confidence": {
            "votes": {
                name: levels(score.pairs) for name, score in sets.items() if name.startswith("labelled")
            },
            "entities": levels([(c, right) for _, c, right in all_entities.pairs]) if all_entities else {},
        },
    }


def levels(pairs: list[tuple[float, bool]]) -> dict[str, dict[str, float]]:
    """By level of confidence: how many, their mean confidence, and the share that was right."""
    found: dict[str, dict[str, float]] = {}
    for low, high in itertools.pairwise(_LEVELS):
        inside = [(confidence, right) for confidence, right in pairs if low <= confidence < high]
        if inside:
            mean = sum(confidence for confidence, _ in inside) / len(inside)
            share = sum(right for _, right in inside) / len(inside)
            found[f"{low:.2f}-{min(high, 1):.2f}"] = {
                "n": len(inside),
                "said": round(mean, 3),
                "right": round(share, 3),
            }
    return found


def tables(sets: dict[str, SetScore], entities: dict[str, EntityScore]) -> str:
    """The section of docs/accuracy.md."""
    lines = [
        HEADING,
        "",
        *_INTRO,
        "Precision / recall / F1 for each field; `all` is the share of labelled votes with every field right.",
        "",
    ]
    fields = ["detection", "result", "mover", "seconder", "tally", "members", "item"]
    lines += [
        "| set | votes | " + " | ".join(fields) + " | all |",
        "|---|--:|" + "---|" * len(fields) + "--:|",
    ]
    for name, score in sets.items():
        cells = [_cell(score.fields[each].as_json()) if each in score.fields else "" for each in fields]
        lines.append(
            f"| {name} | {score.expected} | "
            + " | ".join(cells)
            + f" | {score.as_json()['all_fields']:.2f} |"
        )
    for name, found in entities.items():
        if name == "labelled":
            lines += ["", "| names | persons | orgs | locations |", "|---|---|---|---|"]
        lines.append(
            f"| {name} | " + " | ".join(_cell(score.as_json()) for score in found.kinds.values()) + " |"
        )
    lines += [
        "",
        "### Confidence",
        "",
        "What was said against what was right (a vote is right when every field is).",
        "",
    ]
    for name in ("labelled_dev", "labelled_held"):
        if name in sets:
            lines += _reliability(f"votes, {name}", sets[name].pairs)
        if name in entities:
            lines += _reliability(f"names, {name}", [(c, right) for _, c, right in entities[name].pairs])
    return "\n".join(lines) + "\n"


def _cell(score: dict[str, float]) -> str:
    return f"{score['p']:.2f} / {score['r']:.2f} / **{score['f1']:.3f}**"


def _reliability(title: str, pairs: list[tuple[float, bool]]) -> list[str]:
    lines = [f"| {title} | n | said | right | |", "|---|--:|--:|--:|---|"]
    for level, each in levels(pairs).items():
        bar = "█" * round(each["right"] * 20)
        lines.append(f"| {level} | {each['n']} | {each['said']:.2f} | {each['right']:.2f} | `{bar:<20}` |")
    return [*lines, ""]


def write(path: Path, text: str) -> None:
    """Put the section into the document in the place of the one there."""
    old = path.read_text(encoding="utf-8") if path.is_file() else "# Accuracy\n\n"
    before, _, rest = old.partition(HEADING)
    after = rest.partition("\n## ")
    tail = "\n## " + after[2] if after[1] else ""
    path.write_text(before.rstrip("\n") + "\n\n" + text + tail, encoding="utf-8")


def print_errors(sets: dict[str, SetScore], entities: dict[str, EntityScore], name: str) -> None:
    """What was wrong in a set."""
    for errors in [
        sets[name].errors if name in sets else [],
        entities[name].errors if name in entities else [],
    ]:
        sys.stdout.write("\n".join(errors) + "\n\n")


__all__ = ["as_json", "json", "print_errors", "tables", "write"]
