"""Define-and-run against define-by-run, as PyTorch shows them."""

import pytest
import torch

from striate.foundations.graphs import EXAMPLES, INPUTS, show
from striate.problem import Misuse


@pytest.mark.parametrize("name", ["straight", "counted", "selected"])
def test_what_does_not_depend_on_data_is_recorded_and_answers_alike(name: str) -> None:
    found = show(name)
    assert found.error == ""
    assert found.graph is not None
    assert found.graphs == 1
    assert found.graph.answers == tuple(run.answer for run in found.runs)
    inner = [node.target for node in found.graph.nodes[1:-1]]
    assert inner == list(found.runs[0].operations)
    assert "def forward" in found.graph.code


@pytest.mark.parametrize("name", ["branched", "looped"])
def test_what_depends_on_data_runs_but_cannot_be_recorded(name: str) -> None:
    found = show(name)
    assert found.graph is None
    assert "control flow" in found.error
    assert found.graphs > 1
    assert all("__bool__" in run.operations for run in found.runs)


def test_each_run_is_a_graph_of_its_own() -> None:
    up, down, _ = show("branched").runs
    assert (up.operations[-1], down.operations[-1]) == ("mul", "neg")
    loops = [run.operations.count("mul") for run in show("looped").runs]
    assert loops == [2, 2, 4]


def test_a_loop_of_fixed_length_is_unrolled() -> None:
    graph = show("counted").graph
    assert graph is not None
    assert [node.name for node in graph.nodes] == ["x", "tanh", "tanh_1", "tanh_2", "output"]
    assert [node.reads for node in graph.nodes[1:]] == [("x",), ("tanh",), ("tanh_1",), ("tanh_2",)]


def test_the_branch_as_data_answers_as_the_branch_does_and_computes_both_sides() -> None:
    branched, selected = show("branched"), show("selected")
    assert [run.answer for run in branched.runs] == [run.answer for run in selected.runs]
    assert all({"mul", "neg"} <= set(run.operations) for run in selected.runs)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_source_shown_is_what_runs(name: str) -> None:
    found = show(name)
    names: dict[str, object] = {"torch": torch, "Tensor": torch.Tensor}
    exec(found.source, names)
    for run, given in zip(found.runs, INPUTS, strict=True):
        assert run.given == given
        assert tuple(names[name](torch.tensor(given, dtype=torch.float64)).tolist()) == run.answer  # type: ignore[operator]


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(Misuse, match="no example called branch") as unknown:
        show("branch")
    assert "try       branched" in str(unknown.value)
    for given in ((0.0, 0.0), (float("nan"),), ()):
        with pytest.raises(Misuse, match="an input must be finite numbers, one of them not 0"):
            show("looped", [given])
