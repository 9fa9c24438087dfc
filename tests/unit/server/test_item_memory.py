"""Output items remembered for clients that refer to them."""

from __future__ import annotations

from proxy_core.server.calls.memory.item_memory import ItemMemory


def test_an_item_is_found_by_its_id() -> None:
    memory = ItemMemory()
    memory.keep("a", "msg_1", b"{}", 0)
    assert memory.find("a", "msg_1", 1) == b"{}"
    assert memory.find("a", "msg_2", 1) is None


def test_what_one_account_was_told_no_other_finds() -> None:
    memory = ItemMemory()
    memory.keep("a", "msg_1", b"{}", 0)
    assert memory.find("b", "msg_1", 1) is None


def test_it_forgets_after_a_while() -> None:
    memory = ItemMemory(longest_seconds=10)
    memory.keep("a", "msg_1", b"{}", 0)
    assert memory.find("a", "msg_1", 10) is not None
    assert memory.find("a", "msg_1", 10.1) is None
    assert len(memory) == 0


def test_the_least_recently_used_goes_first_where_there_are_too_many() -> None:
    memory = ItemMemory(most_items=2)
    memory.keep("a", "1", b"{}", 0)
    memory.keep("a", "2", b"{}", 0)
    memory.find("a", "1", 0)
    memory.keep("a", "3", b"{}", 0)
    assert [memory.find("a", each, 0) is not None for each in "123"] == [True, False, True]


def test_it_holds_no_more_bytes_of_items_and_their_ids_than_it_may() -> None:
    memory = ItemMemory(most_bytes=12)
    memory.keep("a", "1", b"123456", 0)
    memory.keep("a", "1", b"12345", 0)
    memory.keep("a", "2", b"12345", 0)
    assert len(memory) == 2
    memory.keep("a", "3", b"1", 0)
    assert memory.find("a", "1", 0) is None
    memory.keep("a", "4", b"123456789012", 0)
    assert len(memory) == 0
    memory.keep("a", "an-id-of-13-b", b"", 0)
    assert len(memory) == 0
