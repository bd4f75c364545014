"""What commands print: tables for a terminal, whole lines for a pipe, JSON with sorted keys for programs.

No text is ever cut: a terminal folds it inside its column, a pipe gets one tab-separated line a row.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from clerk.errors import StorageError, UsageError

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_UNPRINTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]+")  # control characters but tab and line feed
_FORMULA = ("=", "+", "-", "@")  # a spreadsheet computes a cell that begins so


def is_terminal() -> bool:
    """True when a person reads standard output."""
    return sys.stdout.isatty()


def emit_json(value: Any) -> None:
    """Print `value` as JSON: keys sorted, two spaces, UTF-8; dates and paths as strings."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, default=str))


def emit_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Print rows as CSV under a line with the names of the columns; lists are joined by semicolons.

    Texts come from documents: control characters become blanks, and an apostrophe keeps a spreadsheet from computing
    one that begins like a formula.
    """
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_flat(row[name]) for name in columns])


def _flat(value: Any) -> Any:
    if isinstance(value, list):
        value = "; ".join(str(each) for each in value)
    if not isinstance(value, str):
        return value
    text = _UNPRINTED.sub(" ", value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def one_format(as_json: bool, as_csv: bool) -> None:
    """Refuse two formats at once.

    Raises:
        UsageError: both are asked for.
    """
    if as_json and as_csv:
        raise UsageError("--json and --csv cannot go together.", advice="Give one of them.")


def check_out(out: Path, source: Path) -> None:
    """Refuse a file to write that cannot be one, before the work that fills it.

    Raises:
        UsageError: it is `source`, which would be lost, or "-".
        StorageError: its folder does not exist.
    """
    if str(out) == "-":
        raise UsageError("--out - names no file.", advice="Name a file; --out /dev/stdout is the terminal.")
    if not out.parent.is_dir():
        raise StorageError(f"Cannot write {out}: there is no folder {out.parent}.")
    if out.exists() and out.samefile(source):
        raise UsageError(f"--out {out} is the PDF itself.", advice="Name another file.")


def cell(value: Any) -> str:
    """`value` as text of one line without control characters: None is empty, a float loses its idle zeros.

    Texts come from documents and servers, and an escape sequence in them must not reach a terminal.
    """
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}"
    return _CONTROL.sub(" ", str(value))


def table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "", right: Sequence[str] = ()
) -> None:
    """Print rows under `columns`; those named in `right` hold numbers.

    Piped, the first line holds the names of the columns, and each row is one tab-separated line.
    """
    texts = [[cell(value) for value in row] for row in rows]
    if not is_terminal():
        for line in (columns, *texts):
            click.echo("\t".join(line))
    else:
        _draw(columns, texts, title, right)


def _draw(columns: Sequence[str], rows: list[list[str]], title: str, right: Sequence[str]) -> None:
    # Here, since neither pipes nor programs need it, and `clerk doctor` must run without it.
    from rich.console import Console

    Console(highlight=False).print(drawn(columns, rows, title=title, right=right))


def drawn(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "", right: Sequence[str] = ()
) -> Any:
    """The same as a `rich` table."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    view = Table(
        box=box.SIMPLE_HEAD, title=title or None, title_justify="left", title_style="bold", pad_edge=False
    )
    for name in columns:
        view.add_column(
            name,
            justify="right" if name in right else "left",
            overflow="fold",
            no_wrap=name in right,
            min_width=len(name) if name in right else None,
        )
    for row in rows:
        view.add_row(*(Text(cell(value)) for value in row))
    return view


def fields(pairs: Iterable[tuple[str, Any]]) -> None:
    """Print names and values, one pair a line; piped, with a tab between them."""
    texts = [(name, cell(value)) for name, value in pairs]
    width = max((len(name) for name, _ in texts), default=0)
    for name, text in texts:
        click.echo(f"{name.ljust(width)}  {text}".rstrip() if is_terminal() else f"{name}\t{text}")


def indented(text: str) -> str:
    """`text` folded between words to the width of the terminal, two columns in."""
    lines = textwrap.wrap(
        cell(text),
        max(40, shutil.get_terminal_size().columns - 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(f"  {line}" for line in lines)


def note(text: str) -> None:
    """Print a remark for people to standard error, where it does not mix with what a pipe reads."""
    click.echo(text, err=True)
