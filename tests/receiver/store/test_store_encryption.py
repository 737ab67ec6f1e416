"""With a key, nothing that was said can be read in the database; without the right one, nothing starts."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from protocol.errors import SettingsError, StoreUnavailable
from receiver.assistants.assistant import Outgoing
from receiver.store import Sharing, StoredSummary, personal_data
from receiver.store.encryption import TextCipher, parse_keys
from receiver.store.sql_store import SqlStore
from tests.receiver.stored import NOW, TODAY, ate, diary, everything_in, item, opened, turn

SECRET = "xylophone"
SHARING = Sharing("common", lambda kept, _: kept, lambda _: None)
ONE, TWO = (Fernet.generate_key().decode() for _ in range(2))


async def tell(store: SqlStore, session: str = "s-1") -> None:
    """The secret as a name, a food, words, an answer, a note of the assistant's, and in all that goes beside turns."""
    snapshot = await opened(
        store, session, name=SECRET, greeting=f"Hello {SECRET}!", user="ann",
        sharing={"diet": SHARING}, state={"common": SECRET},
    )  # fmt: skip
    days = snapshot.state["diary"]["days"]
    number = snapshot.state["diary"]["next_item"]
    found = [*days.get(TODAY, []), item(number, SECRET)]
    state = {"note": SECRET, "diary": diary({TODAY: found}, next_item=number + 1)}
    outgoing = [Outgoing({"word": SECRET}, f"{SECRET}-{session}")]
    write = turn(snapshot, 1, f"some {SECRET}", state=state, outgoing=outgoing)
    assert await store.commit_turn(write) is not None
    await store.keep_summary(session, StoredSummary(2, f'{{"text":"{SECRET}"}}'), NOW)


async def check(store: SqlStore, session: str = "s-1") -> None:
    snapshot = await store.read_session(session, SHARING)
    assert (snapshot.name, snapshot.state["note"], snapshot.state["common"]) == (SECRET, SECRET, SECRET)
    assert await store.read_summary(session) == StoredSummary(2, f'{{"text":"{SECRET}"}}')
    export = await store.export_user("ann")
    assert export is not None
    assert {row["body"]["word"] for row in export.outgoing} == {SECRET}
    assert snapshot.state["diary"]["days"][TODAY][0]["food"] == SECRET
    greeting, first = await store.read_history(session, 5)
    assert (greeting.answer, first.text, first.answer) == (
        f"Hello {SECRET}!", f"some {SECRET}", f"You said: some {SECRET}",
    )  # fmt: skip


async def test_nothing_that_was_said_can_be_read_in_the_database(database: str) -> None:
    store = await SqlStore.open(database, encryption_key=ONE)
    await tell(store)
    await check(store)
    # While it runs, so that the journal is looked at too.
    assert SECRET not in await everything_in(database)
    await store.close()
    assert SECRET not in await everything_in(database)


async def test_without_a_key_it_is_readable_and_the_test_above_can_fail(database: str) -> None:
    store = await SqlStore.open(database)
    await tell(store)
    assert SECRET in await everything_in(database)
    await store.close()


@pytest.mark.parametrize(
    ("key", "expected"),
    [(None, "is encrypted; set the key"), (TWO, "under another key; add that one behind a comma")],
    ids=["missing", "wrong"],
)
async def test_a_wrong_or_missing_key_stops_the_start(database: str, key: str | None, expected: str) -> None:
    await (await SqlStore.open(database, encryption_key=ONE)).close()
    with pytest.raises(SettingsError, match=rf"^RECEIVER_ENCRYPTION_KEY: .*{expected}"):
        await SqlStore.open(database, encryption_key=key)


async def test_a_key_can_be_replaced_and_the_old_one_is_needed_as_long_as_it_is_used(database: str) -> None:
    store = await SqlStore.open(database, encryption_key=ONE)
    await tell(store)
    await store.close()

    store = await SqlStore.open(database, encryption_key=f"{TWO}, {ONE}")
    await check(store)
    await tell(store, "s-2")
    await store.close()
    for key in (ONE, TWO):
        with pytest.raises(SettingsError):
            await SqlStore.open(database, encryption_key=key)

    store = await SqlStore.open(database, encryption_key=f"{TWO},{ONE}")
    assert await store.encrypt_all() > 0
    await store.close()
    store = await SqlStore.open(database, encryption_key=TWO)
    await check(store)
    await check(store, "s-2")
    await store.close()


async def test_a_plain_database_is_encrypted_from_then_on_and_wholly_when_asked(database: str) -> None:
    store = await SqlStore.open(database)
    await tell(store)
    await store.close()

    store = await SqlStore.open(database, encryption_key=ONE)
    await check(store)
    assert SECRET in await everything_in(database)
    await store.encrypt_all()
    await check(store)
    assert SECRET not in await everything_in(database)
    await store.close()


async def test_a_text_under_a_key_that_came_later_is_no_answer_but_an_error(database: str) -> None:
    old = await SqlStore.open(database)
    await ate(old, await opened(old), diary({TODAY: [item(1)]}, next_item=2))
    new = await SqlStore.open(database, encryption_key=ONE)
    await tell(new, "s-2")
    with pytest.raises(StoreUnavailable):
        await old.read_session("s-2")
    assert (await old.read_session("s-1")).next_turn == 2
    await old.close()
    await new.close()


def test_what_is_no_key_is_named_without_showing_it() -> None:
    for keys in ("secret", "", ONE[:-4], f"{ONE},", f"{ONE} {TWO}"):
        with pytest.raises(ValueError, match="URL-safe base64") as caught:
            parse_keys(keys)
        assert "secret" not in str(caught.value).removesuffix('F.generate_key().decode())"')
        assert caught.value.__cause__ is None


def test_every_plain_text_survives_beside_encrypted_ones() -> None:
    plain, secret = TextCipher(), TextCipher(ONE)
    for text in ("", "egg", "encrypted:", "encrypted:x", 'json:"a"', "json:", "\x00", "\N{EGG}"):
        assert plain.unseal(plain.seal(text)) == text
        assert secret.unseal(secret.seal(text)) == text
        assert secret.unseal(plain.seal(text)) == text


async def test_more_texts_than_are_held_at_a_time_are_all_encrypted(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(personal_data, "_BATCH", 3)
    store = await SqlStore.open(database)
    for number in range(10):
        await tell(store, f"s-{number}")
    await store.close()
    store = await SqlStore.open(database, encryption_key=ONE)
    # Three messages, a state, an item, a row of the outbox and a summary of each session; and of the one user their
    # name and what the sessions share.
    assert await store.encrypt_all() == 10 * 7 + 2
    assert SECRET not in await everything_in(database)
    await check(store, "s-9")
    await store.close()
