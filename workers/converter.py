"""The one data converter of worker, client and replay: pydantic models as JSON."""

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter

CONVERTER: DataConverter = pydantic_data_converter
