"""A lesson by its name, for programs and notebooks."""

from striate.lessons.catalogue import find_topic
from striate.lessons.options import lesson_of
from striate.lessons.parts import Lesson


def learn(topic: str, **options: object) -> Lesson:
    """The lesson of a topic, worked out for the options given, by the names that ``striate learn TOPIC --help`` lists.

    A notebook shows it as a page; ``.trace`` has every number. Misuse for what makes no sense, BadData for numbers that
    cannot be used.
    """
    return lesson_of(find_topic(topic), options)
