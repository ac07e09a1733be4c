"""A function of x and y as a person types it: read by a short whitelist, never run as code."""

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from striate.problem import Misuse
from striate.words import nearest

VARIABLES = ("x", "y")
FUNCTIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "sin": torch.sin, "cos": torch.cos, "exp": torch.exp, "log": torch.log, "sqrt": torch.sqrt, "abs": torch.abs,
    "tanh": torch.tanh,
}  # fmt: skip
LONGEST = 200  # characters
_HIGHEST = 20  # exponent
_DEEPEST = 40  # operations within operations
_ALIKE = 0.6  # the share of letters from which on a name may be the one that was meant
_TOKEN = re.compile(r"(?P<number>(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)|\*\*|[-+*/()\s]")
_OPERATIONS: Mapping[type[ast.operator], Callable[[Tensor, Tensor], Tensor]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip


@dataclass(frozen=True)
class Expression:
    """A function of one or two variables; called with a tensor for each, it works them out place by place."""

    text: str
    variables: tuple[str, ...]
    tree: ast.expr = field(repr=False, compare=False)

    def __call__(self, *values: Tensor) -> Tensor:
        return _worked(self.tree, dict(zip(self.variables, values, strict=True)))


def expression(text: str) -> Expression:
    """Reads numbers, x, y, + - * / **, brackets and the functions of FUNCTIONS; ^ is read as **.

    Exponents are numbers from -20 to 20, and a text has at most 200 characters. With y in it, it is a function of both.
    """
    tree = _read(text)
    _examined(tree, text, 0)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if not names & set(VARIABLES):
        raise Misuse("foundations.expression.constant", text=text)
    return Expression(text.strip(), VARIABLES if "y" in names else VARIABLES[:1], tree)


def _read(text: str) -> ast.expr:
    if len(text) > LONGEST:
        raise Misuse("foundations.expression.long", count=len(text), most=LONGEST)
    plain, at = text.replace("^", "**").strip(), 0
    while at < len(plain):
        token = _TOKEN.match(plain, at)
        if token is None:
            raise Misuse("foundations.expression.character", text=text, character=plain[at])
        known = [*VARIABLES, *FUNCTIONS]
        if token["name"] and token["name"] not in known:
            shown = nearest(token["name"], known, alike=_ALIKE)
            raise Misuse("foundations.expression.name", text=text, name=token["name"], nearest=shown)
        at = token.end()
    try:
        return ast.parse(" ".join(plain.split()), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Misuse("foundations.expression.grammar", text=text) from None


def _examined(node: ast.expr, text: str, depth: int) -> None:
    """Refuses what is not on the list; the words were looked at already, their order is not."""
    if depth > _DEEPEST:
        raise Misuse("foundations.expression.deep", text=text, most=_DEEPEST)
    match node:
        case ast.Constant(value=int() | float()) | ast.Name(id="x" | "y"):
            return
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=inner):
            _examined(inner, text, depth + 1)
        case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
            _examined(base, text, depth + 1)
            _examined(exponent, text, depth + 1)
            _bounded(exponent, text)
        case ast.BinOp(left=left, right=right, op=sign) if type(sign) in _OPERATIONS:
            _examined(left, text, depth + 1)
            _examined(right, text, depth + 1)
        case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]) if name in FUNCTIONS:
            _examined(inner, text, depth + 1)
        case _:
            raise Misuse("foundations.expression.grammar", text=text)


def _bounded(exponent: ast.expr, text: str) -> None:
    if any(isinstance(node, ast.Name) and node.id in VARIABLES for node in ast.walk(exponent)):
        raise Misuse("foundations.expression.exponent", text=text, most=_HIGHEST)
    if not abs(float(_worked(exponent, {}))) <= _HIGHEST:
        raise Misuse("foundations.expression.exponent", text=text, most=_HIGHEST)


def _worked(node: ast.expr, values: Mapping[str, Tensor]) -> Tensor:
    match node:
        case ast.Constant(value=int() | float() as number):
            return torch.tensor(float(number), dtype=torch.float64)
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_worked(inner, values)
        case ast.UnaryOp(operand=inner):
            return _worked(inner, values)
        case ast.BinOp(left=base, op=ast.Pow(), right=exponent):
            return _worked(base, values) ** float(_worked(exponent, {}))  # a number: its own gradient is not wanted
        case ast.BinOp(left=left, op=sign, right=right):
            return _OPERATIONS[type(sign)](_worked(left, values), _worked(right, values))
        case ast.Call(func=ast.Name(id=name), args=[inner]):
            return FUNCTIONS[name](_worked(inner, values))
    raise AssertionError(node)  # _examined lets nothing else through
