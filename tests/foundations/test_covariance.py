"""Whitening and its simplifications: scikit-learn's, and what the covariance says."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA

from striate.foundations.batch_norm import forward
from striate.foundations.covariance import cloud, simplified, whiten
from striate.problem import BadData, Misuse

IRIS = load_iris().data


@pytest.mark.parametrize("method", ["zca", "pca"])
@pytest.mark.parametrize("data", [IRIS, cloud(300, seed=1)])
def test_whitened_points_have_mean_0_and_the_identity_as_covariance(method: str, data: np.ndarray) -> None:
    found = whiten(data, method)  # type: ignore[arg-type]
    size = data.shape[1]
    np.testing.assert_allclose(found.after, np.eye(size), atol=1e-10)
    np.testing.assert_allclose(found.data.mean(0), 0, atol=1e-10)
    np.testing.assert_allclose(found.covariance, np.cov(data.T, bias=True), atol=1e-12)
    np.testing.assert_allclose(found.matrix @ found.covariance @ found.matrix.T, np.eye(size), atol=1e-10)
    np.testing.assert_allclose(found.covariance @ found.directions, found.directions * found.variances, atol=1e-10)


def test_whitening_by_pca_is_scikit_learns_but_for_signs_and_the_divisor() -> None:
    theirs = PCA(whiten=True).fit_transform(IRIS) * np.sqrt(len(IRIS) / (len(IRIS) - 1))
    np.testing.assert_allclose(np.abs(whiten(IRIS, "pca").data), np.abs(theirs), atol=1e-8)


def test_zca_moves_the_points_less_than_pca_and_its_matrix_is_symmetric() -> None:
    standard = (IRIS - IRIS.mean(0)) / IRIS.std(0)
    zca, pca = whiten(standard, "zca"), whiten(standard, "pca")
    np.testing.assert_allclose(zca.matrix, zca.matrix.T, atol=1e-10)
    assert ((zca.data - standard) ** 2).sum() < ((pca.data - standard) ** 2).sum()


def test_each_feature_alone_gets_variance_1_and_stays_correlated() -> None:
    found = simplified(IRIS, batch=30, seed=0)
    np.testing.assert_allclose(found.each_feature.covariance, np.corrcoef(IRIS.T), atol=1e-12)
    assert found.each_feature.variance_error < 1e-12
    assert found.each_feature.correlation == pytest.approx(0.9629, abs=1e-4)
    assert found.whitened.correlation < 1e-10
    assert found.untouched.variance_error > 1


def test_statistics_of_batches_are_near_those_of_all_and_nearer_for_larger_ones() -> None:
    data = cloud(1200, seed=0)
    errors = [simplified(data, batch=batch, seed=0).mean_error for batch in (5, 20, 100)]
    assert errors == sorted(errors, reverse=True)
    assert errors[1] == pytest.approx(np.sqrt(2 / np.pi / 20), rel=0.2)  # of a normal mean over 20
    assert simplified(data, batch=1200, seed=0).mean_error < 1e-12


def test_normalising_a_single_batch_is_batch_normalisation() -> None:
    data = cloud(50, seed=2)
    normalised = forward(data, eps=1e-12).normalised
    np.testing.assert_allclose(
        simplified(data, batch=50, seed=0).by_batches.covariance, np.cov(normalised.T, bias=True), atol=1e-9
    )


def test_what_has_no_covariance_to_speak_of_is_refused() -> None:
    with pytest.raises(BadData, match="a single point has no covariance"):
        whiten([[1, 2]])
    for flat in ([[1, 2], [2, 4], [3, 6]], [[1, 5], [2, 5], [3, 5]], [[1, 2], [3, 5]], [[1, 1], [1, 1]]):
        with pytest.raises(BadData, match="no variance"):
            whiten(flat)
    with pytest.raises(Misuse, match="no whitening called zka") as unknown:
        whiten(IRIS, "zka")  # type: ignore[arg-type]
    assert "try       zca" in str(unknown.value)
    with pytest.raises(BadData, match="150 points fill no batch of 200"):
        simplified(IRIS, batch=200, seed=0)
    with pytest.raises(Misuse, match="batch must be a whole number of 2 or more"):
        simplified(IRIS, batch=1, seed=0)
    with pytest.raises(BadData, match="the same value in all points"):
        simplified([[1, 5], [2, 5], [4, 5]], batch=3, seed=0)
