"""The readable page of the API, written from its OpenAPI document on the server: no scripts, nothing from the network.

Owns the page's words and style; the programs on it are `examples`'. Every text from outside is escaped.
"""

from html import escape
from typing import Any, Final
from urllib.parse import urlsplit

from core.api.examples import examples

STYLE: Final = """
:root { color-scheme: light dark; --quiet: #6b6b66; --line: #d9d6cd; --soft: #f4f2ec; --accent: #2f5d8a; }
@media (prefers-color-scheme: dark) { :root { --quiet: #a3a19a; --line: #3d3c38; --soft: #262522; --accent: #8db8e0; } }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { margin: 0 0 .5rem; } h2 { margin: 3rem 0 .5rem; } h3 { margin: 1.5rem 0 .25rem; font-size: 1rem; }
code, pre { font: .875rem/1.5 ui-monospace, monospace; } a { color: var(--accent); }
pre { background: var(--soft); padding: .75rem 1rem; overflow-x: auto; border-radius: 6px; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
td { overflow-wrap: anywhere; }
td:nth-child(1) { width: 8rem; } td:nth-child(2) { width: 11rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } .quiet { color: var(--quiet); } .method { color: var(--accent); font-weight: 700; }
@media (max-width: 36rem) { table, tr, td, td:nth-child(n) { display: block; width: auto; min-width: 0; }
  td { border: 0; padding: 0; } tr { border-bottom: 1px solid var(--line); padding: .35rem 0; } }
"""
METHODS: Final = ("get", "post", "put", "patch", "delete")


def render(document: dict[str, Any], address: str, needs_token: bool) -> str:
    """The whole page.

    Args:
        document: the OpenAPI document.
        address: where the API is, without a slash at the end; goes into the examples.
        needs_token: whether the examples must send a bearer token.
    """
    info = document["info"]
    operations = [
        _operation(urlsplit(address).path, method, path, item[method])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(info['title'])} API</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>",
            f"<h1>{escape(info['title'])} API</h1>",
            f"<p>{_text(info['description'])}</p>",
            f'<p class="quiet">Version {escape(info["version"])} (<a href="openapi.json">openapi.json</a>).',
            "Every failure is <code>{&quot;error&quot;: {&quot;code&quot;, &quot;message&quot;}}</code>.</p>",
            *operations,
            "<h2>Examples</h2>",
            '<p class="quiet">Each reads <code>digit.png</code> and prints its digit. Several <code>file</code> parts'
            " may go into one request.</p>",
            *(f"<h3>{name}</h3>\n<pre>{escape(text)}</pre>" for name, text in examples(address, needs_token).items()),
            "<h2>Shapes</h2>",
            *(_shape(name, shape) for name, shape in document["components"]["schemas"].items()),
            "</main>\n</body>\n</html>",
        ]
    )


def _operation(base: str, method: str, path: str, operation: dict[str, Any]) -> str:
    parts = [
        f'<h2><span class="method">{method.upper()}</span> <code>{escape(base + path)}</code></h2>',
        f"<p>{_text(operation.get('description', operation.get('summary', '')))}</p>",
    ]
    rows = [
        (parameter["name"], f"query, {_type(parameter['schema'])}{_default(parameter['schema'])}", _words(parameter))
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query"
    ]
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        rows += [
            (name, f"{media}, {_type(schema)}", _words(schema))
            for name, schema in content["schema"]["properties"].items()
        ]
    if rows:
        parts += ["<h3>Takes</h3>", _table(rows)]
    answers = [
        (status, _type(_schema(response)), response.get("description", ""))
        for status, response in sorted(operation["responses"].items())
    ]
    return "\n".join([*parts, "<h3>Answers</h3>", _table(answers)])


def _shape(name: str, shape: dict[str, Any]) -> str:
    required = shape.get("required", ())
    rows = [
        (key, _type(schema) + ("" if key in required else ", optional"), _words(schema))
        for key, schema in shape.get("properties", {}).items()
    ]
    return f"<h3>{escape(name)}</h3>\n<p>{_text(shape.get('description', ''))}</p>\n{_table(rows)}"


def _table(rows: list[tuple[str, str, str]]) -> str:
    lines = (
        f"<tr><td><code>{escape(name)}</code></td><td class=quiet>{escape(kind)}</td><td>{_text(words)}</td></tr>"
        for name, kind, words in rows
    )
    return "<table>" + "".join(lines) + "</table>"


def _schema(response: dict[str, Any]) -> dict[str, Any]:
    for content in response.get("content", {}).values():
        return dict(content.get("schema", {}))
    return {}


def _type(schema: dict[str, Any]) -> str:
    """A schema in a few words: `array of number`, `integer or null`, the name of a shape."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(_type(choice) for choice in schema["anyOf"])
    if schema.get("type") == "array":
        return f"array of {_type(schema['items'])}"
    return "file" if schema.get("format") == "binary" else str(schema.get("type", ""))


def _default(schema: dict[str, Any]) -> str:
    if "default" not in schema:
        return ""
    value = schema["default"]
    return f", {str(value).lower() if isinstance(value, bool) else value} unless given"


def _words(described: dict[str, Any]) -> str:
    return str(described.get("description") or described.get("schema", {}).get("description", ""))


def _text(words: str) -> str:
    """Words with `code` in backticks as HTML."""
    pieces = escape(words).split("`")
    return "".join(f"<code>{piece}</code>" if index % 2 else piece for index, piece in enumerate(pieces))
