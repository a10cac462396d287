"""Words for people: sentences out of catalogues, and money, numbers and dates as the reader writes them."""

from plugin.messages.words import LANGUAGES, Words, negotiate

__all__ = ["LANGUAGES", "Words", "negotiate"]
