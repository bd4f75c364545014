"""The plug-in manager: clerk's own plug-ins, installed ones, and single files of a folder.

Installed plug-ins name a class in the entry-point group `clerk.plugins`; it is made without arguments. The files
`*.py` of a folder (names with a leading underscore are left alone) are loaded in order of their names, and each
class in them that implements a hook is made and registered. Later ones are asked first, so a file beats an
installed plug-in, and that beats clerk's own.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from clerk.errors import ClerkError, PluginError
from clerk.hookspecs import PROJECT, ClerkSpec

GROUP = "clerk.plugins"
BUILT_IN = (
    "clerk.fetch.web",
    "clerk.fetch.folder",
    "clerk.ocr.tesseract",
    "clerk.ocr.tesseract_cli",
    "clerk.ocr.vision",
    "clerk.ocr.rapidocr",
    "clerk.deploy.local",
)


def plugin_manager(plugins_dir: Path | str | None) -> pluggy.PluginManager:
    """The manager with every plug-in registered; one for each process and folder.

    Args:
        plugins_dir: folder of single-file plug-ins; one that does not exist holds none.

    Raises:
        PluginError: a plug-in cannot be loaded; the message names the file or the entry point, and the cause.
    """
    return _manager(None if plugins_dir is None else str(Path(plugins_dir).absolute()))


def call_hook(manager: pluggy.PluginManager, name: str, /, **arguments: Any) -> Any:
    """Call a hook; whatever a plug-in raises, `sys.exit` too, becomes a PluginError that names the place."""
    with guarded(f"A plug-in failed in {name}"):
        return getattr(manager.hook, name)(**arguments)


@contextmanager
def guarded(what: str) -> Iterator[None]:
    """Run foreign code: its exceptions become a PluginError that begins with `what` and tells the cause."""
    try:
        yield
    except ClerkError:
        raise
    except SystemExit as error:
        raise PluginError(f"{what}: it called sys.exit({error.code!r}){place(error)}.") from error
    except Exception as error:
        raise PluginError(f"{what}: {cause(error)}.") from error


def cause(error: BaseException) -> str:
    """One line: class, message and where it was raised."""
    text = " ".join(str(error).split()).rstrip(".")
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {text}"
    return f"{type(error).__name__}{': ' + text if text else ''}{place(error)}"


def place(error: BaseException) -> str:
    """` (file.py, line 3)`: the innermost frame of the plug-in, or of a library where it has none."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename != __file__ and not frame.filename.startswith("<")
    ]
    own = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    return f" ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else ""


def on_path(folder: Path) -> None:
    """Let modules of `folder` be imported; it goes last, so that nothing installed is hidden by it."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
        importlib.invalidate_caches()


@lru_cache(maxsize=8)
def _manager(plugins_dir: str | None) -> pluggy.PluginManager:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(ClerkSpec)
    for name in BUILT_IN:
        manager.register(importlib.import_module(name), name=name)
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        _register_entry_point(manager, point)
    if plugins_dir is not None:
        _register_folder(manager, Path(plugins_dir))
    return manager


def _register_entry_point(manager: pluggy.PluginManager, point: EntryPoint) -> None:
    with guarded(f"Error loading plugin {point.name!r} from entry point {point.value}"):
        target = point.load()
        manager.register(target() if inspect.isclass(target) else target)


def _register_folder(manager: pluggy.PluginManager, folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise PluginError(f"Plugins path is not a directory: {folder}.")
    # Plug-ins import what lies beside their folder, such as the modules of custom fetchers.
    on_path(folder.parent)
    for path in sorted(folder.glob("*.py")):
        if not path.name.startswith("_"):
            _register_file(manager, path)


def _register_file(manager: pluggy.PluginManager, path: Path) -> None:
    module = _load_file(path)
    for name, value in list(vars(module).items()):
        if inspect.isclass(value) and value.__module__ == module.__name__ and _implements(manager, value):
            with guarded(f"Error instantiating plugin {name} of {path}"):
                manager.register(value())


def _implements(manager: pluggy.PluginManager, plugin: type[Any]) -> bool:
    names = (name for name in dir(plugin) if not name.startswith("_"))
    return any(manager.parse_hookimpl_opts(plugin, name) is not None for name in names)


def _load_file(path: Path) -> ModuleType:
    name = f"clerk_plugins.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise PluginError(f"Error loading plugin {path}: it is no Python file.")
    module = importlib.util.module_from_spec(spec)
    # Registered before it runs: dataclasses and pickles look their module up.
    sys.modules[name] = module
    try:
        with guarded(f"Error loading plugin {path}"):
            spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module
