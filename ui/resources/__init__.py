"""Everything that is loaded once and shared by all visitors: every `st.cache_*` of the studio.

Keyed on names (the home folder, run ids) and on the stamps of files, never on models or arrays. What comes out is read,
never written to. `studio` holds the shared objects, `digits` MNIST, `own` data sets of people's own, `results` what
runs have answered, `reasons` why.
"""

from ui.resources.digits import (
    AUGMENTED_SIZE,
    EXAMPLE_WIDTH,
    MNIST,
    Example,
    augmented,
    digit_images,
    digit_pictures,
    examples,
    test_split,
    training_labels,
)
from ui.resources.own import ask, askings, data_sets, keepings, look_at, own_digits, previewed
from ui.resources.reasons import (
    Doubts,
    Marked,
    doubts,
    marks,
    nearest,
    neighbours,
    opinions,
    saliency_maps,
)
from ui.resources.results import (
    STILL_WRONG,
    Held,
    Mistake,
    answers,
    confident_mistakes,
    summary,
    validation_view,
)
from ui.resources.studio import (
    active_run,
    classifier,
    exports,
    imports,
    jobs,
    ledger,
    shelf,
    spare_the_collector,
    store,
)

__all__ = [
    "AUGMENTED_SIZE",
    "EXAMPLE_WIDTH",
    "MNIST",
    "STILL_WRONG",
    "Doubts",
    "Example",
    "Held",
    "Marked",
    "Mistake",
    "active_run",
    "answers",
    "ask",
    "askings",
    "augmented",
    "classifier",
    "confident_mistakes",
    "data_sets",
    "digit_images",
    "digit_pictures",
    "doubts",
    "examples",
    "exports",
    "imports",
    "jobs",
    "keepings",
    "ledger",
    "look_at",
    "marks",
    "nearest",
    "neighbours",
    "opinions",
    "own_digits",
    "previewed",
    "saliency_maps",
    "shelf",
    "spare_the_collector",
    "store",
    "summary",
    "test_split",
    "training_labels",
    "validation_view",
]
