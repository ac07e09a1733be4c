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
    Topic("bias-variance", "learning", ("overfitting", "underfitting", "과적합", "과소적합")),
    Topic("metrics", "evaluation", ("roc", "정확도", "정밀도", "재현율", "위양성률", "임계값")),
    Topic("regression", "regression", ("least-squares", "최소제곱법", "다중 선형 회귀", "평균 제곱 오차")),
    Topic("logistic", "regression", ("cross-entropy", "교차 엔트로피")),
    Topic("descent", "descent", ("gradient-descent", "학습률", "기울기")),
    Topic("optimisers", "descent", ("optimizers", "adam", "momentum", "최적화 방법", "모멘텀")),
    Topic("newton", "descent", ("second-order", "이차미분을 통한 최적화")),
    Topic("perceptron", "neural-networks", ("rosenblatt",)),
    Topic("xor", "neural-networks", ("multilayer-perceptron", "다층 퍼셉트론", "퍼셉트론의 한계", "은닉층")),
    Topic("backprop", "neural-networks", ("backpropagation", "back-propagation", "역전파", "순전파")),
    Topic("graphs", "deep-learning", ("define-by-run", "define-and-run", "frameworks")),
    Topic("recurrent", "deep-learning", ("rnn",)),
    Topic("history", "deep-learning", ("ilsvrc",)),
    Topic("activations", "activations", ("activation", "relu", "sigmoid")),
    Topic("vanishing", "activations", ("dead-relu", "기울기 소실", "초기 가중치")),
    Topic("whitening", "normalisation", ("covariate-shift", "화이트닝", "내부 공변량 변화")),
    Topic("batch-norm", "normalisation", ("batchnorm", "bn", "배치 정규화")),
    Topic("convolution", "convolution", ("conv", "합성곱", "합성곱 계층", "커널", "보폭")),
    Topic("pooling", "convolution", ("pool", "풀링", "특징 맵")),
    Topic("sparse", "convolution", ("weight-sharing", "희소 연결", "가중치 공유")),
    Topic("gap", "convolution", ("global-average-pooling",)),
    Topic("stacking", "convolution", ("receptive-field", "수용 영역", "유효 수용 영역")),
    Topic("invariance", "convolution", ("translation-invariance", "equivariance", "이동 불변성")),
    Topic("separable", "convolution", ("depthwise", "점별 합성곱")),
    Topic("blocks", "convolution", ("block-order", "드롭아웃")),
    Topic("augmentation", "pictures", ("data-augmentation",)),
    Topic("ensembles", "pictures", ("ensemble",)),
    Topic("cost", "pictures", ("곱셈-누산",)),
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
