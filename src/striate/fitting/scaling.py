"""How a recipe that was made for a large set is scaled to a small one."""

from dataclasses import replace

from striate.recipe import SGD, Change, Recipe

LEAST_STEPS = 50
"""Steps of an epoch that a scaled recipe comes to, as far as batches of LEAST_BATCH go."""

LEAST_BATCH = 8


def scaled(recipe: Recipe, pictures: int, *, rate_stays: bool = False) -> Recipe:
    """The recipe for a set of so many training pictures, with what was changed.

    The rule: an epoch has 50 steps at least, so the batch is halved until it does, down to 8 pictures. With it falls
    the learning rate: in proportion for SGD (Goyal et al. 2017, Sec. 2.1), by the square root for the optimisers that
    scale each gradient themselves (Malladi et al. 2022). A rate that a person named stays. So do epochs, schedule and
    all else.
    """
    batch = recipe.batch
    while batch > LEAST_BATCH and pictures < batch * LEAST_STEPS:
        batch = max(LEAST_BATCH, batch // 2)
    if batch == recipe.batch:
        return recipe
    before, after = str(recipe.batch), str(batch)
    if rate_stays:
        return replace(recipe, batch=batch, changed=(Change("batch", before, after, "scaling.batch_alone"),))
    in_proportion = isinstance(recipe.optimiser, SGD)
    ratio = batch / recipe.batch
    lr = recipe.optimiser.lr * (ratio if in_proportion else ratio**0.5)
    changes = (
        Change("batch", before, after, "scaling.batch"),
        Change("rate", f"{recipe.optimiser.lr:g}", f"{lr:g}", "scaling.rate" if in_proportion else "scaling.root"),
    )
    return replace(recipe, batch=batch, optimiser=replace(recipe.optimiser, lr=lr), changed=changes)
