"""Every way in which the API refuses: the right status, a stable code, always the one JSON form."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from core.api.limits import Limits
from core.home import StudioHome
from tests.api.client import Client, refused
from tests.digits import copy_of_classic, encoded, label, picture
from tests.hostile import hostile_files, is_one_sentence

FORM = {"content-type": "multipart/form-data; boundary=edge"}
OPENING = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="0.png"\r\n\r\n'
END = b"\r\n--edge--\r\n"


def test_an_unknown_address(client: Client) -> None:
    for path in ("/", "/nothing", "/predict/", "/health/x", "/redoc"):
        refused(client("GET", path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/predict"), ("PUT", "/predict"), ("POST", "/health"), ("DELETE", "/runs")]
)
def test_a_method_that_is_not_answered(client: Client, method: str, path: str) -> None:
    response = client(method, path)
    message = refused(response, 405, "method_not_allowed")
    assert response.headers["allow"] in ("GET", "POST")
    assert message == f"this address does not answer {method}; it answers {response.headers['allow']}."


@pytest.mark.parametrize("content_type", ["application/json", "image/png", "multipart/mixed; boundary=edge", "", "x"])
def test_a_body_that_is_no_form(client: Client, content_type: str) -> None:
    response = client("POST", "/predict", content=picture(0), headers={"content-type": content_type})
    message = refused(response, 415, "unsupported_type")
    assert (content_type.partition(";")[0] or "no type") in message


@pytest.mark.parametrize(
    "options",
    [
        {"files": {"picture": ("0.png", picture(0))}},
        {"files": {"other": b""}, "data": {"file": "text instead of a file"}},
    ],
)
def test_a_form_without_a_file(client: Client, options: dict[str, Any]) -> None:
    refused(client("POST", "/predict", **options), 422, "no_file")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"no boundary in the header", "multipart/form-data"),
        (b"not a form at all", FORM["content-type"]),
        (b'--edge\r\nContent-Disposition: form-data; filename="0.png"\r\n\r\nx' + END, FORM["content-type"]),
    ],
)
def test_a_broken_form(client: Client, body: bytes, content_type: str) -> None:
    response = client("POST", "/predict", content=body, headers={"content-type": content_type})
    refused(response, 422, "bad_form")


@pytest.mark.parametrize("query", [{"multi": "perhaps"}, {"model": "x" * 201}, {"multi": "ß<"}])
def test_a_query_that_is_not_understood(client: Client, query: dict[str, str]) -> None:
    message = refused(client.predict(("0.png", picture(0)), **query), 422, "bad_query")
    [(name, value)] = query.items()
    assert message.startswith(f"{name} is {ascii(value)[:50]}")
    assert name == "model" or message.endswith(": it must be true or false.")


@pytest.mark.parametrize("run", ["no-such-run", "../classic", "..", "%00", "", "CLASSIC"])
def test_an_unknown_run(client: Client, run: str) -> None:
    refused(client.predict(("0.png", picture(0)), model=run), 404, "run_not_found")
    refused(client("GET", "/model", params={"model": run}), 404, "run_not_found")


def test_the_beginning_of_several_runs(client: Client, home: StudioHome) -> None:
    copy_of_classic(home, "twin-a")
    copy_of_classic(home, "twin-b")
    refused(client.predict(("0.png", picture(0)), model="twin"), 404, "ambiguous_run")


@pytest.mark.parametrize(
    "files",
    [
        [("page.png", b"<html></html>")],
        [("empty.png", b"")],
        [("cut.png", picture(0)[:50]), ("page.png", b"<svg/>")],
        [("cut.png", picture(0)[:50]), ("large.png", encoded(np.zeros((4_001, 4_000), np.uint8)))],
    ],
)
def test_nothing_but_pictures_that_cannot_be_read(client: Client, files: list[tuple[str, bytes]]) -> None:
    refused(client.predict(*files), 400, "unreadable")


def test_nothing_but_pictures_with_too_many_pixels(client: Client) -> None:
    large = encoded(np.zeros((4_001, 4_000), np.uint8))
    refused(client.predict(("large.png", large), ("large.png", large)), 413, "too_large")


def test_every_hostile_file_alone(client: Client) -> None:
    for file in hostile_files():
        response = client.predict((file.name, file.data))
        if not file.refusal:
            assert (response.status_code, response.json()["predictions"][0]["digit"]) == (200, file.digit), file.name
        elif response.status_code == 413:
            assert "too_large" in file.refusal, file.name
            refused(response, 413, "too_large")
        else:
            assert is_one_sentence(refused(response, 400, "unreadable")), file.name


def test_too_many_files_or_fields(client: Client) -> None:
    refused(client.predict(*[("0.png", picture(0))] * 65), 413, "too_many_files")
    refused(client("POST", "/predict", files=[("note", (None, b"x"))] * 65), 413, "too_many_fields")


@pytest.mark.parametrize("share", [0.4, 0.7, 0.95])
def test_no_file_of_a_form_that_is_cut_is_left_out_in_silence(client: Client, share: float) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="0.png"\r\n\r\n' + picture(0) + b"\r\n"
    body = 2 * part + b"--x--\r\n"
    headers = {"content-type": "multipart/form-data; boundary=x"}
    assert len(client("POST", "/predict", content=body, headers=headers).json()["predictions"]) == 2
    cut = client("POST", "/predict", content=body[: int(share * len(body))], headers=headers)
    refused(cut, 422, "bad_form")


def test_a_body_that_says_that_it_is_too_large(client: Client) -> None:
    response = client("POST", "/predict", content=b"x", headers={**FORM, "content-length": "20000001"})
    refused(response, 413, "too_large")


def test_a_body_that_does_not_say_how_large_it_is(client: Client) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield OPENING
        while True:
            sent += 100_000
            yield bytes(100_000)

    refused(client("POST", "/predict", content=endless(), headers=FORM), 413, "too_large")
    assert sent <= 20_100_000


def test_a_body_that_lies_about_its_length(client: Client) -> None:
    async def more() -> AsyncIterator[bytes]:
        yield OPENING
        for _ in range(201):
            yield bytes(100_000)

    refused(client("POST", "/predict", content=more(), headers={**FORM, "content-length": "10"}), 413, "too_large")


def test_a_body_that_never_ends(make_client: Callable[..., Client]) -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield OPENING
        await asyncio.Event().wait()

    client = make_client(limits=Limits(body_seconds=0.2))
    refused(client("POST", "/predict", content=stalled(), headers=FORM), 408, "timeout")


def test_too_many_at_once_and_then_room_again(make_client: Callable[..., Client]) -> None:
    """Three callers stop in the middle of their bodies, a fourth is refused; the three go on and are answered."""
    client = make_client(limits=Limits(under_way=3))

    async def scene() -> None:
        go_on, waiting = asyncio.Event(), asyncio.Semaphore(0)

        async def slow() -> AsyncIterator[bytes]:
            yield OPENING
            waiting.release()
            await go_on.wait()
            yield picture(0) + END

        async with client.session() as session:
            slow_ones = [asyncio.create_task(session.post("/predict", content=slow(), headers=FORM)) for _ in range(3)]
            for _ in slow_ones:
                await waiting.acquire()
            response = await session.post("/predict", files={"file": picture(0)})
            refused(response, 429, "too_many_requests")
            assert response.headers["retry-after"] == "1"
            assert (await session.get("/health")).status_code == 200
            go_on.set()
            for answered in await asyncio.gather(*slow_ones):
                assert answered.json()["predictions"][0]["digit"] == label(0)
            assert (await session.post("/predict", files={"file": ("0.png", picture(0))})).status_code == 200

    asyncio.run(scene())


def test_sixteen_callers_are_all_answered(client: Client) -> None:
    async def scene() -> list[int]:
        async with client.session() as session:
            posts = [session.post("/predict", files={"file": ("0.png", picture(0))}) for _ in range(16)]
            return [response.json()["predictions"][0]["digit"] for response in await asyncio.gather(*posts)]

    assert asyncio.run(scene()) == [label(0)] * 16


def test_no_model(make_client: Callable[..., Client], tmp_path: Path) -> None:
    client = make_client(home=StudioHome(root=tmp_path / "empty", shipped=tmp_path / "nothing-shipped"))
    refused(client.predict(("0.png", picture(0))), 503, "no_model")
    refused(client("GET", "/model"), 503, "no_model")
    assert client("GET", "/health").json()["model"] is None
    assert client("GET", "/runs").json() == {"runs": []}


def test_a_damaged_model(client: Client, home: StudioHome) -> None:
    (copy_of_classic(home, "broken") / "model.onnx").write_bytes(b"cut")
    refused(client.predict(("0.png", picture(0)), model="broken"), 503, "no_model")


def test_a_fault_of_ours_stays_inside(client: Client, home: StudioHome, caplog: pytest.LogCaptureFixture) -> None:
    """A network that loads but cannot run is no failure that the API knows."""
    taken = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 28, 28, 1])
    given = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["n", 10])
    shape = helper.make_tensor("shape", TensorProto.INT64, [2], [-1, 10])
    graph = helper.make_graph(
        [helper.make_node("Reshape", ["image", "shape"], ["probabilities"])], "bad", [taken], [given], [shape]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, copy_of_classic(home, "impossible") / "model.onnx")
    refused(client.predict(("0.png", picture(0)), model="impossible"), 500, "internal")
    assert "a request failed" in caplog.text


class TestToken:
    @pytest.fixture
    def guarded(self, make_client: Callable[..., Client]) -> Client:
        return make_client(token="s3cret")

    @pytest.mark.parametrize(
        "headers",
        [{}, {"authorization": "Bearer wrong"}, {"authorization": "s3cret"}, {"authorization": "Basic s3cret"}],
    )
    @pytest.mark.parametrize(("method", "path"), [("POST", "/predict"), ("GET", "/model"), ("GET", "/runs")])
    def test_refuses_without_it(self, guarded: Client, method: str, path: str, headers: dict[str, str]) -> None:
        response = guarded(method, path, headers=headers)
        refused(response, 401, "unauthorized")
        assert response.headers["www-authenticate"] == "Bearer"
        assert "s3cret" not in response.text

    def test_refuses_before_the_body_is_read(self, guarded: Client) -> None:
        async def unread() -> AsyncIterator[bytes]:
            raise AssertionError("the body was read")
            yield b""

        refused(guarded("POST", "/predict?multi=perhaps", content=unread(), headers=FORM), 401, "unauthorized")

    def test_answers_with_it(self, guarded: Client) -> None:
        files = {"file": ("0.png", picture(0))}
        response = guarded("POST", "/predict", files=files, headers={"authorization": "Bearer s3cret"})
        assert response.json()["predictions"][0]["digit"] == label(0)

    def test_may_have_any_letters(self, make_client: Callable[..., Client]) -> None:
        headers = {"authorization": "Bearer sécret".encode()}
        assert make_client(token="sécret")("GET", "/model", headers=headers).status_code == 200

    @pytest.mark.parametrize("path", ["/health", "/docs", "/openapi.json"])
    def test_health_and_documentation_stay_open(self, guarded: Client, path: str) -> None:
        assert guarded("GET", path).status_code == 200
