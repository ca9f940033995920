"""Finding the encoding, delimiter and header of an unknown CSV file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from analytics.ingest.file_layout import file_layout
from analytics.ingest.inputs import Input

ROWS = "\n".join(f"{number},2022-01-{number:02d} 10:00,THEFT" for number in range(1, 29))
ADDRESSES = "".join(
    f'{number},2022-01-{number:02d},"1 ELM ST\nDALLAS, TX\n(32.7, -96.8)"\n'
    for number in range(1, 29)
)
GERMAN = "Deliktsart,Straße\n" + "Körperverletzung,Münchener Straße\n" * 9


@pytest.mark.parametrize(
    ("text", "encoding", "keys"),
    [
        (f"id,date,type\n{ROWS}\n", "utf-8", {}),
        (f"id,date,type\n{ROWS}\n", "utf-16", {}),
        (f"Police\nMade 2022-02-01\n\nid,date,type\n{ROWS}\n", "utf-8", {"skip_lines": 3}),
        (f"Police,,\nid,date,type\n{ROWS}\n", "utf-8", {"skip_lines": 1}),
        (f"{ROWS}\n", "utf-8", {"header": ["column 1", "column 2", "column 3"]}),
        (f"sep=;\nid;date\n{ROWS}\n", "utf-8", {}),
        ("id;a,b,c\n" + "1;x\n" * 9, "utf-8", {"delimiter": ";"}),
        (GERMAN, "cp1252", {}),
        (f"id,date,place\n{ADDRESSES}", "utf-8", {}),
        (f'id,"date\nand time",type\n{ROWS}\n', "utf-8", {}),
        (f'Made "here\nid,date,type\n{ROWS}\n', "utf-8", {"skip_lines": 1}),
        ("one column\n1\n2\n", "utf-8", {}),
    ],
)
def test_the_layout_of_a_file_is_found(
    tmp_path: Path, text: str, encoding: str, keys: dict[str, Any]
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(text.encode(encoding))
    found = file_layout(Input(path.name, path, path, "csv"))
    assert found == {**keys, **({"header": found["header"]} if "header" in keys else {})}
    assert len(found.get("header", ())) == len(keys.get("header", ()))
