"""Files of weights that somebody else wrote: whose names they go by, what does not fit, and what is never run."""

import argparse
import os
import pickle
from pathlib import Path

import pytest
import torch
import torchvision
from safetensors.torch import save_file
from torch import Tensor

import striate
from striate.problem import BadData, Misuse, Problem
from striate.published.start import last_row

NET = "resnet18"


@pytest.fixture(scope="module")
def theirs() -> torchvision.models.ResNet:
    torch.manual_seed(3)
    return torchvision.models.resnet18(weights=None).eval()


@pytest.fixture(scope="module")
def file(theirs: torchvision.models.ResNet) -> dict[str, Tensor]:
    return theirs.state_dict()


def written(content: object, path: Path) -> Path:
    torch.save(content, path)
    return path


def refused(path: Path, **options: object) -> Problem:
    with pytest.raises((BadData, Misuse)) as caught:
        striate.create(NET, weights=path, **options)
    return caught.value


def agrees(network: torch.nn.Module, theirs: torch.nn.Module) -> None:
    x = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(network.eval()(x), theirs(x), rtol=0, atol=1e-4)


def test_torchvisions_names_are_known(
    theirs: torchvision.models.ResNet, file: dict[str, Tensor], tmp_path: Path
) -> None:
    agrees(striate.create(NET, weights=written(file, tmp_path / "a.pth")), theirs)
    save_file(file, tmp_path / "a.safetensors")
    agrees(striate.create(NET, weights=str(tmp_path / "a.safetensors")), theirs)


@pytest.mark.parametrize("nest", ["state_dict", "model", "model_state_dict"])
def test_a_training_scripts_checkpoint_is_unpacked(
    nest: str, theirs: torchvision.models.ResNet, file: dict[str, Tensor], tmp_path: Path
) -> None:
    wrapped = {f"module.{name}": each for name, each in file.items()}
    content = {"epoch": 90, nest: wrapped, "optimizer": {"state": {}, "param_groups": []}}
    agrees(striate.create(NET, weights=written(content, tmp_path / "a.pt")), theirs)


def test_the_format_of_before_pytorch_1_6_is_read(
    theirs: torchvision.models.ResNet, file: dict[str, Tensor], tmp_path: Path
) -> None:
    path = tmp_path / "a.pth"
    torch.save({**file}, path, _use_new_zipfile_serialization=False)
    agrees(striate.create(NET, weights=path), theirs)


@pytest.mark.parametrize("wrap", ["module._orig_mod.", "_orig_mod.module.", "_orig_mod.module._orig_mod."])
def test_wrappers_come_off_in_any_order(wrap: str, tmp_path: Path) -> None:
    ours = striate.create("lenet5_modern", seed=7).state_dict()
    path = written({f"{wrap}{name}": each for name, each in ours.items()}, tmp_path / "a.pth")
    again = striate.create("lenet5_modern", weights=path, seed=8).state_dict()
    assert all(torch.equal(each, again[name]) for name, each in ours.items())


def test_a_network_without_rows_of_its_own_cannot_take_weights_and_says_so() -> None:
    with pytest.raises(Misuse, match="Linear has no row with parameters"):
        last_row(torch.nn.Linear(2, 2))


def test_our_own_names_are_known_with_and_without_a_wrapper(tmp_path: Path) -> None:
    ours = striate.create("lenet5_modern", seed=7)
    for content in (ours.state_dict(), torch.nn.DataParallel(ours).state_dict()):
        path = written(content, tmp_path / "a.pth")
        again = striate.create("lenet5_modern", weights=path, seed=8)
        assert all(torch.equal(each, again.state_dict()[name]) for name, each in ours.state_dict().items())


def test_with_another_number_of_classes_the_classifier_starts_anew(file: dict[str, Tensor], tmp_path: Path) -> None:
    path = written(file, tmp_path / "a.pth")
    fresh, network = (striate.create(NET, classes=5, seed=2, **each) for each in ({}, {"weights": path}))
    assert torch.equal(network.fc.weight, fresh.fc.weight)
    assert torch.equal(network.conv1.conv.weight, file["conv1.weight"])
    same = striate.create(NET, classes=1000, weights=path)
    assert torch.equal(same.fc.weight, file["fc.weight"])


def test_a_file_without_a_classifier_does_for_a_number_of_classes(file: dict[str, Tensor], tmp_path: Path) -> None:
    path = written({name: each for name, each in file.items() if not name.startswith("fc.")}, tmp_path / "a.pth")
    assert striate.create(NET, classes=5, weights=path).fc.weight.shape == (5, 512)
    assert "fc.weight" in str(refused(path))


def test_a_classifier_of_another_size_is_named_where_no_number_was_given(tmp_path: Path) -> None:
    path = written(torchvision.models.resnet18(num_classes=7).state_dict(), tmp_path / "a.pth")
    assert "fc.weight 7x512, not 1000x512" in str(refused(path))
    assert striate.create(NET, classes=7, weights=path).fc.bias.shape == (7,)


def test_what_does_not_fit_is_counted_and_named(file: dict[str, Tensor], tmp_path: Path) -> None:
    grey = {**file, "conv1.weight": file["conv1.weight"][:, :1], "extra": torch.zeros(1)}
    del grey["layer1.0.bn1.bias"]
    text = str(refused(written(grey, tmp_path / "a.pth")))
    assert "1 tensors are missing, 1 are unknown, 1 have another shape" in text
    assert "conv1.weight 64x1x7x7, not 64x3x7x7" in text
    assert "conv2_1.body.0.norm.bias (layer1.0.bn1.bias)" in text
    assert "extra" in text


def test_another_networks_file_is_refused(tmp_path: Path) -> None:
    with torch.device("meta"):
        deeper = torchvision.models.resnet34(weights=None).state_dict()
    path = written({name: torch.zeros(each.shape) for name, each in deeper.items()}, tmp_path / "a.pth")
    assert refused(path).key == "problem.weights.fit"


class Malice:
    """Opening it as a pickle makes a folder."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.target),)


@pytest.mark.parametrize("zipped", [True, False])
def test_code_in_a_file_is_refused_and_not_run(zipped: bool, file: dict[str, Tensor], tmp_path: Path) -> None:
    path, trap = tmp_path / "a.pth", tmp_path / "sprung"
    content = {"state_dict": file, "more": Malice(trap)}
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    problem = refused(path)
    assert problem.key == "problem.checkpoint.code"
    assert "mkdir" in str(problem)
    assert not trap.exists()
    (tmp_path / "b.pth").write_bytes(pickle.dumps(Malice(trap)))
    assert refused(tmp_path / "b.pth").exit_code == 3
    assert not trap.exists()


def test_a_script_that_saved_its_options_is_told_why(file: dict[str, Tensor], tmp_path: Path) -> None:
    path = written({"state_dict": file, "args": argparse.Namespace(lr=0.1)}, tmp_path / "a.pth")
    problem = refused(path)
    assert problem.key == "problem.checkpoint.code"
    assert "argparse.Namespace" in str(problem)
    assert "torch.save" in str(problem)


@pytest.mark.parametrize("name", ["a.pth", "a.pt", "a.safetensors"])
@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"PK\x03\x04 half of a zip", bytes(4096)])
def test_a_file_that_is_none_is_unreadable(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    assert refused(tmp_path / name).key in ("problem.checkpoint.unreadable", "problem.checkpoint.empty")


@pytest.mark.parametrize("content", [{}, {"epoch": 3}, [1, 2], torch.zeros(3), {"state_dict": {}}])
def test_a_file_without_tensors_is_told(content: object, tmp_path: Path) -> None:
    assert refused(written(content, tmp_path / "a.pth")).key == "problem.checkpoint.empty"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    problem = refused(tmp_path / "gone.pth")
    assert (problem.key, problem.exit_code) == ("problem.checkpoint.missing", 2)


def test_a_name_that_there_is_not_gets_the_names_that_there_are() -> None:
    with pytest.raises(Misuse) as caught:
        striate.create("resnet50_v1_5", weights="torchvison")
    assert "torchvision, torchvision-v2" in str(caught.value)
    assert "--weights torchvision" in str(caught.value)
    with pytest.raises(Misuse) as caught:
        striate.create("lenet5", weights="pretrained")
    assert caught.value.key == "problem.weights.none"
