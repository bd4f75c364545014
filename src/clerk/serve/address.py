"""Addresses of what is shown of a page: `/{site}[/_agendas]/{meeting}/{stem}/{n}.png`, as `page_image` holds them.

Beside the image stand, under the same name, its words (`.json`), marks to lay over it (`.svg`), and both together
(`.html`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from clerk.models import STEM, Document, Kind
from clerk.storage import SiteStore

IMAGE, WORDS, MARKS, VIEW = "png", "json", "svg", "html"
_NUMBER = re.compile(r"([1-9]\d{0,5})\.(png|json|svg|html)")
_AGENDAS = "_agendas"


@dataclass(frozen=True, slots=True)
class PageAddress:
    """A page of a site that is served, and what of it is asked for: `IMAGE`, `WORDS`, `MARKS` or `VIEW`."""

    store: SiteStore
    document: Document
    page: int
    what: str


def is_page_path(path: str) -> bool:
    """True for a path, as it stands in the request, that is of a page and none of Datasette's own."""
    parts = path.removeprefix("/").split("/")
    ending = path.rpartition(".")[2]
    return (
        ending in (IMAGE, WORDS, MARKS, VIEW)
        and parts[0] != "-"
        and len(parts) == (5 if parts[1:2] == [_AGENDAS] else 4)
    )


def page_address(path: str, sites: Mapping[str, SiteStore]) -> PageAddress | None:
    """The page at `path` (percent-encoded), for which `is_page_path` holds; None where it can be no page of `sites`."""
    parts = [unquote(part) for part in path.removeprefix("/").split("/")]
    kind = Kind.AGENDA if parts[1] == _AGENDAS and len(parts) == 5 else Kind.MINUTES
    name, (meeting, stem, file) = parts[0], parts[-3:]
    number = _NUMBER.fullmatch(file)
    store = sites.get(name)
    if store is None or number is None or not STEM.fullmatch(stem) or not _is_name(meeting):
        return None
    return PageAddress(
        store, Document(store.subdomain, kind, meeting, stem), int(number.group(1)), number.group(2)
    )


def _is_name(meeting: str) -> bool:
    return bool(meeting) and not meeting.startswith(".") and not set(meeting) & set("/\\\0")
