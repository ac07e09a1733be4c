"""What torchvision calls the tensors of our networks; timm says the same of ResNet, ResNeXt and DenseNet.

Each function takes a key of our state dict and gives theirs, whatever the depth of the network.
"""

from typing import Final

_NUMBERED: Final = {"conv": "conv", "norm": "bn"}
_PLACE: Final = {"conv": 0, "norm": 1}  # in a group of a convolution and its normalisation
_BRANCHES: Final = {"one": "branch1", "three": "branch2", "five": "branch3", "pool": "branch4"}
_ALEXNET: Final = {
    "conv1": "features.0", "conv2": "features.3", "conv3": "features.6", "conv4": "features.8", "conv5": "features.10",
    "fc6": "classifier.1", "fc7": "classifier.4", "fc8": "classifier.6",
}  # fmt: skip
_VGG_CLASSIFIER: Final = {"fc6": "classifier.0", "fc7": "classifier.3", "fc8": "classifier.6"}


def itself(key: str) -> str:
    """Our own name."""
    return key


def resnet(key: str) -> str:
    """ResNet and ResNeXt: conv2_1.body.0.norm.bias is layer1.0.bn1.bias."""
    match key.split("."):
        case ["conv1", kind, leaf]:
            return f"{_NUMBERED[kind]}1.{leaf}"
        case [row, "body", at, kind, leaf]:
            return f"{layer(row)}.{_NUMBERED[kind]}{int(at) + 1}.{leaf}"
        case [row, "shortcut", kind, leaf]:
            return f"{layer(row)}.downsample.{_PLACE[kind]}.{leaf}"
        case _:
            return key


def layer(row: str) -> str:
    """A block of a residual network: conv2_1 is layer1.0."""
    stage, at = (int(number) for number in row.removeprefix("conv").split("_"))
    return f"layer{stage - 1}.{at - 1}"


def alexnet(key: str) -> str:
    """conv2.conv.bias is features.3.bias."""
    row, *_, leaf = key.split(".")
    return f"{_ALEXNET[row]}.{leaf}"


def vgg(counts: tuple[int, ...], modules: int, key: str) -> str:
    """conv1_1.conv.bias is features.0.bias, by how many convolutions each stage has, and how many modules a row."""
    row, *kinds, leaf = key.split(".")
    if row in _VGG_CLASSIFIER:
        return f"{_VGG_CLASSIFIER[row]}.{leaf}"
    stage, at = (int(number) for number in row.removeprefix("conv").split("_"))
    before = (sum(counts[: stage - 1]) + at - 1) * modules + stage - 1  # each stage before ended with a pool
    return f"features.{before + _PLACE[kinds[0]]}.{leaf}"


def googlenet(key: str) -> str:
    """inception_3a.five.1.norm.bias is inception3a.branch3.1.bn.bias; conv2 is two of theirs."""
    match key.split("."):
        case ["conv1", kind, leaf]:
            return f"conv1.{_inner(kind)}.{leaf}"
        case ["conv2", part, kind, leaf]:
            return f"{'conv2' if part == 'reduce' else 'conv3'}.{_inner(kind)}.{leaf}"
        case [row, branch, *at, kind, leaf] if branch in _BRANCHES:
            return ".".join((row.replace("_", ""), _BRANCHES[branch], *at, _inner(kind), leaf))
        case _:
            return key


def _inner(kind: str) -> str:
    return "bn" if kind == "norm" else kind


def densenet(key: str) -> str:
    """block1.0.1.norm.bias is features.denseblock1.denselayer1.norm2.bias."""
    match key.split("."):
        case ["conv1", kind, leaf]:
            return f"features.{kind}0.{leaf}"
        case [row, at, part, kind, leaf]:
            block = f"dense{row}.denselayer{int(at) + 1}"
            return f"features.{block}.{kind}{int(part) + 1}.{leaf}"
        case [row, "mix", kind, leaf]:
            return f"features.{row}.{kind}.{leaf}"
        case ["last", _, leaf]:
            return f"features.norm5.{leaf}"
        case [_, leaf]:
            return f"classifier.{leaf}"
        case _:
            return key


def efficientnet(key: str) -> str:
    """stage2.0.expand.conv.weight is features.2.0.block.0.0.weight; a block of stage1 has no first part."""
    match [word for word in key.split(".") if word != "body"]:
        case ["stem" | "head" as row, kind, leaf]:
            return f"features.{0 if row == 'stem' else 8}.{_PLACE[kind]}.{leaf}"
        case [stage, at, "depthwise", "gate", step, leaf]:
            place = 1 if stage == "stage1" else 2
            return f"features.{stage[5:]}.{at}.block.{place}.{'fc1' if step == 'reduce' else 'fc2'}.{leaf}"
        case [stage, at, part, kind, leaf]:
            parts = ("expand", "depthwise", "gate", "project")[stage == "stage1" :]
            return f"features.{stage[5:]}.{at}.block.{parts.index(part)}.{_PLACE[kind]}.{leaf}"
        case [_, leaf]:
            return f"classifier.1.{leaf}"
        case _:
            return key
