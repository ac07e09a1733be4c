"""Bias, variance and noise: exact where it is exact, and near where chance is left."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import PolynomialFeatures

from striate.foundations.bias_variance import decompose, diabetes, held_out, wave
from striate.problem import BadData, Misuse


def test_bias_and_variance_are_the_error_against_the_curve_exactly() -> None:
    for degree in decompose([0, 1, 3, 9], seed=1).degrees:
        assert degree.bias_squared + degree.variance == pytest.approx(degree.against_curve, rel=1e-10)
        assert degree.total == degree.bias_squared + degree.variance + degree.noise


def test_with_the_noise_they_are_the_measured_error_but_for_chance() -> None:
    for degree in decompose([0, 1, 3, 9], samples=500).degrees:
        assert degree.total == pytest.approx(degree.error, rel=0.05)


def test_bias_falls_and_variance_rises_with_the_degree_and_the_best_is_between() -> None:
    found = decompose([0, 1, 3, 5, 9, 15])
    biases = [degree.bias_squared for degree in found.degrees[:4]]
    variances = [degree.variance for degree in found.degrees]
    assert biases == sorted(biases, reverse=True)
    assert variances == sorted(variances)
    assert found.best == 3


def test_the_variance_of_a_least_squares_fit_is_the_known_one() -> None:
    found = decompose([2], points=12, samples=4000, noise=0.5).degrees[0]
    assert found.variance == pytest.approx(3 / 12 * 0.25, rel=0.05)  # coefficients / points * noise


def test_without_noise_there_is_no_variance_and_a_polynomial_is_met_exactly() -> None:
    found = decompose([1, 2, 5], curve=lambda x: 3 * x**2 - x, noise=0.0).degrees
    assert all(degree.variance < 1e-20 for degree in found)
    assert found[0].bias_squared > 1e-3
    assert max(found[1].error, found[2].error) < 1e-20


def test_the_fits_are_scikit_learns() -> None:
    found = decompose([4], samples=3, seed=2)
    features = PolynomialFeatures(4).fit_transform(np.array(found.x)[:, None])
    answers = LinearRegression().fit(features, found.samples.T).predict(features).T
    np.testing.assert_allclose(found.degrees[0].mean_fit, answers.mean(0), atol=1e-8)
    assert found.degrees[0].bias_squared == pytest.approx(((answers.mean(0) - wave(np.array(found.x))) ** 2).mean())


def test_on_measured_points_training_error_falls_and_held_out_error_comes_back_up() -> None:
    x, y = diabetes()
    found = held_out(x, y, range(9), training=30)
    training, tried = ([getattr(fit, name) for fit in found.fits] for name in ("training", "held_out"))
    assert training == sorted(training, reverse=True)
    assert found.best == 1
    assert tried[0] > 1.3 * tried[1]  # underfitted
    assert tried[8] > 10 * tried[1]  # overfitted
    assert (found.training_points, found.held_out_points) == (30, 412)


def test_what_no_polynomial_can_be_told_from_is_refused() -> None:
    x, y = diabetes()
    with pytest.raises(Misuse, match="20 points cannot determine a polynomial of degree 20, which has 21 coefficients"):
        decompose([20], points=20)
    with pytest.raises(Misuse, match="no degree was named"):
        decompose([])
    with pytest.raises(Misuse, match="degree must be a whole number of 0 or more, not -1"):
        decompose([-1])
    for wrong in (-0.1, float("nan")):
        with pytest.raises(Misuse, match="noise is a standard deviation"):
            decompose([1], noise=wrong)
    with pytest.raises(Misuse, match="samples must be a whole number of 2 or more"):
        decompose([1], samples=1)
    with pytest.raises(BadData, match="curve holds inf"):
        decompose([1], curve=lambda x: np.where(x > 0.5, np.inf, x))
    with pytest.raises(Misuse, match="442 of 442 points for fitting leave none"):
        held_out(x, y, [1], training=442)
    with pytest.raises(BadData, match="all x are 4"):
        held_out([4, 4, 4], [1, 2, 3], [1], training=2)
    with pytest.raises(BadData, match="x has 442 entries and y has 441"):
        held_out(x, y[1:], [1], training=5)
    with pytest.raises(BadData, match="degree 3 cannot be told from 5 points with 2 different x"):
        held_out([1, 1, 1, 2, 2, 2, 2], [1, 2, 3, 4, 5, 6, 7], [3], training=5)
