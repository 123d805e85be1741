"""The JSON Schemas of what goes to and comes from a return by its workflow's name.

Written anew by `python -m tests.project.by_name_schemas`.
"""

import json
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.view import Summary, View
from tests.project.test_contract import MESSAGES

PATH: Final = Path(__file__).resolve().parents[2] / "docs" / "schemas" / "return-workflow.json"


def schemas() -> str:
    """As the file has them."""
    taken: list[type[BaseModel]] = [ReturnRequest, *MESSAGES.values()]
    told: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
        *((model, "validation") for model in taken),
        (Summary, "serialization"),
        (View, "serialization"),
    ]
    _, found = models_json_schema(told)
    named = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What ReturnWorkflow takes and answers",
    }
    return json.dumps(named | found, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(schemas())
