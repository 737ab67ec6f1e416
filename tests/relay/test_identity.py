"""Tokens: who is let in as whom, and that nothing but a valid token of ours lets anybody in."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import MalformedMessage, SettingsError, Unauthorized, UserRefused
from protocol.messages import Id
from relay.identity import (
    ANYBODY,
    LEEWAY_SECONDS,
    MAX_TOKEN_BYTES,
    Authenticator,
    Identity,
    as_named,
    make_authenticator,
    session_token,
)
from relay.settings import RelaySettings
from tests.tokens import AUDIENCE, ISSUER, SECRET, claims_of, hmac_with, token, unsigned

TA = {"audience": AUDIENCE, "issuer": ISSUER}

ENDED = "Your sign-in has ended; please sign in again."
NEEDED = "This relay needs a token; please sign in."


@pytest.fixture
def door() -> Authenticator:
    return make_authenticator(RelaySettings(auth="jwt", jwt_secret=SECRET))


@pytest.fixture
def strict_door() -> Authenticator:
    """That checks who a token is for and from."""
    return make_authenticator(
        RelaySettings(auth="jwt", jwt_secret=SECRET, jwt_audience=AUDIENCE, jwt_issuer=ISSUER)
    )


async def refused(door: Authenticator, shown: str | None) -> Unauthorized:
    with pytest.raises(Unauthorized) as caught:
        await door.identify(shown)
    assert caught.value.message in (Unauthorized.sentence, ENDED, NEEDED)
    assert caught.value.__cause__ is None
    return caught.value


# Whom a token names


async def test_the_user_is_the_subject(door: Authenticator) -> None:
    before = time.time()
    identity = await door.identify(token("ann", email="Ann@Example.org", name="Ann Lee"))
    assert (identity.user, identity.email) == ("ann", "ann@example.org")
    assert identity.expires == pytest.approx(before + 3600, abs=5)
    assert door.required


@pytest.mark.parametrize("auth", [None, "none"])
async def test_without_authentication_everybody_is_nobody_in_particular(auth: Any) -> None:
    door = make_authenticator(RelaySettings(auth=auth))
    assert not door.required
    for shown in (None, "", "rubbish", token("ann")):
        assert await door.identify(shown) == ANYBODY == Identity(None, None, None)


@pytest.mark.parametrize(
    ("claims", "email"),
    [
        ({}, None),
        ({"email": "ann@example.org", "email_verified": True}, "ann@example.org"),
        ({"email": "ann@example.org", "email_verified": "true"}, "ann@example.org"),
        ({"email": "boss@example.org", "email_verified": False}, None),
        ({"email": "boss@example.org", "email_verified": "false"}, None),
        ({"email": ["ann@example.org"]}, None),
        ({"email": "a" * 80 + "@example.org"}, None),
        ({"email": "ann\u0000@example.org\u0007"}, None),
    ],
)
async def test_an_email_address_that_anybody_may_have_typed_is_nobodys(
    door: Authenticator, claims: dict[str, Any], email: str | None
) -> None:
    assert (await door.identify(token("ann", **claims))).email == email


async def test_a_subject_that_is_an_email_address_is_one_user_however_it_is_written(
    door: Authenticator,
) -> None:
    for written in ("ann@example.org", "Ann@Example.ORG"):
        assert (await door.identify(token(written))).user == "ann@example.org"
    assert (await door.identify(token("Ann"))).user == "Ann", "an id is compared as it is"


async def test_letters_that_become_alike_do_not_make_two_people_one(door: Authenticator) -> None:
    kelvin = "an\N{KELVIN SIGN}@example.org"
    assert kelvin.lower() == "ank@example.org"
    assert (await door.identify(token(kelvin))).user == kelvin


@pytest.mark.parametrize(
    "subject",
    [
        None, "", " ", 7, True, ["ann"], {"id": "ann"}, "a" * 81, " ann", "ann ", "ann\n", "a\u0000nn", "an\u200bn",
        "session:s-1", "SESSION:S@1", "\ud800",
    ],
    ids=lambda subject: json.dumps(subject)[:14],
)  # fmt: skip
async def test_a_subject_that_could_be_taken_for_another_is_refused(
    door: Authenticator, subject: Any
) -> None:
    await refused(door, hmac_with(SECRET.encode(), subject, audience=None, issuer=None))


# What is not let in


async def test_no_token_is_told_from_a_wrong_one(door: Authenticator) -> None:
    for nothing in (None, ""):
        assert (await refused(door, nothing)).message == NEEDED
    assert (await refused(door, "wrong")).message == Unauthorized.sentence


async def test_a_forged_signature_is_refused(door: Authenticator) -> None:
    good = token("ann")
    head, _, signature = good.rpartition(".")
    for forged in (
        token("ann", secret="another secret, which is as long as it has to be"),
        f"{head}.",
        head,
        f"{head}.{signature[::-1]}",
        f"{token('bob').rpartition('.')[0]}.{signature}",
        f"{good}.{signature}",
    ):
        await refused(door, forged)
    assert (await door.identify(good)).user == "ann"


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
async def test_no_other_algorithm_is_taken_than_the_one_that_is_set(
    door: Authenticator, algorithm: str
) -> None:
    secret = SECRET * 2
    await refused(door, jwt.encode(claims_of("ann"), secret, algorithm))


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", "", None, 0, ["HS256"], {"a": 1}])
async def test_an_unsigned_token_is_refused_however_it_says_so(door: Authenticator, name: Any) -> None:
    await refused(door, unsigned("ann"))
    signed = hmac_with(SECRET.encode(), "ann", headers={"alg": name}, audience=None, issuer=None)
    await refused(door, signed)
    await refused(door, signed.rpartition(".")[0] + ".")


@pytest.mark.parametrize(
    "headers",
    [
        {"crit": ["exp"], "exp": 1},
        {"crit": ["b64"], "b64": True},
        {"crit": []},
        {"b64": True},
        {"b64": False},
        {"kid": 7},
        {"typ": "logout+jwt"},
        {"typ": "dpop+jwt"},
        {"typ": ["JWT"]},
    ],
    ids=str,
)
async def test_a_header_that_asks_for_more_than_we_do_is_refused(
    door: Authenticator, headers: dict[str, Any]
) -> None:
    await refused(door, hmac_with(SECRET.encode(), "ann", headers=headers, audience=None, issuer=None))


@pytest.mark.parametrize("typ", [None, "JWT", "jwt", "at+jwt", "application/at+JWT"])
async def test_the_types_that_providers_write_are_taken(door: Authenticator, typ: str | None) -> None:
    headers = {"typ": typ}
    shown = hmac_with(SECRET.encode(), "ann", headers=headers, audience=None, issuer=None)
    assert (await door.identify(shown)).user == "ann"


@pytest.mark.parametrize("size", [MAX_TOKEN_BYTES - 2, MAX_TOKEN_BYTES + 200, 1_000_000])
async def test_a_token_may_have_8_kib_at_most(door: Authenticator, size: int) -> None:
    shown = token("ann", padding="x" * (size * 3 // 4 - 130))
    if len(shown) <= MAX_TOKEN_BYTES:
        assert len(shown) > MAX_TOKEN_BYTES - 150
        assert (await door.identify(shown)).user == "ann"
    else:
        await refused(door, shown)


# Since when, and until when


async def test_an_expired_token_says_so(door: Authenticator) -> None:
    assert (await refused(door, token("ann", expires_in=-1))).message == ENDED
    assert (await refused(door, token("ann", expires_in=-3600))).message == ENDED


async def test_a_token_ends_for_the_door_when_it_ends_for_its_connections(door: Authenticator) -> None:
    """Else it would be let in and sent away, over and over."""
    expires = time.time() + 0.5
    shown = token("ann", exp=expires)
    assert (await door.identify(shown)).expires == expires
    while time.time() < expires:
        await asyncio.sleep(0.01)
    await refused(door, shown)


@pytest.mark.parametrize("exp", [None, "soon", True, [1], {}, float("nan"), "99999999999"], ids=str)
async def test_a_token_without_an_end_is_refused(door: Authenticator, exp: Any) -> None:
    await refused(door, hmac_with(SECRET.encode(), "ann", exp=exp, audience=None, issuer=None))


@pytest.mark.parametrize("exp", [10**18, 10**400, 1e300])
async def test_an_end_beyond_all_times_is_a_number_that_a_timer_takes(door: Authenticator, exp: Any) -> None:
    identity = await door.identify(hmac_with(SECRET.encode(), "ann", exp=exp, audience=None, issuer=None))
    assert identity.expires is not None
    assert time.time() < identity.expires < 2**54


@pytest.mark.parametrize("claim", ["nbf", "iat"])
async def test_a_clock_that_is_ahead_of_ours_is_forgiven_half_a_minute(
    door: Authenticator, claim: str
) -> None:
    now = time.time()
    assert (await door.identify(token("ann", **{claim: now + LEEWAY_SECONDS - 5}))).user == "ann"
    await refused(door, token("ann", **{claim: now + LEEWAY_SECONDS + 5}))
    await refused(door, hmac_with(SECRET.encode(), "ann", **{claim: "x"}, audience=None, issuer=None))


# For whom, and from whom


@pytest.mark.parametrize(
    "claims",
    [
        {**TA, "audience": "https://other.example"},
        {**TA, "audience": None},
        {**TA, "audience": []},
        {**TA, "audience": [7]},
        {**TA, "audience": AUDIENCE + "/"},
        {**TA, "issuer": "https://evil.example/"},
        {**TA, "issuer": None},
        {**TA, "issuer": ISSUER.rstrip("/")},
        {**TA, "issuer": [ISSUER]},
    ],
    ids=str,
)
async def test_a_token_for_or_from_somebody_else_is_refused(
    strict_door: Authenticator, claims: dict[str, Any]
) -> None:
    await refused(strict_door, hmac_with(SECRET.encode(), "ann", **claims))
    assert (await strict_door.identify(token("ann", **TA))).user == "ann"
    several = {**TA, "audience": ["https://other.example", AUDIENCE]}
    assert (await strict_door.identify(token("ann", **several))).user == "ann"


async def test_a_token_for_somebody_is_not_for_a_relay_that_does_not_know_its_own_name(
    door: Authenticator,
) -> None:
    await refused(door, token("ann", audience=AUDIENCE))
    assert (await door.identify(token("ann", issuer=ISSUER))).user == "ann"


# Rubbish


@given(st.one_of(st.text(), st.binary().map(lambda data: data.decode("latin-1")), st.from_regex(r"[\w.=-]*")))
async def test_rubbish_is_unauthorized_and_nothing_else(text: str) -> None:
    door = make_authenticator(RelaySettings(auth="jwt", jwt_secret=SECRET))
    with pytest.raises(Unauthorized):
        await door.identify(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from(["alg", "typ", "kid", "crit", "b64", "jwk", "jku", "x5u"]), JSON),
    st.dictionaries(st.sampled_from(["sub", "exp", "nbf", "iat", "aud", "iss", "jti", "email"]), JSON),
)
async def test_whatever_a_signed_token_says_it_is_let_in_or_refused(
    headers: dict[str, Any], claims: dict[str, Any]
) -> None:
    door = make_authenticator(RelaySettings(auth="jwt", jwt_secret=SECRET))
    shown = hmac_with(SECRET.encode(), claims.pop("sub", "ann"), headers=headers, **claims)
    try:
        identity = await door.identify(shown)
    except Unauthorized:
        return
    assert identity.user
    assert identity.user.encode()


@pytest.mark.parametrize("text", ["\ud800", "a.\udfff.b", "é.é.é", "\x00.\x00.\x00", ".", "..", "a.b.c.d"])
async def test_signs_that_no_token_has_are_unauthorized(door: Authenticator, text: str) -> None:
    await refused(door, text)


async def test_a_token_nested_as_deep_as_it_may_be_long_is_unauthorized(door: Authenticator) -> None:
    deep = "[" * 2500 + "]" * 2500
    for head, body in ((f'{{"alg":"HS256","x":{deep}}}', "{}"), ('{"alg":"HS256"}', deep)):
        parts = [jwt.utils.base64url_encode(part.encode()).decode() for part in (head, body, "x")]
        await refused(door, ".".join(parts))


async def test_nothing_of_a_token_is_logged(door: Authenticator, records: list[dict[str, Any]]) -> None:
    await refused(door, token("ann@example.org", expires_in=-5))
    await refused(door, token("ann@example.org", audience="someone"))
    assert [record["reason"] for record in records] == ["expired", "InvalidAudienceError"]
    assert "ann" not in str(records)
    assert "someone" not in str(records)


# Settings that cannot be meant


async def test_a_public_key_is_no_secret() -> None:
    from tests.tokens import rsa_key

    with pytest.raises(SettingsError) as caught:
        make_authenticator(RelaySettings(auth="jwt", jwt_secret=rsa_key().pem.decode()))
    assert caught.value.message.startswith("RELAY_JWT_SECRET is ")
    assert "BEGIN" not in caught.value.message


# Names in the address


def test_nobody_in_particular_is_taken_at_their_word() -> None:
    assert as_named(ANYBODY, " Ann@Example.org ") == Identity(user="ann@example.org")
    assert as_named(ANYBODY, None) == as_named(ANYBODY, " ") == ANYBODY


def test_a_token_names_its_user_and_no_other() -> None:
    ann = Identity("ann", "ann@example.org", 99.0)
    for name in (None, "", "ann", "ann@example.org", "ANN@example.org"):
        assert as_named(ann, name) is ann
    for name in ("bob", "bob@example.org", "Ann", "ann@example.org.evil.example", "a"):
        with pytest.raises(UserRefused):
            as_named(ann, name)
    with pytest.raises(UserRefused):
        as_named(Identity("ann"), "ann@example.org")


@pytest.mark.parametrize("name", ["a" * 81, "ann\x07", "session:s-1", "\ud800", "ann\nlee"])
def test_what_is_no_name_of_a_user_is_malformed(name: str) -> None:
    for identity in (ANYBODY, Identity("ann")):
        with pytest.raises(MalformedMessage):
            as_named(identity, name)


def test_a_session_token_is_the_same_again_and_another_for_each_user_and_kind() -> None:
    from pydantic import TypeAdapter

    made = {
        session_token(kind, session, user)
        for kind in ("diet", "llm", "die")
        for session in ("s-1", "ts-1", "s-1ann")
        for user in (None, "", "ann", "None", "null")
    }
    assert len(made) == 45
    assert session_token("diet", "s-1", "ann") in made
    for shown in made:
        assert TypeAdapter(Id).validate_python(shown) == shown
