"""A finished run as a zip that proves itself without this repository.

bundle.py       what is in the zip: `exported(home, run, form)`
forms.py        the four formats
description.py  what a zip says about its model
conversion.py   the formats that only TensorFlow can write, in a process of its own
kit/            the scripts that go into the zip
"""
