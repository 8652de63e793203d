"""What a large picture took goes back to the system, also from the thread that read it."""

import threading

import psutil

from core.answers import answer
from core.inference import Classifier
from core.memory import give_back
from core.runs import RunStore
from tests.hostile import hostile_files


def test_large_pictures_leave_nothing_behind(store: RunStore) -> None:
    classifier = Classifier.load(store.active())
    large = next(file for file in hostile_files() if file.name == "twelve-megapixels.jpg")
    process = psutil.Process()
    for _ in range(2):
        threads = [threading.Thread(target=answer, args=(classifier, large.data)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    kept = process.memory_info().rss
    give_back()
    assert kept - process.memory_info().rss < 20_000_000  # of the 40 MB that two threads would keep
