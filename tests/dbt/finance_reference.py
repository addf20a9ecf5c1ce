"""The spending floor once more in plain Python with exact fractions, from the rules and not from the SQL.

The year as the latest edition tells it, within one vintage, price basis and currency; the year before it as
printed beside it, else in the same edition, else in the latest other one; the floor as what the most
demanding of all earlier years asks, each in the highest vintage that tells both; all of it in three readings.
Totals and published amounts alone: amounts per pupil that the warehouse computes are not claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

READINGS = ("nominal", "comparable_scope", "real")
RANKS = {"budget": 1, "flash": 2, "bulletin": 3, "yearbook": 4, "final_account": 5}
BESIDE, ELSEWHERE, GROWTH_ALONE, NOTHING = 3, 2, 1, 0  # how much is known of the year before

Row = Mapping[str, Any]


class Track(NamedTuple):
    """Amounts that may be held against each other."""

    vintage: str
    prices: str
    currency: str


@dataclass(frozen=True)
class Word:
    """What one edition says of one year."""

    year: int
    edition: int
    track: Track
    amount: Decimal | None
    prior: Decimal | None = None
    growth: Decimal | None = None
    is_comparable: bool = False  # the growth is that on the comparable scope
    is_own: bool = True  # in a row of its own, not only beside the year after it

    @property
    def is_budget(self) -> bool:
        return self.track.vintage == "budget"


@dataclass(frozen=True)
class Comparison:
    """A word beside what is known of the year before it."""

    word: Word
    previous: Decimal | None
    evidence: int

    @property
    def is_moved(self) -> bool:
        """The growth on the comparable scope is not that of the amounts: the scope moved."""
        word = self.word
        if not word.is_comparable or word.growth is None:
            return False
        if word.amount is None or not self.previous:
            return True
        change = (Fraction(word.amount) - Fraction(self.previous)) * 100 / Fraction(self.previous)
        return _rounded(change, -int(word.growth.as_tuple().exponent)) != word.growth

    @property
    def base(self) -> Fraction | None:
        """Last year on the scope of this year, by the published growth."""
        word = self.word
        if word.growth is None or word.growth <= -100 or word.amount is None:
            return None
        return Fraction(word.amount) * 100 / (100 + Fraction(word.growth))


@dataclass(frozen=True)
class Level:
    """What a year reached within one track; ``link`` carries the years before to its scope."""

    amount: Fraction
    is_printed: bool
    edition: int
    is_new_scope: bool = False  # worked back from a growth on another scope: nothing leads to earlier years
    link: Fraction = Fraction(1)


@dataclass(frozen=True)
class Allowance:
    """An exception on record."""

    first: int
    last: int | None
    amount: Decimal
    currency: str

    def holds_in(self, year: int) -> bool:
        return self.first <= year and (self.last is None or year <= self.last)


@dataclass(frozen=True)
class Bar:
    """What one earlier year asks of a year, in one vintage, after the exceptions that excuse it."""

    floor: Fraction
    set_year: int
    track: Track
    amount: Decimal | None  # of the year that is asked; None while it is under way

    @property
    def rank(self) -> tuple[Fraction, int, int]:
        """The most demanding one comes last."""
        asked = self.floor if self.amount is None else self.floor - Fraction(self.amount)
        return asked, RANKS[self.track.vintage], -self.set_year


@dataclass(frozen=True)
class Answer:
    """One year in one reading."""

    verdict: str
    verdict_strict: str
    floor_vintage: str | None
    amount: Decimal | None  # that is held against the floor
    floor: Fraction | None
    set_year: int | None
    lowered_by: Fraction

    @property
    def shortfall(self) -> Fraction | None:
        if self.floor is None or self.amount is None:
            return None
        return max(self.floor - Fraction(self.amount), Fraction(0))

    def floor_verdict(self, is_strict: bool = False) -> str:
        if self.floor is None or self.amount is None:
            return "no_data"
        amount = Fraction(self.amount)
        return "met" if amount > self.floor or (amount == self.floor and not is_strict) else "not_met"


def _rounded(value: Fraction, decimals: int) -> Decimal:
    """Half away from zero; the quotient is taken to more digits than any growth has."""
    scaled = abs(value) * 10 ** max(decimals, 0)
    whole = int(scaled) + (scaled - int(scaled) >= Fraction(1, 2))
    return Decimal(whole if value >= 0 else -whole).scaleb(-max(decimals, 0))


def words_of(rows: Iterable[Row]) -> list[Word]:
    """What the rows of one series say, also of the years before theirs."""
    own: dict[tuple[Track, int, int], Word] = {}
    beside: dict[tuple[Track, int, int], Word] = {}
    for row in rows:
        track = Track(row["vintage"], row.get("price_basis") or "not_stated", row["currency_code"])
        word = Word(
            row["fiscal_year"],
            row["edition"],
            track,
            row.get("amount"),
            row.get("prior_amount"),
            row.get("growth_pct"),
            row.get("growth_basis") == "comparable_scope",
        )
        own[track, word.year, word.edition] = word
        if word.prior is not None:
            year = word.year - 1
            beside[track, year, word.edition] = Word(year, word.edition, track, word.prior, is_own=False)
    for key, word in beside.items():
        if key not in own:
            own[key] = word
        elif own[key].amount is None:
            own[key] = replace(own[key], amount=word.amount)
    return list(own.values())


def with_growths(words: Sequence[Word]) -> list[Word]:
    """A document that prints the same amount again, without a growth, does not unsay the growth."""
    told: dict[tuple[Any, ...], Word] = {}
    for word in sorted(words, key=lambda word: (RANKS[word.track.vintage], word.edition)):
        if word.is_comparable and word.growth is not None and word.amount is not None and not word.is_budget:
            told[word.year, word.track[1:], word.amount] = word
    carried = []
    for word in words:
        source = told.get((word.year, word.track[1:], word.amount))
        is_silent = word.growth is None and not word.is_budget
        if is_silent and source is not None:
            carried.append(replace(word, growth=source.growth, is_comparable=True))
        else:
            carried.append(word)
    return carried


def latest(words: Iterable[Word]) -> dict[tuple[Track, int], Word]:
    """The latest edition that tells an amount of a year."""
    found: dict[tuple[Track, int], Word] = {}
    for word in sorted(words, key=lambda word: word.edition):
        if word.amount is not None and not word.is_budget:
            found[word.track, word.year] = word
    return found


def compare(word: Word, words: Sequence[Word]) -> Comparison:
    """Printed beside it; in the same edition; in the latest other edition; or by its growth alone."""
    known = NOTHING if word.growth is None else GROWTH_ALONE
    if word.amount is None:
        return Comparison(word, None, known)
    if word.prior is not None:
        return Comparison(word, word.prior, BESIDE)
    for other in words:
        is_last_year = (other.track, other.year) == (word.track, word.year - 1)
        if is_last_year and other.edition == word.edition and other.amount is not None:
            return Comparison(word, other.amount, BESIDE)
    # Constant prices of two editions need not be those of the same year.
    last_year = None if word.track.prices == "constant" else latest(words).get((word.track, word.year - 1))
    return (
        Comparison(word, None, known) if last_year is None else Comparison(word, last_year.amount, ELSEWHERE)
    )


def levels_of(track: Track, words: Sequence[Word]) -> dict[int, Level]:
    """Levels of one track by year: printed ones, carried between scopes, and those that a growth tells."""
    printed = {year: word for (of, year), word in latest(words).items() if of == track}
    levels = {
        year: Level(Fraction(word.amount or 0), is_printed=True, edition=word.edition)
        for year, word in printed.items()
    }
    for year in {word.year for word in words if word.track == track}:
        found = max(
            (compare(word, words) for word in words if (word.track, word.year) == (track, year)),
            key=lambda comparison: (comparison.evidence, comparison.word.edition),
        )
        base = found.base
        if base is None:
            continue
        if found.previous is None and year - 1 not in printed:
            edition = found.word.edition
            levels[year - 1] = Level(base, is_printed=False, edition=edition, is_new_scope=found.is_moved)
        elif found.is_moved and base > 0 and levels[year - 1].amount:
            # What stands for last year today is what the growth speaks of.
            levels[year] = replace(levels[year], link=base / Fraction(printed[year - 1].amount or 0))
    return levels


def _carried(
    track: Track,
    levels: Mapping[int, Level],
    since: int,
    year: int,
    prices: Mapping[int, Decimal],
    reading: str,
) -> Fraction | None:
    """What the level of an earlier year is in the scope and prices of this one; None where no way leads."""
    start = levels[since]
    if reading == "nominal":
        return None if start.is_new_scope else start.amount
    amount = start.amount
    for passed in range(since + 1, year + 1):
        level = levels.get(passed)
        if level is not None and level.is_new_scope:
            return None
        amount *= level.link if level is not None else 1
        if reading == "real" and track.prices != "constant":
            if passed not in prices:
                return None
            amount *= Fraction(prices[passed]) / 100
    return amount


def _asked(
    tracks: Mapping[Track, Mapping[int, Level]],
    since: int,
    year: int,
    prices: Mapping[int, Decimal],
    reading: str,
) -> tuple[Track, Fraction] | None:
    """What an earlier year asks, in the highest vintage that tells both."""
    is_told = any(year in levels and levels[year].is_printed for levels in tracks.values())
    for track in sorted(tracks, key=lambda track: -RANKS[track.vintage]):
        levels = tracks[track]
        level = levels.get(year)
        is_asked = level.is_printed if level is not None else not is_told
        if since not in levels or not is_asked:
            continue
        is_one_edition = level is not None and level.edition == levels[since].edition
        if track.prices == "constant" and not is_one_edition:
            continue
        carried = _carried(track, levels, since, year, prices, reading)
        if carried is not None:
            return track, carried
    return None


def bar_of(
    tracks: Mapping[Track, Mapping[int, Level]],
    year: int,
    allowances: Sequence[Allowance],
    prices: Mapping[int, Decimal],
    reading: str,
) -> Bar | None:
    """The most demanding of all earlier years. An exception lowers the bar that a year without it set."""
    bars = []
    for since in sorted({told for levels in tracks.values() for told in levels if told < year}):
        asked = _asked(tracks, since, year, prices, reading)
        if asked is None:
            continue
        track, carried = asked
        excused = sum(
            (
                Fraction(a.amount)
                for a in allowances
                if a.currency == track.currency and a.holds_in(year) and not a.holds_in(since)
            ),
            Fraction(0),
        )
        bars.append(Bar(max(carried - excused, Fraction(0)), since, track, _decimal(tracks[track].get(year))))
    return max(bars, key=lambda bar: bar.rank, default=None)


def _direction(comparison: Comparison, reading: str, prices: Mapping[int, Decimal]) -> int | None:
    """1 up, 0 unchanged, -1 down; None without an answer."""
    word = comparison.word
    growth = None if word.growth is None else Fraction(word.growth)
    published = growth if word.is_comparable else None
    change = None
    if comparison.previous is not None and word.amount is not None:
        change = Fraction(word.amount) - Fraction(comparison.previous)
    index = Fraction(100) if word.track.prices == "constant" else prices.get(word.year)
    # Where the scope did not move the amounts speak to the cent, and not the growth as it is rounded.
    speaks = change is not None and not comparison.is_moved
    if reading == "real":
        if index is None:
            return None
        # Beyond what prices alone would make of last year.
        if speaks:
            return _sign(
                Fraction(word.amount or 0) - Fraction(comparison.previous or 0) * Fraction(index) / 100
            )
        return None if growth is None else _sign(100 + growth - Fraction(index))
    if reading == "comparable_scope" and published is not None and not speaks:
        return _sign(published)
    if change is not None:
        return _sign(change)
    return None if growth is None or word.is_comparable else _sign(growth)


def _sign(value: Fraction) -> int:
    return (value > 0) - (value < 0)


def _spoken(word: Word) -> tuple[Any, ...]:
    """Of several words on a year, the one that stands for it comes last: no budget before an account."""
    return (
        word.amount is not None or word.growth is not None,
        not word.is_budget,
        word.amount is not None,
        RANKS[word.track.vintage],
        word.edition,
        word.is_own,
    )


def answers_of(
    rows: Iterable[Row], allowances: Sequence[Allowance], prices: Mapping[int, Decimal]
) -> dict[tuple[int, str], Answer]:
    """Every year that the rows of one series speak of, in each reading."""
    words = with_growths(words_of(rows))
    accounts = [word for word in words if not word.is_budget]
    planned = {word.year for word in words if word.is_budget}
    levels = {track: levels_of(track, accounts) for track in {word.track for word in accounts}}
    answers = {}
    for year in sorted({word.year for word in words}):
        # The first by name of prices and currency where nothing else decides.
        told = sorted((word for word in words if word.year == year), key=lambda word: word.track[1:])
        compared = [compare(word, accounts) for word in told if not word.is_budget]
        chosen = max(
            compared,
            key=lambda c: (c.evidence > 0, RANKS[c.word.track.vintage], c.evidence, c.word.edition),
            default=None,
        )
        is_evident = chosen is not None and chosen.evidence > 0
        track = chosen.word.track if chosen is not None and is_evident else max(told, key=_spoken).track
        line = {of: told for of, told in levels.items() if of[1:] == track[1:] and _is_printed(told)}
        is_asked = year in planned or any(year in told and told[year].is_printed for told in line.values())
        for reading in READINGS:
            direction = _direction(chosen, reading, prices) if chosen is not None else None
            bar = bar_of(line, year, allowances, prices, reading) if is_asked else None
            lowered = (
                Fraction(a.amount) for a in allowances if a.holds_in(year) and a.currency == track.currency
            )
            answers[year, reading] = Answer(
                verdict="no_data" if direction is None else "not_met" if direction < 0 else "met",
                verdict_strict="no_data" if direction is None else "met" if direction > 0 else "not_met",
                floor_vintage=None if bar is None else bar.track.vintage,
                amount=None if bar is None else bar.amount,
                floor=None if bar is None else bar.floor,
                set_year=None if bar is None else bar.set_year,
                lowered_by=Fraction(0) if bar is None else sum(lowered, Fraction(0)),
            )
    return answers


def _is_printed(levels: Mapping[int, Level]) -> bool:
    return any(level.is_printed for level in levels.values())


def _decimal(level: Level | None) -> Decimal | None:
    if level is None or not level.is_printed:
        return None
    cents = level.amount * 100
    return Decimal(cents.numerator) / Decimal(cents.denominator) / 100
