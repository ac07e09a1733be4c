"""Plain classifiers on real garments, and clusters and components of them."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from striate.data.sets import open_set
from striate.foundations.classifiers import KINDS, Pictures, classify, clusters, components
from striate.problem import BadData, Misuse


def garments(part: str, number: int) -> Pictures:
    found = open_set("fashion-sample").parts[part]
    images = np.stack([np.asarray(found.image(at)) for at in range(number)])
    return Pictures(images, np.array([found.label(at) for at in range(number)]))


TRAIN, TEST = garments("train", 300), garments("test", 200)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_does_far_better_than_chance_and_the_same_again(kind: str) -> None:
    one, again = (classify(kind, TRAIN, TEST, seed=3) for _ in range(2))
    assert one.accuracy > 0.5
    assert one.training_accuracy > one.accuracy
    assert (one.accuracy, one.numbers) == (again.accuracy, again.numbers)
    assert one.fit_seconds > 0 < one.answer_seconds
    assert one.bytes > 1000


def test_sizes_are_what_each_kind_keeps() -> None:
    sizes = {kind: classify(kind, TRAIN, TEST).numbers for kind in KINDS}
    assert sizes["logistic"] == sizes["svm"] == 784 * 10 + 10
    assert sizes["neighbours"] == 300 * 785
    assert 10 < sizes["tree"] < 600
    assert sizes["forest"] > 50 * sizes["tree"]


def test_a_forest_beats_its_trees_and_neighbours_are_scikit_learns() -> None:
    assert classify("forest", TRAIN, TEST).accuracy > classify("tree", TRAIN, TEST).accuracy
    theirs = KNeighborsClassifier().fit(TRAIN.images.reshape(300, -1) / 255, TRAIN.labels)
    score = theirs.score(TEST.images.reshape(200, -1) / 255, TEST.labels)
    assert classify("neighbours", TRAIN, TEST).accuracy == pytest.approx(score)


def test_an_optimiser_that_gives_up_says_so() -> None:
    assert classify("logistic", TRAIN, TEST).converged
    assert classify("tree", TRAIN, TEST).converged
    assert not classify("svm", TRAIN, TEST).converged  # 300 pictures of 784 pixels can be told apart without an end


def test_clusters_find_some_of_the_classes() -> None:
    found = clusters(TRAIN, 10)
    assert np.sum(found.table) == 300
    assert np.sum(found.table, axis=0).tolist() == np.bincount(TRAIN.labels).tolist()
    assert found.purity == np.max(found.table, axis=1).sum() / 300
    assert 0.25 < found.adjusted_rand < 0.6
    assert clusters(TRAIN, 1).adjusted_rand == 0
    assert clusters(TRAIN, 30).inertia < found.inertia


def test_components_explain_more_and_more_and_all_of_them_everything() -> None:
    found = components(TRAIN, 20)
    assert list(found.explained) == sorted(found.explained, reverse=True)
    assert found.cumulative[-1] == pytest.approx(sum(found.explained))
    assert found.pictures.shape == (20, 28, 28)
    pixels = TRAIN.images / 255
    np.testing.assert_allclose(found.mean, pixels.mean(0))
    assert found.error == pytest.approx(pixels.var(0).mean() * (1 - found.cumulative[-1]))
    whole = components(TRAIN, 300)
    assert whole.cumulative[-1] == pytest.approx(1)
    assert whole.error < 1e-20


def test_what_cannot_be_used_is_refused() -> None:
    with pytest.raises(Misuse, match="no classifier called forrest") as unknown:
        classify("forrest", TRAIN, TEST)
    assert "try       forest" in str(unknown.value)
    with pytest.raises(BadData, match="28x28 and the test pictures 14x28"):
        classify("tree", TRAIN, replace(TEST, images=TEST.images[:, ::2]))
    with pytest.raises(BadData, match="all training pictures are of class 4"):
        classify("tree", replace(TRAIN, labels=np.full(300, 4)), TEST)
    with pytest.raises(BadData, match="class 99 is in the test pictures"):
        classify("tree", TRAIN, replace(TEST, labels=np.full(200, 99)))
    with pytest.raises(BadData, match="images has 300 entries and labels has 200"):
        classify("tree", replace(TRAIN, labels=TEST.labels), TEST)
    with pytest.raises(BadData, match="images has 4 dimensions"):
        classify("tree", replace(TRAIN, images=np.zeros((300, 28, 28, 3), np.uint8)), TEST)
    with pytest.raises(BadData, match="2 clusters cannot be made of 1 different"):
        clusters(Pictures(np.ones((5, 2, 2), np.uint8), np.arange(5)), 2)
    with pytest.raises(BadData, match="all pictures are the same"):
        components(Pictures(np.ones((5, 2, 2), np.uint8), np.arange(5)), 2)
    with pytest.raises(BadData, match="there cannot be 301 components"):
        components(TRAIN, 301)
