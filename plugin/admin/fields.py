"""What the controls of every form share."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup


def marks(faults: Mapping[str, str], name: str) -> Markup:
    """The attributes that tie a control to its help and to what is wrong with it; what is wrong gets the keyboard."""
    if name in faults:
        return Markup('aria-invalid="true" autofocus aria-describedby="{0}-fault"').format(name)
    return Markup('aria-describedby="{0}-help"').format(name)
