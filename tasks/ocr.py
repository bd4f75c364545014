"""Recognise a span of pages on a Dask worker."""

from __future__ import annotations

from prefect import task

from clerk.models import PageSpan, PageWork
from clerk.stages import ocr


@task(name="ocr", task_run_name="ocr-span", tags=["ocr"], persist_result=False)
def recognise_pages(spans: tuple[PageSpan, ...], work: PageWork) -> int:
    """Recognise the pages one by one; each is on disk as soon as it is done."""
    return ocr.recognise_pages(spans, work)
