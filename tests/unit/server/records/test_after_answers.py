"""Work behind an answer: done in order, once, by whoever is first to want it."""

from __future__ import annotations

import threading

from proxy_core.server.records.after_answers import AfterAnswers


def test_work_is_done_in_its_order_when_somebody_catches_up() -> None:
    after, done = AfterAnswers(), list[int]()
    for number in range(5):
        after.add(lambda number=number: done.append(number))
    assert done == []
    after.catch_up()
    assert done == [0, 1, 2, 3, 4]


def test_work_that_fails_does_not_keep_the_next_from_being_done() -> None:
    after, done = AfterAnswers(), list[str]()
    after.add(lambda: done.append(str(1 // 0)))
    after.add(lambda: done.append("next"))
    after.catch_up()
    assert done == ["next"]


def test_many_pieces_are_one_batch() -> None:
    batches = list[int]()
    after = AfterAnswers(lambda: batches.append(1))
    for _ in range(50):
        after.add(lambda: None)
    after.catch_up()
    after.catch_up()
    assert batches == [1]


def test_the_thread_does_by_itself_what_nobody_asks_for() -> None:
    finished = threading.Event()
    after = AfterAnswers(pause=0.001)
    after.open()
    after.add(finished.set)
    assert finished.wait(30)
    again = threading.Event()
    after.add(again.set)
    assert again.wait(30), "the thread is woken a second time"
    after.close()


def test_closing_does_what_is_left() -> None:
    done = list[int]()
    after = AfterAnswers(pause=3600)
    after.open()
    after.add(lambda: done.append(1))
    after.close()
    assert done == [1]


def test_whoever_catches_up_waits_for_what_is_being_done() -> None:
    began, may_end = threading.Event(), threading.Event()
    done = list[str]()
    after = AfterAnswers(pause=0.0)

    def slow() -> None:
        began.set()
        may_end.wait(30)
        done.append("slow")

    after.open()
    after.add(slow)
    assert began.wait(30)
    waiter = threading.Thread(target=lambda: (after.catch_up(), done.append("caught up")))
    waiter.start()
    may_end.set()
    waiter.join(60)
    assert done == ["slow", "caught up"]
    after.close()


def test_a_batch_whose_end_fails_is_followed_by_the_next() -> None:
    done = list[str]()

    def full_disk() -> None:
        raise OSError("No space left on device")

    after = AfterAnswers(full_disk)
    for word in ("first", "second"):
        after.add(lambda word=word: done.append(word))
        after.catch_up()
    assert done == ["first", "second"]
