"""Score votes and entities against labelled texts; writes docs/accuracy.md and ends with one line of JSON.

`python benchmarks/score.py [--data FOLDER] [--labels FILE] [--errors SET] [--no-entities] [--no-write]`. The
labels are kept beside the checkout (`../shared/data`, or CLERK_TEST_DATA); the project's own ones are `tests/labels`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import entity_sets
import score_plot as plot
import score_report as report
import score_speed as speed
import vote_sets

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run all sets; the exit code is 1 where no labels are found."""
    options = _options()
    if options.labels:
        return _own(options.labels)
    sets = vote_sets.run(options.data, ROOT / "tests" / "labels")
    if not sets:
        sys.stderr.write(f"No labels in {options.data}: set CLERK_TEST_DATA to the folder that holds them.\n")
        return 1
    entities = {} if options.no_entities else entity_sets.run(options.data, ROOT / "tests" / "labels")
    if options.errors:
        report.print_errors(sets, entities, options.errors)
    text = report.tables(sets, entities) + ("" if options.no_entities else speed.measure(options.data))
    sys.stdout.write(text + "\n")
    if not options.no_write and entities:
        report.write(ROOT / "docs" / "accuracy.md", text)
        plot.write(ROOT / "docs" / "images" / "confidence.svg", report.curves(sets, entities))
    sys.stdout.write(json.dumps(report.as_json(sets, entities)) + "\n")
    return 0


def _own(paths: list[Path]) -> int:
    """Score a person's own labels of votes; nothing is written. The exit code is 1 where none is labelled."""
    absent = [str(path) for path in paths if not path.is_file()]
    if absent:
        sys.stderr.write(f"No such file: {', '.join(absent)}.\n")
        return 1
    try:
        sets = vote_sets.run_own(paths)
    except ValueError as error:
        sys.stderr.write(f"{error}.\n")
        return 1
    if not any(each.expected or each.errors for each in sets.values()):
        sys.stderr.write(f"There is nothing to score: no vote is labelled in {', '.join(map(str, paths))}.\n")
        return 1
    for name in sets:
        report.print_errors(sets, {}, name)
    sys.stdout.write(report.vote_table(sets) + "\n" + json.dumps(report.as_json(sets, {})) + "\n")
    return 0


def _options() -> Any:
    parser = argparse.ArgumentParser(description="Score votes and entities against labelled texts.")
    default = os.environ.get("CLERK_TEST_DATA", str(ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=Path(default), help="folder of the labels")
    parser.add_argument(
        "--labels",
        type=Path,
        action="append",
        help="score this file of labels only; may be given several times",
    )
    parser.add_argument("--errors", default="", help="print what was wrong in this set")
    parser.add_argument("--no-entities", action="store_true", help="votes only")
    parser.add_argument("--no-write", action="store_true", help="leave docs/accuracy.md as it is")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
