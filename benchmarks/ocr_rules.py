"""Which rule picks the better of several looks at a page; writes a table of docs/ocr-accuracy.md.

Every page is looked at in every way, and each rule then picks one look a page by figures that are known without the
right text. What it picked is compared with the look that was best. The pages are other ones than those of
`ocr_accuracy.py`. The last line that is printed is JSON with every figure.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from ocr_pages import character_error, pages

from clerk.ocr import child
from clerk.ocr.looks import DPI, FIRST, Look, Seen

PAGE = Path(__file__).resolve().parent.parent / "docs" / "ocr-accuracy.md"
BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"
CLASSES = ("typical", "bad", "fax", "fax, coarse", "skewed", "small print", "columns", "bad columns")
LOOKS = (FIRST, Look("clean", 200, clean=True), Look("clean", DPI, clean=True), Look("fine", 200))
SEED = 11
NEAR = 0.0005

Tried = list[tuple[Seen, float]]


def picked(tried: Tried, merit: Callable[[Seen], float], margin: float = 1.0) -> float:
    """Error of the look with the highest merit; a later one must be better by `margin`."""
    kept, error = tried[0]
    for seen, other in tried[1:]:
        if merit(seen) > merit(kept) * margin:
            kept, error = seen, other
    return error


def _confidence(seen: Seen) -> float:
    return seen.confidence or 0.0


def _known(seen: Seen) -> float:
    return seen.known or 0.0


RULES: dict[str, Callable[[Tried], float]] = {
    "the first look": lambda tried: tried[0][1],
    "the last look": lambda tried: tried[-1][1],
    "highest confidence": lambda tried: picked(tried, _confidence),
    "largest share of known words": lambda tried: picked(tried, _known),
    "confidence times share": lambda tried: picked(tried, lambda seen: _confidence(seen) * _known(seen)),
    "most known words": lambda tried: picked(tried, lambda seen: seen.words * _known(seen)),
    "known words times confidence (in use)": lambda tried: picked(tried, lambda seen: seen.merit),
    "the same, better by 1 %": lambda tried: picked(tried, lambda seen: seen.merit, 1.01),
    "the best, if it were known": lambda tried: min(error for _, error in tried),
}


def look_at(count: int) -> list[tuple[str, Tried]]:
    """Every page in every way."""
    options = child.EngineOptions("tesseract", "eng", "")
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.pdf"
        for kind in CLASSES:
            for page in pages(kind, count, seed=SEED):
                path.write_bytes(page.pdf)
                seen = [child.look(path, 1, look, options) for look in LOOKS]
                tried = [(each, character_error(page.truth, each.text)) for each in seen]
                found.append((kind, tried))
                print(page.label, *(f"{error:.2%}" for _, error in tried), file=sys.stderr, flush=True)
    return found


def main() -> None:
    """Measure, print, and write with `--write`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=3, help="pages of each class")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    arguments = parser.parse_args()
    tried = [each for _, each in look_at(arguments.pages)]
    figures = {}
    lines = [f"{len(tried)} pages of {', '.join(CLASSES)}, each with {len(LOOKS)} looks:", ""]
    lines += ["| rule | right | mean error, % |", "|---|---:|---:|"]
    for name, rule in RULES.items():
        errors = [rule(each) for each in tried]
        right = sum(
            error <= min(e for _, e in each) + NEAR for error, each in zip(errors, tried, strict=True)
        )
        figures[name] = {"right": right, "cer": round(statistics.fmean(errors), 5)}
        lines.append(f"| {name} | {right} of {len(tried)} | {100 * statistics.fmean(errors):.2f} |")
    lines += [
        "",
        f"A pick is right when no other look has fewer errors by more than {NEAR:.2%} of the characters.",
        "",
    ]
    if arguments.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        text = "\n".join(lines)
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    else:
        print("\n".join(lines))
    print(json.dumps({"rules": figures, "pages": len(tried)}))


if __name__ == "__main__":
    main()
