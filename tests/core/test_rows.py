"""Rows of digits, level or not, even or not, are followed and read in order."""

import numpy as np
import pytest

from core.rows import Box, rows

HEIGHT = 40


def line(count: int, *, slope: float = 0.0, down: float = 0.0, waver: float = 0.0) -> list[Box]:
    """Digits beside each other, every other one set lower by a share of its height."""
    lefts = [50 * place for place in range(count)]
    tops = [300 + down + slope * left + waver * HEIGHT * (place % 2) for place, left in enumerate(lefts)]
    return [(left, round(top), 24, HEIGHT) for left, top in zip(lefts, tops, strict=True)]


def shuffled(*lines: list[Box]) -> tuple[list[Box], list[list[Box]]]:
    """The boxes of these lines in any order, and the lines as they are found among them."""
    boxes = [box for each in lines for box in each]
    mixed = [boxes[place] for place in np.random.default_rng(1).permutation(len(boxes))]
    return mixed, [[mixed[place] for place in row] for row in rows(mixed)]


@pytest.mark.parametrize("slope", [-0.2, -0.05, 0.0, 0.05, 0.2])
def test_a_long_number_is_one_row_also_where_it_rises_or_falls(slope: float) -> None:
    number = line(12, slope=slope)
    assert shuffled(number)[1] == [number]


@pytest.mark.parametrize("slope", [-0.15, 0.0, 0.15])
def test_rows_below_each_other_are_read_one_after_the_other(slope: float) -> None:
    upper, lower = line(4, slope=slope), line(10, slope=slope, down=1.5 * HEIGHT)
    assert shuffled(upper, lower)[1] == [upper, lower]


def test_an_uneven_hand_keeps_its_row() -> None:
    number = line(9, waver=0.35)
    assert shuffled(number)[1] == [number]


def test_a_column_has_a_row_for_each_digit_also_where_it_leans() -> None:
    column = [[(10 + 6 * place, 55 * place, 24, HEIGHT)] for place in range(5)]
    assert shuffled(*column)[1] == column


def test_a_wide_space_within_a_number_that_rises() -> None:
    number = [box for place, box in enumerate(line(12, slope=-0.12)) if not 3 < place < 7]
    assert shuffled(number)[1] == [number]


def test_nothing_has_no_rows() -> None:
    assert rows([]) == []
