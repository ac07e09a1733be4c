"""Classifiers and methods without labels that know nothing of pictures, on pictures as rows of pixels."""

import pickle
import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from striate.foundations.given import Array, array, count, fixed, floats, paired
from striate.problem import BadData, Misuse
from striate.words import nearest

KINDS = ("logistic", "svm", "neighbours", "tree", "forest")


@dataclass(frozen=True, eq=False)
class Pictures:
    """Grey pictures (N, H, W), uint8, and the class of each (N,)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]


@dataclass(frozen=True)
class Result:
    """How a classifier did on pictures it had not seen.

    ``numbers`` is what its answers are worked out from: the weights and biases of a linear one, the pixels and labels
    that k-nearest neighbours keep, the nodes of trees. ``converged`` is False where the optimiser gave up first.
    """

    kind: str
    accuracy: float
    training_accuracy: float
    fit_seconds: float
    answer_seconds: float  # for all test pictures
    numbers: int
    bytes: int  # of the fitted classifier, pickled
    converged: bool


@dataclass(frozen=True)
class Clusters:
    """k-means beside the classes, which it was not told; ``table[i][j]`` counts pictures of class j in cluster i."""

    clusters: int
    table: tuple[tuple[int, ...], ...]
    purity: float  # the share of pictures in whose cluster their class is the most frequent
    adjusted_rand: float  # 0 for clusters at random, 1 for the classes themselves
    inertia: float  # the sum of squared distances from each picture to its centre
    iterations: int


@dataclass(frozen=True, eq=False)
class Components:
    """Principal components, the most telling first; pictures of pixels from 0 to 1."""

    explained: tuple[float, ...]  # the share of the variance
    cumulative: tuple[float, ...]
    error: float  # mean squared error of the pictures put together again from these components
    mean: Array  # (H, W)
    pictures: Array  # (components, H, W)


def classify(kind: str, train: Pictures, test: Pictures, *, seed: int = 0) -> Result:
    """Fits one kind of ``KINDS`` to pixels from 0 to 1, with scikit-learn's defaults, and tries it.

    Misuse for another kind; BadData for pictures of other sizes, a single class, or a class that is only in the test.
    """
    if kind not in KINDS:
        raise Misuse("foundations.classifiers.unknown", name=kind, nearest=nearest(kind, KINDS))
    (x, y), (tried, truth) = _checked(train, test)
    fitted = _made(kind, min(5, len(x)), count(seed, "seed", least=0))
    begun = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # said by the result
        fitted.fit(x, y)
    between = time.perf_counter()
    answers = fitted.predict(tried)
    ended = time.perf_counter()
    return Result(
        kind,
        accuracy=float((answers == truth).mean()),
        training_accuracy=float((fitted.predict(x) == y).mean()),
        fit_seconds=between - begun,
        answer_seconds=ended - between,
        numbers=_numbers(fitted, x),
        bytes=len(pickle.dumps(fitted)),
        converged=bool(np.max(getattr(fitted, "n_iter_", 0)) < getattr(fitted, "max_iter", 1)),
    )


def clusters(pictures: Pictures, number: int, *, seed: int = 0) -> Clusters:
    """k-means on the pixels, the best of four starts. BadData for more clusters than different pictures."""
    x, labels = _rows(pictures), np.asarray(pictures.labels)
    different = len(np.unique(x, axis=0))
    if count(number, "number") > different:
        raise BadData("foundations.classifiers.clusters", number=number, different=different)
    found = KMeans(number, n_init=4, random_state=count(seed, "seed", least=0)).fit(x)
    classes, place = np.unique(labels, return_inverse=True)
    table = np.zeros((number, len(classes)), dtype=np.int64)
    np.add.at(table, (found.labels_, place), 1)
    return Clusters(
        number,
        tuple(map(tuple, table.tolist())),
        purity=float(table.max(1).sum() / len(x)),
        adjusted_rand=float(adjusted_rand_score(labels, found.labels_)),
        inertia=float(found.inertia_),
        iterations=int(found.n_iter_),
    )


def components(pictures: Pictures, number: int) -> Components:
    """PCA of the pixels. BadData for more components than pictures or pixels, or pictures that are all the same."""
    x = _rows(pictures)
    if count(number, "number") > min(x.shape):
        raise BadData("foundations.classifiers.components", number=number, most=min(x.shape))
    if not x.std(0).any():
        raise BadData("foundations.classifiers.same")
    found = PCA(number, svd_solver="full").fit(x)
    again = found.inverse_transform(found.transform(x))
    shape = pictures.images.shape[1:]
    return Components(
        floats(found.explained_variance_ratio_),
        floats(found.explained_variance_ratio_.cumsum()),
        error=float(((again - x) ** 2).mean()),
        mean=fixed(found.mean_.reshape(shape)),
        pictures=fixed(found.components_.reshape(-1, *shape)),
    )


def rebuilt(found: Components, images: Array, number: int) -> Array:
    """(N, H, W), pixels from 0 to 1: the mean picture and the first so many components, as much of each as there is."""
    basis = found.pictures[:number].reshape(number, -1)
    centred = (images - found.mean).reshape(len(images), -1)
    return fixed((centred @ basis.T @ basis).reshape(images.shape) + found.mean)


def _checked(
    train: Pictures, test: Pictures
) -> tuple[tuple[Array, NDArray[np.int64]], tuple[Array, NDArray[np.int64]]]:
    """Pixels and labels of both."""
    x, y = _rows(train), np.asarray(train.labels)
    tried, truth = _rows(test), np.asarray(test.labels)
    if train.images.shape[1:] != test.images.shape[1:]:
        raise BadData("foundations.classifiers.sizes", train=_size(train), test=_size(test))
    if len(np.unique(y)) < 2:
        raise BadData("foundations.classifiers.one_class", label=int(y[0]))
    strange = np.setdiff1d(truth, y)
    if len(strange):
        raise BadData("foundations.classifiers.strange", label=int(strange[0]))
    return (x, y), (tried, truth)


def _rows(pictures: Pictures) -> Array:
    """(N, H W), from 0 to 1."""
    pixels = array(pictures.images, "images", 3) / 255
    paired(pixels, pictures.labels, ("images", "labels"))
    return pixels.reshape(len(pixels), -1)


def _size(pictures: Pictures) -> str:
    return "x".join(map(str, pictures.images.shape[1:]))


def _made(kind: str, neighbours: int, seed: int) -> Any:
    match kind:
        case "logistic":
            return LogisticRegression(max_iter=1000)
        case "svm":
            return LinearSVC(random_state=seed)
        case "neighbours":
            return KNeighborsClassifier(neighbours)
        case "tree":
            return DecisionTreeClassifier(random_state=seed)
        case _:
            return RandomForestClassifier(random_state=seed)


def _numbers(fitted: Any, x: Array) -> int:
    if hasattr(fitted, "coef_"):
        return int(fitted.coef_.size + fitted.intercept_.size)
    if hasattr(fitted, "estimators_"):
        return sum(int(each.tree_.node_count) for each in fitted.estimators_)
    return int(fitted.tree_.node_count) if hasattr(fitted, "tree_") else x.size + len(x)
