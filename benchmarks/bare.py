"""The bare limit: pages through plain processes that draw and recognise, with warm engines and nothing else.

No child that can be killed, no records, no checks, no second looks: what the cores can do with this engine.
"""

from __future__ import annotations

import json
import sys
import time
from multiprocessing import get_context
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from clerk.pdf.tessdata import traineddata

DPI = 150


def main(arguments: list[str]) -> None:
    """`python -m benchmarks.bare PROCESSES PDF…`: recognise every page and print seconds and CPU-seconds as JSON."""
    context = get_context("spawn")
    processes, paths = int(arguments[0]), arguments[1:]
    barrier, work, results = context.Barrier(processes + 1), context.Queue(), context.Queue()
    workers = [context.Process(target=_serve, args=(barrier, work, results)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    barrier.wait()
    began = time.monotonic()
    for path in paths:
        work.put(path)
    for _ in workers:
        work.put(None)
    figures = [results.get() for _ in workers]
    seconds = time.monotonic() - began
    for worker in workers:
        worker.join()
    total = {
        "seconds": seconds,
        "cpu": sum(cpu for cpu, _ in figures),
        "pages": sum(pages for _, pages in figures),
    }
    print(json.dumps(total))


def _serve(barrier: Barrier, work: Queue[Any], results: Queue[Any]) -> None:
    sys.modules["pymupdf.layout"] = None  # type: ignore[assignment]
    sys.modules["pymupdf4llm"] = None  # type: ignore[assignment]
    import pymupdf
    import tesserocr

    folder = traineddata("eng")
    assert folder is not None
    api = tesserocr.PyTessBaseAPI(
        path=str(folder.parent), lang="eng", psm=tesserocr.PSM.AUTO, oem=tesserocr.OEM.LSTM_ONLY
    )
    api.SetVariable("thresholding_method", "2")
    barrier.wait()
    began, pages = time.process_time(), 0
    while path := work.get():
        name, _, number = path.rpartition("#")
        with pymupdf.open(Path(name)) as document:
            image = document[int(number)].get_pixmap(dpi=DPI, colorspace=pymupdf.csGRAY)
        api.SetImageBytes(image.samples, image.width, image.height, 1, image.stride)
        api.SetSourceResolution(DPI)
        api.GetUTF8Text()
        api.Clear()
        pages += 1
    results.put((time.process_time() - began, pages))


if __name__ == "__main__":
    main(sys.argv[1:])
