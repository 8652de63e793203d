"""Rules about how well the network fits: too closely, not closely enough, no longer better, or still getting better."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final

from core.coach.advice import USUAL_RATE, Hint, advise, number, percent, rounded_rate
from core.coach.history import History, smooth
from core.coach.rate import faster, is_low
from core.config import TRAINING_IMAGES, TrainingConfig

# Enough to make new images of the old ones, little enough that a 6 stays a 6.
GENTLE: Final[Mapping[str, Any]] = {"rotation": 10.0, "shift": 2.0, "scale": 0.1}
_DISTORTIONS: Final = ("rotation", "shift", "scale", "shear", "thickness", "elastic")


def overfitting(history: History) -> Hint | None:
    """Training goes on getting better while validation does not, for at least three epochs, over means of three.

    Either validation loss rose: by 25 %, or by 10 % with an accuracy that fell too (a loss that rises a little while
    more images are right is growing certainty). Or training accuracy left validation accuracy far behind.
    """
    epochs = history.epochs
    if len(epochs) < 6:
        return None
    val_loss, loss = smooth(e.val_loss for e in epochs), smooth(e.loss for e in epochs)
    right, val_right = smooth(e.accuracy for e in epochs), smooth(e.val_accuracy for e in epochs)
    best = val_loss.index(min(val_loss))
    if len(val_loss) - 1 - best < 3 or loss[-1] >= 0.9 * loss[best]:
        return None
    since = f"Since epoch {epochs[best + 1].number}"
    rise = 1.10 if val_right[-1] < val_right[best] else 1.25
    if val_loss[-1] >= rise * val_loss[best] and loss[-1] <= 0.7 * val_loss[-1]:
        return _by_heart(
            history,
            f"{since} validation loss has risen from {number(val_loss[best])} to {number(val_loss[-1])} while training "
            f"loss fell from {number(loss[best])} to {number(loss[-1])} (means of three epochs).",
        )
    far = max(0.015, 3 * history.chance_of(val_right[-1]))
    if right[-1] - val_right[-1] >= far and 3 * loss[-1] <= val_loss[-1]:
        return _by_heart(
            history,
            f"Of the training images {percent(right[-1])} are right, of the validation images "
            f"{percent(val_right[-1])}, and validation loss has not fallen since epoch {epochs[best + 1].number} "
            f"({number(val_loss[-1])}; training loss {number(loss[-1])}).",
        )
    return None


def underfitting(history: History) -> Hint | None:
    """Not even the training images are learnt.

    Either fewer than 85 % are right after some epochs, with settings that distort or drop very much. Or fewer than 97 %
    are, no more than three epochs before, where neither a schedule nor dropout nor augmentation explains it.
    """
    epochs, config = history.epochs, history.config
    heavy = _heavy(config)
    if len(epochs) >= 5 and history.steps >= 200 and heavy and epochs[-1].accuracy < 0.85:
        found = (
            f"After {len(epochs)} epochs {percent(epochs[-1].accuracy)} of the training images are right as they are "
            f"shown to the network, and {percent(epochs[-1].val_accuracy)} of the validation images."
        )
        halved = {name: getattr(config, name) / 2 for name in heavy}
        names = ", ".join(heavy)
        return advise(
            config, "underfitting", "Its training images are made too hard", found, (f"halve {names}", halved)
        )
    if len(epochs) < 6 or not history.steady or config.augments or config.dropout > 0.2:
        return None
    loss, val_loss = smooth(e.loss for e in epochs), smooth(e.val_loss for e in epochs)
    right, val_right = smooth(e.accuracy for e in epochs), smooth(e.val_accuracy for e in epochs)
    flat = loss[-1] >= 0.93 * loss[-4] and val_loss[-1] >= 0.95 * val_loss[-4]
    if not flat or right[-1] >= 0.97 or val_right[-1] >= 0.97 or loss[-1] < 0.8 * val_loss[-1]:
        return None
    found = (
        f"Training accuracy stays at {percent(right[-1])} and validation accuracy at {percent(val_right[-1])}; three "
        f"epochs ago they were {percent(right[-4])} and {percent(val_right[-4])}."
    )
    filters = {"filters": 2 * config.filters}
    dense = {"dense_units": 2 * config.dense_units or 64}
    return advise(
        config,
        "underfitting",
        "The network is too small for what it should learn",
        found,
        ("give it twice as many filters", filters),
        ("give it a larger dense layer", dense),
    )


def plateau(history: History) -> Hint | None:
    """At a constant rate, neither validation for five epochs nor training is getting better.

    Above ten times the usual rate it does not matter whether training loss still falls. There a lower rate helped most
    in the recordings, elsewhere the schedule.
    """
    epochs, config = history.epochs, history.config
    if not history.steady or len(epochs) < 8:
        return None
    val_losses = [e.val_loss for e in epochs]
    best = val_losses.index(min(val_losses))
    val_loss, loss = smooth(val_losses), smooth(e.loss for e in epochs)
    usual = USUAL_RATE[config.optimizer]
    fast = history.rate > 10 * usual
    if len(epochs) - 1 - best < 5 or val_loss[-1] < 0.97 * val_loss[-4] or not (fast or loss[-1] >= 0.85 * loss[-6]):
        return None
    found = (
        f"The lowest validation loss, {number(val_losses[best])}, was in epoch {epochs[best].number}; the last three "
        f"epochs have {number(val_loss[-1])} on average."
    )
    lower = rounded_rate(max(usual, history.rate / 10))
    options: list[tuple[str, dict[str, Any]]] = [
        ("lower the rate towards the end with the cosine schedule", {"schedule": "cosine"}),
        (f"try a learning rate of {lower:g}", {"learning_rate": lower}),
    ]
    return advise(
        config,
        "plateau",
        "It no longer gets better at this learning rate",
        found,
        *(reversed(options) if fast else options),
    )


def improving(history: History) -> Hint | None:
    """Validation loss fell to a new low in each of the last two epochs, by 5 % or more, and accuracy rose with it.

    While the run goes on that is good news; where it ended like that, it ended too early.
    """
    epochs, config = history.epochs, history.config
    if len(epochs) < 4:
        return None
    before, middle, now = epochs[-3:]
    falls = middle.val_loss <= 0.95 * before.val_loss and now.val_loss <= 0.95 * middle.val_loss
    lowest = before.val_loss <= min(e.val_loss for e in epochs[:-2])
    gain = now.val_accuracy - before.val_accuracy
    if not (falls and lowest and gain >= history.chance_of(now.val_accuracy)):
        return None
    found = (
        f"In the last three epochs validation loss fell from {number(before.val_loss)} over "
        f"{number(middle.val_loss)} to {number(now.val_loss)}, and accuracy rose from {percent(before.val_accuracy)} "
        f"to {percent(now.val_accuracy)}."
    )
    if not history.ended and history.epoch < config.epochs:
        return Hint("still_improving", "Every epoch still helps: let it go on.", found)
    if is_low(history, history.rate):
        return faster(history, "It ended while it was still learning, in very small steps", found)
    options: list[tuple[str, dict[str, Any]]] = [("train for twice as many epochs", {"epochs": 2 * config.epochs})]
    if history.epoch < config.epochs:
        options = [("do without the time budget", {"time_budget": 0.0})]
    return advise(config, "stopped_too_early", "It ended while it was still getting better", found, *options)


def _by_heart(history: History, evidence: str) -> Hint:
    """The hint against overfitting: what helped most in the recordings comes first."""
    config = history.config
    options: list[tuple[str, Mapping[str, Any]]] = []
    if not config.augments:
        options.append(("turn, shift and scale them a little, so that it never sees the same one twice", GENTLE))
    if config.dropout < 0.4:
        options.append(("dropout keeps it from relying on single features", {"dropout": 0.5}))
    if config.subset:
        more = 4 * config.subset
        images = more if more <= TRAINING_IMAGES - config.validation_size else 0
        options.append(("give it more of them", {"subset": images}))
    if not config.early_stopping:
        options.append(("stop once validation loss no longer falls", {"early_stopping": 3}))
    return advise(config, "overfitting", "It learns its training images by heart", evidence, *options)


def _heavy(config: TrainingConfig) -> list[str]:
    """The settings that make training images very hard: augmentation above half of its limit, dropout above 0.6."""
    most = {rule.name: rule.metadata["high"] for rule in fields(TrainingConfig)}
    heavy = [name for name in _DISTORTIONS if getattr(config, name) > most[name] / 2]
    return [*heavy, "dropout"] if config.dropout > 0.6 else heavy
