"""The commands of `python -m core`, one file each: its arguments, its output, its exit status."""
