"""The inside of a box: flows of operations with what goes around them, and branches side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element

from striate.figures.sketch import Branches, Chip, Flow, Part
from striate.figures.svg import FINE, SMALL, Area, Point, arc, dot, joint, path, rectangle, span, text

CHIP = 20.0  # height of an operation
MOST_LINES, MOST_IN_COLUMN = 14, 6
_GAP, _LOOSE, _BETWEEN = 18.0, 8.0, 8.0  # beside operations that follow each other, that only stand together; of lines
_WIDEST, _LABEL, _LABEL_OF_MUCH, _BYPASS = 190.0, 230.0, 170.0, 200.0  # an operation; the words before and above
_ROUND, _STUB, _LIFT = 6.5, 14.0, 20.0  # of a joint; beside a bypass; its height
_GATE_WIDTH, _GATE_REACH, _GATE_DEPTH = 34.0, 66.0, 25.0
_FAN, _DROP = 16.0, 12.0  # around branches; between the operations of one


def laid_out(parts: Sequence[Part], room: float) -> tuple[Part, ...]:
    """The parts, made to fit: long flows in several lines, and what is too much told by its number."""
    lines = [line for part in parts for line in _fitting(part, room)]
    if len(lines) > MOST_LINES:
        left_out = len(lines) - MOST_LINES + 1
        lines[MOST_LINES - 1 :] = [Flow((Chip(f"{left_out} more lines"),))]
    return tuple(lines)


def height(parts: Sequence[Part]) -> float:
    """Of parts that are laid out, one under another."""
    return sum(map(_height, parts)) + _BETWEEN * (len(parts) - 1)


def draw(parent: Element, parts: Sequence[Part], area: Area) -> None:
    """Parts that are laid out, each in the middle of the area."""
    y = area.y
    for part in parts:
        if isinstance(part, Flow):
            _draw_flow(parent, part, Area(area.x, y, area.width, _height(part)))
        else:
            _draw_branches(parent, part, Area(area.x, y, area.width, _height(part)))
        y += _height(part) + _BETWEEN


def _fitting(part: Part, room: float) -> Iterator[Part]:
    if isinstance(part, Branches):
        columns = tuple(_shortened(tuple(map(_gate_told, column)), MOST_IN_COLUMN) for column in part.columns)
        while len(columns) > 1 and _columns_width(columns) > room - _label_width(part):
            left_out = len(part.columns) - len(columns) + 2
            columns = (*columns[:-2], (Chip(f"{left_out} more"),))
        yield replace(part, columns=columns)
    elif part.bypass:
        most = len(part.chips)
        while most > 1 and _flow_width(replace(part, chips=_shortened(part.chips, most))) > room:
            most -= 1
        yield replace(part, chips=_shortened(part.chips, most))
    else:
        start = 0
        for end in range(1, len(part.chips) + 1):
            following = replace(part, chips=part.chips[start : end + 1], continued=start > 0)
            following = replace(following, label="") if start else following
            if end == len(part.chips) or _flow_width(following) > room:
                yield replace(following, chips=part.chips[start:end])
                start = end


def _gate_told(chip: Chip) -> Chip:
    """Within a branch there is no room beside an operation."""
    return Chip(f"{chip.text} · {chip.gate}") if chip.gate else chip


def _shortened(chips: tuple[Chip, ...], most: int) -> tuple[Chip, ...]:
    """The first ones and the last, and between them how many are left out."""
    if len(chips) <= most:
        return chips
    if most == 1:
        return (Chip(f"{len(chips)} operations"),)
    return (*chips[: most - 2], Chip(f"{len(chips) - most + 1} more"), chips[-1])


def _height(part: Part) -> float:
    if isinstance(part, Flow):
        return (_LIFT if part.bypass else 0) + CHIP + (_GATE_DEPTH if any(chip.gate for chip in part.chips) else 0)
    rows = max(map(len, part.columns), default=0)
    return 2 * _FAN + rows * (CHIP + _DROP) - _DROP + (_GATE_DEPTH + _FAN / 2 if part.gate else 0)


def _chip_width(chip: Chip) -> float:
    return min(span(chip.text, SMALL) + 14, _WIDEST)


def _label_width(part: Part) -> float:
    much = isinstance(part, Branches) or part.bypass or any(chip.gate for chip in part.chips)
    return min(span(part.label, SMALL), _LABEL_OF_MUCH if much else _LABEL) + 14 if part.label else 0.0


def _inner_width(flow: Flow) -> float:
    gap = _GAP if flow.ordered else _LOOSE
    gates = sum(_GATE_REACH for chip in flow.chips if chip.gate)
    return sum(map(_chip_width, flow.chips)) + gates + gap * (len(flow.chips) - (not flow.continued))


def _bypass_width(flow: Flow) -> float:
    """From where the way parts to where it joins."""
    return max(_inner_width(flow) + 2 * _GAP + _ROUND, min(span(flow.bypass, FINE), _BYPASS) + 40)


def _flow_width(flow: Flow) -> float:
    around = _bypass_width(flow) + 2 * _STUB + _ROUND if flow.bypass else _inner_width(flow)
    return _label_width(flow) + around


def _columns_width(columns: Sequence[Sequence[Chip]]) -> float:
    return sum(max(map(_chip_width, column)) for column in columns) + 12 * (len(columns) - 1)


def _draw_chip(parent: Element, chip: Chip, at: Point, *, gate: bool = False) -> None:
    """An operation in its box; ``at`` is the middle of its left side."""
    wide = _GATE_WIDTH if gate else _chip_width(chip)
    area = Area(at[0], at[1] - CHIP / 2, wide, CHIP)
    rectangle(parent, area, radius=CHIP / 2 if gate else 3, dashed=gate)
    text(parent, chip.text, at=(area.middle[0], at[1] + 4), room=wide - 6, font=SMALL, anchor="middle")


def _draw_label(parent: Element, part: Part, area: Area, y: float) -> float:
    """What stands in front of a part; gives where the part begins."""
    if part.label:
        text(parent, part.label, at=(area.x, y + 4), room=_label_width(part) - 12, font=SMALL)
    return area.x + _label_width(part)


def _draw_flow(parent: Element, flow: Flow, area: Area) -> None:
    y = area.y + (_LIFT if flow.bypass else 0) + CHIP / 2
    left = area.x + max(0.0, (area.width - _flow_width(flow)) / 2)
    x = _draw_label(parent, flow, replace(area, x=left), y)
    if flow.bypass:
        _draw_around(parent, flow, (x, y))
        x += _STUB + (_bypass_width(flow) - _ROUND - _inner_width(flow)) / 2
    gap = _GAP if flow.ordered else _LOOSE
    for at, chip in enumerate(flow.chips):
        if at or flow.continued:
            if flow.ordered:
                path(parent, [(x, y), (x + gap, y)], arrow=True)
            x += gap
        _draw_chip(parent, chip, (x, y))
        x += _chip_width(chip)
        if chip.gate:
            x = _draw_gate(parent, chip.gate, (x, y))


def _draw_gate(parent: Element, gate: str, start: Point) -> float:
    """A side way through the gate, which scales the way itself; gives where that goes on."""
    x, y = start
    below, end = y + _GATE_DEPTH, x + _GATE_REACH
    path(parent, [(x, y), (end - 2 * _ROUND, y)])
    path(parent, [(x + 7, y), (x + 7, below), (x + 12, below)])
    path(parent, [(x + 12 + _GATE_WIDTH, below), (end - _ROUND, below), (end - _ROUND, y + _ROUND)], arrow=True)
    _draw_chip(parent, Chip(gate), (x + 12, below), gate=True)
    joint(parent, (end - _ROUND, y), "x")
    return end


def _draw_around(parent: Element, flow: Flow, start: Point) -> None:
    """The ways in and out of a flow with a bypass, and the bypass above it."""
    x, y = start
    parting, meeting = x + _STUB, x + _STUB + _bypass_width(flow)
    slack = (_bypass_width(flow) - _ROUND - _inner_width(flow)) / 2
    path(parent, [(x, y), (parting + slack, y)], arrow=bool(flow.chips))
    path(parent, [(meeting - _ROUND - slack, y), (meeting - _ROUND, y)], arrow=True)
    path(parent, [(meeting + _ROUND, y), (meeting + _ROUND + _STUB, y)], arrow=True)
    dot(parent, (parting, y))
    arc(parent, (parting, y), (meeting, y - _ROUND), _LIFT)
    if flow.stacked:
        rectangle(parent, Area(meeting - _ROUND, y - _ROUND, 2 * _ROUND, 2 * _ROUND), radius=1)
        path(parent, [(meeting, y - _ROUND), (meeting, y + _ROUND)])
    else:
        joint(parent, (meeting, y), "+")
    middle, room = (parting + meeting) / 2, meeting - parting - 32
    wide = min(span(flow.bypass, FINE), room)
    rectangle(parent, Area(middle - wide / 2 - 3, y - _LIFT - 6, wide + 6, 12), stroke="none", radius=0)
    text(parent, flow.bypass, at=(middle, y - _LIFT + 3.5), room=room, font=FINE, anchor="middle")


def _draw_branches(parent: Element, part: Branches, area: Area) -> None:
    """Columns between a line that feeds them and a line that collects them."""
    wide = _columns_width(part.columns) + _label_width(part)
    x = area.x + max(0.0, (area.width - wide) / 2)
    x = _draw_label(parent, part, replace(area, x=x), area.y + CHIP)
    collected = area.bottom - (_GATE_DEPTH + _FAN / 2 if part.gate else 0) - _FAN / 2
    middles = []
    for column in part.columns:
        room = max(map(_chip_width, column))
        middles.append(x + room / 2)
        _draw_column(parent, column, (middles[-1], area.y + _FAN / 2), collected)
        x += room + 12
    for y in (area.y + _FAN / 2, collected):
        path(parent, [(middles[0], y), (middles[-1], y)])
    middle = (middles[0] + middles[-1]) / 2
    path(parent, [(middle, area.y), (middle, area.y + _FAN / 2)])
    if part.gate:
        _draw_gate_below(parent, part.gate, (middle, collected))
    else:
        path(parent, [(middle, collected), (middle, area.bottom)])


def _draw_column(parent: Element, column: Sequence[Chip], top: Point, bottom: float) -> None:
    x, y = top
    for at, chip in enumerate(column):
        below = top[1] + _FAN / 2 + CHIP / 2 + at * (CHIP + _DROP)
        path(parent, [(x, y), (x, below - CHIP / 2)], arrow=True)
        _draw_chip(parent, chip, (x - _chip_width(chip) / 2, below))
        y = below + CHIP / 2
    path(parent, [(x, y), (x, bottom)])


def _draw_gate_below(parent: Element, gate: str, start: Point) -> None:
    """A gate that scales all branches together, beside the way out of them."""
    x, y = start
    below, aside = y + _GATE_DEPTH, x + 36
    path(parent, [(x, y), (x, below + _FAN)])
    path(parent, [(x, y + 7), (aside + _GATE_WIDTH / 2, y + 7), (aside + _GATE_WIDTH / 2, below - CHIP / 2)])
    path(parent, [(aside, below), (x + _ROUND, below)], arrow=True)
    _draw_chip(parent, Chip(gate), (aside, below), gate=True)
    joint(parent, (x, below), "x")
