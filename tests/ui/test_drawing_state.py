"""What is known of a drawing, whatever a browser sent."""

import pytest

from ui.state import Drawing

PATH = [["M", 10, 20], ["Q", 11, 21, 12.5, 22], ["L", 13, 23]]


def test_the_strokes_are_where_their_steps_end():
    drawn = Drawing({"objects": [{"path": PATH}, {"path": [["M", 1, 2], ["L", 3, 4]]}]}, b"")
    assert drawn.strokes == (((10, 20), (12.5, 22), (13, 23)), ((1, 2), (3, 4)))
    assert len(drawn.objects) == 2


GARBLED = [
    *({}, {"objects": None}, {"objects": 5}, {"objects": ["x", 3, {}]}, {"objects": [{"path": "MLQ"}]}),
    {"objects": [{"path": [7, ["Q"], ["L", "a", "b"], ["L", None, 2]]}]},
]


@pytest.mark.parametrize("raw", GARBLED)
def test_what_is_no_stroke_is_none(raw):
    assert Drawing(raw, b"").strokes == ()
