"""`clerk sites`: the register of municipalities."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from clerk.cli import output
from clerk.cli.session import settings
from clerk.errors import OcrUnavailableError, StorageError, UsageError
from clerk.fleet.due import schedule_of
from clerk.models import Site
from clerk.ocr.languages import advice
from clerk.ocr_choice import BACKEND, LANGUAGES, check_codes, check_extra, ocr_choice
from clerk.plugins import call_hook, plugin_manager
from clerk.storage import SiteStore, check_subdomain
from clerk.tracking import open_tracking

COLUMNS = ("subdomain", "name", "state", "kind", "scraper", "start_year", "pages")
# Front ends paste the texts of a site into JSON and JavaScript as they stand.
_UNSAFE = re.compile(r'["\\<>\x00-\x1f\x7f]')


@click.group()
def sites() -> None:
    """Add, list, show, schedule and remove sites."""


@sites.command()
@click.argument("subdomain")
@click.option("--name", default="", help="Name of the municipality, as people read it.")
@click.option("--state", default="", help="State or province, such as CA.")
@click.option("--country", default="US", show_default=True, help="Country, two letters.")
@click.option("--kind", default="", help="What it is: city, county, school board, ...")
@click.option("--scraper", default="", help="Fetcher: web, folder, custom, or a name that a plug-in knows.")
@click.option("--start-year", type=int, default=2000, show_default=True, help="First year of --all-years.")
@click.option("--lat", type=click.FloatRange(-90, 90), help="Latitude, in degrees.")
@click.option("--lng", type=click.FloatRange(-180, 180), help="Longitude, in degrees.")
@click.option("--url", default="", help="Page that lists the documents; the scraper is then web.")
@click.option(
    "--interval", metavar="TIME", help="How often it is due: 12h, 1d, 2w, or off; daily by default."
)
@click.option("--timezone", metavar="ZONE", help="Its time zone, like America/Chicago; UTC by default.")
@click.option("--ocr-languages", metavar="CODES", help="Languages of its documents, like eng+spa.")
@click.option("--ocr-backend", metavar="NAME", help="OCR backend for its pages.")
@click.option("--extra", metavar="JSON", default="{}", help="What the fetcher needs besides, a JSON object.")
def add(
    subdomain: str,
    *,
    scraper: str,
    url: str,
    interval: str | None,
    timezone: str | None,
    ocr_languages: str | None,
    ocr_backend: str | None,
    extra: str,
    **values: Any,
) -> None:
    """Register the site SUBDOMAIN, such as town.state."""
    check_subdomain(subdomain)
    _check_values(scraper=scraper, **values)
    scraper = scraper or ("web" if url else "")
    given = _extra(extra)
    check_extra(given, "--extra")
    given |= {"url": _url(url)} if url else {}
    given = _with(given, interval=interval, timezone=timezone)
    check_codes(ocr_languages or "")
    given = _with(given, ocr_languages=ocr_languages, ocr_backend=ocr_backend)
    manager = plugin_manager(settings().plugins_dir)
    # What a plug-in knows of the site comes first, so that the options can correct it.
    known = call_hook(manager, "fetcher_extra", label=scraper) if scraper else []
    merged = next((found for found in known if found), {}) | given
    check_extra(merged, f"what a plug-in knows of {scraper}")
    values["country"] = values["country"].upper()
    site = Site(subdomain, scraper=scraper, extra=merged, **values)
    schedule_of(site)
    open_tracking(settings()).sites.add(site)
    call_hook(manager, "post_create", subdomain=subdomain)
    if merged.get(LANGUAGES) or merged.get(BACKEND):
        _tell_ocr(site)
    click.echo(f"Added {subdomain}. Fetch and search it with `clerk run {subdomain}`.")


@sites.command("set")
@click.argument("subdomain")
@click.option("--interval", metavar="TIME", help="How often it is due: 12h, 1d, 2w, or off; empty: daily.")
@click.option("--timezone", metavar="ZONE", help="Its time zone, like America/Chicago; empty: UTC.")
@click.option("--ocr-languages", metavar="CODES", help="Languages, like eng+spa; empty: OCR_LANGUAGES.")
@click.option("--ocr-backend", metavar="NAME", help="OCR backend; empty: DEFAULT_OCR_BACKEND.")
def set_(subdomain: str, **given: str | None) -> None:
    """Change when the site SUBDOMAIN is due, and its OCR."""
    if all(value is None for value in given.values()):
        raise UsageError("There is nothing to change.", advice="See `clerk sites set --help`.")
    check_codes(given["ocr_languages"] or "")
    register = open_tracking(settings()).sites
    site = register.get(subdomain)
    site = replace(site, extra=_with(site.extra, **given))
    schedule = schedule_of(site)
    register.update(subdomain, extra=site.extra)
    if given["ocr_languages"] is not None or given["ocr_backend"] is not None:
        _tell_ocr(site)
    after = datetime.now(UTC)
    if schedule.interval is None:
        click.echo(f"{subdomain} is never due; `clerk run` and `clerk enqueue` still run it.")
    else:
        click.echo(
            f"{subdomain} is due next at {schedule.slot_after(after).astimezone(schedule.zone):%F %H:%M %Z}."
        )


def _tell_ocr(site: Site) -> None:
    """Say how the pages of a site are recognised, and what of it this machine lacks: others may have it."""
    try:
        choice = ocr_choice(settings(), site)
        click.echo(f"{site.subdomain} is recognised by {choice.backend} in {choice.languages}.")
        for code in choice.missing:
            output.note(f"OCR language {code} is not installed. {advice(code)}")
        choice.check(str(settings().plugins_dir))
    except OcrUnavailableError as error:
        output.note(f"Not on this machine: {error}")


def _with(extra: dict[str, Any], **given: str | None) -> dict[str, Any]:
    """`extra` with what was given; an empty text takes a key away."""
    kept = {name: value for name, value in extra.items() if given.get(name) is None}
    return kept | {name: value for name, value in given.items() if value}


def _check_values(*, country: str, state: str, start_year: int, **texts: Any) -> None:
    for name in ("name", "kind", "scraper"):
        _check_text(name, texts[name])
    _check_text("state", state)
    if len(state) > 10:
        raise UsageError(f"--state {state!r} is too long.", advice="Use its code, at most 10 characters.")
    if not re.fullmatch(r"[A-Za-z]{2}", country):
        raise UsageError(f"--country {country!r} is no country code.", advice="Use two letters, like US.")
    if not 1700 <= start_year <= datetime.now(UTC).year + 1:
        raise UsageError(f"--start-year {start_year} cannot be right.", advice="Use a year like 2015.")


def _check_text(name: str, text: str) -> None:
    if _UNSAFE.search(text) or len(text) > 255:
        raise UsageError(
            f"--{name} {text!r} cannot be used.",
            advice="Leave out quotes, backslashes, angle brackets and line breaks; at most 255 characters.",
        )


def _extra(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UsageError(
            f"--extra is no JSON: {error}.", advice="""Write it like '{"key": "value"}'."""
        ) from error
    if not isinstance(value, dict):
        raise UsageError("--extra is no JSON object.", advice="""Write it like '{"key": "value"}'.""")
    return value


def _url(text: str) -> str:
    if not re.match(r"https?://[^/\s]", text):
        raise UsageError(
            f"--url {text!r} is no address.", advice="Use one that starts with https:// or http://."
        )
    return text


@sites.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, an object for each site.")
def list_sites(as_json: bool) -> None:
    """List all sites."""
    found = open_tracking(settings()).sites.list()
    if as_json:
        output.emit_json([asdict(site) for site in found])
    else:
        rows = [[getattr(site, name) for name in COLUMNS] for site in found]
        output.table(COLUMNS, rows, right=("start_year", "pages"))
        if not found:
            output.note("No site yet. Add one with `clerk sites add`, or run `clerk demo`.")


@sites.command()
@click.argument("subdomain")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def show(subdomain: str, as_json: bool) -> None:
    """Show what is known of the site SUBDOMAIN."""
    civic = open_tracking(settings())
    site = civic.sites.get(subdomain)
    store = SiteStore(settings().storage_dir, subdomain)
    values = asdict(site) | {
        "database": str(store.database) if store.database.is_file() else None,
        "failures": civic.failures.count(subdomain),
        "folder": str(store.folder),
    }
    if as_json:
        output.emit_json(values)
    else:
        values["extra"] = json.dumps(site.extra, ensure_ascii=False, sort_keys=True)
        output.fields(values.items())


@sites.command()
@click.argument("subdomain")
@click.option("--with-documents", is_flag=True, help="Delete its folder too: documents, texts, database.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(subdomain: str, with_documents: bool, yes: bool) -> None:
    """Remove the site SUBDOMAIN from the register.

    Its documents and its database stay, unless --with-documents.
    """
    civic = open_tracking(settings())
    civic.sites.get(subdomain)
    civic.reap()  # a run that died holds no site
    store = SiteStore(settings().storage_dir, check_subdomain(subdomain))
    if not yes:
        also = f" and delete {store.folder} with {len(store.documents())} documents" if with_documents else ""
        click.confirm(f"Remove {subdomain}{also}?", abort=True)
    civic.sites.remove(subdomain)
    if with_documents:
        _delete(store.folder)
    kept = "" if with_documents else f" Its documents stay in {store.folder}."
    click.echo(f"Removed {subdomain}.{kept}")


def _delete(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageError(
            f"The site is removed, but {folder} cannot be deleted: {error.strerror or error}.",
            advice="Delete it by hand.",
        ) from error
