"""What is said of pictures beside their drawing, and below their table."""

from collections.abc import Iterator

from striate.recipe import View
from striate.verbs.show import Seen, Sights
from striate.words import say

_STRETCHED = 1.05  # times as long, below which nobody sees it
_WHOLE = 0.9995  # a share that is shown as all of it
_CUT_AWAY = 0.95  # kept of a picture, below which other ways to the network's size are named


def title(sights: Sights, language: str) -> str:
    if sights.data is None:
        return say("show.title_loose", language, net=sights.net)
    return say("show.title", language, data=sights.data, net=sights.net)


def view_text(view: View, language: str) -> str:
    """How pictures come to the network's size."""
    size = "x".join(map(str, view.size))
    if view.mode == "crop" and view.resize:
        return say("show.view_out_of", language, mode=view.mode, size=size, resize=str(view.resize))
    return say("show.view", language, mode=view.mode, size=size)


def size_text(seen: Seen) -> str:
    """Width before height, as people say it."""
    return f"{seen.size[1]}x{seen.size[0]}"


def share_text(share: float) -> str:
    """In whole percent, but all of it only where nothing is missing."""
    if share >= _WHOLE:
        return "100 %"
    return f"{min(100 * share, 99.4):.0f} %" if share >= 0.095 else f"{100 * share:.1f} %"


def remarks(seen: Seen, language: str) -> list[str]:
    """What is not plain about a picture: where it belongs, what decoding and the view did besides resizing it."""
    told = [say("show.not_trained", language)] if seen.part != "train" else []
    told += [say(f"show.{note}", language) for note in seen.notes]
    down, across = seen.cut.scale
    stretched = max(down / across, across / down)
    if stretched >= _STRETCHED:
        told.append(say("show.stretched", language, factor=f"{stretched:.1f}"))
    if seen.cut.filled > 1 - _WHOLE:
        told.append(say("show.filled", language, share=share_text(seen.cut.filled)))
    return told


def enlarged(seen: Seen, language: str) -> list[str]:
    """By how much, where it is."""
    factor = seen.cut.enlarged
    return [say("show.enlarged", language, factor=f"{factor:.1f}")] if factor >= _STRETCHED else []


def summary(sights: Sights, language: str) -> Iterator[str]:
    """What the views do to the pictures of the whole set."""
    found, view = sights.overall, sights.recipe.view
    if found.kept.worst >= _WHOLE:
        yield say("show.all_kept", language)
    else:
        yield say("show.kept_of_all", language, **_spread(found.kept.median, found.kept.worst), name=found.kept.name)
    if found.shown is not None and found.shown.worst < _WHOLE:
        yield say(
            "show.shown_of_all", language, **_spread(found.shown.median, found.shown.worst), name=found.shown.name,
            epoch=str(sights.epoch),
        )  # fmt: skip
    if view.mode == "crop" and found.kept.median < _CUT_AWAY:
        yield say("show.border", language)
    if found.filled > 1 - _WHOLE:
        yield say("show.filled_of_all", language, share=share_text(found.filled))
    if found.most_enlarged >= _STRETCHED:
        factor = f"{found.most_enlarged:.1f}"
        yield say("show.enlarged_of_all", language, count=found.enlarged, total=found.measured, factor=factor)
    if found.measured + len(sights.skipped) < found.total:
        yield say("show.measured", language, measured=found.measured, total=found.total)
    yield from _of_training(sights, language)


def _of_training(sights: Sights, language: str) -> Iterator[str]:
    """What has to be known of the random views."""
    augment = sights.recipe.augment
    if augment.randaugment:
        yield say("show.randaugment", language)
    mixing = {"mixup": augment.mixup, "cutmix": augment.cutmix}
    if any(mixing.values()):
        how = ", ".join(f"{name} {alpha:g}" for name, alpha in mixing.items() if alpha)
        yield say("show.mixed", language, how=how)
    if sights.data is None:
        yield say("show.as_alone", language)


def _spread(median: float, worst: float) -> dict[str, str]:
    return {"median": share_text(median), "worst": share_text(worst)}
