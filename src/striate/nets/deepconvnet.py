"""DeepConvNet, the six-convolution network for MNIST.

K. Saito: Deep Learning from Scratch (O'Reilly Japan, 2016), Sec. 8.1: the network of its chapter on depth.
"""

from striate.architecture import Architecture, Paper
from striate.initialise import he_normal
from striate.layers import Layer, chain, conv_relu, dropout, flatten, linear, linear_relu, max_pool
from striate.recipe import Adam, Augment, Constant, CrossEntropy, Recipe, View, cited


def deepconvnet(classes: int) -> Layer:
    """Fig. 8-1: three pairs of 3x3 convolutions, then 50 units."""
    return chain(
        conv1_1=conv_relu(16, 3, pad=1),
        conv1_2=conv_relu(16, 3, pad=1),
        pool1=max_pool(2),
        conv2_1=conv_relu(32, 3, pad=1),
        conv2_2=conv_relu(32, 3, pad=2),  # two: 14x14 becomes 16x16, so that the last pool gives 4x4
        pool2=max_pool(2),
        conv3_1=conv_relu(64, 3, pad=1),
        conv3_2=conv_relu(64, 3, pad=1),
        pool3=max_pool(2),
        flatten=flatten(),
        fc4=linear_relu(50),
        drop4=dropout(0.5),
        fc5=linear(classes),
        drop5=dropout(0.5),  # on the scores themselves, as the book has it
    )


PAPER = Paper("K. Saito", "Deep Learning from Scratch", "O'Reilly Japan, Sec. 8.1", 2016)

VIEW = View("squash", (28, 28), 1, mean=(0.0,), std=(1.0,))

RECIPE = Recipe(
    optimiser=Adam(lr=0.001),
    schedule=Constant(),
    loss=CrossEntropy(),
    view=VIEW,
    augment=Augment(),
    epochs=20,
    batch=100,
    source="the book's train_deepnet.py",
    sources=cited(
        optimiser="train_deepnet.py",
        rate="train_deepnet.py",
        batch="train_deepnet.py",
        epochs="train_deepnet.py",
        view="train_deepnet.py: pixels from 0 to 1",
        loss="train_deepnet.py",
        dropout="deep_convnet.py",
        start="deep_convnet.py: He's",
    ),
    assumed=("no weight decay, no augmentation and a constant rate, since the script has none",),
)

DEEPCONVNET = Architecture("deepconvnet", PAPER, (1, 28, 28), 10, deepconvnet, he_normal, RECIPE, "flatten")
ARCHITECTURES = (DEEPCONVNET,)
