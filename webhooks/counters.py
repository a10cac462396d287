"""What arrived at the door, for Prometheus. Labels come from short fixed lists: a sender must not be able to make new series."""

from __future__ import annotations

from prometheus_client import Counter

OTHER_TOPIC = "other"

_arrivals = Counter("laurel_webhooks", "Webhooks by what became of them at the door.", ["outcome", "topic"])
_foreign_versions = Counter(
    "laurel_webhooks_of_other_api_version",
    "Stored webhooks that Shopify rendered with an API version that is not ours.",
)


def count_arrival(outcome: str, topic: str = OTHER_TOPIC) -> None:
    """Count one arrival; name a topic only when it is one of ours and its sender proved to be Shopify."""
    _arrivals.labels(outcome, topic).inc()


def count_foreign_version() -> None:
    """Count a body whose fields may not be the ones we were written for: Shopify falls forward silently."""
    _foreign_versions.inc()
