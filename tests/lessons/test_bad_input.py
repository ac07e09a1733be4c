"""What a student may type that makes no sense: a sentence that teaches, exit code 2 or 3, and never a traceback."""

import json
from pathlib import Path

import pytest

from striate import learn
from striate.cli import run
from striate.lessons.catalogue import TOPICS
from striate.lessons.options import Numbers, options_of
from striate.problem import BadData, Misuse

WRONG = [
    # what, exit code, and what the sentence has in it
    ("zip --numbers 1,nan", 3, "--numbers holds nan at place 2"),
    ("zip --letters 27", 3, "too long"),
    ("zip --letters -1", 3, "too long or too short"),
    ("copy --values 1e60", 3, "1e50"),
    ("copy --values=", 3, "list of 0 numbers"),
    ("inplace --values=", 3, "no numbers"),
    ("inplace --add inf", 2, "--add must be a finite number"),
    ("kinds --chances 0.5", 2, "nothing to choose from"),
    ("kinds --chances 0.5,2", 2, "2 is no chance"),
    ("kinds --steps 99999999999999999999", 2, "from 1 to 50,000"),
    ("kinds --explore -1", 2, "no chance"),
    ("classifiers --pictures 0", 2, "pictures must be"),
    ("classifiers --clusters 301", 3, "301"),
    ("classifiers --steps 0", 2, "from 1 to 3,000"),
    ("classifiers --pictures 1000000", 2, "from 1 to 3,000"),
    ("bias-variance --points 5", 2, "5 points cannot determine"),
    ("bias-variance --noise 1e300", 2, "--noise must be"),
    ("bias-variance --samples 1", 2, "samples must be"),
    ("metrics --threshold nan", 2, "--threshold must be"),
    ("metrics --targets 1,1 --scores 1,2", 3, "1"),
    ("metrics --targets 2,0 --scores 1,1", 3, "neither of the two classes"),
    ("metrics --targets= --scores=", 3, "no numbers"),
    ("regression --x 4,4,4,4", 3, "all x are 4"),
    ("regression --x 3 --y 4", 3, "a single example"),
    ("regression --x 1,2,3", 3, "--x and --y together"),
    ("regression --x 1,2 --y 1", 3, "cannot be paired"),
    ("regression --x two,4 --y 1,2", 2, "number 1 of two,4 is two, which is no number"),
    ("regression --x 1,inf --y 1,2", 3, "--x holds inf at place 2"),
    ("regression --x 1,2,3 --y 1,2,3 --x2 2,4,6", 3, "follows"),
    ("regression --x 1,2,3 --y 1,2,3 --x2 1", 3, ""),
    ("logistic --targets 1,1,1,1,1,1", 3, "nothing to tell apart"),
    ("logistic --targets 0,1", 3, "cannot be paired"),
    ("logistic --rate -1", 2, "rate must be above 0"),
    ("logistic --penalty -1", 2, "penalty must be from 0"),
    ("logistic --steps 1000000", 2, "from 1 to 50,000"),
    ("descent --rate 0", 2, "rate must be above 0"),
    ("descent --steps 0", 2, "steps must be"),
    ("descent --function import_os", 2, "import_os"),
    ("descent --function log(x) --start -1", 3, "at the start"),
    ("descent --function x*y --start 1", 2, "start"),
    ("optimisers --surface nonsense", 2, "bowl"),
    ("optimisers --steps 1000000", 2, "from 1 to 2,000"),
    ("optimisers --function x**", 2, "x**"),
    ("newton --function 1/x --start 0", 3, "at the start"),
    ("newton --steps -1", 2, "steps must be"),
    ("perceptron --gate nand2", 2, "nand"),
    ("perceptron --x1 1,2", 2, "as many numbers in each of the three"),
    ("perceptron --x1 1,2 --x2 1,2 --targets 1,2", 3, "neither of the two classes"),
    ("perceptron --epochs 1000000", 2, "from 1 to 10,000"),
    ("xor --epochs 1000000", 2, "from 1 to 20,000"),
    ("xor --hidden 0", 2, "cannot be the sizes of a net"),
    ("xor --seed -1", 2, "seed must be"),
    ("ensembles --seed 99999999999999999999", 2, "seed must be"),
    ("invariance --furthest 99999999999999999999", 2, "furthest must be"),
    ("backprop --first 1,2,3", 2, "w11,w12,w21,w22"),
    ("backprop --x 1,2,3", 3, "3"),
    ("backprop --rate nan", 2, "--rate must be"),
    ("graphs --function nonsense", 2, "branched"),
    ("graphs --input=", 2, "--input holds no numbers"),
    ("recurrent --sequence=", 3, "no numbers"),
    ("recurrent --state-weight nan", 2, "--state-weight must be"),
    ("history --net nonsense", 2, "nonsense"),
    ("activations --function rely", 2, "relu"),
    ("activations --x=", 3, "--x holds no numbers"),
    ("activations --x 1,nan", 3, "--x holds nan at place 2"),
    ("vanishing --layers 1000000", 2, "from 1 to 100"),
    ("vanishing --rate -1", 2, "rate must be above 0"),
    ("whitening --batch 1", 2, "batch must be"),
    ("whitening --points 0", 2, "points must be"),
    ("batch-norm --x 3", 3, "one value"),
    ("batch-norm --x 1,2 --dy 1", 3, "dy has the shape 1, and 2 is needed"),
    ("batch-norm --momentum 2", 2, "momentum"),
    ("batch-norm --x 5,5,5 --eps 1e-300", 2, "eps must be 1e-100 or more"),
    ("convolution --picture 1,2/3", 2, "rows of 2, 1 numbers"),
    ("convolution --picture 1,a", 2, "number 2 of 1,a is a"),
    ("convolution --stride 0", 2, "stride must be"),
    ("convolution --pad 100", 2, "from 0 to 12"),
    ("pooling --size 9", 2, "does not fit into 4"),
    ("pooling --picture=", 3, "no numbers"),
    ("sparse --kernel 33", 2, "33"),
    ("gap --side 3", 2, "--side must be a whole number of 4 or more"),
    ("gap --side text", 2, "striate learn gap --help"),
    ("gap --net x", 2, "there is no option --net\n"),
    ("invariance --shift 100", 2, "there is no option --shift\n"),
    ("gap --classes 0", 2, "classes must be"),
    ("stacking --depth 1000000", 2, "from 1 to 100"),
    ("stacking --kernels 3 --strides 1,2", 3, "kernels has 1 entries and strides has 2"),
    ("stacking --kernels 2.5", 3, "kernels must be a whole number"),
    ("invariance --kernel 29", 2, "29"),
    ("separable --channels 0", 2, "channels must be"),
    ("blocks --values 1,2", 3, "16 values"),
    ("blocks --values " + ",".join(["1"] * 16), 3, "their variance is 0"),
    ("blocks --values 5", 3, "1 value makes no map"),
    ("blocks --values " + "0," * 15 + "1e-200", 3, "from 0 to 1e-200, so near each other"),
    ("gap --map=", 3, "--map holds no numbers"),
    ("cost --net=", 2, "no network called ''"),
    ("blocks --rate 1", 2, "rate must be"),
    ("augmentation --picture missing.png", 3, "no photo or file called missing.png"),
    ("augmentation --zoom nan", 2, "--zoom must be"),
    ("ensembles --given 0,1", 2, "0 has no logarithm"),
    ("ensembles --given 2,0.5", 2, "2"),
    ("ensembles --members 0", 2, "from 1 to 12"),
    ("cost --net nonsense", 2, "nonsense"),
    ("cost --batch 0", 2, "batch must be"),
]
RIGHT = [
    # extreme, but it can be shown: a rate that diverges, one that leads nowhere, and numbers near the largest ones
    "descent --rate 1", "descent --function log(x) --start 1 --rate 10", "optimisers --rate 1e9",
    "newton --function log(x) --start 3", "perceptron --gate xor --epochs 1000", "xor --rate 1000 --epochs 50",
    "logistic --rate 1e9 --steps 50", "backprop --first 1e9,1,1,1", "regression --x 1e30,2e30,4e30 --y 1,2,3",
    "batch-norm --x 5,5,5", "recurrent --state-weight 1e9", "activations --x=-1e49,1e49", "metrics --threshold 1e9",
    "pooling --picture 1 --size 1 --stride 1", "convolution --picture 1e49 --kernel 1e49", "kinds --chances 0,0",
    "bias-variance --noise 1e40", "stacking --kernels 3,3 --strides 1",
]  # fmt: skip


@pytest.mark.parametrize(("typed", "code", "words"), WRONG, ids=[typed for typed, _, _ in WRONG])
def test_it_is_refused_with_a_sentence(typed: str, code: int, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = {}
    for language in ("en", "ko"):
        assert run(["learn", *typed.split()], language) == code
        out, told[language] = capsys.readouterr()
        assert out == ""
        assert "Traceback" not in told[language]
    assert words in told["en"]
    assert told["ko"] != told["en"]


@pytest.mark.parametrize("typed", RIGHT)
def test_what_is_extreme_is_shown_without_a_warning(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["learn", *typed.split()]) == 0
    assert capsys.readouterr().err == ""
    assert run(["learn", *typed.split(), "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out, parse_constant=pytest.fail)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_no_topic_takes_an_option_that_it_has_not_nor_text_for_a_number(
    topic: object, capsys: pytest.CaptureFixture[str]
) -> None:
    name = topic.name
    assert run(["learn", name, "--nonsense", "1"]) == 2
    assert "--nonsense" in capsys.readouterr().err
    for option in options_of(topic):
        if option.kind in (int, float, Numbers):
            assert run(["learn", name, f"{option.flag}=text"]) == 2
            assert option.flag in capsys.readouterr().err
            with pytest.raises(Misuse, match=option.flag):
                learn(name, **{option.name: "text"})


def test_a_file_that_is_no_picture_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "notes.jpg"
    text.write_text("no picture", encoding="utf-8")
    for given in (text, tmp_path):
        assert run(["learn", "augmentation", "--picture", str(given)]) in (2, 3)
        assert given.name in capsys.readouterr().err


def test_a_page_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert run(["learn", "metrics", "--html", str(tmp_path / "file" / "page.html")]) == 1
    assert "the page" in capsys.readouterr().err


def test_a_program_is_told_the_same() -> None:
    with pytest.raises(Misuse, match="--rate takes a number, not fast"):
        learn("descent", rate="fast")
    with pytest.raises(Misuse, match="--x takes a number, not None"):
        learn("descent", x=(1, None))
    with pytest.raises(BadData, match="--x holds nan at place 1"):
        learn("descent", x=(float("nan"), 1.0))
