"""Every key of `st.session_state`, and the few rules about them.

A visitor's own choices live here and nowhere else. What runs and models are is `resources`' business, and nothing
larger than a few words is kept: arrays belong in caches.
"""

import math
import time
from typing import Any, Final, Literal

import streamlit as st

PRESET: Final = "train_preset"
MORE: Final = "train_more"
MORE_TAB: Final = "train_more_tab"
SETTINGS_JSON: Final = "settings_json"
PASTED: Final = "train_pasted"
RUN_NAME: Final = "train_name"
CURVES_BY: Final = "train_curves_by"
_PICKED_RUN: Final = "train_picked_run"
_STARTED_RUN: Final = "train_started_run"
_MESSAGE: Final = "message"
_STARTED_AT: Final = "train_started_at"
DOUBLE_CLICK_SECONDS: Final = 1.5

MODEL: Final = "draw_model"
INPUT: Final = "draw_input"
BRUSH: Final = "draw_brush"
UPLOAD: Final = "draw_upload"
_CANVAS: Final = "draw_canvas"
_EXAMPLE: Final = "draw_example"

KEEP: Final[Literal["session"]] = "session"  # what widgets take as persist_state to survive a change of page


def setting_key(preset: str, name: str) -> str:
    """The key of one setting's widget. Each preset keeps its own edits, so nothing has to be overwritten."""
    return f"train_{preset}_{name}"


def started_run() -> str | None:
    """The run that this visitor started or resumed last."""
    return st.session_state.get(_STARTED_RUN)


def picked_run() -> str | None:
    """The run that this visitor chose to look at; None leaves it to what trains now."""
    return st.session_state.get(_PICKED_RUN)


def pick_run(widget: str) -> None:
    """Shows the run that the widget of that key names (a callback)."""
    st.session_state[_PICKED_RUN] = st.session_state[widget]


def show_run(run_id: str) -> None:
    """Makes `run_id` the run that Train shows to this visitor."""
    st.session_state[_STARTED_RUN] = run_id
    st.session_state[_PICKED_RUN] = run_id


def claim_start() -> bool:
    """Whether this visitor may start a run now: the second click of a double click may not."""
    now, last = time.monotonic(), st.session_state.get(_STARTED_AT, -math.inf)
    st.session_state[_STARTED_AT] = now
    return now - last > DOUBLE_CLICK_SECONDS


def tell(message: str) -> None:
    """Has the next page say this: a callback of a fragment may not draw anything itself."""
    st.session_state[_MESSAGE] = message


def told() -> str:
    """What was to be said, once."""
    return st.session_state.pop(_MESSAGE, "")


def typed_number(widget: str) -> float:
    """What stands in a number field now, read in a callback."""
    return float(st.session_state[widget])


def canvas_key() -> str:
    """The key of the canvas; a new key is an empty canvas."""
    return f"canvas-{st.session_state.get(_CANVAS, 1)}"


def clear_canvas() -> None:
    """Empties the canvas (a callback)."""
    st.session_state[_CANVAS] = st.session_state.get(_CANVAS, 1) + 1


def example() -> int | None:
    """The example picture that was chosen, as its number in the row."""
    return st.session_state.get(_EXAMPLE)


def choose_example(number: int) -> None:
    """Chooses an example picture (a callback)."""
    st.session_state[_EXAMPLE] = number


def use_model(run_id: str) -> None:
    """Makes Draw and predict answer with `run_id`."""
    st.session_state[MODEL] = run_id


RUNS_TABLE: Final = "runs_table"
RUNS_DESCRIBE: Final = "runs_describe"
RUNS_MORE: Final = "runs_more"
EXPORT_FORMAT: Final = "runs_export_format"
IMPORT_OPEN: Final = "runs_import_open"
_DELETED_RUNS: Final = "runs_deleted"
# What a comparison shows, and the names of these choices in its link.
JUDGED_ON: Final = "judged_on"
CURVE: Final = "curve"
CLASS_FIGURE: Final = "class_figure"
PAIR: Final = "pair"
FLIPS: Final = "flips"
FLIPS_PAGE: Final = "flips_page"
_CHOSEN_RUN: Final = "run"
_OPENED_IMAGE: Final = "image"
_IMPORT: Final = "import"
_REFUSAL: Final = "runs_import_refusal"
_IMPORT_FILE: Final = "runs_import_file"


def chosen_runs() -> list[str]:
    """The run ids in the page's address: those ticked on *Runs*, as far as they exist."""
    return st.query_params.get_all(_CHOSEN_RUN)


def choose_runs(run_ids: list[str]) -> None:
    """Puts the ticked runs into the page's address."""
    close_image()
    if run_ids:
        st.query_params[_CHOSEN_RUN] = run_ids
    else:
        st.query_params.pop(_CHOSEN_RUN, None)


def opened_image() -> str:
    """The place of the image in the page's address that is looked at closely; empty for none."""
    return st.query_params.get(_OPENED_IMAGE, "")


def open_image(place: int) -> None:
    """Looks at one image closely (a callback)."""
    st.query_params[_OPENED_IMAGE] = str(place)


def close_image() -> None:
    """Ends the close look (a callback)."""
    st.query_params.pop(_OPENED_IMAGE, None)


def deleted_runs() -> dict[str, str]:
    """The names by run id of what this visitor deleted last and can take back at once."""
    return st.session_state.get(_DELETED_RUNS, {})


def remember_deleted(names: dict[str, str]) -> None:
    """Keeps what was deleted last, by run id; nothing when it was taken back."""
    st.session_state[_DELETED_RUNS] = names


def import_ticket() -> str:
    """The import that this visitor waits for, by its key among all; empty for none.

    It is in the page's address, so that a reload finds it, and kept for when the visitor comes back from another page.
    """
    return st.query_params.get(_IMPORT, "") or st.session_state.get(_IMPORT, "")


def await_import(ticket: str) -> None:
    """Keeps which import this visitor waits for; empty for none."""
    st.session_state[_IMPORT] = ticket
    if ticket:
        st.query_params[_IMPORT] = ticket
    else:
        st.query_params.pop(_IMPORT, None)


def import_file_key() -> str:
    """The key of the field for a model file; a new key is an empty field."""
    return f"{_IMPORT_FILE}_{st.session_state.get(_IMPORT_FILE, 1)}"


def empty_import_file() -> None:
    """Takes the model file out of its field."""
    st.session_state[_IMPORT_FILE] = st.session_state.get(_IMPORT_FILE, 1) + 1


def refusal() -> str:
    """Why the model file that this visitor brought last was refused; empty when it was not."""
    return st.session_state.get(_REFUSAL, "")


def remember_refusal(reason: str) -> None:
    """Keeps why a model file was refused, until the next one comes."""
    st.session_state[_REFUSAL] = reason


# What the pages of results look at, and the names of these choices in their links.
SOURCE_RUN: Final = "run"
SOURCE_SPLIT: Final = "split"


def source(name: str) -> str:
    """The run or split that the address asks for, or else the one chosen last in this visit; empty for none."""
    return st.query_params.get(name) or st.session_state.get(f"source_{name}", "")


def set_source(**choices: str) -> None:
    """Keeps what is looked at, a run, a split or both, in the address and for the visit."""
    for name, value in choices.items():
        st.session_state[f"source_{name}"] = value
    link(**choices)


def choose_source(name: str, widget: str) -> None:
    """Looks at what the widget of that key says (a callback)."""
    set_source(**{name: st.session_state[widget]})


# What the confusion matrix shows, and the names of these choices in its link.
CELLS: Final = "cells"
DIAGONAL: Final = "diagonal"
VERSUS: Final = "versus"
TRUE: Final = "true"
PRED: Final = "pred"
PAGE: Final = "page"
CONFUSION_CHART: Final = "confusion_chart"
CONFUSION_CLASSES: Final = "confusion_classes"
_REMEMBERED: Final = (CELLS, DIAGONAL)  # for the visit too, when the link says nothing
_CONFUSION_TURN: Final = "confusion_turn"


def confusion(name: str) -> str:
    """What the link asks for, or else the visit remembers; empty for neither."""
    return st.query_params.get(name, "") or st.session_state.get(f"confusion_kept_{name}", "")


def set_confusion(**choices: str) -> None:
    """Puts choices into the link, and keeps those that outlast it; an empty one goes out of it."""
    for name in _REMEMBERED:
        if name in choices:
            st.session_state[f"confusion_kept_{name}"] = choices[name]
    link(**choices)


def confusion_turn(selection: str) -> int:
    """A number that is another one whenever something else is selected than when this was asked last."""
    turn, last = st.session_state.get(_CONFUSION_TURN, (0, ""))
    turn += selection != last
    st.session_state[_CONFUSION_TURN] = (turn, selection)
    return turn


# What Misclassifications shows, and the names of these choices in its link.
SHOW: Final = "show"
ORDER: Final = "order"
LOW: Final = "low"
HIGH: Final = "high"
_NOTE: Final = "note"


def linked(name: str) -> str:
    """What the link says of a choice; empty for nothing."""
    return st.query_params.get(name, "")


def link(**choices: str) -> None:
    """Puts choices into the link, all at once; an empty one goes out of it."""
    said = {name: st.query_params.get_all(name) for name in st.query_params}
    wanted = said | {name: [value] for name, value in choices.items()}
    wanted = {name: values for name, values in wanted.items() if any(values)}
    if wanted != said:  # one change is one step back in the browser
        st.query_params.from_dict(wanted)


def showing(key: str, value: object) -> str:
    """The key of a widget that shows `value` from now on; to be called before it is drawn."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    return key


def beginning(key: str, value: object) -> str:
    """The key of a widget that shows `value` until its visitor changes it; to be called before it is drawn."""
    if key not in st.session_state:
        st.session_state[key] = value
    return key


def picked(widget: str) -> Any:
    """What the widget of that key says now, read in a callback."""
    return st.session_state[widget]


def note_key(data_set: str, place: int) -> str:
    """The key of the field for the note on an image."""
    return f"{_NOTE}_{data_set}_{place}"


# How far answers can be trusted, on the confusion matrix's page.
TRUST_TEMPERATURE: Final = "trust_temperature"
TRUST_RULE: Final = "trust_rule"
_TRUST_PROBLEM: Final = "trust_problem"


def trust_target(rule: str) -> str:
    """The key of the field for the share that a threshold aims at; each rule keeps its own."""
    return f"trust_target_{rule}"


def trust_problem(problem: str | None = None) -> str:
    """Why the last threshold could not be kept, empty when it could; sets it when given."""
    if problem is not None:
        st.session_state[_TRUST_PROBLEM] = problem
    return st.session_state.get(_TRUST_PROBLEM, "")


# The dialog in which people bring images of their own.
OWN_WAY: Final = "own_way"
OWN_NAME: Final = "own_name"
_OWN_OPEN: Final = "own_is_open"
_OWN_TICKET: Final = "own_ticket"
_OWN_PROBLEM: Final = "own_problem"
_OWN_FILES: Final = "own_files"


def open_own() -> None:
    """Opens the dialog, empty (a callback)."""
    st.session_state[_OWN_OPEN] = True
    st.session_state[_OWN_PROBLEM] = ""
    st.session_state[_OWN_FILES] = st.session_state.get(_OWN_FILES, 0) + 1


def close_own() -> None:
    """Closes the dialog (a callback)."""
    st.session_state[_OWN_OPEN] = False


def own_is_open() -> bool:
    """Whether the dialog is open."""
    return st.session_state.get(_OWN_OPEN, False)


def own_files_key() -> str:
    """The key of the field for files; a new key is an empty field."""
    return f"own_files_{st.session_state.get(_OWN_FILES, 0)}"


def own_ticket(ticket: str | None = None) -> str:
    """What names this visitor's files while they are read in, empty for none; sets it when given."""
    if ticket is not None:
        st.session_state[_OWN_TICKET] = ticket
    return st.session_state.get(_OWN_TICKET, "")


def own_problem(problem: str | None = None) -> str:
    """Why the last deed of the dialog could not be done, empty when it could; sets it when given."""
    if problem is not None:
        st.session_state[_OWN_PROBLEM] = problem
    return st.session_state.get(_OWN_PROBLEM, "")
