"""How well pages are read, against the same pages read otherwise; writes the tables of docs/ocr-accuracy.md.

Synthetic scans with known text, the same at every run, and a folder of real ones (`--truth`). Rivals are named by the
paths of their programs; one that is not there is left out. All use the same language files. The last line that is
printed is JSON with every figure.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pymupdf
from ocr_pages import CLASSES, Page, character_error, pages, truth_pages, word_error

from clerk.isolation import Child
from clerk.ocr import OcrOptions, recognise_page
from clerk.ocr.languages import gathered

PAGE = Path(__file__).resolve().parent.parent / "docs" / "ocr-accuracy.md"
BEGIN, END = "<!-- accuracy: begin -->", "<!-- accuracy: end -->"
Reader = Callable[[Path], str]


@dataclass(slots=True)
class Score:
    """Errors of one way of reading on one class of pages; `cpu` is seconds over all pages."""

    characters: list[float] = field(default_factory=list)
    words: list[float] = field(default_factory=list)
    cpu: float = 0.0
    again: float = 0.0
    pages_again: int = 0

    def as_json(self) -> dict[str, float]:
        """Means and medians, CPU-seconds a page, and the part of it that later looks took."""
        count = max(1, len(self.characters))
        return {
            "pages": len(self.characters),
            "cer": round(statistics.fmean(self.characters), 5),
            "cer_median": round(statistics.median(self.characters), 5),
            "wer": round(statistics.fmean(self.words), 5),
            "cpu": round(self.cpu / count, 2),
            "cpu_again": round(self.again / count, 2),
            "pages_again": self.pages_again,
        }


class Clerk:
    """Pages as the pipeline reads them."""

    def __init__(self, options: OcrOptions) -> None:
        self._options, self._child = options, Child(1024)

    def score(self, found: list[Page], folder: Path) -> Score:
        """Read the pages."""
        score = Score()
        for page in found:
            path = folder / "page.pdf"
            path.write_bytes(page.pdf)
            made = recognise_page(path, 1, self._options, self._child)
            _note(score, page, made.text)
            score.cpu += made.record.cpu
            score.pages_again += bool(made.record.looks)
            score.again += sum(look.get("cpu", 0.0) for look in made.record.looks[1:])
        return score

    def close(self) -> None:
        self._child.close()


def rival(read: Reader, found: list[Page], folder: Path) -> Score:
    """The pages as another program reads them."""
    score = Score()
    for page in found:
        path = folder / "page.pdf"
        path.write_bytes(page.pdf)
        before = _children()
        text = read(path)
        score.cpu += _children() - before
        _note(score, page, text)
    return score


def tesseract(program: str, pdftoppm: str, dpi: int, languages: str, data: Path) -> Reader:
    """A picture of the page, and one process of the command for it."""

    def read(path: Path) -> str:
        picture = path.with_suffix(".png")
        if pdftoppm:
            stem = picture.with_suffix("")
            _run([pdftoppm, "-r", str(dpi), "-gray", "-png", "-singlefile", str(path), str(stem)])
        else:
            with pymupdf.open(path) as document:
                document[0].get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY).save(picture)
        return _run(
            [program, str(picture), "stdout", "--tessdata-dir", str(data), "-l", languages, "--dpi", str(dpi)]
        )

    return read


def ocrmypdf(program: str, tesseract_program: str, options: list[str], languages: str, data: Path) -> Reader:
    """The text that it writes beside the PDF."""

    def read(path: Path) -> str:
        text = path.with_suffix(".txt")
        text.unlink(missing_ok=True)
        search = f"{Path(tesseract_program).resolve().parent}{os.pathsep}{os.environ['PATH']}"
        command = [program, "--sidecar", str(text), "--output-type", "pdf", "--jobs", "1", "-l", languages]
        _run(
            [*command, *options, str(path), str(path.with_suffix(".out.pdf"))],
            PATH=search,
            TESSDATA_PREFIX=str(data),
        )
        return text.read_text(encoding="utf-8") if text.is_file() else ""

    return read


def rivals(arguments: argparse.Namespace, folder: Path) -> dict[str, Reader]:
    """Those that are there, by name."""
    data = _data(arguments.languages, folder)
    found: dict[str, Reader] = {}
    command = shutil.which(arguments.tesseract)
    if command is None:
        print(f"no tesseract command at {arguments.tesseract}: left out with OCRmyPDF", file=sys.stderr)
        return found
    for dpi in (150, 300):
        found[f"tesseract {dpi}"] = tesseract(command, arguments.pdftoppm, dpi, arguments.languages, data)
    program = shutil.which(arguments.ocrmypdf)
    if program is None:
        print(f"no OCRmyPDF at {arguments.ocrmypdf}: left out", file=sys.stderr)
        return found
    found["OCRmyPDF"] = ocrmypdf(program, command, [], arguments.languages, data)
    found["OCRmyPDF -r -d"] = ocrmypdf(program, command, ["-r", "-d"], arguments.languages, data)
    return found


def _data(languages: str, folder: Path) -> Path:
    """A folder with the same language files for all, and the few lines of settings that OCRmyPDF asks for."""
    data = folder / "tessdata"
    (data / "configs").mkdir(parents=True)
    for kind in ("hocr", "txt", "pdf", "tsv"):
        (data / "configs" / kind).write_text(f"tessedit_create_{kind} 1\n", encoding="utf-8")
    source = gathered(languages)
    for code in (*languages.split("+"), "osd"):
        if (source / f"{code}.traineddata").exists():
            (data / f"{code}.traineddata").symlink_to((source / f"{code}.traineddata").resolve())
    return data


def table(
    scores: dict[str, dict[str, Score]], names: list[str], field_name: str, unit: float, digits: int
) -> list[str]:
    """One figure of all, a row a class."""
    lines = ["| pages | " + " | ".join(names) + " |", "|---|" + "---:|" * len(names)]
    for kind, by_name in scores.items():
        values = {name: score.as_json()[field_name] * unit for name, score in by_name.items()}
        cells = [f"{values[name]:.{digits}f}" if name in values else "" for name in names]
        lines.append(
            f"| {kind} ({len(next(iter(by_name.values())).characters)}) | " + " | ".join(cells) + " |"
        )
    return lines


def report(scores: dict[str, dict[str, Score]], names: list[str]) -> str:
    """What goes between the marks."""
    again = [
        f"| {kind} | {score['pages_again']} of {score['pages']} | {score['cpu'] - score['cpu_again']:.2f} |"
        f" {score['cpu_again']:.2f} |"
        for kind, score in ((kind, by_name["clerk"].as_json()) for kind, by_name in scores.items())
    ]
    return "\n".join(
        [
            "Character errors, mean, in percent of the characters of the page (number of pages in brackets):",
            "",
            *table(scores, names, "cer", 100, 2),
            "",
            "The same, median:",
            "",
            *table(scores, names, "cer_median", 100, 2),
            "",
            "Word errors, mean, in percent:",
            "",
            *table(scores, names, "wer", 100, 2),
            "",
            "CPU-seconds a page, one thread:",
            "",
            *table(scores, names, "cpu", 1, 2),
            "",
            "Second looks of clerk: how many pages got one, and CPU-seconds a page of first and later looks:",
            "",
            "| pages | looked at again | first look | later looks |",
            "|---|---:|---:|---:|",
            *again,
            "",
        ]
    )


def write(text: str) -> None:
    """Put `text` between the marks of the page."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Measure, print, and write with `--write`."""
    arguments = _arguments()
    began = time.monotonic()
    sets: dict[str, list[Page]] = {
        kind: pages(kind, arguments.pages) for kind in arguments.classes.split(";") if kind in CLASSES
    }
    if arguments.truth and arguments.truth.is_dir():
        sets |= {kind: found[:: arguments.step] for kind, found in truth_pages(arguments.truth).items()}
    elif arguments.truth:
        print(f"no real scans at {arguments.truth}: left out", file=sys.stderr)
    os.environ["OMP_THREAD_LIMIT"] = "1"
    scores: dict[str, dict[str, Score]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        others = rivals(arguments, folder)
        clerk = Clerk(OcrOptions("tesseract", arguments.languages, 120.0, second=arguments.second))
        for kind, found in sets.items():
            scores[kind] = {"clerk": clerk.score(found, folder)}
            scores[kind] |= {title: rival(read, found, folder) for title, read in others.items()}
            line = ", ".join(f"{title} {score.as_json()['cer']:.2%}" for title, score in scores[kind].items())
            print(f"{kind}: {line}", flush=True)
        clerk.close()
    text = report(scores, ["clerk", *others])
    if arguments.write:
        write(text)
    else:
        print(text)
    figures = {
        kind: {title: score.as_json() for title, score in each.items()} for kind, each in scores.items()
    }
    print(json.dumps({"ocr": figures, "seconds": round(time.monotonic() - began, 1)}))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=6, help="synthetic pages of each class")
    parser.add_argument("--classes", default=";".join(CLASSES), help="classes, joined by semicolons")
    parser.add_argument("--truth", type=Path, help="folder of real scans with their text")
    parser.add_argument("--step", type=int, default=1, help="take every so manieth of the real ones")
    parser.add_argument("--languages", default="eng", help="language files for all")
    parser.add_argument("--second", default="", help="second OCR backend of clerk")
    parser.add_argument("--tesseract", default="tesseract", help="the tesseract command")
    parser.add_argument(
        "--pdftoppm", default="", help="poppler's pdftoppm; without it MuPDF draws for tesseract"
    )
    parser.add_argument("--ocrmypdf", default="ocrmypdf", help="the ocrmypdf command")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    return parser.parse_args()


def _note(score: Score, page: Page, text: str) -> None:
    score.characters.append(character_error(page.truth, text))
    score.words.append(word_error(page.truth, text))


def _run(command: list[str], **environment: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | environment)
    if done.returncode:
        print(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()[-300:]}", file=sys.stderr)
    return done.stdout


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
