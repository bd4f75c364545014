"""Synthetic scans with known text: fictional minutes, printed, scanned and spoilt, the same for equal seeds."""

from __future__ import annotations

import io
import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pymupdf
from PIL import Image, ImageFilter

Gray = np.ndarray
FONTS = ("tiro", "helv")

_NAMES = (
    "Harper Moreno Okafor Lindqvist Castellano Whitcomb Brannigan Delacroix Nakamura Ferreira Oyelaran Pruitt "
    "Vandermeer Galloway Sandoval Threlkeld Abernathy Kowalczyk Espinoza Rutledge"
).split()
_STREETS = (
    "Maple Juniper Quarry Harbor Franklin Depot Millrace Chestnut Orchard Prospect Canal Sycamore".split()
)
_ENGLISH = (
    "The regular meeting of the {body} was called to order at {hour}:{minute} p.m. by Chair {a}.",
    "A motion was made by Councilor {a}, seconded by Councilor {b}, to approve Resolution No. {year}-{n}.",
    "The motion carried by a vote of {x} to {y}, with Councilor {b} abstaining.",
    "Ms. {a} of {n} {street} Street asked why the bid of ${n},{m}.{minute} had been accepted without review.",
    "Mr. {b} presented the quarterly report; revenue rose by {x}.{y} percent over fiscal year {year}.",
    "Staff recommends that the public hearing on the {street} Avenue rezoning be continued to March {d}, {year}.",
    "Ordinance {n} amends Section {x}-{m} of the municipal code concerning parking, signs and sidewalks.",
    "Councilor {a} inquired about the drainage near {street} Road and the condition of the culvert there.",
    "The Board reviewed the minutes of January {d}, {year}, and approved them as corrected on page {x}.",
    "Public comment was heard from {a}, {b} and several residents who objected to the proposed fee schedule.",
    "The engineer explained that the pump at {street} Station failed twice and will be replaced by October.",
    "There being no further business, the meeting was adjourned at {hour}:{minute} p.m.",
    "Payment of claims numbered {n} through {m} in the amount of ${n},{m}.00 was authorized unanimously.",
)
_SPANISH = (
    "La sesión ordinaria del {body} comenzó a las {hour}:{minute} de la tarde bajo la presidencia de {a}.",
    "El concejal {a} presentó una moción, apoyada por {b}, para aprobar la resolución número {year}-{n}.",
    "La moción fue aprobada con {x} votos a favor y {y} en contra; el señor {b} se abstuvo.",
    "La señora {a}, de la calle {street} {n}, preguntó por qué se aceptó la oferta de ${n},{m}.",
    "El informe trimestral indica que los ingresos crecieron un {x} por ciento durante el año {year}.",
    "Se continuará la audiencia pública sobre la zonificación hasta el {d} de marzo de {year}.",
    "El público opinó sobre el presupuesto, la policía, los parques y la reparación de las aceras.",
    "La ordenanza {n} modifica la sección {x}-{m} del código municipal sobre estacionamiento y señales.",
    "Sin más asuntos que tratar, se levantó la sesión a las {hour}:{minute} de la noche.",
)
_HEADS = {
    "eng": ("CALL TO ORDER", "CONSENT AGENDA", "PUBLIC COMMENT", "NEW BUSINESS", "REPORTS", "ADJOURNMENT"),
    "spa": ("ORDEN DEL DÍA", "ASUNTOS NUEVOS", "COMENTARIOS DEL PÚBLICO", "INFORMES", "VOTACIÓN"),
}
_BODIES = {
    "eng": ("Town Council", "Planning Board", "School Committee"),
    "spa": ("Concejo Municipal", "Comité de Obras"),
}


@dataclass(frozen=True, slots=True)
class Page:
    """A scan as a PDF of one page, and the text that is printed on it."""

    label: str
    pdf: bytes
    truth: str


@dataclass(frozen=True, slots=True)
class Look:
    """How a class of pages is printed and scanned: points of the type, dpi of the scan, what spoils it."""

    size: float = 11.0
    dpi: int = 200
    language: str = "eng"
    spoil: Callable[[Gray, random.Random], Gray] = lambda image, _: image
    skew: tuple[float, float] = (0.0, 0.0)
    turns: tuple[int, ...] = (0,)
    quality: int = 0
    columns: int = 1


def _typical(image: Gray, rng: random.Random) -> Gray:
    return _noise(_blur(image, 0.6), rng, 8)


def _bad(image: Gray, rng: random.Random) -> Gray:
    height, width = image.shape
    rows, columns = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)[None, :]
    shade = 60 * (rows * rng.uniform(-1, 1) + columns * rng.uniform(-1, 1))
    faded = 90 + (_blur(image, 1.2).astype(float) - 0) * (130 / 255) + shade
    spoilt = _noise(faded, rng, 16)
    return _specks(spoilt, rng, 0.002)


def _fax(image: Gray, rng: random.Random) -> Gray:
    rough = _noise(_blur(image, 0.7), rng, 40)
    bilevel = np.where(rough > rng.uniform(120, 170), 255, 0).astype(np.uint8)
    return _specks(bilevel, rng, 0.004)


def _fax_standard(image: Gray, rng: random.Random) -> Gray:
    # Every other line of the fine raster is all that the coarse mode sends.
    return np.repeat(_fax(image, rng)[::2], 2, axis=0)[: image.shape[0]]


CLASSES: dict[str, Look] = {
    "clean": Look(dpi=300),
    "typical": Look(spoil=_typical, skew=(-0.4, 0.4), quality=60),
    "bad": Look(spoil=_bad, skew=(-1.5, 1.5), quality=35),
    "fax": Look(spoil=_fax, skew=(-1.0, 1.0)),
    "fax, coarse": Look(spoil=_fax_standard, skew=(-1.0, 1.0), size=12),
    "rotated": Look(spoil=_typical, turns=(90, 180, 270), skew=(-0.4, 0.4), quality=60),
    "skewed": Look(spoil=_typical, skew=(2.0, 5.0), quality=60),
    "small print": Look(spoil=_typical, size=6.5, dpi=300, quality=70, skew=(-0.3, 0.3)),
    "columns": Look(spoil=_typical, size=9.5, skew=(-0.4, 0.4), quality=60, columns=2),
    "bad columns": Look(spoil=_bad, size=9.5, skew=(-1.5, 1.5), quality=35, columns=2),
    "Spanish": Look(spoil=_typical, language="spa", skew=(-0.4, 0.4), quality=60),
}


def pages(name: str, count: int, seed: int = 1) -> list[Page]:
    """`count` pages of the class `name`."""
    return [page(f"{name} {n}", CLASSES[name], seed * 1000 + n) for n in range(count)]


def page(label: str, look: Look, seed: int) -> Page:
    """One page; equal arguments make equal pages."""
    rng = random.Random(f"{label} {seed}")
    printed, truth = _printed(look, rng, FONTS[seed % len(FONTS)])
    sheet = Image.fromarray(look.spoil(_skewed(printed, look, rng), rng))
    turn = look.turns[seed % len(look.turns)]
    return Page(
        label, as_pdf(sheet.rotate(-turn, expand=True) if turn else sheet, look.dpi, look.quality), truth
    )


def as_pdf(image: Image.Image, dpi: float, quality: int = 0) -> bytes:
    """An image as a PDF of one page; `quality` is JPEG's, 0 loses nothing."""
    stream = io.BytesIO()
    if quality:
        image.save(stream, "JPEG", quality=quality)
    else:
        image.save(stream, "PNG")
    with pymupdf.open() as document:
        target = document.new_page(width=image.width * 72 / dpi, height=image.height * 72 / dpi)
        target.insert_image(target.rect, stream=stream.getvalue())
        return bytes(document.tobytes(deflate=True))


def _printed(look: Look, rng: random.Random, font: str) -> tuple[Gray, str]:
    lines: list[str] = []
    with pymupdf.open() as document:
        sheet = document.new_page(width=612, height=792)
        width = (484 - 24 * (look.columns - 1)) / look.columns
        for column in range(look.columns):
            _column(sheet, 64 + column * (width + 24), width, look, rng, font, lines)
        pixmap = sheet.get_pixmap(dpi=look.dpi, colorspace=pymupdf.csGRAY)
        image = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)[
            :, : pixmap.width
        ]
        return image.copy(), "\n".join(lines)


def _column(
    sheet: pymupdf.Page,
    left: float,
    width: float,
    look: Look,
    rng: random.Random,
    font: str,
    lines: list[str],
) -> None:
    top, leading = 72 + look.size, look.size * 1.28
    while top < 720:
        head = rng.random() < 0.22
        text = rng.choice(_HEADS[look.language]) if head else _paragraph(look.language, rng)
        for line in _wrapped(text, font, look.size, width):
            if top < 730:
                sheet.insert_text((left, top), line, fontname=font, fontsize=look.size)
                lines.append(line)
            top += leading
        top += leading * 0.6


def _paragraph(language: str, rng: random.Random) -> str:
    sentences = _ENGLISH if language == "eng" else _SPANISH
    return " ".join(
        sentence.format(
            a=rng.choice(_NAMES),
            b=rng.choice(_NAMES),
            street=rng.choice(_STREETS),
            body=rng.choice(_BODIES[language]),
            hour=rng.randint(5, 9),
            minute=f"{rng.randint(0, 59):02d}",
            year=rng.randint(1996, 2026),
            d=rng.randint(1, 28),
            n=rng.randint(10, 9999),
            m=rng.randint(100, 999),
            x=rng.randint(1, 9),
            y=rng.randint(0, 9),
        )
        for sentence in rng.sample(sentences, rng.randint(2, 4))
    )


def _wrapped(text: str, font: str, size: float, width: float) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and pymupdf.get_text_length(longer, fontname=font, fontsize=size) > width:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line]


def _skewed(image: Gray, look: Look, rng: random.Random) -> Gray:
    low, high = look.skew
    angle = rng.uniform(low, high) * (rng.choice((-1, 1)) if low > 0 else 1)
    if not angle:
        return image
    return np.asarray(Image.fromarray(image).rotate(angle, Image.Resampling.BICUBIC, fillcolor=255))


def _blur(image: Gray, radius: float) -> Gray:
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(radius)))


def _noise(image: Gray, rng: random.Random, sigma: float) -> Gray:
    numbers = np.random.default_rng(rng.getrandbits(32))
    return np.clip(image + numbers.normal(0, sigma, image.shape), 0, 255).astype(np.uint8)


def _specks(image: Gray, rng: random.Random, share: float) -> Gray:
    numbers = np.random.default_rng(rng.getrandbits(32)).random(image.shape)
    image = np.where(numbers < share, 0, image)
    return np.where(numbers > 1 - share, 255, image).astype(np.uint8)


_SAME = str.maketrans(
    {"‘": "'", "’": "'", "‚": ",", "“": '"', "”": '"', "–": "-", "—": "-", "­": "-", "\u00a0": " "}
)


def plain(text: str) -> str:
    """Text for comparing: quotes and dashes of one kind, one space between words."""
    text = unicodedata.normalize("NFC", text).translate(_SAME)
    return re.sub(r"\s+", " ", text.replace("''", '"').replace("ﬁ", "fi").replace("ﬂ", "fl")).strip()


def character_error(truth: str, text: str) -> float:
    """Edits of characters that turn `text` into `truth`, a share of its length."""
    truth, text = plain(truth), plain(text)
    codes = [np.array([ord(letter) for letter in value], np.int64) for value in (truth, text)]
    return distance(*codes) / max(1, len(truth))


def word_error(truth: str, text: str) -> float:
    """The same for words."""
    numbers: dict[str, int] = {}
    lists = [
        [numbers.setdefault(word, len(numbers)) for word in plain(value).split()] for value in (truth, text)
    ]
    return distance(*(np.array(words, np.int64) for words in lists)) / max(1, len(lists[0]))


def distance(one: Gray, other: Gray) -> int:
    """Levenshtein's distance of two sequences of numbers, a row of the table at a time."""
    if not len(one) or not len(other):
        return int(max(len(one), len(other)))
    steps = np.arange(len(other) + 1)
    row = steps.copy()
    for n, value in enumerate(one, 1):
        best = np.minimum(row[1:] + 1, row[:-1] + (other != value))
        row = np.concatenate(([n], best))
        # An insertion costs one for each step to the right: a running minimum after the slope is taken out.
        row = np.minimum.accumulate(row - steps) + steps
    return int(row[-1])


def truth_pages(folder: Path) -> dict[str, list[Page]]:
    """The pages of a folder of scans with their exact text, by kind; it holds `nipissing` and `tesseract_unlv`."""
    office = [
        Page(path.stem, path.read_bytes(), path.with_suffix(".gt.txt").read_text(encoding="utf-8"))
        for path in sorted((folder / "nipissing").glob("*.pdf"))
    ]
    unlv = folder / "tesseract_unlv"
    found = {"office scans": office, "UNLV": [], "turned": []}
    for name, truth, kind, dpi in (
        ("8071_093.3B.tif", "8071_093.3B.txt", "UNLV", 300),
        ("8087_054.3B.tif", "8087_054.3B.txt", "UNLV", 300),
        ("eurotext.tif", "eurotext.txt", "UNLV", 100),
        ("phototest.tif", "phototest.gold.txt", "UNLV", 100),
        ("phototest-rotated-180.png", "phototest.gold.txt", "turned", 100),
        ("phototest-rotated-L.png", "phototest.gold.txt", "turned", 100),
        ("phototest-rotated-R.png", "phototest.gold.txt", "turned", 100),
    ):
        if (unlv / name).is_file() and (unlv / truth).is_file():
            image = Image.open(unlv / name).convert("L")
            text = (unlv / truth).read_text(encoding="utf-8", errors="replace")
            found[kind].append(Page(name, as_pdf(image, dpi), text))
    return {kind: made for kind, made in found.items() if made}
