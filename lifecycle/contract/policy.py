"""The shop's policy: one TOML file, its keys checked, its defaults those of CONTRACT section 5."""

import tomllib
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from lifecycle.contract.errors import InvalidRequest, problem
from lifecycle.contract.grades import GRADES, Grade
from lifecycle.contract.orders.lines import FeeKind
from lifecycle.contract.request import Address, Amount, Flag, Method, problems
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.tenders import TENDERS, TenderKind
from lifecycle.contract.texts import AT_BOUNDARY, ONE_LINE, ShopAddress

Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=7, decimal_places=4)]
Days = Annotated[int, Field(strict=True, ge=0, le=365)]
BusinessDays = Annotated[int, Field(strict=True, ge=1, le=60)]
Line = Annotated[str, Field(min_length=1, max_length=200), ONE_LINE]
Weekday = Literal["", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class InvalidPolicy(InvalidRequest):
    """A policy that is not what it should be; ``problems`` holds ``(key, what was expected)``."""


class _Rules(BaseModel):
    model_config = ConfigDict(frozen=True)


class Shop(_Rules):
    """Who the shop is, and where parcels go."""

    name: Line = "Demo Shop"
    mail_from: ShopAddress = "returns@example.com"
    operations_mail: ShopAddress = "operations@example.com"
    return_address: Address = Address(
        name="Demo Shop Returns",
        line1="9 Dock Road",
        city="Springfield",
        state="IL",
        postal_code="62701",
        country="US",
    )


class EligibilityRules(_Rules):
    """What may come back; ``window_days`` are calendar days from delivery."""

    window_days: Days = 30
    final_sale: Literal["declined", "review"] = "declined"
    resolutions: list[Resolution] = list(Resolution)
    out_of_warranty_repair: Literal["quoted", "declined"] = "quoted"


class ApprovalRules(_Rules):
    """What an operator looks at first, and what is settled without waiting; amounts in minor units."""

    review_above: Amount = 50000
    #: 0 for never.
    second_person_above: Amount = 0
    review_after_returns: Annotated[int, Field(strict=True, ge=1)] = 5
    keep_item_below: Amount = 0
    instant_refund_below: Amount = 0
    advance_replacement: Flag = True


class MoneyRules(_Rules):
    """How an amount is made; fees in minor units, percentages of a unit's net price."""

    refund_original_shipping: Literal["seller_fault", "never", "always"] = "seller_fault"
    #: Kinds of the order's own fees that go back with its shipping.
    refund_order_fees: Annotated[list[FeeKind], Field(exclude_if=lambda kinds: not kinds)] = []
    restocking_fee_percent: Percent = Decimal(0)
    return_shipping_fee: Amount = 0
    condition_deduction_percent: dict[Grade, Percent] = {
        grade: rule.deduction_percent for grade, rule in GRADES.items()
    }
    store_credit_bonus_percent: Percent = Decimal(0)
    #: Calendar days until store credit expires; 0 for never.
    store_credit_valid_days: Annotated[int, Field(strict=True, ge=0, le=3650)] = 0
    tender_order: list[TenderKind] = list(TENDERS)
    on_refund_failure: Literal["attention", "next_tender", "store_credit"] = "attention"

    @model_validator(mode="before")
    @classmethod
    def _grades_left_out(cls, raw: Any) -> Any:
        """A grade left out keeps its default, as every other key does."""
        given = raw.get("condition_deduction_percent") if isinstance(raw, dict) else None
        if isinstance(given, dict):
            defaults = cls.model_fields["condition_deduction_percent"].default
            return raw | {"condition_deduction_percent": {**{str(k): v for k, v in defaults.items()}, **given}}
        return raw

    @model_validator(mode="after")
    def _every_kind_once(self) -> Self:
        if sorted(self.tender_order) != sorted(TenderKind):
            raise problem("tender_order", f"each of {', '.join(sorted(TenderKind))} once")
        return self


class HandoverRules(_Rules):
    """How goods come back, and how long the shop waits for them; calendar days."""

    methods: list[Method] = list(Method)
    #: Hours from the request, or the approval, within which the customer holds a label, a code or a pickup.
    label_within_hours: Annotated[int, Field(strict=True, ge=1, le=720)] = 4
    remind_after_days: Days = 7
    ship_by_days: Days = 14
    late_arrival_days: Days = 30

    @model_validator(mode="after")
    def _reminds_in_time(self) -> Self:
        given = "remind_after_days" in self.model_fields_set
        if given and self.remind_after_days >= self.ship_by_days:
            raise problem("remind_after_days", f"less than ship_by_days ({self.ship_by_days})")
        return self


class ClockRules(_Rules):
    """The promise: when it starts, how many business days it lasts, whose business days."""

    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "US"
    subdivision: str = ""
    timezone: str = "America/New_York"
    closed_days: list[date] = []
    starts_on: Literal["handover", "requested", "received"] = "handover"
    target_business_days: BusinessDays = 5
    limit_business_days: BusinessDays = 7
    on_limit: Literal["settle", "attention"] = "settle"

    @model_validator(mode="after")
    def _are_known(self) -> Self:
        import holidays  # takes longer to load than everything else together

        countries = holidays.list_supported_countries()
        if self.country not in countries:
            raise problem("country", "an ISO 3166-1 code of a country with known holidays")
        if self.subdivision and self.subdivision not in countries[self.country]:
            raise problem("subdivision", f"a subdivision of {self.country} with known holidays, or nothing")
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise problem("timezone", "a name of the IANA time zone database") from None
        if self.limit_business_days < self.target_business_days:
            raise problem("limit_business_days", f"at least target_business_days ({self.target_business_days})")
        return self


class SupplierRules(_Rules):
    """When the goods gathered for a supplier are asked about, and how often it is reminded; calendar days."""

    batch_size: Annotated[int, Field(strict=True, ge=1, le=1000)] = 10
    batch_weekday: Weekday = "monday"
    remind_after_days: Annotated[int, Field(strict=True, ge=1, le=365)] = 14


class SupportRules(_Rules):
    """How soon questions are answered, and when the shop does; closing at 24:00 is the end of the day."""

    answer_business_hours: Annotated[int, Field(strict=True, ge=1, le=200)] = 8
    opens: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "09:00"
    closes: Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")] = "17:00"
    close_after_silent_days: Annotated[int, Field(strict=True, ge=1, le=365)] = 7

    @model_validator(mode="after")
    def _closes_after_opening(self) -> Self:
        if self.closes <= self.opens:
            raise problem("closes", f"a time after opens ({self.opens})")
        return self


_RareSum = Annotated[int, Field(exclude_if=lambda amount: amount == 0)]


class Terms(BaseModel):
    """What a return keeps of the policy it started with; recorded in its history."""

    version: str
    money: MoneyRules
    remind_after_days: int
    ship_by_days: int
    late_arrival_days: int
    starts_on: Literal["handover", "requested", "received"]
    target_business_days: int
    limit_business_days: int
    on_limit: Literal["settle", "attention"]
    #: None of these is recorded where the shop has none.
    keep_item_below: _RareSum = 0
    instant_refund_below: _RareSum = 0
    advance_replacement: bool = False
    label_within_hours: int = 4
    #: None for never; a return without it records nothing of it.
    second_person_above: Annotated[int | None, Field(exclude_if=lambda above: above is None)] = None


class Policy(_Rules):
    """Everything a shop decides about returns; keys left out keep these defaults."""

    version: Line = "default"
    shop: Shop = Shop()
    eligibility: EligibilityRules = EligibilityRules()
    approval: ApprovalRules = ApprovalRules()
    money: MoneyRules = MoneyRules()
    handover: HandoverRules = HandoverRules()
    #: Made when it is needed: its check loads the holidays of all countries.
    clock: ClockRules = Field(default_factory=ClockRules)
    supplier: SupplierRules = SupplierRules()
    support: SupportRules = SupportRules()

    def terms(self) -> Terms:
        """The keys that a return needs later on."""
        kept = {**vars(self.handover), **vars(self.clock), **vars(self.approval)}
        kept["second_person_above"] = self.approval.second_person_above or None
        return Terms.model_validate({**kept, "version": self.version, "money": self.money})


def parse_policy(text: str) -> Policy:
    """Read a policy; raises ``InvalidPolicy`` naming each key, or the line that is not TOML."""
    try:
        raw = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InvalidPolicy([("file", f"expected TOML: {error}")]) from None
    try:
        # Here, not in the models: what is recorded in a history may come from a newer version.
        return Policy.model_validate(raw, extra="forbid", context=AT_BOUNDARY)
    except ValidationError as error:
        raise InvalidPolicy(problems(error)) from None
