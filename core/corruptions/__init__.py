"""What may happen to a 28 x 28 digit before a network sees it: eleven corruptions, each from nothing to its strongest.

Owns what each does, how far it goes and how it is said in words: `corruption` lists and applies them, `motions` and
`changes` do it, `chance` is what differs from image to image. How well a run reads what comes out is `robustness`'s;
random changes while a network trains are `augmentation`'s. The kinds follow MNIST-C (Mu and Gilmer 2019) and
Morpho-MNIST (Castro et al. 2019); the strengths are physical amounts, so half the strength is half as many degrees.
"""

from core.corruptions.corruption import BY_NAME, CORRUPTIONS, Corruption, corrupt

__all__ = ["BY_NAME", "CORRUPTIONS", "Corruption", "corrupt"]
