"""Redemptions: wishes, codes, and how far each has come."""

from plugin.rewards.codes import derive_code, discount_title, is_ours
from plugin.rewards.redemptions import (
    Redemption,
    add_redemption,
    find_redemption,
    find_wish,
    get_redemption,
    list_redemptions,
    parse_key,
)
from plugin.rewards.transitions import (
    LEASE,
    claim,
    mark_captured,
    mark_charged,
    mark_codes_used,
    mark_deactivated,
    mark_released,
    mark_take_back,
    mark_taken_back,
    postpone,
    use_other_code,
    watch_released,
)
from plugin.rewards.wishes import Wish

__all__ = [
    "LEASE",
    "Redemption",
    "Wish",
    "add_redemption",
    "claim",
    "derive_code",
    "discount_title",
    "find_redemption",
    "find_wish",
    "get_redemption",
    "is_ours",
    "list_redemptions",
    "mark_captured",
    "mark_charged",
    "mark_codes_used",
    "mark_deactivated",
    "mark_released",
    "mark_take_back",
    "mark_taken_back",
    "parse_key",
    "postpone",
    "use_other_code",
    "watch_released",
]
