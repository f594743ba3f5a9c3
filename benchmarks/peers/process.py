"""One whole process for another sampler: `python -m benchmarks.peers.process nutpie mosul-2017`.

It does what `undercount estimate --no-files` does, only the sampler is another one: read the case, fit, check every
gate, print the toll.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Fit a bundled case; gives the exit code, 3 where a gate failed."""
    import undercount as uc

    sampler, case = arguments
    estimate = uc.CountFusion(sampler=sampler, cores=2).fit(uc.load_case(case))
    print(estimate.toll())
    return 0 if estimate.check().passed else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
