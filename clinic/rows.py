"""The rows of another query beside each row of this one, without a query more."""

from typing import Any, TypeVar

from django.db.models import JSONField, Model, Subquery
from django.db.models.functions import JSONObject


class RowsBeside(Subquery):
    """All rows of a query as one JSON list, in its order.

    `beside` makes one; `read` gives the rows their types back.
    """

    output_field = JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(SELECT JSON_GROUP_ARRAY(JSON(one.whole)) FROM (%(subquery)s) one)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(SELECT COALESCE(JSONB_AGG(one.whole), '[]') FROM (%(subquery)s) one)"
        return self.as_sql(compiler, connection, template=template, **context)


def beside(rows: Any, names: tuple[str, ...]) -> RowsBeside:
    """The named columns of these rows, to annotate another query with."""
    whole = JSONObject(**{name: name for name in names})
    return RowsBeside(rows.annotate(whole=whole).values("whole"))


Row = TypeVar("Row", bound=Model)


def read(model: type[Row], rows: list[dict[str, Any]]) -> list[Row]:
    """Rows that `beside` brought, as instances that hold those columns only. Never save one."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return [
        model(**{name: fields[name].to_python(value) for name, value in row.items()})
        for row in rows
    ]
