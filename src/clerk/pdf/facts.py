"""What is seen of a page before it is decided whether its text layer can be trusted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageFacts:
    """One page: its text in reading order, not yet normalised, and how it is painted.

    `image_cover` is the share (0 to 1) of the page under its images, `paths` counts filled or stroked
    outlines. `spans`, `invisible` and `covered` count pieces of text: all, those painted invisibly, and
    visible ones that an image painted later hides. `damaged` is True when errors of the file touch the page.
    """

    text: str
    image_cover: float
    images: int
    paths: int
    spans: int
    invisible: int
    covered: int
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A document: pages found, pages its page tree claims, and whether the file had to be repaired."""

    pages: int
    declared: int
    repaired: bool
