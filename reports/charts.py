"""Charts as SVG, drawn here once for the screen and for the document.

Colours stand twice: as attributes for paper, and as classes that the look draws over on a screen
(dark mode). Bars are as wide as their cell, so that the words around them keep their size on a
phone; hatch, dashes and solid strokes say what colour says (look: shape before colour).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import ceil

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from reports.indicators import Row

TICKS = (0, 20, 40, 60, 80, 100)
WIDE, TALL = 400, 20  # of a bar's own coordinates
HATCH = 7
BAR, TRACK, GRID, INK, GREY = "#2f66a6", "#e9ecf0", "#e3e6ea", "#1b232d", "#5d6773"
WASH, STROKE = "#dbe6f4", "#6589b8"


@dataclass(frozen=True)
class Bar:
    """One county's bar; width and ticks in per cent of the cell."""

    row: Row
    width: str
    target: str
    planned: str
    behind: bool
    url: str = ""

    @property
    def svg(self) -> SafeString:
        return bar_svg(
            self.row.coverage_rate,
            planned=self.row.planned,
            target=self.row.target,
            behind=self.behind,
        )


@dataclass(frozen=True)
class Zone:
    """A zone's heading above its counties."""

    name: str
    bars: tuple[Bar, ...]


def bars(zones: Sequence[tuple[str, Sequence[Row]]], urls: dict[int, str]) -> list[Zone]:
    """Counties zone by zone, each from the highest coverage down."""
    return [Zone(name, tuple(_bar(row, urls) for row in by_coverage(rows))) for name, rows in zones]


def by_coverage(rows: Sequence[Row]) -> list[Row]:
    """The highest coverage first; equal ones stay in the order of the pack."""
    return sorted(rows, key=lambda row: -(row.exact_coverage or 0))


def _bar(row: Row, urls: dict[int, str]) -> Bar:
    return Bar(
        row,
        width=_percent(row.coverage_rate or Decimal(0)),
        target=_percent(row.target) if row.target is not None else "",
        planned=_percent(row.planned) if row.planned is not None else "",
        behind=row.planned_gap is not None and row.planned_gap < 0,
        url=urls.get(row.county_id or 0, ""),
    )


def _percent(rate: Decimal) -> str:
    return f"{min(rate, Decimal(100)):.1f}%"


# --- one bar --------------------------------------------------------------------------------------
def bar_svg(
    rate: Decimal | None,
    *,
    planned: Decimal | None = None,
    target: Decimal | None = None,
    behind: bool = False,
    foretold: tuple[Decimal, Decimal] | None = None,
) -> SafeString:
    """Per cent of a hundred: the bar, dashed tick of the planned line, solid tick of the target,
    a bracket from the low to the high end of a forecast. Words stand beside it."""
    width = _x(rate or Decimal(0))
    parts = [
        *(
            f'<path class="grid" stroke="{GRID}" d="M{_x(Decimal(n)):.1f} 0v{TALL}"/>'
            for n in TICKS
        ),
        f'<rect class="track" fill="{TRACK}" width="{WIDE}" y="4" height="12" rx="1"/>',
        *(_hatched(width) if behind else _filled(width)),
    ]
    if foretold is not None:
        low, high = (_x(end) for end in foretold)
        parts.append(
            f'<path class="range-line" stroke="{INK}" stroke-width="1.5" fill="none" '
            f'd="M{low:.1f} 7v6M{low:.1f} 10H{high:.1f}M{high:.1f} 7v6"/>'
        )
    if planned is not None:
        parts.append(
            f'<path class="plan-tick" stroke="{INK}" stroke-width="1.5" stroke-dasharray="3 2.5" '
            f'd="M{_x(planned):.1f} 0v{TALL}"/>'
        )
    if target is not None:
        parts.append(
            f'<path class="target" stroke="{INK}" stroke-width="2" d="M{_x(target):.1f} 0v{TALL}"/>'
        )
    return _svg("".join(parts), WIDE, TALL, "chart chart--bar", more='preserveAspectRatio="none"')


def share_svg(part: int, whole: int) -> SafeString:
    """A plain bar: a part of the most."""
    width = WIDE * part / whole if whole else 0
    track = f'<rect class="track" fill="{TRACK}" width="{WIDE}" y="4" height="12" rx="1"/>'
    parts = "".join([track, *_filled(width)])
    return _svg(parts, WIDE, TALL, "chart chart--bar", more='preserveAspectRatio="none"')


def _x(rate: Decimal) -> float:
    return float(min(max(rate, Decimal(0)), Decimal(100))) * WIDE / 100


def _filled(width: float) -> list[str]:
    return [f'<rect class="bar" fill="{BAR}" width="{width:.1f}" y="4" height="12" rx="1"/>']


def _hatched(width: float) -> list[str]:
    """Strokes of their own, not a pattern: a printer's SVG knows them as well."""
    strokes = []
    place = 4 - 12.0
    while place < width:
        # from the lower edge up to the right, cut at both ends of the bar
        first, last = max(place, 0.0), min(place + 12, width)
        if last > first:
            strokes.append(
                f"M{first:.1f} {16 - (first - place):.1f}L{last:.1f} {16 - (last - place):.1f}"
            )
        place += HATCH
    return [
        f'<rect class="hatch-ground" fill="{WASH}" width="{width:.1f}" y="4" height="12"/>',
        f'<path class="hatch-line" stroke="{STROKE}" stroke-width="2.5" d="{"".join(strokes)}"/>',
    ]


# --- the trend ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Dot:
    """Coverage at the end of a day; ``planned`` of the city's floor; ``frozen``: a full dot."""

    day: date
    rate: Decimal | None
    planned: Decimal | None = None
    frozen: bool = True


@dataclass(frozen=True)
class Ahead:
    """What is foretold for a day: the middle and a tenth below and above."""

    day: date
    low: Decimal
    median: Decimal
    high: Decimal
    planned: Decimal | None = None


@dataclass(frozen=True)
class Words:
    """Whatever is written on the chart; ``months``: the label of each month's end; ``years``: those
    beneath it, where the months are not all of this year."""

    alternative: str
    actual: str
    planned: str
    foretold: str
    band: str
    today: str
    months: Sequence[tuple[date, str]]
    years: Sequence[tuple[date, str]] = ()


class Trend:
    """走势: months so far, the planned line, and what is foretold with its band."""

    LEFT, TOP, BREADTH = 40, 18, 540

    def __init__(
        self, dots: Sequence[Dot], ahead: Sequence[Ahead], words: Words, *, height: int = 230
    ) -> None:
        self.height = height
        self.dots = [dot for dot in dots if dot.rate is not None]
        self.ahead, self.words = ahead, words
        days = [dot.day for dot in dots] + [one.day for one in ahead]
        self.first, self.last = min(days), max(days)
        shown = [dot.rate or Decimal(0) for dot in self.dots]
        shown += [dot.planned for dot in dots if dot.planned is not None]
        shown += [rate for one in ahead for rate in (one.low, one.high)]
        shown += [one.planned for one in ahead if one.planned is not None]
        self.low = int(min(shown, default=Decimal(0)) // 10 * 10)
        # `//` of a Decimal cuts towards nought: -(-x // 10) would cut off the top
        self.high = max(ceil(max(shown, default=Decimal(100)) / 10) * 10, self.low + 10)

    def svg(self) -> SafeString:
        parts = [*self._grid(), *self._months(), *self._band(), *self._lines(), *self._labels()]
        tall = self.TOP + self.height + (42 if self.words.years else 26)
        return _svg("".join(parts), 700, tall, "chart", label=self.words.alternative)

    def _place(self, day: date) -> float:
        whole = (self.last - self.first).days or 1
        return self.LEFT + self.BREADTH * (day - self.first).days / whole

    def _level(self, rate: Decimal) -> float:
        share = (float(rate) - self.low) / (self.high - self.low)
        return self.TOP + self.height * (1 - share)

    def _grid(self) -> list[str]:
        step = 10 if self.high - self.low <= 60 else 20
        parts = []
        for rate in range(self.low, self.high + 1, step):
            y = self._level(Decimal(rate))
            unit = "%" if rate + step > self.high else ""
            end = self.LEFT + self.BREADTH
            parts.append(f'<path class="grid" stroke="{GRID}" d="M{self.LEFT} {y:.1f}H{end}"/>')
            parts.append(_text(f"{rate}{unit}", self.LEFT - 8, y + 4, "soft end"))
        return parts

    def _months(self) -> list[str]:
        y = self.TOP + self.height + 20
        rows = [(y, self.words.months), (y + 16, self.words.years)]
        return [
            _text(word, self._place(day), at, "soft centre")
            for at, row in rows
            for day, word in row
        ]

    def _band(self) -> list[str]:
        if not self.ahead or not self.dots:
            return []
        start = f"{self._place(self.dots[-1].day):.1f},{self._level(self._now):.1f}"
        upper = " ".join(self._point(one.day, one.high) for one in self.ahead)
        lower = " ".join(self._point(one.day, one.low) for one in reversed(self.ahead))
        return [f'<polygon class="range" fill="{WASH}" points="{start} {upper} {lower}"/>']

    @property
    def _now(self) -> Decimal:
        return self.dots[-1].rate or Decimal(0)

    def _point(self, day: date, rate: Decimal) -> str:
        return f"{self._place(day):.1f},{self._level(rate):.1f}"

    def _lines(self) -> list[str]:
        planned = [(d.day, d.planned) for d in self.dots if d.planned is not None]
        planned += [(one.day, one.planned) for one in self.ahead if one.planned is not None]
        parts = [_line([self._point(*one) for one in planned], "plan", GREY, dashes="5 4")]
        actual = [self._point(dot.day, dot.rate or Decimal(0)) for dot in self.dots]
        parts.append(_line(actual, "actual", BAR, width=2.5))
        if self.ahead and self.dots:
            coming = [actual[-1], *(self._point(one.day, one.median) for one in self.ahead)]
            parts.append(_line(coming, "forecast", BAR, width=2, dashes="2 3"))
        for dot in self.dots:
            x, y = self._point(dot.day, dot.rate or Decimal(0)).split(",")
            kind, ground = ("dot", BAR) if dot.frozen else ("dot-open", "#fff")
            parts.append(
                f'<circle class="{kind}" fill="{ground}" stroke="{BAR}" stroke-width="2" '
                f'cx="{x}" cy="{y}" r="3"/>'
            )
        return parts

    def _labels(self) -> list[str]:
        if not self.dots:
            return []
        now = self.dots[-1]
        x, y = self._place(now.day), self._level(self._now)
        bottom = self.TOP + self.height
        parts = [
            f'<path class="axis" stroke="{GREY}" d="M{x:.1f} {self.TOP}V{bottom}"/>',
            _text(self.words.today, x - 6, bottom - 6, "soft end"),
            _text(self.words.actual, x - 8, y - 8, "heavy end"),
        ]
        right = self.LEFT + self.BREADTH + 8
        notes: list[tuple[float, str, str]] = []
        if self.ahead:
            level = self._level(self.ahead[-1].median)
            notes.append((level - 4, self.words.foretold, "heavy"))
            notes.append((level + 13, self.words.band, "soft"))
        planned = [one.planned for one in self.ahead if one.planned is not None]
        planned = planned or [dot.planned for dot in self.dots if dot.planned is not None]
        if planned:
            notes.append((self._level(planned[-1]) + 4, self.words.planned, "soft"))
        floor = 0.0
        for level, word, kind in sorted(notes):
            floor = max(level, floor + 17)  # words never lie on one another
            parts.append(_text(word, right, floor, kind))
        return parts


def _line(
    points: Sequence[str], kind: str, ink: str, *, width: float = 1.5, dashes: str = ""
) -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<polyline class="{kind}" fill="none" stroke="{ink}" stroke-width="{width}"{dashed} '
        f'points="{" ".join(points)}"/>'
    )


def _text(words: str, x: float, y: float, kind: str) -> str:
    anchor = "end" if "end" in kind else "middle" if "centre" in kind else "start"
    ink = GREY if "soft" in kind else INK
    weight = ' font-weight="600"' if "heavy" in kind else ""
    return format_html(
        '<text class="{}" x="{}" y="{}" text-anchor="{}" fill="{}" font-size="13"{}>{}</text>',
        kind, f"{x:.1f}", f"{y:.1f}", anchor, ink, mark_safe(weight), words,
    )  # fmt: skip


def _svg(
    parts: str, width: int, height: int, kind: str, *, label: str = "", more: str = ""
) -> SafeString:
    """``parts`` are numbers and texts that were escaped one by one."""
    heard = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return mark_safe(
        f'<svg class="{kind}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f"{more} {heard}>{parts}</svg>"
    )


def legend() -> list[tuple[SafeString, str]]:
    """What fill, hatch, dashes and the solid tick mean: a drawing and its words."""
    box = "0 0 22 12"

    def one(inner: str) -> SafeString:
        return mark_safe(f'<svg class="chart" viewBox="{box}" aria-hidden="true">{inner}</svg>')

    hatch = "M0 10L10 0M5 12L17 0M12 12L22 2"
    return [
        (one(f'<rect class="bar" fill="{BAR}" width="22" height="12"/>'), _("on plan or ahead")),
        (
            one(
                f'<rect class="hatch-ground" fill="{WASH}" width="22" height="12"/>'
                f'<path class="hatch-line" stroke="{STROKE}" stroke-width="2.5" d="{hatch}"/>'
            ),
            _("behind plan"),
        ),
        (
            one(
                f'<path class="plan-tick" stroke="{INK}" stroke-width="1.5" '
                'stroke-dasharray="3 2.5" d="M11 0v12"/>'
            ),
            _("planned line"),
        ),
        (
            one(f'<path class="target" stroke="{INK}" stroke-width="2" d="M11 0v12"/>'),
            _("target of the year"),
        ),
    ]
