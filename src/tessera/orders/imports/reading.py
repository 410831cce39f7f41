"""Opens a file of purchases (tessera.kit.tables)."""

from tessera.kit.tables import Reading, Row, examine, file_digest, read_rows

__all__ = ["Reading", "Row", "examine", "file_digest", "read_rows"]
