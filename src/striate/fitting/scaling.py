"""How a recipe that was made for a large set is scaled to a small one."""

from dataclasses import replace

from striate.recipe import SGD, Change, Recipe

LEAST_STEPS = 50
"""Steps of an epoch that a scaled recipe comes to, as far as batches of LEAST_BATCH go."""

LEAST_BATCH = 8


def scaled(recipe: Recipe, pictures: int, *, rate_stays: bool = False) -> Recipe:
    """The recipe for a set of so many training pictures, with what was changed.

    The rule: an epoch has 50 steps at least, so the batch is halved until it does, but not below 8. With it falls the
    learning rate: in proportion for SGD (Goyal et al. 2017, Sec. 2.1), by the square root for the optimisers that scale
    each gradient themselves (Malladi et al. 2022). A rate that a person named stays. So do epochs, schedule and all
    else.
    """
    batch = recipe.batch
    while batch > LEAST_BATCH and pictures < batch * LEAST_STEPS:
        batch = max(LEAST_BATCH, batch // 2)
    if batch == recipe.batch:
        return recipe
    before, after = str(recipe.batch), str(batch)
    smaller = replace(recipe, batch=batch)
    if rate_stays:
        return replace(smaller, changed=(Change("batch", before, after, "scaling.batch_alone"),))
    followed = rate_following(smaller, recipe.batch)
    return replace(followed, changed=(Change("batch", before, after, "scaling.batch"), *followed.changed))


def rate_following(recipe: Recipe, batch: int) -> Recipe:
    """The recipe, whose rate was made for a batch of so many pictures, with the rate for its own smaller one.

    Its batch is the one that a person named: a larger one leaves the rate as it is, since a higher one may diverge.
    """
    if recipe.batch >= batch:
        return recipe
    in_proportion = isinstance(recipe.optimiser, SGD)
    ratio = recipe.batch / batch
    lr = recipe.optimiser.lr * (ratio if in_proportion else ratio**0.5)
    change = Change("rate", f"{recipe.optimiser.lr:g}", f"{lr:g}", "scaling.rate" if in_proportion else "scaling.root")
    return replace(recipe, optimiser=replace(recipe.optimiser, lr=lr), changed=(change,))
