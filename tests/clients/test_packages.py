"""Both clients as packages: built, installed elsewhere, and each bringing a return to its end on the running engine."""

import asyncio
import json
import os
import re
import shutil
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from standardwebhooks import Webhook

from starter.demo.story import Stage
from starter.local.up import Ready

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = ROOT / "clients"
#: What Node has besides the web's own, as far as the examples need it.
NODE = """
declare const process: { env: Record<string, string | undefined> };
declare const Buffer: { concat(chunks: Uint8Array[]): Uint8Array };
declare module "node:http" {
  type Request = AsyncIterable<Uint8Array> & { headers: Record<string, string | string[] | undefined> };
  type Answer = { writeHead(status: number): { end(): void } };
  export function createServer(take: (request: Request, response: Answer) => void): {
    listen(port: number, host: string): void;
  };
}
"""
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLwMfKQ9r8GKYqrTw"

pytestmark = pytest.mark.long


async def ran(folder: Path, *command: str, **more: str) -> str:
    """What a program printed, which has to end well."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=os.environ | more, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


def examples(client: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (CLIENTS / client / "README.md").read_text(), re.DOTALL)


@pytest.fixture(scope="module")
async def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop's own folder, with the package that this repository builds."""
    assert shutil.which("npm"), "this proof needs Node with npm: install the packages `nodejs` and `npm`"
    source, shop = tmp_path_factory.mktemp("source") / "typescript", tmp_path_factory.mktemp("shop")
    shutil.copytree(CLIENTS / "typescript", source, ignore=shutil.ignore_patterns("node_modules", "dist", "*.tgz"))
    npm = ("npm", "--no-audit", "--no-fund", "--no-update-notifier")
    await ran(source, *npm, "ci")
    tested = await ran(source, *npm, "test")
    assert "# fail 0" in tested
    [packed] = json.loads(re.search(r"^\[.*", await ran(source, *npm, "pack", "--json"), re.MULTILINE | re.DOTALL)[0])  # type: ignore[index]
    names = {file["path"] for file in packed["files"]}
    assert {"package.json", "README.md", "LICENSE", "dist/index.js", "dist/index.d.ts"} <= names
    assert not [name for name in names if name.startswith(("src", "test", "node_modules"))]
    (shop / "package.json").write_text('{"type": "module", "private": true}')
    await ran(shop, *npm, "install", "--offline", str(source / packed["filename"]))
    shutil.copytree(source / "node_modules" / "typescript", shop / "typescript")
    return shop


async def test_a_program_of_node_brings_a_return_to_its_end(installed: Path, ready: Ready, stage: Stage) -> None:
    [start, errors, _] = examples("typescript", "js")
    (installed / "start.mjs").write_text(start)
    said = (await ran(installed, "node", "start.mjs", HOMEWARD_URL=ready.api)).splitlines()
    assert re.fullmatch(r"R-\S+ 4000 USD", said[0])
    assert re.fullmatch(r"refunded 4000 requested .*received.* refunded.*", said[-1])
    return_id = said[0].split()[0]
    assert (await stage.homeward.view(return_id)).settlement.paid[0].amount == 4000
    (installed / "errors.mjs").write_text(errors)
    said = (await ran(installed, "node", "errors.mjs", HOMEWARD_URL=ready.api)).splitlines()
    assert any(line.startswith(f"{return_id} SO-") for line in said)
    assert said[-1].startswith("there is no return R-nobody ")


async def test_a_server_of_node_takes_what_was_signed_alone(installed: Path) -> None:
    (installed / "webhook.mjs").write_text(examples("typescript", "js")[2].replace("3000", "0"))
    told = "import('./webhook.mjs')"
    port = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    free = port.sockets[0].getsockname()[1]
    port.close()
    await port.wait_closed()
    process = await asyncio.create_subprocess_exec(
        *("node", "-e", told),
        cwd=installed,
        env=os.environ | {"PORT": str(free), "HOMEWARD_WEBHOOK_SECRET": SECRET},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        body = '{"type": "homeward.return.closed", "subject": "R-1", "data": {"number": 7}}'
        now = int(time.time())
        signature = Webhook(SECRET).sign("R-1:7", datetime.fromtimestamp(now, UTC), body)
        headers = {"webhook-id": "R-1:7", "webhook-timestamp": str(now), "webhook-signature": signature}
        transport = httpx.AsyncHTTPTransport(retries=10)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{free}", transport=transport, timeout=20) as shop:
            statuses = [
                (await shop.post("/", content=sent, headers=headers)).status_code for sent in (body, body + " ")
            ]
        assert statuses == [204, 401]
        assert process.stdout is not None
        assert (await process.stdout.readline()).decode() == "homeward.return.closed R-1 7\n"
    finally:
        process.kill()
        await process.wait()


async def test_its_examples_are_typed(installed: Path) -> None:
    (installed / "node.d.ts").write_text(NODE)
    for number, example in enumerate(examples("typescript", "js")):
        text = example.replace("const chunks = []", "const chunks: Uint8Array[] = []")
        text = text.replace("const daysAgo = (days)", "const daysAgo = (days: number)")
        text = text.replace("env.HOMEWARD_WEBHOOK_SECRET;", 'env.HOMEWARD_WEBHOOK_SECRET ?? "";')
        (installed / f"example{number}.ts").write_text(text)
    (installed / "wrong.ts").write_text(
        'import { Homeward } from "@homeward/client";\n'
        'await new Homeward("").approveReturn("R-1", { by: 1 });\n'
        'await new Homeward("").startReturn({ order: { order_id: "SO-1" }, items: [], resolution: "refnd" });\n'
    )
    strict = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022", "--lib", "es2023,dom,dom.iterable"]
    tsc = ["node", "typescript/bin/tsc", *strict, "node.d.ts"]
    await ran(installed, *tsc, *(f"example{number}.ts" for number in range(3)))
    with pytest.raises(AssertionError, match=r"(?s)wrong\.ts\(2,.*wrong\.ts\(3,"):
        await ran(installed, *tsc, "wrong.ts")


async def test_the_python_package_brings_a_return_to_its_end(tmp_path: Path, ready: Ready) -> None:
    """Of the wheel alone, in an environment that has nothing of this repository."""
    source = tmp_path / "python"
    shutil.copytree(CLIENTS / "python", source, ignore=shutil.ignore_patterns("__pycache__", "dist"))
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    await ran(source, *pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", "dist", ".")
    [wheel] = (source / "dist").glob("homeward_client-*.whl")
    await ran(source, *pip, "install", "--no-deps", "--target", str(tmp_path / "site"), str(wheel))
    assert (tmp_path / "site" / "homeward_client" / "py.typed").is_file()
    (tmp_path / "start.py").write_text(examples("python", "python")[0])
    # The environment's own packages are not of this repository, but httpx and pydantic have to come from somewhere.
    there = {"PYTHONPATH": str(tmp_path / "site"), "HOMEWARD_URL": ready.api, "PYTHONSAFEPATH": "1"}
    said = await ran(tmp_path, sys.executable, "start.py", **there)
    assert re.search(r"^refunded 4000 ", said, re.MULTILINE), said
    wrong = 'from homeward_client import Homeward\nHomeward("").approve_return("R-1", by=1)\n'
    (tmp_path / "wrong.py").write_text(wrong)
    mypy = (sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--config-file", os.devnull)
    await ran(tmp_path, *mypy, "start.py", **there)
    with pytest.raises(AssertionError, match=r"wrong\.py:2: error: Argument \"by\""):
        await ran(tmp_path, *mypy, "wrong.py", **there)
