"""What a network is made of, row by row."""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from torch import nn

from striate.architecture import MOST_VALUES, Architecture, Published
from striate.compute import for_answers
from striate.facts import Checked, check
from striate.layers.memory import Memory
from striate.layers.trace import Traced, trace_memory
from striate.nets import CATALOGUE, find
from striate.nets.own import Own
from striate.problem import Misuse
from striate.recipe import CrossEntropy
from striate.table import FLOAT, Line, largest_field, table
from striate.timing import Timing, measure

MOST_PICTURES = 10**6
"""Of a batch."""

GB = 10**9

SOFTMAX = "softmax (loss)"
"""The activation of a last row whose loss applies it."""


@dataclass(frozen=True)
class Description:
    """A network's table: its rows as they ran, its totals, and the paper's numbers beside the computed ones.

    ``macs`` and shapes are of one picture, ``memory`` of a batch, in bytes. What only a paper tells is empty for a
    network of one's own.
    """

    net: str
    input: tuple[int, ...]
    output: tuple[int, ...]
    classes: int | None  # None for a module that gives something else than scores
    batch: int
    lines: tuple[Line, ...]
    parameters: int
    heads: dict[str, int]  # parameters of auxiliary classifiers, which only training has
    trainable: int
    macs: int
    memory: Memory
    depth: int  # convolutions and linear layers on the longest way; a gate is no part of it
    timing: Timing | None = None
    facts: tuple[Checked, ...] = ()
    assumed: tuple[str, ...] = ()
    disputed: tuple[str, ...] = ()
    published: tuple[Published, ...] = ()
    citation: str = ""
    variant: str = ""
    family: str = ""
    year: int | None = None

    @property
    def receptive_field(self) -> Any:
        """Of the convolution that sees most, in pixels; None where there is none."""
        return largest_field(self.lines)

    def as_json(self) -> dict[str, Any]:
        """The keys of the command line's contract."""
        memory = self.memory
        return {
            "net": self.net,
            "input": list(self.input),
            "classes": self.classes,
            "batch": self.batch,
            "parameters": self.parameters,
            "heads": self.heads,
            "trainable": self.trainable,
            "macs": self.macs,
            "activation_bytes": {
                "inference_peak": memory.inference_peak,
                "produced": memory.produced,
                "training": memory.training,
            },
            "receptive_field": self.receptive_field,
            **self._time_json(),
            "rows": [_row_json(each, each.name, self.timing) for each in self.lines],
            "facts": [
                {
                    "row": each.fact.row,
                    "what": each.fact.what,
                    "printed": each.fact.printed,
                    "computed": each.computed,
                    "source": each.fact.source,
                    "status": each.status,
                }
                for each in self.facts
            ],
            "assumed": list(self.assumed),
            "disputed": list(self.disputed),
            "variant": self.variant or None,
        }

    def _time_json(self) -> dict[str, Any]:
        """What was measured, where it was."""
        if self.timing is None:
            return {}
        return {
            "time": {
                "milliseconds": 1000 * self.timing.total,
                "convolution_share": self.timing.convolutions / self.timing.total,
                "compute": self.timing.compute,
            }
        }


def _row_json(line: Line, path: str, timing: Timing | None) -> dict[str, Any]:
    spent = {} if timing is None else {"milliseconds": 1000 * timing.rows.get(path, 0.0)}
    children = [_row_json(child, f"{path}.{child.name}", timing) for child in line.children]
    return {**line.as_json(), **spent, "children": children}


def describe(
    source: "str | Path | Architecture | nn.Module",
    *,
    input: tuple[int, ...] | None = None,
    classes: int | None = None,
    batch: int = 1,
    time: bool = False,
) -> Description:
    """The table of a catalogue's network, a saved model, an architecture or any module; no weights are allocated.

    input: (channels, height, width), which a module needs. Misuse for unknown names and for inputs that do not fit. The
    paper's numbers are compared only at the paper's own input and classes. With ``time`` each row is also run and
    measured, for which weights are allocated.
    """
    if not 1 <= batch <= MOST_PICTURES:
        raise Misuse("describe.batch", batch=batch, most=MOST_PICTURES)
    if isinstance(source, nn.Module):
        found = of_module(source, input, batch)
        return _timed(found, lambda: copy.deepcopy(source)) if time else found
    architecture, input, classes = _resolved(source, input, classes)
    found = _of_architecture(architecture, input or architecture.input, classes, batch)
    if not isinstance(source, Architecture) and str(source) not in CATALOGUE:
        found = replace(found, assumed=(), disputed=())  # of the paper's recipe, by which this one was not trained
    return _timed(found, lambda: architecture.create(classes=found.classes, input=found.input)) if time else found


def _timed(found: Description, make: Callable[[], nn.Module]) -> Description:
    """With the measured times; Misuse where the memory does not hold the weights and the values of the batch."""
    where = for_answers()
    needed, there = FLOAT * found.parameters + found.memory.inference_peak, where.memory()
    if there is not None and needed > there:
        raise Misuse(
            "describe.memory", net=found.net, batch=found.batch, needed=math.ceil(needed / GB), there=there // GB,
            device=where.device.type,
        )  # fmt: skip
    return replace(found, timing=measure(make(), found.input, found.batch))


def _of_architecture(
    architecture: Architecture, shape: tuple[int, ...], classes: int | None, batch: int
) -> Description:
    count = architecture.classes if classes is None else classes
    sketch = architecture.sketch(classes=count, input=shape)
    traced = trace_memory(sketch, shape, batch)
    as_printed = shape == architecture.input and count == architecture.classes
    paper, recipe = architecture.paper, architecture.recipe
    entry = CATALOGUE.get(architecture.name)
    return Description(
        net=architecture.name,
        input=shape,
        output=traced.whole.output,
        classes=count,
        batch=batch,
        lines=_with_softmax(table(traced.whole, batch), isinstance(recipe.loss, CrossEntropy)),
        parameters=traced.whole.parameters,
        heads=_heads(architecture, shape, count),
        trainable=_trainable(sketch),
        macs=traced.whole.macs,
        memory=traced.memory,
        depth=traced.depth,
        facts=tuple(check(architecture.facts, traced.whole)) if as_printed else (),
        assumed=recipe.assumed,
        disputed=recipe.disputed,
        published=architecture.published if as_printed else (),
        citation=f"{paper.authors}: {paper.title}. {paper.venue} ({paper.year})" if paper else "",
        variant=architecture.variant,
        family=entry.family if entry else "",
        year=paper.year if paper else None,
    )


def of_module(module: nn.Module, shape: tuple[int, ...] | None, batch: int = 1, *, inside: bool = False) -> Description:
    """Of any module; ``inside`` a network where it is a part of one, so that training needs its input's gradient."""
    if shape is None:
        raise Misuse("describe.module_input", module=type(module).__name__)
    if min(shape, default=1) < 1 or math.prod(shape) > MOST_VALUES:
        size = "x".join(map(str, shape))
        raise Misuse("describe.module_shape", module=type(module).__name__, input=size, most=MOST_VALUES)
    try:
        traced: Traced = trace_memory(module, shape, batch, inside=inside)
    except (RuntimeError, ValueError, TypeError, IndexError, AttributeError) as error:  # of somebody else's code
        reason = (str(error) or type(error).__name__).splitlines()[0]
        size = "x".join(map(str, shape))
        raise Misuse("net.fit_whole", net=type(module).__name__, input=size, reason=reason) from error
    output = traced.whole.output
    return Description(
        net=type(module).__name__,
        input=shape,
        output=output,
        classes=output[0] if len(output) == 1 else None,
        batch=batch,
        lines=table(traced.whole, batch),
        parameters=traced.whole.parameters,
        heads={},
        trainable=_trainable(module),
        macs=traced.whole.macs,
        memory=traced.memory,
        depth=traced.depth,
    )


def _trainable(module: nn.Module) -> int:
    return sum(each.numel() for each in module.parameters() if each.requires_grad)


def _heads(architecture: Architecture, shape: tuple[int, ...], classes: int) -> dict[str, int]:
    """Parameters of the auxiliary classifiers; none where the input leaves too little for them."""
    if not architecture.auxiliaries:
        return {}
    try:
        heads = architecture.sketch_heads(classes=classes, input=shape)
    except (RuntimeError, ValueError):
        return {}
    return {name: sum(each.numel() for each in head.parameters()) for name, head in heads.items()}


def _with_softmax(lines: tuple[Line, ...], applied: bool) -> tuple[Line, ...]:
    """The table with the softmax that the loss applies to the last row."""
    return (*lines[:-1], replace(lines[-1], activation=SOFTMAX)) if applied and lines else lines


def _resolved(
    source: str | Path | Architecture, input: tuple[int, ...] | None, classes: int | None
) -> tuple[Architecture, tuple[int, ...] | None, int | None]:
    """The architecture meant, with a saved model's own input and classes where none are given."""
    if isinstance(source, Architecture):
        return source, input, classes
    name, path = str(source), Path(source)
    if Own.parse(name) or not path.exists() or (path.suffix == ".py" and path.is_file()):
        return find(name).architecture(), input, classes
    from striate.model import Model, folder_of  # and with it torchvision, which the catalogue's networks do without

    if name in CATALOGUE and folder_of(path) is None:  # something else of that name lies here
        return find(name).architecture(), input, classes
    model = Model.load(source)
    return find(model.net).architecture(), input or model.input, len(model.classes) if classes is None else classes
