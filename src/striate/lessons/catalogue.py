"""The topics in the order of the chapter, as plain data: listing them loads nothing."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from striate.problem import Misuse
from striate.words import DEFAULT_LANGUAGE, LANGUAGES, nearest, say


@dataclass(frozen=True)
class Topic:
    """A topic's name on the command line; its file is topics/NAME.py, with underscores."""

    name: str
    chapter: str  # the part of the list that it stands in
    aliases: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        return f"striate.lessons.topics.{self.name.replace('-', '_')}"

    def title(self, language: str = DEFAULT_LANGUAGE) -> str:
        return say(f"lesson.{self.name}.title", language)


TOPICS = (
    Topic("copy", "python", ("deepcopy", "shallow-copy")),
    Topic("zip", "python"),
    Topic("inplace", "python", ("underscore",)),
    Topic("kinds", "learning", ("ai", "machine-learning")),
    Topic("classifiers", "learning", ("svm", "knn", "k-nn", "random-forest", "decision-tree", "k-means", "pca")),
    Topic("bias-variance", "learning", ("overfitting", "underfitting")),
    Topic("metrics", "evaluation", ("roc",)),
    Topic("regression", "regression", ("least-squares", "최소제곱법", "다중 선형 회귀")),
    Topic("logistic", "regression", ("cross-entropy", "교차 엔트로피")),
    Topic("descent", "descent", ("gradient-descent",)),
    Topic("optimisers", "descent", ("optimizers", "adam", "momentum", "최적화 방법")),
    Topic("newton", "descent", ("second-order", "이차미분을 통한 최적화")),
    Topic("perceptron", "neural-networks", ("rosenblatt",)),
    Topic("xor", "neural-networks", ("multilayer-perceptron", "다층 퍼셉트론", "퍼셉트론의 한계")),
    Topic("backprop", "neural-networks", ("backpropagation", "back-propagation", "역전파")),
    Topic("graphs", "deep-learning", ("define-by-run", "define-and-run", "frameworks")),
    Topic("recurrent", "deep-learning", ("rnn",)),
    Topic("history", "deep-learning", ("ilsvrc",)),
    Topic("activations", "activations", ("activation", "relu", "sigmoid")),
    Topic("vanishing", "activations", ("dead-relu",)),
    Topic("whitening", "normalisation", ("covariate-shift",)),
    Topic("batch-norm", "normalisation", ("batchnorm", "bn")),
    Topic("convolution", "convolution", ("conv",)),
    Topic("pooling", "convolution", ("pool",)),
    Topic("sparse", "convolution", ("weight-sharing",)),
    Topic("gap", "convolution", ("global-average-pooling",)),
    Topic("stacking", "convolution", ("receptive-field",)),
    Topic("invariance", "convolution", ("translation-invariance", "equivariance")),
    Topic("separable", "convolution", ("depthwise",)),
    Topic("blocks", "convolution", ("block-order",)),
    Topic("augmentation", "pictures", ("data-augmentation",)),
    Topic("ensembles", "pictures", ("ensemble",)),
    Topic("cost", "pictures"),
)


def find_topic(name: str) -> Topic:
    """The topic of a name, an alias or a title in any language; Misuse for an unknown one."""
    wanted = _plain(name)
    names = {_plain(each): topic for topic in TOPICS for each in _names(topic)}
    if wanted in names:
        return names[wanted]
    raise Misuse("learn.unknown", name=name, nearest=nearest(wanted, names))


def _names(topic: Topic) -> Sequence[str]:
    return (topic.name, *topic.aliases, *(topic.title(language) for language in LANGUAGES))


def _plain(name: str) -> str:
    """Composed, in small letters, without what words are joined by."""
    composed = unicodedata.normalize("NFC", name).casefold()
    return "".join(letter for letter in composed if letter not in " -_")
