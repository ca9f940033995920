"""Print the table of docs/ask.md: how many written phrases are read as they are meant.

Run: python docs/phrase_scores.py
"""

from __future__ import annotations

from tests.unit.analytics.ask.phrases import scores

FILES = {
    "phrases.csv": "written before the grammar",
    "phrases_unseen.csv": "written after it, unseen by it until its first run",
}


def main() -> None:
    print("| phrases | number | right | silently wrong |")
    print("| --- | ---: | ---: | ---: |")
    for file, what in FILES.items():
        read = list(scores(file))
        right = sum(score.is_right for score in read)
        silent = sum(score.is_silently_wrong for score in read)
        share = f"{right} ({right / len(read):.0%})"
        print(f"| `{file}`, {what} | {len(read)} | {share} | {silent} |")


if __name__ == "__main__":
    main()
