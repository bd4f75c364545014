"""The committed sample documents are what `truth.json` says, and the script makes them again."""

from __future__ import annotations

import json
import re
import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf
import pytest

SAMPLES = Path(__file__).parents[1] / "samples"
TOWN = SAMPLES / "town"
TRUTH: dict[str, Any] = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))
FILES: list[dict[str, Any]] = TRUTH["files"]
COUNTS = {"ayes": "aye", "nays": "nay", "abstain": "abstain", "absent": "absent"}
READABLE = [file for file in FILES if file["readable"]]


def by_form(form: str) -> Path:
    """The only file of this form."""
    (path,) = [file["path"] for file in FILES if file["form"] == form]
    return TOWN / path


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def picture(page: pymupdf.Page, dpi: int = 40) -> np.ndarray:
    pixels = page.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY)
    return np.frombuffer(pixels.samples, dtype=np.uint8).reshape(pixels.height, pixels.width).astype(np.int16)


def stripes(page: pymupdf.Page) -> str:
    """Which way the white between lines of text runs: rows on an upright page, columns on a turned one."""
    ink = picture(page, dpi=72) < 128
    height, width = (side // 8 for side in ink.shape)
    # The middle only, since punch holes lie at the edges; in tiles, since a skewed line soon leaves its row.
    ink = ink[height : 7 * height, width : 7 * width]
    tiles = [ink[y : y + 36, x : x + 36] for y in range(0, 6 * height, 36) for x in range(0, 6 * width, 36)]
    rows, columns = (sum(tile.mean(axis=axis).std() for tile in tiles) for axis in (1, 0))
    return "columns" if columns > rows else "rows"


def test_truth_lists_exactly_the_committed_files() -> None:
    assert sorted(file["path"] for file in FILES) == sorted(
        path.relative_to(TOWN).as_posix() for path in TOWN.rglob("*") if path.is_file()
    )


def test_counts_add_up_and_stay_small_enough_for_a_demo() -> None:
    sources = [source for file in FILES for source in file["source"]]
    assert TRUTH["documents"] == len(FILES) >= 14
    assert TRUTH["readable_documents"] == len(READABLE) == len(FILES) - 3
    assert TRUTH["pages"] == len(sources) == sum(file["pages"] for file in FILES)
    assert TRUTH["ocr_pages"] == sources.count("ocr")
    assert 55 <= len(sources) <= 65
    assert 20 <= sources.count("ocr") <= 24
    assert sum(path.stat().st_size for path in TOWN.rglob("*.pdf")) < 6_000_000


def test_paths_name_body_date_and_kind() -> None:
    for file in FILES:
        prefix = "_agendas/" if file["kind"] == "agenda" else ""
        assert file["path"] == f"{prefix}{file['body']}/{file['date']}.pdf"


@pytest.mark.parametrize("file", READABLE, ids=lambda file: file["path"])
def test_pages_and_text_layers_are_those_of_the_truth(file: dict[str, Any]) -> None:
    with pymupdf.open(TOWN / file["path"]) as document:
        assert not document.needs_pass
        assert len(document) == file["pages"] == len(file["text"]) == len(file["source"])
        for page, text, source in zip(document, file["text"], file["source"], strict=True):
            assert page.rotation == 0
            if source == "text-layer":
                assert page.get_text().split() == text.split()
                assert not page.get_images()
            else:
                assert len(page.get_text().strip()) < 100
                assert page.get_text().split() == text.split()[: len(page.get_text().split())]
                assert page.get_image_info()[0]["width"] >= 8 * 150


def test_one_scanned_page_has_a_stamp_and_no_other_has_any_text() -> None:
    stamped = []
    for file in READABLE:
        with pymupdf.open(TOWN / file["path"]) as document:
            stamped += [
                (file["form"], number)
                for number, page in enumerate(document, start=1)
                if file["source"][number - 1] == "ocr" and page.get_text().strip()
            ]
    assert stamped == [("mixed", 3)]


def test_mixed_file_has_both_sources() -> None:
    (file,) = [file for file in FILES if file["form"] == "mixed"]
    assert file["source"] == ["text-layer", "text-layer", "ocr", "ocr", "ocr"]


def test_turned_page_lies_on_its_side_in_its_pixels() -> None:
    with pymupdf.open(by_form("turned")) as document:
        lying = [page.rect.width > page.rect.height for page in document]
        assert lying == [number == 1 for number in range(len(document))]
        assert [stripes(page) for page in document] == ["columns" if turned else "rows" for turned in lying]


def test_fax_has_one_bit_a_pixel() -> None:
    faxes = [file for file in FILES if file["form"] == "fax"]
    assert faxes
    for file in faxes:
        with pymupdf.open(TOWN / file["path"]) as document:
            assert {(image[4], image[8]) for page in document for image in page.get_images()} == {
                (1, "CCITTFaxDecode")
            }


def test_encrypted_file_needs_its_password() -> None:
    with pymupdf.open(by_form("encrypted")) as document:
        assert document.needs_pass
        assert not document.authenticate("")
        assert document.authenticate("heron")
        assert "Alder Hollow" in document[0].get_text()


def test_truncated_file_has_no_page() -> None:
    path = by_form("truncated")
    assert path.read_bytes().startswith(b"%PDF-")
    with pymupdf.open(path) as document:
        assert len(document) == 0


def test_html_file_is_no_pdf() -> None:
    assert by_form("html").read_bytes().startswith(b"<!DOCTYPE html>")


def test_example_searches_find_their_page_and_little_else() -> None:
    pages = [
        (file["path"], number, source, words(text))
        for file in READABLE
        for number, (source, text) in enumerate(zip(file["source"], file["text"], strict=True), start=1)
    ]
    assert len(TRUTH["example_searches"]) == 3
    for search in TRUTH["example_searches"]:
        hits = [hit[:3] for hit in pages if hit[3] >= words(search["query"])]
        assert (search["expect_path"], search["expect_page"]) in [hit[:2] for hit in hits]
        assert len(hits) <= 3
        assert search["scanned_only"] == all(source == "ocr" for _, _, source in hits)
    assert any(search["scanned_only"] for search in TRUTH["example_searches"])


def test_votes_stand_on_their_pages_and_add_up() -> None:
    for file in READABLE:
        for vote in file["votes"]:
            between = " ".join(" ".join(file["text"][vote["page"] - 1 : vote["page_end"]]).split())
            assert vote["motion"].split()[-1] in between
            for person in filter(None, (vote["mover"], vote["seconder"])):
                assert person.split()[-1] in between
                assert person in file["people"]
            named = [member["vote"] for member in vote["members"]]
            for count, word in COUNTS.items():
                if word in named and vote[count] is not None:
                    assert vote[count] == named.count(word)


def test_votes_have_every_outcome() -> None:
    votes = [vote for file in FILES for vote in file["votes"]]
    assert {vote["result"] for vote in votes} == {"passed", "failed", "died", "withdrawn"}
    assert any(vote["unanimous"] for vote in votes)
    assert any("continue" in vote["motion"] for vote in votes)
    assert any(vote["page_end"] > vote["page"] for vote in votes)
    assert any(vote["nays"] and vote["result"] == "passed" and vote["members"] for vote in votes)
    assert all(not vote["seconder"] for vote in votes if vote["result"] == "died")


def test_the_script_makes_the_same_texts_and_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = SAMPLES / "make_samples.py"
    monkeypatch.syspath_prepend(str(SAMPLES))
    monkeypatch.setattr(sys, "argv", [str(script), "--out", str(tmp_path)])
    runpy.run_path(str(script), run_name="__main__")
    assert json.loads((tmp_path / "truth.json").read_text(encoding="utf-8")) == TRUTH
    for file in READABLE:
        with (
            pymupdf.open(TOWN / file["path"]) as kept,
            pymupdf.open(tmp_path / "town" / file["path"]) as made,
        ):
            for old, new in zip(kept, made, strict=True):
                assert old.get_text() == new.get_text()
                assert np.abs(picture(old) - picture(new)).mean() < 1.0
