"""Why a network answers what it answers, without TensorFlow.

Modules:
    trials: one image changed in many places, and what the network answers to each; `occlusion` and `ink` make them.
    occlusion: which parts of the image speak for a digit.
    ink: the reverse, what ink in further places would do.
    why_not: why not this other digit.
    features: what each layer makes of an image.
    driving: which parts of the image drive one map of a layer.
    filters: the weights of the first convolution.
    strongest: the images that each map answers to most.
    embedding: an image as the network sees it just before its answer.
    neighbours: the training images that look most alike to the network; `index` keeps them, `worker` finds them.
    projection: many vectors as points on a plane.
    atlas: all test images as a network sees them, kept; `surveying` makes it in a process of its own.
    opinions: what every other run says of an image.

There is no gradient view: the ONNX file of a run holds the forward pass alone, and ONNX Runtime's inference packages
cannot differentiate it. Gradients would need TensorFlow in the server, or a second file beside every model.
"""
