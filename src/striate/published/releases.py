"""Declaring weights of elsewhere: torchvision's, those that timm points to, and those out of a package."""

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from striate.architecture import Naming, Release, Weights
from striate.published.fetching import cached
from striate.recipe import View

_MIB = 1.048576  # megabytes


def torchvision(
    member: str, *namings: Naming, name: str = "torchvision", scaled: tuple[float, float] | None = None
) -> Weights:
    """torchvision's by the name of the enum's member, such as ResNet18_Weights.IMAGENET1K_V1.

    What is said of them comes out of the torchvision that is installed. scaled: mean and deviation that the network
    expects of all channels, where it takes those of ImageNet back itself.
    """
    return Weights(
        name, f"torchvision {member}", "BSD-3-Clause", namings, partial(_of_torchvision, member, scaled),
        partial(_torchvision_file, member),
    )  # fmt: skip


def torchvision_both(enum: str, *namings: Naming) -> tuple[Weights, Weights]:
    """The two releases of a network: trained by the classic recipe, and by torchvision's longer one of 2021."""
    return (
        torchvision(f"{enum}.IMAGENET1K_V1", *namings),
        torchvision(f"{enum}.IMAGENET1K_V2", *namings, name="torchvision-v2"),
    )


def timm(url: str, *namings: Naming, view: View, file: str | None = None) -> Weights:
    """Weights that timm points to; for ImageNet's classes.

    The first digits of the hash stand at the end of the file's name, as in se_resnet50-ce0d4300.pth. A file of the
    Hugging Face hub has none there, and is held against what the hub states of it while it is fetched. file: the name
    that it gets here, where the address ends in one that says nothing.
    """
    kept = file or _last_part(url)
    return Weights(
        "timm", f"timm {PurePosixPath(kept).stem}", "Apache-2.0", namings, partial(_of_timm, url, view),
        partial(cached, kept),
    )  # fmt: skip


def packaged(release: Callable[[], Release], *namings: Naming, package: str, file: str, license: str) -> Weights:
    """Weights that a package of their own brings along: at hand where it is installed."""
    source = f"package {package.replace('_', '-')}"
    return Weights("package", source, license, namings, release, partial(_in_package, package, file))


def imagenet_classes() -> tuple[str, ...]:
    """The 1,000 names in the order of the outputs that all these networks have."""
    return tuple(_member("ResNet18_Weights.IMAGENET1K_V1").meta["categories"])


def _of_torchvision(member: str, scaled: tuple[float, float] | None) -> Release:
    found = _member(member)
    seen = found.transforms()
    mean, std = (tuple(seen.mean), tuple(seen.std)) if scaled is None else ((scaled[0],) * 3, (scaled[1],) * 3)
    (size,), (resize,) = seen.crop_size, seen.resize_size
    view = View("crop", (size, size), 3, mean, std, resize=resize, interpolation=seen.interpolation.value)
    megabytes = found.meta["_file_size"] * _MIB
    return Release(found.url, _digits(found.url), megabytes, view, tuple(found.meta["categories"]))


def _torchvision_file(member: str) -> Path:
    return cached(_last_part(_member(member).url))


def _member(member: str) -> Any:
    from torchvision.models import get_weight  # takes a while, and most commands do without it

    return get_weight(member)


def _of_timm(url: str, view: View) -> Release:
    return Release(url, _digits(url), None, view, imagenet_classes())


def _last_part(url: str) -> str:
    return PurePosixPath(urlsplit(url).path).name


def _digits(url: str) -> str | None:
    """The first digits of the sha256 at the end of a file's name."""
    _, _, digits = PurePosixPath(urlsplit(url).path).stem.rpartition("-")
    return digits if len(digits) >= 8 and set(digits) <= set("0123456789abcdef") else None


def _in_package(package: str, file: str) -> Path | None:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0], file)
