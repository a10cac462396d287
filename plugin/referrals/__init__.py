"""Referrals: links, claims with their codes and states, and keyed traces."""

from plugin.referrals.store import Referral, find_referral, get_referral

__all__ = ["Referral", "find_referral", "get_referral"]
