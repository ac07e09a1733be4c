"""``striate train --dry-run``: the recipe, who says so, and what would be done, without doing it."""

from dataclasses import asdict

from striate.cli import kin
from striate.cli.forms import Form, print_json
from striate.cli.text import counted, recipe_source, sample, table, times
from striate.data.samples import Arrays
from striate.fitting.planning import Plan
from striate.fitting.sheet import ASKED, ASSUMED, OURS, as_json, freezes_drawn, sheet
from striate.recipe import to_json
from striate.words import say


def show_plan(plan: Plan, form: Form, language: str) -> int:
    """Prints what a training would be."""
    recipe, found = plan.recipe, plan.divided.found
    lines = sheet(recipe, plan.architecture)
    images = {part: len(samples) for part, samples in plan.divided.parts.items()}
    if form == "json":
        print_json(
            {
                "net": plan.architecture.name, "data": found.name, "classes": list(found.classes), "images": images,
                "recipe": to_json(recipe), "sheet": as_json(lines), "seed": plan.seed,
                "kinship": asdict(plan.divided.kinship) if plan.divided.kinship else None,
            }
        )  # fmt: skip
        return 0
    shape = times((recipe.view.channels, *recipe.view.size))
    print(say("train.data", language, name=found.name, classes=len(found.classes), images=counted(images, language)))
    for remark in found.remarks:
        print("  " + remark.text(language))
    if found.absent:
        print("  " + say("plan.absent", language, count=len(found.absent), names=sample(found.absent, 3)))
    if not all(isinstance(samples, Arrays) for samples in plan.divided.parts.values()):
        print(say("plan.by_name", language))
    for line in kin.told(plan.divided.kinship, language):
        print(line)
    print(say("plan.net", language, net=plan.architecture.name, input=shape))
    print(say("plan.recipe", language, source=recipe_source(recipe.source, language)))
    print()
    scaled = {each.part for each in recipe.changed}
    rows = [
        [say(f"part.{line.part}", language), line.value, _source(line.source, line.part in scaled, language)]
        for line in lines
    ]
    print(table([say(f"column.{key}", language) for key in ("part", "value", "source")], rows, left=3))
    told = [
        *(say("plan.changed", language, part=say(f"part.{each.part}", language), before=each.before, after=each.after,
              rule=say(each.rule, language)) for each in recipe.changed),
        *([say("train.frozen_random", language)] if freezes_drawn(recipe) else []),
        *(say("train.disputed", language, text=text) for text in recipe.disputed),
        *(say("train.assumed", language, text=text) for text in recipe.assumed),
    ]  # fmt: skip
    if told:
        print("\n" + "\n".join(told))
    print("\n" + say("plan.nothing_done", language))
    return 0


def _source(source: str, scaled: bool, language: str) -> str:
    told = say(f"source.{source}", language) if source in (ASSUMED, ASKED, OURS) else source
    return say("source.scaled", language, source=told) if scaled else told
