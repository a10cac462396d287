"""What we know of each order: its newest snapshot, its frozen context, and what it should have given."""

from plugin.orders.codec import dump_snapshot, load_snapshot, snapshot_key
from plugin.orders.states import OrderState, lock_states, save_states

__all__ = ["OrderState", "dump_snapshot", "load_snapshot", "lock_states", "save_states", "snapshot_key"]
