"""The ledger: movements of MRR per account and day. Everything that shows MRR reads these rows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import batched, islice

from sqlalchemy import Select, func, select
from sqlmodel import Session

from storage.states import MovementKind
from storage.tables import MovementRow
from storage.upsert import Row, insert_all, parts, table_of

movements = table_of(MovementRow)
