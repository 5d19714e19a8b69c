"""Threads that need the same data wait for each other, so that one read serves them all."""

from collections.abc import Callable, Sequence
from threading import Condition, Thread, local
from typing import Any, TypeVar

Result = TypeVar("Result")
Answer = Callable[[Sequence[Any]], list[Any]]

# Tasks that run at once; more of them come in turns.
MAX_TOGETHER = 32


class _Dismissed(BaseException):
    """Ends a task whose result nobody wants any more; no handler of errors may catch it."""


class Meeting:
    """Tasks in threads, and one who answers what they ask once all of them wait.

    Questions are answered in the order of tasks, whoever came first: nothing depends on the order
    in which threads run.

    Parameters
    ----------
    answer : callable
        ``answer(questions)`` returns as many results; it runs in the thread that holds the
        meeting.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._condition = Condition()
        self._mine = local()
        self._questions: dict[int, Sequence[Any]] = {}
        self._answers: dict[int, list[Any]] = {}
        self._n_busy = 0
        self._dismissed = False

    def hold(self, tasks: Sequence[Callable[[], Result]]) -> list[Result]:
        """Run tasks to their end and return their results.

        Raises
        ------
        Exception
            The first, in the order of tasks, that a task has raised, or what `answer` raised.
        """
        results: list[Result] = []
        for first in range(0, len(tasks), MAX_TOGETHER):
            results += self._hold(tasks[first : first + MAX_TOGETHER])
        return results

    def _hold(self, tasks: Sequence[Callable[[], Result]]) -> list[Result]:
        results: dict[int, Result] = {}
        errors: dict[int, BaseException] = {}
        self._questions, self._answers = {}, {}
        self._n_busy, self._dismissed = len(tasks), False
        threads = [
            Thread(target=self._attend, args=(number, task, results, errors), daemon=True)
            for number, task in enumerate(tasks)
        ]
        try:
            for thread in threads:
                thread.start()
            while self._wait(errors):
                self._serve()
        finally:
            # Also after Ctrl+C: no thread may go on asking.
            self._dismiss()
            for thread in threads:
                if thread.ident is not None:
                    thread.join()
        if errors:
            raise errors[min(errors)]
        return [results[number] for number in range(len(tasks))]

    def ask(self, questions: Sequence[Any]) -> list[Any]:
        """Ask from a task and wait for the answers."""
        number = self._mine.number
        with self._condition:
            self._questions[number] = questions
            self._n_busy -= 1
            self._condition.notify_all()
            while number not in self._answers and not self._dismissed:
                self._condition.wait()
            if self._dismissed:
                raise _Dismissed
            return self._answers.pop(number)

    def _attend(self, number: int, task: Callable[[], Any], results: dict, errors: dict) -> None:
        self._mine.number = number
        try:
            results[number] = task()
        except _Dismissed:
            pass
        except BaseException as error:
            errors[number] = error
        with self._condition:
            self._n_busy -= 1
            self._condition.notify_all()

    def _wait(self, errors: dict) -> bool:
        """Wait until nobody is busy; return whether there is something to answer."""
        with self._condition:
            while self._n_busy > 0:
                self._condition.wait()
            return bool(self._questions) and not errors

    def _serve(self) -> None:
        """Answer all questions at once."""
        with self._condition:
            asked = sorted(self._questions.items())
            self._questions = {}
        answers = iter(self._answer([q for _, questions in asked for q in questions]))
        with self._condition:
            for number, questions in asked:
                self._answers[number] = [next(answers) for _ in questions]
            self._n_busy += len(asked)
            self._condition.notify_all()

    def _dismiss(self) -> None:
        with self._condition:
            self._dismissed = True
            self._condition.notify_all()
