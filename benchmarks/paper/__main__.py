"""Accuracy on made paper by condition, and strings of digits read in full, as `predict` answers.

    python -m benchmarks.paper [--data FOLDER] [--model RUN] [--each 100] [--half 0 | 1] [--sheet FILE]

FOLDER with `pen_strokes.json.gz` gives recorded writing; without it MNIST's validation digits are traced. The same
strokes drawn large and clean stand beside each condition: what is lost there is the network's, the rest the paper's.
Preprocessing was tuned on half 0 of the writers; half 1, the default, was held out. `--sheet` only writes the contact
sheet of all conditions.
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

from benchmarks.handwriting import draw_strokes
from benchmarks.paper import digits, sheet, strings
from core import hardware
from core.evaluation import wilson_interval
from core.home import StudioHome
from core.inference import Classifier
from core.preprocessing import read_picture
from core.runs import RunStore

TRACED = 1_000
THUMB = 110  # pixels a side on the contact sheet
ON_SHEET = 5  # photographs of each condition


def photograph(condition: str, written: digits.Written, seed: list[int]) -> bytes:
    """One digit on paper."""
    rng = np.random.default_rng(seed)
    setting = sheet.choose(condition, rng)
    return sheet.photograph(setting, [sheet.glyph(setting, written.strokes)], rng)


def measure_digits(classifier: Classifier, writing: list[digits.Written], each: int, half: int) -> None:
    """Prints one row per condition, and their mean and worst."""
    print("| condition | what | right | of | accuracy | 95 % interval | drawn clean |\n|---|---|---|---|---|---|---|")
    shares, cleans = [], []
    for number, (condition, what) in enumerate(sheet.CONDITIONS.items()):
        # A 12-megapixel photograph takes ten times as long to make.
        count = max(1, each // 3) if condition == "phone" else each
        chosen = [writing[(41 * i + 13 * number) % len(writing)] for i in range(count)]

        def read(place: int, condition: str = condition, number: int = number, chosen: list = chosen) -> tuple:
            one = chosen[place]
            file = photograph(condition, one, [half, number, place])
            clean = draw_strokes([(stroke * (1, -1)).tolist() for stroke in one.strokes], size=190)
            pictures = (read_picture(file), clean)
            return tuple(classifier.classify(picture).digit == one.label for picture in pictures)

        with ThreadPoolExecutor(hardware.cores()) as pool:
            right = np.array(list(pool.map(read, range(len(chosen)))))
        n, (hits, clean) = len(right), right.sum(axis=0)
        shares.append(hits / n)
        cleans.append(clean / n)
        low, high = wilson_interval(int(hits), n)
        print(
            f"| {condition} | {what} | {hits} | {n} | {hits / n:.1%} | {low:.1%} to {high:.1%} | {clean / n:.1%} |",
            flush=True,
        )
    print(f"| **mean** | | | | **{np.mean(shares):.1%}** | | {np.mean(cleans):.1%} |")
    print(f"| **worst** | | | | **{min(shares):.1%}** | | |\n")


def measure_strings(classifier: Classifier, writing: list[digits.Written], each: int, half: int) -> None:
    """Prints one row per kind of string.

    *Digits right* counts those in strings whose number of digits was found, among all; *told otherwise* are the strings
    with another number of digits that carry the warning `several_digits`.
    """
    print("| strings | what | of | read in full | right number | told otherwise | digits right |")
    print("|---|---|---|---|---|---|---|")
    for number, (kind, what) in enumerate(strings.KINDS.items()):

        def read(place: int, kind: str = kind, number: int = number) -> tuple[str, str, bool]:
            rng = np.random.default_rng([9, half, number, place])
            setting = strings.choose(kind, rng)
            hands = [writing[i] for i in rng.integers(0, len(writing), 20)]
            text, glyphs, boxes = strings.write(kind, hands, setting, rng)
            found = classifier.classify_each(read_picture(sheet.photograph(setting, glyphs, rng, boxes=boxes)))
            told = any("several_digits" in one.warnings for one in found)
            return text, "".join(str(one.digit) for one in found), told

        with ThreadPoolExecutor(hardware.cores()) as pool:
            answers = list(pool.map(read, range(each)))
        full = sum(text == found for text, found, _ in answers)
        counted = [(text, found) for text, found, _ in answers if len(text) == len(found)]
        told = sum(told for text, found, told in answers if len(text) != len(found))
        right = sum(a == b for text, found in counted for a, b in zip(text, found, strict=True))
        among = sum(len(text) for text, _, _ in answers)
        print(
            f"| {kind} | {what} | {each} | {full / each:.1%} | {len(counted) / each:.1%} | "
            f"{told} of {each - len(counted)} | {right / among:.1%} |",
            flush=True,
        )


def contact_sheet(writing: list[digits.Written]) -> np.ndarray:
    """(height, width, 3) uint8: five photographs of each condition, two conditions a row, and their names."""
    rows = []
    for number, condition in enumerate(sheet.CONDITIONS):
        name = np.full((THUMB, THUMB, 3), 255, np.uint8)
        cv2.putText(name, condition, (6, THUMB // 2), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (40, 40, 40), 1, cv2.LINE_AA)
        row = [name]
        for place in range(ON_SHEET):
            file = photograph(condition, writing[(41 * place + 13 * number) % len(writing)], [0, number, place])
            picture = read_picture(file)[:, :, :3]
            factor = (THUMB - 6) / max(picture.shape[:2])
            small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
            tile = np.full((THUMB, THUMB, 3), 255, np.uint8)
            tile[: small.shape[0], : small.shape[1]] = small
            row.append(tile)
        rows.append(np.hstack(row))
    half = len(rows) // 2
    return np.hstack([np.vstack(rows[:half]), np.vstack(rows[half:])])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.paper", description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, help=f"a folder with {digits.PEN_STROKES}")
    parser.add_argument("--model", default="active")
    parser.add_argument("--each", type=int, default=100, metavar="N", help="photographs of each condition")
    parser.add_argument("--half", type=int, choices=(0, 1), default=1, help="0: tuned on; 1: held out")
    parser.add_argument("--sheet", type=Path, help="write the contact sheet there and stop")
    arguments = parser.parse_args()
    recorded = arguments.data is not None and (arguments.data / digits.PEN_STROKES).exists()
    everyone = digits.recorded(arguments.data) if recorded else digits.traced(TRACED)
    writing = [one for one in everyone if one.half == arguments.half]
    if arguments.sheet:
        cv2.imwrite(str(arguments.sheet), cv2.cvtColor(contact_sheet(writing), cv2.COLOR_RGB2BGR))
        return 0
    classifier = Classifier.load(RunStore(StudioHome.from_environment()).resolve(arguments.model))
    source = "recorded pen strokes" if recorded else "traced MNIST validation digits"
    print(f"{source}, half {arguments.half}, read by {classifier.run_id}\n")
    measure_digits(classifier, writing, arguments.each, arguments.half)
    measure_strings(classifier, writing, max(1, arguments.each // 2), arguments.half)
    return 0


if __name__ == "__main__":
    sys.exit(main())
