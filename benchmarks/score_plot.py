"""Draws what was said against what was right, as an SVG file."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

Points = list[tuple[float, float, int]]  # said, right, how many

_WIDE, _HIGH, _SIDE, _MARGIN = 860, 420, 320, 60
_FONT = 'font-family="sans-serif" font-size="13"'
_COLOURS = ("#1f5fa8", "#c2601a")


def write(path: Path, panels: Mapping[str, Mapping[str, Points]]) -> None:
    """A square for each panel (title to curves, label to points); the diagonal is where both are the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDE} {_HIGH}" {_FONT}>',
        f'<rect width="{_WIDE}" height="{_HIGH}" fill="white"/>',
    ]
    for number, (title, curves) in enumerate(panels.items()):
        parts += _panel(_MARGIN + number * (_SIDE + 2 * _MARGIN - 20), 30, title, curves)
    path.write_text("\n".join([*parts, "</svg>", ""]), encoding="utf-8")


def _panel(left: int, top: int, title: str, curves: Mapping[str, Points]) -> list[str]:
    bottom, right, middle = top + _SIDE, left + _SIDE, top + _SIDE / 2
    turned = f'text-anchor="middle" transform="rotate(-90 {left - 42} {middle})"'
    parts = [
        f'<text x="{left}" y="{top - 10}" font-weight="bold">{escape(title)}</text>',
        f'<rect x="{left}" y="{top}" width="{_SIDE}" height="{_SIDE}" fill="none" stroke="#888"/>',
        f'<line x1="{left}" y1="{bottom}" x2="{right}" y2="{top}" stroke="#bbb" stroke-dasharray="5 4"/>',
        f'<text x="{left + _SIDE / 2}" y="{bottom + 38}" text-anchor="middle">confidence that was said</text>',
        f'<text x="{left - 42}" y="{middle}" {turned}>share that was right</text>',
    ]
    for tick in range(0, 11, 2):
        at = _SIDE * tick / 10
        parts.append(f'<text x="{left + at}" y="{bottom + 18}" text-anchor="middle">{tick / 10:.1f}</text>')
        parts.append(f'<text x="{left - 8}" y="{bottom - at + 4}" text-anchor="end">{tick / 10:.1f}</text>')
    for number, (label, points) in enumerate(curves.items()):
        parts += _curve(left, bottom, label, points, number)
    return parts


def _curve(left: int, bottom: int, label: str, points: Points, number: int) -> list[str]:
    colour = _COLOURS[number % len(_COLOURS)]
    places = [(left + said * _SIDE, bottom - right * _SIDE, count) for said, right, count in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in places)
    parts = [f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>']
    for x, y, count in places:
        radius = 3 + min(count, 100) ** 0.5
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}" fill-opacity="0.45"/>'
        )
        parts.append(
            f'<text x="{x - radius - 4:.1f}" y="{y + 4:.1f}" text-anchor="end" font-size="10">{count}</text>'
        )
    y = bottom - _SIDE + 20 + 18 * number
    parts.append(f'<circle cx="{left + 16}" cy="{y - 4}" r="5" fill="{colour}"/>')
    parts.append(f'<text x="{left + 28}" y="{y}">{escape(label)}</text>')
    return parts
