"""The same request in three languages: the one source of what the docs page and the README show and a test runs.

Owns their words. Each reads `digit.png` beside it and prints the digit; the token, where one is needed, is in `TOKEN`.
"""

CURL = """\
curl{header} -F file=@digit.png {address}/predict
"""
PYTHON = """\
{imports}import httpx

url = "{address}/predict"
{setting}with open("digit.png", "rb") as picture:
    answer = httpx.post(url, files={{"file": picture}}{header})
answer.raise_for_status()
print(answer.json()["predictions"][0]["digit"])
"""
JAVASCRIPT = """\
import {{ readFile }} from "node:fs/promises";

const url = "{address}/predict";
{setting}const picture = new Blob([await readFile("digit.png")]); // in a page: input.files[0]
const form = new FormData();
form.append("file", picture, "digit.png");
const answer = await fetch(url, {{ method: "POST", body: form{header} }});
if (!answer.ok) throw new Error((await answer.json()).error.message);
const {{ predictions }} = await answer.json();
console.log(predictions[0].digit);
"""


def examples(address: str, needs_token: bool) -> dict[str, str]:
    """The programs by language, each a whole file.

    Args:
        address: where the API is, without a slash at the end.
        needs_token: whether they send a bearer token.
    """
    curl = {"header": ' -H "Authorization: Bearer $TOKEN"'}
    python = {
        "imports": "import os\n\n",
        "setting": """headers = {"Authorization": f"Bearer {os.environ['TOKEN']}"}\n""",
        "header": ", headers=headers",
    }
    script = {"setting": "const headers = { Authorization: `Bearer ${process.env.TOKEN}` };\n", "header": ", headers"}
    if not needs_token:
        curl, python, script = (dict.fromkeys(parts, "") for parts in (curl, python, script))
    return {
        "curl": CURL.format(address=address, **curl),
        "Python": PYTHON.format(address=address, **python),
        "JavaScript": JAVASCRIPT.format(address=address, **script),
    }
