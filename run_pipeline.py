"""The same program as the console script ``wirefold``, from a checkout: ``python run_pipeline.py --help``."""

import sys

from pipeline.cli import main

if __name__ == "__main__":
    sys.exit(main())
