"""Draw and predict: many files at once, and several digits in one picture."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.home import StudioHome
from core.runs import RunStore
from core.thresholds import Threshold, keep_threshold
from tests.core.preprocessing.test_digits import touching
from tests.core.test_parting import beside
from tests.digits import encoded, label, picture, row_of
from tests.hostile import HostileFile, hostile_files, is_one_sentence
from tests.pages.drawn import alts, answer, upload
from tests.pages.screen import CANVAS, DRAW, drawing, labels, text_of
from ui import drawing_files

BATCH = 61


def table(app: AppTest):
    return app.dataframe[0].value


def read_as(app: AppTest) -> list[str]:
    return table(app)["digits"].fillna("").tolist()


def read_by_reader(file: HostileFile) -> str:
    return "" if file.digit is None else str(file.digit)


def hostile_batches() -> list[list[HostileFile]]:
    taken = [file for file in hostile_files() if file.name.lower().endswith(drawing_files.TYPES)]
    return [taken[start : start + BATCH] for start in range(0, len(taken), BATCH)]


def test_every_file_has_its_line_and_the_first_is_looked_at(visit, home):
    files = [("a.png", picture(0)), ("=bad.png", b"GIF89a"), ("c.png", row_of([1, 2, 3]))]
    app = upload(visit(DRAW), *files)
    assert "2 of 3 files read, 1 could not be" in text_of(app)
    assert read_as(app) == [str(label(0)), "", "".join(str(label(index)) for index in (1, 2, 3))]
    shown = table(app)
    assert shown["file"].tolist() == [name for name, _ in files]
    assert shown["remarks"][1] == "This is no PNG, JPEG, WebP or BMP picture."
    assert shown["picture"].str.startswith("data:image/png;base64,").tolist() == [True, False, True]
    assert shown["confidence"].dropna().tolist() == pytest.approx([99.9, 99.9])  # as everywhere, never 100
    assert answer(app) == str(label(0))
    assert "Download as CSV" in labels(app.get("download_button"))


def test_the_file_that_is_chosen_is_looked_at(visit, home):
    app = upload(visit(DRAW), *((f"{index}.png", picture(index)) for index in range(3)))
    app.session_state[app.dataframe[0].key] = {"selection": {"rows": [2], "columns": []}}
    app.run()
    assert answer(app) == str(label(2))


def test_one_file_needs_no_table(visit, home):
    app = upload(visit(DRAW), ("one.png", picture(4)))
    assert answer(app) == str(label(4))
    assert not app.dataframe


def test_more_files_than_are_read_at_once_are_named_and_left_out(visit, home):
    app = upload(visit(DRAW), *((f"{index}.png", picture(index % 4)) for index in range(drawing_files.MOST + 2)))
    assert len(table(app)) == drawing_files.MOST
    assert [warning.value for warning in app.warning] == ["64 files are read at once; the last 2 were left out."]


@pytest.mark.parametrize("files", hostile_batches(), ids=lambda files: f"{len(files)}-from-{files[0].name}")
def test_hostile_files_are_read_or_refused_with_a_sentence_each(visit, home, files: list[HostileFile]):
    app = upload(visit(DRAW), *((file.name, file.data) for file in files))
    shown = table(app)
    assert read_as(app) == [read_by_reader(file) for file in files]
    for file, remark in zip(files, shown["remarks"], strict=True):
        assert is_one_sentence(remark) if file.refusal else "cannot" not in remark, file


def several(visit) -> AppTest:
    return upload(visit(DRAW), ("postcode.png", row_of([0, 1, 2, 3])))


def test_several_digits_are_read_in_order_with_their_boxes(visit, home):
    app = several(visit)
    wanted = [str(label(index)) for index in range(4)]
    assert answer(app) == "".join(wanted)
    assert "4 digits, the least certain is" in text_of(app)
    assert f"The picture with a box around each digit, which are read as {' '.join(wanted)}." in alts(app)
    assert sum(alt.startswith("Number ") for alt in alts(app)) == 4
    assert app.get("vega_lite_chart") == []


def test_each_of_several_can_be_looked_at_closely(visit, home):
    app = several(visit)
    before = [image.proto.imgs[0].url for image in app.get("image")][-1]
    app.button_group(key="draw_focus_4").set_value(2).run()
    assert not app.exception
    assert [image.proto.imgs[0].url for image in app.get("image")][-1] != before


def test_equal_digits_are_told_apart(visit, home):
    app = upload(visit(DRAW), ("row.png", row_of([0, 1, 0, 0])))
    assert answer(app) == f"{label(0)}{label(1)}{label(0)}{label(0)}"
    assert len(set(app.button_group(key="draw_focus_4").options)) == 4


def test_several_can_be_read_as_one_and_it_says_so(visit, home):
    app = several(visit)
    app.toggle[0].set_value(False).run()
    assert len(answer(app)) == 1
    assert "There seems to be more than one digit; they are read as one." in text_of(app)
    assert len(app.get("vega_lite_chart")) == 1


def test_lines_of_digits_stand_below_each_other(visit, home, test_digits):
    rows = [np.hstack([np.pad(test_digits[digit], 8) for digit in line]) for line in ([1, 2, 3], [4, 0, 6])]
    app = upload(visit(DRAW), ("lines.png", encoded(255 - np.vstack(rows))))
    assert [heading.value for heading in app.header] == ["123", "406"]


def test_the_threshold_is_held_against_each_digit(visit, home):
    keep_threshold(home, RunStore(home).active(), Threshold(1.0))
    app = several(visit)
    assert answer(app) == "????"
    assert "**I don't know** 4 of them, shown as ?." in text_of(app)


def test_two_digits_on_the_canvas_are_read_one_by_one(visit, home: StudioHome, test_digits):
    app = visit(DRAW)
    pair = np.hstack([test_digits[4], test_digits[2]])
    small = np.pad(pair, ((14, 14), (0, 0)))[::2, ::2]
    app.session_state[CANVAS] = drawing(small)
    app.run()
    assert not app.exception
    assert answer(app) == "42"


def test_digits_that_touch_are_read_one_by_one_or_as_one_when_it_is_asked_for(visit, home):
    app = upload(visit(DRAW), ("touching.png", encoded(touching())))
    assert answer(app) == "32"
    assert app.toggle[0].value
    app.toggle[0].set_value(False).run()
    assert len(answer(app)) == 1


def test_what_may_be_several_is_read_as_one_until_it_is_asked_for(visit, home):
    app = upload(visit(DRAW), ("doubtful.png", encoded(beside(8, 8, 8, step=50))))
    assert len(answer(app)) == 1
    assert not app.toggle[0].value


def test_files_are_still_there_after_another_page(visit, home):
    app = upload(visit(DRAW), *((f"{index}.png", picture(index)) for index in range(3)))
    before = read_as(app)
    app.switch_page("pages/2_Runs.py").run()
    app.switch_page(DRAW).run()
    assert not app.exception
    assert not app.file_uploader[0].value
    assert "3 files from before." in text_of(app)
    assert read_as(app) == before
    assert answer(app) == str(label(0))
    app.button(key="forget_files").click().run()
    assert not app.dataframe
    assert "from before" not in text_of(app)


def test_other_files_take_the_place_of_those_from_before(visit, home):
    app = upload(visit(DRAW), ("one.png", picture(4)))
    app.switch_page("pages/2_Runs.py").run()
    app.switch_page(DRAW).run()
    assert answer(app) == str(label(4))
    app = upload(app, ("two.png", picture(2)))
    assert answer(app) == str(label(2))
    assert "from before" not in text_of(app)
    app.switch_page("pages/2_Runs.py").run()
    app.switch_page(DRAW).run()
    assert "1 file from before." in text_of(app)
    assert answer(app) == str(label(2))


def test_more_than_a_visit_keeps_is_said(visit, home, monkeypatch):
    monkeypatch.setattr("ui.state.drawing.MOST_KEPT", len(picture(0)) + 10)
    app = upload(visit(DRAW), *((f"{index}.png", picture(index)) for index in range(3)))
    app.switch_page("pages/2_Runs.py").run()
    app.switch_page(DRAW).run()
    assert "1 file from before; 2 more took too much room to be kept." in text_of(app)
    assert answer(app) == str(label(0))
