"""Amounts of money for a person: in a unit that leaves few digits, or to the last one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ingest.tables import words

# From so many on, amounts are shown in the unit: below, digits that matter would be lost.
SCALES = (
    (Decimal(10) ** 10, 10**8, "亿", "hundred million "),
    (Decimal(10) ** 6, 10**4, "万", "ten thousand "),
)
CURRENCIES = {"CNY": ("元", "yuan")}
HEADS = {"per_student": ("/生", " per pupil"), "per_teacher": ("/人", " per teacher")}
SMALLEST = Decimal("0.01")


@dataclass(frozen=True)
class Unit:
    """In what amounts are shown; a factor of None shows every digit there is."""

    factor: int | None
    zh: str
    en: str

    def name(self, language: str) -> str:
        """The unit as a header says it."""
        return words(self.zh, self.en, language)

    def show(self, amount: Decimal | None) -> str:
        """An amount in the unit; what is too small for it is not shown as nothing."""
        if amount is None:
            return "–"
        if not amount:
            return "0"
        if self.factor is None:
            return exact(amount)
        scaled = amount / self.factor
        if amount and abs(scaled) < SMALLEST:
            return f"<{SMALLEST}" if amount > 0 else f">-{SMALLEST}"
        return f"{scaled:,.2f}"


def unit_of(amounts: Iterable[Decimal | None], currency: str, basis: str, is_exact: bool = False) -> Unit:
    """The unit that fits the largest of the amounts; ``basis`` is total, per_student or per_teacher."""
    zh, en = CURRENCIES.get(currency, (currency, currency))
    head_zh, head_en = HEADS.get(basis, ("", ""))
    if is_exact:
        return Unit(None, zh + head_zh, en + head_en)
    largest = max((abs(amount) for amount in amounts if amount is not None), default=Decimal(0))
    for least, factor, scale_zh, scale_en in SCALES:
        if largest >= least:
            space = "" if currency in CURRENCIES else " "
            return Unit(factor, f"{scale_zh}{space}{zh}{head_zh}", f"{scale_en}{en}{head_en}")
    return Unit(1, zh + head_zh, en + head_en)


def exact(amount: Decimal) -> str:
    """Every digit of an amount, without zeros that say nothing after the point."""
    text = f"{amount:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def change(pct: Decimal | None, amount: Decimal | None) -> str:
    """A change in percent with its sign, that of the amount where the percentage is rounded to nothing."""
    if pct is None:
        return "–"
    if pct == 0 and amount:
        return "+0.00" if amount > 0 else "-0.00"
    return f"{pct:+.2f}"
