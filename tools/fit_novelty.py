"""Makes `artifacts/novelty.npz` from MNIST's training images: `python tools/fit_novelty.py`. Takes some seconds."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.data import load_split
from core.home import NOVELTY, StudioHome
from core.novelty import Novelty


def main() -> None:
    novelty = Novelty.fit(load_split(StudioHome.from_environment().mnist, "train").images)
    novelty.save(NOVELTY)
    sys.stdout.write(f"{NOVELTY.name}: {len(novelty.references):,} images, limit {novelty.limit:.4f}\n")


if __name__ == "__main__":
    main()
