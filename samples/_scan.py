"""Makes clean pages look as if a copier or a fax had sent them; the images hold no text layer."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass

import numpy as np
import pymupdf
from PIL import Image, ImageDraw, ImageFilter

DPI = 200


@dataclass(frozen=True)
class Look:
    """How bad the scan is: `dpi` of the image, `skew` and `turn` in degrees, `grain` in gray levels."""

    dpi: int = 150
    skew: float = 0.8
    grain: float = 5.0
    blur: float = 0.6
    quality: int = 40
    fax: bool = False
    turn: int = 0


def scan(page: pymupdf.Page, look: Look, seed: str) -> Image.Image:
    """The page as gray ("L") or, for a fax, black and white ("1") pixels."""
    rng = np.random.default_rng(random.Random(seed).getrandbits(64))
    pixels = page.get_pixmap(dpi=DPI, colorspace=pymupdf.csGRAY)
    image = Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)
    if look.dpi != DPI:
        size = (image.width * look.dpi // DPI, image.height * look.dpi // DPI)
        image = image.resize(size, Image.Resampling.LANCZOS)
    image = image.rotate(look.skew, Image.Resampling.BICUBIC, fillcolor=255)
    if look.fax:
        return _fax(image, rng)
    image = _paper(image.filter(ImageFilter.GaussianBlur(look.blur)), look, rng)
    # Pixels, not the /Rotate key: a reader must notice for itself that the page lies on its side.
    return image.transpose(Image.Transpose.ROTATE_90) if look.turn == 90 else image


def _paper(image: Image.Image, look: Look, rng: np.random.Generator) -> Image.Image:
    """Punch holes, a shadow along the spine, grayish paper, ink that is not quite black, grain."""
    pen = ImageDraw.Draw(image)
    radius = look.dpi // 8
    for share in (0.12, 0.5, 0.88):
        x, y = int(look.dpi * 0.42), int(image.height * share)
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=70, outline=30)
    gray = np.asarray(image, dtype=np.float32) * (205 / 255) + 35
    spine = 45 * np.exp(-np.arange(image.width, dtype=np.float32) / (look.dpi * 0.12))
    gray -= spine[np.newaxis, :]
    gray += rng.normal(0, look.grain, gray.shape).astype(np.float32)
    return Image.fromarray(np.clip(gray, 0, 255).astype(np.uint8))


def _fax(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """One bit a pixel, ragged edges, specks of dust, and one line that the feeder smeared."""
    gray = np.asarray(image.filter(ImageFilter.GaussianBlur(0.7)), dtype=np.float32)
    black = gray + rng.normal(0, 22, gray.shape) < 140
    for _ in range(60):
        y, x = int(rng.integers(2, gray.shape[0] - 4)), int(rng.integers(2, gray.shape[1] - 4))
        black[y : y + int(rng.integers(1, 4)), x : x + int(rng.integers(1, 4))] = True
    column = int(gray.shape[1] * 0.955)
    black[:, column : column + 2] |= rng.random((gray.shape[0], 1)) < 0.7
    return Image.fromarray(np.where(black, 0, 255).astype(np.uint8)).convert("1", dither=Image.Dither.NONE)


def bind(image: Image.Image, look: Look) -> pymupdf.Document:
    """A PDF whose one page is nothing but this image (JPEG for gray, CCITT group 4 for one bit)."""
    buffer = io.BytesIO()
    options = {} if look.fax else {"quality": look.quality}
    image.save(buffer, "PDF", resolution=look.dpi, **options)
    return pymupdf.open("pdf", buffer.getvalue())
