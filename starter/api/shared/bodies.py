"""JSON bodies: read strictly, so that no typing error is passed over, and described from the same model."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Generic, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel
from pydantic_core import from_json

from lifecycle.contract.boundary import read
from lifecycle.shared.json_keys import once
from starter.api.shared.problems import MALFORMED, WRONG_TYPE, Failure, Kind, problem_responses

M = TypeVar("M", bound=BaseModel)
_JSON: Final = "application/json"


async def read_json(request: Request) -> Any:
    """A call's body; the type has to be said, which no page of another site may do without asking."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _JSON:
        raise Failure(WRONG_TYPE, f"expected Content-Type: {_JSON}")
    body = await request.body()
    try:
        found = from_json(body, allow_inf_nan=False)
        # A second look, as the first reader takes the last of two; numbers need not be read again.
        json.loads(body.decode(), object_pairs_hook=once, parse_int=str, parse_float=str)
        return found
    except ValueError as error:
        raise Failure(MALFORMED, f"expected JSON: {error}") from None


class Body(Generic[M]):
    """What a call takes, as a dependency; an unknown field is refused with its name."""

    def __init__(
        self,
        model: type[M],
        example: Any,
        check: Callable[[Any], M] | None = None,
        other: type[BaseModel] | None = None,
    ) -> None:
        """``check`` checks more than the model can by itself, and raises ``InvalidRequest``.

        ``other`` is what may be sent instead.
        """
        self.model = model
        self.models: list[type[BaseModel]] = [model, other] if other else [model]
        self.example = example
        self._check = check or partial(read, model)

    async def __call__(self, request: Request) -> M:
        """Read and check it."""
        return self._check(await read_json(request))

    @property
    def described(self) -> dict[str, Any]:
        """For the OpenAPI description of the call."""
        refs = [{"$ref": f"#/components/schemas/{model.__name__}"} for model in self.models]
        schema = {"anyOf": refs} if len(refs) > 1 else refs[0]
        content = {_JSON: {"schema": schema, "example": self.example}}
        return {"requestBody": {"required": True, "content": content}}


def json_of(content: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer; checked when it was made, so not once more."""
    return Response(content.model_dump_json(), status, headers, _JSON)


def answers(
    model: type[BaseModel],
    example: Any,
    description: str,
    *problems: Kind,
    body: Body[Any] | None = None,
    creates: bool = False,
) -> dict[str, Any]:
    """What the decorator of a call says of its answer, of how it fails, and of the body that it takes.

    ``creates``: it makes something, whose address is its ``Location``, or which was there before.
    """
    responses: dict[int | str, Any] = {200: shown(example, description)}
    if creates:
        location = {"headers": {"Location": {"schema": {"type": "string"}}}}
        responses = {200: {"model": model, **shown(example, "It was there before.")}, 201: responses[200] | location}
    return {
        "status_code": 201 if creates else 200,
        "response_model": model,
        "responses": responses | problem_responses(*problems),
        "openapi_extra": body.described if body else None,
    }


def shown(example: Any, description: str) -> dict[str, Any]:
    """An answer's example, for the OpenAPI description of the call."""
    return {"description": description, "content": {_JSON: {"example": example}}}
