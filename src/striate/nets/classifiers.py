"""The classifier that AlexNet, ZFNet and VGG end with."""

from striate.layers import Layer, dropout, flatten, linear, linear_relu


def fully_connected(classes: int, *, units: int = 4096) -> dict[str, Layer]:
    """Two hidden layers with half of their units left out in training, then a layer of scores."""
    return {
        "flatten": flatten(),
        "fc6": linear_relu(units),
        "drop6": dropout(0.5),
        "fc7": linear_relu(units),
        "drop7": dropout(0.5),
        "fc8": linear(classes),
    }
