"""clerk keeps the minutes and agendas of municipalities searchable.

`from clerk import Fetcher, hookimpl` is what a plug-in needs. The names are looked up at first use, so that
`import clerk` costs nothing to programs that want only a part of it.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clerk.fetcher import Fetcher
    from clerk.hookspecs import hookimpl, hookspec

    __version__: str

__all__ = ["Fetcher", "__version__", "hookimpl", "hookspec"]

_HOMES = {"Fetcher": "clerk.fetcher", "hookimpl": "clerk.hookspecs", "hookspec": "clerk.hookspecs"}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        try:
            value: Any = version("civicband-clerk")
        except PackageNotFoundError:
            value = "0+unknown"
    elif name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value
