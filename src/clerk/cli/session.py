"""What commands begin with: the settings, read once."""

from __future__ import annotations

import logging

from clerk.cli import output
from clerk.settings import Settings, get_settings
from clerk.stack import running


def settings() -> Settings:
    """The settings of this process; sets the level of clerk's own log.

    Raises:
        SettingsError: a setting has a value that cannot be used.
    """
    found = get_settings()
    log = logging.getLogger("clerk")
    log.setLevel(found.log_level)
    if not log.handlers:
        # Not the root logger: what libraries log is theirs, and they say it a line at a time.
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        log.addHandler(handler)
    note = running.stopped_note(found.storage_dir) if found.embedded_database else ""
    if note:
        output.note(note)
    return found
