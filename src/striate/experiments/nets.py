"""The networks that the experiments vary: a few tables, and a line a network over them.

They take grey pictures of 28x28 pixels, and are small enough for a lesson: 16 to 64 channels, 1 to 13 million
multiply-accumulates a picture.
"""

from collections.abc import Callable
from functools import partial

from striate.architecture import Architecture, Auxiliary
from striate.initialise import Initialise, glorot_uniform, he_normal, lecun_normal
from striate.layers import (
    Layer,
    avg_pool,
    chain,
    concat,
    conv,
    conv_norm,
    conv_norm_relu,
    conv_relu,
    dense,
    depthwise,
    dropout,
    elu,
    flatten,
    global_avg_pool,
    identity,
    linear,
    linear_relu,
    lrn,
    max_pool,
    mish,
    norm,
    norm_relu_conv,
    padded_identity,
    relu,
    residual,
    selu,
    sigmoid,
    squeeze_excite,
    swish,
    tanh,
)
from striate.recipe import Adam, Augment, CrossEntropy, OneCycle, Recipe, View

INPUT = (1, 28, 28)

RECIPE = Recipe(
    optimiser=Adam(lr=0.003),
    schedule=OneCycle(),
    loss=CrossEntropy(),
    view=View("squash", (28, 28), 1, mean=(0.286,), std=(0.353,)),  # of Fashion-MNIST's training pictures
    augment=Augment(),
    epochs=8,
    batch=64,
    source="Striate's own",
)
"""Plain on purpose: nothing is in it that an experiment does not put there."""

Row = Callable[[int], Layer]
"""A row by its channels."""


def net(
    build: Callable[[int], Layer], initialise: Initialise = he_normal, auxiliaries: tuple[Auxiliary, ...] = ()
) -> Architecture:
    return Architecture("", None, INPUT, 10, build, initialise, RECIPE, head="pool", auxiliaries=auxiliaries)


# A stack of 3x3 convolutions, in the manner of VGG


def stack(
    classes: int,
    *,
    row: Row,
    first: Row | None = None,
    repeats: tuple[int, ...] = (2, 2, 2),
    widths: tuple[int, ...] = (16, 32, 64),
    pool: Layer | None = None,
) -> Layer:
    """Stages of rows with a pool after each but the last, whose maps are averaged. ``first`` stands for conv1_1."""
    rows: dict[str, Layer] = {}
    for stage, (count, width) in enumerate(zip(repeats, widths, strict=True), 1):
        rows |= {f"conv{stage}_{at}": row(width) for at in range(1, count + 1)}
        if stage < len(repeats):
            rows[f"pool{stage}"] = pool or max_pool(2)
    if first is not None:
        rows["conv1_1"] = first(widths[0])
    return chain(**rows, **averaged(classes))


def averaged(classes: int) -> dict[str, Layer]:
    """The end of most: the mean of each map, and a score for each class."""
    return {"pool": global_avg_pool(), "flatten": flatten(), "fc": linear(classes)}


def activated(act: Layer) -> Row:
    """A convolution with bias, then any activation function."""
    return lambda channels: chain(conv=conv(channels, 3, pad=1), act=act)


def normalised(channels: int, *, stride: int = 1) -> Layer:
    return conv_norm_relu(channels, 3, stride=stride, pad=1)


def separable(channels: int) -> Layer:
    """One filter a channel, then 1x1 filters that mix them, each with normalisation and ReLU (MobileNets, Fig. 3)."""
    filters = {"depthwise": depthwise(3, pad=1), "norm1": norm(), "relu1": relu()}
    return chain(**filters, pointwise=conv(channels, 1, bias=False), norm2=norm(), relu2=relu())


DEEP = (3, 3, 3)

without_norm = net(partial(stack, row=activated(relu()), repeats=DEEP))
with_norm = net(partial(stack, row=normalised, repeats=DEEP))

# Each with the first weights that were worked out for it
with_sigmoid = net(partial(stack, row=activated(sigmoid())), glorot_uniform)
with_tanh = net(partial(stack, row=activated(tanh())), glorot_uniform)
with_relu = net(partial(stack, row=activated(relu())))
with_elu = net(partial(stack, row=activated(elu())))
with_selu = net(partial(stack, row=activated(selu())), lecun_normal)
with_swish = net(partial(stack, row=activated(swish())))
with_mish = net(partial(stack, row=activated(mish())))

vgg_4, vgg_7, vgg_10, vgg_13 = (
    net(partial(stack, row=activated(relu()), repeats=(count,) * 3)) for count in (1, 2, 3, 4)
)

full = net(partial(stack, row=normalised))
full_narrow = net(partial(stack, row=normalised, widths=(6, 12, 24)))  # costs what the separable one does
separated = net(partial(stack, row=separable, first=normalised))
separated_wide = net(partial(stack, row=separable, first=normalised, widths=(32, 64, 128)))

max_pooled = net(partial(stack, row=normalised, pool=max_pool(2)))
avg_pooled = net(partial(stack, row=normalised, pool=avg_pool(2)))


def strided(classes: int) -> Layer:
    """No pools: the last convolution before each strides in its place (Springenberg et al. 2014, Strided-CNN)."""
    rows = {
        f"conv{stage}_{at}": normalised(width, stride=2 if at == 2 and stage < 3 else 1)
        for stage, width in enumerate((16, 32, 64), 1)
        for at in (1, 2)
    }
    return chain(**rows, **averaged(classes))


unpooled = net(strided)


# Blocks in any order of their parts

PARTS: dict[str, Row] = {
    "conv": lambda channels: conv(channels, 3, pad=1),
    "norm": lambda channels: norm(),
    "act": lambda channels: relu(),
    "drop": lambda channels: dropout(0.2),
    "pool": lambda channels: max_pool(2),
}


def ordered(classes: int, *, order: str) -> Layer:
    """Three blocks, each with its parts in the order given."""
    blocks = {
        f"block{at}": chain(**{part: PARTS[part](width) for part in order.split()})
        for at, width in enumerate((32, 64, 64), 1)
    }
    return chain(**blocks, **averaged(classes))


norm_act_drop_pool = net(partial(ordered, order="conv norm act drop pool"))
act_norm_drop_pool = net(partial(ordered, order="conv act norm drop pool"))
drop_norm_act_pool = net(partial(ordered, order="conv drop norm act pool"))
norm_act_pool_drop = net(partial(ordered, order="conv norm act pool drop"))
norm_pool_act_drop = net(partial(ordered, order="conv norm pool act drop"))
before_conv = net(partial(ordered, order="norm act drop conv pool"))


# In the manner of AlexNet


def alex(classes: int, *, after: Layer | None = None, pool: Layer | None = None) -> Layer:
    """Two 5x5 convolutions and a 3x3, pools that overlap, two linear layers; ``after`` follows the first two ReLUs."""
    pool, after = pool or max_pool(3, stride=2, pad=1), after or identity()
    return chain(
        conv1=chain(conv=conv(16, 5, pad=2), relu=relu(), after=after),
        pool1=pool,
        conv2=chain(conv=conv(32, 5, pad=2), relu=relu(), after=after),
        pool2=pool,
        conv3=conv_relu(64, 3, pad=1),
        pool=pool,
        flatten=flatten(),
        fc4=linear_relu(128),
        drop4=dropout(0.5),
        fc5=linear(classes),
    )


without_lrn = overlapping = with_dropout = net(alex)
with_lrn = net(partial(alex, after=lrn()))
norm_for_lrn = net(partial(alex, after=norm()))
apart = net(partial(alex, pool=max_pool(2, ceil=True)))  # rounding up gives the same 14, 7 and 4 pixels


# Inception

Module = Callable[[int, int, int, int, int, int], Layer]


def inception(c1: int, r3: int, c3: int, r5: int, c5: int, p: int) -> Layer:
    """GoogLeNet, Fig. 2 (b), by the columns of its Table 1."""
    return concat(
        one=conv_relu(c1, 1),
        three=chain(conv_relu(r3, 1), conv_relu(c3, 3, pad=1)),
        five=chain(conv_relu(r5, 1), conv_relu(c5, 5, pad=2)),
        pool=chain(max_pool(3, stride=1, pad=1), conv_relu(p, 1)),
    )


def inception_naive(c1: int, r3: int, c3: int, r5: int, c5: int, p: int) -> Layer:  # noqa: ARG001  nothing is reduced
    """Fig. 2 (a): no 1x1 reductions, and the pool passes all its channels on."""
    return concat(
        one=conv_relu(c1, 1),
        three=conv_relu(c3, 3, pad=1),
        five=conv_relu(c5, 5, pad=2),
        pool=max_pool(3, stride=1, pad=1),
    )


def small_googlenet(classes: int, *, module: Module, repeats: int = 1) -> Layer:
    """Inception modules on maps of 14 and 7 pixels, each stage's last one repeated."""
    first_a, then_a = module(16, 8, 24, 4, 8, 8), module(16, 12, 24, 4, 8, 8)
    first_b, then_b = module(32, 16, 48, 8, 16, 16), module(32, 24, 48, 8, 16, 16)
    pool = max_pool(3, stride=2, pad=1)
    return chain(
        conv1=conv_relu(16, 3, pad=1),
        pool1=pool,
        **numbered("inception_a", first_a, *[then_a] * repeats),
        pool2=pool,
        **numbered("inception_b", first_b, *[then_b] * repeats),
        **averaged(classes),
    )


def numbered(name: str, *layers: Layer) -> dict[str, Layer]:
    return {f"{name}{at}": layer for at, layer in enumerate(layers, 1)}


def auxiliary(classes: int) -> Layer:
    """GoogLeNet, Sec. 5, with an eighth of its filters and units."""
    return chain(
        pool=avg_pool(5, stride=3),
        conv=conv_relu(16, 1),
        flatten=flatten(),
        fc1=linear_relu(128),
        drop=dropout(0.7),
        fc2=linear(classes),
    )


naive = net(partial(small_googlenet, module=inception_naive))
reduced = net(partial(small_googlenet, module=inception))

HEADS = tuple(Auxiliary(f"aux_{row}", f"inception_{row}", auxiliary, 0.3) for row in ("a2", "b1"))
DEEP_GOOGLENET = partial(small_googlenet, module=inception, repeats=3)
without_heads = net(DEEP_GOOGLENET, glorot_uniform)
with_heads = net(DEEP_GOOGLENET, glorot_uniform, HEADS)


# Residual and dense


def block(channels: int, stride: int, gate: Layer | None) -> Layer:
    """ResNet, Fig. 5, left, with zeros for new channels."""
    body = chain(conv_norm_relu(channels, 3, stride=stride, pad=1), conv_norm(channels, 3, pad=1))
    return residual(body, padded_identity(channels, stride), gate=gate, then=relu())


def small_resnet(classes: int, *, n: int = 1, width: int = 16, gate: Layer | None = None) -> Layer:
    """6n + 2 layers on maps of 28, 14 and 7 pixels."""
    blocks = {
        f"conv{stage + 2}_{at + 1}": block(width * 2**stage, 2 if stage and not at else 1, gate)
        for stage in range(3)
        for at in range(n)
    }
    return chain(conv1=conv_norm_relu(width, 3, pad=1), **blocks, **averaged(classes))


without_gate = net(small_resnet)
ratio_4, ratio_8, ratio_16 = (net(partial(small_resnet, gate=squeeze_excite(ratio))) for ratio in (4, 8, 16))

# Deeper and narrower by turns, with 165,000 to 175,000 parameters each
resnet_8, resnet_14, resnet_26, resnet_44 = (
    net(partial(small_resnet, n=n, width=width)) for n, width in ((1, 24), (2, 16), (4, 11), (7, 8))
)


def small_densenet(classes: int, *, growth: int) -> Layer:
    """Two blocks of five layers on maps of 14 and 7 pixels, and a transition that halves the channels."""
    layers = chain(*(dense(norm_relu_conv(growth, 3, pad=1)) for _ in range(5)))
    return chain(
        conv1=conv(16, 3, stride=2, pad=1, bias=False),
        block1=layers,
        transition=lambda shape: chain(mix=norm_relu_conv(shape[0] // 2, 1), pool=avg_pool(2))(shape),
        block2=layers,
        last=chain(norm=norm(), relu=relu()),
        **averaged(classes),
    )


growth_4, growth_8, growth_12, growth_24 = (net(partial(small_densenet, growth=growth)) for growth in (4, 8, 12, 24))
