"""Compiles the pages of one site into `meetings.db`: built beside, checked, and swapped in whole.

The one verb is `compile_database`; `built` tells what the live database is. Imports nothing heavy.
"""

from __future__ import annotations

from clerk.build_info import BuildInfo, built
from clerk.compile.build import Built, compile_database
from clerk.compile.rows import Details, DocumentRow, PageRow

__all__ = ["BuildInfo", "Built", "Details", "DocumentRow", "PageRow", "built", "compile_database"]
