"""Text layers: which pages are trusted, against labels of which ought to be.

`python benchmarks/text_layers.py [--data FOLDER] [--no-write] [--propose]`. The documents are kept beside the
checkout (`../shared/data`, or CLERK_TEST_DATA). `text_layers.json` holds a letter for each page of a document, by
the first 16 digits of its hash: `g` for a layer that says what the page shows, `b` for one that is garbage, is
missing, or leaves most of the page out, `-` for a page that cannot be read at all. `--propose` recognises pages
that have no label yet and prints how far their words agree, for a person to decide. Writes a part of
`docs/text-layers.md` and ends with one line of JSON.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import sections

from clerk.errors import ClerkError
from clerk.isolation import Child
from clerk.models import PageRecord
from clerk.ocr import OcrOptions, recognise_page
from clerk.pdf import read_document

ROOT = Path(__file__).resolve().parent.parent
LABELS = Path(__file__).with_name("text_layers.json")
LANGUAGES = "eng+spa"
TIMEOUT = 20.0


@dataclass(frozen=True)
class Page:
    """A page that was read, and its label."""

    file: str
    number: int
    label: str
    record: PageRecord

    @property
    def trusted(self) -> bool:
        return self.record.done


def read(data: Path, labels: dict[str, str], child: Child) -> tuple[list[Page], int]:
    """Every page of every document, and the number of documents that cannot be read."""
    pages: list[Page] = []
    unreadable = 0
    for path in sorted(data.rglob("*.pdf")):
        known = labels.get(hashlib.sha256(path.read_bytes()).hexdigest()[:16], "")
        try:
            result = read_document(path, languages=LANGUAGES, child=child, timeout=TIMEOUT)
        except ClerkError:
            unreadable += 1
            continue
        for number, record in result.pages.items():
            label = known[number - 1 : number]
            pages.append(Page(path.relative_to(data).as_posix(), number, label, record))
    return pages, unreadable


def propose(data: Path, pages: list[Page], child: Child) -> None:
    """Print for pages without a label how their layer and their recognition agree."""
    for page in pages:
        if page.label or page.record.failed:
            continue
        path = data / page.file
        seen = _words(recognise_page(path, page.number, OcrOptions(languages="eng"), child).text)
        layer = _words(_layer(path, page.number, child)) if page.trusted else Counter[str]()
        both = (seen & layer).total()
        right, found = both / max(layer.total(), 1), both / max(seen.total(), 1)
        print(f"{page.file}\t{page.number}\t{page.record.why}\t{right:.2f} right\t{found:.2f} found")


def _layer(path: Path, number: int, child: Child) -> str:
    return read_document(path, languages=LANGUAGES, child=child, timeout=TIMEOUT).texts.get(number, "")


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W_]{2,}", text.lower()))


def table(pages: list[Page], unreadable: int) -> tuple[str, dict[str, object]]:
    """The part of the page in Markdown, and its figures."""
    judged = [page for page in pages if page.label in ("g", "b") and not page.record.failed]
    rules = Counter((page.record.layer.get("rule", ""), page.trusted, page.label) for page in judged)
    garbage = [page for page in judged if page.trusted and page.label == "b"]
    needless = [page for page in judged if not page.trusted and page.label == "g"]
    good = sum(page.label == "g" for page in judged)
    figures: dict[str, object] = {
        "pages": len(judged),
        "good": good,
        "bad": len(judged) - good,
        "trusted_garbage": len(garbage),
        "needless_ocr": len(needless),
        "needless_share": round(len(needless) / max(good, 1), 4),
        "failed_pages": sum(page.record.failed for page in pages),
        "unreadable_documents": unreadable,
        "unlabelled": sum(not page.label and not page.record.failed for page in pages),
    }
    lines = [
        "Every page of every PDF of the test data, none left out. A label was given by comparing the words of the",
        "layer with those that recognition finds, and by eye where they disagree. *Good*: the layer says what the",
        "page shows. *Bad*: it is garbage, is missing, or leaves most of the page out.",
        "",
        f"{figures['pages']} pages: {good} good, {figures['bad']} bad. Trusted though bad: **{len(garbage)}**.",
        f"Recognised though good: **{len(needless)}** ({figures['needless_share']:.2%}).",
        f"Besides, {figures['failed_pages']} pages and {unreadable} documents cannot be read at all.",
        "",
        "| rule | trusted, good | trusted, bad | recognised, bad | recognised, good |",
        "|---|---:|---:|---:|---:|",
    ]
    cells = [(True, "g"), (True, "b"), (False, "b"), (False, "g")]
    lines += [
        f"| {rule} | " + " | ".join(str(rules[rule, trusted, label]) for trusted, label in cells) + " |"
        for rule in sorted({rule for rule, _, _ in rules})
    ]
    lines += ["", "Errors:", ""]
    lines += [f"- {page.file}, page {page.number}: {page.record.why}" for page in garbage + needless]
    return "\n".join(lines), figures


def main() -> None:
    """Read, compare, write, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = os.environ.get("CLERK_TEST_DATA", str(ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=Path(default), help="folder of the documents")
    parser.add_argument("--no-write", action="store_true", help="leave docs/text-layers.md as it is")
    parser.add_argument("--propose", action="store_true", help="help to label pages that have no label")
    options = parser.parse_args()
    labels = json.loads(LABELS.read_text(encoding="utf-8")) if LABELS.is_file() else {}
    child = Child(1024)
    try:
        pages, unreadable = read(options.data, labels, child)
        if options.propose:
            propose(options.data, pages, child)
    finally:
        child.close()
    text, figures = table(pages, unreadable)
    print(text)
    if not options.no_write:
        sections.write(ROOT / "docs" / "text-layers.md", "decisions", text)
    print(json.dumps({"text_layers": figures}))


if __name__ == "__main__":
    main()
