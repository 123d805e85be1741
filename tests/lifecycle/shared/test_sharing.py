"""What many open returns have in common is held once, and nothing can be told from it."""

from lifecycle.contract.policy import Policy
from lifecycle.shared import sharing
from lifecycle.shared.sharing import lean, shared
from tests.lifecycle.orders import request


def test_what_is_equal_is_one() -> None:
    one, like, other = Policy().terms(), Policy().terms(), Policy(version="2").terms()
    assert shared(one) is shared(like)
    assert shared(other) is other
    assert shared(other) != shared(one)


def test_no_more_is_held_than_so_much() -> None:
    for number in range(sharing._MOST + 2):
        version = f"v{number}"
        assert shared(Policy(version=version).terms()).version == version
    assert len(sharing._HELD) <= sharing._MOST


def test_a_lean_request_is_the_same_request() -> None:
    one, other, as_it_was = request(), lean(request()), request()
    assert lean(one) is one
    assert one == other == as_it_was
    for short in (False, True):
        assert one.model_dump(exclude_unset=short) == as_it_was.model_dump(exclude_unset=short)
    assert one.order.lines[0].model_fields_set is other.order.lines[0].model_fields_set


def test_a_change_of_one_changes_no_other() -> None:
    one, other = lean(request()), lean(request())
    changed = one.model_copy(update={"vouched_by": "shop"})
    assert "vouched_by" in changed.model_fields_set
    assert other.model_fields_set == request().model_fields_set
