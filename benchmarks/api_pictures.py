"""What a schema-driven tester sends as pictures: digits of MNIST's test split, in the four formats that are read.

Owns nothing else. A schema cannot say what makes bytes a picture, so the tester is told here; importing it is enough,
and is what `SCHEMATHESIS_HOOKS` does.
"""

import io
from typing import Final

import schemathesis
from hypothesis import strategies as st
from PIL import Image

from core.data import load_split
from core.home import SHIPPED

KINDS: Final = ("png", "jpeg", "webp", "bmp")


def _files(kind: str) -> list[bytes]:
    files = []
    for image in load_split(SHIPPED / "mnist.npz", "test").images[:25]:
        stream = io.BytesIO()
        Image.fromarray(255 - image).save(stream, kind)
        files.append(stream.getvalue())
    return files


SOUND: Final = {kind: _files(kind) for kind in KINDS}

for _kind, _some in SOUND.items():
    schemathesis.openapi.media_type(f"image/{_kind}", st.lists(st.sampled_from(_some), min_size=1, max_size=4))
