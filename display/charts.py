"""Charts as SVG drawn by hand: no script, no inline style, words for those who do not see them. Pure."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from display.formats import decimal
from queue_server.contract.views import HourFigures

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 26, 34
HATCH = (
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect class="hatch-ground" width="6" height="6"/><line class="hatch-line" x1="0" y1="0" x2="0" y2="6"/>'
    "</pattern></defs>"
)


def wait_chart(
    hours: Sequence[HourFigures], target: float, *, title: str, desc: str, goal: str, language: str
) -> Markup:
    """Mean wait per hour as bars against the target line, minutes. Bars over the target differ by pattern too."""
    means = [hour.mean_wait for hour in hours if hour.mean_wait is not None]
    top = _ceiling(max([target, *means]) * 1.1)
    parts = [HATCH, _grid(top)]
    for place, hour in enumerate(hours):
        left, width = _slot(place, len(hours))
        parts.append(_under(left + width / 2, f"{hour.hour:02d}"))
        if hour.mean_wait is None:
            continue
        kind = "bar over" if hour.mean_wait > target else "bar"
        y = _y(hour.mean_wait, top)
        parts.append(
            f'<rect class="{kind}" x="{left:.1f}" y="{y:.1f}" width="{width:.1f}" height="{_y(0, top) - y:.1f}"/>'
        )
        parts.append(_over(left + width / 2, y, decimal(hour.mean_wait, language)))
    parts.append(_goal(_y(target, top), goal))
    return _svg(title, desc, parts)


def count_chart(hours: Sequence[HourFigures], *, title: str, desc: str, language: str) -> Markup:
    """Tickets taken (light) and called (dark) per hour, side by side."""
    del language  # whole numbers are written alike
    top = _ceiling(max([1, *(max(hour.issued, hour.called) for hour in hours)]))
    parts = [_grid(top)]
    for place, hour in enumerate(hours):
        left, width = _slot(place, len(hours))
        half = width / 2
        parts.append(_under(left + half, f"{hour.hour:02d}"))
        for kind, x, count in (("bar light", left, hour.issued), ("bar", left + half, hour.called)):
            y = _y(count, top)
            parts.append(_bar(kind, x, y, half - 1, _y(0, top) - y))
            if count and half >= 14:
                parts.append(_over(x + half / 2, y, str(count)))
    return _svg(title, desc, parts)


def _svg(title: str, desc: str, parts: Sequence[str]) -> Markup:
    body = "".join(parts)
    return Markup(  # noqa: S704 - the texts are escaped, the rest is numbers
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{escape(title)}</title><desc>{escape(desc)}</desc>"
        f"{body}</svg>"
    )


def _ceiling(value: float) -> float:
    """The next round number, so that the grid carries round labels."""
    for step in (4, 8, 12, 20, 40, 60, 80, 120, 200, 400, 800, 1200, 2000, 4000):
        if value <= step:
            return float(step)
    return value


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(value, top) / top


def _slot(place: int, count: int) -> tuple[float, float]:
    room = (WIDTH - LEFT - RIGHT) / max(count, 1)
    width = min(room * 0.72, 56)
    return LEFT + place * room + (room - width) / 2, width


def _grid(top: float) -> str:
    lines = []
    for quarter in range(5):
        value = top * quarter / 4
        y = _y(value, top)
        lines.append(f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>')
        lines.append(f'<text class="scale" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>')
    return "".join(lines)


def _bar(kind: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def _under(x: float, text: str) -> str:
    return f'<text class="scale" x="{x:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{escape(text)}</text>'


def _over(x: float, y: float, text: str) -> str:
    return f'<text class="figure" x="{x:.1f}" y="{y - 5:.1f}" text-anchor="middle">{escape(text)}</text>'


def _goal(y: float, text: str) -> str:
    return (
        f'<line class="goal" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>'
        f'<text class="goal-text" x="{WIDTH - RIGHT}" y="{y - 5:.1f}" text-anchor="end">{escape(text)}</text>'
    )
