"""The chaos suite in a short form: the run itself killed, and the broker away, with few pages and nobody's help."""

from __future__ import annotations

import json

import pytest

from benchmarks import chaos

pytestmark = pytest.mark.e2e


def test_nothing_is_lost_twice_false_or_unfinished(capsys: pytest.CaptureFixture[str]) -> None:
    code = chaos.main(["--pages", "12", "--only", "flow", "--only", "Redis"])
    output = capsys.readouterr()
    assert code == 0, output.err
    assert json.loads(output.out.splitlines()[-1]) == {
        "faults": 2,
        "pages": 24,
        "pages_lost": 0,
        "pages_twice": 0,
        "false_rows": 0,
        "damaged": 0,
        "unfinished_sites": 0,
    }
