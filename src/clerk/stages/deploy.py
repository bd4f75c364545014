"""Deploy a site: its versions, its targets, the list of sites, and a word to the plug-ins at the end."""

from __future__ import annotations

from dataclasses import replace

from clerk.deploy import announce, deploy_site, export_sites, hook_site
from clerk.models import Site, Stage, State
from clerk.plugins import plugin_manager
from clerk.settings import Settings
from clerk.storage import SiteStore
from clerk.tracking import StageCounts, Tracking


def publish_site(site: Site, store: SiteStore, tracking: Tracking, settings: Settings) -> str:
    """Publish the live database, export `sites.db`, then call `post_deploy`; the version that is current.

    Raises:
        StorageError: there is no database, or a folder cannot be written.
        PluginError: a plug-in failed; what was published stays.
    """
    plugins = plugin_manager(settings.plugins_dir)
    before = hook_site(site, tracking.progress.get(site.subdomain))
    published = deploy_site(store, plugins)
    tracking.progress.mark(site.subdomain, "deployed")
    export(tracking, settings, deploying=site.subdomain)
    announce(plugins, before)
    return published.version


def export(tracking: Tracking, settings: Settings, *, deploying: str = "") -> None:
    """Write `sites.db`; the site `deploying` is shown as completed, as front ends expect of one that is out."""
    progress = {row.subdomain: row for row in tracking.progress.list()}
    if deploying in progress:
        row = progress[deploying]
        counts = {**row.stage_counts, Stage.DEPLOY: StageCounts(total=1, completed=1)}
        progress[deploying] = replace(row, state=State.COMPLETED, stage_counts=counts)
    rows = [(site, progress.get(site.subdomain)) for site in tracking.sites.list()]
    export_sites(rows, settings.storage_dir / "sites.db")
