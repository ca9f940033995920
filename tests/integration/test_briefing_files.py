"""Briefings in four formats: their numbers against SQL and `patroliq changes`, opened again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import docx
import duckdb
import pptx
import pypdf
import pytest
from click.testing import CliRunner

from analytics.briefing.document import BriefingDocument, MapCard, TableCard, TextCard
from analytics.briefing.files import FileFormat, briefing_file
from analytics.cli import patroliq
from analytics.crossfilter.selection import EMPTY
from analytics.drafting.catalog import CARDS, draft_card
from analytics.drafting.draft import document_of, draft_briefing, figures_of
from analytics.drafting.figures import BriefingFigures
from analytics.drafting.request import BriefingRequest, Template
from analytics.errors import InputError
from analytics.formats import number, numbers
from analytics.hotspot_answers import HotSpots
from analytics.incidents.warehouse import Snapshot
from analytics.services import Pinned, Services
from analytics.settings import Settings
from tests.integration.briefing_texts import html_content, pdf_text, slides_content, word_content

AS_OF = date(2026, 9, 30)


@pytest.fixture(scope="module")
def services(city_of_8000: Path) -> Services:
    return Services(Settings(home=city_of_8000))


@pytest.fixture(scope="module")
def city(services: Services) -> Pinned:
    pinned = services.pin()
    assert pinned is not None
    return pinned


@pytest.fixture(scope="module")
def weekly(services: Services, city: Pinned) -> BriefingDocument:
    return draft_briefing(services, city, BriefingRequest(Template.WEEKLY, as_of=AS_OF)).document


@pytest.fixture(scope="module")
def files(weekly: BriefingDocument) -> dict[FileFormat, bytes]:
    return {one: briefing_file(weekly, one) for one in FileFormat}


def counted(city: Pinned, days: int, by: str) -> dict[str, int]:
    """Incidents of the last days, by SQL."""
    with duckdb.connect(str(city.snapshot.database), read_only=True) as connection:
        return dict(
            connection.execute(
                f"""SELECT coalesce({by}, 'unknown'), count(*) FROM incidents
                WHERE operational_day BETWEEN ? AND ? GROUP BY 1""",
                [AS_OF - timedelta(days=days - 1), AS_OF],
            ).fetchall()
        )


def table(document: BriefingDocument, name: str) -> TableCard:
    found = next(card for card in document.cards if card.name == name)
    assert isinstance(found, TableCard)
    return found


def test_counts_of_the_tables_are_those_of_sql(weekly: BriefingDocument, city: Pinned) -> None:
    week, weeks = counted(city, 7, "'all'")["all"], counted(city, 28, "'all'")["all"]
    assert [row[1] for row in table(weekly, "headline").rows] == [number(week), number(weeks)]
    by_group = counted(city, 28, '"group"')
    in_week = counted(city, 7, '"group"')
    shown = table(weekly, "groups").rows
    assert {(row[0].lower(), row[1], row[2]) for row in shown} == {
        (group, number(in_week.get(group, 0)), number(count)) for group, count in by_group.items()
    }


def test_all_formats_show_the_same_rows(
    weekly: BriefingDocument, files: dict[FileFormat, bytes]
) -> None:
    tables = [card for card in weekly.cards if isinstance(card, TableCard)]
    assert len(tables) >= 3
    expected = [list(row) for card in tables for row in (card.columns, *card.rows)]
    for read, kind in (
        (html_content, FileFormat.HTML),
        (word_content, FileFormat.WORD),
        (slides_content, FileFormat.SLIDES),
    ):
        _, rows = read(files[kind])
        assert rows == expected, kind
    printed = pdf_text(files[FileFormat.PDF]).replace("▲ ", "").replace("▼ ", "")
    for row in expected:
        assert " ".join(row) in printed


def test_all_formats_show_every_sentence(
    weekly: BriefingDocument, files: dict[FileFormat, bytes]
) -> None:
    words = {
        FileFormat.HTML: html_content(files[FileFormat.HTML])[0],
        FileFormat.WORD: word_content(files[FileFormat.WORD])[0],
        FileFormat.SLIDES: slides_content(files[FileFormat.SLIDES])[0],
    }
    for card in weekly.cards:
        if isinstance(card, TextCard):
            for line in card.words.split("\n\n"):
                for kind, text in words.items():
                    assert line.strip() in text, (kind, line)


def test_expected_counts_are_those_of_the_command(
    city_of_8000: Path, monkeypatch: pytest.MonkeyPatch, services: Services, city: Pinned
) -> None:
    monkeypatch.setenv("PATROLIQ_HOME", str(city_of_8000))
    request = BriefingRequest(Template.WEEKLY, as_of=AS_OF)
    figures, _ = figures_of(services, city, request)
    for name, by in (("types", "type"), ("areas", "district")):
        words = ["changes", "--as-of", str(AS_OF), "--days", "28", "--by", by, "--json"]
        rows = json.loads(CliRunner().invoke(patroliq, words).stdout)
        known = {row[by]: row for row in rows if row["expected"] is not None}
        card = draft_card(figures, name)
        assert isinstance(card, TableCard)
        labels = {figures.label(by, key): row for key, row in known.items()}
        compared = 0
        for label, _week, count, expected, interval, *_ in card.rows:
            row = labels.get(label)
            if row is None:
                continue
            compared += 1
            assert count == number(row["count"])
            rounding = 0.51 if row["expected"] >= 100 else 0.056  # the command rounds to 0.01
            assert float(expected.replace(",", "")) == pytest.approx(row["expected"], abs=rounding)
            assert interval == numbers(row["low"], row["high"])
        assert compared >= 5
    words = ["changes", "--as-of", str(AS_OF), "--days", "28", "--by", "type,district", "--json"]
    rows = json.loads(CliRunner().invoke(patroliq, words).stdout)
    out = [row for row in rows if row["tier"] in ("clear", "watch")]
    said = draft_card(figures, "changes")
    assert isinstance(said, TextCard)
    for row in out[:6]:
        assert f": {number(row['count'])}, " in said.words
    assert len(said.words.split("\n\n")) == 1 + min(len(out), 7)


def test_every_number_of_a_draft_is_cited(weekly: BriefingDocument) -> None:
    assert weekly.by_hand == []
    for card in weekly.cards:
        assert weekly.numbers(card)
    assert all(weekly.snapshot in one and "docs/" in one for one in weekly.sources)


def test_documents_survive_json(weekly: BriefingDocument) -> None:
    again = BriefingDocument.from_json(json.loads(json.dumps(weekly.as_json())))
    assert again == weekly


def test_the_same_document_gives_the_same_bytes(
    weekly: BriefingDocument, files: dict[FileFormat, bytes]
) -> None:
    for kind, content in files.items():
        assert briefing_file(weekly, kind) == content, kind


def test_the_pdf_has_pages_bookmarks_fonts_and_metadata(weekly: BriefingDocument) -> None:
    for paper, size in (("letter", (612, 792)), ("a4", (595, 842))):
        read = pypdf.PdfReader(BytesIO(briefing_file(weekly, FileFormat.PDF, paper)))
        assert {tuple(round(side) for side in page.mediabox[2:]) for page in read.pages} == {size}
        assert read.metadata is not None
        assert (read.metadata.title, read.metadata.author) == (weekly.title, weekly.author)
        assert [one.title for one in read.outline] == [
            *(card.title for card in weekly.cards),
            "Sources",
        ]
        fonts = [
            font.get_object()
            for page in read.pages
            for font in page["/Resources"]["/Font"].values()
        ]
        used = [font for font in fonts if "/FontDescriptor" in font]
        assert used
        assert all("/FontFile2" in font["/FontDescriptor"].get_object() for font in used)
        last = len(read.pages)
        assert f"Page {last} of {last}" in read.pages[-1].extract_text()


def test_pictures_of_office_files_are_described_and_fit_for_print(
    files: dict[FileFormat, bytes],
) -> None:
    word = docx.Document(BytesIO(files[FileFormat.WORD]))
    assert word.inline_shapes
    for shape in word.inline_shapes:
        assert shape._inline.docPr.get("descr")
        blip = shape._inline.graphic.graphicData.pic.blipFill.blip.embed
        pixels = word.part.related_parts[blip].image.px_width
        assert pixels / shape.width.inches >= 200
    deck = pptx.Presentation(BytesIO(files[FileFormat.SLIDES]))
    assert deck.slide_width * 9 == deck.slide_height * 16
    pictures = [shape for slide in deck.slides for shape in slide.shapes if hasattr(shape, "image")]
    assert len(pictures) == len(word.inline_shapes)
    for shape in pictures:
        assert shape._element.nvPicPr.cNvPr.get("descr")
        assert shape.image.size[0] / shape.width.inches >= 200
        assert shape.left + shape.width <= deck.slide_width
        assert shape.top + shape.height <= deck.slide_height
    assert all("Sources" in slide.notes_slide.notes_text_frame.text for slide in deck.slides)


def without(city: Pinned, services: Services, **manifest: object) -> BriefingFigures:
    """Figures of the same data with another manifest."""
    whole = city.snapshot
    snapshot = replace(whole, manifest=replace(whole.manifest, **manifest))
    pinned = Pinned(snapshot, services.settings, services.cache)
    return BriefingFigures(services, pinned, BriefingRequest(Template.WEEKLY, as_of=AS_OF), EMPTY)


def test_a_source_without_areas_hours_blocks_or_harm_gets_the_other_cards(
    city: Pinned, services: Services
) -> None:
    lacking = ("district", "beat", "ward", "area", "hour", "block", "harm", "cell", "group")
    figures = without(city, services, views_off=dict.fromkeys(lacking, "no values"), outlines={})
    found = {name: draft_card(figures, name) for name in CARDS}
    for name in ("areas", "hours", "map", "places", "harm", "near_repeats"):
        assert found[name] is None
    cards = tuple(card for card in found.values() if card is not None)
    for kind in FileFormat:
        assert briefing_file(document_of(figures, cards), kind)


def test_months_only_are_counted_and_not_tested(city: Pinned, services: Services) -> None:
    figures = without(city, services, precision="month")
    assert figures.days.main.period == (date(2026, 9, 1), date(2026, 9, 30))
    cards = [draft_card(figures, name) for name in CARDS]
    document = document_of(figures, tuple(card for card in cards if card is not None))
    assert {row[-1] for row in table(document, "headline").rows} == {
        "not tested: the source gives months only"
    }
    assert figures.anomalies is None


def test_a_history_too_short_to_expect_anything_says_so(
    small: Snapshot, settings: Settings
) -> None:
    services = Services(settings)
    pinned = services.pin()
    assert pinned is not None
    made = draft_briefing(services, pinned, BriefingRequest(Template.WEEKLY)).document
    shown = table(made, "headline").rows
    assert {row[-1] for row in shown} == {"not tested: too little history"}
    assert "too little" in " ".join(card.words for card in made.cards if isinstance(card, TextCard))
    for kind in FileFormat:
        assert briefing_file(made, kind)


def test_a_district_briefing_is_of_one_area(city: Pinned, services: Services) -> None:
    area = city.vocabulary.values("district")[0]
    request = BriefingRequest(Template.DISTRICT, f"district={area}", AS_OF)
    made = draft_briefing(services, city, request).document
    with duckdb.connect(str(city.snapshot.database), read_only=True) as connection:
        rows = connection.execute(
            "SELECT count(*) FROM incidents WHERE district = ? AND operational_day BETWEEN ? AND ?",
            [area, AS_OF - timedelta(days=27), AS_OF],
        ).fetchall()
    assert table(made, "headline").rows[1][1] == number(rows[0][0])
    for selection in ("", "district=001,002", "type=THEFT"):
        with pytest.raises(InputError, match="one area"):
            draft_briefing(services, city, replace(request, selection=selection))


def test_a_monthly_briefing_is_of_the_last_complete_month(city: Pinned, services: Services) -> None:
    request = BriefingRequest(Template.MONTHLY, as_of=date(2026, 9, 20))
    figures, _ = figures_of(services, city, request)
    assert figures.days.main.period == (date(2026, 8, 1), date(2026, 8, 31))


class TestCommand:
    @pytest.fixture(autouse=True)
    def home(self, city_of_8000: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATROLIQ_HOME", str(city_of_8000))

    @staticmethod
    def run(*words: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(patroliq, ["briefing", *words])
        return done.exit_code, done.stdout, done.stderr + str(done.exception or "")

    def test_it_writes_a_file_and_prints_what_it_has(self, tmp_path: Path) -> None:
        file = tmp_path / "week.docx"
        words = ("--template", "weekly", "--as-of", str(AS_OF), "--out", str(file), "--json")
        code, out, _ = self.run(*words, "--title", "Monday", "--audience", "Command staff")
        assert code == 0
        printed = json.loads(out)
        assert (printed["title"], printed["audience"]) == ("Monday", "Command staff")
        assert printed["sources"]
        text, _ = word_content(file.read_bytes())
        assert "Monday" in text
        assert "For Command staff" in text

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (("--template", "weekly", "--out", "x.odt"), "must end in"),
            (("--template", "weekly"), "--out"),
            (("--out", "x.pdf"), "--template"),
            (("--template", "weekly", "--as-of", "1999-01-01", "--out", "x.pdf"), "not a day"),
            (("--template", "weekly", "--selection", "hour=99", "--out", "x.pdf"), "hour"),
            (("--template", "weekly", "--title", "\u202ex", "--out", "x.pdf"), "not shown"),
        ],
    )
    def test_what_cannot_be_made_is_said(
        self, words: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        code, _, said = self.run(*words)
        assert code != 0
        assert message in said
        assert not list(tmp_path.iterdir())

    def test_a_date_of_the_selection_is_left_out_with_a_word(self, tmp_path: Path) -> None:
        file = tmp_path / "week.html"
        words = ("--template", "weekly", "--as-of", str(AS_OF), "--out", str(file))
        code, _, said = self.run(*words, "--selection", "date=last28d&type=THEFT")
        assert code == 0
        assert "date is left out" in said


@pytest.fixture
def trained(trained_city: Settings) -> tuple[Services, Pinned]:
    services = Services(trained_city)
    pinned = services.pin()
    assert pinned is not None
    return services, pinned


class TestBulletin:
    def test_it_is_of_a_zone_on_one_page(self, trained: tuple[Services, Pinned]) -> None:
        services, pinned = trained
        spots = HotSpots(services, pinned)
        thefts = BriefingRequest(Template.BULLETIN, "type=THEFT")
        figures, _ = figures_of(services, pinned, thefts)
        listed = spots.list_zones(spots.model() or "", figures.of_main)
        zone = listed.zones[0]
        request = replace(thefts, selection=f"zone={zone.clause[1]}&type=THEFT")
        made = draft_briefing(services, pinned, request).document
        shown = next(card for card in made.cards if isinstance(card, MapCard))
        assert shown.map.frame is not None
        assert any(area.chosen for area in shown.map.areas)
        text = next(card for card in made.cards if isinstance(card, TextCard)).words
        assert f": {number(zone.incidents)} from " in text
        assert made.by_hand == []
        pdf = pypdf.PdfReader(BytesIO(briefing_file(made, FileFormat.PDF)))
        assert len(pdf.pages) == 1
        for kind in FileFormat:
            assert briefing_file(made, kind)

    def test_its_days_are_those_of_its_filter_on_the_date(
        self, services: Services, city: Pinned
    ) -> None:
        text = "type=THEFT&date=2026-09-01..2026-09-12"
        asked = BriefingRequest(Template.BULLETIN, text, pattern="Series 7: 3 incidents.")
        made = draft_briefing(services, city, asked)
        assert (made.remarks, made.request.selection) == ((), text)
        words = made.document.cards[0]
        assert isinstance(words, TextCard)
        assert words.words.startswith("Series 7: 3 incidents.\n")
        with duckdb.connect(str(city.snapshot.database), read_only=True) as connection:
            hours = connection.execute(
                """SELECT hour FROM incidents WHERE type = 'THEFT' AND NOT heaped_time
                AND operational_day BETWEEN '2026-09-01' AND '2026-09-12'
                AND coalesce(occurred_to - occurred_from, INTERVAL 0 HOUR) <= INTERVAL 6 HOUR"""
            ).fetchall()
        peak = max(sum((hour - at) % 24 < 4 for (hour,) in hours) for at in range(24))
        assert f"({peak} of {len(hours)} with an exact hour)" in words.words
        assert made.document.by_hand == []

    def test_of_few_exact_hours_it_tells_no_peak(self, services: Services, city: Pinned) -> None:
        few = BriefingRequest(Template.BULLETIN, "type=HOMICIDE&date=2026-09-12..2026-09-12")
        (text,) = (
            card.words
            for card in draft_briefing(services, city, few).document.cards
            if card.name == "lookout" and isinstance(card, TextCard)
        )
        assert "too few incidents have an exact hour" in text

    def test_it_needs_a_pattern(self, services: Services, city: Pinned) -> None:
        with pytest.raises(InputError, match="pattern"):
            draft_briefing(services, city, BriefingRequest(Template.BULLETIN))

    def test_the_command_takes_a_zone(
        self,
        trained: tuple[Services, Pinned],
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
    ) -> None:
        services, pinned = trained
        monkeypatch.setenv("PATROLIQ_HOME", str(services.settings.home))
        zone = next(word.value for word in pinned.vocabulary.words["zone"])
        file = tmp_path / "look.pdf"
        words = ["briefing", "--template", "bulletin", "--zone", f"zones_{zone}"]
        done = CliRunner().invoke(patroliq, [*words, "--out", str(file), "--json"])
        assert done.exit_code == 0, done.output + str(done.exception)
        assert json.loads(done.stdout)["cards"][0]["name"] == "lookout"
        assert file.exists()
