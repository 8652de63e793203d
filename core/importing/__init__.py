"""A `.keras` file from outside becomes a finished run, or is refused with the reason.

model.py     the whole way: `import_model(store, data, name=...)`
archive.py   the zip: what may be in it, and how much
config.py    the description in it: parsed against an allow-list, its cost counted before anything is built
layers.py    the layers that are allowed; options.py their options
network.py   the description that Keras gets, of our own making
worker.py    the process with limits in which Keras meets the weights
"""
