"""What the API answers, without HTTP: the run that is asked, the answer for each file, the list of runs.

Blocking; the routes call it in threads. Failures are raised as the API tells them.
"""

from typing import Any, Final

from starlette.datastructures import UploadFile

from core.answers import answer, failure
from core.api.errors import ApiError
from core.errors import AmbiguousRunError, PictureError, RunDamagedError, RunError, RunNotFoundError
from core.inference import Classifier, ClassifierCache
from core.run import Run
from core.runs import RunStore

MAX_FILENAME: Final = 255


class Service:
    """The answers over the runs of one store."""

    def __init__(self, store: RunStore, classifiers: ClassifierCache) -> None:
        self._store = store
        self._classifiers = classifiers

    def classifier(self, text: str) -> Classifier:
        """The classifier of the run that `text` means.

        Raises:
            ApiError: 404, no such run or several; 503, nothing is active, or the run cannot predict.
        """
        try:
            return self._classifiers.get(self._store.home, self._store.resolve(text))
        except RunNotFoundError as error:
            if text == "active":
                raise ApiError(503, "no_model", str(error)) from None
            raise ApiError(404, "run_not_found", str(error)) from None
        except AmbiguousRunError as error:
            raise ApiError(404, "ambiguous_run", str(error)) from None
        except RunError as error:  # damaged, or not finished
            raise ApiError(503, "no_model", str(error)) from None

    def active_id(self) -> str | None:
        """The id of the run that answers when none is named; None when there is none."""
        try:
            return self._store.active().run_id
        except RunError:
            return None

    def runs(self) -> list[dict[str, Any]]:
        """Every readable run as plain values, newest first."""
        active = self.active_id()
        return [{**_run(run), "active": run.run_id == active} for run in self._store.runs()]


class Batch:
    """The answers for the files of one request, one after the other."""

    def __init__(self, classifier: Classifier, *, multi: bool) -> None:
        self._classifier = classifier
        self._multi = multi
        self._errors: list[PictureError] = []
        self.predictions: list[dict[str, Any]] = []

    def add(self, file: UploadFile) -> None:
        """Works out the answer for the next file; a file that cannot be read has its `error` as the answer."""
        try:
            values = answer(self._classifier, file.file.read(), multi=self._multi)
        except PictureError as error:
            self._errors.append(error)
            values = failure(str(error))
        self.predictions.append({"filename": (file.filename or "")[:MAX_FILENAME], **values})

    def require_any(self) -> None:
        """Raises an ApiError when not one file could be read: 413 when all are too large, else 400."""
        if len(self._errors) < len(self.predictions):
            return
        reason = str(self._errors[0])
        if all(error.code == "too_large" for error in self._errors):
            raise ApiError(413, "too_large", reason)
        many = len(self._errors) > 1
        raise ApiError(400, "unreadable", f"None of the pictures can be read. The first: {reason}" if many else reason)


def describe(classifier: Classifier) -> dict[str, Any]:
    """The run that answers, as plain values."""
    return {
        "run_id": classifier.run_id,
        "name": classifier.name,
        "parameters": classifier.parameters,
        "test_accuracy": classifier.test_accuracy,
    }


def _run(run: Run) -> dict[str, Any]:
    try:
        evaluation = run.evaluation() or {}
    except RunDamagedError:
        evaluation = {}
    test = evaluation.get("test")
    return {
        "run_id": run.run_id,
        "name": run.name,
        "preset": run.preset,
        "state": str(run.status.state),
        "shipped": run.shipped,
        "created_at": run.created_at,
        "parameters": evaluation.get("parameters"),
        "test_accuracy": test.get("accuracy") if isinstance(test, dict) else None,
    }
