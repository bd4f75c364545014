"""One call of the hook that takes files. Not in `uploads`: the process that calls it starts without its imports."""

from __future__ import annotations

from clerk.isolation import engine_loading
from clerk.plugins import call_hook, plugin_manager


def hand_over(plugins_dir: str, path: str, key: str) -> None:
    """Hand the file at `path` to the plug-ins of the folder under its key; to be run in a child process.

    Raises:
        PluginError: a plug-in failed.
    """
    with engine_loading():
        plugins = plugin_manager(plugins_dir)
    # What plug-ins return is of no use to anybody, and may not cross.
    call_hook(plugins, "upload_static_file", file_path=path, storage_path=key)
