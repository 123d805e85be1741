"""One mail address is one mailbox, or it is refused."""

import pytest
from hypothesis import example, given
from hypothesis.strategies import characters, emails, one_of, sampled_from, text

from lifecycle.contract.mailboxes import InvalidAddress, mailbox_of, same_mailbox, untagged

ODD = text(one_of(sampled_from('a@.,;:<>()[]"\\ \r\n\u2028é'), characters()), max_size=40)


@pytest.mark.parametrize(
    "address",
    [
        "john,doe@example.com",
        "john;doe@example.com",
        "a@example.com; b@example.com",
        "<a@example.com>",
        "Ann <a@example.com>",
        "grp:a@example.com;",
        "mailto:a@example.com",
        "a@example.com,",
        "a@example.com.",
        "a b@example.com",
        "a@b@example.com",
        '"a b"@example.com',
        "(comment)a@example.com",
        "a@[127.0.0.1]",
        "a@localhost",
        "a@example.com\r\nBcc: b@example.com",
        "a@example.com\u2028",
        "a\u202eb@example.com",
        "@example.com",
        "a@",
        "",
    ],
)
def test_what_is_no_single_mailbox_is_refused(address: str) -> None:
    with pytest.raises(InvalidAddress, match=r"^expected one mail address such as name@example\.com$"):
        mailbox_of(address)


@pytest.mark.parametrize(
    ("address", "sent_to", "needs"),
    [
        ("o'neil+returns@example.com", "o'neil+returns@example.com", False),
        ("zoe@münchen.example", "zoe@xn--mnchen-3ya.example", False),
        ("zoe@xn--mnchen-3ya.example", "zoe@xn--mnchen-3ya.example", False),
        ("Zoë@MÜNCHEN.example", "Zoë@xn--mnchen-3ya.example", True),
        ("a@shop.test", "a@shop.test", False),
    ],
)
def test_domains_are_sent_in_ascii(address: str, sent_to: str, *, needs: bool) -> None:
    assert (str(mailbox_of(address)), mailbox_of(address).needs_smtputf8) == (sent_to, needs)


@given(emails())
@example("a@xn--mnchen-3ya.de")
def test_usual_addresses_are_taken(address: str) -> None:
    assert mailbox_of(address).domain.isascii()


@given(ODD)
def test_what_is_taken_holds_nothing_that_could_be_a_second_one(address: str) -> None:
    try:
        mailbox = mailbox_of(address)
    except InvalidAddress:
        return
    assert not set(str(mailbox)) & set(',;:<>()[]"\\ \r\n\u2028')
    assert str(mailbox).count("@") == 1
    assert mailbox_of(str(mailbox)) == mailbox


def test_one_mailbox_may_be_written_in_more_than_one_way() -> None:
    assert same_mailbox("Zoe@München.example", "zoe@XN--MNCHEN-3ya.example")
    assert not same_mailbox("zoe@example.com", "zoe@example.org")
    assert same_mailbox("john,doe@example.com", "John,Doe@example.com")  # of before it was checked


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cu\u017ftomer@example.com", "customer@example.com"),
        ("stra\u00dfe@example.com", "strasse@example.com"),
        ("cu\u017f,tomer@example.com", "cus,tomer@example.com"),
    ],
)
def test_letters_that_only_look_or_fold_alike_make_another_mailbox(one: str, other: str) -> None:
    assert not same_mailbox(one, other)
    assert untagged(one) != untagged(other)


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("Zoe+shop@Example.com", "zoe@example.com"),
        ("zoe+a+b@example.com", "zoe@example.com"),
        ("zoe@example.com", "zoe@example.com"),
        ("+zoe@example.com", "+zoe@example.com"),
    ],
)
def test_a_tag_is_passed_over_where_mailboxes_are_counted(address: str, counted_as: str) -> None:
    assert untagged(address) == counted_as
