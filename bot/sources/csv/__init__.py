"""A folder of CSV files as a billing source, for every billing system that Kahvi does not read itself.

`columns` is the registry of files and columns: reading, error texts and docs/csv.md all come from it.
"""

from bot.sources.csv.reading import read
from bot.sources.csv.source import CsvSource

__all__ = ["CsvSource", "read"]
