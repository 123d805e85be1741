"""What happens to each of the example requests: one story per file in ``examples/``."""

from collections.abc import Awaitable, Callable

from starter.demo import bench, instead, refunds, ways
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
        ways.pickup,
        ways.drop_off,
        ways.way_changed,
        instead.store_credit,
        instead.kept,
        instead.instant_refund,
        instead.replacement,
        instead.advance_replacement,
        instead.hold_captured,
        instead.out_of_stock,
        instead.exchange,
        instead.exchange_asked,
        instead.rejected,
        bench.repair,
        bench.repair_paid,
        bench.repair_refused,
        bench.beyond_repair,
        bench.own_phone,
        bench.back_on_the_shelf,
        bench.wiped,
        bench.supplier,
    )
}
