"""Work that may hang, crash or eat all memory runs in a child process that can be killed.

`Child` is one warm process; `worker_child` is the one that this process shares. Children are started afresh,
never forked, and die with their parent however it dies.
"""

from __future__ import annotations

from clerk.isolation.child import Child, worker_child
from clerk.isolation.limits import engine_loading

__all__ = ["Child", "engine_loading", "worker_child"]
