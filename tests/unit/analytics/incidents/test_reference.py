"""Reference tables: read, checked, replaced, and what the bundled ones say."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from analytics.errors import InputError
from analytics.incidents.reference import (
    FOLDER,
    HEADLINE,
    Offense,
    find_table,
    load_tables,
    read_classes,
    read_codes,
    read_default_addresses,
    read_groups,
)

# Transcribed from the Illinois Compiled Statutes: 730 ILCS 5/5-4.5-20 to -65.
ILLINOIS = {
    "murder": (7300, "730 ILCS 5/5-4.5-20"),
    "X": (2190, "730 ILCS 5/5-4.5-25"),
    "1": (1460, "730 ILCS 5/5-4.5-30"),
    "2": (1095, "730 ILCS 5/5-4.5-35"),
    "3": (730, "730 ILCS 5/5-4.5-40"),
    "4": (365, "730 ILCS 5/5-4.5-45"),
    "A": (182, "730 ILCS 5/5-4.5-55"),
    "B": (91, "730 ILCS 5/5-4.5-60"),
    "C": (15, "730 ILCS 5/5-4.5-65"),
}
LADDER = ("murder", "X", "1", "2", "3")

# Offenses whose class the code of 1961 and of 2012 state plainly.
PLAIN = {
    "0110": "murder",
    "0141": "3",
    "0265": "X",
    "0281": "1",
    "031A": "X",
    "0320": "2",
    "0420": "3",
    "0486": "A",
    "0560": "C",
    "0610": "2",
    "0650": "X",
    "0810": "3",
    "0820": "A",
    "0910": "2",
    "1025": "X",
    "1310": "A",
    "2024": "4",
    "4220": "X",
}

# An attempt and the offense attempted.
ATTEMPTS = {
    "0271": "0261",
    "0272": "0262",
    "0273": "0263",
    "0274": "0264",
    "0275": "0265",
    "0291": "0281",
    "0331": "0330",
    "0334": "0312",
    "0337": "0313",
    "033A": "031A",
    "033B": "031B",
    "0340": "0320",
    "0630": "0610",
    "0920": "0910",
    "0925": "0915",
    "0927": "0917",
    "1090": "1020",
    "1590": "1562",
}

CODES = "code,description,offense_class,proactive,reading,law,note\n"
GROUPS = "scheme,group,code,fbi_code,type,label\n"


@pytest.fixture
def codes() -> dict[str, dict[str, str]]:
    with (FOLDER / "harm/chicago_codes.csv").open(encoding="utf-8", newline="") as handle:
        return {row["code"]: row for row in csv.DictReader(handle)}


def table(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_bytes(text.encode("utf-8"))
    return path


def offense(code: str | None = None, fbi: str | None = None, kind: str | None = None) -> Offense:
    return Offense(code, fbi, kind, None)


def test_illinois_classes_weigh_what_the_statutes_say() -> None:
    assert read_classes(FOLDER / "harm/illinois_classes.csv") == {
        name: days for name, (days, _) in ILLINOIS.items()
    }
    with (FOLDER / "harm/illinois_classes.csv").open(encoding="utf-8", newline="") as handle:
        statutes = {row["offense_class"]: row["statute"] for row in csv.DictReader(handle)}
    assert statutes == {name: statute for name, (_, statute) in ILLINOIS.items()}


@pytest.mark.parametrize(("code", "offense_class"), PLAIN.items())
def test_a_plain_offense_has_the_class_the_law_gives_it(
    codes: dict[str, dict[str, str]], code: str, offense_class: str
) -> None:
    assert codes[code]["offense_class"] == offense_class


@pytest.mark.parametrize(("attempt", "attempted"), ATTEMPTS.items())
def test_an_attempt_is_one_class_below_the_offense_attempted(
    codes: dict[str, dict[str, str]], attempt: str, attempted: str
) -> None:
    above = LADDER.index(codes[attempted]["offense_class"])
    assert LADDER.index(codes[attempt]["offense_class"]) == above + 1


def test_readings_are_marked_as_ours_and_every_class_names_its_law(
    codes: dict[str, dict[str, str]],
) -> None:
    assert {row["reading"] for row in codes.values()} == {"ours"}
    assert [row["code"] for row in codes.values() if row["offense_class"] and not row["law"]] == []
    unread = [row for row in codes.values() if not row["offense_class"]]
    assert [row["code"] for row in unread if not row["note"]] == []


def test_who_finds_an_offense_is_told_by_code_not_by_type(codes: dict[str, dict[str, str]]) -> None:
    assert codes["1477"]["description"].startswith("WEAPONS VIOLATION")
    assert codes["143A"]["description"].startswith("WEAPONS VIOLATION")
    assert (codes["1477"]["proactive"], codes["143A"]["proactive"]) == ("no", "yes")


def test_the_more_specific_rule_decides(tmp_path: Path) -> None:
    text = GROUPS + (
        "headline,other,,,,\nheadline,by type,,,THEFT,\nheadline,by fbi,,06,,\n"
        "headline,by code,0860,,,\nheadline,by all,0870,06,THEFT,\n"
    )
    groups = read_groups(table(tmp_path, text))
    assert groups.of(offense("0820", "26", "Theft"))[HEADLINE] == ["by type"]
    assert groups.of(offense("0820", "06", "THEFT"))[HEADLINE] == ["by fbi"]
    assert groups.of(offense("0860", "06", "THEFT"))[HEADLINE] == ["by code"]
    assert groups.of(offense("0870", "06", "THEFT"))[HEADLINE] == ["by all"]
    assert groups.of(offense("0870", "07", "ARSON"))[HEADLINE] == ["other"]
    assert groups.of(offense())[HEADLINE] == ["other"]


def test_schemes_other_than_the_headline_may_overlap_and_omit(tmp_path: Path) -> None:
    text = GROUPS + "compstat,guns,143A,,,\ncompstat,focus,143A,,,\n"
    groups = read_groups(table(tmp_path, text))
    assert groups.of(offense("143A"))["compstat"] == ["guns", "focus"]
    assert "compstat" not in groups.of(offense("0820"))


def test_aggravated_assault_and_battery_are_violent_and_simple_ones_are_not() -> None:
    groups = load_tables({"groups": "chicago"}).groups
    violent = {"01A", "02", "03", "04A", "04B"}
    property_codes = {"05", "06", "07", "09"}
    for code in (*violent, *property_codes, "08A", "08B", "01B", "26"):
        found = groups.of(offense("9999", code, "ANY"))
        assert (found[HEADLINE] == ["violent"]) == (code in violent)
        assert (found[HEADLINE] == ["property"]) == (code in property_codes)
        assert ("part_i" in found) == (code in violent | property_codes)


@pytest.mark.parametrize("path", sorted((FOLDER / "groups").glob("*.csv")), ids=lambda p: p.stem)
def test_bundled_groups_have_a_headline_that_ends_in_other(path: Path) -> None:
    groups = read_groups(path)
    assert groups.schemes[0] == HEADLINE
    assert groups.of(offense("no such", "no such", "no such"))[HEADLINE] == ["other"]


def test_the_agencys_table_replaces_the_bundled_one(tmp_path: Path) -> None:
    own = tmp_path / "harm" / "illinois_classes.csv"
    own.parent.mkdir()
    bundled = (FOLDER / "harm/illinois_classes.csv").read_text(encoding="utf-8")
    own.write_text(bundled.replace("C,15,", "C,16,"), encoding="utf-8")
    names = {"groups": "chicago", "classes": "illinois"}
    assert load_tables(names, tmp_path).class_days["C"] == 16
    assert load_tables(names, None).class_days["C"] == 15
    assert (
        load_tables(names, tmp_path).checksums["harm/illinois_classes.csv"]
        != load_tables(names, None).checksums["harm/illinois_classes.csv"]
    )


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Table not found: groups/atlantis\.csv"):
        find_table("groups/atlantis.csv", tmp_path)


def test_spreadsheet_marks_and_line_ends_are_read(tmp_path: Path) -> None:
    text = "\ufeffoffense_class,days,statute,basis\r\nX,2190,s,b\r\n\r\n"
    assert read_classes(table(tmp_path, text)) == {"X": 2190}


@pytest.mark.parametrize(
    ("row", "line", "column"),
    [
        ("0820,theft,Z,no,ours,,", 2, "offense_class"),
        ("0820,theft,A,maybe,ours,,", 2, "proactive"),
        ("0820,theft,A,no,mine,,", 2, "reading"),
        (",theft,A,no,ours,,", 2, "code"),
        ("0820,a,A,no,ours,,\n0820,b,A,no,ours,,", 3, "code"),
        ("0820,theft, over $500,A,no,ours,,", 2, "note"),
    ],
)
def test_a_wrong_reading_is_refused_with_file_line_and_column(
    tmp_path: Path, row: str, line: int, column: str
) -> None:
    path = table(tmp_path, CODES + row + "\n")
    with pytest.raises(InputError, match=rf"table\.csv, line {line}, column {column}: "):
        read_codes(path, {"A": 182})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "offense_class,days,statute\nX,1,s\n",
            r"line 1: the columns must be .* missing: \['basis'\]",
        ),
        ("offense_class,days,statute,basis\nX,many,s,b\n", "line 2, column days"),
        ("offense_class,days,statute,basis\nX,0,s,b\n", "line 2, column days"),
        ("offense_class,days,statute,basis\nX,1,,b\n", "line 2, column statute"),
        ("offense_class,days,statute,basis\nX,1,s,b\nX,2,s,b\n", "line 3, column offense_class"),
    ],
)
def test_a_wrong_class_table_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_classes(table(tmp_path, text))


def test_a_headline_that_is_no_partition_is_refused(tmp_path: Path) -> None:
    text = GROUPS + "headline,violent,,03,,\nheadline,property,,03,,\n"
    with pytest.raises(InputError, match=r"line 3, column fbi_code: line 2 puts"):
        read_groups(table(tmp_path, text))


def test_a_wrong_default_address_is_refused(tmp_path: Path) -> None:
    head = "location_type,default,reason\n"
    with pytest.raises(InputError, match="line 2, column default"):
        read_default_addresses(table(tmp_path, head + "JAIL,perhaps,why\n"))
    with pytest.raises(InputError, match="line 3, column location_type"):
        read_default_addresses(table(tmp_path, head + "A / B,yes,why\na/b,no,why\n"))


def test_a_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes("offense_class,days,statute,basis\nÄ,1,s,b\n".encode("latin-1"))
    with pytest.raises(InputError, match="not UTF-8"):
        read_classes(path)
