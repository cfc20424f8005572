"""The few formulas the sandbox knows: HYPERLINK, SPARKLINE, and arithmetic over constants and cells.

There is no general formula engine; what is not known shows the error `#NAME?`.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import Any

Value = float | str | bool | None
Lookup = Callable[[str], Value]

OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_STRING = re.compile(r'"((?:[^"]|"")*)"')
_REFERENCE = re.compile(r"\$?[A-Za-z]{1,3}\$?\d+")


class FormulaError(Exception):
    """A formula that cannot be computed; the text is the error type, such as NAME or DIVIDE_BY_ZERO."""


def hyperlink(formula: str) -> tuple[str, str] | None:
    """Address and label of `=HYPERLINK("address"; "label")`, or None."""
    match = re.fullmatch(r'=\s*HYPERLINK\(\s*"((?:[^"]|"")*)"\s*(?:[,;]\s*(.*?))?\s*\)\s*', formula, re.I | re.S)
    if match is None:
        return None
    address = match[1].replace('""', '"')
    label = match[2]
    if label is None:
        return address, address
    text = _STRING.fullmatch(label)
    return address, text[1].replace('""', '"') if text else label


def sparkline(formula: str) -> tuple[str, dict[str, str]] | None:
    """Source and options of `=SPARKLINE(B2:N2, {"charttype","column";"color","#1a73e8"})`, or None."""
    match = re.fullmatch(r"=\s*SPARKLINE\(\s*(\{[^}]*\}|[^,;{]+)\s*(?:[,;]\s*\{(.*)\}\s*)?\)\s*", formula, re.I | re.S)
    if match is None:
        return None
    options: dict[str, str] = {}
    for pair in (match[2] or "").split(";"):
        name, comma, value = pair.partition(",")
        if comma:
            options[name.strip().strip('"').lower()] = value.strip().strip('"')
    return match[1].strip(), options


def evaluate(formula: str, lookup: Lookup) -> Value:
    """The value of an arithmetic formula.

    Args:
        formula: starts with "=".
        lookup: the value of a reference such as "B2" or "$B2".

    Raises:
        FormulaError: it is not one of the few that the sandbox computes.
    """
    texts: list[str] = []

    def keep(match: re.Match[str]) -> str:
        texts.append(match[1].replace('""', '"'))
        return f"_text({len(texts) - 1})"

    source = _STRING.sub(keep, formula.removeprefix("=").strip())
    source = source.replace("<>", "!=").replace("^", "**")
    source = re.sub(r"(?<![<>!=])=(?!=)", "==", source)
    source = re.sub(r"(\d)%", r"\1/100", source).replace("&", "@")
    references: list[str] = []

    def refer(match: re.Match[str]) -> str:
        references.append(match[0])
        return f"_cell({len(references) - 1})"

    source = _REFERENCE.sub(refer, source)
    try:
        tree = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        raise FormulaError("NAME") from None
    return _Evaluation(texts, references, lookup).value(tree)


class _Evaluation:
    """Walks the syntax tree of one formula."""

    def __init__(self, texts: list[str], references: list[str], lookup: Lookup) -> None:
        self._texts, self._references, self._lookup = texts, references, lookup

    def value(self, node: ast.expr) -> Value:
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            return node.value
        if isinstance(node, ast.Name) and node.id.upper() in {"TRUE", "FALSE"}:
            return node.id.upper() == "TRUE"
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            number = self._number(node.operand)
            return -number if isinstance(node.op, ast.USub) else number
        if isinstance(node, ast.BinOp):
            return self._binary(node)
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            return self._compare(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self._call(node.func.id, node.args)
        raise FormulaError("NAME")

    def _binary(self, node: ast.BinOp) -> Value:
        if isinstance(node.op, ast.MatMult):
            return self._shown(node.left) + self._shown(node.right)
        if type(node.op) not in OPERATORS:
            raise FormulaError("NAME")
        left, right = self._number(node.left), self._number(node.right)
        if isinstance(node.op, ast.Pow) and (abs(left) > 1e6 or abs(right) > 100):
            raise FormulaError("NUM")
        try:
            result = OPERATORS[type(node.op)](left, right)
        except ZeroDivisionError:
            raise FormulaError("DIVIDE_BY_ZERO") from None
        except OverflowError:
            raise FormulaError("NUM") from None
        if isinstance(result, complex):
            raise FormulaError("NUM")
        return float(result)

    def _compare(self, node: ast.Compare) -> bool:
        left, right = self.value(node.left), self.value(node.comparators[0])
        left, right = _alike(left, right)
        return COMPARISONS[type(node.ops[0])](_rank(left), _rank(right))

    def _call(self, name: str, arguments: list[ast.expr]) -> Value:
        if name == "_text":
            return self._texts[int(self._number(arguments[0]))]
        if name == "_cell":
            return self._lookup(self._references[int(self._number(arguments[0]))])
        function = name.upper()
        if function in {"AND", "OR"}:
            truths = [bool(self.value(argument)) for argument in arguments]
            return all(truths) if function == "AND" else any(truths)
        if len(arguments) == 1:
            return self._call_one(function, arguments[0])
        if function == "MOD" and len(arguments) == 2:
            divisor = self._number(arguments[1])
            if divisor == 0:
                raise FormulaError("DIVIDE_BY_ZERO")
            return self._number(arguments[0]) % divisor
        if function == "IF" and len(arguments) in {2, 3}:
            chosen = 1 if self.value(arguments[0]) else 2
            return self.value(arguments[chosen]) if chosen < len(arguments) else False
        raise FormulaError("NAME")

    def _call_one(self, function: str, argument: ast.expr) -> Value:
        value = self.value(argument)
        simple: dict[str, Callable[[], Value]] = {
            "NOT": lambda: not value,
            "ISBLANK": lambda: value is None,
            "ISNUMBER": lambda: isinstance(value, (int, float)) and not isinstance(value, bool),
            "ISTEXT": lambda: isinstance(value, str),
            "ABS": lambda: abs(self._number(argument)),
            "LEN": lambda: len(self._shown(argument)),
        }
        if function not in simple:
            raise FormulaError("NAME")
        return simple[function]()

    def _number(self, node: ast.expr) -> float:
        value = self.value(node)
        if value is None:
            return 0.0
        if isinstance(value, str):
            try:
                return float(value)
            except ValueError:
                raise FormulaError("VALUE") from None
        return float(value)

    def _shown(self, node: ast.expr) -> str:
        value = self.value(node)
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        return "" if value is None else str(value)


def _alike(left: Value, right: Value) -> tuple[Value, Value]:
    """An empty cell compares as 0 with numbers and as "" with texts."""
    if left is None:
        left = "" if isinstance(right, str) else 0
    if right is None:
        right = "" if isinstance(left, str) else 0
    return left, right


def _rank(value: Value) -> tuple[int, float, str]:
    if isinstance(value, bool):
        return 2, float(value), ""
    if isinstance(value, str):
        return 1, 0.0, value.lower()
    return 0, float(value or 0), ""
