"""`make bench`: run every benchmark at its default size, then write the page with the results.

`python -m bench growth users` runs only some. Each result is stored as soon as it is measured.
`python -m bench browser --trace` shows what the browser does for a click, and stores nothing.
"""

from __future__ import annotations

import sys
import time

from bench import report
from bench.run import DEFAULTS, TRACED, lines, measure, trace

TRACE = "--trace"


def main(arguments: list[str]) -> None:
    names = [name for name in arguments if name != TRACE]
    if TRACE in arguments:
        print("\n".join(line for name in names or TRACED for line in trace(name)))
        return
    for name in names or DEFAULTS:
        started = time.perf_counter()
        print(f"== {name}", flush=True)
        for line in lines(name, measure(name, store=report.RESULTS)):
            print(line)
        print(f"   {time.perf_counter() - started:.0f} s", flush=True)
        report.main()


if __name__ == "__main__":
    main(sys.argv[1:])
