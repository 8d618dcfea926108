"""Learning curve: the loss and what is held out, epoch by epoch, as an SVG picture."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from _training import Epoch

WIDTH, HEIGHT, EDGE = 640, 360, 56
COLOURS = {"loss": "#b5482a", "held out": "#2a6fb5"}


def draw(title: str, curve: Sequence[Epoch], score: str) -> str:
    """Return the picture: the loss falls from its first value, the score rises to 1."""
    most = max(epoch.loss for epoch in curve) or 1.0
    lines = {
        "loss": [epoch.loss / most for epoch in curve],
        "held out": [min(max(epoch.score, 0.0), 1.0) for epoch in curve],
    }
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        _text(WIDTH / 2, EDGE / 2, title, "middle"),
        f'<path d="M{EDGE} {EDGE}V{HEIGHT - EDGE}H{WIDTH - EDGE}V{EDGE}" fill="none" '
        f'stroke="#888"/>',
        *(_tick(share, f"{share * most:.2g}", f"{share:.2g}") for share in (0, 0.25, 0.5, 0.75, 1)),
        *(_line(values, COLOURS[name]) for name, values in lines.items()),
        _text(EDGE, EDGE - 10, "mean loss of the epoch", "start", COLOURS["loss"]),
        _text(WIDTH - EDGE, EDGE - 10, score, "end", COLOURS["held out"]),
        _text(EDGE, HEIGHT - EDGE + 20, "1", "middle"),
        _text(WIDTH - EDGE, HEIGHT - EDGE + 20, str(len(curve)), "middle"),
        _text(WIDTH / 2, HEIGHT - EDGE + 36, "epoch", "middle"),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _place(step: int, steps: int, share: float) -> str:
    x = EDGE + (WIDTH - 2 * EDGE) * step / max(steps - 1, 1)
    return f"{x:.1f},{HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * share:.1f}"


def _line(values: Sequence[float], colour: str) -> str:
    points = " ".join(_place(step, len(values), share) for step, share in enumerate(values))
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _tick(share: float, left: str, right: str) -> str:
    y = HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * share
    return (
        f'<path d="M{EDGE} {y}H{WIDTH - EDGE}" stroke="#ddd"/>'
        + _text(EDGE - 6, y + 4, left, "end", COLOURS["loss"])
        + _text(WIDTH - EDGE + 6, y + 4, right, "start", COLOURS["held out"])
    )


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#222") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
