"""Pages per CPU-second, and memory, on real minutes."""

from __future__ import annotations

import resource
import time
from pathlib import Path

from clerk.extraction.entities import find_entities
from clerk.extraction.model import load_model, resolve_model
from clerk.extraction.votes import find_votes

PAGE = 2500  # characters of a page of minutes


def measure(data: Path) -> str:
    """A section of docs/accuracy.md; the texts are cut into pages of 2,500 characters."""
    texts = [
        path.read_text(encoding="utf-8", errors="replace") for path in sorted(data.glob("votes/*/*.txt"))
    ]
    documents = [
        {n: text[i : i + PAGE] for n, i in enumerate(range(0, len(text), PAGE), 1)} for text in texts
    ]
    pages = [page for document in documents for page in document.values()]
    started = time.process_time()
    for document in documents:
        find_votes(document)
    votes = len(pages) / (time.process_time() - started)
    pipeline = load_model(resolve_model(""))
    sample = pages[:160]
    list(find_entities(pipeline, sample[:1]))
    started = time.process_time()
    list(find_entities(pipeline, sample))
    names = len(sample) / (time.process_time() - started)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return (
        "### Speed\n\n"
        f"Pages of {PAGE:,} characters per CPU-second: votes {votes:.0f}, names {names:.0f}; "
        f"{memory:.0f} MB at the most in one process that did both.\n"
    )
