"""A lesson as a web page: one file that needs no server and no internet, with charts that answer to sliders."""

import html
import json
from collections.abc import Callable
from typing import Any

from striate.lessons.formulas import written_in
from striate.lessons.parts import Chart, Code, Formula, Heading, Lesson, Part, Question, Say, Table, Text
from striate.words import say

_STYLE = """
:root { color-scheme: light dark; --ink: #16191d; --faint: #5b626b; --line: #d9dbde; --paper: #fff; --tint: #f4f5f6; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaed; --faint: #a2a9b2; --line: #3b4148; --paper: #16191d; --tint: #20252b; } }
body { font: 17px/1.6 system-ui, "Noto Sans KR", "Malgun Gothic", sans-serif; color: var(--ink);
  background: var(--paper); max-width: 46rem; margin: 2rem auto 4rem; padding: 0 1rem; word-break: keep-all; }
h1 { font-size: 1.9rem; line-height: 1.25; } h2 { font-size: 1.25rem; margin-top: 2.2rem; }
pre { background: var(--tint); padding: .8rem 1rem; overflow-x: auto; border-radius: 6px; line-height: 1.5; }
pre code, pre samp { white-space: pre-wrap; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; } .scroll, pre.formula {
  background-image: linear-gradient(var(--under), var(--under)), linear-gradient(var(--under), var(--under)),
    linear-gradient(90deg, #8886, #8880), linear-gradient(270deg, #8886, #8880);
  background-position: left, right, left, right; background-repeat: no-repeat;
  background-size: 1rem 100%, 1rem 100%, .7rem 100%, .7rem 100%;
  background-attachment: local, local, scroll, scroll; } /* a shade at a side where there is more */
.scroll { --under: var(--paper); } pre.formula { --under: var(--tint); }
table { border-collapse: collapse; margin: .8rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .8rem; border-bottom: 1px solid var(--line); text-align: right; }
th.words, td.words { text-align: left; } td.words:first-child { white-space: nowrap; }
caption { text-align: left; color: var(--faint); }
figure { margin: 1.2rem 0; } figcaption { color: var(--faint); font-size: .92rem; }
.chart { background: #fff; color: #16191d; border-radius: 6px; padding: .6rem; overflow-x: auto; color-scheme: light; }
.vega-embed { display: flex !important; flex-direction: column; } .vega-bindings { order: -1; }
.vega-bind, .vega-bind label { display: flex; gap: .6rem; align-items: center; padding: .25rem 0; }
.vega-bind-name { min-width: 10rem; } .vega-bind input[type=range] { width: 18rem; max-width: 60vw; }
details { border-left: 4px solid #21918c; padding: .2rem 1rem; margin: 1rem 0; background: var(--tint); }
summary { cursor: pointer; } footer { color: var(--faint); font-size: .9rem; margin-top: 3rem; }
"""

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
{following}</main>
<footer>{footer}</footer>
{scripts}
</body>
</html>
"""


def as_page(lesson: Lesson, language: str) -> str:
    """The whole page; its charts are drawn by the browser."""
    import vl_convert

    specs: list[dict[str, Any]] = []

    def live(chart: Chart) -> str:
        specs.append(_configured(chart, language))
        return f'<div class="chart" id="chart-{len(specs)}"></div>'

    body = _body(lesson, language, live)
    scripts = ""
    if specs:
        calls = "".join(
            f"vegaEmbed('#chart-{at}', {_script_json(spec)}, {{actions: false, renderer: 'svg'}});\n"
            for at, spec in enumerate(specs, 1)
        )
        library = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
        scripts = f"<script>{library}</script>\n<script>\n{calls}</script>"
    footer = html.escape(say("lesson.footer", language, command=lesson.command(language)))
    return _PAGE.format(
        language=language, title=html.escape(lesson.title.text(language)), style=_STYLE, body=body, footer=footer,
        scripts=scripts, following=_following(lesson, language),
    )  # fmt: skip


def _following(lesson: Lesson, language: str) -> str:
    """The commands to try next."""
    if not lesson.more:
        return ""
    lines = html.escape("\n".join(lesson.following(language)))
    return f"<h2>{html.escape(say('learn.next', language))}</h2>\n<pre><code>{lines}</code></pre>\n"


def as_fragment(lesson: Lesson, language: str) -> str:
    """The lesson for a notebook, its charts as they are at first, drawn as SVG."""
    import vl_convert

    def still(chart: Chart) -> str:
        return f'<div class="chart">{vl_convert.vegalite_to_svg(_configured(chart, language))}</div>'

    return f"<h2>{html.escape(lesson.title.text(language))}</h2>\n{_body(lesson, language, still)}"


def _configured(chart: Chart, language: str) -> dict[str, Any]:
    """The chart's declaration, in the fonts of the page."""
    spec: dict[str, Any] = chart.draw(language).to_dict()
    spec["config"] = {"font": 'system-ui, "Noto Sans KR", sans-serif', "view": {"stroke": None}, **spec["config"]}
    spec["description"] = chart.summary.text(language)
    return spec


def _script_json(value: object) -> str:
    """JSON that may stand inside a script element."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _body(lesson: Lesson, language: str, drawn: Callable[[Chart], str]) -> str:
    return "\n".join(_shown(part, language, drawn) for part in lesson.parts)


def _shown(part: Part, language: str, drawn: Callable[[Chart], str]) -> str:
    def text(value: Text) -> str:
        return html.escape(value if isinstance(value, str) else value.text(language))

    match part:
        case Heading():
            return f"<h2>{text(part.text)}</h2>"
        case Say():
            return f"<p>{text(part.text)}</p>"
        case Formula():
            return f'<pre class="formula">{html.escape(chr(10).join(written_in(part.lines, language)))}</pre>'
        case Code():
            printed = f"<pre><samp>{html.escape(part.printed)}</samp></pre>" if part.printed else ""
            return f"<pre><code>{html.escape(part.source)}</code></pre>{printed}"
        case Question():
            return f"<details><summary>{text(part.asked)}</summary><p>{text(part.answer)}</p></details>"
        case Chart():
            title, summary = text(part.question), text(part.summary)
            return f"<figure><h3>{title}</h3>{drawn(part)}<figcaption>{summary}</figcaption></figure>"
        case Table():
            return _table(part, text)


def _table(part: Table, text: Callable[[Text], str]) -> str:
    def row(cells: tuple[Text, ...], tag: str) -> str:
        kinds = (' class="words"' if at < part.left else "" for at in range(len(cells)))
        return "<tr>" + "".join(f"<{tag}{kind}>{text(cell)}</{tag}>" for cell, kind in zip(cells, kinds, strict=True))

    caption = f"<caption>{text(part.caption)}</caption>" if part.caption else ""
    body = "\n".join(row(each, "td") for each in part.rows)
    head = f"<thead>{row(part.header, 'th')}</thead>"
    return f'<div class="scroll"><table>{caption}{head}<tbody>{body}</tbody></table></div>'
