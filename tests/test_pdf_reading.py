"""Reading of documents made here, and of hostile ones."""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import Path

import pymupdf
import pytest

from clerk.errors import ChildCrashedError, ChildMemoryError, ChildTimeoutError, ClerkError, DocumentError
from clerk.isolation import Child
from clerk.models import PageRecord, Source, Stage
from clerk.pdf import READER, ReadResult, looks_like_pdf, read_document, reading
from clerk.pdf.facts import Opened
from clerk.pdf.normal import normalise

WORDS = "The regular meeting of the council was called to order by the mayor. The motion carried. "


def write_pdf(path: Path, pages: list[str], **options: object) -> Path:
    with pymupdf.open() as document:
        for text in pages:
            page = document.new_page()
            if text == "image":
                pixmap = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 60, 80))
                pixmap.clear_with(200)
                page.insert_image(page.rect, pixmap=pixmap)
            elif text:
                page.insert_textbox(pymupdf.Rect(50, 50, 550, 750), text)
        document.save(path, **options)
    return path


def read(path: Path, child: Child, timeout: float = 30.0) -> ReadResult:
    return read_document(path, languages="eng+spa", child=child, timeout=timeout)


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"%PDF-1.7\n...", ""),
        (b"\xef\xbb\xbf%PDF-1.4", ""),
        (b"junk " * 100 + b"%PDF-1.4", ""),
        (b"", "empty"),
        (b"junk " * 300 + b"%PDF-1.4", "not a PDF"),
        (b"<!DOCTYPE html><html>", "HTML"),
        (b"  \n<HTML><HEAD><TITLE>404", "HTML"),
        (b"<?xml version='1.0'?><error/>", "XML"),
        (b'{"error": "no such file"}', "JSON"),
        (b"PK\x03\x04....", "Office"),
        (b"\x89PNG\r\n", "PNG"),
        (b"hello", "not a PDF"),
    ],
)
def test_sniffing(head: bytes, reason: str) -> None:
    found = looks_like_pdf(head)
    assert reason in found
    assert bool(found) == bool(reason)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("nul\x00 bell\x07 tab\t.", "nul bell tab\t."),
        ("trailing   \n spaces\t\nstay inside  here ", "trailing\n spaces\nstay inside  here"),
        ("\n\n\nedges\n\n", "edges"),
        ("cafe\u0301", "caf\u00e9"),
        ("lone \ud800 surrogate \udfff", "lone  surrogate"),
        ("\ufeffmark", "mark"),
        ("", ""),
    ],
)
def test_normal_form(raw: str, kept: str) -> None:
    result = normalise(raw)
    assert result == kept
    assert unicodedata.is_normalized("NFC", result)
    assert normalise(result) == result
    result.encode()


def test_every_page_has_a_record(tmp_path: Path, child: Child) -> None:
    path = write_pdf(tmp_path / "a.pdf", [WORDS * 3, "image", "", WORDS * 2])
    result = read(path, child)
    assert result.page_count == 4
    assert [result.pages[page].status for page in (1, 2, 3, 4)] == ["done", "pending", "done", "done"]
    assert sorted(result.texts) == [1, 3, 4]
    first = result.pages[1]
    assert (first.source, first.version, first.chars) == (Source.TEXT_LAYER, READER, len(result.texts[1]))
    assert first.sha256 == hashlib.sha256(result.texts[1].encode()).hexdigest()
    assert "The motion carried." in " ".join(result.texts[1].split())
    assert result.texts[3] == ""
    assert all(record.why and record.at for record in result.pages.values())
    assert result.pages[2].source is None


def test_more_pages_than_a_batch(tmp_path: Path, child: Child) -> None:
    path = write_pdf(tmp_path / "many.pdf", [f"{WORDS} Page number {page}." for page in range(1, 61)])
    result = read(path, child)
    assert list(result.pages) == list(range(1, 61))
    assert all(f"Page number {page}." in " ".join(result.texts[page].split()) for page in result.texts)


def test_passwords(tmp_path: Path, child: Child) -> None:
    aes = pymupdf.PDF_ENCRYPT_AES_256
    opens = write_pdf(tmp_path / "o.pdf", [WORDS], encryption=aes, owner_pw="owner", user_pw="")
    locked = write_pdf(tmp_path / "l.pdf", [WORDS], encryption=aes, owner_pw="owner", user_pw="secret")
    assert read(opens, child).pages[1].done
    with pytest.raises(DocumentError, match="is encrypted with a password"):
        read(locked, child)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"<html><body>Not found</body></html>", "is an HTML page"),
        (b"%PDF-1.7\nnothing of the kind", "is damaged|is truncated"),
        (b"just words", "is not a PDF"),
    ],
)
def test_what_is_no_document(tmp_path: Path, child: Child, content: bytes, reason: str) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    with pytest.raises(DocumentError, match=reason):
        read(path, child)


def test_a_missing_file(tmp_path: Path, child: Child) -> None:
    with pytest.raises(DocumentError, match="is missing"):
        read(tmp_path / "none.pdf", child)


def test_a_truncated_document_lists_the_pages_it_lost(tmp_path: Path, child: Child) -> None:
    pages = [f"{WORDS * 30} Page {page}." for page in range(1, 11)]
    whole = write_pdf(tmp_path / "whole.pdf", pages).read_bytes()
    path = tmp_path / "cut.pdf"
    path.write_bytes(whole[: int(len(whole) * 0.6)])
    result = read(path, child)
    failed = [page for page, record in result.pages.items() if record.failed]
    assert result.page_count == 10
    assert failed == list(range(failed[0], 11))
    assert 4 < failed[0] < 10
    assert all(f"Page {page}." in " ".join(result.texts[page].split()) for page in range(1, failed[0]))


@pytest.mark.parametrize(
    ("opened", "reason"),
    [
        (Opened(pages=20_001, declared=20_001, repaired=False), "claims 20001 pages"),
        (Opened(pages=0, declared=12, repaired=True), "is truncated"),
        (Opened(pages=0, declared=0, repaired=False), "has no pages"),
    ],
)
def test_page_counts_that_cannot_be(
    tmp_path: Path, child: Child, monkeypatch: pytest.MonkeyPatch, opened: Opened, reason: str
) -> None:
    path = write_pdf(tmp_path / "a.pdf", [WORDS])
    monkeypatch.setattr(child, "call", lambda *arguments, timeout: opened)
    with pytest.raises(DocumentError, match=reason):
        read(path, child)


class Scripted:
    """A child that loses the calls which hold a page of `bad`, and passes the others on."""

    def __init__(self, real: Child, bad: dict[int, ClerkError]) -> None:
        self.real, self.bad, self.lost = real, bad, 0

    def call(self, fn: object, path: Path, *arguments: object, timeout: float) -> object:
        for page in arguments[0] if arguments else ():  # type: ignore[attr-defined]
            if page in self.bad:
                self.lost += 1
                raise self.bad[page]
        return self.real.call(fn, path, *arguments, timeout=timeout)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [ChildTimeoutError, ChildCrashedError, ChildMemoryError])
def test_the_page_that_loses_its_batch_is_found_and_the_rest_goes_on(
    tmp_path: Path, child: Child, kind: type[ClerkError]
) -> None:
    path = write_pdf(tmp_path / "a.pdf", [WORDS] * 6)
    scripted = Scripted(child, {4: kind("went wrong")})
    result = read(path, scripted)  # type: ignore[arg-type]
    assert {page for page, record in result.pages.items() if record.failed} == {4}
    failed = result.pages[4]
    assert (failed.error, failed.stage, failed.transient) == ("went wrong", Stage.READ, kind.transient)
    assert set(result.texts) == {1, 2, 3, 5, 6}


def test_a_document_of_hanging_pages_does_not_cost_a_deadline_for_each(tmp_path: Path, child: Child) -> None:
    path = write_pdf(tmp_path / "a.pdf", [WORDS] * 80)
    scripted = Scripted(child, {page: ChildTimeoutError("took longer than 60 s") for page in range(1, 81)})
    result = read(path, scripted)  # type: ignore[arg-type]
    assert all(record.failed for record in result.pages.values())
    assert len(result.pages) == 80
    assert scripted.lost == 1 + reading.MAX_LOST
    assert "not read: 5 pages before it" in result.pages[80].error


def covered_pdf(path: Path, *, mask: bool) -> Path:
    """A page of words with an image painted over them; with `mask` one that is clear all over."""
    size = pymupdf.IRect(0, 0, 60, 80)
    image = pymupdf.Pixmap(pymupdf.csRGB, size, mask)
    image.clear_with(200)
    if mask:
        image.set_alpha(bytes(60 * 80))
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_textbox(pymupdf.Rect(50, 50, 550, 750), WORDS * 12)
        page.insert_image(page.rect, pixmap=image, keep_proportion=False)
        document.save(path)
    return path


def test_text_under_an_image_is_not_trusted_unless_it_shows_through(tmp_path: Path, child: Child) -> None:
    hidden = read(covered_pdf(tmp_path / "a.pdf", mask=False), child).pages[1]
    assert (hidden.status, hidden.layer["rule"], hidden.layer["covered"]) == ("pending", "covered", 1.0)
    seen = read(covered_pdf(tmp_path / "b.pdf", mask=True), child).pages[1]
    assert (seen.status, seen.layer["rule"]) == ("done", "words")


def test_a_scan_that_is_painted_as_a_stencil_is_no_blank_page(tmp_path: Path, child: Child) -> None:
    path = tmp_path / "a.pdf"
    with pymupdf.open() as document:
        page = document.new_page()
        pixmap = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 64, 64))
        pixmap.clear_with(0)
        xref = page.insert_image(page.rect, pixmap=pixmap)
        document.update_stream(xref, bytes(64 * 8))
        document.xref_set_key(xref, "ImageMask", "true")
        document.xref_set_key(xref, "BitsPerComponent", "1")
        document.xref_set_key(xref, "ColorSpace", "null")
        document.save(path)
    record = read(path, child).pages[1]
    assert (record.status, record.layer["rule"]) == ("pending", "empty")


def test_the_decision_goes_into_the_record_and_back(tmp_path: Path, child: Child) -> None:
    record = read(write_pdf(tmp_path / "a.pdf", [WORDS * 3]), child).pages[1]
    assert record.layer["rule"] == "words"
    assert record.layer["known"] > 0.9
    assert PageRecord.from_json(record.to_json()) == record
    assert "layer" not in PageRecord(1, "pending").to_json()


def test_numbers_that_were_written_before_their_items(tmp_path: Path, child: Child) -> None:
    path = tmp_path / "a.pdf"
    items = ["Call to order", "Roll call of the members", "Approval of the minutes", "Adjournment"]
    with pymupdf.open() as document:
        page = document.new_page()
        for number in range(4):
            page.insert_text((72, 100 + 30 * number), f"{number + 1}.")
        for number, item in enumerate(items):
            page.insert_text((110, 100 + 30 * number), item)
        document.save(path)
    assert read(path, child).texts[1].splitlines() == [f"{n}. {item}" for n, item in enumerate(items, 1)]


DOCUMENTS = {
    "encrypted_user_pw.pdf": "is encrypted",
    "paperless-ngx__encrypted.pdf": "is encrypted",
    "pdfplumber__password-example.pdf": "is encrypted",
    "html_error_page.pdf": "is an HTML page",
    "OCRmyPDF__invalid.pdf": "is damaged",
    "pages_loop.pdf": "is damaged",
    "truncated_60pct.pdf": "is truncated",
    "zero_bytes.pdf": "is empty",
    "zero_pages.pdf": "has no pages",
}
PAGES = {
    "bad_startxref.pdf": (1, "done", "known words"),
    "encrypted_empty_user_pw.pdf": (1, "done", "known words"),
    "tounicode_stripped.pdf": (1, "done", "known words"),
    "rotate_flag_90.pdf": (1, "done", "known words"),
    "doctor__ca8_.pdf": (1, "done", "known words"),
    "hidden_good_ocr_layer.pdf": (1, "done", "hidden text layer"),
    "hidden_bad_ocr_layer.pdf": (1, "pending", "hidden text layer"),
    "olmocr__handwriting_bad_ocr.pdf": (1, "pending", "hidden text layer"),
    "olmocr__dolma-page-1.pdf": (1, "pending", "known words"),
    "olmocr__olmo-page-1.pdf": (1, "pending", "known words"),
    "olmocr__horribleocr.pdf": (1, "pending", "painted over"),
    "mixed_header_text_scanned_body.pdf": (1, "pending", "beside an image"),
    "vector_outline_text.pdf": (1, "pending", "images or outlines"),
    "scan_content_rotated_90.pdf": (1, "pending", "images or outlines"),
    "OCRmyPDF__no_contents.pdf": (1, "done", "blank page"),
    "random_bytes_middle.pdf": (5, "failed", "is damaged"),
}


@pytest.mark.parametrize(("name", "reason"), DOCUMENTS.items())
def test_hostile_documents_fail_by_name(shared_data: Path, child: Child, name: str, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        read(shared_data / "hostile-pdfs" / name, child)


@pytest.mark.parametrize(("name", "expected"), PAGES.items())
def test_decisions_on_hostile_pages(
    shared_data: Path, child: Child, name: str, expected: tuple[int, str, str]
) -> None:
    page, status, words = expected
    record = read(shared_data / "hostile-pdfs" / name, child).pages[page]
    assert record.status == status, record
    assert words in (record.why or record.error)


@pytest.mark.e2e
def test_all_hostile_files_end_with_a_record_for_each_page(shared_data: Path, child: Child) -> None:
    ends: dict[str, ReadResult | str] = {}
    for path in sorted((shared_data / "hostile-pdfs").glob("*.pdf")):
        try:
            ends[path.name] = result = read(path, child, timeout=4.0)
            assert list(result.pages) == list(range(1, result.page_count + 1)), path.name
            assert set(result.texts) == {page for page, record in result.pages.items() if record.done}
        except ClerkError as error:
            ends[path.name] = error.message
    assert {name for name, end in ends.items() if isinstance(end, str)} >= set(DOCUMENTS)
    for bomb in ("content_flate_bomb_1GB.pdf", "form_xobject_bomb_1e8.pdf"):
        end = ends[bomb]
        assert isinstance(end, ReadResult)
        assert end.pages[1].failed
        assert not end.texts
