"""Every error this product raises on purpose. A door turns one into its status and machine word; nothing else catches them.

LaurelError
├── BadInput            what came in has not the shape it must have
├── Forbidden           the sender did not prove who they are
├── OutOfReach          proved, and not allowed to come here
├── NotFound            no such thing, or not for this sender
├── Conflict            true, but not now: InsufficientPoints, WishReused, StaleVersion
├── NotAllowed          understood, and refused by a rule
├── ShopifyRefused      Shopify said no, finally
├── ShopifyUnavailable  no answer, or "later"; try again
├── ShopDisconnected    we hold no usable token for the shop
├── Overloaded          we cannot take this now; try again
├── TooFast             this sender asks more often than anybody needs to
└── Misconfigured       this installation must not start
"""

from __future__ import annotations

from collections.abc import Mapping


class LaurelError(Exception):
    """Base of all. `code` is the stable machine word, `status` the HTTP status a door answers with."""

    code = "error"
    status = 500


class BadInput(LaurelError):
    """What came in has not the shape it must have; `path` says where the fault is."""

    code = "bad_input"
    status = 400

    def __init__(self, message: str, *, path: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.path = path
        if code is not None:
            self.code = code


class Forbidden(LaurelError):
    """The sender did not prove who they are."""

    code = "not_signed_in"
    status = 401

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class OutOfReach(LaurelError):
    """The sender proved who they are, and that does not let them do this; `code` says why."""

    code = "out_of_reach"
    status = 403

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class NotFound(LaurelError):
    """There is no such thing, or it is not this sender's."""

    code = "not_found"
    status = 404


class Conflict(LaurelError):
    """The wish is sound, but the present state does not allow it."""

    code = "conflict"
    status = 409

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class InsufficientPoints(Conflict):
    """The account holds fewer points than the wish needs."""

    code = "insufficient_points"

    def __init__(self, *, available: int, needed: int) -> None:
        super().__init__(f"account holds {available} points, needs {needed}")
        self.available = available
        self.needed = needed


class WishReused(Conflict):
    """The same wish or reference came again with other content."""

    code = "wish_reused"


class StaleVersion(Conflict):
    """Somebody published another version of the document in between."""

    code = "stale_version"


class NotAllowed(LaurelError):
    """Understood, and refused by a rule; `code` says which."""

    code = "not_allowed"
    status = 422

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class ShopifyRefused(LaurelError):
    """Shopify said no and will say no again. `codes` are its machine words."""

    code = "shopify_refused"
    status = 502

    def __init__(self, message: str, *, codes: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.codes = codes


class ShopifyUnavailable(LaurelError):
    """No answer, or "later". The call may or may not have taken effect."""

    code = "shopify_unavailable"
    status = 503

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class ShopDisconnected(LaurelError):
    """We hold no usable token for the shop; its merchant has to open the app."""

    code = "shop_disconnected"
    status = 503


class Overloaded(LaurelError):
    """We cannot take this now; the sender should try again."""

    code = "try_again"
    status = 503


class TooFast(LaurelError):
    """This sender asks more often than anybody needs to; `retry_after_seconds` is when one more is welcome."""

    code = "too_many_requests"
    status = 429

    def __init__(self, message: str, *, retry_after_seconds: float) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Misconfigured(LaurelError):
    """This installation must not start; the message names every fault."""

    code = "misconfigured"

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {fault}" for name, fault in faults.items()))
        self.faults = dict(faults)
