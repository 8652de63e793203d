"""Everything Digit Studio knows: data, preprocessing, training, runs, inference and the interfaces to them.

Nothing in this package imports streamlit or the `ui` package, and only the modules that run inside the training
process (`model`, `training`, `onnx_export`, ...) import TensorFlow or Keras, inside their functions. Both rules
are held by `tests/test_architecture.py`.
"""

__version__ = "0.1.0"
