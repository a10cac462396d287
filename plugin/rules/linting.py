"""Likely mistakes in a document that is sound: things it may say, and that a merchant seldom means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from plugin.rules.cautions import Bounds, Caution
from plugin.rules.linting_campaigns import campaign_cautions
from plugin.rules.linting_earning import earning_cautions
from plugin.rules.linting_members import member_cautions
from plugin.rules.linting_multipliers import multiplier_cautions
from plugin.rules.linting_rewards import reward_cautions
from plugin.rules.schema import ProgrammeDocument
from plugin.rules.walking import joined, walk

__all__ = ["Bounds", "Caution", "lint"]

_BOUNDS = Bounds()


def lint(document: ProgrammeDocument, bounds: Bounds = _BOUNDS) -> tuple[Caution, ...]:
    """List what a merchant should look at twice before publishing; a document without likely mistakes gives none."""
    return tuple(caution for check in _CHECKS for caution in check(document, bounds))


def _missing_words(document: ProgrammeDocument, _bounds: Bounds) -> Iterator[Caution]:
    """Whatever is written for shoppers should be written in each language in which the points have a name."""
    for path, words in walk(document):
        if isinstance(words, Mapping):
            for language in document.points_name:
                if language not in words:
                    yield Caution(joined(path, language), "words_missing", {"language": language})


_CHECKS: tuple[Callable[[ProgrammeDocument, Bounds], Iterator[Caution]], ...] = (
    earning_cautions,
    campaign_cautions,
    multiplier_cautions,
    reward_cautions,
    member_cautions,
    _missing_words,
)
