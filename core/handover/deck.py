"""Slides in the studio's look: text, native charts and tables, and digits, put at places in inches.

Owns fonts, colours and sizes of the deck. What stands on which slide is `slides`'. python-pptx writes it; slides are
13.33 by 7.5 inches.
"""

import io
import re
from collections.abc import Sequence
from typing import Any, Final

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Inches, Pt

from core.look import Palette

WIDTH, HEIGHT = 13.333, 7.5
LEFT: Final = 0.7
FULL: Final = WIDTH - 2 * LEFT  # what a slide has from margin to margin
SERIF, SANS = "Georgia", "Calibri"
_TITLE_ONLY: Final = 5  # the layout of python-pptx's own template
_PLAIN_TABLE: Final = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # PowerPoint's "No Style, No Grid"

_FORBIDDEN: Final = re.compile("[^\\n\\t -\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")

Box = tuple[float, float, float, float]  # left, top, width, height


class Deck:
    """Slides that are added one after the other."""

    def __init__(self, palette: Palette, *, title: str) -> None:
        self.palette = palette
        self._slides: Any = Presentation()
        self._slides.slide_width, self._slides.slide_height = Inches(WIDTH), Inches(HEIGHT)
        self._slides.core_properties.title = printable(title)
        self._slides.core_properties.author = "Digit Studio"

    def add(self, title: str, *, notes: str, size: int = 30, box: Box = (LEFT, 0.62, FULL, 0.95)) -> "Slide":
        """A slide with its title in the title's own placeholder, so that outlines and screen readers find it."""
        made = self._slides.slides.add_slide(self._slides.slide_layouts[_TITLE_ONLY])
        made.background.fill.solid()
        made.background.fill.fore_color.rgb = rgb(self.palette.paper)
        slide = Slide(made, self.palette)
        place(made.shapes.title, box)
        slide.write(made.shapes.title.text_frame, [title], size, self.palette.ink, font=SERIF)
        made.notes_slide.notes_text_frame.text = printable(notes)
        return slide

    def data(self) -> bytes:
        """The file."""
        stream = io.BytesIO()
        self._slides.save(stream)
        return stream.getvalue()


class Slide:
    """One slide, to put things on."""

    def __init__(self, slide: Any, palette: Palette) -> None:
        self._slide, self._palette = slide, palette

    def text(
        self, lines: Sequence[str], box: Box, *, size: int = 18, colour: str | None = None, font: str = SANS
    ) -> None:
        """A box of text, a paragraph a line."""
        shape = self._slide.shapes.add_textbox(*(Inches(value) for value in box))
        self.write(shape.text_frame, lines, size, colour or self._palette.ink, font=font)

    def picture(self, png: bytes, box: Box, alt: str) -> None:
        """A picture, its alternative text with it."""
        left, top, width, height = (Inches(value) for value in box)
        shape = self._slide.shapes.add_picture(io.BytesIO(png), left, top, width, height)
        shape._element.nvPicPr.cNvPr.set("descr", alt)

    def chart(self, kind: XL_CHART_TYPE, data: Any, box: Box, alt: str) -> Any:
        """A native chart in quiet lines, without a legend; what is particular about it is the caller's."""
        frame = self._slide.shapes.add_chart(kind, *(Inches(value) for value in box), data)
        frame._element.nvGraphicFramePr.cNvPr.set("descr", alt)
        chart = frame.chart
        chart.has_legend = chart.has_title = False
        chart.font.size, chart.font.name = Pt(14), SANS
        chart.font.color.rgb = rgb(self._palette.quiet)
        for axis in (chart.category_axis, chart.value_axis):
            axis.format.line.color.rgb = rgb(self._palette.line)
            axis.has_major_gridlines = False
        return chart

    def table(
        self, rows: Sequence[Sequence[str]], box: Box, *, widths: Sequence[float], size: int = 14, alt: str
    ) -> Any:
        """A native table, its first row the heading. Returns it, for fills."""
        left, top, width, height = (Inches(value) for value in box)
        frame = self._slide.shapes.add_table(len(rows), len(rows[0]), left, top, width, height)
        frame._element.nvGraphicFramePr.cNvPr.set("descr", alt)
        frame._element.graphic.graphicData.tbl.tblPr.find("{*}tableStyleId").text = _PLAIN_TABLE
        table = frame.table
        for column, share in enumerate(widths):
            table.columns[column].width = Inches(box[2] * share / sum(widths))
        for number, row in enumerate(rows):
            table.rows[number].height = Inches(box[3] / len(rows))
            for column, text in enumerate(row):
                self._cell(table.cell(number, column), text, size, heading=number == 0)
        return table

    def _cell(self, cell: Any, text: str, size: int, *, heading: bool) -> None:
        cell.vertical_anchor = MSO_ANCHOR.MIDDLE
        cell.margin_top = cell.margin_bottom = Inches(0.02)
        cell.margin_left = cell.margin_right = Inches(0.06)
        colour = self._palette.quiet if heading else self._palette.ink
        self.write(cell.text_frame, [text], size, colour, margins=False)

    def write(
        self,
        frame: Any,
        lines: Sequence[str],
        size: int,
        colour: str,
        *,
        font: str = SANS,
        margins: bool = True,
    ) -> None:
        """Fills a frame of text."""
        frame.word_wrap = True
        if margins:
            frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
            frame.vertical_anchor = MSO_ANCHOR.TOP
        for number, line in enumerate(lines):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            paragraph.alignment = PP_ALIGN.LEFT
            paragraph.space_after = Pt(size / 2 if len(lines) > 1 else 0)
            run = paragraph.add_run()
            run.text = printable(line)
            run.font.size, run.font.name, run.font.color.rgb = Pt(size), font, rgb(colour)


def place(shape: Any, box: Box) -> None:
    """Moves a shape into a box."""
    shape.left, shape.top, shape.width, shape.height = (Inches(value) for value in box)


def rgb(colour: str) -> RGBColor:
    """A colour, `#rrggbb`, as PowerPoint has it."""
    return RGBColor.from_string(colour.lstrip("#").upper())


def printable(text: str) -> str:
    """Text without what XML cannot hold."""
    return _FORBIDDEN.sub("", text)
