"""Verification finds what is wrong with a WARC, names the section, and accuses nothing that is right."""

import gzip
import io
import json
import random
import shutil
import subprocess
import threading
import tracemalloc
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.shapes import SHAPES
from support.smallarchive import small_archive
from support.warcs import changed, good, write
from warcio.archiveiterator import ArchiveIterator
from warcio.recompressor import Recompressor

from archive.findings import Finding, Severity, Tally
from archive.gzipmembers import OpenAt
from archive.store import open_store
from archive.verify import verify
from archive.verify_ledger import Ledger
from archive.verify_rules import RULES
from archive.verify_warc import verify_warc
from archive.warcrules import FIELDS

CASES = Path(__file__).parent / "cases"
DEFECTS = yaml.safe_load((CASES / "warc-defects.yaml").read_text(encoding="utf-8"))
GOOD = yaml.safe_load((CASES / "warc-good.yaml").read_text(encoding="utf-8"))
