"""The parts of a site run that its subflows do, each with its row in `job_tracking`.

A subflow may run in another process or on another host than its site run. It knows the run by its id and the
fencing token of its lease. Once another run holds the site it replaces no database, says nothing of its progress any
more, and ends at the next step; what it extracted by then stays, since that goes by the hash of its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from clerk.compile import built
from clerk.errors import LeaseLostError
from clerk.models import JobType, Level, Priority, RunRef, Site, Stage, State
from clerk.orchestrate import flow_run_id, this_run
from clerk.plugins import call_hook, plugin_manager
from clerk.progress import StageProgress, publish
from clerk.run_rows import PATIENCE_SECONDS, unit
from clerk.settings import Settings, get_settings
from clerk.stages import spans, uploads
from clerk.stages.build import compile_site
from clerk.stages.deploy import publish_site
from clerk.stages.extract import extract_site
from clerk.storage import SiteStore
from clerk.tracking import Tracking, open_tracking

STEP = 25


@dataclass(slots=True)
class _Part:
    settings: Settings
    tracking: Tracking
    site: Site
    store: SiteStore
    run: RunRef
    stage: Stage

    def guard(self) -> None:
        """Raise LeaseLostError when this run no longer holds the site, RunCancelledError when it was called off."""
        spans.check(self.store, self.run.run_id)
        self.tracking.leases.check(self.site.subdomain, self.run.token)

    def show(self, total: int, done: int) -> None:
        """Tell database and listeners how the stage is getting on.

        Raises:
            LeaseLostError: another run holds the site. RunCancelledError: a person called this one off.
        """
        spans.check(self.store, self.run.run_id)
        mine = self.tracking.progress.set(
            self.site.subdomain,
            run_id=self.run.run_id,
            state=State.RUNNING,
            stage=self.stage,
            total=total,
            completed=done,
            failed=0,
        )
        if not mine:
            raise LeaseLostError(f"Another run has taken over {self.site.subdomain}.")
        self.tracking.progress.set_stage_counts(self.site.subdomain, self.stage, total, done, 0)
        publish(StageProgress(self.stage, total, done))

    def seldom(self) -> Callable[[int, int], None]:
        """`show` for many small steps: every `STEP` of them, and at the end."""

        def report(total: int, done: int) -> None:
            if done % STEP == 0 or done == total:
                self.show(total, done)

        return report


def compile_part(subdomain: str, run: RunRef, level: Level) -> bool:
    """Compile the site at `level`; True when the new database is live."""
    with _part(subdomain, run, JobType.COMPILE, Stage.COMPILATION) as part:
        plugins = plugin_manager(part.settings.plugins_dir)
        call_hook(plugins, "pre_compilation", subdomain=subdomain, run_id=run.run_id)
        made = compile_site(part.store, part.settings, level=level, run=run, guard=part.guard)
        part.show(made.pages, made.pages)
        if made.replaced:
            part.tracking.progress.mark(subdomain, "updated")
        path = str(part.store.database)
        call_hook(plugins, "post_compilation", subdomain=subdomain, database_path=path, run_id=run.run_id)
        return made.replaced


def extract_part(subdomain: str, run: RunRef) -> int:
    """Extract what is not in the cache; the number of documents."""
    with _part(subdomain, run, JobType.EXTRACT, Stage.EXTRACTION) as part:
        # In the fleet that many runs are at work already, each beside the others.
        processes = 1 if this_run().deployed else part.settings.extraction_processes
        made = extract_site(part.store, part.settings, part.show, processes=processes)
        part.guard()
        part.tracking.progress.mark(subdomain, "extracted")
        return made.documents


def deploy_part(subdomain: str, run: RunRef) -> str:
    """Publish the live database through the plug-ins, export `sites.db`, then call `post_deploy`."""
    with _part(subdomain, run, JobType.DEPLOY, Stage.DEPLOY) as part:
        part.guard()
        part.show(1, 0)
        uploads.upload(part.store, part.settings, part.seldom())
        part.guard()
        live = built(part.store)
        part.tracking.sites.update(subdomain, pages=live.pages if live else 0)
        part.site = part.tracking.sites.get(subdomain)
        version = publish_site(part.site, part.store, part.tracking, part.settings)
        part.show(1, 1)
        return version


@contextmanager
def _part(subdomain: str, run: RunRef, job_type: JobType, stage: Stage) -> Iterator[_Part]:
    settings = get_settings()
    tracking = open_tracking(settings, patience=PATIENCE_SECONDS)
    store = SiteStore(settings.storage_dir, subdomain)
    part = _Part(settings, tracking, tracking.sites.get(subdomain), store, run, stage)
    part.guard()
    site_row = tracking.jobs.get(run.run_id)
    priority = site_row.priority if site_row else Priority.NORMAL
    flow_run = flow_run_id()
    with unit(tracking, subdomain, run, job_type, stage, prefect_run_id=flow_run, priority=priority):
        yield part
