"""How a programme document says what points buy."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from plugin.rules.schema_values import Days, Name, Number, Part, Points, PositiveNumber, Switch, Words


class FixedAmountReward(Part):
    """A discount code worth a fixed amount, for one use by one customer."""

    kind: Literal["fixed_amount"]
    id: Name
    title: Words | None = None
    """What it is called; without a title it is named by what it takes off, in the reader's language and the shop's currency."""
    points: Points
    """What it costs."""
    amount: PositiveNumber
    """What it takes off an order, in the shop's currency."""
    minimum_subtotal: Number | None = None
    """The order must be worth at least this much, in the shop's currency."""
    code_prefix: Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z0-9-]{0,16}$")] = ""
    code_valid_days: Days | None = None
    """Days until an unused code lapses; without it a code lapses never."""
    is_active: Switch = True


Reward = FixedAmountReward
"""Every kind of reward; a second kind makes this a union told apart by `kind`."""
