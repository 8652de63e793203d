"""The native charts of the slides: what a chart of `deck` has in it, how its axes are named and its colours set.

Owns everything that is particular about each of them; `slides` says where they stand.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_MARKER_STYLE
from pptx.util import Pt

from core.handover.charts import accuracy_range, answered_from
from core.handover.deck import Box, Slide, rgb
from core.look import Palette
from core.story import Learning, Reliance

Bar = tuple[str, float, str]  # its name, its value and its colour

LINE: Final = Pt(3)
SMALL, LARGE = Pt(14), Pt(15)


def lying_bars(
    slide: Slide, box: Box, bars: Sequence[Bar], palette: Palette, *, title: str, alt: str, form: str = "#,##0"
) -> None:
    """Bars from left to right, the first on top, with their numbers.

    Args:
        title: empty for none.
        form: of the numbers, as a spreadsheet writes it.
    """
    data = CategoryChartData(number_format=form)
    data.categories = [name for name, _, _ in bars]
    data.add_series(title or "Share", [value for _, value, _ in bars])
    chart = slide.chart(XL_CHART_TYPE.BAR_CLUSTERED, data, box, alt)
    plot = chart.plots[0]
    plot.gap_width, plot.vary_by_categories, plot.has_data_labels = 45, False, True
    labels = plot.data_labels
    labels.number_format, labels.number_format_is_linked = form, False
    labels.position, labels.font.size = XL_LABEL_POSITION.OUTSIDE_END, LARGE
    chart.category_axis.reverse_order = True
    chart.category_axis.tick_labels.font.size = LARGE
    chart.value_axis.visible, chart.value_axis.minimum_scale = False, 0
    for number, (_, _, colour) in enumerate(bars):
        fill = plot.series[0].points[number].format.fill
        fill.solid()
        fill.fore_color.rgb = rgb(colour)
    if title:
        chart.has_title = True
        _say(chart.chart_title.text_frame, title, palette.quiet)


def learning_lines(slide: Slide, box: Box, learning: Learning, palette: Palette) -> None:
    """Accuracy by epoch, on training and, where there were any, validation images."""
    data = CategoryChartData()
    data.categories = [str(epoch) for epoch in range(1, len(learning.accuracy) + 1)]
    curves = [("Training", learning.accuracy, palette.quiet)]
    if np.isfinite(learning.val_accuracy).any():
        curves.append(("Validation", learning.val_accuracy, palette.accent))
    for name, values, _ in curves:
        data.add_series(name, [float(value) if np.isfinite(value) else None for value in values])
    alt = f"Accuracy by epoch on {' and '.join(name.lower() for name, _, _ in curves)} images."
    chart = slide.chart(XL_CHART_TYPE.LINE, data, box, alt)
    chart.has_legend, chart.legend.position = True, XL_LEGEND_POSITION.TOP
    chart.legend.include_in_layout = False
    axis = chart.value_axis
    low, _ = accuracy_range(learning)
    axis.minimum_scale, axis.maximum_scale = np.floor(100 * low) / 100, 1.0
    axis.has_major_gridlines = True
    axis.major_gridlines.format.line.color.rgb = rgb(palette.line)
    _write_ticks(axis, "0.0%")
    _name(chart.category_axis, "Epoch", palette.quiet)
    for series, (_, _, colour) in zip(chart.plots[0].series, curves, strict=True):
        series.smooth = False
        series.format.line.color.rgb, series.format.line.width = rgb(colour), LINE
        series.marker.style = XL_MARKER_STYLE.NONE if len(learning.accuracy) > 1 else XL_MARKER_STYLE.CIRCLE


def risk_line(slide: Slide, box: Box, reliance: Reliance, palette: Palette) -> None:
    """What share of the answers is wrong by how many are given, with the threshold as a point of it."""
    effect, curve = reliance.effect, reliance.curve
    data = XyChartData()
    line, point = data.add_series("All thresholds"), data.add_series("This one")
    low = answered_from(reliance)
    for x, y in zip(curve.coverage, curve.risk, strict=True):
        if x >= low:
            line.add_data_point(float(x), float(y))
    if effect.coverage.value is not None and effect.accuracy.value is not None:
        point.add_data_point(effect.coverage.value, 1 - effect.accuracy.value)
    alt = "Wrong answers among those given, against the share of images that is answered."
    chart = slide.chart(XL_CHART_TYPE.XY_SCATTER_LINES_NO_MARKERS, data, box, alt)
    for axis, name, form in (
        (chart.category_axis, "Answered without a person", "0.0%"),
        (chart.value_axis, "Wrong among the answers", "0.00%"),
    ):
        _write_ticks(axis, form)
        _name(axis, name, palette.quiet)
    chart.category_axis.minimum_scale, chart.category_axis.maximum_scale = round(low, 3), 1.0
    chart.value_axis.minimum_scale = 0
    drawn, marked = chart.plots[0].series
    drawn.smooth = marked.smooth = False
    drawn.format.line.color.rgb, drawn.format.line.width = rgb(palette.accent), LINE
    marked.marker.style, marked.marker.size = XL_MARKER_STYLE.CIRCLE, 13
    marked.marker.format.fill.solid()
    marked.marker.format.fill.fore_color.rgb = rgb(palette.wrong)


def _write_ticks(axis: Any, form: str) -> None:
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = form, False


def _name(axis: Any, name: str, colour: str) -> None:
    axis.has_title = True
    _say(axis.axis_title.text_frame, name, colour)


def _say(frame: Any, text: str, colour: str) -> None:
    """A quiet line of text, as titles of charts and axes have it."""
    frame.text = text
    font = frame.paragraphs[0].runs[0].font
    font.size, font.bold, font.color.rgb = SMALL, False, rgb(colour)
