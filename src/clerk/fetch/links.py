"""Links of an HTML page with what stands around them, and the meeting that this names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from clerk.fetch.layout import Named
from clerk.fetch.names import Reading, read_body, read_date, read_kind, specific
from clerk.models import Kind

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "caption", "legend", "summary", "dt"))
_ITEMS = frozenset(("li", "p", "dd", "article", "figure"))
_DEEP = 12
# Dates and names that stand beside a meeting's but are not of it.
_POSTED = re.compile(
    r"\b(?:posted|published|updated|uploaded|added|approved|adopted|amended|modified|revised)\b"
    r"[:\s]+(?:on[:\s]+)?[A-Za-z]{0,9}\.?[\s\d/.,-]{4,14}\d",
    re.IGNORECASE,
)
_PLACE = re.compile(r"\b(?:chambers?|room|rm|hall|street|avenue|floor|zoom)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """A link: absolute `url`, its text and titles, and the texts around it from near to far.

    `headings` are those it stands under, the nearest first.
    """

    url: str
    text: str
    titles: str = ""
    cell: str = ""
    cells: tuple[str, ...] = ()
    column: str = ""
    headings: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """The last part of the URL's path that says something, decoded."""
        return unquote(urlsplit(self.url).path).rstrip("/").rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Rules:
    """How to read links. The patterns search link text, titles, the texts around, and the URL, in this order.

    A pattern's first group is the value, or the whole match where it has none.
    """

    kind: Kind | None = None
    minutes: re.Pattern[str] | None = None
    agenda: re.Pattern[str] | None = None
    body: str = ""
    body_pattern: re.Pattern[str] | None = None
    date_pattern: re.Pattern[str] | None = None
    country: str = "US"


def page_links(html: str, address: str) -> list[Link]:
    """Every http or https link of the page at `address`, in order."""
    tree = LexborHTMLParser(html)
    base = tree.css_first("base[href]")
    root = urljoin(address, (base.attributes.get("href") or "").strip()) if base is not None else address
    found: list[Link] = []
    headings: dict[int, str] = {}
    for node in tree.css("a[href], " + ", ".join(sorted(_HEADINGS))):
        if node.tag in _HEADINGS:
            level = int(node.tag[1]) if node.tag[1:].isdigit() else 7
            headings = {**{n: text for n, text in headings.items() if n < level}, level: _text(node)}
            continue
        href = (node.attributes.get("href") or "").strip()
        try:
            url = urldefrag(urljoin(root, href)).url
            usable = urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname)
        except ValueError:
            continue
        if usable:
            found.append(_link(node, url, tuple(headings[level] for level in sorted(headings, reverse=True))))
    return found


def read_link(link: Link, rules: Rules) -> Named:
    """The meeting that a link and its surroundings name, or the reason why that is not clear."""
    day = _date(link, rules)
    if not day.value:
        return Named(reason=f"the link {day.reason}")
    kind = _kind(link, rules)
    if kind is None:
        return Named(date=day.value, reason="the link names neither agenda nor minutes, or both")
    body = _body(link, rules)
    if not body:
        return Named(date=day.value, kind=kind, reason="the link names no body; give one as `body` in extra")
    return Named(body, day.value, kind)


def _date(link: Link, rules: Rules) -> Reading:
    if rules.date_pattern is not None:
        found = _search(rules.date_pattern, _texts(link))
        return read_date(found, country=rules.country) if found else Reading(reason="names no date")
    row = " | ".join(link.cells)
    unclear = Reading(reason="names no date")
    for text in (link.text, link.titles, link.cell, row, link.file_name, link.url, *link.headings):
        reading = read_date(_POSTED.sub(" ", text), country=rules.country)
        if reading.value:
            return reading
        if reading.ambiguous and not unclear.ambiguous:
            unclear = reading
    return unclear


def _kind(link: Link, rules: Rules) -> Kind | None:
    for kind, pattern in ((Kind.MINUTES, rules.minutes), (Kind.AGENDA, rules.agenda)):
        if pattern is not None and _search(pattern, _texts(link)):
            return kind
    if rules.kind is not None:
        return rules.kind
    path = unquote(urlsplit(link.url).path)
    near = (link.text, link.column, link.file_name, path, unquote(link.url), link.titles, link.cell)
    for text in (*near, *link.headings):
        reading = read_kind(text)
        if reading.value:
            return Kind(reading.value)
    return None


def _body(link: Link, rules: Rules) -> str:
    if rules.body_pattern is not None:
        return _search(rules.body_pattern, _texts(link)) or rules.body
    if rules.body:
        return rules.body
    cells = [cell for cell in link.cells if not _PLACE.search(cell)]
    readings = []
    for texts in ([link.text], [link.titles], cells, *([text] for text in link.headings), [link.file_name]):
        named = {read_body(text, country=rules.country).value for text in texts} - {""}
        readings.append(named.pop() if len(named) == 1 else "")
    return specific(readings)


def _texts(link: Link) -> Iterator[str]:
    yield from (
        link.text,
        link.titles,
        link.cell,
        *link.cells,
        link.column,
        *link.headings,
        unquote(link.url),
    )


def _search(pattern: re.Pattern[str], texts: Iterable[str]) -> str:
    for text in texts:
        match = pattern.search(text)
        if match:
            return next((group for group in match.groups() if group), match[0]).strip()
    return ""


def _link(node: LexborNode, url: str, headings: tuple[str, ...]) -> Link:
    names = (node.attributes.get("title"), node.attributes.get("aria-label"))
    titles = " ".join(" ".join(name for name in names if name).split())
    alts = (image.attributes.get("alt") or "" for image in node.css("img[alt]"))
    text = _text(node) or " ".join(alts).strip()
    item, cell, row = _around(node)
    cells = tuple(_text(part) for part in _children(row)) if row is not None else ()
    near = _text(item) if item is not None else _text(cell) if cell is not None else ""
    return Link(url, text, titles, near[:1000], cells, _column(cell, row), headings)


def _around(node: LexborNode) -> tuple[LexborNode | None, LexborNode | None, LexborNode | None]:
    """The nearest list item or paragraph, the table cell, and the table row that hold a link."""
    item: LexborNode | None = None
    cell: LexborNode | None = None
    parent = node.parent
    for _ in range(_DEEP):
        if parent is None or parent.tag in ("body", "main"):
            break
        if parent.tag in ("td", "th") and cell is None:
            cell = parent
        elif parent.tag == "tr":
            return item, cell, parent
        elif parent.tag in _ITEMS and item is None and cell is None:
            item = parent
        parent = parent.parent
    return item, cell, None


def _column(cell: LexborNode | None, row: LexborNode | None) -> str:
    """The heading of the table column that a cell stands in."""
    if cell is None or row is None:
        return ""
    index = next((n for n, part in enumerate(_children(row)) if part.mem_id == cell.mem_id), None)
    table = row.parent
    while table is not None and table.tag != "table":
        table = table.parent
    first = table.css_first("tr") if table is not None else None
    if first is None or index is None or first.mem_id == row.mem_id:
        return ""
    headers = _children(first)
    return _text(headers[index]) if index < len(headers) and len(headers) == len(_children(row)) else ""


def _children(row: LexborNode) -> list[LexborNode]:
    return [child for child in row.iter(include_text=False) if child.tag in ("td", "th")]


def _text(node: LexborNode) -> str:
    return " ".join(node.text(separator=" ").split())
