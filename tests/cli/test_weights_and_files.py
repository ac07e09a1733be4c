"""Weights and files that are named on the command line, and are there or not."""

from pathlib import Path

import pytest

from striate.cli import run
from striate.fitting.changes import Changes
from striate.fitting.planning import planned
from striate.verbs.train import train
from tests.refusals import refused


@pytest.mark.parametrize("net", ["lenet5", "googlenet", "resnet18"])
def test_a_folder_of_weights_that_is_not_there_is_told_as_that(net: str, garments: Path, tmp_path: Path) -> None:
    gone = f"{tmp_path}/gone/"
    for command in (["evaluate", net, garments], ["train", garments, "--net", net, "--dry-run"]):
        message = refused(*command, "--weights", gone, code=2)
        assert f"there is no folder or file {gone}" in message
        assert "published" not in message


def test_weights_of_a_run_bring_their_network(garments: Path, tmp_path: Path) -> None:
    made = train(garments, net="lenet5_modern", epochs=1, out=tmp_path / "run")
    again = planned(garments, recipe=Changes("modern", start=str(made.path)))
    assert again.architecture.name == "lenet5_modern"
    assert planned(garments).architecture.name != "lenet5_modern"


def test_an_experiment_whose_file_is_not_there_is_told_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    message = refused("ablate", "nofile.toml", code=2)
    assert "there is no file nofile.toml" in message
    assert "striate ablate --list" in message
    assert "Errno" not in message
    assert run(["ablate", "nofile.toml"], "ko") == 2
    assert "nofile.toml 파일이 없습니다" in capsys.readouterr().err
