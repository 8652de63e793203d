"""The answers of the API as types, from which its OpenAPI document is made."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Probability = Annotated[float, Field(ge=0, le=1)]
Digit = Annotated[int, Field(ge=0, le=9)]
Probabilities = Annotated[list[Probability], Field(min_length=10, max_length=10)]
Box = Annotated[list[int], Field(min_length=4, max_length=4)]
ABSTAINED = "true where the confidence is below the model's threshold; absent otherwise"


class Strict(BaseModel):
    """Nothing but the named keys."""

    model_config = ConfigDict(extra="forbid")


class ErrorDetail(Strict):
    code: str = Field(description="what went wrong, stable, for scripts")
    message: str = Field(description="one sentence for people")


class ErrorBody(Strict):
    """Every failure."""

    error: ErrorDetail


class ModelBody(Strict):
    """The run that answers."""

    run_id: str
    name: str
    parameters: Annotated[int, Field(ge=0)]
    test_accuracy: Probability | None = Field(description="share of MNIST's 10,000 test images that it reads rightly")


class DigitBody(Strict):
    """One digit of a picture of several."""

    digit: Digit | None
    confidence: Probability | None
    probabilities: Probabilities | None = Field(description="of the digits 0 to 9")
    box: Box | None = Field(description="x, y, width, height in pixels of the upright picture")
    abstained: bool = Field(default=False, description=ABSTAINED)


class PredictionBody(Strict):
    """The answer for one file. Nothing drawn: digit, confidence and probabilities are null."""

    filename: str = Field(description="as it was sent; answers are in the order of the files")
    digit: Digit | None
    confidence: Probability | None
    probabilities: Probabilities | None = Field(description="of the digits 0 to 9")
    warnings: list[str] = Field(
        description="what may make the answer wrong: blank, low_contrast, touches_border, several_digits, "
        "thin_strokes, not_a_digit"
    )
    digits: list[DigitBody] = Field(default=[], description="with multi=true: every digit, in reading order")
    abstained: bool = Field(default=False, description=ABSTAINED)
    error: str = Field(default="", description="why the file could not be read; absent where it could")


class PredictBody(Strict):
    model: ModelBody
    predictions: list[PredictionBody]


class HealthBody(Strict):
    status: str
    version: str
    model: str | None = Field(description="the run id of the active model; null when there is none")


class RunBody(Strict):
    """One training."""

    run_id: str
    name: str
    preset: str | None
    state: str
    shipped: bool
    active: bool
    created_at: float = Field(description="seconds since 1970-01-01, UTC")
    parameters: int | None
    test_accuracy: Probability | None


class RunsBody(Strict):
    runs: list[RunBody]
