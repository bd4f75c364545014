"""How the pages of a site are recognised: what a run asks for, else what the site has, else the settings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from clerk.errors import UsageError
from clerk.models import Site
from clerk.ocr import check_backend, resolve_languages
from clerk.settings import Settings

BACKEND, LANGUAGES = "ocr_backend", "ocr_languages"
_CODES = re.compile(r"[A-Za-z]\w*(?:\+[A-Za-z]\w*)*")


@dataclass(frozen=True, slots=True)
class OcrChoice:
    """`languages` are those that are installed, joined by "+"; `missing` those that are not; `second` may be ""."""

    backend: str
    second: str
    languages: str
    missing: tuple[str, ...] = ()

    def check(self, plugins_dir: str) -> None:
        """Load the backends once, to know before the first page that they can be used.

        Raises:
            OcrUnavailableError, PluginError: one cannot; the advice is the command that installs it.
        """
        for name in filter(None, (self.backend, self.second)):
            check_backend(name, self.languages, plugins_dir)


def ocr_choice(settings: Settings, site: Site | None = None, backend: str = "") -> OcrChoice:
    """What holds for a site, and for a run of it that asks for `backend`.

    Raises:
        OcrUnavailableError: none of the languages is installed.
    """
    extra = site.extra if site is not None else {}
    languages, missing = resolve_languages(_text(extra, LANGUAGES) or settings.ocr_languages)
    chosen = backend or _text(extra, BACKEND) or settings.default_ocr_backend
    second = settings.second_ocr_backend
    return OcrChoice(chosen, "" if second == chosen else second, languages, missing)


def check_codes(value: str, name: str = "--ocr-languages") -> str:
    """Return `value`, language codes joined by "+"; `name` is what it was given as.

    Raises:
        UsageError: it is something else.
    """
    if value and not _CODES.fullmatch(value):
        raise UsageError(
            f"{name} {value!r} cannot be used.", advice="Join codes of Tesseract by '+', like eng+spa."
        )
    return value


def check_extra(extra: dict[str, Any], name: str) -> None:
    """Return if what `extra` says of a site's recognition can be; `name` is what it was given as.

    Raises:
        UsageError: it cannot.
    """
    for key in (BACKEND, LANGUAGES):
        if not isinstance(extra.get(key, ""), str):
            raise UsageError(f"{key} of {name} is no text.", advice='Write it like "eng+spa" or "tesseract".')
    check_codes(extra.get(LANGUAGES, ""), f"{LANGUAGES} of {name}")


def _text(extra: dict[str, Any], name: str) -> str:
    value = extra.get(name)
    return value if isinstance(value, str) else ""
