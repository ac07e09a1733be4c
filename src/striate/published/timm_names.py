"""What timm, and the files that it points to, call the tensors of our networks, where torchvision says otherwise."""

from typing import Final

from striate.published.names import layer, resnet, vgg

_VGG_HEAD: Final = {"fc6": "pre_logits.fc1", "fc7": "pre_logits.fc2", "fc8": "head.fc"}
_NORMS: Final = {"expand": "_bn0", "depthwise": "_bn1", "project": "_bn2"}
_MOBILENET_STAGES: Final = (1, 2, 2, 6, 2)  # units of each


def legacy_senet(key: str) -> str:
    """SE-ResNet and SE-ResNeXt: conv2_1.gate.reduce.bias is layer1.0.se_module.fc1.bias."""
    match key.split("."):
        case ["conv1", *_]:
            return f"layer0.{resnet(key)}"
        case [row, "gate", step, leaf]:
            return f"{layer(row)}.se_module.{'fc1' if step == 'reduce' else 'fc2'}.{leaf}"
        case ["fc", leaf]:
            return f"last_linear.{leaf}"
        case _:
            return resnet(key)


def timm_vgg(counts: tuple[int, ...], modules: int, key: str) -> str:
    """The convolutions as torchvision has them; fc6 and fc7 are convolutions too, which flatten to ours."""
    row, *_, leaf = key.split(".")
    return f"{_VGG_HEAD[row]}.{leaf}" if row in _VGG_HEAD else vgg(counts, modules, key)


def timm_efficientnet(key: str) -> str:
    """stage2.0.expand.norm.bias is blocks.1.0.bn1.bias; a block of stage1 has no first part."""
    match [word for word in key.split(".") if word != "body"]:
        case ["stem", kind, leaf]:
            return f"conv_stem.{leaf}" if kind == "conv" else f"bn1.{leaf}"
        case ["head", kind, leaf]:
            return f"conv_head.{leaf}" if kind == "conv" else f"bn2.{leaf}"
        case [stage, at, "depthwise", "gate", step, leaf]:
            return f"blocks.{int(stage[5:]) - 1}.{at}.se.conv_{step}.{leaf}"
        case [stage, at, part, kind, leaf]:
            widened = ("conv_pw", "conv_dw", "conv_pwl") if stage != "stage1" else ("", "conv_dw", "conv_pw")
            place = ("expand", "depthwise", "project").index(part)
            name = widened[place] if kind == "conv" else f"bn{place + (stage != 'stage1')}"
            return f"blocks.{int(stage[5:]) - 1}.{at}.{name}.{leaf}"
        case [_, leaf]:
            return f"classifier.{leaf}"
        case _:
            return key


def numbered_efficientnet(repeats: tuple[int, ...], key: str) -> str:
    """As the package of the Lite0 weights has it, whose blocks are counted through: stage2.1 is _blocks.2."""
    match [word for word in key.split(".") if word != "body"]:
        case ["stem", kind, leaf]:
            return f"_conv_stem.{leaf}" if kind == "conv" else f"_bn0.{leaf}"
        case ["head", kind, leaf]:
            return f"_conv_head.{leaf}" if kind == "conv" else f"_bn1.{leaf}"
        case [stage, at, part, kind, leaf]:
            block = sum(repeats[: int(stage[5:]) - 1]) + int(at)
            return f"_blocks.{block}.{f'_{part}_conv' if kind == 'conv' else _NORMS[part]}.{leaf}"
        case [_, leaf]:
            return f"_fc.{leaf}"
        case _:
            return key


def timm_mobilenet_v1(key: str) -> str:
    """sep3.pointwise.norm.bias is blocks.1.1.bn2.bias."""
    match key.split("."):
        case ["conv1", kind, leaf]:
            return f"conv_stem.{leaf}" if kind == "conv" else f"bn1.{leaf}"
        case [row, part, kind, leaf]:
            stage, at = _of_stages(int(row.removeprefix("sep")) - 1)
            first = part == "depthwise"
            name = ("conv_dw" if first else "conv_pw") if kind == "conv" else ("bn1" if first else "bn2")
            return f"blocks.{stage}.{at}.{name}.{leaf}"
        case [_, leaf]:
            return f"classifier.{leaf}"
        case _:
            return key


def _of_stages(unit: int) -> tuple[int, int]:
    """The stage of a unit, and its place in it, from 0."""
    for stage, count in enumerate(_MOBILENET_STAGES):
        if unit < count:
            return stage, unit
        unit -= count
    raise ValueError(unit)
