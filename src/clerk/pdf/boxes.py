"""Where the words of a text layer stand: asked of the PDF when they are wanted, since that takes milliseconds.

For recognised pages, whose words are in no PDF, `clerk.layout.read` has them. `word_boxes` runs inside the child.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from pathlib import Path

from clerk import layout
from clerk.layout import NOWHERE, WordBox
from clerk.pdf.child import library
from clerk.pdf.normal import normalise


def word_boxes(path: Path, page: int, text: str) -> tuple[WordBox, ...]:
    """A box for each of `clerk.layout.words(text)`, the text of page `page`, from 1, of the PDF at `path`.

    Raises:
        DocumentError, PageError, ChildMemoryError: the page cannot be read.
    """
    with library().opened(path) as document:
        found = document.words(page)
    return tuple(matched(text, [(normalise(word).strip(), WordBox(*box)) for word, box in found]))


def matched(text: str, found: Iterable[tuple[str, WordBox]]) -> list[WordBox]:
    """A box for each word of `text` from words in another order: equal words take each other's place in turn.

    The text is in the order in which a person reads, the words are in that of the file.
    """
    waiting: dict[str, deque[WordBox]] = defaultdict(deque)
    for word, box in found:
        waiting[word].append(box)
    return [
        waiting[text[start:end]].popleft() if waiting[text[start:end]] else NOWHERE
        for start, end in layout.words(text)
    ]
