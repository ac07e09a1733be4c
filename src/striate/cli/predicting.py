"""``striate predict``: pictures in, a line each out, as soon as it is known."""

import sys
from pathlib import Path

from striate.cli.forms import Form, csv_writer, print_json
from striate.crops import Crops
from striate.model import Model
from striate.problem import BadData, Misuse
from striate.verbs.predict import Prediction, predicting
from striate.words import say


def run_prediction(
    model: Model | str, pictures: list[str], *, crops: Crops, topk: int, form: Form, language: str
) -> int:
    """Prints the answers; 3 where not one picture was answered."""
    if topk < 1:
        raise Misuse("predict.topk", value=topk)
    if "-" in pictures and len(pictures) > 1:
        raise Misuse("predict.stdin")
    source = sys.stdin.buffer.read() if pictures == ["-"] else [Path(each) for each in pictures]
    rows = csv_writer()
    if form == "csv":
        rows.writerow(["image", "rank", "label", "score", "error"])
    answered = asked = 0
    for each in predicting(model, source, topk=topk, crops=crops):
        asked += 1
        answered += each.error is None
        if form == "json":
            print_json(each.as_json())
        elif form == "csv":
            rows.writerows(_rows(each))
        else:
            _print(each, language)
    if not asked:
        raise BadData("predict.none", path=", ".join(pictures))
    return 0 if answered else BadData.exit_code


def _rows(prediction: Prediction) -> list[list[object]]:
    if prediction.error:
        return [[prediction.image, "", "", "", say(prediction.error)]]
    return [[prediction.image, rank, each.label, each.score, ""] for rank, each in enumerate(prediction.top, 1)]


def _print(prediction: Prediction, language: str) -> None:
    if prediction.error:
        print(f"{prediction.image}: {say(prediction.error, language)}", file=sys.stderr)
        return
    print(prediction.image)
    for guess in prediction.top:
        print(f"  {100 * guess.score:5.1f} %  {guess.label}")
