"""What goes into every exported zip beside the model: its README, `selftest.py` and `predict.py`.

These files run where Digit Studio is not installed, so they import nothing of it; `bundle` puts the preprocessing
beside them. Here only `conversion` runs one: it lets a converted model pass its own self-test.
"""
