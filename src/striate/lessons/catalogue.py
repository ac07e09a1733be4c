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


# What a reader calls it: the glossary's terms that point to a topic, their other names too, are all here.
# fmt: off
TOPICS = (
    Topic("copy", "python", ("deepcopy", "shallow-copy", "얕은 복사", "깊은 복사")),
    Topic("zip", "python"),
    Topic("inplace", "python", ("underscore",)),
    Topic("kinds", "learning", ("ai", "machine-learning", "training", "학습", "훈련", "트레이닝")),
    Topic("classifiers", "learning", (
        "svm", "knn", "k-nn", "random-forest", "decision-tree", "k-means", "pca", "분류기",
    )),
    Topic("bias-variance", "learning", (
        "overfitting", "underfitting", "과적합", "과소적합", "과대적합", "오버피팅", "과잉적합", "언더피팅",
        "validation picture", "검증 사진", "밸리데이션",
    )),
    Topic("metrics", "evaluation", (
        "roc", "정확도", "정밀도", "재현율", "위양성률", "임계값", "평가 지표", "roc 곡선", "accuracy",
        "정분류율", "precision", "recall", "민감도", "fall-out", "거짓 양성 비율", "threshold", "문턱값", "역치",
    )),
    Topic("regression", "regression", (
        "least-squares", "최소제곱법", "다중 선형 회귀", "평균 제곱 오차", "mean squared error", "최소자승법",
    )),
    Topic("logistic", "regression", (
        "cross-entropy", "교차 엔트로피", "loss", "손실", "로스", "비용 함수", "크로스 엔트로피", "weight decay",
        "가중치 감쇠", "가중치 감소", "웨이트 디케이",
    )),
    Topic("descent", "descent", (
        "gradient-descent", "학습률", "기울기", "경사 하강", "step", "스텝", "이터레이션", "learning rate",
        "러닝 레이트", "학습 속도율", "gradient", "그래디언트", "그라디언트", "구배", "기울기 하강",
    )),
    Topic("optimisers", "descent", (
        "optimizers", "adam", "momentum", "최적화 방법", "모멘텀", "optimiser", "옵티마이즈", "최적화기",
        "관성 항",
    )),
    Topic("newton", "descent", ("second-order", "이차미분을 통한 최적화")),
    Topic("perceptron", "neural-networks", ("rosenblatt",)),
    Topic("xor", "neural-networks", (
        "multilayer-perceptron", "다층 퍼셉트론", "퍼셉트론의 한계", "은닉층", "xor 문제", "neuron", "뉴런",
        "노드", "hidden layer", "히든", "epoch", "에폭", "에포크", "이폭", "seed", "시드", "씨앗",
    )),
    Topic("backprop", "neural-networks", (
        "backpropagation", "back-propagation", "역전파", "순전파", "forward pass", "포워드",
    )),
    Topic("graphs", "deep-learning", ("define-by-run", "define-and-run", "frameworks", "정적 그래프", "동적 그래프")),
    Topic("recurrent", "deep-learning", ("rnn", "순환 계층")),
    Topic("history", "deep-learning", ("ilsvrc", "top-5 error", "top-5 오류율", "상위 5 오류율", "상위 5개")),
    Topic("activations", "activations", (
        "activation", "relu", "sigmoid", "activation function", "활성 함수", "액티베이션",
    )),
    Topic("vanishing", "activations", (
        "dead-relu", "기울기 소실", "초기 가중치", "죽은 relu", "vanishing gradient", "그래디언트 소실",
        "경사 소실", "기울기 사라짐", "initial weights", "처음 가중치", "첫 가중치",
    )),
    Topic("whitening", "normalisation", (
        "covariate-shift", "화이트닝", "내부 공변량 변화", "internal covariate shift", "내부 공변량 이동",
        "공분산 이동", "백색화",
    )),
    Topic("batch-norm", "normalisation", (
        "batchnorm", "bn", "배치 정규화", "batch normalisation", "배치 노멀라이제이션", "일괄 정규화", "batch",
        "배치", "배치사이즈",
    )),
    Topic("convolution", "convolution", (
        "conv", "합성곱", "합성곱 계층", "커널", "보폭", "cnn", "convolutional layer", "합성곱층",
        "합성곱 레이어", "컨볼루션 층", "컨볼루션", "콘볼루션", "kernel", "stride", "스트라이드", "bias", "편향",
        "바이어스", "patch", "조각", "패치",
    )),
    Topic("pooling", "convolution", (
        "pool", "풀링", "특징 맵", "feature map", "특성맵", "활성화 맵", "fully connected layer",
        "완전 연결 계층", "완전연결", "전결합", "밀집층", "선형 계층", "어파인",
    )),
    Topic("sparse", "convolution", (
        "weight-sharing", "희소 연결", "가중치 공유", "weight", "가중치", "웨이트", "sparse connection", "스파스",
    )),
    Topic("gap", "convolution", ("global-average-pooling", "글로벌 평균 풀링", "전역 풀링")),
    Topic("stacking", "convolution", (
        "receptive-field", "수용 영역", "유효 수용 영역", "작은 필터", "filter", "필터", "수용장", "수용야",
        "감수야", "effective receptive field", "pixel", "픽셀", "화소",
    )),
    Topic("invariance", "convolution", ("translation-invariance", "equivariance", "이동 불변성", "이동 불변 특성")),
    Topic("separable", "convolution", (
        "depthwise", "점별 합성곱", "channel", "채널", "깊이 분리", "깊이 방향", "뎁스와이즈",
        "pointwise convolution", "포인트와이즈",
    )),
    Topic("blocks", "convolution", (
        "block-order", "드롭아웃", "max pooling", "최댓값 풀링", "최대 풀링", "맥스 풀링", "average pooling",
        "평균 풀링", "에버리지 풀링", "dropout", "드랍아웃",
    )),
    Topic("augmentation", "pictures", (
        "data-augmentation", "데이터 확장", "데이터 증대", "데이터 증식", "picture", "사진", "이미지",
    )),
    Topic("ensembles", "pictures", ("ensemble", "crop", "크롭", "잘라내기")),
    Topic("cost", "pictures", ("곱셈-누산", "mac", "multiply-accumulate", "곱셈-덧셈")),
)
# fmt: on
_NEAR = 0.75  # the share of letters, Hangul taken apart, from which on a name may be a slip of the finger


def find_topic(name: str) -> Topic:
    """The topic of a name, an alias, a title or a chapter in any language; Misuse for an unknown one."""
    wanted = _plain(name)
    names = _chapters() | {_plain(each): topic for topic in TOPICS for each in _names(topic)}
    if wanted in names:
        return names[wanted]
    close = nearest(wanted, names, alike=_NEAR)
    raise Misuse("learn.unknown", name=name, nearest=names[close].name if close else "")


def _chapters() -> dict[str, Topic]:
    """The headings of the list, each with the first topic below it."""
    return {
        _plain(heading): topic
        for topic in reversed(TOPICS)
        for heading in (topic.chapter, *(say(f"learn.chapter.{topic.chapter}", language) for language in LANGUAGES))
    }


def _names(topic: Topic) -> Sequence[str]:
    return (topic.name, *topic.aliases, *(topic.title(language) for language in LANGUAGES))


def _plain(name: str) -> str:
    """Its single letters, small, without what words are joined by."""
    letters = unicodedata.normalize("NFD", name).casefold()
    return "".join(letter for letter in letters if letter not in " -_")
