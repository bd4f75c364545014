"""The tables of people, votes and names in `meetings.db`, their indexes and views. Filled by full builds only.

`motions` is a view of `votes`: a row of either is one motion with what became of it.
"""

from __future__ import annotations

import sqlite3

DETAIL_TABLES = (
    "documents", "meetings", "people", "person_aliases", "meeting_members", "votes", "vote_measures", "vote_members",
    "entities", "page_entities",
)  # fmt: skip
SCHEMA = "1"  # raise it when tables or views change: every database is then built anew

_TABLES = """
CREATE TABLE [documents] (
    [id] TEXT PRIMARY KEY, [meeting_id] TEXT, [kind] TEXT, [meeting] TEXT, [date] TEXT, [stem] TEXT,
    [pages] INTEGER, [pages_read] INTEGER, [sha256] TEXT, [source] TEXT, [error] TEXT
);
CREATE TABLE [meetings] (
    [id] TEXT PRIMARY KEY, [meeting] TEXT, [date] TEXT, [number] INTEGER
);
CREATE TABLE [people] (
    [id] TEXT PRIMARY KEY, [name] TEXT, [surname] TEXT, [full_name] INTEGER, [from_file] INTEGER,
    [first_date] TEXT, [last_date] TEXT, [meetings] INTEGER, [votes] INTEGER, [moved] INTEGER, [seconded] INTEGER,
    [roles] TEXT, [bodies] TEXT
);
CREATE TABLE [person_aliases] (
    [person_id] TEXT REFERENCES [people] ([id]), [name] TEXT, [times] INTEGER, [first_date] TEXT, [last_date] TEXT,
    PRIMARY KEY ([person_id], [name])
);
CREATE TABLE [meeting_members] (
    [meeting_id] TEXT REFERENCES [meetings] ([id]), [position] INTEGER, [person_id] TEXT REFERENCES [people] ([id]),
    [name] TEXT, [role] TEXT, [status] TEXT, [seated] INTEGER, [arrived_at] TEXT, [left_at] TEXT,
    [page] INTEGER, [start] INTEGER,
    PRIMARY KEY ([meeting_id], [position])
);
CREATE TABLE [votes] (
    [id] TEXT PRIMARY KEY, [meeting_id] TEXT REFERENCES [meetings] ([id]),
    [document_id] TEXT REFERENCES [documents] ([id]), [page_id] TEXT, [meeting] TEXT, [date] TEXT, [page] INTEGER,
    [number] INTEGER, [kind] TEXT, [result] TEXT, [method] TEXT, [unanimous] INTEGER, [consent] INTEGER,
    [motion_by] TEXT, [motion_by_id] TEXT REFERENCES [people] ([id]),
    [seconded_by] TEXT, [seconded_by_id] TEXT REFERENCES [people] ([id]),
    [ayes] INTEGER, [nays] INTEGER, [abstain] INTEGER, [absent] INTEGER, [recused] INTEGER,
    [section] TEXT, [item] TEXT, [topic] TEXT, [confidence] REAL, [raw_text] TEXT,
    [start_page] INTEGER, [start] INTEGER, [end_page] INTEGER, [end] INTEGER
);
CREATE TABLE [vote_measures] (
    [vote_id] TEXT REFERENCES [votes] ([id]), [kind] TEXT, [number] TEXT, PRIMARY KEY ([vote_id], [kind], [number])
);
CREATE TABLE [vote_members] (
    [vote_id] TEXT REFERENCES [votes] ([id]), [position] INTEGER, [person_id] TEXT REFERENCES [people] ([id]),
    [name] TEXT, [vote] TEXT, [basis] TEXT,
    PRIMARY KEY ([vote_id], [position])
);
CREATE TABLE [entities] (
    [id] TEXT PRIMARY KEY, [kind] TEXT, [name] TEXT, [person_id] TEXT REFERENCES [people] ([id]),
    [pages] INTEGER, [mentions] INTEGER, [confidence] REAL, [first_date] TEXT, [last_date] TEXT
);
CREATE TABLE [page_entities] (
    [page_id] TEXT, [entity_id] TEXT REFERENCES [entities] ([id]), [document_id] TEXT REFERENCES [documents] ([id]),
    [page] INTEGER, [text] TEXT, [confidence] REAL, [mentions] INTEGER, [start] INTEGER, [end] INTEGER,
    [role] TEXT, [rule] TEXT
);
"""
_INDEXES = """
CREATE INDEX [idx_documents_meeting] ON [documents] ([meeting_id]);
CREATE INDEX [idx_meetings_date] ON [meetings] ([meeting], [date]);
CREATE INDEX [idx_people_surname] ON [people] ([surname]);
CREATE INDEX [idx_person_aliases_name] ON [person_aliases] ([name]);
CREATE INDEX [idx_votes_date] ON [votes] ([date]);
CREATE INDEX [idx_votes_page] ON [votes] ([page_id]);
CREATE INDEX [idx_vote_measures_number] ON [vote_measures] ([kind], [number]);
CREATE INDEX [idx_page_entities_page] ON [page_entities] ([page_id]);
CREATE INDEX [idx_entities_name] ON [entities] ([kind], [name]);
"""
_BY_MEETING = "CREATE INDEX [idx_votes_meeting] ON [votes] ([meeting_id])"
# Those that the sums of people and entities use.
_BY_PERSON = """
CREATE INDEX [idx_meeting_members_person] ON [meeting_members] ([person_id]);
CREATE INDEX [idx_vote_members_person] ON [vote_members] ([person_id]);
CREATE INDEX [idx_votes_motion_by] ON [votes] ([motion_by_id]);
CREATE INDEX [idx_votes_seconded_by] ON [votes] ([seconded_by_id]);
CREATE INDEX [idx_page_entities_entity] ON [page_entities] ([entity_id]);
"""
_FTS = """
CREATE VIRTUAL TABLE [votes_fts] USING FTS5 ([topic], [section], [raw_text], content=[votes]);
INSERT INTO [votes_fts] (rowid, [topic], [section], [raw_text])
SELECT rowid, [topic], [section], [raw_text] FROM [votes];
"""
_VIEWS = """
CREATE VIEW [motions] AS
SELECT v.id, v.date, v.meeting, v.page, v.item, v.topic, v.kind, coalesce(mover.name, v.motion_by) AS mover,
    coalesce(seconder.name, v.seconded_by) AS seconder, v.result, v.ayes, v.nays, v.abstain, v.absent, v.recused,
    v.confidence, v.motion_by_id, v.seconded_by_id, v.meeting_id, v.page_id
FROM votes AS v
LEFT JOIN people AS mover ON mover.id = v.motion_by_id
LEFT JOIN people AS seconder ON seconder.id = v.seconded_by_id;

CREATE VIEW [person_votes] AS
SELECT p.name AS person, v.date, v.meeting, v.page, v.item, v.topic, m.vote, m.basis, v.result, v.ayes, v.nays,
    v.confidence, m.name AS printed, p.id AS person_id, v.id AS vote_id, v.meeting_id, v.page_id
FROM vote_members AS m JOIN people AS p ON p.id = m.person_id JOIN votes AS v ON v.id = m.vote_id;

CREATE VIEW [split_votes] AS
SELECT v.date, v.meeting, v.page, v.item, v.topic, v.result, v.ayes, v.nays, v.abstain, v.recused,
    (SELECT group_concat(coalesce(p.name, m.name), ', ') FROM vote_members AS m LEFT JOIN people AS p
        ON p.id = m.person_id WHERE m.vote_id = v.id AND m.vote = 'nay') AS against,
    v.confidence, v.id AS vote_id, v.meeting_id, v.page_id
FROM votes AS v
WHERE v.nays > 0 OR EXISTS (SELECT 1 FROM vote_members AS m WHERE m.vote_id = v.id AND m.vote = 'nay');

CREATE VIEW [measure_votes] AS
SELECT r.kind AS measure, r.number, v.date, v.meeting, v.page, v.item, v.topic, v.kind, v.result, v.ayes, v.nays,
    v.confidence, v.id AS vote_id, v.meeting_id, v.page_id
FROM vote_measures AS r JOIN votes AS v ON v.id = r.vote_id;

CREATE VIEW [moves_with] AS
SELECT mover.name AS mover, seconder.name AS seconder, count(*) AS motions, sum(v.result = 'passed') AS passed,
    min(v.date) AS first_date, max(v.date) AS last_date, mover.id AS mover_id, seconder.id AS seconder_id
FROM votes AS v
JOIN people AS mover ON mover.id = v.motion_by_id JOIN people AS seconder ON seconder.id = v.seconded_by_id
GROUP BY mover.id, seconder.id;

CREATE VIEW [attendance] AS
SELECT coalesce(p.name, a.name) AS person, m.date, m.meeting, a.status, a.role, a.arrived_at, a.left_at, a.page,
    a.name AS printed, a.person_id, m.id AS meeting_id
FROM meeting_members AS a JOIN meetings AS m ON m.id = a.meeting_id LEFT JOIN people AS p ON p.id = a.person_id
WHERE a.seated;

CREATE VIEW [organisation_pages] AS
SELECT e.name AS organisation, d.kind, d.meeting, d.date, n.page, n.mentions, n.confidence, n.text AS printed,
    e.id AS entity_id, n.page_id, n.document_id
FROM entities AS e JOIN page_entities AS n ON n.entity_id = e.id JOIN documents AS d ON d.id = n.document_id
WHERE e.kind = 'organisation';
"""


def create_detail_tables(connection: sqlite3.Connection) -> None:
    """The tables, empty, without the indexes that `index_meetings`, `index_people` and `create_detail_indexes` make."""
    connection.executescript(_TABLES)


def index_meetings(connection: sqlite3.Connection) -> None:
    """The index by which the votes of one meeting are found."""
    connection.execute(_BY_MEETING)


def index_people(connection: sqlite3.Connection) -> None:
    """The indexes by which all that one person did is found."""
    connection.executescript("BEGIN;" + _BY_PERSON + "COMMIT;")


def create_detail_indexes(connection: sqlite3.Connection) -> None:
    """The other indexes, the full-text index of votes, and the views."""
    connection.executescript("BEGIN;" + _INDEXES + _FTS + _VIEWS + "COMMIT;")
