"""What one school reports to the education statistics in one school year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

PRIMARY, JUNIOR, SENIOR = "primary", "junior_secondary", "senior_secondary"
FIRST_GRADE = {PRIMARY: 1, JUNIOR: 7}


@dataclass(frozen=True)
class Contacts:
    """What the forms ask for and nobody may load: telephone, mail, head, filler, position, address."""

    telephone: str = "13900000000"
    mail: str = "school@example.org"
    head: str = "样校长"
    filler: str = "样填表"
    longitude: str = "113.000001"
    address: str = "样本路 1 号"


@dataclass(frozen=True)
class Teachers:
    """Full-time teachers of a stage: all; by degree from doctor to less than senior secondary; PE, arts,
    music, fine art; highest, high and middle titles; backbone teachers."""

    total: int
    degrees: tuple[int, int, int, int, int, int]
    courses: tuple[int, int, int, int]
    titles: tuple[int, int, int]
    backbone: int


@dataclass(frozen=True)
class Training:
    """Training of the full-time teachers of a stage in the school year before: the teachers; person-times and
    hours by level: nation, province, city, county, school, abroad."""

    teachers: int
    levels: tuple[tuple[int, int], ...]

    @property
    def person_times(self) -> int:
        """Of all levels."""
        return sum(times for times, _ in self.levels)

    @property
    def hours(self) -> int:
        """Of all levels."""
        return sum(hours for _, hours in self.levels)

    def of_levels(self, chosen: tuple[int, ...]) -> Training:
        """What was given at these levels alone."""
        levels = (told if n in chosen else (0, 0) for n, told in enumerate(self.levels))
        return Training(self.teachers, tuple(levels))

    def of_women(self) -> Training:
        """Half of everything."""
        return Training(self.teachers // 2, tuple((times // 2, hours // 2) for times, hours in self.levels))


@dataclass(frozen=True)
class Change:
    """How last year's pupils of a stage became this year's."""

    before: int
    admitted: int
    moved_in: int
    graduated: int
    moved_out: int

    @property
    def now(self) -> int:
        """Pupils of this year."""
        return self.before + self.admitted + self.moved_in - self.graduated - self.moved_out


@dataclass(frozen=True)
class Rooms:
    """Rooms and grounds in m², equipment in 万元, and what is counted by the piece."""

    auxiliary: Decimal
    sports: Decimal
    ground: Decimal
    equipment: Decimal
    multimedia: int
    computers: int
    books: int


@dataclass(frozen=True)
class Basics:
    """What a school says of itself as a whole; None where it does not apply."""

    staff: int
    full_time: int
    established: int | None
    psychology: int
    full_time_psychology: int
    has_counselling_room: bool
    guards: int
    bought: int | None
    bought_for_migrants: int | None
    meets_sports_area: bool
    has_campus_network: bool


@dataclass(frozen=True)
class Special:
    """Pupils of a special school: the girls among them, and all by grade from the first primary grade on."""

    girls: int
    grades: tuple[int, ...]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.grades)


@dataclass(frozen=True)
class SchoolReport:
    """All that one school reports in one school year. Codes go with their names: (name, code).

    ``pupils``: by stage a tuple a grade of all, girls, boarders, migrant workers' children, left-behind
    children, children with special needs. ``classes``: pupils of each class by grade.
    """

    year: int
    code: str
    name: str
    address: str
    office: str
    kind: tuple[str, str]
    operator: tuple[str, str]
    place: tuple[str, str]
    pupils: Mapping[str, Sequence[tuple[int | None, ...]]]
    classes: Mapping[int, Sequence[int]]
    changes: Mapping[str, Change]
    teachers: Mapping[str, Teachers]
    rooms: Rooms
    basics: Basics
    training: Mapping[str, Training] = field(default_factory=dict)
    special: Special | None = None
    note: str | None = None
    contacts: Contacts = field(default_factory=Contacts)
