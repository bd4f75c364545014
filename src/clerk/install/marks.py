"""The line by which a file that clerk installed is known again, and by which a change by hand shows."""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from pathlib import Path

from clerk.errors import StorageError

_WORDS = "Written by clerk install-workers"
_MARK = re.compile(rf"^(?:# |<!-- ){_WORDS}, sha256 ([0-9a-f]{{64}}).*\n", re.MULTILINE)


class Found(StrEnum):
    """What stands where a file of ours belongs."""

    NOTHING = "nothing"
    OURS = "ours"
    EDITED = "edited by hand"
    FOREIGN = "not written by clerk install-workers"


def mark(text: str) -> str:
    """`text` with its mark: the first line of a unit, the second one of XML."""
    line = f"{_WORDS}, sha256 {_sum(text)}"
    if text.startswith("<?xml"):
        head, _, rest = text.partition("\n")
        return f"{head}\n<!-- {line} -->\n{rest}"
    return f"# {line}\n{text}"


def look(path: Path) -> tuple[Found, str]:
    """What is at `path`, and its text.

    Raises:
        StorageError: it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Found.NOTHING, ""
    except UnicodeDecodeError:
        return Found.FOREIGN, ""
    except OSError as error:
        raise StorageError(f"Cannot read {path}: {error.strerror}.") from error
    match = _MARK.search(text)
    if match is None:
        return Found.FOREIGN, text
    body = text[: match.start()] + text[match.end() :]
    return (Found.OURS if _sum(body) == match[1] else Found.EDITED), text


def _sum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
