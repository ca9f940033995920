"""`make bench`: run every benchmark at its default size, then write the page with the results.

`python -m bench growth users` runs only some. Each result is stored as soon as it is measured.
"""

from __future__ import annotations

import sys
import time

from bench import report
from bench.run import DEFAULTS, lines, measure


def main(names: list[str]) -> None:
    for name in names or DEFAULTS:
        started = time.perf_counter()
        print(f"== {name}", flush=True)
        for line in lines(name, measure(name, store=report.RESULTS)):
            print(line)
        print(f"   {time.perf_counter() - started:.0f} s", flush=True)
        report.main()


if __name__ == "__main__":
    main(sys.argv[1:])
