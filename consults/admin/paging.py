"""Pages of the queue: counted as far as anyone leafs, and no further."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator

MOST = 1000


class QueuePaginator(Paginator):
    """The first MOST rows. Counting a hundred thousand takes longer than showing fifty."""

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: MOST + 1].count())

    @cached_property
    def count(self) -> int:
        return min(self._counted, MOST)

    @property
    def is_cut(self) -> bool:
        """Whether there are more rows than can be leafed through."""
        return self._counted > MOST
