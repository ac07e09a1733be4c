"""A scale of colours for shares: the light half of viridis, which stays in order without colour and in print."""

INK = "#16191d"
"""Text, readable on every colour of the scale."""

NOTHING = "#f6f6f4"
"""A share of nothing."""

_LIGHT_HALF = ("#fde725", "#bddf26", "#7ad151", "#44bf70", "#22a884", "#21918c")  # viridis at 1.0, 0.9 .. 0.5
_WHITE = 0.3
"""Mixed into each colour, so that large boxes do not shout."""


def colour(level: float) -> str:
    """Of 0, the lightest, to 1, the darkest."""
    place = min(max(level, 0.0), 1.0) * (len(_LIGHT_HALF) - 1)
    at = min(int(place), len(_LIGHT_HALF) - 2)
    ends = zip(_channels(_LIGHT_HALF[at]), _channels(_LIGHT_HALF[at + 1]), strict=True)
    mixed = (low + (place - at) * (high - low) for low, high in ends)
    return "#" + "".join(f"{round(value + _WHITE * (255 - value)):02x}" for value in mixed)


def _channels(code: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(code[1:]))
