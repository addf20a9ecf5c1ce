"""Texts as they are compared: the one home of what is folded away before two texts count as the same.

A label of a form and a unit keep their case (``plain``). Headers, names and codes do not (``caseless``), as
clerks type them. What a use folds beyond this stands with that use and begins with one of the two: what an
export leaves in a cell of a form (``forms.grid.normal``), the signs in the path of a header
(``profile.normal_header``). Whole columns of codes are folded like ``caseless`` by ``values.normal_code``.
"""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """The text with its width folded and without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def caseless(text: str) -> str:
    """The text with width and case folded and without spaces; every other character counts."""
    return plain(text).casefold()
