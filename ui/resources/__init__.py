"""Everything that is loaded once and shared by all visitors: every `st.cache_*` of the studio.

Keyed on names (the home folder, run ids) and on the stamps of files, never on models or arrays. What comes out is read,
never written to. `studio` holds the shared objects, `digits` MNIST, `results` what runs have answered, `reasons` why.
"""

from ui.resources.digits import (
    AUGMENTED_SIZE,
    EXAMPLE_WIDTH,
    Example,
    augmented,
    digit_images,
    digit_pictures,
    examples,
    test_split,
    training_labels,
)
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
    "STILL_WRONG",
    "Doubts",
    "Example",
    "Held",
    "Marked",
    "Mistake",
    "active_run",
    "answers",
    "augmented",
    "classifier",
    "confident_mistakes",
    "digit_images",
    "digit_pictures",
    "doubts",
    "examples",
    "exports",
    "imports",
    "jobs",
    "ledger",
    "marks",
    "nearest",
    "neighbours",
    "opinions",
    "saliency_maps",
    "shelf",
    "spare_the_collector",
    "store",
    "summary",
    "test_split",
    "training_labels",
    "validation_view",
]
