"""The stage diagram of a procedure as SVG, without any external tool.

Phases are columns, stages are boxes, moves are lines that run in the channels between columns;
what leads forward past a column runs above, what leads back runs dashed below.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext as _

from workflows.pack_model import Pack
from workflows.procedure import CLOSED, Move, Procedure, Stage
from workflows.text import localised

WIDTH, HEIGHT = 176, 78  # of a box
CHANNEL, ROW = 128, 126  # between columns; from one box to the one below
LEFT, HEAD, LANE = 74, 58, 26
FONT = "'Noto Sans CJK SC', 'Source Han Sans SC', 'Microsoft YaHei', sans-serif"
INK, QUIET, LINE, BACK, PAPER = "#1f2933", "#5b6875", "#33638f", "#9b5b1c", "#ffffff"

Point = tuple[float, float]


class Box(NamedTuple):
    key: str
    title: str
    notes: tuple[str, ...]
    column: int
    x: float
    y: float


class Edge(NamedTuple):
    source: Box
    target: Box
    label: str
    back: bool


def draw(pack: Pack, procedure_key: str | None = None) -> str:
    """An SVG document of one procedure (the root by default), in the active language."""
    procedure = pack.procedure(procedure_key) if procedure_key else pack.root
    edges = _edges(procedure, {})
    lanes = [_lane(edge.source.column, edge.target.column, edge.back) for edge in edges]
    top = HEAD + LANE * (lanes.count("above") + 1)
    boxes = _boxes(procedure, top)
    bottom = max(box.y for box in boxes.values()) + HEIGHT
    # behind the last column runs nothing, unless lines go up beside it
    last = max(box.column for box in boxes.values())
    width = LEFT * 2 + WIDTH + last * (WIDTH + CHANNEL)
    height = bottom + LANE * (lanes.count("below") + 2)
    lines, captions = _lines(_edges(procedure, boxes), top, bottom)
    drawn = [*_heads(procedure), *lines, *(_box(box) for box in boxes.values()), *captions]
    return _document(
        f"{localised(pack.title)} · {localised(procedure.title)}", width, height, drawn
    )


def described(pack: Pack, procedure_key: str | None = None) -> list[str]:
    """The same diagram as lines of text."""
    procedure = pack.procedure(procedure_key) if procedure_key else pack.root
    return [
        f"{localised(stage.title)} → {_target_title(procedure, move)} ({_label(move)})"
        for stage, move in procedure.edges()
    ]


def _boxes(procedure: Procedure, top: float) -> dict[str, Box]:
    columns = {phase.key: place for place, phase in enumerate(procedure.phases)}
    rows: Counter[int] = Counter()
    boxes = {}
    for stage in procedure.stages:
        column = columns[stage.phase]
        title, notes = localised(stage.state_label), _notes(stage)
        boxes[stage.key] = _placed(stage.key, title, notes, column, rows[column], top)
        rows[column] += 1
    boxes[CLOSED] = _placed(CLOSED, procedure.closed_words, (), len(columns), 0, top)
    return boxes


def _placed(key: str, title: str, notes: tuple[str, ...], column: int, row: int, top: float) -> Box:
    return Box(key, title, notes, column, LEFT + column * (WIDTH + CHANNEL), top + row * ROW)


def _notes(stage: Stage) -> tuple[str, ...]:
    """Who owes the stage, and how long it may take (the longest where classes differ)."""
    owners = {
        "county": _("county"),
        "county_lead": _("county lead"),
        "township": _("township"),
        "department": _("department"),
        "liaison_group": _("liaison group"),
        "office": _("city office"),
        "responsible": _("unit responsible"),
        "responsible_lead": _("lead of the unit responsible"),
        "lead": _("leading unit"),
    }
    phrase = stage.time_for()
    return (owners[stage.owner], phrase.words()) if phrase else (owners[stage.owner],)


def _edges(procedure: Procedure, boxes: dict[str, Box]) -> list[Edge]:
    """Moves as edges; without boxes only their columns are known, which the height needs."""
    boxes = boxes or _boxes(procedure, 0)
    return [
        Edge(boxes[stage.key], boxes[move.to], _label(move), move.verb == "send_back")
        for stage, move in procedure.edges()
        if move.to in boxes
    ]


def _label(move: Move) -> str:
    grades = f" {'/'.join(move.grades)}" if move.grades else ""
    return f"{localised(move.label)}{grades}"


def _target_title(procedure: Procedure, move: Move) -> str:
    if procedure.has(move.to):
        return localised(procedure.stage(move.to).title)
    return procedure.closed_words


def _lane(source: int, target: int, back: bool) -> str:
    """Which lane a line runs in: above, below, or none where it stays in one channel."""
    if target - source > 1:
        return "above"
    return "below" if target < source or (back and target != source + 1) else ""


def _lines(edges: Sequence[Edge], top: float, bottom: float) -> tuple[list[str], list[str]]:
    """Lines, and their captions (to be drawn over the boxes)."""
    ports: Counter[tuple[str, str]] = Counter()
    channels: Counter[int] = Counter()
    lanes: Counter[str] = Counter()
    lines, captions = [], []
    for edge in edges:
        if edge.source == edge.target:
            x, y = edge.source.x + WIDTH / 2, edge.source.y + HEIGHT + 17
            captions.append(_text(x, y, f"↻ {edge.label}", LINE))
            continue
        lane = _lane(edge.source.column, edge.target.column, edge.back)
        lanes[lane] += 1
        level = {
            "above": top - LANE * (lanes["above"] + 0.4),
            "below": bottom + LANE * (lanes["below"] + 0.6),
        }.get(lane)
        points = _route(edge, level, ports, channels)
        lines.append(_path(points, edge.back))
        captions.append(_caption(points, edge))
    return lines, captions


def _route(
    edge: Edge, level: float | None, ports: Counter[tuple[str, str]], channels: Counter[int]
) -> list[Point]:
    source, target = edge.source, edge.target
    if target.column == source.column and target.y - source.y == ROW:
        middle = source.x + WIDTH / 2
        return [(middle, source.y + HEIGHT), (middle, target.y)]
    start = (source.x + WIDTH, source.y + _port(ports, source.key, "out"))
    out_x = _track(source.column, channels)
    if target.column == source.column:  # up in the channel, and back into the right side
        end = (target.x + WIDTH, target.y + _port(ports, target.key, "out"))
        return [start, (out_x, start[1]), (out_x, end[1]), end]
    end = (target.x, target.y + _port(ports, target.key, "in"))
    if level is None:
        return [start, (out_x, start[1]), (out_x, end[1]), end]
    in_x = _track(target.column - 1, channels)
    return [start, (out_x, start[1]), (out_x, level), (in_x, level), (in_x, end[1]), end]


def _port(ports: Counter[tuple[str, str]], key: str, side: str) -> float:
    ports[key, side] += 1
    return 6 + (ports[key, side] * 17) % (HEIGHT - 12)


def _track(channel: int, channels: Counter[int]) -> float:
    channels[channel] += 1
    if channel < 0:
        return LEFT - 12 - 14 * channels[channel]
    right_of = LEFT + (channel + 1) * WIDTH + channel * CHANNEL
    return right_of + 16 + (channels[channel] * 15 - 15) % (CHANNEL - 32)


def _path(points: Sequence[Point], back: bool) -> str:
    way = " ".join(f"{'L' if place else 'M'}{x:g} {y:g}" for place, (x, y) in enumerate(points))
    colour, dashes = (BACK, ' stroke-dasharray="5 4"') if back else (LINE, "")
    marker = "back" if back else "on"
    return (
        f'<path d="{way}" fill="none" stroke="{colour}" stroke-width="1.6"'
        f' stroke-linejoin="round"{dashes} marker-end="url(#{marker})"/>'
    )


def _caption(points: Sequence[Point], edge: Edge) -> str:
    """The label: on the longest level part of the line, or beside it where it runs upright."""
    colour = BACK if edge.back else LINE
    upright = max(pairwise(points), key=lambda part: abs(part[0][1] - part[1][1]))
    level = max(pairwise(points), key=lambda part: abs(part[0][0] - part[1][0]))
    if edge.source.column == edge.target.column:
        (x, low), (_same, high) = upright
        return _text(x + 5, (low + high) / 2 + 4, edge.label, colour, anchor="start")
    (left, y), (right, _y) = level
    return _text((left + right) / 2, y - 4, edge.label, colour)


def _text(x: float, y: float, words: str, colour: str, anchor: str = "middle") -> str:
    """Words with a halo of paper, so that lines behind them do not disturb."""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="13" text-anchor="{anchor}" fill="{colour}"'
        f' stroke="{PAPER}" stroke-width="4" paint-order="stroke">{escape(words)}</text>'
    )


def _box(box: Box) -> str:
    middle = box.x + WIDTH / 2
    weight = ' stroke-width="2.5"' if box.key == CLOSED else ' stroke-width="1.2"'
    title_y = box.y + (27 if box.notes else HEIGHT / 2 + 5)
    notes = "".join(
        f'<text x="{middle:g}" y="{box.y + 46 + 17 * place:g}" font-size="13"'
        f' text-anchor="middle" fill="{QUIET}">{escape(note)}</text>'
        for place, note in enumerate(box.notes)
    )
    return (
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{WIDTH}" height="{HEIGHT}" rx="6"'
        f' fill="{PAPER}" stroke="{INK}"{weight}/>'
        f'<text x="{middle:g}" y="{title_y:g}" font-size="16" font-weight="600"'
        f' text-anchor="middle" fill="{INK}">{escape(box.title)}</text>{notes}'
    )


def _heads(procedure: Procedure) -> list[str]:
    titles = [localised(phase.title) for phase in procedure.phases]
    return [
        f'<text x="{LEFT + place * (WIDTH + CHANNEL) + WIDTH / 2:g}" y="34" font-size="17"'
        f' font-weight="700" text-anchor="middle" fill="{INK}">{escape(title)}</text>'
        for place, title in enumerate(titles)
    ]


def _document(title: str, width: float, height: float, drawn: Sequence[str]) -> str:
    arrows = "".join(
        f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7"'
        f' markerHeight="7" orient="auto"><path d="M0 0L10 5L0 10z" fill="{colour}"/></marker>'
        for name, colour in (("on", LINE), ("back", BACK))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}"'
        f' width="{width:g}" height="{height:g}" role="img" aria-label={quoteattr(title)}'
        f' font-family="{FONT}"><title>{escape(title)}</title><defs>{arrows}</defs>'
        f'<rect width="100%" height="100%" fill="{PAPER}"/>{"".join(drawn)}</svg>'
    )
