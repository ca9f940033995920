"""`make bench`: run every benchmark at its default size, then write the page with the results.

`python -m bench growth users` runs only some; `python -m bench browser --peer mosaic` measures
Explore beside the same views made with Mosaic. Each result is stored as soon as it is measured.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from bench import report
from bench.run import DEFAULTS, lines, measure


def names_of(arguments: Sequence[str] | None = None) -> list[str]:
    """Names of the benchmarks to run; by default the command line's."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(DEFAULTS)}")
    parser.add_argument("--peer", choices=("mosaic",), help="a peer whose page stands beside ours")
    given = parser.parse_args(arguments)
    names = [f"{name}_{given.peer}" if given.peer else name for name in given.names]
    if given.peer and not names:
        parser.error("name the benchmark that has the peer: browser --peer mosaic.")
    unknown = [name for name in names if name not in DEFAULTS]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}; choose from {', '.join(DEFAULTS)}.")
    return names or list(DEFAULTS)


def main(names: Sequence[str]) -> None:
    for name in names:
        started = time.perf_counter()
        print(f"== {name}", flush=True)
        for line in lines(name, measure(name, store=report.RESULTS)):
            print(line)
        print(f"   {time.perf_counter() - started:.0f} s", flush=True)
        report.main()


if __name__ == "__main__":
    main(names_of())
