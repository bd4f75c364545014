"""Sets blocks of text on letter pages, remembers exactly what stands on each, and draws them as PDF."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import pymupdf

WIDTH, HEIGHT = 612.0, 792.0  # US letter, points
TOP, BOTTOM = 84.0, 720.0
LEADING = 1.45
FAMILIES = {
    "times": ("tiro", "tibo", "tiit"),
    "sans": ("helv", "hebo", "heit"),
    "typewriter": ("cour", "cobo", "coit"),
}
# Fixed dates and producer: the same script makes the same file.
METADATA = {
    "producer": "Alder Hollow sample maker",
    "creationDate": "D:20250701120000Z",
    "modDate": "D:20250701120000Z",
}


@dataclass(frozen=True)
class Span:
    """A run of text at a baseline position, in points from the top left corner."""

    x: float
    y: float
    text: str
    font: str
    size: float


@dataclass
class Sheet:
    """One page: lines of spans in reading order, and straight rules (x0, y0, x1, y1, width)."""

    lines: list[list[Span]] = field(default_factory=list)
    rules: list[tuple[float, float, float, float, float]] = field(default_factory=list)
    seal: bool = False
    signature_y: float | None = None

    @property
    def text(self) -> str:
        return "\n".join(" ".join(span.text for span in line) for line in self.lines)


@cache
def font(name: str) -> pymupdf.Font:
    """The PostScript-like font that PyMuPDF carries under this short name; embedded when drawn."""
    return pymupdf.Font(name)


@cache
def advance(text: str, name: str) -> float:
    """Width of `text` at one point; words recur so much that asking the font each time takes seconds."""
    return float(font(name).text_length(text, 1))


def wrap(text: str, name: str, size: float, width: float) -> list[str]:
    """Break `text` into lines no wider than `width` points, between words only."""
    lines: list[str] = []
    used = 0.0
    for word in text.split():
        wide = advance(word, name) * size
        gap = advance(" ", name) * size
        if lines and used + gap + wide <= width:
            lines[-1] += f" {word}"
            used += gap + wide
        else:
            lines.append(word)
            used = wide
    return lines


class Typesetter:
    """Fills pages from top to bottom, one frame after the other; every block returns its page, from 1."""

    def __init__(self, family: str, size: float, *, columns: int = 1, margin: float = 74.0) -> None:
        self.regular, self.bold, self.italic = FAMILIES[family]
        self.size = size
        self.margin = margin
        gutter = 22.0 if columns > 1 else 0.0
        self.columns = columns
        self.frame_width = (WIDTH - 2 * margin - gutter * (columns - 1)) / columns
        self.step = self.frame_width + gutter
        self.sheets = [Sheet(seal=True)]
        self.column = 0
        self.top = TOP
        self.y = TOP

    @property
    def page(self) -> int:
        return len(self.sheets)

    @property
    def x(self) -> float:
        return self.margin + self.column * self.step

    def room(self, height: float) -> None:
        """Move to the next frame when fewer than `height` points are left in this one."""
        if self.y + height > BOTTOM:
            self.next_frame()

    def next_frame(self) -> None:
        self.column += 1
        if self.column == self.columns:
            self.column, self.top = 0, TOP
            self.sheets.append(Sheet())
        self.y = self.top

    def start_columns(self) -> None:
        """Columns of this page begin here, below a headline that spans them."""
        self.top = self.y

    def gap(self, points: float) -> None:
        self.y += points

    def masthead(self, lines: tuple[str, ...]) -> None:
        """Centred title lines over the full width, the first one large."""
        for place, text in enumerate(lines):
            size = self.size + (5 if place == 0 else 1)
            name = self.bold if place < 2 else self.regular
            x = (WIDTH - font(name).text_length(text, size)) / 2
            self.y += size * 1.3
            self.sheets[-1].lines.append([Span(x, self.y, text, name, size)])
        self.gap(6)
        self.sheets[-1].rules.append((self.margin, self.y, WIDTH - self.margin, self.y, 1.2))
        self.gap(8)

    def heading(self, text: str) -> int:
        self.gap(self.size * 0.5)
        self.room(self.size * 5)
        return self._block(text, self.bold, 0.0, self.size * 0.35)

    def para(self, text: str, *, indent: float = 0.0, italic: bool = False) -> int:
        return self._block(text, self.italic if italic else self.regular, indent, self.size * 0.6)

    def _block(self, text: str, name: str, indent: float, after: float) -> int:
        leading = self.size * LEADING
        first = 0
        for line in wrap(text, name, self.size, self.frame_width - indent):
            self.room(leading)
            first = first or self.page
            self.y += leading
            self.sheets[-1].lines.append([Span(self.x + indent, self.y, line, name, self.size)])
        self.y += after
        return first

    def labelled(self, label: str, text: str, *, indent: float = 36.0, width: float = 78.0) -> int:
        """A bold label, and the text hanging beside it."""
        leading = self.size * LEADING
        first = 0
        for line in wrap(text, self.regular, self.size, self.frame_width - indent - width):
            self.room(leading)
            self.y += leading
            spans = [Span(self.x + indent + width, self.y, line, self.regular, self.size)]
            if not first:
                first = self.page
                spans.insert(0, Span(self.x + indent, self.y, label, self.bold, self.size))
            self.sheets[-1].lines.append(spans)
        self.y += self.size * 0.2
        return first

    def table(self, rows: tuple[tuple[str, ...], ...], widths: tuple[float, ...]) -> int:
        """A ruled table: first row bold, first column to the left, all others to the right."""
        height = self.size * 1.6
        self.room(height * 3)
        first = self.page
        for place, row in enumerate(rows):
            self.room(height)
            self.y += height
            spans, edge = [], self.x
            name = self.bold if place == 0 or row[0].startswith("Total") else self.regular
            for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
                shift = 4.0 if column == 0 else width - 4 - font(name).text_length(cell, self.size)
                spans.append(Span(edge + shift, self.y, cell, name, self.size))
                edge += width
            self.sheets[-1].lines.append(spans)
            line = self.y + self.size * 0.42
            self.sheets[-1].rules.append((self.x, line, edge, line, 1.0 if place == 0 else 0.3))
        self.gap(self.size * 1.4)
        return first

    def sign(self, name: str, office: str) -> None:
        self.room(90)
        self.gap(20)
        self.para("Respectfully submitted,")
        self.sheets[-1].signature_y = self.y + 14
        self.gap(30)
        self.para(f"{name}, {office}")

    def finish(self, running: str) -> list[Sheet]:
        """Adds the running head (from page 2) and the page number; returns the pages."""
        small = self.size - 2
        for number, sheet in enumerate(self.sheets, start=1):
            if number > 1:
                sheet.lines.insert(0, [Span(self.margin, 52, running, self.italic, small)])
                sheet.rules.append((self.margin, 58, WIDTH - self.margin, 58, 0.5))
            foot = f"Page {number} of {len(self.sheets)}"
            x = (WIDTH - font(self.regular).text_length(foot, small)) / 2
            sheet.lines.append([Span(x, 756, foot, self.regular, small)])
        return self.sheets


def draw(sheets: list[Sheet]) -> pymupdf.Document:
    """A born-digital PDF of the pages, fonts embedded and reduced to the letters used."""
    document = pymupdf.open()
    for sheet in sheets:
        page = document.new_page(width=WIDTH, height=HEIGHT)
        _ornaments(page, sheet)
        writer = pymupdf.TextWriter(page.rect)
        for line in sheet.lines:
            for span in line:
                writer.append((span.x, span.y), span.text, font=font(span.font), fontsize=span.size)
        writer.write_text(page)
    document.subset_fonts()
    document.set_metadata(METADATA)
    return document


def _ornaments(page: pymupdf.Page, sheet: Sheet) -> None:
    shape = page.new_shape()
    for x0, y0, x1, y1, width in sheet.rules:
        shape.draw_line((x0, y0), (x1, y1))
        shape.finish(width=width)
    if sheet.seal:
        shape.draw_circle((WIDTH / 2, 54), 27)
        shape.draw_circle((WIDTH / 2, 54), 23)
        shape.draw_polyline([(300, 61), (306, 36), (312, 61), (300, 61)])
        shape.draw_line((306, 61), (306, 69))
        shape.finish(width=1.1)
    if sheet.signature_y is not None:
        y = sheet.signature_y
        shape.draw_bezier((78, y + 6), (96, y - 26), (104, y + 22), (122, y - 4))
        shape.draw_bezier((122, y - 4), (134, y - 16), (138, y + 14), (156, y - 2))
        shape.draw_bezier((156, y - 2), (176, y - 14), (190, y + 8), (226, y - 6))
        shape.finish(width=1.2)
    shape.commit()
