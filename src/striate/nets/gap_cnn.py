"""The network of a teaching example on global average pooling: no paper, a Keras summary of 326,534 parameters."""

from striate.architecture import Architecture, Fact
from striate.initialise import he_normal
from striate.layers import Layer, chain, conv_relu, flatten, global_avg_pool, linear, linear_relu, max_pool
from striate.recipe import Adam, Augment, Constant, CrossEntropy, Recipe, View


def gap_cnn(classes: int) -> Layer:
    """Three 5x5 convolutions; the means of 128 maps go to 500 units. The summary shows only the rows from pool3 on."""
    return chain(
        conv1=conv_relu(32, 5, pad=2),  # assumed, as is all up to conv3: with it the total is the printed one
        pool1=max_pool(2),
        conv2=conv_relu(64, 5, pad=2),
        conv3=conv_relu(128, 5, pad=2),
        pool3=max_pool(2),
        gap=global_avg_pool(),
        flatten=flatten(),
        fc4=linear_relu(500),
        fc5=linear(classes),
    )


FACTS = (
    Fact("pool3", "output", "128x7x7", "summary"),
    Fact("fc4", "parameters", "64,500", "summary"),
    Fact("fc5", "parameters", "5,010", "summary"),
    Fact("", "parameters", "326,534", "summary"),
)

RECIPE = Recipe(
    optimiser=Adam(lr=0.001),
    schedule=Constant(),
    loss=CrossEntropy(),
    view=View("squash", (28, 28), 1, mean=(0.0,), std=(1.0,)),
    augment=Augment(),
    epochs=20,
    batch=128,
    source="no paper: the network as courses teach it",
    assumed=("Adam at its published rate", "He's first weights", "the rows before pool3"),
)

ARCHITECTURES = (
    Architecture(
        "gap_cnn", None, (1, 28, 28), 10, gap_cnn, he_normal, RECIPE, "gap", FACTS,
        variant="A teaching example on global average pooling, out of a Keras summary; there is no paper.",
    ),
)  # fmt: skip
