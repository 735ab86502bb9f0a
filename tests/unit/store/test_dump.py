"""Reading mysqldump texts: data in, data out, nothing run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import StoreError
from core.store.rocks_import.dump import read_dump

TABLE = "CREATE TABLE `nodes` (`ID` int(11) NOT NULL auto_increment, `Name` varchar(128), PRIMARY KEY (`ID`));\n"


def rows_of(text: str, table: str = "nodes") -> list[dict[str, str | None]]:
    (tables,) = read_dump(text, "sample").values()
    return tables[table]


def quoted(text: str) -> str:
    """A text as mysqldump writes it."""
    for plain, escaped in (
        ("\\", "\\\\"),
        ("'", "\\'"),
        ("\n", "\\n"),
        ("\r", "\\r"),
        ("\0", "\\0"),
        ("\x1a", "\\Z"),
    ):
        text = text.replace(plain, escaped)
    return f"'{text}'"


@given(st.lists(st.one_of(st.none(), st.text()), min_size=1))
def test_every_text_comes_back(texts: list[str | None]) -> None:
    values = ",".join(f"({number},{'NULL' if text is None else quoted(text)})" for number, text in enumerate(texts))
    rows = rows_of(f"{TABLE}INSERT INTO `nodes` VALUES {values};\n")
    assert [row["name"] for row in rows] == texts
    assert [row["id"] for row in rows] == [str(number) for number in range(len(texts))]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("'it''s'", "it's"),
        (r"'a\'b\"c'", "a'b\"c"),
        (r"'50\%'", "50%"),
        ("'); DROP TABLE nodes; --'", "); DROP TABLE nodes; --"),
        ("_binary 'x'", "x"),
        ("_utf8mb4'x'", "x"),
        ("0x636f6d70757465", "compute"),
        ("X'636F'", "co"),
        ("b'101'", "5"),
        ("b'0'", "0"),
        ("-3", "-3"),
        ("1.5e3", "1.5e3"),
        ('"double"', "double"),
        ("TRUE", "1"),
    ],
)
def test_ways_to_write_a_value(written: str, read: str) -> None:
    assert rows_of(f"{TABLE}INSERT INTO nodes VALUES (1,{written});")[0]["name"] == read


def test_columns_may_be_named_and_in_any_order() -> None:
    rows = rows_of(
        f"{TABLE}INSERT INTO `nodes` (`Name`, `ID`) VALUES ('a',1),('b',2);REPLACE INTO nodes VALUES (3,'c');"
    )
    assert [(row["id"], row["name"]) for row in rows] == [("1", "a"), ("2", "b"), ("3", "c")]


def test_keys_and_constraints_are_no_columns() -> None:
    text = (
        "CREATE TABLE IF NOT EXISTS t (a enum('x,y','KEY') DEFAULT 'x,y', `key` decimal(10,2), KEY k (a),"
        " CONSTRAINT c FOREIGN KEY (a) REFERENCES u (b), UNIQUE KEY q (a, `key`)) ENGINE=InnoDB COMMENT='a ; b';\n"
        "INSERT INTO t VALUES ('x,y',1.50);"
    )
    assert rows_of(text, "t") == [{"a": "x,y", "key": "1.50"}]


def test_noise_around_the_rows() -> None:
    noise = (
        "-- MySQL dump 10.13  Distrib 5.0.45, it's old\n"
        "/*M!999999\\- enable the sandbox mode */ \n"
        "/*!40101 SET NAMES utf8 */;\n# another comment; with 'quotes\n"
        "SET @saved = @@character_set_client;\nDROP TABLE IF EXISTS `nodes`;\nLOCK TABLES `nodes` WRITE;\n"
    )
    trigger = (
        "DELIMITER ;;\nCREATE TRIGGER t BEFORE INSERT ON nodes FOR EACH ROW BEGIN SET @a = 1; END ;;\nDELIMITER ;\n"
    )
    text = f"{noise}{TABLE}{trigger}INSERT INTO `nodes` VALUES (1,'a');\nUNLOCK TABLES;\n-- Dump completed\n"
    assert rows_of(text) == [{"id": "1", "name": "a"}]


def test_the_database_of_a_dump_of_all() -> None:
    text = (
        f"USE `mysql`;\n{TABLE}INSERT INTO nodes VALUES (9,'wrong');\n"
        f"CREATE DATABASE `cluster`;\nUSE `cluster`;\n{TABLE}INSERT INTO nodes VALUES (1,'right');"
    )
    found = read_dump(text, "sample")
    assert found["cluster"]["nodes"] == [{"id": "1", "name": "right"}]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"{TABLE}INSERT INTO nodes VALUES (1,'a'),(2,", "ends in the middle of a statement"),
        (f"{TABLE}INSERT INTO nodes VALUES (1,'a'),(2,'b", "line 2: a quotation mark is never closed"),
        (f"{TABLE}INSERT INTO nodes VALUES (1,'a',3);", "3 values for the 2 columns of nodes"),
        (f"{TABLE}INSERT INTO nodes VALUES (1,SLEEP(9));", "'SLEEP' is not a value"),
        ("INSERT INTO nodes VALUES (1,'a');", "its CREATE TABLE is missing"),
        (f"{TABLE}INSERT INTO nodes SELECT * FROM others;", "cannot read this INSERT into nodes"),
    ],
)
def test_what_cannot_be_read_says_where(text: str, why: str) -> None:
    with pytest.raises(StoreError, match=why.replace("(", r"\(")):
        read_dump(text, "sample")
