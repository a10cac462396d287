"""Sheets: CSV files that merchants hand us, read into rows, kept while they are worked through, and what became of each row."""

from plugin.sheets.reading import Sheet, read_sheet
from plugin.sheets.rows import Fault, ReadRow, read_rows
from plugin.sheets.writing import write_csv

__all__ = ["Fault", "ReadRow", "Sheet", "read_rows", "read_sheet", "write_csv"]
