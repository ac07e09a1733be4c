"""The memory of a network's values, against tensors that are really made and really kept."""

import math
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from striate.layers import chain, conv, conv_relu, dropout, flatten, linear, max_pool, residual
from striate.layers.memory import Memory
from striate.layers.trace import trace_memory
from striate.nets import find
from striate.nets.classics import CLASSICS, Piece
from striate.verbs.compare import compare

SOME = (
    "lenet5", "alexnet", "vgg16_small", "googlenet", "resnet18_a", "resnet50", "densenet40_k12_cifar",
    "mobilenet_v1_small", "se_resnet18_small", "efficientnet_lite0", "gap_cnn",
)  # fmt: skip


class Made(TorchDispatchMode):
    """Keeps every tensor that is made, so that no memory is used twice, and adds their storages up."""

    def __init__(self, fixed: set[int]) -> None:
        super().__init__()
        self.fixed = fixed
        self.kept: list[torch.Tensor] = []
        self.bytes: dict[int, int] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for each in out if isinstance(out, tuple) else (out,):
            if isinstance(each, torch.Tensor) and each.is_floating_point():
                self.kept.append(each)
                pointer = each.untyped_storage().data_ptr()
                if pointer and pointer not in self.fixed:
                    self.bytes[pointer] = each.untyped_storage().nbytes()
        return out


def pointers(network: nn.Module) -> set[int]:
    return {each.untyped_storage().data_ptr() for each in (*network.parameters(), *network.buffers())}


@pytest.mark.parametrize("name", SOME)
def test_what_is_produced_is_the_sum_over_the_tensors_that_are_made(name: str) -> None:
    declared = find(name).architecture()
    shape = declared.input if declared.input[1] < 200 else (3, 96, 96)
    network = declared.create(input=shape).eval()
    x = torch.rand(2, *shape)
    made = Made(pointers(network) | {x.data_ptr()})
    with torch.no_grad(), made:
        network(x)
    assert trace_memory(network, shape, batch=2).memory.produced == sum(made.bytes.values())


@pytest.mark.parametrize("name", SOME)
def test_what_training_keeps_is_what_autograd_really_saves(name: str) -> None:
    declared = find(name).architecture()
    shape = declared.input if declared.input[1] < 200 else (3, 96, 96)
    network = declared.create(input=shape)
    saved = really_saved(network, torch.rand(2, *shape))
    assert trace_memory(network, shape, batch=2).memory.training == saved


PIECES = [(classic.name, piece) for classic in CLASSICS.values() for piece in classic.sides if isinstance(piece, Piece)]


@pytest.mark.parametrize(("classic", "piece"), PIECES, ids=lambda each: getattr(each, "label", each))
def test_a_part_of_a_network_keeps_what_its_inputs_gradient_needs(classic: str, piece: Piece) -> None:
    network = piece.layer(piece.input)
    saved = really_saved(network, torch.rand(1, *piece.input, requires_grad=True))
    assert trace_memory(network, piece.input, inside=True).memory.training == saved
    sides = {each.label: each.found.memory.training for each in compare(classic).sides}
    assert sides[piece.label] == saved


def test_the_positions_of_maxima_are_kept_where_the_pool_reads_what_needs_a_gradient() -> None:
    pool = max_pool(2)((4, 8, 8))
    assert trace_memory(pool, (4, 8, 8)).memory.training == 0
    assert trace_memory(pool, (4, 8, 8), inside=True).memory.training == 4 * 256 + 8 * 64  # its input and the positions


def test_a_part_may_begin_with_an_operation_in_place() -> None:
    network = nn.Sequential(nn.ReLU(inplace=True), nn.Conv2d(4, 2, 1))
    assert trace_memory(network, (4, 8, 8), inside=True).memory.training == 4 * 256


def really_saved(network: nn.Module, x: torch.Tensor) -> int:
    """Bytes that automatic differentiation keeps of a pass on the CPU."""
    network.train()
    fixed, kept, alive = pointers(network), {}, []

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in fixed:
            kept[storage.data_ptr()] = storage.nbytes()
            alive.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        out = network(x)
    assert out.requires_grad
    return sum(kept.values())


def test_vgg16_makes_as_many_values_as_its_rows_add_up_to() -> None:
    declared = find("vgg16").architecture()
    memory = trace_memory(declared.sketch(), declared.input).memory
    assert memory.produced + 4 * math.prod(declared.input) == 4 * 15_237_608


def test_the_worst_moment_of_a_chain_is_its_two_largest_neighbours() -> None:
    network = chain(a=conv(8, 1), b=conv(16, 1), pool=max_pool(2), flat=flatten(), drop=dropout(), fc=linear(3))
    memory = trace_memory(network((4, 10, 10)), (4, 10, 10)).memory
    assert memory == Memory(
        inference_peak=4 * (800 + 1600),
        produced=4 * (800 + 1600 + 400 + 3),
        # a's and b's inputs, the pool's input with its int64 positions, what dropout multiplies with, fc's input
        training=4 * (400 + 800 + 1600) + 8 * 400 + 4 * 400 + 4 * 400,
    )


def test_a_shortcut_keeps_its_input_alive() -> None:
    body = chain(conv_relu(32, 1), conv(8, 1))
    memory = trace_memory(residual(body)((8, 10, 10)), (8, 10, 10)).memory
    assert memory.inference_peak == 4 * (800 + 3200 + 800)  # the input waits while 32 maps become 8


def test_the_batch_multiplies_the_values() -> None:
    declared = find("resnet20_cifar").architecture()
    one, four = (trace_memory(declared.sketch(), declared.input, batch).memory for batch in (1, 4))
    assert four.produced == 4 * one.produced
    assert four.inference_peak == 4 * one.inference_peak
    assert one.training < four.training <= 4 * one.training  # batch norm's moments do not grow with the batch


def test_tracing_leaves_the_network_as_it_was() -> None:
    network = find("resnet20_cifar").architecture().create().train()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    trace_memory(network, (3, 32, 32))
    assert network.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())
