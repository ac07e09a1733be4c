"""Striate: a workbench for the classic convolutional networks.

    import striate as st

    run = st.train("photos/")                       # a folder of class folders in, a run folder out
    for event in st.training("photos/"): ...        # the same, event by event; break, and st.resume(run) goes on
    st.evaluate(run.path).top1
    st.predict(run.path, "cat.jpg")
    st.ensemble(["runs/a", "runs/b"]).top1
    st.describe("lenet5").parameters
    st.check("photos/").findings                    # copies, leaks, broken files, ..., before anything is learned
    st.show("photos/").overall.kept                 # what is left of a picture once it is the network's input
    st.ablate("batch-norm", quick=True).arms        # an experiment: arms, seeds, and what their differences are worth
    st.learn("regression")                          # a lesson of the chapter, with every number in its trace
    st.sample(4000, 1000).train.images              # the built-in pictures as arrays, for a loop of one's own
    network = st.create("lenet5", classes=5)        # an ordinary torch.nn.Module

Importing it touches no disk, no network and no random state, and loads PyTorch only when something needs it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from striate.architecture import Architecture, Fact, Paper
    from striate.crops import Crops
    from striate.fitting.changes import Changes
    from striate.lessons.learn import learn
    from striate.lessons.small import sample
    from striate.model import Model
    from striate.nets import CATALOGUE
    from striate.problem import BadData, Failed, Misuse, Problem
    from striate.recipe import Recipe, View
    from striate.run import Run
    from striate.verbs.ablate import ablate, ablating
    from striate.verbs.check import check, checking
    from striate.verbs.compare import compare
    from striate.verbs.create import create
    from striate.verbs.describe import describe
    from striate.verbs.doctor import doctor
    from striate.verbs.ensemble import ensemble
    from striate.verbs.evaluate import evaluate
    from striate.verbs.lr_find import lr_find
    from striate.verbs.predict import predict, predicting
    from striate.verbs.show import show
    from striate.verbs.train import resume, resuming, train, training

_HOME = {
    "Architecture": "architecture",
    "BadData": "problem",
    "CATALOGUE": "nets",
    "Changes": "fitting.changes",
    "Crops": "crops",
    "Fact": "architecture",
    "Failed": "problem",
    "Misuse": "problem",
    "Model": "model",
    "Paper": "architecture",
    "Problem": "problem",
    "Recipe": "recipe",
    "Run": "run",
    "View": "recipe",
    "ablate": "verbs.ablate",
    "ablating": "verbs.ablate",
    "check": "verbs.check",
    "checking": "verbs.check",
    "compare": "verbs.compare",
    "create": "verbs.create",
    "describe": "verbs.describe",
    "doctor": "verbs.doctor",
    "ensemble": "verbs.ensemble",
    "evaluate": "verbs.evaluate",
    "learn": "lessons.learn",
    "lr_find": "verbs.lr_find",
    "predict": "verbs.predict",
    "predicting": "verbs.predict",
    "resume": "verbs.train",
    "resuming": "verbs.train",
    "sample": "lessons.small",
    "show": "verbs.show",
    "train": "verbs.train",
    "training": "verbs.train",
}

__all__ = [
    "CATALOGUE",
    "Architecture",
    "BadData",
    "Changes",
    "Crops",
    "Fact",
    "Failed",
    "Misuse",
    "Model",
    "Paper",
    "Problem",
    "Recipe",
    "Run",
    "View",
    "ablate",
    "ablating",
    "check",
    "checking",
    "compare",
    "create",
    "describe",
    "doctor",
    "ensemble",
    "evaluate",
    "learn",
    "lr_find",
    "predict",
    "predicting",
    "resume",
    "resuming",
    "sample",
    "show",
    "train",
    "training",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'striate' has no attribute {name!r}")
    return getattr(import_module(f"striate.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
