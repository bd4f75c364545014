"""What asking for the language of a page is worth: errors and CPU with the languages in the site's order, and asked.

Each page is read in both ways in turn, three times; the least CPU counts. Languages whose file is missing are left out.

    python benchmarks/ocr_languages.py [--count N] [--spoil clean|typical|bad]
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# One thread an engine, as in a run.
os.environ["OMP_THREAD_LIMIT"] = "1"

import numpy as np
import pymupdf
from ocr_pages import CLASSES, as_pdf, character_error
from PIL import Image

from clerk.isolation import limits
from clerk.ocr import child
from clerk.ocr.looks import FIRST
from clerk.ocr.tongue import UNKNOWN, Tongue
from clerk.pdf.tessdata import traineddata

CASES = (
    ("eng+spa+fra+deu", "eng"),
    ("eng+spa+fra+deu", "spa"),
    ("eng+spa+fra+deu", "fra"),
    ("eng+spa+fra+deu", "deu"),
    ("eng+fra", "eng+fra"),
    ("eng+chi_sim", "eng"),
    ("eng+chi_sim", "chi_sim"),
)
PARAGRAPHS, REPEATS = 11, 3
SENTENCES = {
    "eng": (
        "The regular meeting of the town council was called to order at 7:30 p.m. by the chair.",
        "A motion was made to approve Resolution No. 2024-17 and carried by a vote of 5 to 2.",
        "Staff recommends that the public hearing on the rezoning be continued to March 12, 2025.",
        "Residents objected to the proposed fee schedule and asked for a lower rate.",
        "The engineer explained that the pump failed twice and will be replaced by October.",
        "There being no further business, the meeting was adjourned at 9:45 p.m.",
    ),
    "spa": (
        "La sesión ordinaria del concejo municipal comenzó a las 7:30 de la tarde bajo la presidencia del alcalde.",
        "La moción para aprobar la resolución número 2024-17 fue aprobada con 5 votos a favor y 2 en contra.",
        "Se continuará la audiencia pública sobre la zonificación hasta el 12 de marzo de 2025.",
        "Los vecinos se opusieron a las tarifas propuestas y pidieron una cuota más baja.",
        "El ingeniero explicó que la bomba falló dos veces y será reemplazada en octubre.",
        "Sin más asuntos que tratar, se levantó la sesión a las 9:45 de la noche.",
    ),
    "fra": (
        "La séance ordinaire du conseil municipal est ouverte à 19 h 30 sous la présidence du maire.",
        "La proposition d'adopter la résolution no 2024-17 est acceptée par 5 voix contre 2.",
        "L'audience publique sur le zonage est reportée au 12 mars 2025 à la demande des riverains.",
        "Les habitants se sont opposés aux tarifs proposés et ont réclamé une baisse.",
        "L'ingénieur a expliqué que la pompe, tombée deux fois en panne, sera remplacée en octobre.",
        "L'ordre du jour étant épuisé, la séance est levée à 21 h 45.",
    ),
    "deu": (
        "Die ordentliche Sitzung des Stadtrates wurde um 19.30 Uhr vom Vorsitzenden eröffnet.",
        "Der Antrag, den Beschluss Nr. 2024-17 zu fassen, wurde mit 5 gegen 2 Stimmen angenommen.",
        "Die öffentliche Anhörung über den Bebauungsplan wird auf den 12. März 2025 vertagt.",
        "Anwohner erhoben Einwände gegen die vorgeschlagenen Gebühren und baten um Ermäßigung.",
        "Der Ingenieur erklärte, dass die Pumpe zweimal ausfiel und im Oktober ersetzt wird.",
        "Da keine weiteren Punkte vorliegen, wurde die Sitzung um 21.45 Uhr geschlossen.",
    ),
    "chi_sim": (
        "市议会例会由主席于晚上七点半宣布开始。",
        "关于通过决议的动议以五票赞成两票反对获得通过。",
        "关于土地规划的公众听证会延期到三月十二日举行。",
        "居民反对拟议的收费标准，并要求降低费用。",
        "工程师说明水泵两次发生故障，将在十月更换。",
        "因没有其他事项，会议于晚上九点四十五分结束。",
    ),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What reading a page came to."""

    cpu: float
    error: float
    language: str


def printed(languages: Sequence[str], seed: int) -> tuple[Image.Image, str]:
    """A page with a paragraph in each of `languages` in turn, drawn at 150 dpi, and its text."""
    rng = random.Random(f"{languages} {seed}")
    paragraphs = []
    for number in range(PARAGRAPHS):
        language = languages[number % len(languages)]
        joint = "" if language == "chi_sim" else " "
        paragraphs.append(joint.join(rng.sample(SENTENCES[language], 3)))
    html = "".join(f"<p>{text}</p>" for text in paragraphs)
    font = ("serif", "sans-serif")[seed % 2]
    css = f"* {{font-family: {font}; font-size: 11px; line-height: 1.3}} p {{margin: 0 0 9px 0}}"
    with pymupdf.open() as document:
        page = document.new_page(width=612, height=792)
        page.insert_htmlbox(pymupdf.Rect(64, 60, 548, 740), html, css=css)
        pixmap = page.get_pixmap(dpi=150, colorspace=pymupdf.csGRAY)
    image = Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)
    return image, "\n".join(paragraphs)


def read(path: Path, languages: str, truth: str) -> tuple[Found, Found]:
    """The page with the languages as they stand, and with its own asked for."""
    best: dict[bool, Found] = {}
    for _ in range(REPEATS):
        for asked, tongue in ((False, Tongue(languages.partition("+")[0])), (True, UNKNOWN)):
            seen = child.look(path, 1, FIRST, child.EngineOptions("tesseract", languages, "", tongue))
            made = Found(seen.cpu, 100 * character_error(truth, seen.text), seen.tongue.language)
            best[asked] = min(best.get(asked, made), made, key=lambda found: found.cpu)
    return best[False], best[True]


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=2, help="pages of each kind")
    parser.add_argument("--spoil", choices=("clean", "typical", "bad"), default="typical")
    arguments = parser.parse_args()
    # The looks are made in this process, which no other one limits.
    limits.install(limits.Limits(8192, lambda _: None))
    sys.stdout.write(
        "| site | page | error, % | asked | CPU-s | asked | told |\n|---|---|---:|---:|---:|---:|---|\n"
    )
    for site, kind in CASES:
        if not all(map(traineddata, site.split("+"))):
            continue
        pairs = []
        for seed in range(arguments.count):
            image, truth = printed(kind.split("+"), seed)
            spoilt = CLASSES[arguments.spoil].spoil(np.asarray(image), random.Random(seed))
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "page.pdf"
                path.write_bytes(as_pdf(Image.fromarray(np.asarray(spoilt, np.uint8)), 150))
                pairs.append(read(path, site, truth))
        error, asked_error = (statistics.mean(pair[n].error for pair in pairs) for n in (0, 1))
        cpu, asked_cpu = (statistics.mean(pair[n].cpu for pair in pairs) for n in (0, 1))
        told = " ".join(pair[1].language or "-" for pair in pairs)
        row = (site, kind, f"{error:.2f}", f"{asked_error:.2f}", f"{cpu:.2f}", f"{asked_cpu:.2f}", told)
        sys.stdout.write(f"| {' | '.join(row)} |\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
