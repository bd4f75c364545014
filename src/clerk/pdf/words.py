"""Word lists of languages, read from the files of Tesseract itself.

A `.traineddata` file carries the words of its language as a DAWG: a graph whose paths from the root spell
them. The layout is that of Tesseract's `TessdataManager` and `SquishedDawg`: a count, that many 64-bit
offsets, and components; the graph is a 16-bit magic, the size of its alphabet, the number of edges, and 64-bit
edges of (letter, flags, next node).
"""

from __future__ import annotations

import array
import re
import struct
import sys
from functools import lru_cache
from pathlib import Path

from clerk.pdf.tongues import COMMON

_WORDS, _ALPHABET = 19, 21
_MAGIC = 42
_LAST, _WORD_END = 1, 4
SHORTEST = 3
TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


class Dawg:
    """The words of one language. `in` asks for an exact spelling."""

    def __init__(self, edges: array.array[int], alphabet: list[str], bits: int) -> None:
        self._edges = edges
        self._bits = bits
        self._letters = {letter: code for code, letter in enumerate(alphabet) if len(letter) == 1}

    def __contains__(self, word: str) -> bool:
        node, ended = 0, False
        for letter in word:
            edge = self._edge(node, letter)
            if edge is None:
                return False
            flags = edge >> self._bits
            node, ended = flags >> 3, bool(flags & _WORD_END)
            if not node:
                # A leaf: only the last letter may end here.
                node = -1
        return ended

    def knows(self, word: str) -> bool:
        """True when every letter of `word` belongs to this language's alphabet."""
        return all(letter in self._letters for letter in word)

    def _edge(self, node: int, letter: str) -> int | None:
        code = self._letters.get(letter)
        if code is None or node < 0:
            return None
        mask = (1 << self._bits) - 1
        for at in range(node, len(self._edges)):
            edge = self._edges[at]
            if edge & mask == code:
                return edge
            if (edge >> self._bits) & _LAST:
                break
        return None


class WordList:
    """The words of several languages together.

    `usable` is False when nothing is known of one of them: then a low share says nothing.
    """

    def __init__(self, dawgs: list[Dawg], common: frozenset[str], *, usable: bool) -> None:
        self._dawgs = dawgs
        self._common = common
        self.usable = usable and bool(dawgs)
        self._cache: dict[str, bool] = {}

    def share(self, text: str, limit: int = 400) -> tuple[int, float]:
        """Number of words of three letters and more in `text` (the first `limit`), and the share known.

        Shorter ones are left out, since nearly any two letters are some word, and so are words in a script of
        none of the languages: of those nothing can be said.
        """
        seen = known = 0
        for match in TOKEN.finditer(text):
            token = match.group().replace("’", "'")
            if len(token) < SHORTEST:
                continue
            verdict = self._known(token)
            if verdict is None:
                continue
            seen += 1
            known += verdict
            if seen >= limit:
                break
        return seen, known / seen if seen else 1.0

    def _known(self, token: str) -> bool | None:
        if token not in self._cache:
            if len(self._cache) > 200_000:
                self._cache.clear()
            self._cache[token] = self._look_up(token)
        return self._cache[token] if self._cache[token] or self._judged(token) else None

    def _look_up(self, token: str) -> bool:
        lower = token.lower()
        forms = {token, lower, token.capitalize(), token.removesuffix("'s"), lower.removesuffix("'s")}
        if any(form in self._common or any(form in dawg for dawg in self._dawgs) for form in forms):
            return True
        parts = re.split(r"[-']", token)
        return len(parts) > 1 and all(len(part) < 2 or self._look_up(part) for part in parts)

    def _judged(self, token: str) -> bool:
        # Latin letters reach up to U+024F.
        return any(dawg.knows(token) for dawg in self._dawgs) or all(ord(letter) < 0x250 for letter in token)


@lru_cache(maxsize=8)
def word_list(files: tuple[tuple[str, str], ...]) -> WordList:
    """The words of languages given as (code, path of its `.traineddata`, "" where there is none)."""
    dawgs: list[Dawg] = []
    common: set[str] = set()
    usable = True
    for code, path in files:
        dawg = read_dawg(Path(path)) if path else None
        if dawg is not None:
            dawgs.append(dawg)
        elif code in COMMON:
            # Its commonest words alone still tell it from scrambled letters.
            common.update(COMMON[code])
        else:
            usable = False
    return WordList(dawgs, frozenset(common), usable=usable)


def read_dawg(path: Path) -> Dawg | None:
    """The word graph of a `.traineddata` file, or None where it has none that can be read."""
    try:
        data = path.read_bytes()
        alphabet = _component(data, _ALPHABET)
        words = _component(data, _WORDS)
        if not alphabet or not words:
            return None
        magic, size, count = struct.unpack_from("<hii", words)
        if magic != _MAGIC:
            return None
        edges = array.array("Q")
        edges.frombytes(words[10 : 10 + 8 * count])
    except (OSError, ValueError, struct.error):
        return None
    if sys.byteorder == "big":
        edges.byteswap()
    lines = alphabet.decode("utf-8", "replace").splitlines()[1 : size + 1]
    bits = max(1, (size - 1).bit_length())
    return Dawg(edges, [line.split(" ", 1)[0] for line in lines], bits)


def _component(data: bytes, wanted: int) -> bytes:
    (count,) = struct.unpack_from("<i", data)
    offsets = struct.unpack_from(f"<{count}q", data, 4)
    if wanted >= count or offsets[wanted] < 0:
        return b""
    end = min((offset for offset in offsets if offset > offsets[wanted]), default=len(data))
    return data[offsets[wanted] : end]
