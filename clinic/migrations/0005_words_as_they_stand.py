"""On PostgreSQL the zones take the words as they stand, and their indexes take many rows at once.

No parser reads the words again, places are not kept, and new rows wait in the pending list of the
index until there are enough of them: a fourth of the work of writing. `clinic.index` says how many
may wait. SQLite stays as it was.

A function for each zone gives the newest entries that match, and reads the index for it whatever
the planner takes for cheaper: the planner counts the pages of the table, and does not know that to
compare a tsvector it must first be fetched from beside the table, entry by entry.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TITLE = "title_words || ' ' || question_words"
TOP = f"{TITLE} || ' ' || summary_words || ' ' || heading_words"
ALL = f"{TOP} || ' ' || body_words || ' ' || pair_words"
ZONES = {"title_zone": TITLE, "top_zone": TOP, "all_zone": ALL}

PARSED = "to_tsvector('pg_catalog.simple'::regconfig, {})"
AS_THEY_STAND = (
    "array_to_tsvector(array_remove(string_to_array(translate({}, E'\\n', ' '), ' '), ''))"
)


FUNCTION = """
    CREATE FUNCTION clinic_search_{0}(words tsquery, at timestamptz, before bigint, most integer)
    RETURNS SETOF bigint LANGUAGE sql STABLE
    SET enable_seqscan = off SET enable_indexscan = off SET enable_indexonlyscan = off
    AS $$
        SELECT id FROM clinic_searchentry
        WHERE {0} @@ words AND id < before
          AND live_from <= at AND (live_until IS NULL OR live_until > at)
        ORDER BY id DESC LIMIT most
    $$"""


def replace(schema_editor: BaseDatabaseSchemaEditor, made: str, fastupdate: str) -> None:
    drop = ", ".join(f"DROP COLUMN {zone}" for zone in ZONES)
    add = ", ".join(
        f"ADD COLUMN {zone} tsvector GENERATED ALWAYS AS ({made.format(words)}) STORED"
        for zone, words in ZONES.items()
    )
    schema_editor.execute(f"ALTER TABLE clinic_searchentry {drop}, {add}")
    for zone in ZONES:
        schema_editor.execute(
            f"CREATE INDEX search_entry_{zone} ON clinic_searchentry "
            f"USING gin ({zone}) WITH (fastupdate = {fastupdate})"
        )


def forwards(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    replace(schema_editor, AS_THEY_STAND, "on")
    for zone in ZONES:
        schema_editor.execute(FUNCTION.format(zone))


def backwards(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    for zone in ZONES:
        schema_editor.execute(f"DROP FUNCTION clinic_search_{zone}")
    replace(schema_editor, PARSED, "off")


class Migration(migrations.Migration):
    dependencies = [("clinic", "0004_phrases")]
    operations = [migrations.RunPython(forwards, backwards)]
