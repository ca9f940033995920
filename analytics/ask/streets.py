"""Addresses in a phrase: `on the 400 block of W Madison St`, `1234 w madison`, `State Street`."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.ask.blocks import Block, Blocks, is_direction, is_kind, is_name
from analytics.ask.tokens import Phrase

MOST_NAME_WORDS = 5
_BLOCK = "block"


@dataclass(frozen=True)
class FoundAddress:
    """An address up to token `end`; `block` is None for a street without a number."""

    end: int
    block: Block | None = None
    has_number: bool = False


def may_be_address(phrase: Phrase) -> bool:
    """Whether a phrase has a word of addresses; without one, blocks need not be looked up."""
    return any(
        is_kind(token.word) or is_direction(token.word) or token.word == _BLOCK
        for token in phrase.tokens
    )


def address_at(phrase: Phrase, start: int, blocks: Blocks) -> FoundAddress | None:
    """The address at a token: with a direction, a kind such as Street, or the word block."""
    words = [token.word for token in phrase.tokens]
    at = start
    if words[at] == _BLOCK:
        at += 1
    has_number = at < len(words) and words[at].isdecimal()
    at += has_number
    if has_number and at < len(words) and set(words[at]) == {"x"} and phrase.tokens[at].joined:
        at += 1
    has_block = words[start] == _BLOCK or words[at : at + 1] == [_BLOCK]
    at += words[at : at + 1] == [_BLOCK] and words[start] != _BLOCK
    at += words[at : at + 1] == ["of"]
    directed = at < len(words) and is_direction(words[at])
    at += directed
    for length in range(min(MOST_NAME_WORDS, len(words) - at), 0, -1):
        kind = at + length < len(words) and is_kind(words[at + length])
        if not (kind or directed or has_block) or not all(map(is_name, words[at : at + length])):
            continue
        if not blocks.has_street(phrase.typed(at, at + length)):
            continue
        end = at + length + kind
        found = blocks.find(phrase.typed(start, end), 1) if has_number else []
        return FoundAddress(end, found[0] if found else None, has_number)
    return None
