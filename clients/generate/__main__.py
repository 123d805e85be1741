"""Writes what the clients have of the API's description: ``python -m clients.generate``."""

from clients.generate.written import made

for path, content in made().items():
    path.write_text(content)
