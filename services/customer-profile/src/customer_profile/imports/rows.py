"""What a row must hold. Pure: cells in, a checked row or the faults that the error file will show out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from pydantic import Field, ValidationError

from customer_profile.events import IdentifierType
from customer_profile.identifiers.normal import InvalidIdentifierError, Normal, normalise
from customer_profile.identifiers.schemas import Namespace
from customer_profile.ids import CustomerId
from customer_profile.imports.files import Record
from customer_profile.inputs import LARGEST_AMOUNT, Currency, Input, Language, Line, Moment, Slug
from customer_profile.purchases.schemas import MAX_QUANTITY, ExternalId

Cell = Annotated[str, Field(max_length=1000)]
Row = TypeVar("Row", bound="CustomerRow | PurchaseRow")

_SHOWN_VALUE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row was not taken."""

    row: int
    field: str
    rule: str
    value: str
    hint: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A row that is good in itself, with its identifiers in their one spelling."""

    row: int
    data: Any
    identifiers: list[Normal]


class CustomerRow(Input):
    """A customer in a file; at least one identifier, so that the same file twice makes nobody twice."""

    name: Line
    salutation: Line | None = None
    language: Language = "zh-CN"
    tier: Slug = "regular"
    phone: Cell | None = None
    email: Cell | None = None
    card: Cell | None = None
    plate: Cell | None = None
    wechat_open: Cell | None = None
    namespace: Namespace = ""


class PurchaseRow(Input):
    """A purchase in a file; the buyer by our id or by one identifier."""

    external_id: ExternalId
    purchased_at: Moment
    total_minor: Annotated[int, Field(ge=-LARGEST_AMOUNT, le=LARGEST_AMOUNT)]
    currency: Currency
    item: Line | None = None
    sku: Line | None = None
    category: Line | None = None
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY)] = 1
    customer_id: CustomerId | None = None
    phone: Cell | None = None
    email: Cell | None = None
    card: Cell | None = None
    wechat_open: Cell | None = None
    namespace: Namespace = ""


CUSTOMER_IDENTIFIERS: Final[Sequence[IdentifierType]] = ("card", "phone", "email", "wechat_open", "plate")
BUYER_IDENTIFIERS: Final[Sequence[IdentifierType]] = ("card", "phone", "email", "wechat_open")

_CHINESE: Final = {
    "姓名": "name",
    "称呼": "salutation",
    "语言": "language",
    "等级": "tier",
    "手机": "phone",
    "电话": "phone",
    "邮箱": "email",
    "卡号": "card",
    "车牌": "plate",
    "订单号": "external_id",
    "购买时间": "purchased_at",
    "金额分": "total_minor",
    "币种": "currency",
    "商品": "item",
    "类别": "category",
    "数量": "quantity",
}


def usual_headers(row: type[Input]) -> dict[str, str]:
    """Header in lower case → field, for the fields of one kind of row."""
    own = {name: name for name in row.model_fields}
    return own | {header: field for header, field in _CHINESE.items() if field in own}


def check_customer(record: Record, fields: Sequence[str | None]) -> Checked | list[Fault]:
    """A customer's row."""
    checked = _check(record, fields, CustomerRow, CUSTOMER_IDENTIFIERS)
    if isinstance(checked, Checked) and not checked.identifiers:
        hint = f"Give at least one of {', '.join(CUSTOMER_IDENTIFIERS)}."
        return [Fault(checked.row, "row", "no identifier", checked.data.name, hint)]
    return checked


def check_purchase(record: Record, fields: Sequence[str | None]) -> Checked | list[Fault]:
    """A purchase's row."""
    checked = _check(record, fields, PurchaseRow, BUYER_IDENTIFIERS)
    if isinstance(checked, Checked) and len(checked.identifiers) + (checked.data.customer_id is not None) != 1:
        hint = f"Give exactly one of customer_id, {', '.join(BUYER_IDENTIFIERS)}."
        return [Fault(checked.row, "row", "one buyer", checked.data.external_id, hint)]
    return checked


def _check(
    record: Record, fields: Sequence[str | None], row: type[Row], kinds: Sequence[IdentifierType]
) -> Checked | list[Fault]:
    number, cells = record
    if len(cells) != len(fields):
        hint = f"The header has {len(fields)} columns, this row {len(cells)}; check the quotes."
        return [Fault(number, "row", "number of cells", str(len(cells)), hint)]
    given = {field: cell for field, cell in zip(fields, cells, strict=True) if field is not None and cell.strip()}
    try:
        data = row.model_validate(given)
    except ValidationError as fault:
        return [_fault(number, given, error) for error in fault.errors(include_url=False)]
    return _with_identifiers(number, data, kinds)


def _with_identifiers(number: int, data: Any, kinds: Sequence[IdentifierType]) -> Checked | list[Fault]:
    identifiers, faults = [], []
    for kind in kinds:
        typed = getattr(data, kind)
        if typed is None:
            continue
        try:
            identifiers.append(normalise(kind, typed, data.namespace))
        except InvalidIdentifierError as fault:
            faults.append(Fault(number, kind, fault.rule, typed[:_SHOWN_VALUE_LENGTH], fault.hint))
    return faults or Checked(number, data, identifiers)


def _fault(number: int, given: Mapping[str, str], error: Any) -> Fault:
    field = str(error["loc"][0]) if error["loc"] else "row"
    return Fault(number, field, error["type"], given.get(field, "")[:_SHOWN_VALUE_LENGTH], error["msg"])
