"""What is paper and what is ink where the digit leaves little paper to see."""

import cv2
import numpy as np
import pytest

from core.data import load_split
from core.home import SHIPPED
from core.network import OnnxNetwork
from core.preprocessing import preprocess


@pytest.mark.parametrize("inverted", [False, True])
def test_a_digit_may_fill_its_picture_to_the_edge(inverted: bool) -> None:
    """Cut out tightly and enlarged, so that the strokes are wide and much of the border is ink."""
    split = load_split(SHIPPED / "mnist.npz", "test")
    read = []
    for image in split.images[:60]:
        rows, columns = np.flatnonzero(image.max(axis=1) > 60), np.flatnonzero(image.max(axis=0) > 60)
        tight = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        large = cv2.resize(tight, None, fx=10, fy=10, interpolation=cv2.INTER_CUBIC)
        read.append(preprocess(255 - large if inverted else large).image)
    network = OnnxNetwork(SHIPPED / "pretrained" / "classic" / "model.onnx")
    assert np.mean(network.probabilities(np.stack(read)).argmax(axis=1) == split.labels[:60]) >= 0.95
