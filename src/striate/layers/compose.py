"""How layers join: one after another, side by side, around a shortcut, through a gate."""

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn

from striate.layers.meta import MetaMode

Shape = tuple[int, ...]
"""Of one picture: (channels, height, width), or (features,)."""

Layer = Callable[[Shape], nn.Module]
"""A layer still waiting to learn its input shape."""


# Two thirds of a deep network's modules; not asking them halves the time to build one.
_KEEPS_SHAPE = (
    nn.BatchNorm2d, nn.ReLU, nn.ReLU6, nn.SiLU, nn.Mish, nn.ELU, nn.SELU, nn.Softplus, nn.Sigmoid, nn.Tanh, nn.Dropout,
    nn.Identity,
)  # fmt: skip


def output_shape(module: nn.Module, shape: Shape) -> Shape:
    """What a module makes of an input shape; a joined module remembers it, any other is asked on the meta device."""
    known = getattr(module, "output_shape", None)
    if isinstance(known, tuple):  # another's module may mean something else by the name
        return cast(Shape, known)
    if isinstance(module, _KEEPS_SHAPE):
        return shape
    with torch.no_grad(), MetaMode():  # two pictures, because batch normalisation refuses to learn from one
        answer = module(torch.empty(2, *shape, device="meta"))
    return tuple(answer.shape[1:])


def build(name: str, layer: Layer, shape: Shape) -> nn.Module:
    """A layer built for a shape; an error on the way carries the row's name and what it received."""
    try:
        return layer(shape)
    except Exception as error:
        error.add_note(f"row {name} received {_times(shape)}")
        raise


def _after(name: str, module: nn.Module, shape: Shape) -> Shape:
    try:
        return output_shape(module, shape)
    except Exception as error:
        error.add_note(f"row {name} received {_times(shape)}")
        raise


def _times(shape: Shape) -> str:
    return "x".join(map(str, shape))


class Chain(nn.Sequential):
    """Rows one after another, by name; a chain of rows is what every network here is."""

    output_shape: Shape
    input_shapes: tuple[Shape, ...]  # of each row
    head_row: str | None = None  # of a whole network: where its classifier begins

    def split(self) -> "Split":
        """The backbone and the classifier, sharing their weights: ``network(x)`` is ``head(features(x))``.

        KeyError for a chain that no architecture has told where its classifier begins.
        """
        rows = list(self.named_children())
        at = self._place(self.head_row)
        return Split(nn.Sequential(OrderedDict(rows[:at])), nn.Sequential(OrderedDict(rows[at:])))

    def until(self, row: str) -> nn.Sequential:
        """The part of the chain that ends with a row, sharing its weights; KeyError for a name that is no row."""
        rows = list(self.named_children())
        return nn.Sequential(OrderedDict(rows[: self._place(row) + 1]))

    def _place(self, row: str | None) -> int:
        names = list(self._modules)
        if row is None or row not in names:
            raise KeyError(row)
        return names.index(row)

    def taps(self, x: Tensor, *rows: str) -> dict[str, Tensor]:
        """The outputs of the named rows, in one pass that ends with the last of them; KeyError as in until()."""
        missing = [row for row in rows if row not in self._modules]
        if missing:
            raise KeyError(missing[0])
        found: dict[str, Tensor] = {}
        for name, module in self.named_children():
            x = module(x)
            if name in rows:
                found[name] = x
                if len(found) == len(set(rows)):
                    break
        return found


class Split(NamedTuple):
    """A network in two: ``features`` gives maps, ``head`` makes logits of them."""

    features: nn.Sequential
    head: nn.Sequential


def chain(*layers: Layer, **named: Layer) -> Layer:
    """Layers one after another: numbered, or named as the paper names its rows."""

    def layer(shape: Shape) -> Chain:
        rows: OrderedDict[str, nn.Module] = OrderedDict()
        received: list[Shape] = []
        for name, part in (*((str(at), part) for at, part in enumerate(layers)), *named.items()):
            received.append(shape)
            rows[name] = build(name, part, shape)
            shape = _after(name, rows[name], shape)
        module = Chain(rows)
        module.input_shapes, module.output_shape = tuple(received), shape
        return module

    return layer


class Concat(nn.Module):
    """Branches over the same input, their outputs side by side in the channels."""

    def __init__(self, branches: dict[str, nn.Module], shape: Shape) -> None:
        super().__init__()
        for name, branch in branches.items():
            self.add_module(name, branch)
        self.output_shape = shape

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.children()], 1)


def concat(**branches: Layer) -> Layer:
    """Branches over one input, concatenated in the order given; their heights and widths must agree."""

    def layer(shape: Shape) -> Concat:
        built = {name: build(name, branch, shape) for name, branch in branches.items()}
        shapes = {name: _after(name, branch, shape) for name, branch in built.items()}
        first = next(iter(shapes.values()))
        if any(each[1:] != first[1:] for each in shapes.values()):
            sizes = ", ".join(f"{name} {_times(each)}" for name, each in shapes.items())
            raise ValueError(f"branches to concatenate differ in size: {sizes}")
        return Concat(built, (sum(each[0] for each in shapes.values()), *first[1:]))

    return layer


class Dense(nn.Module):
    """x, and after it in the channels what the parts in a row make of x: (C, H, W) -> (C + k, H, W)."""

    def __init__(self, parts: list[nn.Module], shape: Shape) -> None:
        super().__init__()
        for at, part in enumerate(parts):
            self.add_module(str(at), part)
        self.output_shape = shape

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for part in self.children():
            y = part(y)
        return torch.cat((x, y), 1)


def dense(*layers: Layer) -> Layer:
    """y = [x, H(x)] with H the layers one after another (DenseNet, Sec. 3, eq. 2)."""

    def layer(shape: Shape) -> Dense:
        parts, inner = [], shape
        for at, each in enumerate(layers):
            parts.append(build(str(at), each, inner))
            inner = _after(str(at), parts[-1], inner)
        if inner[1:] != shape[1:]:
            raise ValueError(f"a dense layer must keep the size of its maps: {_times(shape)} became {_times(inner)}")
        return Dense(parts, (shape[0] + inner[0], *shape[1:]))

    return layer


class Residual(nn.Module):
    """body(x), times its gate where there is one, plus shortcut(x), then an activation where there is one."""

    def __init__(self, parts: dict[str, nn.Module], shape: Shape) -> None:
        super().__init__()
        self.body = parts["body"]
        self.gate = parts.get("gate")
        self.shortcut = parts["shortcut"]
        self.then = parts.get("then")
        self.output_shape = shape

    def forward(self, x: Tensor) -> Tensor:
        y = self.body(x)
        if self.gate is not None:
            y = y * self.gate(y)
        y = y + self.shortcut(x)
        return y if self.then is None else self.then(y)


def residual(
    body: Layer, shortcut: Layer | None = None, *, gate: Layer | None = None, then: Layer | None = None
) -> Layer:
    """y = then(gate(body(x)) + shortcut(x)); the shortcut is the identity where none is given (ResNet, Sec. 3.2)."""

    def layer(shape: Shape) -> Residual:
        parts = {"body": build("body", body, shape), "shortcut": build("shortcut", shortcut or identity(), shape)}
        out, short = (_after(name, part, shape) for name, part in parts.items())
        if out != short:
            raise ValueError(f"the body gives {_times(out)} but the shortcut {_times(short)}")
        if gate is not None:
            parts["gate"] = build("gate", gate, out)
        if then is not None:
            parts["then"] = build("then", then, out)
        return Residual(parts, out)

    return layer


class Gated(nn.Module):
    """body(x) times gate(body(x)), a factor a channel."""

    def __init__(self, body: nn.Module, gate: nn.Module, shape: Shape) -> None:
        super().__init__()
        self.body = body
        self.gate = gate
        self.output_shape = shape

    def forward(self, x: Tensor) -> Tensor:
        y = self.body(x)
        return y * self.gate(y)


def gated(body: Layer, gate: Layer) -> Layer:
    """y = body(x), scaled channel by channel by what the gate makes of it (SENet, Sec. 3)."""

    def layer(shape: Shape) -> Gated:
        inner = build("body", body, shape)
        out = _after("body", inner, shape)
        return Gated(inner, build("gate", gate, out), out)

    return layer


def identity() -> Layer:
    """Its input, unchanged."""
    return lambda shape: nn.Identity()
