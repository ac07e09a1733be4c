"""Methods whose name ends in an underscore: they change the tensor itself, and autograd keeps watch."""

from dataclasses import dataclass

import torch

from striate.foundations import python_notes
from striate.foundations.python_notes import Ran
from striate.lessons.options import Numbers
from striate.lessons.parts import Heading, Lesson, Part, Question, Say, Table, shown
from striate.lessons.snippets import as_code
from striate.problem import BadData
from striate.words import Phrase

_SHOWN = ("underscore", "underscore_and_views")
_AUTOGRAD = (
    "underscore_on_a_parameter", "underscore_without_gradients", "underscore_on_what_backward_needs",
    "underscore_on_what_backward_does_not_need",
)  # fmt: skip
_BITES = (
    "relu_in_place_after_sigmoid", "relu_in_place_after_linear", "a_shortcut_added_in_place", "averaging_in_place",
    "averaging_into_new_tensors",
)  # fmt: skip


@dataclass(frozen=True)
class Options:
    """A tensor, and what is added to it."""

    values: Numbers = (1, 2)
    add: float = 1


@dataclass(frozen=True)
class Step:
    """A call: what x and the answer are afterwards, and whether they are one object."""

    call: str
    x: tuple[float, ...]
    answer: tuple[float, ...]
    same: bool


@dataclass(frozen=True)
class Trace:
    """The calls on the numbers given, and every program that was run."""

    steps: tuple[Step, ...]
    programs: tuple[Ran, ...]


def lesson(options: Options) -> Lesson:
    steps = _steps(options)
    programs = {name: python_notes.run(name) for name in (*_SHOWN, *_AUTOGRAD, *_BITES)}

    def told(names: tuple[str, ...]) -> list[Part]:
        return [part for name in names for part in (Say(_words(name)), as_code(programs[name]))]

    last = steps[-1].x[0]
    return Lesson(
        "inplace",
        (
            Say(_words("intro")),
            Question(
                _words("ask_value", value=shown(options.values[0])), _words("tell_value", value=shown(last)), last
            ),
            _table(steps),
            *told(_SHOWN),
            Heading(_words("autograd")),
            *told(_AUTOGRAD),
            Say(_words("meaning")),
            Heading(_words("bites")),
            *told(_BITES),
            Question(_words("ask_shortcut"), _words("tell_shortcut")),
            Say(_words("others")),
        ),
        Trace(steps, tuple(programs.values())),
        more=("learn inplace --values 0.5,-1 --add 2", "learn copy"),
    )


def _words(key: str, /, **values: object) -> Phrase:
    return Phrase(f"lesson.inplace.{key}", values)


def _steps(options: Options) -> tuple[Step, ...]:
    """x.add(), then x.add_() twice, on one tensor."""
    if not options.values:
        raise BadData("foundations.given.empty", name="values")
    x = torch.tensor(options.values, dtype=torch.float64)
    steps = []
    for call in ("add", "add_", "add_"):
        answer = getattr(x, call)(options.add)
        written = f"x.{call}({shown(options.add)})"
        steps.append(Step(written, tuple(x.tolist()), tuple(answer.tolist()), answer is x))
    return tuple(steps)


def _table(steps: tuple[Step, ...]) -> Table:
    def listed(values: tuple[float, ...]) -> str:
        return "[" + ", ".join(shown(value) for value in values) + "]"

    body = tuple(
        (each.call, listed(each.x), listed(each.answer), _words("same" if each.same else "new")) for each in steps
    )
    return Table((_words("call"), "x", _words("answer"), ""), body)
