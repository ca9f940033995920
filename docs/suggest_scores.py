"""Print the table of docs/sources.md: how many fields `ingest --suggest` proposes as they are.

Run: python docs/suggest_scores.py FOLDER, the folder of the real files.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.integration.suggest_scores import of_files, of_layouts


def main(folder: Path) -> None:
    with TemporaryDirectory() as temporary:
        scores = [*of_files(folder), *of_layouts(Path(temporary))]
    print("| file | right | wrong, with a warning | wrong, without | left out |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for one in scores:
        print(f"| {one.name} | {one.right} | {one.warned} | {one.silent} | {one.left_out} |")
    right, fields = sum(one.right for one in scores), sum(one.fields for one in scores)
    silent = sum(one.silent for one in scores)
    print(
        f"\n{right} of {fields} fields ({right / fields:.1%}) are right, {silent} silently wrong."
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
