"""Publishes a site's compiled database: to a folder of versions, then through plug-ins, then tells about it.

`deploy_site` publishes, `export_sites` writes the list of sites that front ends read, and `announce` calls
the `post_deploy` hook last, so that a plug-in finds both in place.
"""

from __future__ import annotations

from typing import Any

import pluggy

from clerk.deploy.local import Published, is_published, publish
from clerk.deploy.sites_export import export_sites, hook_site, site_row
from clerk.plugins import call_hook
from clerk.storage import SiteStore

__all__ = [
    "Published",
    "announce",
    "deploy_site",
    "export_sites",
    "hook_site",
    "is_published",
    "publish",
    "site_row",
]


def deploy_site(store: SiteStore, plugins: pluggy.PluginManager | None = None) -> Published:
    """Publish the live database to `store.deployed`, then to every target that a plug-in offers.

    Raises:
        StorageError: there is no database, or the folder cannot be written.
        PluginError: a plug-in's target failed; the local version stays published.
    """
    published = publish(store)
    if plugins is not None:
        call_hook(plugins, "deploy_municipality", subdomain=store.subdomain)
    return published


def announce(plugins: pluggy.PluginManager | None, site: dict[str, Any]) -> None:
    """Tell plug-ins that a site was published.

    Args:
        site: its row as `hook_site` makes it, from before the deploy.

    Raises:
        PluginError: a plug-in failed.
    """
    if plugins is not None:
        call_hook(plugins, "post_deploy", site=site)
