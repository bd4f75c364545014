"""The people, bodies, organisations and places of Alder Hollow, a town that does not exist."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """Someone with an office, or a resident whose `office` is empty."""

    office: str
    first: str
    last: str

    @property
    def full(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def short(self) -> str:
        """Office and last name, as minutes print it after the roll call."""
        return f"{self.office} {self.last}".strip()


@dataclass(frozen=True)
class Body:
    """One public body: folder name, name in print, what its members are called, and where it meets."""

    folder: str
    name: str
    noun: str
    members: tuple[Person, ...]
    place: str
    hour: str


COUNCIL = Body(
    folder="CityCouncil",
    name="City Council",
    noun="Councilmember",
    members=(
        Person("Mayor", "Ruth", "Calloway"),
        Person("Vice Mayor", "Daniel", "Okafor"),
        Person("Councilmember", "Helen", "Marsh"),
        Person("Councilmember", "Victor", "Delgado"),
        Person("Councilmember", "Priya", "Raman"),
        Person("Councilmember", "Thomas", "Whitfield"),
        Person("Councilmember", "Grace", "Lindqvist"),
    ),
    place="Council Chambers, 412 Main Street",
    hour="7:00 p.m.",
)
PLANNING = Body(
    folder="PlanningCommission",
    name="Planning Commission",
    noun="Commissioner",
    members=(
        Person("Chair", "Martin", "Ferris"),
        Person("Vice Chair", "Elena", "Sandoval"),
        Person("Commissioner", "Owen", "Prescott"),
        Person("Commissioner", "Nadia", "Haddad"),
        Person("Commissioner", "Walter", "Byrne"),
    ),
    place="Council Chambers, 412 Main Street",
    hour="6:30 p.m.",
)
PARKS = Body(
    folder="ParksBoard",
    name="Parks and Recreation Board",
    noun="Board Member",
    members=(
        Person("Chair", "Laura", "Kessler"),
        Person("Vice Chair", "Henry", "Abbott"),
        Person("Board Member", "Sofia", "Moreno"),
        Person("Board Member", "Peter", "Lang"),
        Person("Board Member", "Irene", "Dawson"),
    ),
    place="Alder Hollow Community Center, 75 Orchard Lane",
    hour="5:30 p.m.",
)
BODIES = (COUNCIL, PLANNING, PARKS)

MANAGER = Person("City Manager", "Janet", "Holloway")
ATTORNEY = Person("City Attorney", "Samuel", "Price")
CLERK = Person("City Clerk", "Beatrice", "Nolan")
WORKS = Person("Public Works Director", "Frank", "Osei")
PLANNER = Person("Planning Director", "Karen", "Willoughby")
POLICE = Person("Police Chief", "Alan", "Reyes")
FINANCE = Person("Finance Director", "Marcus", "Tanaka")
PARKS_DIRECTOR = Person("Parks Director", "Joan", "Petrie")
LIBRARIAN = Person("Library Director", "Edith", "Crane")
STAFF = (MANAGER, ATTORNEY, CLERK, WORKS, PLANNER, POLICE, FINANCE, PARKS_DIRECTOR, LIBRARIAN)

RESIDENTS = (
    Person("", "Arthur", "Bellamy"),
    Person("", "Carla", "Jennings"),
    Person("", "Dennis", "Whitaker"),
    Person("", "Maria", "Fuentes"),
    Person("", "Harold", "Stone"),
    Person("", "Angela", "Porter"),
    Person("", "Rosa", "Villanueva"),
    Person("", "George", "Tillman"),
    Person("", "Naomi", "Fletcher"),
    Person("", "Philip", "Garner"),
    Person("", "Louise", "Hartman"),
    Person("", "Edward", "Quinn"),
    Person("", "Teresa", "Medina"),
    Person("", "Jacob", "Lowell"),
    Person("", "Susan", "Barclay"),
    Person("", "Andrew", "Novak"),
    Person("", "Patricia", "Wells"),
    Person("", "Miguel", "Ortega"),
    Person("", "Joyce", "Pembroke"),
    Person("", "Leonard", "Hayes"),
)

ORGS = (
    "Alder Hollow Historical Society",
    "Mill River Watershed Council",
    "Hollow Valley Builders",
    "Northgate Paving Company",
    "Alder Hollow Chamber of Commerce",
    "Friends of the Library",
    "Cedar County Transit District",
    "Riverside Neighborhood Association",
    "Alder Hollow School District",
    "Cedar County Housing Authority",
    "Summit Engineering Group",
    "Blue Heron Coffee Company",
    "Hollow Valley Little League",
    "Cedar County Fire District",
)
PLACES = (
    "412 Main Street",
    "75 Orchard Lane",
    "1180 Water Street",
    "230 Depot Square",
    "96 Founders Avenue",
    "5400 Quarry Road",
    "318 Chestnut Street",
    "22 Ferry Landing",
    "Founders Park",
    "Mill River Bridge",
    "Depot Square",
    "Heron Marsh Trail",
    "Quarry Road",
    "Water Street",
    "Orchard Lane",
    "Alder Hollow",
    "Cedar County",
)

# Addresses of the residents who speak: one each, in the order of RESIDENTS, in streets of the town.
STREETS = (
    "Birch Street",
    "Orchard Lane",
    "Water Street",
    "Chestnut Street",
    "Quarry Road",
    "Founders Avenue",
)


def address(resident: Person) -> str:
    """Invented street address of a resident."""
    place = RESIDENTS.index(resident)
    return f"{(place * 37) % 90 * 11 + 104} {STREETS[place % len(STREETS)]}"
