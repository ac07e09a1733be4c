"""The catalogue: one paper, one file; plain metadata here, so that listing the networks needs no PyTorch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module
from itertools import takewhile
from typing import TYPE_CHECKING

from striate.nets.own import Own, refuse_without_function
from striate.problem import Misuse
from striate.words import nearest

if TYPE_CHECKING:
    from striate.architecture import Architecture


@dataclass(frozen=True)
class Entry:
    """One network of the catalogue; a test holds the numbers against the built network."""

    name: str
    family: str
    year: int
    input: tuple[int, int, int]
    parameters: int
    weights: str | None
    module: str  # of striate.nets
    published: tuple[str, ...] = ()  # the names that ask for the weights, the first one meant where none is named

    def architecture(self) -> Architecture:
        """The declaration itself; imports its module, and with it PyTorch."""
        every = import_module(f"striate.nets.{self.module}").ARCHITECTURES
        declared = next(each for each in every if each.name == self.name)
        return declared if declared.weights else replace(declared, sibling=self.sibling())

    def sibling(self) -> str:
        """The one of its family with published weights whose name begins most like its own, then that of its size.

        Empty where the family has none.
        """
        others = [each for each in _ENTRIES if each.family == self.family and each.published]
        return min(others, key=self._distance).name if others else ""

    def _distance(self, other: Entry) -> tuple[int, int]:
        words = zip(self.name.split("_"), other.name.split("_"), strict=False)
        alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], words))
        return -alike, abs(self.parameters - other.parameters)


_TORCHVISION, _BOTH, _TIMM = ("torchvision",), ("torchvision", "torchvision-v2"), ("timm",)

_ENTRIES = (
    Entry("lenet5", "LeNet", 1998, (1, 32, 32), 60_000, None, "lenet5"),
    Entry("lenet5_modern", "LeNet", 1998, (1, 32, 32), 61_706, None, "lenet5"),
    Entry("lenet5_maxpool", "LeNet", 1998, (1, 32, 32), 61_706, None, "lenet5"),
    Entry("deepconvnet", "DeepConvNet", 2016, (1, 28, 28), 123_552, None, "deepconvnet"),
    Entry("alexnet", "AlexNet", 2012, (3, 227, 227), 60_965_224, None, "alexnet"),
    Entry("alexnet_ungrouped", "AlexNet", 2012, (3, 227, 227), 62_378_344, None, "alexnet"),
    Entry("alexnet_conv6", "AlexNet", 2012, (3, 227, 227), 61_260_392, None, "alexnet"),
    Entry("caffenet", "AlexNet", 2012, (3, 227, 227), 60_965_224, None, "alexnet"),
    Entry("alexnet_owt", "AlexNet", 2014, (3, 224, 224), 61_100_840, "imagenet", "alexnet", _TORCHVISION),
    Entry("alexnet_small", "AlexNet", 2012, (3, 32, 32), 7_135_114, None, "alexnet"),
    Entry("zfnet", "ZFNet", 2014, (3, 224, 224), 62_357_608, None, "zfnet"),
    Entry("zfnet_wide", "ZFNet", 2014, (3, 224, 224), 107_627_624, None, "zfnet"),
    Entry("zfnet_small", "ZFNet", 2014, (3, 32, 32), 7_139_722, None, "zfnet"),
    Entry("vgg11", "VGG", 2014, (3, 224, 224), 132_863_336, "imagenet", "vgg", _TORCHVISION),
    Entry("vgg11_lrn", "VGG", 2014, (3, 224, 224), 132_863_336, None, "vgg"),
    Entry("vgg13", "VGG", 2014, (3, 224, 224), 133_047_848, "imagenet", "vgg", _TORCHVISION),
    Entry("vgg16_c", "VGG", 2014, (3, 224, 224), 133_638_952, None, "vgg"),
    Entry("vgg16", "VGG", 2014, (3, 224, 224), 138_357_544, "imagenet", "vgg", _TORCHVISION),
    Entry("vgg19", "VGG", 2014, (3, 224, 224), 143_667_240, "imagenet", "vgg", _TORCHVISION),
    Entry("vgg11_bn", "VGG", 2014, (3, 224, 224), 132_868_840, "imagenet", "vgg", _TORCHVISION),
    Entry("vgg13_bn", "VGG", 2014, (3, 224, 224), 133_053_736, "imagenet", "vgg", _TORCHVISION),
    Entry("vgg16_bn", "VGG", 2014, (3, 224, 224), 138_365_992, "imagenet", "vgg", _TORCHVISION),
    Entry("vgg19_bn", "VGG", 2014, (3, 224, 224), 143_678_248, "imagenet", "vgg", _TORCHVISION),
    Entry("vgg16_small", "VGG", 2014, (3, 32, 32), 15_249_354, None, "vgg"),
    Entry("googlenet", "GoogLeNet", 2014, (3, 224, 224), 6_998_552, None, "googlenet"),
    Entry("googlenet_naive", "GoogLeNet", 2014, (3, 224, 224), 97_526_008, None, "googlenet"),
    Entry("googlenet_bn", "GoogLeNet", 2014, (3, 224, 224), 6_624_904, "imagenet", "googlenet", _TORCHVISION),
    Entry("googlenet_small", "GoogLeNet", 2014, (3, 32, 32), 5_983_402, None, "googlenet"),
    Entry("plain18", "ResNet", 2015, (3, 224, 224), 11_515_688, None, "resnet"),
    Entry("plain34", "ResNet", 2015, (3, 224, 224), 21_623_848, None, "resnet"),
    Entry("resnet18", "ResNet", 2015, (3, 224, 224), 11_689_512, "imagenet", "resnet", _TORCHVISION),
    Entry("resnet18_a", "ResNet", 2015, (3, 224, 224), 11_515_688, None, "resnet"),
    Entry("resnet34", "ResNet", 2015, (3, 224, 224), 21_797_672, "imagenet", "resnet", _TORCHVISION),
    Entry("resnet34_a", "ResNet", 2015, (3, 224, 224), 21_623_848, None, "resnet"),
    Entry("resnet34_c", "ResNet", 2015, (3, 224, 224), 22_716_840, None, "resnet"),
    Entry("resnet50", "ResNet", 2015, (3, 224, 224), 25_557_032, None, "resnet"),
    Entry("resnet101", "ResNet", 2015, (3, 224, 224), 44_549_160, None, "resnet"),
    Entry("resnet152", "ResNet", 2015, (3, 224, 224), 60_192_808, None, "resnet"),
    Entry("resnet50_v1_5", "ResNet", 2015, (3, 224, 224), 25_557_032, "imagenet", "resnet", _BOTH),
    Entry("resnet101_v1_5", "ResNet", 2015, (3, 224, 224), 44_549_160, "imagenet", "resnet", _BOTH),
    Entry("resnet152_v1_5", "ResNet", 2015, (3, 224, 224), 60_192_808, "imagenet", "resnet", _BOTH),
    Entry("resnet20_cifar", "ResNet", 2015, (3, 32, 32), 269_722, None, "resnet"),
    Entry("resnet32_cifar", "ResNet", 2015, (3, 32, 32), 464_154, None, "resnet"),
    Entry("resnet44_cifar", "ResNet", 2015, (3, 32, 32), 658_586, None, "resnet"),
    Entry("resnet56_cifar", "ResNet", 2015, (3, 32, 32), 853_018, None, "resnet"),
    Entry("resnet110_cifar", "ResNet", 2015, (3, 32, 32), 1_727_962, None, "resnet"),
    Entry("resnet1202_cifar", "ResNet", 2015, (3, 32, 32), 19_421_274, None, "resnet"),
    Entry("plain20_cifar", "ResNet", 2015, (3, 32, 32), 269_722, None, "resnet"),
    Entry("plain32_cifar", "ResNet", 2015, (3, 32, 32), 464_154, None, "resnet"),
    Entry("plain44_cifar", "ResNet", 2015, (3, 32, 32), 658_586, None, "resnet"),
    Entry("plain56_cifar", "ResNet", 2015, (3, 32, 32), 853_018, None, "resnet"),
    Entry("plain110_cifar", "ResNet", 2015, (3, 32, 32), 1_727_962, None, "resnet"),
    Entry("resnet9", "ResNet-9", 2018, (3, 32, 32), 6_573_120, None, "resnet9"),
    Entry("resnet9_small", "ResNet-9", 2018, (3, 32, 32), 1_646_112, None, "resnet9"),
    Entry("resnet18_small", "ResNet", 2015, (3, 32, 32), 11_173_962, None, "resnet"),
    Entry("densenet121", "DenseNet", 2016, (3, 224, 224), 7_978_856, "imagenet", "densenet", _TORCHVISION),
    Entry("densenet169", "DenseNet", 2016, (3, 224, 224), 14_149_480, "imagenet", "densenet", _TORCHVISION),
    Entry("densenet201", "DenseNet", 2016, (3, 224, 224), 20_013_928, "imagenet", "densenet", _TORCHVISION),
    Entry("densenet264", "DenseNet", 2016, (3, 224, 224), 33_337_704, None, "densenet"),
    Entry("densenet161", "DenseNet", 2016, (3, 224, 224), 28_681_000, "imagenet", "densenet", _TORCHVISION),
    Entry("densenet40_k12_cifar", "DenseNet", 2016, (3, 32, 32), 1_019_722, None, "densenet"),
    Entry("densenet100_k12_cifar", "DenseNet", 2016, (3, 32, 32), 6_979_642, None, "densenet"),
    Entry("densenet100_k12_bc_cifar", "DenseNet", 2016, (3, 32, 32), 769_162, None, "densenet"),
    Entry("mobilenet_v1", "MobileNet", 2017, (3, 224, 224), 4_231_976, None, "mobilenet"),
    Entry("mobilenet_v1_075", "MobileNet", 2017, (3, 224, 224), 2_585_560, None, "mobilenet"),
    Entry("mobilenet_v1_050", "MobileNet", 2017, (3, 224, 224), 1_331_592, None, "mobilenet"),
    Entry("mobilenet_v1_025", "MobileNet", 2017, (3, 224, 224), 470_072, None, "mobilenet"),
    Entry("mobilenet_v1_full", "MobileNet", 2017, (3, 224, 224), 29_294_088, None, "mobilenet"),
    Entry("mobilenet_v1_relu6", "MobileNet", 2017, (3, 224, 224), 4_231_976, "imagenet", "mobilenet", _TIMM),
    Entry("mobilenet_v1_small", "MobileNet", 2017, (3, 32, 32), 3_217_226, None, "mobilenet"),
    Entry("resnext50_32x4d", "ResNeXt", 2016, (3, 224, 224), 25_028_904, "imagenet", "resnext", _BOTH),
    Entry("resnext101_32x4d", "ResNeXt", 2016, (3, 224, 224), 44_177_704, "imagenet", "resnext", _TIMM),
    Entry("resnext50_32x4d_small", "ResNeXt", 2016, (3, 32, 32), 22_992_714, None, "resnext"),
    Entry("se_resnet50", "SENet", 2017, (3, 224, 224), 28_088_024, "imagenet", "senet", _TIMM),
    Entry("se_resnet101", "SENet", 2017, (3, 224, 224), 49_326_872, "imagenet", "senet", _TIMM),
    Entry("se_resnet152", "SENet", 2017, (3, 224, 224), 66_821_848, "imagenet", "senet", _TIMM),
    Entry("se_resnext50_32x4d", "SENet", 2017, (3, 224, 224), 27_559_896, "imagenet", "senet", _TIMM),
    Entry("se_resnext101_32x4d", "SENet", 2017, (3, 224, 224), 48_955_416, "imagenet", "senet", _TIMM),
    Entry("se_vgg16_bn", "SENet", 2017, (3, 224, 224), 138_592_560, None, "senet"),
    Entry("se_googlenet", "SENet", 2017, (3, 224, 224), 7_478_655, None, "senet"),
    Entry("se_mobilenet_v1", "SENet", 2017, (3, 224, 224), 4_718_044, None, "senet"),
    Entry("se_resnet18_small", "SENet", 2017, (3, 32, 32), 11_263_042, None, "senet"),
    Entry("efficientnet_b0", "EfficientNet", 2019, (3, 224, 224), 5_288_548, "imagenet", "efficientnet", _TORCHVISION),
    Entry(
        "efficientnet_lite0", "EfficientNet", 2020, (3, 224, 224), 4_652_008, "imagenet", "efficientnet", ("package",)
    ),
    Entry("efficientnet_b0_small", "EfficientNet", 2019, (3, 32, 32), 4_020_358, None, "efficientnet"),
    Entry("gap_cnn", "GAP", 2020, (1, 28, 28), 326_534, None, "gap_cnn"),
)

CATALOGUE = {entry.name: entry for entry in _ENTRIES}


def find(name: str) -> Entry | Own:
    """The entry of a name, or a network of one's own as FILE.py:FUNCTION; Misuse with the nearest name for neither."""
    own = Own.parse(name)
    if own is not None:
        return own
    refuse_without_function(name)
    if name not in CATALOGUE:
        raise Misuse("net.unknown", name=name, nearest=nearest(name, CATALOGUE))
    return CATALOGUE[name]
