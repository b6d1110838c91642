"""The index of words: what it finds is what a look at every text finds, and it is kept with what it is of."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import Connection, select, text, update

from db import schema, word_index
from db.session import Ground
from db.tables import articles, attempts
from db.word_search import holds_all
from tests.db.samples import opened, stored_article, stored_delivery

TEXTS = (
    "Bread from five.",
    "Frisches BROT über die Brücke",
    "u\u0308ber Bru\u0308cken",  # letter and mark apart
    "東京タワー、今夜は青",
    "今夜の東京",
    "台東京成線",
    "ΟΔΟΣ και οδος",
    'He said "no", 100 % sure; it_is <b>',
    "IJ",
    "x",
    "C++ and 🎈 at 8",
    "Kelvin K, ſtraße, STRASSE",
)
ASKED = (
    "bread", "BREAD five", "brot", "ÜBER", "brücke", "Brücken", "東京", "京", "東京タワー", "夜", "今夜 東京", "οδος", "Σ",
    '"no"', '""', "%", "100 %", "it_is", "_", "<b>", "ij", "x", "c++", "+", "🎈", "8", "k", "ß", "straße", "ſ", "five. bread",
    "nobody", "zz", "é", "d f", "'", "--", "NOT", "a OR", "*", "br*", "text:", "(",
)  # fmt: skip


def _stored(tx: Connection) -> None:
    story = stored_article(tx)
    for n, words in enumerate(TEXTS):
        opened(tx, stored_delivery(tx, story.id, purpose=f"again-{n}"), text=words)


def _by_reading(tx: Connection, words: str) -> list[int]:
    return list(tx.execute(select(attempts.c.id).where(holds_all(attempts.c.text, words)).order_by("id")).scalars())


def _by_index(tx: Connection, words: str) -> list[int] | None:
    condition = word_index.holding(tx, attempts.c.text, words, 100)
    if condition is None:
        return None
    return list(tx.execute(select(attempts.c.id).where(condition).order_by("id")).scalars())


def _headlines(tx: Connection, words: str) -> list[int]:
    condition = word_index.holding(tx, articles.c.headline, words, 100)
    assert condition is not None
    return list(tx.execute(select(articles.c.id).where(condition)).scalars())


def test_the_index_finds_what_a_look_at_every_text_finds(ground: Ground) -> None:
    with ground.transaction() as tx:
        _stored(tx)
        served = set()
        for words in ASKED:
            found = _by_index(tx, words)
            if found is not None:
                assert found == _by_reading(tx, words), words
                served.add(words)
        short = {words for words in ASKED if all(len(word) < 3 for word in words.split())}
        assert short & served if ground.is_sqlite else not short & served
        assert {"bread", "brot", "BREAD five", "straße"} <= served


def test_a_short_word_is_found_wherever_in_a_text_it_stands(sqlite_ground: Ground) -> None:
    with sqlite_ground.transaction() as tx:
        _stored(tx)
        assert [TEXTS[number - 1] for number in _by_index(tx, "東京") or ()] == [*TEXTS[3:6]]
        assert [TEXTS[number - 1] for number in _by_index(tx, "IJ") or ()] == ["IJ"]


def test_sqlite_keeps_every_letter_of_the_world_as_a_search_for_it_expects() -> None:
    letters = [letter for letter in map(chr, range(0x20, 0x11000)) if letter.isalpha()]
    with closing(sqlite3.connect(":memory:")) as tx:
        tx.execute(f"CREATE VIRTUAL TABLE words USING fts5(said, {word_index.HOW_KEPT})")
        tx.execute("CREATE VIRTUAL TABLE vocab USING fts5vocab('words', 'instance')")
        tx.executemany("INSERT INTO words(rowid, said) VALUES (?, ? || char(10, 10))", enumerate(letters))
        kept = {doc: term[0] for term, doc in tx.execute("SELECT term, doc FROM vocab") if term.endswith("\n\n")}
    assert len(kept) == len(letters) > 50_000
    for number, letter in enumerate(letters):
        assert kept[number] in set(word_index.as_kept(letter)), letter


def test_more_hits_than_asked_for_are_not_told(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = stored_article(tx)
        for n in range(4):
            opened(tx, stored_delivery(tx, story.id, purpose=f"again-{n}"), text=f"Bread {n}")
        if ground.is_sqlite:
            assert word_index.holding(tx, attempts.c.text, "bread", 3) is None
            assert word_index.holding(tx, attempts.c.text, "re", 3) is None
        assert len(_by_index(tx, "bread") or ()) == 4


def test_a_headline_is_found_by_its_newest_words_alone(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = stored_article(tx)
        tx.execute(update(articles).values(headline="The bridge is closed"))
        assert _headlines(tx, "bridge") == [story.id]
        assert _headlines(tx, "bakery") == []


def test_a_headline_that_is_gone_is_not_found(sqlite_ground: Ground) -> None:
    with sqlite_ground.transaction() as tx:
        stored_article(tx)
        tx.exec_driver_sql("DELETE FROM revisions")
        tx.execute(articles.delete())
        assert _headlines(tx, "bakery") == []
        assert tx.exec_driver_sql("SELECT count(*) FROM articles_words_vocab").scalar() == 0


def test_an_index_that_was_not_kept_for_a_while_is_made_anew_by_an_upgrade(sqlite_ground: Ground) -> None:
    with sqlite_ground.transaction() as tx:
        tx.exec_driver_sql("DROP TRIGGER attempts_words_insert")
        _stored(tx)
        assert _by_index(tx, "bread") == []
    schema.upgrade(sqlite_ground)
    with sqlite_ground.reading() as tx:
        assert _by_index(tx, "bread") == _by_reading(tx, "bread")


def test_a_database_without_the_index_gets_it_with_all_its_words_by_an_upgrade(own_ground: Ground) -> None:
    with own_ground.transaction() as tx:
        for table in word_index.INDEXED:
            if own_ground.is_sqlite:
                for verb in ("insert", "update", "delete"):
                    tx.exec_driver_sql(f"DROP TRIGGER {table}_words_{verb}")
                tx.exec_driver_sql(f"DROP TABLE {table}_words_vocab")
                tx.exec_driver_sql(f"DROP TABLE {table}_words")
            else:
                tx.exec_driver_sql(f"DROP INDEX ix_{table}_words")
        _stored(tx)
        assert _by_index(tx, "bread") is None
    schema.upgrade(own_ground)
    with own_ground.reading() as tx:
        assert _by_index(tx, "bread") == _by_reading(tx, "bread") != []


def test_a_server_that_gives_no_pg_trgm_has_all_the_tables_without_the_index(
    postgres_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres_ground.transaction() as tx:
        tx.exec_driver_sql("DROP EXTENSION pg_trgm CASCADE")
        tx.exec_driver_sql("CREATE ROLE guest_of_the_words")
        tx.exec_driver_sql("GRANT ALL ON ALL TABLES IN SCHEMA public TO guest_of_the_words")
        tx.exec_driver_sql("SET LOCAL ROLE guest_of_the_words")
        word_index.lay(tx)
        assert word_index.holding(tx, attempts.c.text, "bread", 9) is None
        assert tx.execute(text("SELECT count(*) FROM attempts")).scalar() == 0


def test_a_sqlite_that_cannot_write_the_index_stops_before_anything_is_sent(
    sqlite_ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_index, "_MODULES", "SELECT 1 FROM pragma_module_list WHERE name = 'fts6'")
    with pytest.raises(schema.SchemaProblem, match="SQLite of this Python lacks FTS5"):
        schema.create_or_check(sqlite_ground)
