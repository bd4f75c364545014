"""`fetch_site`: runs a site's fetcher, then finds and checks what it brought."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from clerk.errors import ClerkError, FetchError, PluginError, UsageError
from clerk.fetch.client import Limits, Polite
from clerk.fetch.quarantine import Rejected
from clerk.fetch.run import FetchRun, running
from clerk.models import Document, Failure, Site
from clerk.pdf.sniff import HEAD_BYTES, looks_like_pdf
from clerk.plugins import call_hook, cause, guarded, on_path, plugin_manager
from clerk.storage import SiteStore, write_json
from clerk.strays import strays

Facts = dict[Document, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """How to fetch. `source_folder` wins over the site's own fetcher; `retry` passes over back-offs.

    `all_years` starts at the site's `start_year` (else: last year), `all_agendas` asks for agendas of meetings
    that have passed; both concern remote fetchers only. `max_bytes` is of one download, `timeout` is in seconds,
    `polite` limits requests to one host.
    """

    all_years: bool = False
    all_agendas: bool = False
    source_folder: Path | None = None
    plugins_dir: Path | str | None = None
    max_bytes: int = 200 * 1024 * 1024
    timeout: float = 30.0
    allow_private_hosts: bool = False
    retry: bool = False
    polite: Polite | None = None


@dataclass(frozen=True, slots=True)
class FetchResult:
    """Documents that are new, as they were, and replaced; downloads that failed; files and links left out.

    `languages` are those that the fetcher asks recognition to use, empty where it left the usual ones.
    """

    new: int = 0
    unchanged: int = 0
    updated: int = 0
    failures: list[Failure] = field(default_factory=list)
    skipped: list[Failure] = field(default_factory=list)
    languages: str = ""


def fetch_site(site: Site, store: SiteStore, options: FetchOptions) -> FetchResult:
    """Fetch a site's documents into `store`, and list what failed or was left out in `store.skipped_file`.

    Raises:
        PluginError: no plug-in has the site's fetcher, or it broke its contract.
        FetchError: the fetcher failed for a reason that may pass. What it had brought by then is kept.
        UsageError: the site has no fetcher, or its folder or manifest cannot be used.
        StorageError: the site's folder cannot be written.
    """
    limits = Limits(
        max_bytes=options.max_bytes, timeout=options.timeout, allow_private_hosts=options.allow_private_hosts
    )
    run = FetchRun(store, limits, retry=options.retry, polite=options.polite)
    run.quarantine.sweep()
    before = _facts(store)
    languages = ""
    with running(run):
        try:
            languages = _run_fetcher(site, run, options)
        finally:
            run.close()
            # However it ended: what is on disk is found, checked and listed.
            after = _check(run, before)
            failures = [entry.failure(site.subdomain) for entry in run.quarantine.all()]
            write_json(store.skipped_file, [asdict(entry) for entry in (*failures, *run.skipped)])
    updated = sum(1 for document, facts in after.items() if document in before and before[document] != facts)
    new = sum(1 for document in after if document not in before)
    return FetchResult(new, len(after) - new - updated, updated, failures, run.skipped, languages)


def _run_fetcher(site: Site, run: FetchRun, options: FetchOptions) -> str:
    if options.source_folder is not None:
        folder = str(Path(options.source_folder).absolute())
        site = replace(site, scraper="folder", extra={**site.extra, "folder": folder})
    name = f"Fetcher {site.scraper!r} of site {site.subdomain}"
    make = _maker(site, options)
    with guarded(f"{name} could not be made"):
        fetcher = make(_as_dict(site), _start_year(site, options), options.all_agendas)
    if not callable(getattr(fetcher, "fetch_events", None)):
        raise PluginError(f"{name} has no method fetch_events().")
    try:
        fetcher.fetch_events()
    except ClerkError:
        raise
    except SystemExit as error:
        raise PluginError(f"{name} called sys.exit({error.code!r}).") from error
    except Exception as error:
        text = f"{name} failed: {cause(error)}"
        if run.broken:
            raise FetchError(f"{text}; before that: {run.broken}") from error
        kind = FetchError if isinstance(error, OSError) or _is_http(error) else PluginError
        raise kind(f"{text}.") from error
    spoken = getattr(fetcher, "ocr_lang", "")
    return spoken if isinstance(spoken, str) and spoken != "eng+spa" else ""


def _maker(site: Site, options: FetchOptions) -> Callable[..., Any]:
    """What makes the site's fetcher from (site, start_year, all_agendas): a plug-in's class is asked for first."""
    if not site.scraper:
        raise UsageError(
            f"Site {site.subdomain} has no fetcher.",
            advice="Run it with --from FOLDER, or give it a scraper.",
        )
    manager = plugin_manager(options.plugins_dir)
    classes = [found for found in call_hook(manager, "fetcher_class", label=site.scraper) if found]
    if classes:
        chosen: Callable[..., Any] = classes[0]
        return chosen
    if site.scraper == "custom":
        return _custom(site, options)
    raise PluginError(
        f"No plug-in has a fetcher for {site.scraper!r}, the scraper of site {site.subdomain}.",
        advice=f"clerk has `web` and `folder`; put a plug-in into {options.plugins_dir or 'the plug-ins folder'}.",
    )


def _custom(site: Site, options: FetchOptions) -> Callable[..., Any]:
    """`custom_fetcher` of the module that is named after the site."""
    name = f"fetchers.custom.{site.subdomain.replace('.', '_')}"
    places = [Path.cwd()]
    if options.plugins_dir is not None:
        places.insert(0, Path(options.plugins_dir).absolute().parent)
    for folder in places:
        on_path(folder)
    try:
        with guarded(f"Error loading {name} of site {site.subdomain}"):
            module = importlib.import_module(name)
    except PluginError as error:
        missing = error.__cause__
        if (
            isinstance(missing, ModuleNotFoundError)
            and missing.name
            and f"{name}.".startswith(f"{missing.name}.")
        ):
            looked = " or ".join(dict.fromkeys(map(str, places)))
            raise PluginError(
                f"There is no module {name} for site {site.subdomain}, in {looked}."
            ) from missing
        raise
    made = getattr(module, "custom_fetcher", None)
    if not callable(made):
        raise PluginError(f"{name} has no function custom_fetcher(site, start_year, all_agendas).")
    found: Callable[..., Any] = made
    return found


def _as_dict(site: Site) -> dict[str, Any]:
    """The site as plug-ins know it: a plain dict, with `extra` as JSON."""
    return {**asdict(site), "extra": json.dumps(site.extra)}


def _start_year(site: Site, options: FetchOptions) -> int:
    last = datetime.now().astimezone().year - 1
    return site.start_year if options.all_years else max(site.start_year, last)


def _facts(store: SiteStore) -> Facts:
    """Size and time of every PDF of the site."""
    found: Facts = {}
    for document in store.documents():
        path = store.pdf(document)
        if path.is_file():
            facts = path.stat()
            found[document] = (facts.st_size, facts.st_mtime_ns)
    return found


def _check(run: FetchRun, before: Facts) -> Facts:
    """Look into PDFs that appeared or changed, whoever wrote them; what is none goes to the quarantine."""
    after = _facts(run.store)
    for document in [document for document, facts in after.items() if before.get(document) != facts]:
        path = run.store.pdf(document)
        with path.open("rb") as stream:
            reason = looks_like_pdf(stream.read(2 * HEAD_BYTES))
        if not reason:
            continue
        origin = run.store.relative(path)
        entry = Rejected(
            origin, document.kind, document.meeting, document.date, reason, size=after.pop(document)[0]
        )
        run.quarantine.put(entry, path)
    for document in after:
        written = run.store.relative(run.store.pdf(document))
        run.quarantine.clear(Rejected(written, document.kind, document.meeting, document.date, ""))
    for path, why in strays(run.store).items():
        run.skip(run.store.relative(path), f"its name {why}, so nobody can say what it is of")
    return after


def _is_http(error: Exception) -> bool:
    """True for what the HTTP library raises: a fetcher may use it on its own."""
    return type(error).__module__.partition(".")[0] in ("httpx", "httpcore", "requests", "urllib3")
