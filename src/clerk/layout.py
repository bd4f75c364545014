"""Where the words of a page stand on it: one small file a page, for showing a hit on the page's picture.

The text of a page is not stored twice. Its words are what stands between white space, and the file holds a box and
a confidence for each of them, in their order:

    4 bytes   "CLW1"
    8 bytes   the first of the SHA-256 of the page's text (UTF-8): a file of another text is of no use
    rest      zlib's compression of: the number of words, then five columns of that many numbers each

All numbers are of 7 bits a byte, the lowest first, the high bit set on all but the last; those that may be negative
are folded (0, -1, 1, -2, … become 0, 1, 2, 3, …). Positions are thousandths of the page's width and height as it is
seen, from its left upper corner. The columns, each over all words: the change of the top against the word before
(folded), the change of the height (folded), the gap from the right end of the word before (folded), the width, and
the confidence in steps of five (0 to 20; 21: the engine has none). A word of no width has no box.
"""

from __future__ import annotations

import difflib
import hashlib
import itertools
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clerk.models import Document
from clerk.storage import SiteStore

MAGIC = b"CLW1"
GRID = 1000
_STEP, _NO_CONFIDENCE = 5, 21
_MOST_WORDS = 200_000
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class WordBox:
    """A word's place: `left`, `top`, `right` and `bottom` are shares (0 to 1) of the page's width and height.

    `confidence` is 0 to 100, in steps of five, None where the engine has none.
    """

    left: float
    top: float
    right: float
    bottom: float
    confidence: float | None = None

    @property
    def known(self) -> bool:
        """False where only the word is known and not its place."""
        return self.right > self.left


NOWHERE = WordBox(0.0, 0.0, 0.0, 0.0)


def words(text: str) -> list[tuple[int, int]]:
    """Start and end of each word of a page's text, in the order of its boxes."""
    return [match.span() for match in _WORD.finditer(text)]


def read(text: str, store: SiteStore, document: Document, page: int) -> tuple[WordBox, ...] | None:
    """A box for each of `words(text)`, the page's text; None where none are kept, or for another text than this."""
    try:
        data = store.layout(document, page).read_bytes()
    except OSError:
        return None
    return decode(data, text)


def encode(text: str, boxes: Sequence[WordBox]) -> bytes:
    """The file for a page: `boxes` has one for each of `words(text)`.

    Raises:
        ValueError: it has more or fewer.
    """
    if len(boxes) != len(words(text)):
        raise ValueError(f"{len(boxes)} boxes for {len(words(text))} words")
    columns = zip(*_rows(boxes), strict=True) if boxes else ()
    body = b"".join(map(_number, (len(boxes), *itertools.chain.from_iterable(columns))))
    return MAGIC + _digest(text) + zlib.compress(body, 9)


def decode(data: bytes, text: str) -> tuple[WordBox, ...] | None:
    """The inverse of `encode`; None where the file is of another text, or damaged."""
    if data[:4] != MAGIC or data[4:12] != _digest(text):
        return None
    count = len(words(text))
    try:
        unpacker = zlib.decompressobj()
        # Never more than the numbers of these words can take.
        numbers = list(_numbers(unpacker.decompress(data[12:], 20 * min(count, _MOST_WORDS) + 16)))
    except zlib.error:
        return None
    if not unpacker.eof or not numbers or numbers[0] != count or len(numbers) != 1 + 5 * count:
        return None
    columns = [numbers[1 + n * count : 1 + (n + 1) * count] for n in range(5)]
    return tuple(_boxes(columns))


def placed(text: str, found: Sequence[tuple[str, WordBox]]) -> list[WordBox]:
    """A box for each of `words(text)`, from what an engine found: a word as it stands in the text, and its box.

    The two agree but for odd cases, such as a word that normalising changed; a word that has no partner gets no box.
    """
    wanted = [text[start:end] for start, end in words(text)]
    given = [word for word, _ in found]
    if wanted == given:
        return [box for _, box in found]
    boxes = [NOWHERE] * len(wanted)
    matcher = difflib.SequenceMatcher(None, wanted, given, autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        # Equal numbers of words that differ are the same words, written otherwise.
        if tag == "equal" or (tag == "replace" and j - i == m - k):
            boxes[i:j] = [box for _, box in found[k:m]]
    return boxes


def _rows(boxes: Sequence[WordBox]) -> Iterator[tuple[int, int, int, int, int]]:
    last_top = last_height = last_right = 0
    for box in boxes:
        left, right = _grid(box.left), _grid(box.right)
        top, height = _grid(box.top), max(0, _grid(box.bottom) - _grid(box.top))
        confidence = _NO_CONFIDENCE
        if box.confidence is not None:
            confidence = round(min(100.0, max(0.0, box.confidence)) / _STEP)
        if not box.known:
            left, right, top, height = last_right, last_right, last_top, last_height
        elif right == left:
            # Narrower than the grid is still a place.
            right = left + 1
        yield (
            _fold(top - last_top),
            _fold(height - last_height),
            _fold(left - last_right),
            right - left,
            confidence,
        )
        last_top, last_height, last_right = top, height, right


def _boxes(columns: Sequence[Sequence[int]]) -> Iterator[WordBox]:
    top = height = right = 0
    for down, taller, gap, width, confidence in zip(*columns, strict=True):
        top, height, left = top + _unfold(down), height + _unfold(taller), right + _unfold(gap)
        right = left + width
        sure = None if confidence == _NO_CONFIDENCE else float(confidence * _STEP)
        if width:
            yield WordBox(left / GRID, top / GRID, right / GRID, (top + height) / GRID, sure)
        else:
            yield WordBox(0.0, 0.0, 0.0, 0.0, sure)


def _grid(share: float) -> int:
    return round(min(1.0, max(0.0, share)) * GRID)


def _fold(value: int) -> int:
    return value * 2 if value >= 0 else -value * 2 - 1


def _unfold(value: int) -> int:
    return value // 2 if value % 2 == 0 else -(value + 1) // 2


def _number(value: int) -> bytes:
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    made.append(value)
    return bytes(made)


def _numbers(data: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield value
            value = shift = 0


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:8]
