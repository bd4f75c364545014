"""What a file of a folder is, read from its path: programs' layouts and people's names. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from clerk.fetch.names import only_kind, read_body, read_date, read_kind, specific
from clerk.models import STEM, Kind


@dataclass(frozen=True, slots=True)
class Named:
    """What a path says, or the `reason` why that is not clear."""

    body: str = ""
    date: str = ""
    kind: Kind | None = None
    reason: str = ""


def read_path(path: str, *, country: str, body: str = "") -> Named:
    """Read `{body}/{date}.pdf`, the same under `_agendas/` or `pdfs/`, or `Council Minutes 2024-03-05.pdf`.

    Args:
        path: relative, with forward slashes.
        country: of the site; decides what 03-05-2024 means.
        body: the body of every file whose path names none.
    """
    *parents, name = PurePosixPath(path).parts
    said, parents = _layout(parents)
    stem = PurePosixPath(name).stem
    folders = [parent for parent in parents if _is_body_folder(parent, country)]
    found = STEM.fullmatch(stem)
    if found and read_date(found[1]).value:
        kind = said or _folder_kind(parents) or Kind.MINUTES
        where = folders[-1] if folders else body
        return Named(where, found[1], kind) if where else Named(reason=_no_body())
    return _read_name(stem, parents, said, folders[-1] if folders else body, country)


def _read_name(stem: str, parents: list[str], said: Kind | None, folder: str, country: str) -> Named:
    day = read_date(stem, country=country)
    if not day.value and not day.ambiguous:
        dated = [read_date(parent, country=country) for parent in parents]
        day = next((reading for reading in reversed(dated) if reading.value), day)
    if not day.value:
        return Named(reason=f"its name {day.reason}")
    kind = read_kind(stem)
    if kind.ambiguous:
        return Named(reason=f"its name {kind.reason}")
    known = Kind(kind.value) if kind.value else _folder_kind(parents) or said
    if known is None:
        return Named(reason=f"its name {kind.reason}")
    if said is Kind.AGENDA and known is Kind.MINUTES:
        return Named(reason="its name says minutes, but it lies among the agendas")
    where = specific((read_body(stem, country=country).value, folder))
    return Named(where, day.value, known) if where else Named(reason=_no_body())


def _layout(parents: list[str]) -> tuple[Kind | None, list[str]]:
    """The kind that a storage layout's own folders say, and the folders below them."""
    kind: Kind | None = None
    if parents and parents[0] == "_agendas":
        kind, parents = Kind.AGENDA, parents[1:]
    if parents and parents[0] == "pdfs":
        kind, parents = kind or Kind.MINUTES, parents[1:]
    return kind, parents


def _folder_kind(parents: list[str]) -> Kind | None:
    return next((kind for parent in reversed(parents) if (kind := only_kind(parent))), None)


def _is_body_folder(name: str, country: str) -> bool:
    """False for a folder that sorts by kind, year or date."""
    return only_kind(name) is None and not name.isdigit() and not read_date(name, country=country).value


def _no_body() -> str:
    return "nothing names its body: put it in a folder of that name, or list it in manifest.csv"
