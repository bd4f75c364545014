"""OCR backends and languages: those of the settings, and those that sites have of their own."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from clerk.cli.checks.check import Check, Status, guarded, ok, warn
from clerk.errors import ClerkError

if TYPE_CHECKING:  # what is missing may be what the settings are made with
    from clerk.settings import Settings


def look(settings: Settings) -> list[Check]:
    """Checks of what recognises pages. Never raises."""
    looks: list[tuple[str, Callable[[], list[Check]]]] = [
        ("OCR backend", lambda: [_backend(settings, settings.default_ocr_backend, "OCR backend")]),
        ("second OCR backend", lambda: _second(settings)),
        ("OCR languages", lambda: _languages(settings)),
        ("OCR of sites", lambda: _sites(settings)),
    ]
    return [check for name, found in looks for check in guarded(name, found)]


def _backend(settings: Settings, name: str, title: str, languages: str = "") -> Check:
    importlib.import_module("clerk.ocr").check_backend(
        name, languages or settings.ocr_languages, str(settings.plugins_dir)
    )
    return ok(title, name)


def _second(settings: Settings) -> list[Check]:
    name = settings.second_ocr_backend
    return [_backend(settings, name, "second OCR backend")] if name else []


def _languages(settings: Settings) -> list[Check]:
    languages = importlib.import_module("clerk.ocr.languages")
    used, absent = languages.resolve_languages(settings.ocr_languages)
    return [
        *(ok(f"OCR language {code}", "installed") for code in used.split("+")),
        *(
            warn(f"OCR language {code}", f"not installed; {used} is used", languages.advice(code))
            for code in absent
        ),
    ]


def _sites(settings: Settings) -> list[Check]:
    """What sites ask for beside the settings; nothing where the register cannot be read, which is said elsewhere."""
    choices = importlib.import_module("clerk.ocr_choice")
    backends: dict[tuple[str, str], str] = {}
    absent: dict[str, str] = {}
    lost: list[Check] = []
    for site in _registered(settings):
        if not (site.extra.get(choices.BACKEND) or site.extra.get(choices.LANGUAGES)):
            continue
        try:
            choice = choices.ocr_choice(settings, site)
        except ClerkError as error:
            lost.append(Check(f"OCR of {site.subdomain}", Status.MISSING, error.message, error.advice))
            continue
        if site.extra.get(choices.BACKEND):
            backends.setdefault((choice.backend, choice.languages), site.subdomain)
        for code in choice.missing:
            absent.setdefault(code, site.subdomain)
    advice = importlib.import_module("clerk.ocr.languages").advice
    checks = lost + [
        warn(f"OCR language {code}", f"not installed; {subdomain} asks for it", advice(code))
        for code, subdomain in absent.items()
        if code not in settings.ocr_languages.split("+")
    ]
    for (name, languages), subdomain in backends.items():
        title = f"OCR backend of {subdomain}"
        checks += guarded(title, lambda n=name, c=languages, t=title: [_backend(settings, n, t, c)])  # type: ignore[misc]
    return checks


def _registered(settings: Settings) -> list[Any]:
    migrate = importlib.import_module("clerk.tracking.migrate")
    try:
        if migrate.current(settings.civic_url) != migrate.head():
            return []
        civic = importlib.import_module("clerk.tracking").open_tracking(settings)
    except Exception:  # noqa: BLE001 - the check of the database tells what is wrong with it
        return []
    try:
        found: list[Any] = civic.sites.list()
        return found
    finally:
        civic.close()
