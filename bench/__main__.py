"""`make bench`: run every benchmark at its default size, then write the page with the results.

`python -m bench growth users` runs only some, and `python -m bench soak --minutes 60 --analysts 50`
keeps a server under load for an hour. Each result is stored as soon as it is measured.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

from bench import report
from bench.run import DEFAULTS, LONG, lines, measure


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*DEFAULTS, []], metavar="NAME")
    parser.add_argument("--minutes", type=int, help="how long the soak lasts")
    parser.add_argument("--analysts", type=int, help="how many work during the soak")
    given = vars(parser.parse_args())
    names = given.pop("names") or [name for name in DEFAULTS if name not in LONG]
    options: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    for name in names:
        started = time.perf_counter()
        print(f"== {name}", flush=True)
        found = measure(name, store=report.RESULTS, **(options if name in LONG else {}))
        for line in lines(name, found):
            print(line)
        print(f"   {time.perf_counter() - started:.0f} s", flush=True)
        report.main()


if __name__ == "__main__":
    main()
