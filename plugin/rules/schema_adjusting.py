"""How much a programme lets its people give and take by hand."""

from __future__ import annotations

from plugin.rules.schema_values import Part, Points


class Adjusting(Part):
    """Limits of changes made by hand, in points. They guard against slips and theft; whoever may publish the document may raise them."""

    points_max: Points = 100_000
    """The most that one change may give or take."""
    points_max_per_day: Points | None = 1_000_000
    """The most that one person may give and take in one day by the programme's clock, both summed; null is no limit."""
