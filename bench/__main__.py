"""`make bench`: run every benchmark at its default size, then write the page with the results.

`python -m bench growth users` runs only some; each result is stored as soon as it is measured.
`python -m bench browser --peer mosaic` measures Explore beside the same views made with Mosaic,
`python -m bench browser --trace` shows what the browser does for a click and stores nothing, and
`python -m bench soak --minutes 60 --analysts 50` keeps a server under load for an hour.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from bench import report
from bench.run import DEFAULTS, LONG, TRACED, lines, measure, trace


def asked(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """What is to be run; by default what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(DEFAULTS)}")
    parser.add_argument("--peer", choices=("mosaic",), help="a peer whose page stands beside ours")
    parser.add_argument("--trace", action="store_true", help="show what the browser does")
    parser.add_argument("--minutes", type=int, help="how long the soak lasts")
    parser.add_argument("--analysts", type=int, help="how many work during the soak")
    given = parser.parse_args(arguments)
    if given.peer and not given.names:
        parser.error("name the benchmark that has the peer: browser --peer mosaic.")
    if given.peer:
        given.names = [f"{name}_{given.peer}" for name in given.names]
    unknown = [name for name in given.names if name not in DEFAULTS]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}; choose from {', '.join(DEFAULTS)}.")
    if not given.names:
        given.names = (
            list(TRACED) if given.trace else [name for name in DEFAULTS if name not in LONG]
        )
    return given


def main(given: argparse.Namespace) -> None:
    if given.trace:
        print("\n".join(line for name in given.names for line in trace(name)))
        return
    soak = {key: vars(given)[key] for key in ("minutes", "analysts") if vars(given)[key]}
    for name in given.names:
        started = time.perf_counter()
        print(f"== {name}", flush=True)
        found = measure(name, store=report.RESULTS, **(soak if name in LONG else {}))
        for line in lines(name, found):
            print(line)
        print(f"   {time.perf_counter() - started:.0f} s", flush=True)
        report.main()


if __name__ == "__main__":
    main(asked())
