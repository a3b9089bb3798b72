"""One plot of requests against delay, as SVG without any library."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass
class Point:
    """``lossy``: it missed entries that could have been seen."""

    family: str
    name: str
    requests: float
    delay_min: float
    lossy: bool


COLOURS = {"fixed": "#888", "Miniflux": "#1f77b4", "CommaFeed": "#2ca02c", "Media Cloud": "#9467bd", "ours": "#d62728"}


WIDTH, HEIGHT, LEFT, BOTTOM = 860, 520, 70, 60
TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500)


def svg(points: Sequence[Point]) -> str:
    """Requests against median delay, both logarithmic; a hollow ring marks a policy that missed what could have been seen."""
    scale = _Scale(points)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">']
    parts.append(f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>')
    parts += scale.grid()
    for number, family in enumerate(COLOURS):
        parts += _line(family, [point for point in points if point.family == family], scale)
        colour = COLOURS[family]
        parts.append(f'<text x="{WIDTH - 150}" y="{40 + 20 * number}" fill="{colour}" font-size="14">{family}</text>')
    middle = LEFT + (WIDTH - LEFT) / 2
    parts.append(_text(middle, HEIGHT - 12, "requests per feed and day", "middle", 14))
    parts.append(f'<text transform="translate(20 {HEIGHT / 2}) rotate(-90)" text-anchor="middle" font-size="14">')
    parts.append("median minutes from publication to discovery</text></svg>")
    return "\n".join(parts) + "\n"


class _Scale:
    def __init__(self, points: Sequence[Point]) -> None:
        requests, delays = [point.requests for point in points], [point.delay_min for point in points]
        self.x0, self.x1 = min(requests) * 0.8, max(requests) * 1.25
        self.y0, self.y1 = min(delays) * 0.8, max(delays) * 1.25

    def place(self, requests: float, delay: float) -> tuple[float, float]:
        across = math.log(requests / self.x0) / math.log(self.x1 / self.x0)
        up = math.log(delay / self.y0) / math.log(self.y1 / self.y0)
        return LEFT + across * (WIDTH - LEFT - 20), HEIGHT - BOTTOM - up * (HEIGHT - BOTTOM - 20)

    def grid(self) -> list[str]:
        parts = []
        for value in TICKS:
            if self.x0 <= value <= self.x1:
                x, _ = self.place(value, self.y0)
                parts.append(f'<path d="M{x:.0f} 20V{HEIGHT - BOTTOM}" stroke="#eee"/>')
                parts.append(_text(x, HEIGHT - BOTTOM + 18, str(value), "middle", 12))
            if self.y0 <= value <= self.y1:
                _, y = self.place(self.x0, value)
                parts.append(f'<path d="M{LEFT} {y:.0f}H{WIDTH - 20}" stroke="#eee"/>')
                parts.append(_text(LEFT - 8, y + 4, str(value), "end", 12))
        return parts


def _line(family: str, points: list[Point], scale: _Scale) -> list[str]:
    if not points:
        return []
    colour = COLOURS[family]
    placed = sorted((scale.place(point.requests, point.delay_min), point.name, point.lossy) for point in points)
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for (x, y), _, _ in placed)
    parts = [f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>']
    for (x, y), name, lossy in placed:
        fill, note = ("white", "missed some that could have been seen") if lossy else (colour, "missed nothing")
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{fill}" stroke="{colour}" stroke-width="2">')
        parts.append(f"<title>{name}: {note}</title></circle>")
    return parts


def _text(x: float, y: float, words: str, anchor: str, size: int) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-size="{size}">{words}</text>'
