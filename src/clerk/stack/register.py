"""Takes the register of sites along when a stack brings a civic database of its own."""

from __future__ import annotations

from clerk.settings import Settings
from clerk.tracking import open_tracking


def bring_sites(settings: Settings, civic: Settings) -> list[str]:
    """Copy the sites of the SQLite file into the new database `civic` while that has none. Lines for people.

    Only the register: documents are found in their folders, and the history of runs stays where it is.
    """
    file = settings.storage_dir / "clerk.db"
    if not file.is_file():
        return []
    before, after = open_tracking(settings.model_copy(update={"database_url": ""})), open_tracking(civic)
    try:
        known = {site.subdomain for site in after.sites.list()}
        sites = [site for site in before.sites.list() if site.subdomain not in known]
        if not sites:
            return []
        if known:
            names = ", ".join(site.subdomain for site in sites[:5]) + (", …" if len(sites) > 5 else "")
            line = f"{len(sites)} sites of {file} are not in the stack's database: {names}."
            return [f"{line} Add those you need with `clerk sites add`."]
        for site in sites:
            after.sites.add(site)
        return [
            f"Copied {len(sites)} sites from {file} into the stack's database, which is used from now on."
        ]
    finally:
        before.close()
        after.close()
