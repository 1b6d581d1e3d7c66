"""Tables, as Markdown can hold them: one row of headers, one line in each cell."""

from bs4 import BeautifulSoup, Tag

from articles.importers.texts import Text

# No cell of ours holds one of these: where one does, the table was there to place things.
PLACED = ["table", "h1", "h2", "h3", "h4", "h5", "h6", "img", "blockquote", "pre"]

WIDEST = 30


def prepare_tables(soup: Tag, found: Text) -> None:
    for table in reversed(soup.find_all("table")):
        rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
        if is_layout(table, rows):
            unfold(table, found)
        else:
            prepare_table(table, rows, found)


def is_layout(table: Tag, rows: list[Tag]) -> bool:
    most = max((len(cells(row)) for row in rows), default=0)
    return most < 2 or most > WIDEST or table.find(PLACED) is not None


def cells(row: Tag) -> list[Tag]:
    return row.find_all(["td", "th"], recursive=False)


def unfold(table: Tag, found: Text) -> None:
    """The cells one after another, as paragraphs."""
    if len(table.find_all(["td", "th"])) > 1:
        found.note("a table that placed pictures, headings or lines: its cells one after another")
    for inner in table.find_all(["tbody", "thead", "tfoot", "tr", "td", "th", "colgroup"]):
        inner.name = "div"
    table.name = "div"


def prepare_table(table: Tag, rows: list[Tag], found: Text) -> None:
    for section in table.find_all(["thead", "tbody", "tfoot"]):
        section.unwrap()
    for words in table.find_all(["caption", "colgroup"]):
        words.extract()
        if words.name == "caption":
            words.name = "p"
            table.insert_before(words)
    for n, row in enumerate(rows):
        for cell in cells(row):
            cell.name = "td" if n else "th"
            prepare_cell(cell, found)
    # A row that is longer than the first would lose what is too much.
    widths = [sum(int(str(cell.get("colspan", "1"))) for cell in cells(row)) for row in rows]
    for _ in range(max(widths) - widths[0]):
        rows[0].append(BeautifulSoup("", "html.parser").new_tag("th"))


def prepare_cell(cell: Tag, found: Text) -> None:
    if cell.get("rowspan", "1") != "1" or cell.get("colspan", "1") != "1":
        found.note("a table with joined cells: look at it")
        said = str(cell.get("colspan", "1"))
        cell["colspan"] = str(max(1, min(WIDEST, int(said)))) if said.isdecimal() else "1"
    if cell.find("li"):
        found.note("a table with lists in its cells, now one line each: look at it")
    for item in cell.find_all("li"):
        for line in item.find_all(string=True):
            line.replace_with(f" {line.strip()}" if line.strip() else "")
        if item.find_next_sibling("li"):
            item.append(";")
        item.unwrap()
    for inner in cell.find_all(["ul", "ol"]):
        inner.insert_before(" ")
        inner.unwrap()
    for inner in cell.find_all(["p", "div"]):
        if inner.next_sibling:
            inner.insert_after(BeautifulSoup("", "html.parser").new_string(" "))
        inner.unwrap()
