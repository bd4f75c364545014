"""Every measurement in turn: `python -m benchmarks [PART…] [--quick]`, which `make bench` runs.

The parts are `pipeline` (what a page costs, with peaks of memory), `text_layers` (which layers are trusted), `reading`
(order of the text, cost of the read stage) and `ocr_accuracy` (recognition). Each writes its part of `docs/` and can
be run alone, with options of its own. Rivals are found on PATH or named by CLERK_BENCH_OCRMYPDF, CLERK_BENCH_PDFTOPPM
and CLERK_BENCH_TESSERACT; one that is missing is left out with a line. Ends with one line of JSON that holds the
figures of all parts; 1 when a part failed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks import ways

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("CLERK_TEST_DATA", HERE.parent.parent / "shared" / "data"))


def commands(*, quick: bool) -> dict[str, list[str]]:
    """The command of each part. Quick: few pages, no peaks of memory, and nothing is written."""
    rivals = []
    for name in ("ocrmypdf", "pdftoppm"):
        if program := ways.found(None, f"CLERK_BENCH_{name.upper()}", name):
            rivals += [f"--{name}", program]
    if program := ways.found(None, "CLERK_BENCH_TESSERACT", "tesseract") or ways.wheel_of_tesseract():
        rivals += ["--tesseract", program]
    dry = ["--no-write"] if quick else []
    sizes = ["--scanned=20", "--born-digital=200"] if quick else ["--memory"]
    pages = ["--pages=1", "--step=8"] if quick else ["--write"]
    truth = ["--truth", str(DATA / "ocr-truth")]
    return {
        "pipeline": ["-m", "benchmarks.pipeline", *sizes, *dry],
        "text_layers": [str(HERE / "text_layers.py"), *dry],
        "reading": [str(HERE / "reading.py"), *(["--pages=200"] if quick else []), *dry],
        "ocr_accuracy": [str(HERE / "ocr_accuracy.py"), *truth, *rivals, *pages],
    }


def run(command: list[str]) -> dict[str, Any] | None:
    """Run a part and show what it says; its figures are its last line. None when it failed."""
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=HERE.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    last = ""
    for line in process.stdout:
        if last:
            print(last, end="", flush=True)
        last = line
    if process.wait():
        print(last, end="", flush=True)
        return None
    figures: dict[str, Any] = json.loads(last)
    return figures


def main(arguments: list[str] | None = None) -> int:
    """Run the parts, one after the other: beside each other they would measure each other."""
    known = list(commands(quick=True))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(known)}; all without one")
    parser.add_argument("--quick", action="store_true", help="few pages; writes nothing")
    chosen = parser.parse_args(arguments)
    if strange := [part for part in chosen.parts if part not in known]:
        parser.error(f"no such part: {', '.join(strange)} (there are {', '.join(known)})")
    found: dict[str, Any] = {}
    failed = []
    for part, command in commands(quick=chosen.quick).items():
        if chosen.parts and part not in chosen.parts:
            continue
        print(f"{part}: python {' '.join(command)}", flush=True)
        figures = run(command)
        if figures is None:
            failed.append(part)
        else:
            found[part] = figures
    if failed:
        print(f"Failed: {', '.join(failed)}.", file=sys.stderr)
    print(json.dumps(found))
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
