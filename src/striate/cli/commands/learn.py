"""The options of ``striate learn``, and those of the topic asked for, as its file declares them."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from striate.cli.commands.texts import Texts
from striate.cli.forms import form_of
from striate.cli.learning import Wish, show_lesson, show_topics
from striate.lessons.catalogue import Topic, find_topic
from striate.lessons.options import Numbers, Option, options_of
from striate.lessons.parts import shown
from striate.problem import Misuse
from striate.words import say


def add(app: typer.Typer, texts: Texts, asked: str | None) -> None:
    """The command, with a command of its own for the topic asked for: no other topic's file is loaded."""
    topics = typer.Typer(help=texts.help("learn"), add_completion=False, rich_markup_mode=None)

    @topics.callback(invoke_without_command=True)
    def learn(context: typer.Context, json: Annotated[bool, texts.option("json", "--json")] = False) -> int:
        return show_topics(form_of(json=json), texts.language) if context.invoked_subcommand is None else 0

    if asked is not None:
        topic = find_topic(asked)
        topics.command(topic.name, help=say(f"lesson.{topic.name}.help", texts.language))(_command(topic, texts))
    app.add_typer(topics, name="learn")


def _command(topic: Topic, texts: Texts) -> Callable[..., int]:
    """A function whose parameters are the topic's options, as Typer reads them."""
    options = options_of(topic)

    def run(**given: Any) -> int:
        html, as_json, quiz = (given.pop(name) for name in ("html", "json", "quiz"))
        if as_json and quiz:
            raise Misuse("options.forms", one="--json", other="--quiz")
        return show_lesson(topic, given, Wish(html, "json" if as_json else "quiz" if quiz else "text"), texts.language)

    common = (
        _parameter("html", Path | None, None, "--html", texts.help("learn.html")),
        _parameter("quiz", bool, False, "--quiz", texts.help("learn.quiz")),
        _parameter("json", bool, False, "--json", texts.help("learn.json")),
    )
    own = (_own(topic, option, texts.language) for option in options)
    run.__signature__ = inspect.Signature([*own, *common])  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in run.__signature__.parameters.values()}  # type: ignore[attr-defined]
    return run


def _own(topic: Topic, option: Option, language: str) -> inspect.Parameter:
    """An option of a topic; numbers are typed as text, and its help ends with what it is otherwise."""
    as_text = option.kind == Numbers or option.choices
    kind = str if as_text else option.kind
    default = ",".join(shown(each) for each in option.default) if option.kind == Numbers else option.default
    words = say(f"lesson.{topic.name}.option.{option.name}", language)
    if option.choices:
        words = f"{words} {', '.join(option.choices)}."
    if option.kind is not bool and default not in ("", None):
        words = f"{words} ({say('learn.default', language, value=str(default))})"
    flags = f"{option.flag}/--no-{option.flag[2:]}" if option.kind is bool else option.flag
    return _parameter(option.name, kind, default, flags, words)


def _parameter(name: str, kind: Any, default: Any, flag: str, words: str) -> inspect.Parameter:
    annotation = Annotated[kind, typer.Option(flag, help=words, show_default=False)]
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
