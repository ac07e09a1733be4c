"""Thirty trainings in which nothing is wrong: the watch must say nothing.

The first twenty were chosen before it had any threshold, the last ten when its thresholds stood. Thresholds were chosen
on other pictures, all but one: zfnet_small, which diverges at its own rate. Ten of the first twenty have networks that
those trials used, too; the networks of the others, and of the last ten, were never looked at before.
"""

from dataclasses import replace

from trainings import (
    PHOTOS,
    TEXTURES,
    Case,
    bn_net,
    branching_net,
    colour,
    crops,
    digits,
    faces,
    grey,
    group_norm_net,
    leaky_net,
    linear_net,
    own,
    places,
    plain_net,
    selu_net,
    shortcut_net,
    sigmoid_net,
    softmax_regression,
    tanh_net,
)  # fmt: skip

from striate.fitting.recipes import Changes
from striate.initialise import glorot_uniform
from striate.recipe import SGD, Constant, OneCycle

_photos = lambda side, each: lambda: crops(PHOTOS, side, each)  # noqa: E731
_textures = lambda side, each: lambda: crops(TEXTURES, side, each)  # noqa: E731

HEALTHY = (
    Case("lenet5 by its paper", "lenet5", digits, base="paper", changes=Changes(resize="squash"), steps=400, seed=11),
    Case("lenet5_maxpool, Adam", "lenet5_maxpool", digits, base="paper", steps=150, seed=12),
    Case(
        "gap_cnn, grey textures", "gap_cnn", _textures(28, 40), changes=Changes(batch=16), steps=150, seed=13, slow=True
    ),
    Case(
        "plain20_cifar, SGD 0.1",
        "plain20_cifar",
        _photos(32, 40),
        base="paper",
        changes=Changes(batch=40),
        steps=150,
        seed=14,
        slow=True,
    ),
    Case("resnet56_cifar", "resnet56_cifar", _photos(32, 40), changes=Changes(batch=40), steps=100, seed=15, slow=True),
    Case(
        "mobilenet_v1_small",
        "mobilenet_v1_small",
        _photos(32, 40),
        changes=Changes(batch=8),
        steps=120,
        seed=16,
        slow=True,
    ),
    Case(
        "efficientnet_b0_small",
        "efficientnet_b0_small",
        _photos(32, 40),
        changes=Changes(batch=8, mixup=0.0, smoothing=0.0),
        steps=120,
        seed=17,
        slow=True,
    ),
    Case(
        "zfnet_small, SGD 0.001",
        "zfnet_small",
        _photos(32, 40),
        base="paper",
        changes=Changes(batch=16, lr=0.001),
        steps=90,
        seed=18,
        slow=True,
    ),
    Case(
        "efficientnet_lite0, fine-tuned on 42 pictures",
        "efficientnet_lite0",
        _photos(96, 6),
        changes=Changes(input=(3, 96, 96), batch=8),
        steps=40,
        seed=19,
    ),
    Case(
        "densenet40, dense",
        "densenet40_k12_cifar",
        _photos(32, 20),
        changes=Changes(batch=4),
        steps=100,
        seed=20,
        slow=True,
    ),
    Case(
        "tanh, SGD",
        own(tanh_net, grey(28), glorot_uniform),
        digits,
        change=lambda r: replace(r, optimiser=SGD(lr=0.02, momentum=0.9), schedule=Constant()),
        seed=21,
    ),
    Case(
        "group normalisation, SGD",
        own(group_norm_net, colour(32)),
        _photos(32, 40),
        change=lambda r: replace(r, optimiser=SGD(lr=0.05, momentum=0.9), batch=32),
        seed=22,
    ),
    Case(
        "SELU, two pictures in ten of one class",
        own(selu_net, colour(32), glorot_uniform),
        lambda: crops(PHOTOS[:2], 32, 100),
        seed=23,
    ),
    Case(
        "sigmoid units, SGD",
        own(sigmoid_net, grey(16), glorot_uniform),
        digits,
        change=lambda r: replace(r, optimiser=SGD(lr=0.5), schedule=Constant()),
        steps=250,
        seed=24,
    ),
    Case("one linear row", own(softmax_regression, grey(8), glorot_uniform), digits, seed=25),
    Case(
        "56 classes with normalisation", own(bn_net, colour(32)), lambda: places(PHOTOS, 32, 16, 8), steps=200, seed=26
    ),
    Case(
        "64 classes without normalisation",
        own(plain_net, grey(32)),
        lambda: places(TEXTURES, 32, 12, 8),
        steps=400,
        seed=27,
        slow=True,
    ),
    Case(
        "faces and others, 200 small pictures",
        own(plain_net, grey(24)),
        faces,
        changes=Changes(batch=16),
        steps=150,
        seed=28,
    ),
    Case(
        "twelve pictures, batches of four",
        own(bn_net, colour(32)),
        lambda: crops(PHOTOS[:3], 32, 4),
        changes=Changes(batch=4),
        steps=60,
        seed=29,
    ),
    Case(
        "the first part of a long training",
        own(bn_net, grey(28)),
        digits,
        change=lambda r: replace(r, schedule=OneCycle(rising=0.8), optimiser=SGD(lr=0.05, momentum=0.9, nesterov=True)),
        steps=150,
        seed=30,
    ),
    # The second ten, of networks that occur nowhere else here.
    Case(
        "mobilenet_v1_025",
        "mobilenet_v1_025",
        _photos(64, 30),
        changes=Changes(input=(3, 64, 64), batch=16),
        seed=31,
        steps=120,
        slow=True,
    ),
    Case(
        "resnet18, SGD 0.02",
        "resnet18",
        _photos(64, 20),
        base="paper",
        seed=32,
        steps=60,
        slow=True,
        changes=Changes(input=(3, 64, 64), batch=16, lr=0.02),
    ),
    Case(
        "efficientnet_b0",
        "efficientnet_b0",
        _photos(64, 20),
        changes=Changes(input=(3, 64, 64), batch=16),
        seed=33,
        steps=100,
        slow=True,
    ),
    Case(
        "googlenet_bn with its auxiliary classifiers",
        "googlenet_bn",
        _photos(64, 20),
        seed=34,
        steps=80,
        slow=True,
        changes=Changes(input=(3, 64, 64), batch=8, start="random"),
    ),
    Case(
        "resnet32_cifar, SGD 0.1",
        "resnet32_cifar",
        _photos(32, 40),
        base="paper",
        changes=Changes(batch=40),
        seed=35,
        steps=100,
        slow=True,
    ),
    Case(
        "se_mobilenet_v1",
        "se_mobilenet_v1",
        _photos(64, 20),
        changes=Changes(input=(3, 64, 64), batch=8, lr=0.1),
        seed=36,
        steps=100,
        slow=True,
    ),
    Case("leaky units on textures", own(leaky_net, grey(28)), _textures(28, 40), seed=37),
    Case("branches and depthwise filters", own(branching_net, colour(32)), _photos(32, 40), seed=38),
    Case(
        "three linear rows with dropout, SGD",
        own(linear_net, grey(16)),
        digits,
        seed=39,
        change=lambda r: replace(r, optimiser=SGD(lr=0.05, momentum=0.9), schedule=Constant()),
    ),
    Case(
        "shortcuts without normalisation, 32 classes",
        own(shortcut_net, grey(32)),
        lambda: places(TEXTURES, 32, 20, 4),
        steps=250,
        seed=40,
    ),
)
