"""What office and warehouse tell each other, what staff note for colleagues, and what waits for whom."""

from collections.abc import Awaitable, Callable

from client.list_rows import ListFilter
from lifecycle.contract.grades import Grade
from lifecycle.contract.statuses import Status
from starter.demo.story import Stage
from tests.portal.desk import Desk
from tests.portal.test_desk import in_review, listed
from tests.support.cases import CasePlay, make_question
from tests.workflows.returns.play import Play
from tests.workflows.returns.test_boundaries import MARGIN, to

NewDesk = Callable[..., Awaitable[Desk]]
_DATA = [{"line_id": "1", "sku": "PHONE-1", "quantity": 1, "unit_price": 9000, "holds_personal_data": True}]


async def test_a_parcel_that_nobody_knows_is_told_to_the_office_and_settled_once(new_desk: NewDesk) -> None:
    packer, office, colleague = [await new_desk(role, name=f"At {role}") for role in ("warehouse", "manager", "clerk")]
    await packer.open("/warehouse/scan?code=ZZ-NOBODY-KNOWS-1")
    fields = packer.form("/warehouse/calls").with_(note="A green box, no label inside")
    answers = [await packer.post("/warehouse/calls", fields) for _ in range(2)]
    assert all("The office knows." in answer.text for answer in answers)
    for desk in (office, colleague):
        await desk.open("/desk")
        assert desk.answer.text.count("A green box, no label inside") == 1
        assert "ZZ-NOBODY-KNOWS-1" in desk.answer.text
    path = office.form("/desk/calls/").action
    forms = [desk.form(path).with_(why="It is order SO-9") for desk in (office, colleague)]
    assert "is settled" in (await office.post(path, forms[0])).text
    assert (await colleague.post(path, forms[1])).status_code == 409
    assert "ZZ-NOBODY-KNOWS-1" not in (await office.open("/desk")).answer.text


async def test_a_return_in_review_is_told_to_the_office_from_its_own_page(new_desk: NewDesk, stage: Stage) -> None:
    story = in_review(stage)
    await story.start(until=Status.IN_REVIEW)
    packer, office = await new_desk("warehouse"), await new_desk("manager")
    await packer.open(f"/warehouse/returns/{story.return_id}")
    await packer.send("/warehouse/calls", note="It is here already")
    assert "The office knows." in packer.answer.text
    await office.open("/desk")
    assert f'href="/desk/returns/{story.return_id}"' in office.answer.text


async def test_the_warehouse_sees_what_waits_and_what_is_urgent(
    new_desk: NewDesk, stage: Stage, play: Callable[..., Play]
) -> None:
    here = play()
    await here.hand_in()
    await listed(stage, ListFilter(statuses=(Status.RECEIVED,)), here.return_id)
    packer = await new_desk("warehouse")
    await packer.open("/warehouse/waiting")
    assert f"/warehouse/returns/{here.return_id}/grade" in packer.answer.text
    assert (await (await new_desk("bench")).open("/warehouse/waiting")).answer.status_code == 403


async def test_what_is_past_its_target_is_late_though_its_limit_is_days_away(
    new_desk: NewDesk, stage: Stage, play: Callable[..., Play]
) -> None:
    story = play()
    await story.hand_in()
    target = (await story.view()).deadlines.target
    assert target
    await to(story, target, MARGIN)
    await listed(stage, ListFilter(escalated=True), story.return_id)
    office = await new_desk("manager")
    for page in ("/desk", "/desk/returns?late=1"):
        assert f"/desk/returns/{story.return_id}" in (await office.open(page)).answer.text


async def test_data_that_is_not_wiped_waits_on_the_first_page(new_desk: NewDesk, play: Callable[..., Play]) -> None:
    story = play(lines=_DATA)
    await story.hand_in()
    await story.inspect(Grade.A)
    await story.until_mail("wipe_waits", "sent")
    desk = await new_desk("manager", name="Wilma Wipes")
    await desk.open("/desk")
    path = f"/desk/returns/{story.return_id}"
    assert "PHONE-1, 1-1: graded" in desk.answer.text
    await desk.send(path, do="wipe", how="reset to factory settings")
    assert "the wipe is noted" in desk.answer.text
    [unit] = (await story.view()).units
    assert unit.wiped
    assert unit.wiped["by"] == "Wilma Wipes"
    assert "PHONE-1, 1-1: graded" not in (await desk.open("/desk")).answer.text


async def test_a_note_is_for_colleagues_and_an_answer_may_begin_with_words_of_ours(
    new_desk: NewDesk, stage: Stage
) -> None:
    case = CasePlay(stage, make_question())
    await case.ask()
    desk, path = await new_desk("support", name="Nina Notes"), f"/desk/questions/{case.case_id}"
    await desk.open(f"{path}?canned=money")
    assert "we send the money back to the way you paid" in desk.answer.text
    note = [("csrf", desk.form(path).with_()[0][1]), ("form", "abc123"), ("do", "note"), ("text", "Called her, waits.")]
    for _ in range(2):
        desk.answer = await desk.post(path, note)
    assert desk.answer.text.count("Called her, waits.") == 1
    assert "Nina Notes" in desk.answer.text
    assert len((await case.view()).messages) == 1
    assert (await desk.post(path, [*note[:-1], ("text", " ")])).status_code == 422


async def test_words_that_the_faq_has_no_answer_to_are_counted_without_anything_personal(new_desk: NewDesk) -> None:
    desk = await new_desk("auditor")
    for words in ("giraffenhaus jane@example.com 4111", "Giraffenhaus zzonce"):
        await desk.client.get("/help", params={"q": words})
    await desk.open("/desk/questions")
    assert "giraffenhaus 2" in desk.answer.text
    assert not any(word in desk.answer.text for word in ("jane@example", "4111", "zzonce"))
