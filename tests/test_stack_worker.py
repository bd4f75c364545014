"""When a worker asks the API for runs, and when it need not."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import UUID, uuid4

import anyio
import pytest

from clerk.stack import process_worker
from clerk.stack.prefork import Prefork
from clerk.stack.process_worker import SlotWorker


class Counting(SlotWorker):
    """A worker that counts how often it asked, and is told of nothing."""

    asked = 0

    @classmethod
    def __dispatch_key__(cls) -> str:
        return "counting"

    async def _get_scheduled_flow_runs(self) -> list[object]:  # type: ignore[override]
        self.asked += 1
        return []


def worker(slots: Path, *, limit: int, active: int) -> Counting:
    made = Counting("clerk-fetch", "counting", limit, slots, active, Prefork(slots))
    made._limiter = anyio.CapacityLimiter(limit)
    return made


def start(made: Counting) -> UUID:
    """What Prefect does when a run begins."""
    run = uuid4()
    made.limiter.acquire_on_behalf_of_nowait(run)
    made._at_work.add(run)
    return run


def test_a_full_worker_asks_for_nothing_until_a_slot_is_given_back(tmp_path: Path) -> None:
    async def story() -> None:
        made = worker(tmp_path, limit=1, active=5)
        run = start(made)
        # The first question is asked whatever there is: until then the queue does not know of its worker.
        assert await made.poll() == 0
        assert await made.poll() is None
        assert made.asked == 1
        (tmp_path / str(run)).touch()
        made.take_back()
        assert not made.full
        assert await made.poll() == 0
        assert made.asked == 2

    asyncio.run(story())


def test_runs_that_go_on_without_a_slot_are_bounded(tmp_path: Path) -> None:
    async def story() -> None:
        made = worker(tmp_path, limit=2, active=2)
        for run in [start(made), start(made)]:
            (tmp_path / str(run)).touch()
        made.take_back()
        assert made.limiter.available_tokens == 2
        assert made.full

    asyncio.run(story())


def test_a_full_worker_is_seen_by_its_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        made = worker(tmp_path, limit=1, active=5)
        start(made)
        await made.poll()
        monkeypatch.setattr(process_worker, "FULL_POLL_SECONDS", 0.0)
        assert await made.poll() == 0
        assert made.asked == 2

    asyncio.run(story())
