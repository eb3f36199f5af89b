"""`python -m tests.fuzz --inputs 1000000 --seed 1`: damaged messages through all decoders.

Prints a line for each format. Exit code 1 where anything but a DecodeError came out, a message took
more than 50 ms of CPU time, or something of one was lost.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.fuzz.run import Fuzz, Line

COLUMNS = "{:22} {:>9} {:>9} {:>9} {:>9} {:>9} {:>11} {:>6} {:>5}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.fuzz")
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.monotonic()
    fuzz = Fuzz(options.seed)
    fuzz.run(options.inputs)
    print(COLUMNS.format("format", "inputs", "decoded", "refused", "ignored", "whole way",
                         "slowest ms", "raised", "lost"))  # fmt: skip
    total = Line()
    for name, line in sorted(fuzz.lines.items()):
        _print(name, line)
        for column in ("inputs", "decoded", "refused", "ignored", "all_the_way"):
            setattr(total, column, getattr(total, column) + getattr(line, column))
        total.slowest_s = max(total.slowest_s, line.slowest_s)
        total.exceptions += line.exceptions
        total.lost += line.lost
        total.slow += line.slow
    _print("all", total)
    print(f"seed {options.seed}, {time.monotonic() - began:.0f} s")
    for text in (*total.exceptions, *total.lost, *total.slow):
        print(text, file=sys.stderr)
    return 0 if fuzz.is_good and fuzz.is_quick else 1


def _print(name: str, line: Line) -> None:
    print(COLUMNS.format(name, line.inputs, line.decoded, line.refused, line.ignored,
                         line.all_the_way, f"{line.slowest_s * 1000:.1f}",
                         len(line.exceptions), len(line.lost)))  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
