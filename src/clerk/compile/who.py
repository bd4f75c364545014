"""Resolves the names in votes and attendance to people, and sums up people and entities. Meeting by meeting."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator

from clerk.compile.detail_schema import index_meetings, index_people
from clerk.people import MeetingNames, Overrides, People, Person, Seat

_MEETINGS = "SELECT id, date, meeting FROM meetings ORDER BY date, meeting, number"
# Everything that a person did or was called: one row a mention.
_MENTIONS = """
SELECT a.person_id AS person_id, a.name AS name, m.date AS date, m.id AS meeting_id, m.meeting AS body
FROM meeting_members AS a JOIN meetings AS m ON m.id = a.meeting_id WHERE a.person_id IS NOT NULL AND a.seated
UNION ALL SELECT motion_by_id, motion_by, date, meeting_id, meeting FROM votes WHERE motion_by_id IS NOT NULL
UNION ALL SELECT seconded_by_id, seconded_by, date, meeting_id, meeting FROM votes WHERE seconded_by_id IS NOT NULL
UNION ALL SELECT n.person_id, n.name, v.date, v.meeting_id, v.meeting FROM vote_members AS n
    JOIN votes AS v ON v.id = n.vote_id WHERE n.person_id IS NOT NULL AND n.basis = 'named'
"""
# A name in the attendance that never moves, seconds or votes by name may be one of the staff.
_UNSURE = """
DELETE FROM vote_members WHERE basis = 'unanimous' AND (person_id IS NULL OR person_id NOT IN (
    SELECT person_id FROM vote_members WHERE basis = 'named' AND person_id IS NOT NULL
    UNION SELECT motion_by_id FROM votes WHERE motion_by_id IS NOT NULL
    UNION SELECT seconded_by_id FROM votes WHERE seconded_by_id IS NOT NULL))
"""
# Guests whom the attendance lists without a title, beside members who have one.
_GUESTS = """
UPDATE meeting_members SET seated = 0, person_id = NULL WHERE seated AND role = '' AND person_id IN (
    SELECT id FROM people WHERE from_file = 0
    EXCEPT SELECT motion_by_id FROM votes EXCEPT SELECT seconded_by_id FROM votes
    EXCEPT SELECT person_id FROM vote_members WHERE basis = 'named'
    EXCEPT SELECT person_id FROM meeting_members WHERE seated AND role <> '')
AND 1 < (SELECT count(*) FROM meeting_members AS other
    WHERE other.meeting_id = meeting_members.meeting_id AND other.seated AND other.role <> '')
"""
_NOBODY = f"DELETE FROM people WHERE id NOT IN (SELECT person_id FROM ({_MENTIONS}))"  # noqa: S608
_ALIASES = f"""
INSERT INTO person_aliases SELECT person_id, name, count(*), min(date), max(date) FROM ({_MENTIONS})
GROUP BY person_id, name ORDER BY person_id, name
"""  # noqa: S608
_SPANS = f"""
UPDATE people SET first_date = s.first, last_date = s.last FROM (
    SELECT person_id, min(date) AS first, max(date) AS last FROM ({_MENTIONS}) GROUP BY person_id) AS s
WHERE s.person_id = people.id
"""  # noqa: S608
_COUNTS = """
UPDATE people SET
    meetings = (SELECT count(DISTINCT meeting_id) FROM meeting_members AS a
        WHERE a.person_id = people.id AND a.seated AND a.status <> 'absent'),
    votes = (SELECT count(DISTINCT vote_id) FROM vote_members AS n
        WHERE n.person_id = people.id AND n.vote <> 'absent'),
    moved = (SELECT count(*) FROM votes WHERE motion_by_id = people.id),
    seconded = (SELECT count(*) FROM votes WHERE seconded_by_id = people.id),
    roles = (SELECT json_group_array(role) FROM (SELECT role FROM meeting_members AS a
        WHERE a.person_id = people.id AND a.role <> '' GROUP BY role ORDER BY count(*) DESC, role))
"""
_BODIES = f"""
UPDATE people SET bodies = b.bodies FROM (
    SELECT person_id, json_group_array(body) AS bodies FROM (
        SELECT person_id, body FROM ({_MENTIONS}) GROUP BY person_id, body ORDER BY person_id, count(*) DESC, body)
    GROUP BY person_id) AS b
WHERE b.person_id = people.id
"""  # noqa: S608
_ENTITY_SUMS = """
UPDATE entities SET pages = s.pages, mentions = s.mentions, confidence = s.confidence, first_date = s.first,
    last_date = s.last FROM (
    SELECT n.entity_id, count(*) AS pages, sum(n.mentions) AS mentions, max(n.confidence) AS confidence,
        min(d.date) AS first, max(d.date) AS last
    FROM page_entities AS n JOIN documents AS d ON d.id = n.document_id GROUP BY n.entity_id) AS s
WHERE s.entity_id = entities.id
"""
# Of several ways to print a name the most frequent one is shown, and one in capitals only where there is no other.
_ENTITY_NAMES = """
UPDATE entities SET name = s.text FROM (
    SELECT entity_id, text, row_number() OVER (PARTITION BY entity_id ORDER BY text = upper(text), count(*) DESC, text)
        AS place
    FROM page_entities GROUP BY entity_id, text) AS s
WHERE s.entity_id = entities.id AND s.place = 1
"""


def resolve(connection: sqlite3.Connection, subdomain: str, overrides: Overrides) -> None:
    """Give every name its person where it has one, and fill `people`, `person_aliases` and the sums of `entities`.

    Memory grows with the number of different names, not with that of meetings and votes.
    """
    index_meetings(connection)
    people = People(subdomain, lambda: _meetings(connection), overrides)
    connection.execute("BEGIN")
    known: dict[str, Person] = {}
    for meeting in _meetings(connection):
        _link(connection, meeting.id, people.of(meeting), known)
    rows = [
        (person.id, person.name, person.surname, person.full, person.source == "file")
        for person in sorted(known.values(), key=lambda each: (each.surname, each.name, each.id))
    ]
    connection.executemany(
        "INSERT INTO people (id, name, surname, full_name, from_file) VALUES (?, ?, ?, ?, ?)", rows
    )
    connection.execute("COMMIT")
    index_people(connection)
    connection.execute("BEGIN")
    for statement in (
        _GUESTS,
        _NOBODY,
        _UNSURE,
        _ALIASES,
        _SPANS,
        _COUNTS,
        _BODIES,
        _ENTITY_SUMS,
        _ENTITY_NAMES,
    ):
        connection.execute(statement)
    _link_entities(connection, people)
    connection.execute("COMMIT")


def _meetings(connection: sqlite3.Connection) -> Iterator[MeetingNames]:
    for key, date, body in connection.execute(_MEETINGS):
        seats = connection.execute(
            "SELECT name, page, start FROM meeting_members WHERE meeting_id = ? AND seated ORDER BY position",
            (key,),
        )
        movers: list[str] = []
        rolls: dict[str, list[str]] = defaultdict(list)
        for vote, mover, seconder in connection.execute(
            "SELECT id, motion_by, seconded_by FROM votes WHERE meeting_id = ? ORDER BY number", (key,)
        ):
            movers += [name for name in (mover, seconder) if name]
            for (name,) in connection.execute(
                "SELECT name FROM vote_members WHERE vote_id = ? AND basis = 'named' ORDER BY position",
                (vote,),
            ):
                rolls[vote].append(name)
        yield MeetingNames(
            key,
            date,
            body,
            tuple(Seat(*seat) for seat in seats),
            tuple(movers),
            tuple(map(tuple, rolls.values())),
        )


def _link(
    connection: sqlite3.Connection, meeting: str, found: dict[str, Person], known: dict[str, Person]
) -> None:
    """Write the persons of a meeting's names into its rows."""
    known.update((person.id, person) for person in found.values())
    links = [(person.id, meeting, printed) for printed, person in found.items()]
    for table, column in (
        ("votes", "motion_by"),
        ("votes", "seconded_by"),
    ):
        connection.executemany(
            f"UPDATE [{table}] SET [{column}_id] = ? WHERE meeting_id = ? AND [{column}] = ?",  # noqa: S608
            links,
        )
    connection.executemany(
        "UPDATE meeting_members SET person_id = ? WHERE meeting_id = ? AND name = ?", links
    )
    connection.executemany(
        "UPDATE vote_members SET person_id = ?"
        " WHERE vote_id IN (SELECT id FROM votes WHERE meeting_id = ?) AND name = ?",
        links,
    )


def _link_entities(connection: sqlite3.Connection, people: People) -> None:
    """Name the person of each entity that is printed with a full name of one."""
    links = []
    known = {row[0] for row in connection.execute("SELECT id FROM people")}
    for key, name in connection.execute("SELECT id, name FROM entities WHERE kind = 'person'"):
        person = people.known(name)
        if person is not None and person.id in known:
            links.append((person.id, key))
    connection.executemany("UPDATE entities SET person_id = ? WHERE id = ?", links)
