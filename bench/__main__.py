"""All benchmarks: `python -m bench [--quick]` (`make bench`)."""

import argparse

from bench import behind, cpu, delay, jitter, lingering, live, reconciling, reviewing, signing_in, uplink


def main() -> None:
    """Print one table after the other."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="all benchmarks, each a table")
    parser.add_argument("--quick", action="store_true", help="a smoke test of a minute")
    arguments = ["--quick"] if parser.parse_args().quick else []
    for benchmark in (cpu, delay, jitter, behind, uplink, live, reviewing, reconciling, signing_in, lingering):
        benchmark.main(arguments)
        print()


if __name__ == "__main__":
    main()
