"""Auxiliary classifiers: as torchvision's in training, and part of a run only while it trains."""

import json
from dataclasses import replace
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

from striate import Model, train, training
from striate.compute import Compute
from striate.fitting.losses import Targets
from striate.fitting.optimisers import make_optimiser
from striate.fitting.steps import Fit, learn
from striate.layers import Headed
from striate.nets import find
from striate.published.convert import converted
from striate.recipe import SGD, Augment, Constant, CrossEntropy, Recipe, View
from striate.run import Run
from striate.verbs.train import resuming

HEAD_NAMES = {"conv.conv": "conv.conv", "conv.norm": "conv.bn", "fc1.linear": "fc1", "fc2": "fc2"}


def headed_like_torchvision() -> tuple[Headed, nn.Module]:
    """torchvision's network with both classifiers, and ours with its weights; nothing is dropped."""
    import torchvision

    torch.manual_seed(0)
    theirs = torchvision.models.googlenet(weights=None, aux_logits=True, transform_input=False, init_weights=False)
    declared = find("googlenet_bn").architecture()
    headed = declared.with_heads(declared.create())
    state = theirs.state_dict()
    main = {key: each for key, each in state.items() if not key.startswith("aux")}
    headed.network.load_state_dict(converted(main, declared.sketch().state_dict(), declared.weights[0].namings).tensors)
    for name, head in headed.heads.items():
        for ours, other in HEAD_NAMES.items():
            part = {
                key.removeprefix(f"{name}.{other}."): each
                for key, each in state.items()
                if key.startswith(f"{name}.{other}.")
            }
            head.get_submodule(ours).load_state_dict(part)
    for module in (*headed.modules(), *theirs.modules()):
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    return headed.train(), theirs.train()


def test_all_three_answers_in_training_are_torchvisions() -> None:
    headed, theirs = headed_like_torchvision()
    x = torch.randn(2, 3, 224, 224)
    ours, other = headed(x), theirs(x)
    torch.testing.assert_close(ours.main, other.logits, rtol=0, atol=1e-4)
    torch.testing.assert_close(ours.auxiliary["aux1"], other.aux_logits1, rtol=0, atol=1e-4)
    torch.testing.assert_close(ours.auxiliary["aux2"], other.aux_logits2, rtol=0, atol=1e-4)


def test_the_losses_are_weighed_by_three_tenths() -> None:
    declared = find("googlenet").architecture()
    headed = declared.with_heads(declared.create(classes=3)).eval()
    recipe = replace(declared.recipe, optimiser=SGD(lr=0.0))
    weights = {each.name: each.loss_weight for each in declared.auxiliaries}
    where = Compute(torch.device("cpu"), torch.float32, 1)
    x, y = torch.randn(2, 3, 224, 224), torch.tensor([0, 2])
    scores = headed(x)
    parts = [F.cross_entropy(each, y) for each in (scores.main, *scores.auxiliary.values())]
    (parts[0] + 0.3 * parts[1] + 0.3 * parts[2]).backward()
    expected = headed.network.get_submodule("conv1.conv").weight.grad.clone()
    seen = []
    headed.zero_grad()
    headed.network.get_submodule("conv1.conv").weight.register_hook(lambda grad: seen.append(grad.clone()))
    fit = Fit(headed, make_optimiser(recipe, headed), None, recipe, 0, where, weights)
    loss = learn(fit, x, Targets(y))
    torch.testing.assert_close(sum(seen), expected)
    torch.testing.assert_close(loss, parts[0].detach())
    assert fit.network is headed.network


SMALL = Recipe(
    optimiser=SGD(lr=0.001, momentum=0.9),
    schedule=Constant(),
    loss=CrossEntropy(),
    view=View("squash", (224, 224), 3, mean=(0.5,) * 3, std=(0.25,) * 3),
    augment=Augment(),
    epochs=1,
    batch=8,
    source="test",
)


def checkpoint(run: Run) -> dict[str, torch.Tensor]:
    return load_file(sorted(run.checkpoints.iterdir())[-1] / "state.safetensors")


def test_a_run_trains_the_classifiers_and_its_model_has_none(crops: Path, tmp_path: Path) -> None:
    run = train(crops, net="googlenet", recipe=SMALL, out=tmp_path / "run")
    model = Model.load(run.path)
    assert not any("aux" in name or "heads" in name for name in model.network.state_dict())
    assert any("heads.aux1.fc2.weight" in name for name in checkpoint(run))
    assert json.loads((run.path / "run.json").read_text())["status"] == "done"


def test_a_stopped_run_with_classifiers_goes_on_to_the_same_weights(crops: Path, tmp_path: Path) -> None:
    whole = train(crops, net="googlenet", recipe=SMALL, out=tmp_path / "whole")
    for event in training(crops, net="googlenet", recipe=SMALL, out=tmp_path / "cut"):
        if event.name == "step":
            break
    for _ in resuming(tmp_path / "cut"):
        pass
    one, other = (Model.load(path).network.state_dict() for path in (whole.path, tmp_path / "cut"))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_an_input_too_small_for_the_classifiers_trains_without_them(garments: Path, tmp_path: Path) -> None:
    recipe = replace(SMALL, view=View("squash", (64, 64), 1, mean=(0.5,), std=(0.25,)))
    run = train(garments, net="googlenet", recipe=recipe, out=tmp_path / "run")
    assert not any("heads" in name for name in checkpoint(run))
