"""The key maps: a network that nobody here wrote gives the same scores as ours, with its tensors under our names."""

import re

import pytest
import timm
import torch
import torchvision
from torch import Tensor, nn

from striate.nets import CATALOGUE, find
from striate.published.convert import converted
from striate.published.start import put

TORCHVISION = {"alexnet_owt": "alexnet", "googlenet_bn": "googlenet"}
TIMM = {
    "mobilenet_v1_relu6": "mobilenetv1_100", "efficientnet_lite0": "tf_efficientnet_lite0",
    "resnext101_32x4d": "resnext101_32x4d",
}  # fmt: skip
WHOLE = (  # one network a family sees pictures of its own size; VGG and AlexNet have no other: fc6 counts the pixels
    "resnet18", "resnext50_32x4d", "se_resnet50", "densenet121", "googlenet_bn", "efficientnet_b0",
    "mobilenet_v1_relu6", "efficientnet_lite0",
)  # fmt: skip
LARGE = (
    "vgg13", "vgg16", "vgg19", "vgg13_bn", "vgg16_bn", "vgg19_bn", "resnet152_v1_5", "densenet161", "densenet201",
    "se_resnet152",
)  # fmt: skip

IMPORTABLE = [name for name, entry in CATALOGUE.items() if entry.published]


def theirs(name: str) -> nn.Module:
    """The network of torchvision or timm that the weights of ours are made for, with weights of its own making."""
    torch.manual_seed(0)
    if not CATALOGUE[name].published[0].startswith("torchvision"):
        known = TIMM.get(name) or "legacy_" + name.replace("se_", "se", 1)
        return timm.create_model(known, pretrained=False)
    known = TORCHVISION.get(name, name.removesuffix("_v1_5"))
    quick = {"init_weights": False} if known == "googlenet" or known.startswith("vgg") else {}
    return torchvision.models.get_model(known, weights=None, **quick)


def stirred(network: nn.Module, x: Tensor) -> nn.Module:
    """Every normalisation with statistics and factors of its own, so that none can stand for another one."""
    generator = torch.Generator().manual_seed(1)
    norms = [each for each in network.modules() if isinstance(each, nn.modules.batchnorm._BatchNorm)]
    for norm in norms:
        norm.momentum = 1.0  # the statistics become those of this batch, so that the scores stay of a size to compare
        nn.init.uniform_(norm.weight, 0.5, 1.5, generator=generator)
        nn.init.normal_(norm.bias, std=0.2, generator=generator)
    if norms:
        with torch.no_grad():
            network.train()(x)
    return network.eval()


def pictures(name: str, count: int) -> Tensor:
    whole = name in WHOLE or CATALOGUE[name].family in ("VGG", "AlexNet")
    size = 224 if whole else 64
    return torch.randn(count, 3, size, size, generator=torch.Generator().manual_seed(2))


def same_scores(name: str) -> None:
    architecture = find(name).architecture()
    other = stirred(theirs(name), pictures(name, 2))
    namings = [naming for weights in architecture.weights for naming in weights.namings]
    x = pictures(name, 1)
    ours = architecture.create(input=tuple(x.shape[1:])).eval()
    put(ours, architecture, other.state_dict(), namings, "kept", "theirs")
    with torch.no_grad():
        expected = other(x)
        torch.testing.assert_close(ours(x), expected, rtol=0, atol=1e-4)
    assert expected.std() > 1e-3, "scores that are all alike would agree with anything"


@pytest.mark.parametrize("name", [name for name in IMPORTABLE if name not in LARGE])
def test_every_importable_network_gives_the_scores_of_the_network_its_weights_are_for(name: str) -> None:
    same_scores(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_the_large_importable_networks_give_their_scores(name: str) -> None:
    same_scores(name)


@pytest.mark.parametrize("name", IMPORTABLE)
def test_every_tensor_has_a_name_of_its_own_in_each_naming(name: str) -> None:
    architecture = find(name).architecture()
    keys = list(architecture.sketch().state_dict())
    for weights in architecture.weights:
        for naming in weights.namings:
            assert len({naming(key) for key in keys}) == len(keys)


@pytest.mark.parametrize("name", ["vgg11", "vgg11_bn", "densenet121", "efficientnet_b0", "resnet50_v1_5"])
def test_timms_names_for_a_network_of_torchvision_are_known(name: str) -> None:
    architecture = find(name).architecture()
    with torch.device("meta"):
        file = timm.create_model(name.removesuffix("_v1_5"), pretrained=False).state_dict()
    namings = [naming for weights in architecture.weights for naming in weights.namings]
    found = converted(file, architecture.sketch().state_dict(), namings)
    assert found.fits, (found.missing[:3], found.unknown[:3], found.misshapen[:3])


def meta(name: str) -> dict[str, Tensor]:
    with torch.device("meta"):
        return torchvision.models.get_model(name, weights=None).state_dict()


def test_the_order_of_a_file_does_not_matter() -> None:
    architecture = find("resnet18").architecture()
    file = theirs("resnet18").state_dict()
    ours = architecture.sketch().state_dict()
    turned = dict(reversed(file.items()))
    one, other = (converted(each, ours, architecture.weights[0].namings).tensors for each in (file, turned))
    assert all(torch.equal(one[key], other[key]) for key in ours)


def test_counts_of_batches_that_an_old_file_lacks_are_zero() -> None:
    architecture = find("resnet18").architecture()
    file = {key: each for key, each in theirs("resnet18").state_dict().items() if "num_batches" not in key}
    found = converted(file, architecture.sketch().state_dict(), architecture.weights[0].namings)
    assert found.fits
    count = found.tensors["conv1.norm.num_batches_tracked"]
    assert (count.item(), count.dtype) == (0, torch.int64)


def test_densenets_released_names_with_dots_in_them_are_known() -> None:
    architecture = find("densenet121").architecture()
    file = {
        re.sub(r"(denselayer\d+\.(?:norm|conv))([12])\.", r"\1.\2.", key): each
        for key, each in meta("densenet121").items()
    }
    assert "features.denseblock1.denselayer1.norm.1.weight" in file
    found = converted(file, architecture.sketch().state_dict(), architecture.weights[0].namings)
    assert found.fits


def test_a_deeper_networks_file_is_not_taken_for_a_shallower_one() -> None:
    architecture = find("resnet18").architecture()
    found = converted(meta("resnet34"), architecture.sketch().state_dict(), architecture.weights[0].namings)
    assert not found.missing
    assert "layer1.2.conv1.weight" in found.unknown


def test_half_precision_becomes_single() -> None:
    architecture = find("resnet18").architecture()
    file = {
        key: each.half() if each.is_floating_point() else each for key, each in theirs("resnet18").state_dict().items()
    }
    found = converted(file, architecture.sketch().state_dict(), architecture.weights[0].namings)
    assert found.tensors["conv1.conv.weight"].dtype == torch.float32
