"""Take the text files of this folder from the database that the package pyjaspar 4.0.0 has of JASPAR 2026:

    python data/jaspar/make.py JASPAR2026.sqlite [FOLDER]

One file for each group of species: the newest version of each profile of the collection CORE, in order of the ids.
"""

import gzip
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

GROUPS = ("vertebrates", "plants", "insects", "fungi", "nematodes", "urochordates")
BASES = "ACGT"


class Matrix(NamedTuple):
    """A profile as the database has it."""

    key: int
    id: str
    version: int
    name: str


def main(database: str, folder: str = str(Path(__file__).parent)) -> None:
    """Write the files."""
    with sqlite3.connect(database) as connection:
        for group in GROUPS:
            newest = {one.id: one for one in sorted(matrices(connection, group), key=lambda one: one.version)}
            text = "".join(jaspar_text(connection, newest[name]) for name in sorted(newest))
            Path(folder, f"{group}.txt.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
            print(f"{group}: {len(newest)} profiles")


def matrices(connection: sqlite3.Connection, group: str) -> Iterator[Matrix]:
    """Yield the profiles of CORE of one group of species."""
    asked = (
        "select distinct m.ID, m.BASE_ID, m.VERSION, m.NAME from MATRIX m join MATRIX_ANNOTATION a on a.ID = m.ID "
        "where m.COLLECTION = 'CORE' and a.TAG = 'tax_group' and a.VAL = ?"
    )
    for row in connection.execute(asked, [group]):
        yield Matrix(*row)


def jaspar_text(connection: sqlite3.Connection, matrix: Matrix) -> str:
    """Format one profile: `>ID.VERSION NAME`, and a row of counts for each base."""
    rows: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for base, column, value in connection.execute(
        "select row, col, val from MATRIX_DATA where ID = ?", [matrix.key]
    ):
        rows[base].append((int(column), float(value)))
    counts = "".join(f"{base} [{' '.join(f'{x:.10g}' for _, x in sorted(rows[base]))}]\n" for base in BASES)
    return f">{matrix.id}.{matrix.version}\t{matrix.name}\n{counts}"


if __name__ == "__main__":
    main(*sys.argv[1:])
