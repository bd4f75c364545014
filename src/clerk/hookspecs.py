"""The hooks that plug-ins implement, for the pluggy project `civicband.clerk`.

A plug-in is a class whose methods carry `@hookimpl` and the names below. Arguments are passed by keyword; a
method may leave out those it does not need. But for `ocr_engine`, every plug-in is asked and None means "not
mine"; a plug-in registered later is asked first. docs/plugins.md shows each hook in use.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypedDict

import click
import pluggy

PROJECT = "civicband.clerk"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class WorkerFunction(TypedDict):
    """A function that a plug-in offers to workers, and the names of the queues it serves."""

    function: Callable[..., Any]
    queues: Sequence[str]


class ClerkSpec:
    """Every hook of clerk."""

    @hookspec
    def fetcher_class(self, label: str) -> type[Any] | None:
        """The class that fetches sites whose `scraper` is `label`.

        It is called as `cls(site, start_year, all_agendas)` and then asked to `fetch_events()`; most derive
        from `clerk.Fetcher`. The first class wins.
        """

    @hookspec
    def fetcher_extra(self, label: str) -> dict[str, Any] | None:
        """What a new site with this `scraper` gets as its `extra`; asked once, when the site is created."""

    @hookspec
    def deploy_municipality(self, subdomain: str) -> None:
        """Publish the site's compiled database; called when it is at its final place and checked."""

    @hookspec
    def post_deploy(self, site: dict[str, Any]) -> None:
        """The last call of a deploy; `site` is the site's row of the `sites` table as it was before."""

    @hookspec
    def upload_static_file(self, file_path: str, storage_path: str) -> None:
        """Copy one file to where the site's pages find it; the upload is done when this returns.

        Args:
            file_path: the local file.
            storage_path: its key: `/{subdomain}[/_agendas]/{meeting}/{stem}/{n}.png` for a page's image,
                `{subdomain}[/_agendas]/_pdfs/{meeting}/{stem}.pdf` (no leading slash) for a document.
        """

    @hookspec
    def post_create(self, subdomain: str) -> None:
        """A site was created and stored."""

    @hookspec
    def register_cli_commands(self) -> click.Command | None:
        """One command or group that `clerk` offers beside its own."""

    @hookspec
    def register_job_types(self) -> dict[str, Callable[..., Any]] | None:
        """Further kinds of jobs: name to function."""

    @hookspec
    def register_worker_functions(self) -> dict[str, WorkerFunction] | None:
        """Functions that workers may run: name to `{"function": callable, "queues": [names]}`."""

    @hookspec
    def get_data_processors(self, data_type: str) -> type[Any] | None:
        """The class that processes data of a type of the plug-in's own, such as `finance`."""

    @hookspec
    def pre_compilation(self, subdomain: str, run_id: str) -> None:
        """The site's database is about to be built."""

    @hookspec
    def post_compilation(self, subdomain: str, database_path: str, run_id: str) -> None:
        """The site's database was built and is live at `database_path`."""

    @hookspec(firstresult=True)
    def ocr_engine(self, name: str, languages: str) -> Any | None:
        """The engine of the OCR backend `name`, ready for `languages` (like `eng+spa`).

        Asked in the process that recognises, once for a pair of arguments. The object has the attributes
        `name`, `version` and `languages` and the method `recognise(image)`. The first engine wins.
        """
