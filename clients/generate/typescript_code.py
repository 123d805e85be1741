"""The TypeScript client's shapes and calls."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from clients.generate.description import Call, Description, Schema, alternatives, named

_PLAIN: Final = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_HEAD: Final = "// {}\n// Made of the API's description; `python -m clients.generate` makes it anew.\n"


def files(description: Description) -> Iterator[tuple[str, str]]:
    """Name and content of each file."""
    yield "types.ts", _types(description)
    yield "calls.ts", _calls(description)


def _types(description: Description) -> str:
    names = sorted(description.answered | description.sent | description.asked)
    text = (
        "What is sent and answered. A newer Homeward may answer with more fields, and with other texts out of a list."
    )
    events = f"/** What subscribers are told. */\nexport type AnyEvent = {_kind(description.events)};\n"
    return "\n".join([_HEAD.format(text), *(_type(description, name) for name in names), events])


def _type(description: Description, name: str) -> str:
    schema = description.schemas[name]
    # What is answered alone may be more by tomorrow; what is sent has to be one of the list.
    if name not in description.sent | description.asked:
        schema = _opened(schema)
    if "properties" not in schema:
        return f"{_doc(schema, 0)}export type {name} = {_kind(schema)};\n"
    required = schema.get("required", [])
    fields = [
        f"{_doc(inner, 2)}  {field}{'' if field in required else '?'}: {_kind(inner)};"
        for field, inner in schema["properties"].items()
    ]
    return "\n".join([f"{_doc(schema, 0)}export interface {name} {{", *fields, "}\n"])


def _opened(schema: Any) -> Any:
    """The same, with any text beside the listed ones."""
    if isinstance(schema, list):
        return [_opened(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    opened = {key: _opened(value) for key, value in schema.items()}
    return opened | {"open": True} if "enum" in schema else opened


def _kind(schema: Schema) -> str:
    if "$ref" in schema:
        return named(schema["$ref"])
    if "anyOf" in schema or "oneOf" in schema:
        return " | ".join(dict.fromkeys(map(_kind, alternatives(schema))))
    if "enum" in schema:
        listed = " | ".join(map(json.dumps, schema["enum"]))
        return f"{listed} | (string & {{}})" if "open" in schema else listed
    if "const" in schema:
        return json.dumps(schema["const"])
    kind = schema.get("type")
    if kind == "array":
        return f"Array<{_kind(schema['items'])}>"
    return _record(schema) if kind == "object" else _PLAIN.get(str(kind), "unknown")


def _record(schema: Schema) -> str:
    inner = schema.get("additionalProperties")
    return f"Record<string, {_kind(inner) if isinstance(inner, dict) and inner else 'unknown'}>"


def _calls(description: Description) -> str:
    parts = [
        _HEAD.format("One method for each call of the API."),
        'import { type CallOptions, Caller, type Document, part } from "./caller.js";',
        f'import type {{ {", ".join(sorted(_used(description)))} }} from "./types.js";\n',
    ]
    parts.extend(_query(call) for call in description.calls if call.query)
    parts.append("/** All calls, by their names in the API's description. */\nexport class Calls extends Caller {")
    if description.dated:
        parts.append(f'  protected override get dated(): string {{\n    return "{description.dated}";\n  }}\n')
    for call in description.calls:
        parts.append(_method(description, call))
        if call.paged:
            parts.extend(_iterators(description, call))
    return "\n".join([*parts, "}\n"])


def _used(description: Description) -> set[str]:
    found = set(description.asked)
    for call in description.calls:
        found |= {named(one["$ref"]) for one in alternatives(call.body or {}) if "$ref" in one}
        if call.answer:
            found.add(call.answer)
        if call.paged:
            rows = _rows(description, call)
            found |= {_kind(one) for one in alternatives(rows)}
    return found


def _rows(description: Description, call: Call) -> Schema:
    page = description.schemas[call.answer or ""]["properties"]
    items: Schema = page[description.items_of(call)]["items"]
    return items


def _query(call: Call) -> str:
    fields = [
        f"{_doc({'description': one.description}, 2) if one.description else ''}  {one.name}?: {_asked(one.schema)};"
        for one in call.query
    ]
    return "\n".join([f"/** What `{_name(call)}` takes. */\nexport interface {_query_name(call)} {{", *fields, "}\n"])


def _asked(schema: Schema) -> str:
    """Of a long list any text is taken, because it is one that grows; a moment may be a ``Date``."""
    if schema.get("type") == "array":
        one = _asked(schema["items"])
        return f"{one} | Array<{one}>"
    if len(schema.get("enum", [])) > 10:
        return "string"
    kinds = [kind for one in alternatives(schema) if (kind := _kind(one)) != "null"]
    dates = ["Date"] if any(one.get("format") == "date-time" for one in alternatives(schema)) else []
    return " | ".join([*dict.fromkeys(kinds), *dates])


def _method(description: Description, call: Call) -> str:
    answer = call.answer or "Document"
    path = re.sub(r"\{(\w+)\}", lambda found: f"${{part({_camel(found[1])})}}", call.path)
    given = [*(["query"] if call.query else []), *(["body"] if call.body else []), "options"]
    parameters = _parameters(description, call)
    sent = f"{{ {', '.join(given)}, repeatable: {str(call.repeatable).lower()} }}"
    ask = f"this.json<{answer}>" if call.answer else "this.document"
    return "\n".join(
        [
            _doc({"description": call.text}, 2) + f"  {_name(call)}({parameters}): Promise<{answer}> {{",
            f'    return {ask}("{call.method}", `{path}`, {sent});',
            "  }\n",
        ]
    )


def _iterators(description: Description, call: Call) -> Iterator[str]:
    what = call.name.removeprefix("list_").title().replace("_", "")
    more = "page.more" if "more" in description.schemas[call.answer or ""]["properties"] else "page.next_cursor"
    takes = f"query: {_query_name(call)} = {{}}, options?: CallOptions"
    rows = description.items_of(call)
    yield "\n".join(
        [
            f"  /** The pages of `{_name(call)}` from the cursor on, as long as there are more. */",
            f"  async *pagesOf{what}({takes}): AsyncGenerator<{call.answer}, void> {{",
            "    for (let page; ; query = { ...query, cursor: page.next_cursor! }) {",
            f"      page = await this.{_name(call)}(query, options);",
            "      yield page;",
            f"      if (!{more}) return;",
            "    }",
            "  }\n",
        ]
    )
    yield "\n".join(
        [
            f"  /** What is in the pages of `{_name(call)}`, as if they were one. */",
            f"  async *iter{what}({takes}): AsyncGenerator<{_kind(_rows(description, call))}, void> {{",
            f"    for await (const page of this.pagesOf{what}(query, options)) yield* page.{rows};",
            "  }\n",
        ]
    )


def _parameters(description: Description, call: Call) -> str:
    given = [f"{_camel(one.name)}: string" for one in call.parts]
    if call.query:
        given.append(f"query: {_query_name(call)} = {{}}")
    if call.body:
        needed = any(description.schemas[named(one["$ref"])].get("required") for one in alternatives(call.body))
        given.append(f"body: {_kind(call.body)}{'' if needed else ' = {}'}")
    return ", ".join([*given, "options?: CallOptions"])


def _query_name(call: Call) -> str:
    return call.name.title().replace("_", "") + "Query"


def _name(call: Call) -> str:
    return _camel(call.name)


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


def _doc(schema: Schema, indent: int) -> str:
    lines: Iterable[str] = schema.get("description", "").replace("*/", "*\\/").strip().splitlines()
    blank = " " * indent
    if not (lines := list(lines)):
        return ""
    if len(lines) == 1:
        return f"{blank}/** {lines[0].strip()} */\n"
    return "\n".join([f"{blank}/**", *(f"{blank} * {line.strip()}".rstrip() for line in lines), f"{blank} */\n"])
