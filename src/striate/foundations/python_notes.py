"""Names, copies, zip and in-place operations: small programs with what they print, found out by running them."""

import contextlib
import io
from dataclasses import dataclass

import torch

from striate.problem import Misuse
from striate.words import nearest

NOTES = {
    "assignment": """
original = [1, 2, 3]
other = original
other[0] = 9
other.append(4)
print(original, other is original)
""",
    "shallow_copy": """
import copy
original = [1, 2, 3]
other = copy.copy(original)
other[0] = 9
other.append(4)
print(original, other, other is original)
""",
    "slice": """
original = [1, 2, 3]
other = original[:]
other[0] = 9
other.append(4)
print(original, other)
""",
    "shallow_copy_nested": """
import copy
original = [[1, 2], [3]]
other = copy.copy(original)
other[0].append(9)
other.append([4])
print(original, other)
print(other is original, other[0] is original[0])
""",
    "deep_copy": """
import copy
original = [[1, 2], [3]]
other = copy.deepcopy(original)
other[0].append(9)
print(original, other)
print(other[0] is original[0])
""",
    "deep_copy_keeps_sharing": """
import copy
row = [0, 0]
original = [row, row]
other = copy.deepcopy(original)
other[0][0] = 9
print(original, other)
print(other[0] is other[1])
""",
    "zip": """
a = [1, 2, 3]
b = ["a", "b", "c"]
for x, y in zip(a, b):
    print(x, y)
""",
    "zip_stops_at_the_shortest": """
print(list(zip([1, 2, 3], ["a", "b"])))
""",
    "zip_strict": """
print(list(zip([1, 2, 3], ["a", "b"], strict=True)))
""",
    "zip_is_used_up": """
pairs = zip([1, 2], ["a", "b"])
print(list(pairs))
print(list(pairs))
""",
    "underscore": """
import torch
x = torch.tensor([1.0, 2.0])
y = x.add(1)
print(x.tolist(), y.tolist(), y is x)
z = x.add_(1)
print(x.tolist(), z.tolist(), z is x)
""",
    "underscore_and_views": """
import torch
x = torch.zeros(2, 2)
row = x[0]
row.fill_(7)
array = x.numpy()
array[1, 1] = 5
print(x.tolist())
""",
    "underscore_on_a_parameter": """
import torch
weight = torch.ones(2, requires_grad=True)
weight.add_(1)
""",
    "underscore_without_gradients": """
import torch
weight = torch.ones(2, requires_grad=True)
with torch.no_grad():
    weight.add_(1)
print(weight.tolist(), weight.requires_grad)
""",
    "underscore_on_what_backward_needs": """
import torch
x = torch.tensor([0.0, 1.0], requires_grad=True)
y = x.sigmoid()
y.mul_(2)
y.sum().backward()
""",
    "underscore_on_what_backward_does_not_need": """
import torch
x = torch.tensor([0.0, 1.0], requires_grad=True)
y = x + 1
y.mul_(2)
y.sum().backward()
print(x.grad.tolist())
""",
}
"""Each runs by itself; those that break do so on purpose, with the error that Python or PyTorch has for it."""

TRAINING = {
    "state_dict_is_not_a_copy": """
import torch
from torch import nn
model = nn.Linear(1, 1, bias=False)
nn.init.ones_(model.weight)
best = model.state_dict()
optimiser = torch.optim.SGD(model.parameters(), lr=0.5)
model(torch.ones(1, 1)).sum().backward()
optimiser.step()
print(best["weight"].item(), model.weight.item())
""",
    "state_dict_copied": """
import copy
import torch
from torch import nn
model = nn.Linear(1, 1, bias=False)
nn.init.ones_(model.weight)
best = copy.deepcopy(model.state_dict())
optimiser = torch.optim.SGD(model.parameters(), lr=0.5)
model(torch.ones(1, 1)).sum().backward()
optimiser.step()
print(best["weight"].item(), model.weight.item())
""",
    "one_block_put_in_twice": """
from torch import nn
block = nn.Linear(4, 4)
twice = nn.Sequential(block, block)
two = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
for network in (twice, two):
    print(sum(parameter.numel() for parameter in network.parameters()), network[0] is network[1])
""",
    "a_list_multiplied": """
from torch import nn
network = nn.Sequential(*[nn.Linear(4, 4)] * 3)
fresh = nn.Sequential(*(nn.Linear(4, 4) for _ in range(3)))
for each in (network, fresh):
    print(len(each), sum(parameter.numel() for parameter in each.parameters()))
""",
    "a_copied_module_shares_its_weights": """
import copy
import torch
from torch import nn
model = nn.Linear(1, 1, bias=False)
nn.init.ones_(model.weight)
shallow, deep = copy.copy(model), copy.deepcopy(model)
with torch.no_grad():
    model.weight.fill_(5)
print(shallow.weight.item(), deep.weight.item())
""",
    "averaging_in_place": """
import torch
from torch import nn
models = [nn.Linear(1, 1, bias=False) for _ in range(2)]
for value, model in zip((1.0, 3.0), models, strict=True):
    nn.init.constant_(model.weight, value)
average = models[0].state_dict()
for name, values in models[1].state_dict().items():
    average[name].add_(values).div_(2)
print(average["weight"].item(), models[0].weight.item())
""",
    "averaging_into_new_tensors": """
import torch
from torch import nn
models = [nn.Linear(1, 1, bias=False) for _ in range(2)]
for value, model in zip((1.0, 3.0), models, strict=True):
    nn.init.constant_(model.weight, value)
pairs = zip(models[0].state_dict().items(), models[1].state_dict().values(), strict=True)
average = {name: (one + other) / 2 for (name, one), other in pairs}
print(average["weight"].item(), models[0].weight.item())
""",
    "relu_in_place_after_sigmoid": """
import torch
from torch import nn
network = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.ReLU(inplace=True))
network(torch.ones(1, 2)).sum().backward()
""",
    "relu_in_place_after_linear": """
import torch
from torch import nn
network = nn.Sequential(nn.Linear(2, 2), nn.ReLU(inplace=True))
network(torch.ones(1, 2)).sum().backward()
print(network[0].weight.grad.shape)
""",
    "a_shortcut_added_in_place": """
import torch
x = torch.zeros(2)
out = x
out = out + 1
print(x.tolist(), out.tolist())
out = x
out += 1
print(x.tolist(), out.tolist())
""",
    "a_copy_with_history": """
import copy
import torch
weight = torch.ones(2, requires_grad=True)
copy.deepcopy(weight * 2)
""",
    "an_optimiser_keeps_the_old_parameters": """
import copy
import torch
from torch import nn
model = nn.Linear(1, 1, bias=False)
nn.init.ones_(model.weight)
optimiser = torch.optim.SGD(model.parameters(), lr=0.5)
clone = copy.deepcopy(model)
clone(torch.ones(1, 1)).sum().backward()
optimiser.step()
print(model.weight.item(), clone.weight.item())
""",
}
"""Where the same thing bites in the training of a network."""

SNIPPETS = {**NOTES, **TRAINING}


@dataclass(frozen=True)
class Ran:
    """A program, the lines that it printed, and what stopped it: the kind and first sentence, empty for nothing."""

    name: str
    source: str
    printed: tuple[str, ...]
    error: str


def run(name: str) -> Ran:
    """Runs a program of this file by itself, and leaves PyTorch's random numbers as they were.

    Misuse for another name.
    """
    if name not in SNIPPETS:
        raise Misuse("foundations.python_notes.unknown", name=name, nearest=nearest(name, SNIPPETS))
    source = SNIPPETS[name].strip()
    error, out = "", io.StringIO()
    with contextlib.redirect_stdout(out), torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(0)
        try:
            exec(compile(source, name, "exec"), {"__name__": name})
        except (ValueError, RuntimeError) as stopped:
            error = f"{type(stopped).__name__}: {str(stopped).split('. ')[0].rstrip('.')}"
    return Ran(name, source, tuple(out.getvalue().splitlines()), error)
