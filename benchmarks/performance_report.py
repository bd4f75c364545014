"""Writes `docs/performance.md` from the figures of `benchmarks.pipeline`."""

from __future__ import annotations

import os
import platform
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.pipeline import Figures
    from benchmarks.ways import Cost

COMMAND = "make bench"
CORES = os.cpu_count() or 1


def page(figures: Figures) -> str:
    """The whole page."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    lines = [
        "# What it costs",
        "",
        *_paragraph(
            f"""Made by `{COMMAND}`, which measures on this machine and ends with a line of JSON that holds every
            figure. Each way is measured with few and with many pages: what a page costs is the difference, and
            what is left of the first is the start-up. `clerk`, the bare limit and OCRmyPDF take turns (`--turns`), and
            the least of each counts. CPU-seconds are those of all processes together and hardly depend on what else
            a machine does; seconds by the clock do."""
        ),
        *_paragraph(f"Last run: {machine}, `{figures.made_with}`."),
        *_scanned(figures),
        *_orchestration(figures),
        *_born(figures),
        *_memory(figures),
        *_paragraph(
            """What a fleet costs, 300 sites queued at once on one machine, and whether it keeps the order of
            priorities, is in [stack.md](stack.md#300-sites-at-once)."""
        ),
    ]
    lines += [f"- {note}" for note in figures.notes] + ([""] if figures.notes else [])
    return "\n".join(lines).replace("\n\n\n", "\n\n")


def as_json(figures: Figures) -> dict[str, Any]:
    """Every figure."""
    looks: dict[str, Any] = {}
    if run := figures.run:
        looks = {
            "first_cpu": round(run.first_cpu, 2),
            "further_cpu": round(run.further_cpu, 2),
            "further_pages": run.further_pages,
            "further_cpu_a_page": round(figures.further, 4),
            "server_seconds": round(figures.server, 1),
            "stages": run.stages,
        }
    return {
        "scanned": {name: cost.to_json() for name, cost in figures.scanned.items()} | _ratios(figures),
        "looks": looks,
        "orchestration": figures.orchestration,
        "born_digital": {name: round(value, 3) for name, value in figures.born.items()},
        "memory": figures.memory,
        "notes": figures.notes,
    }


def _ratios(figures: Figures) -> dict[str, float]:
    """How clerk compares, start-up apart: above 1 it is ahead."""
    costs = figures.scanned
    if "clerk" not in costs:
        return {}
    own = costs["clerk"].page
    return {
        f"{name}_{what}_times": round(theirs / ours, 3)
        for name, cost in costs.items()
        if name != "clerk"
        for what, theirs, ours in (
            ("speed", cost.page.seconds, own.seconds),
            ("cpu", cost.page.cpu, own.cpu),
        )
    }


def _scanned(figures: Figures) -> list[str]:
    if not figures.scanned:
        return []
    own = figures.scanned["clerk"]
    lines = [
        "## Scanned pages",
        "",
        *_paragraph(
            f"""{own.pages} pages of {figures.pool}, by each way on all cores. `clerk` is the whole of `clerk run`:
            fetch, read, recognise with all looks, compile, extract, deploy. *The bare limit* is the same pages
            through as many plain processes with a warm engine as there are cores, and nothing else. OCRmyPDF is
            `ocrmypdf --jobs N --sidecar`, the last two are `pdftoppm` and one process of `tesseract` for each page:
            with OMP_THREAD_LIMIT=1, and without, where a tesseract built with OpenMP, as Linux distributions have
            it, starts as many threads as there are cores for each of them. All use the same language file.
            Starting and stopping its Prefect server took `clerk` {figures.server:.1f} s more, most of it once for each
            storage folder; the CPU-seconds hold it. {figures.rivals}"""
        ),
        "| way | s a page | CPU-s a page | start-up, s | start-up, CPU-s | speed of clerk | CPU of it, times clerk's |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [_cost_row(cost, own) for cost in figures.scanned.values()]
    run = figures.run
    if run:
        lines += [
            "",
            *_paragraph(
                f"""Of the CPU time of `clerk`, the first looks took {run.first_cpu:.1f} s, and further looks at
                {run.further_pages} pages {run.further_cpu:.1f} s, which the other ways do not do. Without them it
                takes {own.page.cpu - figures.further:.3f} CPU-s a page, and by the clock, on {CORES} cores, about
                {own.page.seconds - figures.further / CORES:.3f} s{_of_bare(figures, own)}."""
            ),
        ]
    return [*lines, ""]


def _of_bare(figures: Figures, own: Cost) -> str:
    if "bare" not in figures.scanned:
        return ""
    bare = figures.scanned["bare"].page
    cpu = bare.cpu / (own.page.cpu - figures.further)
    speed = bare.seconds / (own.page.seconds - figures.further / CORES)
    return f": {speed:.2f} of the speed of the bare limit, and {cpu:.2f} by CPU"


def _orchestration(figures: Figures) -> list[str]:
    if not figures.orchestration:
        return []
    lines = [
        "## Orchestration",
        "",
        *_paragraph(
            """The same documents by `clerk run`, and by the same stage functions in plain processes without
            Prefect and Dask. *Share* is what of the run's time the second way does not take, with the start of
            the workers and without it. Starting and stopping the Prefect server is apart; it does not grow with
            the number of pages. The number of mapped tasks is bounded: 100 for reading and 380 for OCR at most,
            whatever the size of the site."""
        ),
        "| documents | run, s | stages alone, s | share | without start | task and job rows | server, s |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [_share_row(name, row) for name, row in figures.orchestration.items()]
    return [*lines, ""]


def _born(figures: Figures) -> list[str]:
    born = figures.born
    if not born:
        return []
    text = f"""{born["pages"]:.0f} pages. The read stage takes {born["read_cpu_ms"]:.1f} ms of CPU a page with text,
        trust and sidecars, the whole run {born["run_cpu_ms"]:.0f} ms, most of it for names and votes."""
    if "rival_cpu_ms" in born:
        text += f""" Recognising the same pages with poppler and a tesseract a page takes {born["rival_cpu_ms"]:.0f} ms:
            {born["rival_times"]:.0f} times as much as reading them."""
    return ["## Born-digital pages", "", *_paragraph(text)]


def _memory(figures: Figures) -> list[str]:
    found = figures.memory
    if not found:
        return []
    return [
        "## Memory",
        "",
        "Peaks in MB (`--memory`), shared memory in proportion.",
        "",
        "| | MB |",
        "|---|---:|",
        f"| a worker with its child, {found['document_pages']} pages, each tenth a scan | {found['worker_mb']} |",
        f"| of which the child | {found['child_mb']} |",
        f"| the process that workers are forked from | {found['forking_mb']} |",
        f"| that process, all workers and children, for each worker | {found['share_mb']} |",
        f"| the flow's process, on a site of {found['site_pages']} pages | {found['flow_mb']} |",
        f"| the process that extracts | {found['extraction_mb']} |",
        "",
    ]


def _paragraph(text: str) -> list[str]:
    """Its lines, and an empty one."""
    return [*textwrap.wrap(" ".join(text.split()), 118, break_on_hyphens=False), ""]


def _cost_row(cost: Cost, own: Cost) -> str:
    figures = (cost.page.seconds, cost.page.cpu, cost.start.seconds, cost.start.cpu)
    shown = " | ".join(f"{value:.3f}" if n < 2 else f"{value:.1f}" for n, value in enumerate(figures))
    times = f"{cost.page.seconds / own.page.seconds:.2f} | {cost.page.cpu / own.page.cpu:.2f}"
    return f"| {cost.name} | {shown} | {times} |"


def _share_row(name: str, row: dict[str, float]) -> str:
    shares = f"{row['share']:.0%} | {row['share_without_start']:.0%}"
    rest = f"{row['task_rows']:.0f} | {row['start_stop_seconds']:.1f}"
    return f"| {name} | {row['run_seconds']:.1f} | {row['stages_seconds']:.1f} | {shares} | {rest} |"
