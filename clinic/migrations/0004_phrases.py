"""The databases' own full text once more, with the pairs of words that phrases are found by.

Three zones, each holding the one before: the title and the questions; with the summary and the
headings; everything. PostgreSQL has a generated tsvector with a GIN index for each. SQLite has one
FTS5 table over the rows, whose columns are named in the query, and three triggers. Whoever alters
the table of SearchEntry on SQLite must run this again: Django makes the table anew there.
"""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

FIELDS = [
    "title_words",
    "question_words",
    "summary_words",
    "heading_words",
    "body_words",
    "pair_words",
]
ZONES = {"title_zone": FIELDS[:2], "top_zone": FIELDS[:4], "all_zone": FIELDS}

COLUMNS = ", ".join(FIELDS)
NEW = ", ".join(f"new.{field}" for field in FIELDS)
OLD = ", ".join(f"old.{field}" for field in FIELDS)
PUT = f"INSERT INTO clinic_searchtext (rowid, {COLUMNS}) VALUES (new.id, {NEW});"  # noqa: S608
TAKE_OUT = (
    f"INSERT INTO clinic_searchtext (clinic_searchtext, rowid, {COLUMNS}) "  # noqa: S608
    f"VALUES ('delete', old.id, {OLD});"
)
SQLITE = [
    f"""CREATE VIRTUAL TABLE clinic_searchtext USING fts5(
        {COLUMNS}, content='clinic_searchentry', content_rowid='id', tokenize='unicode61')""",
    f"CREATE TRIGGER clinic_searchentry_put AFTER INSERT ON clinic_searchentry BEGIN {PUT} END",
    f"CREATE TRIGGER clinic_searchentry_out AFTER DELETE ON clinic_searchentry BEGIN {TAKE_OUT} END",
    f"""CREATE TRIGGER clinic_searchentry_new AFTER UPDATE ON clinic_searchentry
        BEGIN {TAKE_OUT} {PUT} END""",
    "INSERT INTO clinic_searchtext (clinic_searchtext) VALUES ('rebuild')",
]
SQLITE_UNDO = [
    *(f"DROP TRIGGER clinic_searchentry_{name}" for name in ("put", "out", "new")),
    "DROP TABLE clinic_searchtext",
]


def postgresql() -> list[str]:
    # Narrow rows: the long texts live beside the table and are read for the few that are ranked.
    statements = ["ALTER TABLE clinic_searchentry SET (toast_tuple_target = 128)"]
    for zone, fields in ZONES.items():
        words = " || ' ' || ".join(fields)
        statements += [
            f"""ALTER TABLE clinic_searchentry ADD COLUMN {zone} tsvector
                GENERATED ALWAYS AS (to_tsvector('pg_catalog.simple'::regconfig, {words})) STORED""",
            f"CREATE INDEX search_entry_{zone} ON clinic_searchentry USING gin ({zone}) WITH (fastupdate = off)",
        ]
    return statements


def add(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in SQLITE if is_sqlite else postgresql():
        schema_editor.execute(statement)


def remove(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    drop = [f"ALTER TABLE clinic_searchentry DROP COLUMN {zone}" for zone in ZONES]
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in SQLITE_UNDO if is_sqlite else drop:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("clinic", "0003_full_text")]
    operations = [
        migrations.RunPython(remove, migrations.RunPython.noop),
        migrations.AddField(
            model_name="searchentry",
            name="pair_words",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.RunPython(add, remove),
    ]
