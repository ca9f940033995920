"""Cards of remarks: harm, near repeats, and what is uncertain."""

from __future__ import annotations

from collections.abc import Iterator

from analytics.briefing.cited_text import Piece, Sourced, cited_text
from analytics.briefing.document import TextCard
from analytics.crossfilter.clauses import Choice
from analytics.crossfilter.scope import EVERYTHING
from analytics.drafting.figures import HOMICIDE, OVERVIEW, BriefingFigures
from analytics.formats import date_range, number, percent, short_date, signed_percent
from analytics.incidents.model import UNKNOWN
from analytics.overview.near_repeats import near_repeat_type, near_repeats
from analytics.statistics.expected_counts import SeasonBasis
from analytics.statistics.two_periods import NotComparable, Significance

NEAR_REPEATS = "docs/overview.md"
LEVEL_WORDS = {
    Significance.SIGNIFICANT: "significant",
    Significance.NOT_SIGNIFICANT: "not significant",
}


def harm_card(figures: BriefingFigures) -> TextCard | None:
    """Days of sentence of the main period; None where the source has no harm weights."""
    if figures.lacks("harm"):
        return None
    return TextCard("harm", "Harm", cited_text([list(_harm(figures))]))


def _harm(figures: BriefingFigures) -> Iterator[Piece]:
    main, found = figures.days.main, figures.harm
    source = figures.source("Harm by day", main.period, OVERVIEW)
    if not found.days:
        yield "No incident has a harm weight."
        return
    yield Sourced(number(found.days), source)
    yield " days of sentence from "
    yield Sourced(number(found.incidents), source)
    yield " incidents with a weight, "
    yield Sourced(date_range(*main.period), source)
    yield "; "
    yield Sourced(percent(found.largest_days / found.days, 0), source)
    yield " of it is "
    yield Sourced(figures.label("type", found.largest).lower(), source)
    if found.without_homicide != found.days and found.largest != "":
        yield "; "
        yield Sourced(number(found.without_homicide), source)
        yield f" without {HOMICIDE.lower()}"
    yield ". "
    if main.months_only or found.change is None or found.low is None:
        yield "Its change is not tested."
        return
    yield Sourced(number(found.before), source)
    yield " in the days before ("
    yield Sourced(signed_percent(found.change), source)
    yield "; "
    high = "no upper end" if found.high is None else signed_percent(found.high)
    yield Sourced(f"95% interval {signed_percent(found.low)} to {high}", source)
    yield f"): {LEVEL_WORDS.get(found.verdict, 'not tested')}."


def near_repeats_card(figures: BriefingFigures) -> TextCard | None:
    """Whether incidents repeat nearby, and where; None without places or days."""
    if figures.manifest.months_only or figures.lacks("cell"):
        return None
    counted = figures.daily.types.incidents(figures.days.main.period)
    known = [name for name, count in counted.items() if count and name != UNKNOWN]
    clause = figures.selection.get("type")
    chosen = [str(key) for key in clause.keys] if isinstance(clause, Choice) else []
    crime = near_repeat_type(known, chosen)
    if crime is None:
        return None
    found = near_repeats(
        figures.pinned.reader, EVERYTHING, figures.selection, crime,
        last=figures.days.last, first=figures.days.covered[0],
        least_ratio=figures.services.settings.near_repeat_ratio,
    )  # fmt: skip
    source = figures.source(
        f"Knox test of {figures.label('type', crime)}", (found.first, found.last), NEAR_REPEATS
    )
    said: list[Piece] = [Sourced(figures.label("type", crime), source), ": "]
    if found.local is None or found.local.ratio is None:
        said += [Sourced(number(found.incidents), source), " incidents are too few to test."]
    else:
        said += [
            Sourced(number(found.observed), source), " pairs within ",
            Sourced("200 m and 14 days", source), ", ",
            Sourced(number(found.local.ratio, 2), source),
            " times as many as with dates permuted within ", Sourced("4 weeks", source), ": ",
            "significant." if found.is_significant else "not significant.",
        ]  # fmt: skip
    paragraphs = [said]
    for street in found.streets:
        paragraphs.append(
            [
                Sourced(street.name, source), ": ", Sourced(number(street.incidents), source),
                " nearby in ",
                Sourced("14 days", source), ", the latest on ",
                Sourced(short_date(street.latest), source), ".",
            ]
        )  # fmt: skip
    return TextCard("near_repeats", "Near repeats", cited_text(paragraphs))


def uncertain_card(figures: BriefingFigures) -> TextCard:
    """What the numbers do not say: incomplete days, refused rows, unknown places."""
    paragraphs = [list(one) for one in (_freshness(figures), _left_out(figures), _basis(figures))]
    said = [one for one in paragraphs if one]
    return TextCard("uncertain", "What is uncertain", cited_text(said))


def _freshness(figures: BriefingFigures) -> Iterator[Piece]:
    manifest = figures.manifest
    assert manifest.covered is not None  # noqa: S101 - a briefing has days
    source = figures.source("Days of the data", manifest.covered, "docs/data.md")
    yield "The data ends on "
    yield Sourced(short_date(manifest.covered[1]), source)
    yield ". "
    since = manifest.provisional_day
    if since is not None and since <= manifest.covered[1]:
        yield "Days from "
        yield Sourced(short_date(since), source)
        yield " on are incomplete"
        counted = since <= figures.days.last
        yield "; this briefing counts some of them." if counted else ", and are not counted here."
    if manifest.months_only:
        yield " The source gives months only: nothing is expected, and weeks are not counted."


def _left_out(figures: BriefingFigures) -> Iterator[Piece]:
    manifest = figures.manifest
    assert manifest.covered is not None  # noqa: S101
    source = figures.source("Manifest of the data", manifest.covered, "docs/data.md")
    refused = sum(batch.quarantined for batch in manifest.batches)
    if refused and not manifest.scoped_from:
        yield Sourced(number(refused), source)
        yield f" {'row was' if refused == 1 else 'rows were'} refused and count nowhere. "
    without = manifest.unknown.get("place", 0)
    if without and not manifest.scoped_from:
        yield Sourced(number(without), source)
        yield " of "
        yield Sourced(number(manifest.incidents), source)
        yield " incidents of all days have no place: they are in counts and on no map. "
    if manifest.outside_covered:
        yield Sourced(number(manifest.outside_covered), source)
        yield " with stray dates are left out. "


def _basis(figures: BriefingFigures) -> Iterator[Piece]:
    main = figures.days.main
    source = figures.source("Expected counts", main.period)
    found = figures.expected(main)
    if isinstance(found, NotComparable):
        if not main.months_only:
            yield "There is too little history to say what was expected. "
    elif found.season is not SeasonBasis.FITTED:
        yield "The data has under "
        yield Sourced("two years", source)
        yield " before the period, so the season is not known. "
    outline = figures.manifest.outlines.get(figures.level)
    if outline is not None and outline.origin == "derived":
        yield "Areas are drawn around their incidents; they are not official boundaries. "
    yield "Counts are of recorded incidents; what is not reported is not in them."
