"""Options that do not go together, where no other file has them."""

import pytest

from striate.cli import run
from striate.cli.together import refuse_beside, refuse_two_forms
from striate.problem import Misuse


def test_predict_takes_one_form_of_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["predict", "efficientnet_lite0", "a.jpg", "--csv", "--json"]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert "--json and --csv are two forms of output" in err


def test_one_form_and_none_are_fine() -> None:
    refuse_two_forms({"--json": False, "--csv": False})
    refuse_two_forms({"--json": True, "--csv": False})
    refuse_beside("--json", {"--worked": False})


def test_both_are_named_in_every_language() -> None:
    for language in ("en", "ko"):
        with pytest.raises(Misuse) as caught:
            refuse_two_forms({"--json": True, "--csv": True, "--markdown": True})
        assert "--json" in caught.value.text(language)
        assert "--csv" in caught.value.text(language)
        with pytest.raises(Misuse) as caught:
            refuse_beside("--json", {"--depth": False, "--worked": True})
        assert "--worked" in caught.value.text(language)
