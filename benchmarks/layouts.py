"""Pages with a known reading order, written in the stream as programs write them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import pymupdf

SIZE, LEADING = 9.0, 11.0
_SYLLABLES = "ba ce di fo gu la me ni po ru sa te vi wo zu ka de fi go hu".split()

Line = tuple[float, float, str]  # left, baseline, text


@dataclass(frozen=True)
class Layout:
    """A page: its lines as the stream holds them, and the words as a person reads them."""

    name: str
    stream: list[Line]
    truth: list[str]


class _Maker:
    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self._count = 0

    def word(self) -> str:
        """A word that occurs once on its page."""
        self._count += 1
        letters = "".join(self.chance.choices(_SYLLABLES, k=self.chance.choice((1, 2, 2, 3))))
        return f"{letters}{self._count}"

    def text(self, width: float, lines: int) -> list[str]:
        """Lines of sentences that fill `width` points, the last one partly."""
        made = [""]
        while True:
            word = self.word()
            longer = f"{made[-1]} {word}".strip()
            if pymupdf.get_text_length(longer, fontsize=SIZE) > width:
                if len(made) == lines:
                    return made
                made.append(word)
            else:
                made[-1] = longer

    def short(self, most: int = 3) -> str:
        return " ".join(self.word() for _ in range(self.chance.randint(1, most)))


def _column(maker: _Maker, left: float, top: float, width: float, lines: int) -> list[Line]:
    return [(left, top + LEADING * n, text) for n, text in enumerate(maker.text(width, lines))]


def _across(columns: list[list[Line]]) -> list[Line]:
    return sorted((line for column in columns for line in column), key=lambda line: (line[1], line[0]))


def _flat(parts: list[list[Line]]) -> list[Line]:
    return [line for part in parts for line in part]


def _words(lines: list[Line]) -> list[str]:
    return [word for _, _, text in lines for word in text.split()]


def columns(maker: _Maker, way: str) -> Layout:
    """A head, a heading, three columns, a wide heading, two columns, a foot."""
    head = [(50.0, 40.0, maker.short()), (480.0, 40.0, maker.short(1))]
    first = [_column(maker, 50 + 175 * n, 80, 155, 20) for n in range(3)]
    wide = [(50.0, 320.0, " ".join(maker.text(500, 1)))]
    second = [_column(maker, 50 + 265 * n, 345, 240, maker.chance.randint(14, 20)) for n in range(2)]
    foot = [(300.0, 760.0, maker.word())]
    truth = _flat([head, *first, wide, *second, foot])
    if way == "in order":
        stream = truth
    elif way == "by line":
        stream = foot + head + _across([*first, wide, *second])
    else:
        parts = [head, *first, wide, *second, foot]
        stream = _flat(maker.chance.sample(parts, len(parts)))
    return Layout(f"columns, {way}", stream, _words(truth))


def agenda(maker: _Maker, way: str) -> Layout:
    """Numbered items of one to three lines, some with lettered parts, and a foot."""
    numbers: list[Line] = []
    items: list[list[Line]] = []
    top = 90.0
    for number in range(1, 13):
        if number % 4 == 0:
            numbers.append((85.0, top, f"{number}a."))
            items.append(_column(maker, 112, top, 380, maker.chance.randint(1, 2)))
        else:
            numbers.append((60.0, top, f"{number}."))
            items.append(_column(maker, 85, top, 420, maker.chance.randint(1, 3)))
        top = items[-1][-1][1] + LEADING * 2
    foot = [(60.0, 760.0, maker.short())]
    truth = _flat([[number, *item] for number, item in zip(numbers, items, strict=True)]) + foot
    ways = {
        "in order": truth,
        "numbers first": foot + numbers + _flat(items),
        "numbers last": _flat(items) + numbers + foot,
    }
    return Layout(f"agenda, {way}", ways[way], _words(truth))


def table(maker: _Maker, way: str) -> Layout:
    """A paragraph, a table of three columns with folded cells, a paragraph."""
    before, after = _column(maker, 60, 70, 480, 3), _column(maker, 60, 640, 480, 3)
    rows: list[list[list[Line]]] = []
    top = 125.0
    for _ in range(9):
        row = [_column(maker, left, top, 130, maker.chance.randint(1, 3)) for left in (60.0, 230.0, 400.0)]
        rows.append(row)
        top = max(cell[-1][1] for cell in row) + LEADING * 1.7
    truth = before + _flat([cell for row in rows for cell in row]) + after
    stream = truth if way == "by cell" else before + _across([cell for row in rows for cell in row]) + after
    return Layout(f"table, {way}", stream, _words(truth))


def roll_call(maker: _Maker, way: str) -> Layout:
    """A paragraph, names with a vote and a figure beside each, a paragraph."""
    before, after = _column(maker, 60, 100, 480, 4), _column(maker, 60, 330, 480, 4)
    rows: list[list[Line]] = []
    for n in range(9):
        top = 160 + 16.0 * n
        rows.append(
            [
                (60.0, top, f"{maker.word()} {maker.word()}"),
                (250.0, top, f"x{n}"),
                (330.0, top, f"{n},{n}00.{n}0"),
            ]
        )
    cells = _flat(rows) if way == "by row" else [row[column] for column in range(3) for row in rows]
    return Layout(f"roll call, {way}", before + cells + after, _words(before + _flat(rows) + after))


def minutes(maker: _Maker, way: str) -> Layout:
    """A head, paragraphs and headings, a foot; the stream may hold head and foot in the wrong places."""
    head, foot = [(60.0, 45.0, maker.short())], [(60.0, 755.0, maker.short()), (500.0, 755.0, maker.word())]
    body: list[Line] = []
    top = 90.0
    for number in range(8):
        if number % 2 == 0:
            body.append((60.0, top, maker.short().upper()))
            top += LEADING * 1.6
        body += (part := _column(maker, 60, top, 490, maker.chance.randint(2, 5)))
        top = part[-1][1] + LEADING * 1.8
    truth = head + body + foot
    return Layout(f"minutes, {way}", truth if way == "in order" else foot + body + head, _words(truth))


KINDS: list[tuple[Callable[[_Maker, str], Layout], tuple[str, ...]]] = [
    (columns, ("in order", "by line", "shuffled")),
    (agenda, ("in order", "numbers first", "numbers last")),
    (table, ("by cell", "by line")),
    (roll_call, ("by row", "by column")),
    (minutes, ("in order", "foot first")),
]


def layouts(each: int) -> list[Layout]:
    """`each` pages of every kind and way."""
    return [make(_Maker(seed), way) for make, ways in KINDS for way in ways for seed in range(each)]


def drawn(layout: Layout) -> pymupdf.Document:
    """The page as a PDF of one page."""
    document = pymupdf.open()
    page = document.new_page(width=612, height=792)
    for left, baseline, text in layout.stream:
        page.insert_text((left, baseline), text, fontsize=SIZE)
    return document
