"""A page of HTML that shows each page of a PDF beside its text. Pure; holds no script and loads nothing."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape

from clerk.pdf.inspection import PageLook

MOST_TEXT = 20_000
_MEANINGS = {
    "chars": "characters",
    "words": "words looked up",
    "known": "words known",
    "common": "commonest words of a language",
    "broken": "characters without meaning",
    "images": "images",
    "image": "page under images",
    "outlines": "outlines",
    "hidden": "text painted invisibly",
    "covered": "text under an image",
}
_SHARES = frozenset({"known", "common", "broken", "image", "hidden", "covered"})
_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --line: #8885; --yes: #17692e; --no: #a33d00; }}
@media (prefers-color-scheme: dark) {{ :root {{ --yes: #6fce8a; --no: #ffa366; }} }}
body {{ font: 16px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 96rem; padding: 1rem; }}
h1 {{ font-size: 1.4rem; overflow-wrap: anywhere; }}
section {{ border-top: 1px solid var(--line); padding: 1rem 0 2rem; }}
h2 {{ font-size: 1.1rem; margin: 0; }}
.yes {{ color: var(--yes); }} .no {{ color: var(--no); }}
ul {{ list-style: none; margin: .3rem 0 .8rem; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; }}
.beside {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1.2rem; }}
img {{ width: 100%; height: auto; border: 1px solid var(--line); }}
pre {{ margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: 13px/1.45 ui-monospace, monospace; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{summary}</p>
"""


def sheet(title: str, summary: str, pages: Iterable[tuple[PageLook, bytes]]) -> Iterable[str]:
    """The HTML, in pieces; each page comes with its picture, a JPEG, or nothing where there is none."""
    yield _HEAD.format(title=escape(title), summary=escape(summary))
    for look, jpeg in pages:
        yield _section(look, jpeg)
    yield "</body>\n</html>\n"


def figure(name: str, value: float) -> str:
    """A figure for people: `97 %` or `312`."""
    return (
        f"{value:.0%}".replace("%", " %")
        if name in _SHARES
        else f"{value:g}"
        if value < 10_000
        else f"{value:.0f}"
    )


def _section(look: PageLook, jpeg: bytes) -> str:
    verdict, kind = {
        True: ("its text layer is trusted", "yes"),
        False: ("its text layer is not trusted: the page is recognised", "no"),
        None: ("cannot be read", "no"),
    }[look.trusted]
    facts = "".join(
        f"<li>{escape(_MEANINGS.get(name, name))}: <b>{figure(name, value)}</b></li>"
        for name, value in look.figures.items()
    )
    text = look.text[:MOST_TEXT] + ("\n[cut here]" if len(look.text) > MOST_TEXT else "")
    data = base64.b64encode(jpeg).decode()
    shown = (
        f'<img alt="Picture of page {look.page}" src="data:image/jpeg;base64,{data}">'
        if jpeg
        else "<p>It cannot be drawn.</p>"
    )
    layer = f"<pre>{escape(text)}</pre>" if text else "<p>It has no text layer.</p>"
    return (
        f'<section id="p{look.page}"><h2>Page {look.page}: <span class="{kind}">{verdict}</span></h2>\n'
        f"<p>{escape(look.why or look.error)}{f' (rule: {escape(look.rule)})' if look.rule else ''}</p>\n"
        f"<ul>{facts}</ul>\n"
        f'<div class="beside"><div>{shown}</div><div>{layer}</div></div></section>\n'
    )
