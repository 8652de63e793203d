"""The network while it trains: it remembers what it answers in a validation, which Keras keeps to itself.

Owns that memory. Imports Keras at the top: only `training` and `model` import this module, inside the training process.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.architecture import CLASSES


@keras.saving.register_keras_serializable("digit_studio")
class Trainee(keras.Model):
    """A functional model with a memory for `capacity` answers, filled anew by every validation.

    The answers are taken where Keras works out the loss, so they cost no second pass over the images.
    """

    def make_room(self, capacity: int) -> None:
        """Makes the memory; to be called before the validation is compiled, at a loaded model too."""
        # TensorFlow's variables, not Keras': they are neither weights nor part of a checkpoint.
        self._answers = tf.Variable(tf.zeros((capacity, CLASSES)), trainable=False)
        self._filled = tf.Variable(0, dtype=tf.int32, trainable=False)

    def forget_answers(self) -> None:
        """Empties the memory."""
        self._filled.assign(0)

    def answers(self) -> NDArray[np.float32]:
        """Probabilities (n, 10) of the validation under way or done last, in the order of its images."""
        return self._answers.numpy()[: int(self._filled.numpy())]

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        if not training:
            end = self._filled + tf.shape(y_pred)[0]
            places = tf.range(self._filled, end)
            self._answers.scatter_nd_update(places[:, None], tf.cast(y_pred, tf.float32))
            self._filled.assign(end)
        return super().compute_loss(x, y, y_pred, sample_weight, training)
