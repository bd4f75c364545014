"""Read a batch of documents on a Dask worker."""

from __future__ import annotations

from prefect import task

from clerk.models import Document, PageWork
from clerk.stages import read


@task(name="read", task_run_name="read-batch", tags=["read"], persist_result=False)
def read_documents(documents: tuple[Document, ...], work: PageWork) -> int:
    """Take the text layers that can be trusted and name the pages that need OCR."""
    return read.read_documents(documents, work)
