"""Turn pydantic's faults into one error that names the place as the merchant wrote it."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic_core import ErrorDetails

from plugin.errors import BadInput

_SHOWN_MAX = 10


def first_fault(faults: Sequence[ErrorDetails], data: object) -> BadInput:
    """Make one `BadInput`: the first fault's path, and up to ten faults in the message."""
    told = [(_path(fault, data), fault["msg"]) for fault in faults]
    lines = [f"{path or 'document'}: {message}" for path, message in told[:_SHOWN_MAX]]
    if len(told) > _SHOWN_MAX:
        lines.append(f"and {len(told) - _SHOWN_MAX} more")
    return BadInput("; ".join(lines), path=told[0][0])


def _path(fault: ErrorDetails, data: object) -> str:
    """Write the place as `earning.rules[1].multiplier`.

    Pydantic puts the chosen variant of a union into the place as well; what the data does not hold is no step on the way.
    """
    path, here, steps = "", data, fault["loc"]
    for depth, step in enumerate(steps, start=1):
        is_missing_key = depth == len(steps) and fault["type"] == "missing"
        if isinstance(here, dict) and (step in here or is_missing_key):
            path, here = f"{path}.{step}" if path else str(step), here.get(step)
        elif isinstance(here, list | tuple) and isinstance(step, int) and step < len(here):
            path, here = f"{path}[{step}]", here[step]
    return path
