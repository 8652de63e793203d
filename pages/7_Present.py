"""Present: a story of a run, prepared beforehand and told on a stage, one idea a screen."""

from ui import present_prepare, present_stage, resources, state

resources.outlast_reloads()
if state.screen_asked():
    present_stage.show()
else:
    present_prepare.show()
