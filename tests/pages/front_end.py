"""What Streamlit's front end does with what a script sends: it puts each part in its place, or gives up on the page.

Follows `SetNodeByDeltaPathVisitor` and `AppRoot.addBlock` of Streamlit 1.67. AppTest is more lenient, and keeps
everything that a run sends in one queue, as a busy server does now and then.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from streamlit.proto.Block_pb2 import Block as BlockProto
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

ROOTS: Final = 4  # main, sidebar, event, bottom


@dataclass(slots=True)
class Part:
    """An element, or a block with what is in it.

    Attributes:
        kind: of a block; empty for an element, which nothing can be put into.
    """

    kind: str = ""
    children: list["Part"] = field(default_factory=list)


def drawn(messages: Iterable[ForwardMsg]) -> Part:
    """The page after these messages, sent one after another.

    Raises:
        AssertionError: a part has no place, which leaves visitors a white page.
    """
    root = Part("root", [Part("root") for _ in range(ROOTS)])
    for message in messages:
        if message.HasField("delta"):
            _put(root, list(message.metadata.delta_path), message)
    return root


def _put(root: Part, path: list[int], message: ForwardMsg) -> None:
    around = root
    for depth, index in enumerate(path):
        last = depth == len(path) - 1
        room = len(around.children) + last if around.kind else 0  # one part may be added to those that are there
        assert index < room, f"no place {index} in {path[:depth]} for the part at {path}:\n{message}"
        if last:
            before = around.children[index] if index < len(around.children) else None
            around.children[index : index + 1] = [_part(message, before)]
        else:
            around = around.children[index]


def _part(message: ForwardMsg, before: Part | None) -> Part:
    sort = message.delta.WhichOneof("type")
    if sort == "new_transient" and before is not None:  # a spinner stands over what is there
        return before
    if sort != "add_block":
        return Part()
    kind = _kind(message.delta.add_block)
    return Part(kind, before.children if before is not None and before.kind == kind else [])


def _kind(block: BlockProto) -> str:
    """Blocks of one kind take over what is in the one before; dialogs do if it is the same dialog."""
    kind = block.WhichOneof("type") or "block"
    return f"{kind} {block.id}" if kind == "dialog" else kind
