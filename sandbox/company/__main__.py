"""Command line: `python -m sandbox.company DIR [--seed 7] [--as-of YYYY-MM-DD]`."""

import argparse
from datetime import UTC, date, datetime
from pathlib import Path

from sandbox.company.writer import write_company


def main() -> None:
    """Write the demo company's account folder."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.company",
        description="Write the demo company as an account folder (JSON Lines).",
    )
    parser.add_argument("folder", type=Path, help="folder to write; made where it is missing")
    parser.add_argument("--seed", type=int, default=7, help="another seed, another company (default 7)")
    parser.add_argument(
        "--as-of",
        type=date.fromisoformat,
        default=datetime.now(UTC).date(),
        metavar="YYYY-MM-DD",
        help="the day on which the history ends (default: today, UTC)",
    )
    options = parser.parse_args()
    write_company(options.folder, as_of=options.as_of, seed=options.seed)
    for path in sorted(options.folder.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            print(f"{path.name:30} {sum(1 for _ in lines):>7}")


if __name__ == "__main__":
    main()
