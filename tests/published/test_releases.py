"""What is declared of each release: where it is, what it expects, and what it knows."""

from dataclasses import replace

import pytest
import timm
import torch
import torchvision
from PIL import Image
from torch import Tensor

from striate.architecture import Weights
from striate.data.views import canvas, centre, normalised
from striate.nets import CATALOGUE, find
from striate.recipe import View

IMPORTABLE = [name for name, entry in CATALOGUE.items() if entry.published]
SOURCES = [(name, at) for name in IMPORTABLE for at in range(len(CATALOGUE[name].published))]


def weights_of(name: str) -> tuple[Weights, ...]:
    return find(name).architecture().weights


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_the_catalogue_names_the_published_weights(name: str) -> None:
    entry, declared = CATALOGUE[name], weights_of(name)
    assert entry.published == tuple(each.name for each in declared)
    assert entry.weights == ("imagenet" if declared else None)


@pytest.mark.parametrize(("name", "at"), SOURCES)
def test_a_release_is_complete(name: str, at: int) -> None:
    weights = weights_of(name)[at]
    release = weights.release()
    assert release.url.startswith(("https://", "package:"))
    assert (release.sha256 is None) == ("huggingface.co" in release.url)
    assert len(release.classes) == 1000
    assert release.classes[:2] == ("tench", "goldfish")
    assert (release.view.channels, *release.view.size) == CATALOGUE[name].input
    assert weights.license in ("BSD-3-Clause", "Apache-2.0")
    path = weights.path()
    assert path is not None
    assert path.suffix in (".pth", ".safetensors")


def test_every_fetched_file_has_a_place_of_its_own() -> None:
    paths = [weights_of(name)[at].path() for name, at in SOURCES]
    assert len(set(paths)) == len(paths)


@pytest.mark.parametrize("name", [name for name in IMPORTABLE if CATALOGUE[name].published == ("timm",)])
def test_what_is_written_down_of_timms_weights_is_what_timm_says(name: str) -> None:
    tags = {
        "mobilenet_v1_relu6": "mobilenetv1_100.ra4_e3600_r224_in1k",
        "resnext101_32x4d": "resnext101_32x4d.gluon_in1k",
    }
    theirs = timm.get_pretrained_cfg(tags.get(name, f"legacy_{name.replace('se_', 'se', 1)}.in1k"))
    ours = weights_of(name)[0].release()
    hub = f"https://huggingface.co/{theirs.hf_hub_id}/resolve/main/model.safetensors"
    assert ours.url == (hub if name == "mobilenet_v1_relu6" else theirs.url)
    assert (ours.view.mean, ours.view.std) == (tuple(theirs.mean), tuple(theirs.std))
    assert ours.view.interpolation == theirs.interpolation
    assert ours.view.size == theirs.input_size[1:]
    assert ours.view.resize == int(theirs.input_size[1] / theirs.crop_pct)


def seen(image: Image.Image, view: View) -> Tensor:
    return normalised(centre(canvas(image, view)[None], view), view)


@pytest.mark.parametrize(
    ("name", "at"),
    [("resnet18", 0), ("resnet50_v1_5", 1), ("efficientnet_b0", 0)],
)
def test_a_view_gives_the_pixels_of_torchvisions_transform(name: str, at: int, photos: dict[str, Image.Image]) -> None:
    weights = weights_of(name)[at]
    expected = torchvision.models.get_weight(weights.source.removeprefix("torchvision ")).transforms()(photos["daisy"])
    apart = (seen(photos["daisy"], weights.release().view)[0] - expected).abs()
    assert apart.max() < 0.06, "at most a few grey levels: theirs resizes in Pillow, ours in PyTorch"
    assert apart.mean() < 0.005


def test_googlenets_view_does_what_torchvisions_network_does_to_its_input(photos: dict[str, Image.Image]) -> None:
    """torchvision's network turns ImageNet's scale into halves by itself; ours expects halves."""
    network = torchvision.models.googlenet(weights=None, transform_input=True, init_weights=False)
    plain = torchvision.models.get_weight("GoogLeNet_Weights.IMAGENET1K_V1").transforms()
    view = weights_of("googlenet_bn")[0].release().view
    assert (view.mean, view.std) == ((0.5,) * 3, (0.5,) * 3)
    imagenet = replace(view, mean=tuple(plain.mean), std=tuple(plain.std))
    inside = network._transform_input(seen(photos["cat"], imagenet))
    torch.testing.assert_close(seen(photos["cat"], view), inside, rtol=0, atol=1e-5)
