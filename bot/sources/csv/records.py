"""From the bytes of one file to records of stripped cells, one at a time.

A line number is that of the physical line on which the record starts: what an editor shows.
"""

import csv
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from typing import BinaryIO

from bot.sources.csv.columns import File
from bot.sources.csv.problems import Problems
from storage.slices import RESERVED

LONGEST_CELL = 10_000
LONGEST_LINE = 1_000_000
REFUSED = {b"\0": "a NUL byte"} | {one.encode(): f"the control character U+{ord(one):04X}" for one in RESERVED}
MALFORMED = {
    "unexpected end of data": "a quote that opens here is never closed; close it, or double the quotes in a cell",
    "field larger than": f"a cell is longer than {LONGEST_CELL:,} characters; is a closing quote missing?",
    "expected after": "text follows a closing quote; double the quotes inside a cell",
    "new-line character seen": "lines end with a lone CR; save the file with LF or CRLF",
}


class UnreadableFile(Exception):
    """The rest of this file cannot be read as CSV; its problem is already noted."""


def records(stream: BinaryIO, file: File, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """The records that hold anything, stripped, each with the line it starts on."""
    reader = csv.reader(_lines(stream, file, problems), strict=True)
    while True:
        start = reader.line_num + 1
        try:
            record = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            advice = next((text for sign, text in MALFORMED.items() if sign in str(error)), f"is no CSV ({error})")
            problems.add(file.name, advice, line=start)
            raise UnreadableFile from error
        if any(record):
            yield start, record


def _lines(stream: BinaryIO, file: File, problems: Problems) -> Iterator[str]:
    """Decoded lines; one that is not text is noted and mended, so that later lines are still checked."""
    number = 0
    while raw := stream.readline(LONGEST_LINE):
        number += 1
        if number == 1:
            if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
                problems.add(file.name, "is saved as UTF-16; save it as UTF-8", line=1)
                raise UnreadableFile
            raw = raw.removeprefix(BOM_UTF8)
        if len(raw) >= LONGEST_LINE - len(BOM_UTF8) and not raw.endswith(b"\n"):
            problems.add(file.name, f"is longer than {LONGEST_LINE:,} bytes; is it a CSV file?", line=number)
            raise UnreadableFile
        for mark, name in REFUSED.items():
            if mark in raw:
                problems.add(file.name, f"holds {name}; remove it", line=number)
                raw = raw.replace(mark, b"")
        try:
            yield raw.decode()
        except UnicodeDecodeError as error:
            problems.add(file.name, f"byte {error.start + 1} is not UTF-8; save the file as UTF-8", line=number)
            yield raw.decode(errors="replace")
