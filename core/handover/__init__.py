"""A story as files that open anywhere: one page of HTML, slides, the model's card, and a zip with everything.

Owns those files. What is told is `story`'s; every figure comes from its `Facts`, every sentence from its `Words`.
`charts` makes the charts of the page, `html` the page, `slides` the slides, `card` the card, `bundle` the zip.
"""

from core.handover.bundle import FORMS, Form, file_name, handed_over

__all__ = ["FORMS", "Form", "file_name", "handed_over"]
