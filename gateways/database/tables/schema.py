"""What is said of the schema itself."""

from sqlalchemy import Column, String, Table

from gateways.database.columns import metadata

#: One row: the earliest schema whose code works with this one. Only a migration that takes something away changes it.
compatibility = Table("schema_compatibility", metadata, Column("works_since", String(32), primary_key=True))
