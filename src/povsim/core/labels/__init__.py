"""Owns: every word that people read, Chinese beside English, and which language is spoken.
Never: knows who uses a word; each room keeps its own words in ``labels/<room>.py``."""

from __future__ import annotations

import os
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Final

LANGUAGES: Final[tuple[str, ...]] = ("zh", "en")


def language(lang: str | None = None) -> str:
    """The language spoken: the one asked for, else ``POVSIM_LANG``, else Chinese.

    Raises
    ------
    ValueError
        If the language is not one of ``LANGUAGES``.
    """
    spoken = lang or os.environ.get("POVSIM_LANG") or LANGUAGES[0]
    if spoken not in LANGUAGES:
        raise ValueError(f"POVSIM_LANG = {spoken}: {' | '.join(LANGUAGES)}")
    return spoken


@cache
def catalogue() -> dict[str, tuple[str, str]]:
    """Every key with its Chinese and its English words; two rooms that claim one key are refused."""
    words: dict[str, tuple[str, str]] = {}
    for module in iter_modules(__path__):
        room: dict[str, tuple[str, str]] = import_module(f"{__name__}.{module.name}").WORDS
        if twice := sorted(words.keys() & room.keys()):
            raise ValueError(f"labels/{module.name}.py: {', '.join(twice)}: already in another room's words")
        words |= room
    return words


def label(key: str, lang: str | None = None, **fmt: object) -> str:
    """The words of a key in the user's language.

    Parameters
    ----------
    key : str
        A key of the catalogue.
    lang : str or None
        ``"zh"`` or ``"en"``; by default the language spoken (see ``language``).
    **fmt : object
        What stands in the words' ``{braces}``.

    Raises
    ------
    KeyError
        If no room has the key; the message names the nearest one.
    """
    words = catalogue()
    if key not in words:
        raise KeyError(f"{key!r}: no such label; nearest: {', '.join(get_close_matches(key, words)) or '-'}")
    text = words[key][LANGUAGES.index(language(lang))]
    return text.format(**fmt) if fmt else text
