"""Members of a programme, and the Shopify customer ids that are their aliases."""

from plugin.members.store import Member, find_member, get_member

__all__ = ["Member", "find_member", "get_member"]
