"""What the notes' programs print, as Python and PyTorch have it."""

import sys

import pytest
import torch

from striate.foundations.python_notes import NOTES, SNIPPETS, TRAINING, run
from striate.problem import Misuse

BREAKING = {
    "zip_strict": "ValueError",
    "underscore_on_a_parameter": "leaf",
    "underscore_on_what_backward_needs": "modified by an inplace operation",
    "relu_in_place_after_sigmoid": "modified by an inplace operation",
    "a_copy_with_history": "deepcopy",
}


@pytest.mark.parametrize("name", SNIPPETS)
def test_every_program_says_something_and_only_those_meant_to_break_do(name: str) -> None:
    found = run(name)
    assert bool(found.printed) != bool(found.error)
    assert (name in BREAKING) == bool(found.error)
    assert BREAKING.get(name, "") in found.error
    assert "\n" not in found.error


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("assignment", ("[9, 2, 3, 4] True",)),
        ("shallow_copy", ("[1, 2, 3] [9, 2, 3, 4] False",)),
        ("slice", ("[1, 2, 3] [9, 2, 3, 4]",)),
        ("shallow_copy_nested", ("[[1, 2, 9], [3]] [[1, 2, 9], [3], [4]]", "False True")),
        ("deep_copy", ("[[1, 2], [3]] [[1, 2, 9], [3]]", "False")),
        ("zip", ("1 a", "2 b", "3 c")),
        ("zip_is_used_up", ("[(1, 'a'), (2, 'b')]", "[]")),
        ("underscore", ("[1.0, 2.0] [2.0, 3.0] False", "[2.0, 3.0] [2.0, 3.0] True")),
        ("state_dict_is_not_a_copy", ("0.5 0.5",)),
        ("state_dict_copied", ("1.0 0.5",)),
        ("one_block_put_in_twice", ("20 True", "40 False")),
        ("averaging_in_place", ("2.0 2.0",)),
        ("averaging_into_new_tensors", ("2.0 1.0",)),
        ("a_shortcut_added_in_place", ("[0.0, 0.0] [1.0, 1.0]", "[1.0, 1.0] [1.0, 1.0]")),
    ],
)
def test_what_they_print(name: str, printed: tuple[str, ...]) -> None:
    assert run(name).printed == printed


def test_a_program_leaves_no_trace(capsys: pytest.CaptureFixture[str]) -> None:
    before, out = torch.random.get_rng_state(), sys.stdout
    for name in TRAINING:
        assert run(name) == run(name)
    with torch.no_grad():
        assert run("state_dict_is_not_a_copy").error == ""
        assert not torch.is_grad_enabled()
    assert torch.equal(torch.random.get_rng_state(), before)
    assert sys.stdout is out
    assert capsys.readouterr().out == ""


def test_the_programs_have_names_of_their_own_and_an_unknown_one_is_refused() -> None:
    assert len(SNIPPETS) == len(NOTES) + len(TRAINING)
    with pytest.raises(Misuse, match="no program called asignment") as unknown:
        run("asignment")
    assert "try       assignment" in str(unknown.value)
