"""The form that pictures come in: `multipart/form-data` with one `file` part per picture.

Owns what the form is called in the OpenAPI document, how it is read, and how a wrong one is refused.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from core.api.errors import ApiError

MEDIA_TYPE: Final = "multipart/form-data"
PICTURES: Final = ("image/png", "image/jpeg", "image/webp", "image/bmp")


def document(max_files: int) -> dict[str, Any]:
    """The form as the OpenAPI document has it."""
    file = {
        "type": "array",
        "minItems": 1,
        "items": {"type": "string", "format": "binary"},
        "description": f"PNG, JPEG, WebP or BMP; up to {max_files} files of 16 megapixels each, 20 MB together",
    }
    # Generated clients name a class after address and title: PredictForm.
    schema = {"title": "Form", "type": "object", "required": ["file"], "properties": {"file": file}}
    content = {"schema": schema, "encoding": {"file": {"contentType": ", ".join(PICTURES)}}}
    return {"requestBody": {"required": True, "content": {MEDIA_TYPE: content}}}


def require_form(request: Request) -> None:
    """Refuses a request whose body is something else, before any of it is read.

    Raises:
        ApiError: 415.
    """
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != MEDIA_TYPE:
        what = f"the body is {sent[:60]!a}" if sent else "the body has no type"
        raise ApiError(415, "unsupported_type", f"{what}; send {MEDIA_TYPE} with one part named `file` per picture.")


@asynccontextmanager
async def read_files(request: Request, max_files: int) -> AsyncIterator[list[UploadFile]]:
    """Reads the form and yields its `file` parts, in order, at least one; they are closed at the end of the block.

    Raises:
        ApiError: 413, there are too many; 422, the form is broken or has none.
    """
    parser = _Parser(request, max_files)
    try:
        form = await parser.parse()
    except MultiPartException as error:  # one exception for everything
        if error.message.startswith("Too many files"):
            raise ApiError(413, "too_many_files", f"a request may have {max_files} files at most.") from None
        if error.message.startswith("Too many fields"):
            raise ApiError(413, "too_many_fields", f"a form may have {max_files} fields beside its files.") from None
        raise ApiError(422, "bad_form", f"the body is not well-formed {MEDIA_TYPE}, or ends too early.") from None
    try:
        files = [part for part in form.getlist("file") if isinstance(part, UploadFile)]
        if not files:
            raise ApiError(422, "no_file", "the form has no part named `file` with a file name.")
        yield files
    finally:
        await form.close()


class _Parser(MultiPartParser):
    """Starlette's, which leaves out in silence a part that the body ends in the middle of: here that is no form."""

    def __init__(self, request: Request, most: int) -> None:
        super().__init__(request.headers, self._whole(request.stream()), max_files=most, max_fields=most)
        self._within_part = False

    def on_part_begin(self) -> None:
        self._within_part = True
        super().on_part_begin()

    def on_part_end(self) -> None:
        self._within_part = False
        super().on_part_end()

    async def _whole(self, stream: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        async for chunk in stream:
            yield chunk
        if self._within_part:
            raise MultiPartException("The body ends in the middle of a part.")
