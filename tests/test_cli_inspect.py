"""`clerk inspect`: what it prints and writes of made documents, and of hostile ones."""

from __future__ import annotations

import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pymupdf
import pytest
from click.testing import CliRunner, Result

from clerk.cli.app import cli

WORDS = "The regular meeting of the council was called to order by the mayor. The motion carried. "
TRICK = "</pre><script>alert(1)</script><img src=x onerror=alert(2)> & \"quoted\" 'text' of the council."


def inspect(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["inspect", *map(str, arguments)])


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """Page 1: words and mark-up; page 2: an image; page 3: nothing."""
    path = tmp_path / "<b>council & co.pdf"
    with pymupdf.open() as made:
        made.new_page().insert_textbox(pymupdf.Rect(50, 50, 550, 750), WORDS * 4 + TRICK)
        pixmap = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 60, 80))
        pixmap.clear_with(200)
        page = made.new_page()
        page.insert_image(page.rect, pixmap=pixmap)
        made.new_page()
        made.save(path)
    return path


class Page(HTMLParser):
    """Gathers the tags and the visible text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_decisions_as_json(document: Path) -> None:
    result = inspect(document, "--json")
    assert result.exit_code == 0, result.output
    first, second, third = json.loads(result.stdout)
    assert (first["page"], first["trusted"], first["rule"]) == (1, True, "words")
    assert first["figures"]["known"] > 0.8
    assert (second["trusted"], second["rule"], second["figures"]["image"] > 0.9) == (False, "empty", True)
    assert (third["trusted"], third["rule"]) == (True, "blank")


def test_one_page_as_a_table(document: Path) -> None:
    result = inspect(document, "--page", 2)
    lines = result.stdout.splitlines()
    assert lines[0].split("\t") == ["page", "trusted", "rule", "why", "figures"]
    assert len(lines) == 2
    assert lines[1].startswith("2\tno\tempty\tno characters")


def test_a_page_that_is_not_there(document: Path) -> None:
    result = inspect(document, "--page", 9)
    assert result.exit_code != 0
    assert "has 3 pages, no page 9" in str(result.exception)


def test_the_page_of_html_holds_everything_and_runs_nothing(document: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    result = inspect(document, "--out", out)
    assert result.exit_code == 0, result.output
    page = Page(out.read_text(encoding="utf-8"))
    assert not [tag for tag, _ in page.tags if tag in ("script", "link", "iframe")]
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    policy = next(a["content"] for tag, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    images = [attributes["src"] or "" for tag, attributes in page.tags if tag == "img"]
    assert len(images) == 3
    assert all(re.match(r"data:image/jpeg;base64,/9j/", image) for image in images)
    assert "<script>alert(1)</script>" in page.text
    assert "<b>council & co.pdf" in page.text
    assert "its text layer is not trusted" in page.text


def test_a_file_that_cannot_be_written(document: Path, tmp_path: Path) -> None:
    result = inspect(document, "--out", tmp_path / "none" / "report.html")
    assert result.exit_code != 0
    assert "Cannot write" in str(result.exception)


def test_out_is_never_the_pdf_itself(document: Path, tmp_path: Path) -> None:
    before = document.read_bytes()
    linked = tmp_path / "report.html"
    linked.symlink_to(document)
    for out in (document, linked, tmp_path / ".." / tmp_path.name / document.name):
        result = inspect(document, "--out", out)
        assert result.exit_code != 0
        assert "is the PDF itself" in str(result.exception)
        assert document.read_bytes() == before


def test_a_dash_makes_no_file_of_that_name(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = inspect(document, "--out", "-")
    assert "--out - names no file." in str(result.exception)
    assert not (tmp_path / "-").exists()


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    os.mkfifo(path)
    assert f"{path} is no regular file." in str(inspect(path).exception)


def test_what_is_no_pdf(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_text("<html>not found</html>")
    result = inspect(path)
    assert result.exit_code != 0
    assert f"{path} is an HTML page, not a PDF." in str(result.exception)


def test_a_hostile_document_ends_with_a_line_for_each_page(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGE_TIMEOUT_SECONDS", "1")
    out = tmp_path / "report.html"
    result = inspect(shared_data / "hostile-pdfs" / "form_xobject_bomb_1e8.pdf", "--out", out, "--json")
    assert result.exit_code == 0, result.output
    assert [look["trusted"] for look in json.loads(result.stdout)] == [None]
    assert "cannot be read" in out.read_text(encoding="utf-8")
