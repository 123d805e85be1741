"""What happens to each of the example requests: one story per file in ``examples/``."""

from collections.abc import Awaitable, Callable

from starter.demo import handover, refunds, repairs, replacements
from starter.demo.story import Story

STORIES: dict[str, Callable[[Story], Awaitable[None]]] = {
    story.__name__: story
    for story in (
        refunds.refund,
        refunds.two_parcels,
        refunds.declined,
        refunds.partly_declined,
        refunds.reviewed,
        refunds.cancelled,
        refunds.never_posted,
        refunds.late_parcel,
        refunds.lost,
        refunds.turned_back,
        refunds.empty_parcel,
        refunds.two_tenders,
        refunds.refund_retried,
        refunds.refund_by_hand,
        refunds.settled_by_timer,
        refunds.many_fates,
        handover.pickup,
        handover.drop_off,
        handover.way_changed,
        replacements.store_credit,
        replacements.kept,
        replacements.instant_refund,
        replacements.replacement,
        replacements.advance_replacement,
        replacements.hold_captured,
        replacements.out_of_stock,
        replacements.exchange,
        replacements.exchange_asked,
        replacements.rejected,
        repairs.repair,
        repairs.repair_paid,
        repairs.repair_refused,
        repairs.beyond_repair,
        repairs.own_phone,
        repairs.back_on_the_shelf,
        repairs.wiped,
        repairs.supplier,
    )
}
