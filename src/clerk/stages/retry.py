"""Make what failed due again, so that the next run of the site tries it."""

from __future__ import annotations

from clerk.errors import UsageError
from clerk.models import Stage
from clerk.storage import SiteStore


def forget(store: SiteStore, stage: str = "") -> int:
    """Make failed pages and unreadable documents due again, of one stage or of all; in how many documents.

    Failed downloads are not kept here: the fetch tries them again by itself when it is told to retry.

    Raises:
        UsageError: there is no stage of that name.
    """
    wanted = stage_of(stage) if stage else None
    return sum(store.forget_failures(document, wanted) for document in store.documents())


def stage_of(name: str) -> Stage:
    """The stage of that name.

    Raises:
        UsageError: there is none.
    """
    try:
        return Stage(name)
    except ValueError as error:
        raise UsageError(f"There is no stage {name!r}.", advice=f"Use one of {', '.join(Stage)}.") from error
