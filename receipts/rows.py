"""Many rows in one INSERT that tells which of them were new.

Django's `bulk_create(ignore_conflicts=True)` does not tell, and asking afterwards would be a race; hence
`RETURNING`. PostgreSQL takes the rows as one JSON parameter: it costs less than half of a long VALUES list on
both sides (docs/benchmarks.md, «Intake»). SQLite takes VALUES.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import connection, models

Fields = list["models.Field[Any, Any]"]


def insert(instances: Sequence[models.Model], *, on_conflict: str = "", returning: str = "") -> list[Any]:
    """Insert all of them (one model), key included unless the database counts it; the values of `returning`.

    Raises what the database raises: `IntegrityError`, `DataError`. Uniqueness is handled by `on_conflict`.
    """
    if not instances:
        return []
    answered = [field for field in instances[0]._meta.concrete_fields if field.name == returning]
    with connection.cursor() as cursor:
        cursor.execute(*statement(instances, on_conflict=on_conflict, returning=returning))
        return [field.to_python(found[0]) for field in answered for found in cursor.fetchall()]


def statement(
    instances: Sequence[models.Model], *, on_conflict: str = "", returning: str = ""
) -> tuple[str, list[Any]]:
    """The INSERT of these rows and its parameters."""
    meta = instances[0]._meta
    table = _quoted(meta.db_table)
    fields: Fields = [field for field in meta.concrete_fields if not isinstance(field, models.AutoField)]
    columns = ", ".join(_quoted(field.column) for field in fields)
    source = _as_json if connection.vendor == "postgresql" else _as_values
    rows, parameters = source(table, columns, instances, fields)
    tail = f" ON CONFLICT {on_conflict}" if on_conflict else ""
    tail += "".join(f" RETURNING {_quoted(f.column)}" for f in meta.concrete_fields if f.name == returning)
    return f"INSERT INTO {table} ({columns}) {rows}{tail}", parameters


def _as_json(
    table: str, columns: str, instances: Sequence[models.Model], fields: Fields
) -> tuple[str, list[Any]]:
    lines = [{field.column: getattr(each, field.attname) for field in fields} for each in instances]
    rows = f"SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s::json)"  # noqa: S608 (our own names)
    return rows, [msgspec.json.encode(lines).decode()]


def _as_values(
    table: str, columns: str, instances: Sequence[models.Model], fields: Fields
) -> tuple[str, list[Any]]:
    row = f"({', '.join(['%s'] * len(fields))})"
    values = [
        field.get_db_prep_save(getattr(each, field.attname), connection)
        for each in instances
        for field in fields
    ]
    return f"VALUES {', '.join([row] * len(instances))}", values


def _quoted(name: str | None) -> str:
    return str(connection.ops.quote_name(str(name)))
