"""A network of a person's own, from a file, goes through every verb."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from striate import Failed, Misuse, Model, Run, create, describe, evaluate, lr_find, predict, train, training
from striate.architecture import _where
from striate.fitting.changes import Changes
from striate.fitting.events import Epoch
from striate.fitting.planning import planned
from striate.fitting.sheet import sheet
from striate.nets import find

SOURCE = '''
from torch import nn

from striate.layers import chain, conv_relu, flatten, global_avg_pool, linear, max_pool

INPUT = (1, 28, 28)


def table(classes):
    return chain(
        conv1=conv_relu(8, 3, pad=1), pool1=max_pool(2), conv2=conv_relu(16, 3, pad=1), pool2=global_avg_pool(),
        flatten=flatten(), fc=linear(classes),
    )


class Net(nn.Module):
    """With rows called as many people call them."""

    def __init__(self, classes):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 8, 3, stride=2), nn.GroupNorm(2, 8), nn.ReLU())
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, classes))

    def forward(self, x):
        return self.head(self.features(x))


def number(classes):
    return classes


def broken(classes):
    return undefined


def noarg():
    return table(10)


def _hid(classes):
    return undefined


NOTHING = None
'''


FIXED = """
from torch import nn


def fixed(classes):
    \"\"\"For pictures of 32 x 32 alone, which the file does not say.\"\"\"
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Dropout(0.5), nn.Linear(8 * 30 * 30, classes)
    )
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "내 신경망.py"
    path.write_text(SOURCE, encoding="utf-8")
    return path


@pytest.mark.parametrize(("function", "parameters"), [("table", 80 + 1168 + 170), ("Net", 80 + 16 + 90)])
def test_it_has_a_table_and_first_weights_from_the_seed(file: Path, function: str, parameters: int) -> None:
    found = describe(f"{file}:{function}")
    assert (found.parameters, found.input, found.lines[-1].output[-1:]) == (parameters, (1, 28, 28), (10,))
    assert found.citation == ""
    x = torch.rand(2, 1, 28, 28)
    before = torch.get_rng_state()
    one, twin, other = (create(f"{file}:{function}", classes=4, seed=seed).eval()(x) for seed in (1, 1, 2))
    assert torch.equal(before, torch.get_rng_state())
    assert one.shape == (2, 4)
    assert torch.equal(one, twin)
    assert not torch.equal(one, other)


@pytest.mark.parametrize("function", ["table", "Net"])
def test_it_trains_evaluates_and_predicts_and_goes_on_to_once_the_file_is_another(file: Path, function: str) -> None:
    folder = file.parent / "run"
    train("fashion-sample", net=f"{file}:{function}", epochs=1, out=folder)
    card = json.loads((folder / "model" / "model.json").read_text(encoding="utf-8"))
    assert card["net"].startswith(f"{file.resolve()}:{function}@")
    assert evaluate(folder).images == 2000
    assert describe(folder).parameters == describe(f"{file}:{function}").parameters
    picture = torch.zeros(28, 28, dtype=torch.uint8)
    from PIL import Image

    Image.fromarray(picture.numpy()).save(file.parent / "black.png")
    assert len(predict(folder, file.parent / "black.png")[0].top) == 5
    before = evaluate(folder)
    trained = file.read_bytes()
    assert (folder / "network.py").read_bytes() == (folder / "model" / "network.py").read_bytes() == trained
    file.write_text(SOURCE.replace(" 8", " 6").replace("(8,", "(6,"), encoding="utf-8")
    assert describe(f"{file}:{function}").parameters != describe(folder).parameters
    counted = f"import striate; print(striate.describe({str(folder / 'model')!r}).parameters)"
    assert int(elsewhere(counted)) == describe(folder).parameters
    file.unlink()
    assert float(elsewhere(f"import striate; print(striate.evaluate({str(folder)!r}).top1)")) == before.top1


def test_a_run_that_was_stopped_goes_on_with_the_code_that_it_began_with(file: Path, garments: Path) -> None:
    whole, folder = file.parent / "whole", file.parent / "run"
    train(garments, net=f"{file}:table", epochs=2, out=whole)
    work = training(garments, net=f"{file}:table", epochs=2, out=folder)
    next(event for event in work if isinstance(event, Epoch))
    work.close()
    file.write_text(SOURCE.replace("16, 3", "17, 3"), encoding="utf-8")
    assert "done" in elsewhere(f"import striate; print(striate.resume({str(folder)!r}).summary['status'])")
    weights = [(each / "model" / "weights.safetensors").read_bytes() for each in (whole, folder)]
    assert weights[0] == weights[1]


def test_a_copy_stands_only_for_the_bytes_that_its_user_has_named(file: Path, data_home: Path) -> None:
    folder = saved(f"{file}:Net", file.parent / "gift")
    load = f"import striate; print(type(striate.Model.load({str(folder)!r}).network).__name__)"
    copy = folder / "network.py"
    file.unlink()
    assert elsewhere(load).split()[-1] == "Net"
    (data_home / "striate" / "own-networks.txt").unlink()  # as on the machine of somebody who is given the folder
    refused = elsewhere(load)
    assert "was never run here by its name" in refused
    assert f"striate describe {copy}:Net" in refused
    approved = elsewhere(f"import striate; striate.describe({str(copy) + ':Net'!r})\n{load}")
    assert approved.split()[-1] == "Net"
    copy.write_text(SOURCE + "\nprint('somebody')\n", encoding="utf-8")
    told = elsewhere(load)
    assert "somebody" not in told
    assert "there is no file" in told
    file.write_text(SOURCE + "\n# changed\n", encoding="utf-8")
    assert "is not the file any more" in elsewhere(load)


def test_a_folder_without_a_copy_is_refused_once_the_file_is_another(file: Path) -> None:
    folder = saved(f"{file}:Net", file.parent / "old")
    (folder / "network.py").unlink()
    file.write_text(SOURCE + "\n# changed\n", encoding="utf-8")
    load = f"import striate; striate.Model.load({str(folder)!r})"
    assert "is not the file any more" in elsewhere(load)


def test_a_network_of_the_catalogue_leaves_no_code(tmp_path: Path) -> None:
    saved("lenet5_modern", tmp_path / "model")
    assert {path.name for path in (tmp_path / "model").iterdir()} == {"model.json", "weights.safetensors"}


def test_a_file_without_a_function_lists_those_that_could_be_meant(file: Path) -> None:
    for ask in (describe, Model.load, create, lambda name: train("fashion-sample", net=name)):
        with pytest.raises(Misuse) as caught:
            ask(str(file))
        assert "functions: table, Net, number, broken" in str(caught.value)
        assert f"try       '{file}':table" in str(caught.value)


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("def pair(a, b): ...\ndef none(): ...\ndef _hidden(a): ...\nclass Bare: ...\n", Misuse, "defines no function"),
        ("def fine(a, b=1, *, c=2): ...\ndef needs(a, *, c): ...\n", Misuse, "functions: fine\n"),
        ("raise SystemExit(3)\ndef net(classes): ...\n", Misuse, "functions: net\n"),  # nothing runs
        ("def (", Failed, "SyntaxError"),
    ],
)
def test_only_what_takes_the_number_of_classes_is_listed(
    code: str, kind: type[Exception], message: str, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(code, encoding="utf-8")
    with pytest.raises(kind, match=message):
        describe(tmp_path / "mine.py")
    with pytest.raises(Misuse, match="there is no file"):
        describe(tmp_path / "gone.py")


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("tabel", Misuse, "table"),
        ("NOTHING", Misuse, "no function"),
        ("_hidden", Misuse, r"functions: table, Net, number, broken, noarg$"),
        ("max_pools", Misuse, r"functions: table, Net, number, broken, noarg$"),  # what the file itself defines
        ("number", Misuse, "returns a int"),
        ("noarg", Misuse, "one argument, the number of classes"),
        ("broken", Failed, "NameError"),
    ],
)
def test_what_is_no_network_says_so(file: Path, name: str, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        describe(f"{file}:{name}")


@pytest.mark.parametrize("changes", [Changes(), Changes(dropout=0.5), Changes("paper", dropout=0.1)])
def test_one_that_fits_only_the_input_asked_for_is_tried_with_that(
    changes: Changes, garments: Path, tmp_path: Path
) -> None:
    (tmp_path / "fixed.py").write_text(FIXED, encoding="utf-8")
    net, asked = f"{tmp_path / 'fixed.py'}:fixed", replace(changes, input=(3, 32, 32), batch=8)
    plan = planned(garments, net=net, recipe=asked)
    assert plan.recipe.view.size == (32, 32)
    assert "dropout" in [line.part for line in sheet(plan.recipe, plan.architecture)]
    lr_find(garments, net=net, recipe=asked, steps=20)
    run = train(garments, net=net, recipe=asked, epochs=1, out=tmp_path / "run")
    alone = Model.load(net, weights=run.model / "weights.safetensors")
    assert (alone.input, alone.classes) == ((3, 32, 32), Model.load(run.path).classes)
    with pytest.raises(Misuse, match="another --input"):
        planned(garments, net=net, recipe=changes)


def test_a_missing_file_and_a_wrong_input_are_named(file: Path) -> None:
    with pytest.raises(Misuse, match=r"there is no file nowhere\.py"):
        describe("nowhere.py:net")
    with pytest.raises(Misuse, match="does not fit an input of 3x28x28"):
        describe(f"{file}:Net", input=(3, 28, 28))
    with pytest.raises(Misuse, match="there is no network called no:such"):
        find("no:such")


def test_an_architecture_in_a_file_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(
        "from dataclasses import replace\nfrom striate.nets import find\n"
        "WIDE = replace(find('lenet5_modern').architecture(), input=(1, 40, 40), variant='wide')\n"
    )
    found = describe(f"{path}:WIDE")
    assert (found.input, found.variant) == ((1, 40, 40), "wide")


def test_tied_weights_are_saved_and_come_back_with_their_values(tmp_path: Path) -> None:
    path = tmp_path / "tied.py"
    path.write_text(
        "from torch import nn\nINPUT = (1, 28, 28)\n\n"
        "class Tied(nn.Module):\n"
        "    def __init__(self, classes):\n"
        "        super().__init__()\n"
        "        self.once, self.twice = nn.Conv2d(1, 1, 3, padding=1), nn.Conv2d(1, 1, 3, padding=1)\n"
        "        self.twice.weight = self.once.weight\n"
        "        self.out = nn.Linear(784, classes)\n\n"
        "    def forward(self, x):\n"
        "        return self.out(self.twice(self.once(x)).flatten(1))\n"
    )
    folder = tmp_path / "run"
    train("fashion-sample", net=f"{path}:Tied", epochs=1, out=folder)
    weights = Model.load(folder).network.state_dict()
    assert torch.equal(weights["once.weight"], weights["twice.weight"])
    assert evaluate(folder).top1 > 0.2


UNUSUAL = '''
import torch
from torch import nn

from striate.layers import chain, conv, flatten, global_avg_pool, linear

INPUT = (1, 28, 28)


class Lazy(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv, self.out = nn.LazyConv2d(4, 3), nn.LazyLinear(classes)

    def forward(self, x):
        return self.out(self.conv(x).mean((2, 3)))


class Held(nn.Module):
    """Holds more than parameters: a buffer that is not stored, whole numbers, a tensor that is no buffer."""

    def __init__(self, classes):
        super().__init__()
        self.register_buffer("factor", torch.full((1,), 3.0), persistent=False)
        self.register_buffer("order", torch.arange(classes).flip(0))
        self.loose = torch.full((1,), 2.0)
        self.out = nn.Linear(784, classes)

    def forward(self, x):
        return self.out(x.flatten(1) * self.factor * self.loose)[:, self.order]


class Scale(nn.Module):
    """A layer with a bare parameter and a buffer that is not stored."""

    def __init__(self):
        super().__init__()
        self.gamma = nn.Parameter(torch.full((1,), 0.5))
        self.register_buffer("shift", torch.full((1,), 7, dtype=torch.int64), persistent=False)

    def forward(self, x):
        return x * self.gamma + self.shift


def rows(classes):
    return chain(
        conv=conv(8, 3), group=lambda shape: nn.GroupNorm(2, 8), bend=lambda shape: nn.PReLU(),
        scale=lambda shape: Scale(), pool=global_avg_pool(), flatten=flatten(),
        norm=lambda shape: nn.LayerNorm(8), fc=linear(classes),
    )


def bending(classes):
    bend = lambda shape: nn.PReLU()
    return chain(conv=conv(8, 3), bend=bend, pool=global_avg_pool(), flatten=flatten(), fc=linear(classes))


def deaf(classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 7))


class Undecided(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.out = nn.Linear(784, classes)

    def forward(self, x):
        return self.out(x.flatten(1)) if x.mean() > 0 else self.out(-x.flatten(1))


class Confused(Undecided):
    def forward(self, x):
        return self.out(x.flatten(1), "more")
'''


@pytest.fixture
def unusual(tmp_path: Path) -> Path:
    path = tmp_path / "unusual.py"
    path.write_text(UNUSUAL, encoding="utf-8")
    return path


def test_lazy_modules_have_their_weights_from_the_seed(unusual: Path) -> None:
    before = torch.get_rng_state()
    one, twin = (create(f"{unusual}:Lazy", classes=4, seed=1) for _ in range(2))
    assert one.training
    assert torch.equal(before, torch.get_rng_state())
    for name, each in one.state_dict().items():
        assert torch.equal(each, twin.state_dict()[name])
    assert one(torch.rand(2, 1, 28, 28)).shape == (2, 4)
    assert describe(f"{unusual}:Lazy").parameters == 40 + 50


@pytest.mark.parametrize("function", ["Held", "rows", "Lazy"])
def test_what_no_file_stores_is_what_the_constructor_made(unusual: Path, function: str) -> None:
    folder = unusual.parent / "model"
    made = create(f"{unusual}:{function}", seed=5).eval()
    view = find(f"{unusual}:{function}").architecture().recipe.view
    net = find(f"{unusual}:{function}").architecture().name
    Model(net, made, (1, 28, 28), tuple("0123456789"), view).save(folder)
    x = torch.rand(2, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    assert made(x).isfinite().all()
    again = Model.load(folder).network.cpu()
    torch.testing.assert_close(again(x), made(x), rtol=1e-4, atol=1e-4)  # sums in the order of another memory layout


def test_modules_of_other_kinds_begin_as_their_constructors_or_pytorch_have_them(unusual: Path) -> None:
    rows = create(f"{unusual}:rows")
    for norm in (rows.group, rows.norm):
        assert (norm.weight == 1).all()
        assert not norm.bias.any()
    assert (rows.bend.weight == 0.25).all()
    assert (rows.scale.gamma == 0.5).all()
    assert rows.scale.shift.item() == 7
    assert (create(f"{unusual}:bending").bend.weight == 0.25).all()


def test_a_network_that_does_not_heed_the_classes_is_described_but_not_made(unusual: Path, tmp_path: Path) -> None:
    assert describe(f"{unusual}:deaf").output == (7,)
    for ask in (create, lambda net: train("fashion-sample", net=net, out=tmp_path / "run")):
        with pytest.raises(Misuse, match="answers with 7, not with a score for each of 10 classes"):
            ask(f"{unusual}:deaf")
    assert not (tmp_path / "run").exists()


def test_code_that_fails_while_it_runs_is_told_in_a_sentence(unusual: Path) -> None:
    with pytest.raises(Failed, match="depends on the values"):
        describe(f"{unusual}:Undecided")
    with pytest.raises(Failed, match="failed: TypeError"):
        describe(f"{unusual}:Confused")


def test_notes_that_somebody_else_added_to_an_error_are_no_rows() -> None:
    assert _where(["look here", "", "row conv1 received 3x8x8"]) == ("conv1", "3x8x8")
    assert _where([""]) == ("", "")


def test_an_architecture_and_a_path_make_a_network_too(file: Path) -> None:
    declared = find(f"{file}:table").architecture()
    one = create(declared, seed=3).state_dict()
    assert all(torch.equal(each, one[name]) for name, each in create(f"{file}:table", seed=3).state_dict().items())
    from safetensors.torch import save_file

    save_file(one, file.parent / "weights.safetensors")
    again = create(declared, weights=file.parent / "weights.safetensors").state_dict()
    assert all(torch.equal(each, again[name]) for name, each in one.items())


def saved(net: str, folder: Path, written: str | None = None) -> Path:
    """A model folder of a network, whose card may name another."""
    declared = find(net).architecture()
    model = Model(declared.name, create(net), declared.input, tuple("0123456789"), declared.recipe.view)
    model.save(folder)
    if written is not None:
        card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        (folder / "model.json").write_text(json.dumps({**card, "net": written}), encoding="utf-8")
    return folder


def elsewhere(code: str) -> str:
    """What another process says."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("place", ["{path}:Net", "own.py:Net@{digest}"])
def test_a_folder_may_not_name_code_by_a_loose_place_or_without_a_digest(file: Path, place: str) -> None:
    digest = find(f"{file}:Net").architecture().name.rsplit("@", 1)[1]
    folder = saved(f"{file}:Net", file.parent / "gift", place.format(path=file, digest=digest))
    with pytest.raises(Failed, match="absolute"):
        Model.load(folder)


def test_a_run_may_not_name_code_without_a_digest_either(file: Path) -> None:
    folder = file.parent / "run"
    folder.mkdir()
    config = {"format": 1, "data": "fashion-sample", "net": f"{file}:Net", "seed": 0, "recipe": {}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(Failed, match="absolute"):
        Run.open(folder).job()


def test_a_stored_name_runs_only_a_file_that_this_user_has_named_himself(file: Path, data_home: Path) -> None:
    folder = saved(f"{file}:Net", file.parent / "gift")
    listed = data_home / "striate" / "own-networks.txt"
    assert listed.read_text(encoding="utf-8").count(str(file)) == 1
    load = f"import striate; print(type(striate.Model.load({str(folder)!r}).network).__name__)"
    assert elsewhere(load).split()[-1] == "Net"
    listed.unlink()
    assert "was never run here by its name" in elsewhere(load)
    assert "Net" in elsewhere(f"import striate; striate.describe({str(file) + ':Net'!r})\n{load}")
    assert not list(file.parent.glob("__pycache__"))


def test_the_same_bytes_at_another_place_are_another_file(file: Path) -> None:
    name = find(f"{file}:Net").architecture().name
    copy = file.with_name("copy.py")
    copy.write_bytes(file.read_bytes())
    with pytest.raises(Failed, match="never run here"):
        find(name.replace(str(file), str(copy))).architecture()


def test_without_a_place_for_the_list_a_file_is_known_until_the_process_ends(file: Path, data_home: Path) -> None:
    (data_home / "striate").write_text("no folder")
    folder = saved(f"{file}:Net", file.parent / "gift")
    assert Model.load(folder).classes == tuple("0123456789")


@pytest.mark.parametrize(
    ("line", "message"), [("INPUT = (28, 28)", "INPUT"), ("INPUT = 3", "INPUT"), ('CLASSES = "ten"', "CLASSES")]
)
def test_an_input_or_a_class_count_that_is_none_is_named(file: Path, line: str, message: str) -> None:
    file.write_text(f"{SOURCE}\n{line}\n", encoding="utf-8")
    with pytest.raises(Misuse, match=message):
        describe(f"{file}:Net")


def test_a_file_that_leaves_the_program_does_not_take_it_along(file: Path) -> None:
    file.write_text("raise SystemExit(3)\n", encoding="utf-8")
    with pytest.raises(Failed, match="SystemExit"):
        describe(f"{file}:Net")
