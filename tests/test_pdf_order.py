"""The order in which a page is read: made pages whose words come in the stream as programs set them."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from clerk.pdf.lines import Word, lines_of
from clerk.pdf.order import read_in_order

LETTER, HEIGHT, LEADING = 5.0, 10.0, 12.0

Placed = tuple[float, float, str]  # left, top, text: one line of the page


def words(lines: Sequence[Placed], block: int | None = None) -> list[Word]:
    """The words of lines in the order given; each line is a block of its own unless `block` is given."""
    found: list[Word] = []
    for number, (left, top, text) in enumerate(lines):
        at = left
        for index, word in enumerate(text.split()):
            end = at + len(word) * LETTER
            found.append(
                (at, top, end, top + HEIGHT, word, number if block is None else block, number, index)
            )
            at = end + LETTER
    return found


def read(lines: Sequence[Placed]) -> list[str]:
    return read_in_order(words(lines)).splitlines()


def prose(name: str, lines: int, letters: int = 28) -> list[str]:
    """Lines of about `letters` letters, of words that occur nowhere else."""
    made: list[str] = []
    count = 0
    for _ in range(lines):
        line = ""
        while len(line) < letters:
            line += f" {name}{count}xy"
            count += 1
        made.append(line.strip())
    return made


def columns(lefts: Sequence[float], texts: Sequence[list[str]], top: float = 100.0) -> list[list[Placed]]:
    return [
        [(left, top + LEADING * row, line) for row, line in enumerate(text)]
        for left, text in zip(lefts, texts, strict=True)
    ]


def shuffled(lines: list[Placed], seed: int) -> list[Placed]:
    return random.Random(seed).sample(lines, len(lines))


THREE = columns((40.0, 220.0, 400.0), [prose(name, 14) for name in "abc"])
FLAT = [line for column in THREE for line in column]
READ_BY_COLUMN = [text for _, _, text in FLAT]


@pytest.mark.parametrize("seed", range(4))
def test_three_columns_that_were_written_in_any_order(seed: int) -> None:
    assert read(shuffled(FLAT, seed)) == READ_BY_COLUMN


def test_three_columns_written_line_by_line_across() -> None:
    across = [line for row in zip(*THREE, strict=True) for line in row]
    assert read(across) == READ_BY_COLUMN


def test_a_heading_parts_the_columns_above_from_those_below() -> None:
    above = columns((40.0, 320.0), [prose("a", 8, 44), prose("b", 8, 44)])
    below = columns((40.0, 320.0), [prose("c", 8, 44), prose("d", 8, 44)], top=240.0)
    heading = (40.0, 218.0, "H " * 52)
    flat = [line for column in [*above, [heading], *below] for line in column]
    across = [
        *[x for row in zip(*above, strict=True) for x in row],
        *[x for r in zip(*below, strict=True) for x in r],
    ]
    assert read([*across, heading]) == [text.strip() for _, _, text in flat]


def test_head_and_foot_of_a_page_of_columns_stand_first_and_last() -> None:
    head = [(40.0, 60.0, "4"), (260.0, 60.0, "Record"), (480.0, 60.0, "June")]
    foot = [(300.0, 300.0, "912")]
    text = read([*foot, *shuffled(FLAT, 1), *head])
    assert text[0].split() == ["4", "Record", "June"]
    assert text[1:] == [*READ_BY_COLUMN, "912"]


ITEMS = [
    "Call to order", "Roll call", "Approval of the minutes of the meeting of May", "Public comment", "Adjournment",
]  # fmt: skip


@pytest.mark.parametrize("way", ["numbers first", "numbers last", "in pairs"])
def test_numbers_that_were_set_apart_from_their_items(way: str) -> None:
    numbers: list[Placed] = [(60.0, 100.0 + 24 * n, f"{n + 1}.") for n in range(5)]
    items: list[Placed] = [(90.0, 100.0 + 24 * n, text) for n, text in enumerate(ITEMS)]
    pairs = [line for pair in zip(numbers, items, strict=True) for line in pair]
    given = {"numbers first": numbers + items, "numbers last": items + numbers, "in pairs": pairs}[way]
    assert read(given) == [f"{n}. {text}" for n, text in enumerate(ITEMS, 1)]


def test_an_item_that_is_folded_goes_on_before_the_next_number() -> None:
    numbers: list[Placed] = [(60.0, 100.0, "1."), (60.0, 124.0, "2.")]
    items: list[Placed] = [
        (90.0, 100.0, "Consideration of the bid of"), (90.0, 112.0, "Fenwick Brothers"), (90.0, 124.0, "Adjournment"),
    ]  # fmt: skip
    assert read(numbers + items) == ["1. Consideration of the bid of", "Fenwick Brothers", "2. Adjournment"]


MEMBERS = ["Alder Wren", "Beck Otis", "Cole Maren", "Dunne Ike"]
MARKS = ["Aye", "Aye", "Nay", "Aye"]


@pytest.mark.parametrize("by_column", [True, False])
def test_a_roll_call_keeps_each_mark_beside_its_name(by_column: bool) -> None:
    heads: list[Placed] = [(60.0, 100.0, "Member"), (240.0, 100.0, "Aye"), (300.0, 100.0, "Nay")]
    names: list[Placed] = [(60.0, 112.0 + 12 * n, name) for n, name in enumerate(MEMBERS)]
    marks: list[Placed] = [
        (245.0 if mark == "Aye" else 305.0, 112.0 + 12 * n, "X") for n, mark in enumerate(MARKS)
    ]
    rows = [line for pair in zip(names, marks, strict=True) for line in pair]
    text = read(heads + (names + marks if by_column else rows))
    assert [line.split()[0] for line in text] == ["Member", *(name.split()[0] for name in MEMBERS)]
    header = text[0]
    for line, mark in zip(text[1:], MARKS, strict=True):
        # The mark stands under the word that it marks.
        assert abs(line.index("X") - header.index(mark)) <= 2


def test_cells_that_are_folded_are_read_one_after_the_other() -> None:
    rows: list[Word] = []
    for record in range(3):
        top = 100.0 + 40 * record
        for cell, left in enumerate((60.0, 220.0, 400.0)):
            lines = [(left, top + 12 * n, f"r{record}c{cell}l{n} word word word") for n in range(2)]
            block = 10 * record + cell
            rows += [(*word[:5], block, n, word[7]) for n, line in enumerate(lines) for word in words([line])]
    text = " ".join(read_in_order(rows).split())
    firsts = [word for word in text.split() if word.startswith("r")]
    assert firsts == [f"r{r}c{c}l{n}" for r in range(3) for c in range(3) for n in range(2)]


def test_a_line_printed_twice_is_read_once() -> None:
    assert read([(60.0, 100.0, "Notice of hearing"), (60.6, 100.4, "Notice of hearing")]) == [
        "Notice of hearing"
    ]


def test_text_that_runs_up_the_margin_comes_last() -> None:
    up: Word = (20.0, 100.0, 30.0, 200.0, "received", 9, 9, 0)
    body = words([(60.0, 100.0 + 12 * n, f"Line number {n}") for n in range(4)])
    assert read_in_order([up, *body]).splitlines()[-1] == "received"


def test_what_it_leaves_to_the_order_of_the_stream() -> None:
    assert read_in_order([]) == ""
    hebrew = words([(60.0, 100.0 + 12 * n, "ישיבת המועצה העירונית") for n in range(3)])
    assert read_in_order(hebrew) == ""
    turned: list[Word] = [(20.0 + 12 * n, 100.0, 30.0 + 12 * n, 180.0, "upward", n, 0, 0) for n in range(5)]
    assert read_in_order(turned) == ""


@pytest.mark.parametrize("seed", range(6))
def test_no_word_is_lost_or_invented(seed: int) -> None:
    chance = random.Random(seed)
    given = words(
        [
            (chance.uniform(0, 560), chance.uniform(0, 780), f"word{n} two{n}")
            for n in range(chance.randint(1, 120))
        ]
    )
    assert sorted(read_in_order(given).split()) == sorted(word[4] for word in given)


@pytest.mark.parametrize("seed", range(40))
def test_pages_of_few_crowded_rows(seed: int) -> None:
    chance = random.Random(seed)
    tops = [80.0 + 12 * n for n in range(chance.randint(1, 6))]
    lines = [
        (30.0 * chance.randint(1, 18), chance.choice(tops), f"w{n} of{n}")
        for n in range(chance.randint(1, 40))
    ]
    given = words(shuffled(lines, seed))
    assert sorted(read_in_order(given).split()) == sorted(word[4] for word in given)


def test_boxes_that_no_page_can_hold() -> None:
    bad = float("inf")
    for box in ((0.0, 0.0, 0.0, 0.0), (-1e9, -1e9, 1e9, 1e9), (5.0, 5.0, 1.0, 1.0)):
        assert read_in_order([(*box, "odd", 0, 0, 0), *words([(60.0, 100.0, "plain")])])
    assert lines_of([(0.0, 0.0, bad, bad, "odd", 0, 0, 0)])
