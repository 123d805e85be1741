"""The Python client's choices, bodies, answers and calls."""

from collections.abc import Iterable, Iterator
from typing import Final

from clients.generate.description import Call, Description, Parameter, Schema, alternatives, named, references

_PLAIN: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_HEAD: Final = '"""{}\n\nMade of the API\'s description; ``python -m clients.generate`` makes it anew.\n"""\n'


def files(description: Description) -> Iterator[tuple[str, str]]:
    """Name and content of each file, not formatted yet."""
    yield "choices.py", _choices(description)
    yield "answers.py", _answers(description)
    yield "bodies.py", _bodies(description)
    yield "_calls.py", _calls(description, "")
    yield "_async_calls.py", _calls(description, "async ")


def _choices(description: Description) -> str:
    names = description.answered | description.sent | description.asked
    parts = [_HEAD.format("Texts out of a list; a newer Homeward may answer with others."), _IMPORT_CHOICE]
    for name in sorted(filter(description.is_choice, names)):
        schema = description.schemas[name]
        members = [f"    {_member(value)} = {value!r}" for value in schema["enum"]]
        parts.append("\n".join([f"class {name}(Choice):", _doc(schema, name, 4), "", *members]))
    return "\n\n".join(parts)


def _answers(description: Description) -> str:
    names = _in_order(description, [name for name in description.answered if not description.is_choice(name)])
    chosen = sorted(filter(description.is_choice, description.answered))
    parts = [
        _HEAD.format("What the API answers. Fields that this version does not know are kept, as ``model_extra``."),
        "from datetime import datetime\nfrom typing import Any, TypeAlias\n\nfrom pydantic import Field\n",
        f"from homeward_client._base import Shape\nfrom homeward_client.choices import {', '.join(chosen)}",
    ]
    for name in names:
        schema = description.schemas[name]
        required = schema.get("required", [])
        fields = [
            _answer_field(field, inner, required=field in required) for field, inner in schema["properties"].items()
        ]
        parts.append("\n".join([f"class {name}(Shape):", _doc(schema, name, 4), "", *fields]))
    parts.append(f'AnyEvent: TypeAlias = {_answered(description.events)}\n"""What subscribers are told."""')
    return "\n\n".join(parts)


def _answer_field(name: str, schema: Schema, *, required: bool) -> str:
    kind = _answered(schema)
    if required:
        default = ""
    elif schema.get("type") == "array":
        default = " = Field(default_factory=list)"
    elif schema.get("type") == "object":
        default = " = Field(default_factory=dict)"
    else:
        kind, default = kind if kind.endswith("None") or kind == "Any" else f"{kind} | None", " = None"
    return "\n".join(filter(None, [f"    {name}: {kind}{default}", _beside(schema)]))


def _answered(schema: Schema) -> str:
    """The type of a field of an answer."""
    if "$ref" in schema:
        return named(schema["$ref"])
    if "anyOf" in schema or "oneOf" in schema:
        return _union(_answered(one) for one in alternatives(schema))
    kind = schema.get("type")
    if kind == "array":
        return f"list[{_answered(schema['items'])}]"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"dict[str, {_answered(inner) if isinstance(inner, dict) and inner else 'Any'}]"
    return "datetime" if schema.get("format") == "date-time" else _PLAIN.get(str(kind), "Any")


def _bodies(description: Description) -> str:
    names = _in_order(description, [name for name in description.sent if not description.is_choice(name)])
    chosen = sorted(filter(description.is_choice, description.sent | description.asked))
    parts = [
        _HEAD.format("What is sent, as plain JSON; the API says what is wrong with it, by field."),
        "from datetime import datetime\nfrom typing import Any, Literal, NotRequired, TypeAlias, TypedDict\n",
        "from homeward_client import choices",
    ]
    parts.extend(f"{name}: TypeAlias = choices.{name} | {_literal(description.schemas[name])}" for name in chosen)
    parts.extend(_body(name, description.schemas[name]) for name in names)
    for call in description.calls:
        if call.body and "$ref" not in call.body:
            shapes = [description.schemas[named(one["$ref"])] for one in alternatives(call.body)]
            parts.append(_body(_body_of(call), _merged(shapes)))
    return "\n\n".join(parts)


def _merged(shapes: list[Schema]) -> Schema:
    """What any of these takes: a field that all require is required, one that differs is any of them."""
    fields: dict[str, list[Schema]] = {}
    for shape in shapes:
        for name, schema in shape["properties"].items():
            fields.setdefault(name, []).append(schema)
    return {
        "description": "\n\n".join(shape.get("description", "") for shape in shapes),
        "properties": {
            name: found[0] if all(one == found[0] for one in found) else {"anyOf": found}
            for name, found in fields.items()
        },
        "required": [name for name in fields if all(name in shape.get("required", []) for shape in shapes)],
    }


def _body(name: str, schema: Schema) -> str:
    required = schema.get("required", [])
    lines = [f"class {name}(TypedDict):", _doc(schema, name, 4), ""]
    for field, inner in schema.get("properties", {}).items():
        kind = _sent(inner)
        lines.append(f"    {field}: {kind if field in required else f'NotRequired[{kind}]'}")
        lines.extend(filter(None, [_beside(inner)]))
    return "\n".join(lines)


def _sent(schema: Schema) -> str:
    """The type of a field that is sent."""
    if "$ref" in schema:
        return named(schema["$ref"])
    if "anyOf" in schema or "oneOf" in schema:
        return _union(_sent(one) for one in alternatives(schema))
    if "enum" in schema:
        return _literal(schema)
    kind = schema.get("type")
    if kind == "array":
        return f"list[{_sent(schema['items'])}]"
    if schema.get("format") == "date-time":
        return "datetime | str"
    return _answered(schema)


def _literal(schema: Schema) -> str:
    return f"Literal[{', '.join(map(repr, schema['enum']))}]"


def _asked(schema: Schema) -> str:
    """The type of a part of the query; of a long list any text is taken, because it is one that grows."""
    if schema.get("type") == "array":
        one = _asked(schema["items"])
        return f"{one} | Sequence[{one}]"
    return _answered(schema) if len(schema.get("enum", [])) > 10 else _sent(schema)


def _calls(description: Description, color: str) -> str:
    base = "AsyncCaller" if color else "Caller"
    chosen = sorted({name for call in description.calls for one in call.query for name in _names(one)})
    rows = "AsyncIterator" if color else "Iterator"
    parts = [
        _HEAD.format("One method for each call of the API."),
        f"from collections.abc import {rows}, Sequence",
        "from datetime import datetime",
        "from typing import Literal, Unpack",
        "from homeward_client import answers, bodies",
        "from homeward_client._base import Document, part",
        f"from homeward_client._{'async_' if color else ''}caller import {base}",
        f"from homeward_client.bodies import {', '.join(chosen)}" if chosen else "",
        f"class {'Async' if color else ''}Calls({base}):",
        '    """All calls, by their names in the API\'s description."""',
        *([f"    dated = {description.dated!r}"] if description.dated else []),
    ]
    for call in description.calls:
        parts.append(_method(call, color))
        if call.paged:
            parts.extend(_iterators(description, call, color))
    return "\n\n".join(parts)


def _names(parameter: Parameter) -> Iterator[str]:
    for schema in [*alternatives(parameter.schema), parameter.schema.get("items", {})]:
        for one in [schema, schema.get("items", {})]:
            if "$ref" in one:
                yield named(one["$ref"])


def _method(call: Call, color: str) -> str:
    answer = f"answers.{call.answer}" if call.answer else "Document"
    lines = [f"    {color}def {call.name}({', '.join(['self', *_parameters(call)])}) -> {answer}:"]
    lines.append(_doc({"description": call.text}, call.name, 8))
    given = [f'"{call.method}"', f'f"{_path(call)}"' if call.parts else f'"{call.path}"']
    given += [f"repeatable={call.repeatable}"] if not call.repeatable else []
    given += [f"query={{{_query(call)}}}"] if call.query else []
    given += ["body=body"] if call.body else []
    given += ["key=idempotency_key"] if call.takes_key and call.body else []
    sent = f"{'await ' if color else ''}self.send({', '.join(given)})"
    if call.answer:
        lines.append(f"        return {answer}.model_validate_json(({sent}).content)")
    else:
        lines.append(f"        return Document.of({sent})")
    return "\n".join(lines)


def _iterators(description: Description, call: Call, color: str) -> Iterator[str]:
    """Its pages, one after another, and their rows."""
    what = call.name.removeprefix("list_")
    field = description.items_of(call)
    rows = description.schemas[call.answer or ""]["properties"][field]["items"]
    kind = "AsyncIterator" if color else "Iterator"
    given = ", ".join(f"{one.name}={one.name}" for one in call.query)
    more = "page.more" if "more" in description.schemas[call.answer or ""]["properties"] else "cursor"
    parameters = ", ".join(["self", *_parameters(call)])
    yield "\n".join(
        [
            f"    {color}def pages_of_{what}({parameters}) -> {kind}[answers.{call.answer}]:",
            f'        """The pages of ``{call.name}`` from the cursor on, as long as there are more."""',
            "        while True:",
            f"            page = {'await ' if color else ''}self.{call.name}({given})",
            "            yield page",
            "            cursor = page.next_cursor",
            f"            if not {more}:",
            "                return",
        ]
    )
    row = " | ".join(f"answers.{_answered(one)}" for one in alternatives(rows))
    yield "\n".join(
        [
            f"    {color}def iter_{what}({parameters}) -> {kind}[{row}]:",
            f'        """What is in the pages of ``{call.name}``, as if they were one."""',
            f"        {color}for page in self.pages_of_{what}({given}):",
            *(
                [f"            for row in page.{field}:", "                yield row"]
                if color
                else [f"            yield from page.{field}"]
            ),
        ]
    )


def _parameters(call: Call) -> Iterable[str]:
    yield from (f"{one.name}: str" for one in call.parts)
    named_ones = [f"{one.name}: {_union([_asked(one.schema), 'None'])} = None" for one in call.query]
    named_ones += ["idempotency_key: str | None = None"] if call.takes_key and call.body else []
    if named_ones:
        yield "*"
    yield from named_ones
    if call.body:
        yield f"**body: Unpack[bodies.{_body_of(call)}]"


def _body_of(call: Call) -> str:
    """The name of what it sends; of several, one that is any of them."""
    return named((call.body or {}).get("$ref", "")) or call.name.title().replace("_", "")


def _path(call: Call) -> str:
    path = call.path
    for one in call.parts:
        path = path.replace(f"{{{one.name}}}", f"{{part({one.name})}}")
    return path


def _query(call: Call) -> str:
    return ", ".join(f'"{one.name}": {one.name}' for one in call.query)


def _union(kinds: Iterable[str]) -> str:
    parts = list(dict.fromkeys(part for kind in kinds for part in kind.split(" | ")))
    if "Any" in parts:
        return "Any"
    return " | ".join([*(part for part in parts if part != "None"), *(["None"] if "None" in parts else [])])


def _in_order(description: Description, names: list[str]) -> list[str]:
    """So that each stands behind what it is made of."""
    done: list[str] = []

    def put(name: str) -> None:
        if name in names and name not in done:
            for inner in sorted(set(references(description.schemas[name])) - {name}):
                put(inner)
            done.append(name)

    for name in sorted(names):
        put(name)
    return done


def _member(value: str) -> str:
    return value.upper()


def _doc(schema: Schema, name: str, indent: int) -> str:
    text = (schema.get("description") or schema.get("title") or name).replace("\\", "\\\\").strip()
    blank = " " * indent
    lines = [f"{blank}{line}".rstrip() for line in text.splitlines()]
    if len(lines) == 1:
        return f'{blank}"""{text.rstrip(".")}."""'
    return "\n".join([f'{blank}"""{lines[0].strip()}', *lines[1:], f'{blank}"""'])


def _beside(schema: Schema) -> str:
    """A field's own description, below it, where editors look for it."""
    text = schema.get("description", "").replace("\\", "\\\\").strip()
    return f'    """{text}"""' if text else ""


_IMPORT_CHOICE: Final = "from homeward_client._base import Choice"
