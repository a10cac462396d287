"""What a call costs, in points, and the bucket they are taken from. The costs are an estimate; the answers' shape is Shopify's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)

BUCKET_SIZE = 2000.0
RESTORE_RATE = 100.0
_MUTATION_COST = 10


class Bucket:
    """Shopify's leaky bucket on the store's clock."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._available = BUCKET_SIZE
        self._filled_at = clock()

    def take(self, points: float) -> bool:
        """Take points out; False, and nothing taken, if there are too few."""
        with self._guard:
            self._refill()
            if points > self._available:
                return False
            self._available -= points
            return True

    def give_back(self, points: float) -> None:
        """Put back what was asked for but not needed."""
        with self._guard:
            self._available = min(BUCKET_SIZE, self._available + points)

    def status(self, *, is_empty: bool = False) -> dict[str, float]:
        """`throttleStatus` of an answer."""
        with self._guard:
            self._refill()
            available = 0.0 if is_empty else float(int(self._available))
        return {"maximumAvailable": BUCKET_SIZE, "currentlyAvailable": available, "restoreRate": RESTORE_RATE}

    def _refill(self) -> None:
        now = self._clock()
        passed = max(0.0, (now - self._filled_at).total_seconds())
        self._available = min(BUCKET_SIZE, self._available + passed * RESTORE_RATE)
        self._filled_at = now


def requested_cost(document: DocumentNode, variables: dict[str, Any]) -> int:
    """Estimate before running: 1 an object, lists by the size asked for, 10 a mutation."""
    fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
    counter = _Counter(fragments, variables)
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    base = sum(_MUTATION_COST for each in operations if each.operation.value == "mutation")
    return base + sum(counter.selection(each.selection_set) for each in operations)


def actual_cost(data: Any) -> int:
    """Count what came back: 1 an object."""
    if isinstance(data, dict):
        return 1 + sum(actual_cost(each) for each in data.values())
    return sum(actual_cost(each) for each in data) if isinstance(data, list) else 0


class _Counter:
    def __init__(self, fragments: dict[str, FragmentDefinitionNode], variables: dict[str, Any]) -> None:
        self._fragments = fragments
        self._variables = variables

    def selection(self, selection_set: SelectionSetNode | None) -> int:
        """Cost of what is selected of one object."""
        total = 0
        for node in selection_set.selections if selection_set else ():
            if isinstance(node, FieldNode) and node.selection_set is not None:
                total += self._size(node) * (1 + self.selection(node.selection_set))
            elif isinstance(node, InlineFragmentNode):
                total += self.selection(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                total += self.selection(self._fragments[node.name.value].selection_set)
        return total

    def _size(self, node: FieldNode) -> int:
        for argument in node.arguments:
            value = argument.value
            given = self._variables.get(value.name.value) if isinstance(value, VariableNode) else None
            if argument.name.value in {"ids", "metafields"} and isinstance(given, list):
                return len(given)
            if argument.name.value == "first":
                return int(value.value) if isinstance(value, IntValueNode) else int(given or 1)
        return 1
