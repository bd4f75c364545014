"""`clerk votes`: the votes of a site, and how one person voted."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import click

from clerk.cli import output
from clerk.cli.session import settings
from clerk.compile import questions
from clerk.errors import UsageError
from clerk.search import match_expression
from clerk.storage import SiteStore, check_subdomain

COLUMNS = ("date", "meeting", "page", "item", "topic", "result", "tally", "mover", "seconder", "confidence")
_OWN = ("vote", "basis", "part")
_KIND = re.compile(r"(?i)\s*(?:(?:item|ordinance|resolution|bill|by-?law)\b|n(?:o|umber)\b|#|\.)\s*")


class _Day(click.DateTime):
    """A day, with a message that shows how one is written."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value!r} is no day; write it like 2024-01-31.", param, ctx)


@click.command()
@click.argument("subdomain")
@click.option("--person", metavar="NAME", help="Votes in which this person took part, and how.")
@click.option("--item", metavar="NUMBER", help="Votes on this agenda item, ordinance or resolution.")
@click.option("--topic", metavar="WORDS", help="Votes in whose topic or text all of these words stand.")
@click.option("--since", type=_Day(["%Y-%m-%d"]), metavar="DATE", help="Votes of this day and later.")
@click.option("--split", is_flag=True, help="Votes with a no.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, an object for each vote.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, a line for each vote.")
def votes(
    subdomain: str,
    person: str | None,
    item: str | None,
    topic: str | None,
    since: datetime | None,
    split: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """List the votes of a site, and how a person voted.

    Of the site SUBDOMAIN, from its last full build, by date. NAME may be a name, a surname or a name as the minutes
    print it.
    """
    output.one_format(as_json, as_csv)
    for option, value in (("--person", person), ("--item", item), ("--topic", topic)):
        if value is not None and not any(map(str.isalnum, value)):
            raise UsageError(
                f"{option} {value!r} names nothing.", advice="Give a word or a number, or leave it out."
            )
    with questions.full_build(SiteStore(settings().storage_dir, check_subdomain(subdomain))) as connection:
        identity, name = questions.person(connection, person) if person is not None else ("", "")
        wanted = questions.Wanted(
            person=identity,
            item=_number(item or ""),
            topic=match_expression(topic) if topic else "",
            since=since.date().isoformat() if since else "",
            split=split,
        )
        found = questions.votes(connection, wanted)
        own = _OWN if identity else ()
        if as_json:
            output.emit_json(list(found))
        elif as_csv:
            output.emit_csv((*own, *questions.VOTE_FIELDS), found)
        else:
            votes_found = list(found)
            _blocks(votes_found, name) if output.is_terminal() else _lines(votes_found, own)
            if not votes_found:
                output.note("No vote found. Fewer or other conditions may help.")


def _number(text: str) -> str:
    """The number in `Ordinance No. 1042`, without what the minutes print before it; as SQLite can take it."""
    while match := _KIND.match(text):
        text = text[match.end() :]
    return text.encode("utf-8", "replace").decode().strip()


def _lines(found: list[dict[str, Any]], own: tuple[str, ...]) -> None:
    columns = (*own, *COLUMNS)
    rows = [[(each | {"tally": _tally(each)})[column] for column in columns] for each in found]
    output.table(columns, rows)


def _blocks(found: list[dict[str, Any]], name: str) -> None:
    """A block for each vote: its columns do not fit a terminal."""
    for vote in found:
        item = f", item {vote['item']}" if vote["item"] else ""
        click.secho(output.cell(f"{vote['date']}  {vote['meeting']}  page {vote['page']}{item}"), bold=True)
        click.echo(output.indented(vote["topic"] or vote["raw_text"][:200]))
        click.echo(output.indented(_outcome(vote)))
        if name:
            click.echo(output.indented(_own_part(vote, name)))
    plural = "" if len(found) == 1 else "s"
    click.echo(f"{len(found)} vote{plural}.")


def _outcome(vote: dict[str, Any]) -> str:
    """`passed 5-2, moved by Ann Hart, seconded by Lou Ruiz, confidence 0.9`."""
    parts = [f"{vote['result'].replace('_', ' ')} {_tally(vote)}".rstrip()]
    parts += [f"moved by {vote['mover']}"] if vote["mover"] else []
    parts += [f"seconded by {vote['seconder']}"] if vote["seconder"] else []
    return ", ".join([*parts, f"confidence {output.cell(vote['confidence'])}"])


def _own_part(vote: dict[str, Any], name: str) -> str:
    said = {"named": "", "unanimous": " (all were for it)"}.get(vote["basis"] or "", "")
    voted = f"{vote['vote']}{said}" if vote["vote"] else "how is not said"
    return f"{name}: {voted}" + (f"; {vote['part']}" if vote["part"] else "")


def _tally(vote: dict[str, Any]) -> str:
    """`5-2`, or `5-2-1` where members abstained; empty where the minutes print no count of the ayes."""
    if vote["ayes"] is None:
        return ""
    sides = [vote["ayes"], vote["nays"] or 0, *filter(None, (vote["abstain"],))]
    return "-".join(map(str, sides))
