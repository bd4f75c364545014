"""Reads PDFs: which pages carry text that can be trusted, and which need recognition.

PyMuPDF is imported in the child process only; this package is light.
"""

from __future__ import annotations

from clerk.pdf.reading import READER, ReadResult, read_document
from clerk.pdf.sniff import looks_like_pdf

__all__ = ["READER", "ReadResult", "looks_like_pdf", "read_document"]
