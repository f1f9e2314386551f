#!/usr/bin/env python
"""The one command line: everything that the office does in the browser works here too."""

import os
import sys

from config.management.utility import run

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    run(sys.argv)
