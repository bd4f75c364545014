"""The one exception tree of clerk.

Every error that a person can meet is a `ClerkError`: one line that says what is wrong, one line of advice, an
exit code for the command line, and whether trying again later can help (`transient`).
"""

from __future__ import annotations

from typing import Any, ClassVar


class ClerkError(Exception):
    """Base of all errors of clerk.

    Args:
        message: one line that says what is wrong, naming the thing (site, file, page, setting).
        advice: one line that says what to do; defaults to the class's own advice.
    """

    exit_code: ClassVar[int] = 1
    transient: ClassVar[bool] = False
    default_advice: ClassVar[str] = ""

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.advice = self.default_advice if advice is None else advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".rstrip() if self.advice else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, self.advice)


def _rebuild(kind: type[ClerkError], message: str, advice: str) -> ClerkError:
    return kind(message, advice=advice)


class UsageError(ClerkError):
    """The command was called with something that cannot be right."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting has an unknown name or a value that cannot be used."""

    default_advice = "See .env.example for every setting and its values."


class UnknownSiteError(UsageError):
    """No site of that subdomain is registered."""

    default_advice = "Run `clerk sites list`, or add it with `clerk sites add`."


class StorageError(ClerkError):
    """A path of the storage folder cannot be read or written."""


class DatabaseError(ClerkError):
    """The civic database cannot be reached, or its schema is not the one this version needs."""


class DatabaseAwayError(DatabaseError):
    """The civic database does not answer just now: it restarts, the connection broke, or it is locked."""

    transient = True


class LeaseHeldError(ClerkError):
    """Another run holds the site."""

    exit_code = 1
    default_advice = "Wait for it to end, or see `clerk status`."


class LeaseLostError(ClerkError):
    """This run no longer holds the site: another has taken over, so nothing may be written."""


class RunCancelledError(ClerkError):
    """The run was called off by a person."""

    default_advice = "Start it again with `clerk enqueue` or `clerk run`."


class FetchError(ClerkError):
    """A download failed for a reason that may pass (time-out, connection, HTTP 5xx, 429)."""

    transient = True


class FetchRefusedError(ClerkError):
    """A download was refused for good: forbidden host, not found, not a PDF, too large."""


class PluginError(ClerkError):
    """A plug-in could not be loaded, or broke its contract."""


class DocumentError(ClerkError):
    """A document cannot be read: encrypted, truncated, empty, not a PDF."""


class PageError(ClerkError):
    """A page cannot be read or recognised."""


class ChildTimeoutError(PageError):
    """The isolated process did not answer before its deadline and was killed."""

    transient = True


class ChildCrashedError(PageError):
    """The isolated process died (signal or exit) while it worked."""

    transient = True


class ChildMemoryError(PageError):
    """The isolated process needed more memory than it was given."""


class OcrUnavailableError(ClerkError):
    """The wanted OCR backend or a language of it is not installed."""


class ModelMissingError(ClerkError):
    """The language model that the extraction needs is not installed."""


class UnaccountedPagesError(ClerkError):
    """Pages are left without a record, so the run may not be called complete."""

    transient = True


class StageFailedError(ClerkError):
    """A stage of a run failed; what earlier stages made stays as it is."""


class ServerError(ClerkError):
    """The Prefect server cannot be started or reached."""

    transient = True


class BrokerError(ClerkError):
    """Redis cannot be reached, or refuses."""

    transient = True
    default_advice = "Start Redis, or correct REDIS_URL."
