"""Words that stand around the filters of a phrase: fillers, negations, comparisons, nearness."""

from __future__ import annotations

from analytics.ask.tokens import stems, words_in


def _phrases(text: str) -> tuple[tuple[str, ...], ...]:
    """Phrases separated by `|`, the longest first."""
    return tuple(sorted((stems(one) for one in text.split("|")), key=len, reverse=True))


FILLERS = frozenset(
    word
    for one in words_in(
        "a an the that these those of in on at by for from to with during over "
        "within into and or but is are was were be been has have had do does did there "
        "their it its show me list find give get map see look looking want need please "
        "tell us our my i we you how many much what which where when who number count "
        "total all any everything anything crime crimes incident incidents offense case "
        "cases event events happen happened happening occur occurred occurring commit "
        "committed report reported record recorded take place took related involving "
        "involved made whole entire data city citywide time times then also only just "
        "some there's both plus dollar"
    )
    for word in stems(one)
)
CONNECTORS = frozenset({"and", "or", "plus", "nor"})
NEGATIONS = _phrases(
    "not|no|non|without|excluding|exclude|excludes|excl|except|except for|other than|all but|"
    "but not|minus|apart from|outside|outside of|leave out|leaving out|ignore|ignoring|omit|"
    "omitting|everything but|everything except|anything but|all except|isnt|arent|wasnt|werent|"
    "not in|not at|not on|not including|with no|and not|aside from|without any|without an|"
    "without a"
)
COMPARISONS = _phrases(
    "v|vs|versus|compared to|compared with|compare to|compare with|compare|compared|than|"
    "against|relative to|same time|same period|same day|same week|same month|same quarter"
)
NEARNESS = _phrases(
    "near|nearby|around|close to|next to|beside|adjacent to|within|in the vicinity of|surrounding"
)
RANGE_WORDS = ("to", "through", "until", "till", "til")
RECURRENCE = frozenset({"every", "each"})
DISTANCE_WORDS = frozenset(
    words_in(
        "foot feet ft meter metre m mile mi kilometer kilometre km yard block of from the "
        "a an minute walk"
    )
)


def phrase_at(words: list[str], at: int, phrases: tuple[tuple[str, ...], ...]) -> int:
    """The word after the longest of some phrases at a word; 0 if there is none."""
    for phrase in phrases:
        if tuple(words[at : at + len(phrase)]) == phrase:
            return at + len(phrase)
    return 0


def words_around_filters() -> set[str]:
    """Every word here, for spelling."""
    listed = (NEGATIONS, COMPARISONS, NEARNESS)
    return set(FILLERS) | RECURRENCE | {word for many in listed for one in many for word in one}
