"""Brings the text of a page into the one form in which it is kept."""

from __future__ import annotations

import re
import unicodedata

# C0 and C1 controls but newline and tab, the byte-order mark, and surrogates, which UTF-8 cannot hold.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ud800-\udfff]")
_BREAKS = re.compile("\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_TRAILING = re.compile(r"[^\S\n]+$", re.MULTILINE)


def normalise(text: str) -> str:
    """NFC, LF, no controls but newline and tab, no space at line ends, no blank lines at the edges."""
    text = _BREAKS.sub("\n", text)
    text = _UNWANTED.sub("", text)
    text = _TRAILING.sub("", unicodedata.normalize("NFC", text))
    return text.strip("\n")
