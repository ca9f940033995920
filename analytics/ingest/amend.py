"""Amend a copy of the stored snapshot by the incidents that changed, instead of deriving all again.

What follows from one incident is derived for the changed ones alone, by the statements that derive
all of them; what counts all incidents is counted again. The answers are those of a complete
derivation, but that new incidents are stored behind the others, that places, offenses and values
which no incident has any more stay, and that derived hulls of areas are not drawn again, until the
next complete one.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from analytics.areas.outlines import FOLDER as OUTLINES
from analytics.areas.outlines import build_level
from analytics.artifacts.bundle import Bundle
from analytics.crossfilter.amended_codes import amend_codes, has_every_column
from analytics.crossfilter.codes import FOLDER as CODES
from analytics.errors import IntegrityError
from analytics.incidents.clone import clone
from analytics.incidents.manifest import Manifest, Outline
from analytics.incidents.model import AREA_LEVELS, ATTRIBUTE_PREFIX
from analytics.incidents.reference import Tables, load_tables
from analytics.incidents.warehouse import Snapshot
from analytics.ingest.capitals import unify_capitals
from analytics.ingest.champion_labels import label_new_places
from analytics.ingest.coverage import FEWEST_TO_DETECT
from analytics.ingest.derive import (
    Derived,
    create,
    make_incidents,
    numbered_points,
    read_offenses,
    summary,
)
from analytics.ingest.normalize import folded_columns
from analytics.ingest.report import Note
from analytics.ingest.tables import one_row
from analytics.patterns.columns import label_columns
from analytics.settings import Settings
from analytics.sources.source import Source
from sql import load

MOST = 50_000
MOST_SHARE = 0.1
"""Most changed incidents, and their share of all, for which amending is worth while."""
NAME = "amended"
OFFENSE_COLUMNS = ("type", "description")
"""Texts that are listed with the offenses; all others that may be spelled otherwise have codes."""


def may_amend(connection: duckdb.DuckDBPyConnection, stored: Snapshot, changed: int) -> bool:
    """Whether amending the stored snapshot leads to what a complete derivation would.

    `merged` has the changed incidents, whose number is `changed`: none if rows were refused only.
    """
    manifest = stored.manifest
    if changed > min(MOST, MOST_SHARE * manifest.incidents):
        return False
    if manifest.incidents < FEWEST_TO_DETECT or not _keeps_precision(connection, manifest):
        return False
    names = [ATTRIBUTE_PREFIX + one.name for one in manifest.attributes]
    if not has_every_column(stored.path, names):
        return False
    last, rows = one_row(connection, "incidents/positions_stored")
    if rows != manifest.incidents or last != rows - 1:
        return False
    return not stored.changed()  # what is damaged would get a new, matching checksum


def _keeps_precision(connection: duckdb.DuckDBPyConnection, manifest: Manifest) -> bool:
    """Whether no changed incident has a finer date than the stored ones."""
    _, timed, within = one_row(connection, "derive/precision", moment="occurred_from")
    return manifest.precision == "minute" or not (
        timed or (within and manifest.precision == "month")
    )


@dataclass(frozen=True)
class Amendment:
    """A copy of the stored snapshot in which incidents are being replaced and added.

    `connection` has table `merged`, the changed incidents, `earlier`, those of them that are
    stored, and the stored snapshot attached as `stored`; `bundles` are the models whose labels the
    stored snapshot has.
    """

    connection: duckdb.DuckDBPyConnection
    stored: Snapshot
    database: Path  # of the copy
    source: Source
    settings: Settings
    bundles: Sequence[Bundle]

    def derive(self) -> tuple[Derived, list[Note]]:
        """Make the copy, and replace and add incidents in it."""
        clone(self.stored.database, self.database)
        path = str(self.database).replace("'", "''")
        self.connection.execute(f"ATTACH '{path}' AS {NAME}")
        spellings = self._spellings()
        notes = unify_capitals(self.connection, self.source, spellings)
        tables = load_tables(self.source.tables, self.settings.own_tables)
        manifest = self.stored.manifest
        self._number_offenses(tables)
        self._number_points(manifest.crs_local)
        make_incidents(
            self.connection,
            self.source,
            self.settings,
            tables,
            manifest.precision,
            other_types=spellings["location_type"],
        )
        if one_row(self.connection, "derive/count_changed")[0]:
            label_columns(self.connection, self.bundles)
        self._replace_and_add()
        derived = summary(
            self.connection,
            f"{NAME}.",
            self.source,
            tables,
            (manifest.precision, manifest.precision_detected),
        )
        return derived, notes

    def write_files(self, folder: Path, home: Path) -> dict[str, Outline]:
        """Write codes and outlines into a snapshot's folder; returns what the outlines are."""
        positions = self.connection.sql(load("incidents/positions")).pl()["position"].to_numpy()
        with self._copy() as amended:
            amend_codes(self.connection, amended, self.stored.path, folder, positions)
            return self._outlines(amended, folder, home)

    def finish(self, batch: str, target: Path) -> None:
        """Add the rows refused by a batch, and move the copy's database in place."""
        self.connection.execute(load("incidents/add_refused_of_batch"), {"batch": batch})
        self.connection.execute(f"CHECKPOINT {NAME}")
        self.connection.execute(f"DETACH {NAME}")
        self.connection.close()
        target.unlink()
        self.database.rename(target)

    def _copy(self) -> duckdb.DuckDBPyConnection:
        """A connection in whose search path the copy is."""
        cursor = self.connection.cursor()
        cursor.execute(f"USE {NAME}")
        return cursor

    def _spellings(self) -> dict[str, str]:
        """Queries of the spellings in use, from the lists of values that the snapshot has."""
        queries = {
            name: f"SELECT DISTINCT {name} AS text FROM stored.offenses" for name in OFFENSE_COLUMNS
        }
        for name in folded_columns(self.source):
            if name not in queries:
                file = str(self.stored.path / CODES / f"{name}.parquet").replace("'", "''")
                queries[name] = f"SELECT value AS text FROM read_parquet('{file}')"
        return queries

    def _number_offenses(self, tables: Tables) -> None:
        """Make `offenses`: the stored ones, and behind them those that no stored incident has."""
        known = self.connection.sql("FROM stored.offenses ORDER BY offense_id").pl()
        keys = self.connection.sql(load("derive/offense_keys")).pl()
        words = ["code", "fbi_code", "type", "description"]
        new = keys.join(known, on=words, how="anti", nulls_equal=True, maintain_order="left")
        offenses, groups = read_offenses(new, tables, first=len(known))
        create(self.connection, "offenses", "offense_rows", pl.concat([known, offenses]))
        create(self.connection, "offense_groups", "offense_group_rows", groups)
        self.connection.execute(load("incidents/add_offenses"), {"known": len(known)})
        self.connection.execute(load("incidents/add_offense_groups"))

    def _number_points(self, crs_local: str) -> None:
        """Make `points` of the changed incidents; new ones are numbered behind those stored."""
        known = self.connection.sql(load("derive/known_points")).pl()
        places = self.connection.sql(load("derive/places")).pl()
        (count,) = one_row(self.connection, "derive/count_points")
        new = places.join(known, on=["lat", "lon"], how="anti", maintain_order="left")
        points = numbered_points(new, count, crs_local)
        create(
            self.connection,
            "points",
            "point_rows",
            pl.concat([known, points.select(known.columns)], how="vertical_relaxed"),
        )
        self.connection.execute(load("incidents/add_points"), {"known": count})
        with self._copy() as amended:
            label_new_places(amended, self.bundles, points)

    def _replace_and_add(self) -> None:
        """Write the changed incidents into the copy, and count those of their places again."""
        rows = self.stored.manifest.incidents
        self.connection.execute(load("incidents/make_positions"), {"rows": rows})
        names = [row[0] for row in self.connection.execute("DESCRIBE incidents").fetchall()]
        differ = ", ".join(
            f'coalesce(bool_or(kept."{name}" IS DISTINCT FROM changed."{name}"), false)'
            for name in names
        )
        found = one_row(self.connection, "incidents/columns_that_differ", differ=differ)
        replaced = [name for name, differs in zip(names, found, strict=True) if differs]
        if replaced:
            values = ", ".join(f'"{name}" = changed."{name}"' for name in replaced)
            self.connection.execute(load("incidents/replace_changed", values=values))
        self.connection.execute(load("incidents/add_new"))
        self.connection.execute(load("incidents/recount_points"))
        (placed,) = one_row(self.connection, "incidents/count_placed")
        (changed,) = one_row(self.connection, "derive/count_changed")
        if placed != changed:
            raise IntegrityError(
                f"{changed - placed} incidents are not stored where they were expected; nothing "
                "was published."
            )

    def _outlines(
        self, amended: duckdb.DuckDBPyConnection, folder: Path, home: Path
    ) -> dict[str, Outline]:
        """Copy outlines; build those of a level again if other areas have incidents than before."""
        outlines: dict[str, Outline] = {}
        crs = self.stored.manifest.crs_local
        for level in AREA_LEVELS:
            before = self.stored.outline(level)
            if self._areas(f"{NAME}.", level) != self._areas("stored.", level):
                built = build_level(amended, level, folder, home, crs)
                outlines |= {level: built} if built is not None else {}
            elif before is not None:
                target = folder / OUTLINES / before.name
                target.parent.mkdir(exist_ok=True)
                shutil.copyfile(before, target)
                outlines[level] = self.stored.manifest.outlines[level]
        return outlines

    def _areas(self, database: str, level: str) -> list[tuple[str, bool]]:
        """Keys of a level's areas that have incidents, and whether any of these has a place."""
        statement = load("derive/placed_areas", database=database, level=level)
        return self.connection.execute(statement).fetchall()
