"""Published keys: fetched once, kept while the provider is away, and no way to make the relay fetch them in a loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import jwt
import pytest
from jwt.algorithms import RSAAlgorithm

from protocol.errors import IdentityUnavailable, Unauthorized
from relay import jwks
from relay.identity import Authenticator, TokenCheck, make_authenticator
from relay.jwks import LIFETIME_SECONDS, PAUSE_SECONDS, RETRY_SECONDS, STALE_SECONDS, PublishedKeys
from relay.settings import RelaySettings
from tests.tokens import AUDIENCE, ISSUER, KeyServer, SigningKey, ec_key, ed_key, hmac_with, rsa_key, unsigned


@pytest.fixture
async def keys() -> AsyncIterator[KeyServer]:
    async with KeyServer(rsa_key(), ec_key(), ed_key()) as running:
        yield running


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(keys: KeyServer, clock: Clock) -> Authenticator:
    return TokenCheck(PublishedKeys(keys.url, clock), AUDIENCE, ISSUER)


async def refused(door: Authenticator, shown: str) -> None:
    with pytest.raises(Unauthorized):
        await door.identify(shown)


async def unavailable(door: Authenticator, shown: str) -> None:
    with pytest.raises(IdentityUnavailable) as caught:
        await door.identify(shown)
    assert caught.value.retryable


async def user_of(door: Authenticator, key: SigningKey, **claims: Any) -> str | None:
    return (await door.identify(key.token("ann", **claims))).user


# Which keys are taken


@pytest.mark.parametrize(
    "key",
    [
        rsa_key(),
        rsa_key("rsa-2", "RS512"),
        rsa_key("rsa-3", "PS256"),
        ec_key(),
        ec_key("ec-2", "ES384"),
        ec_key("ec-3", "ES512"),
        ed_key(),
    ],
    ids=lambda key: key.algorithm,
)
async def test_each_kind_of_public_key_lets_its_own_tokens_in(keys: KeyServer, key: SigningKey) -> None:
    keys.publish(rsa_key("another"), key)
    settings = RelaySettings(auth="jwt", jwt_jwks_url=keys.url, jwt_audience=AUDIENCE, jwt_issuer=ISSUER)
    assert await user_of(make_authenticator(settings), key) == "ann"


async def test_a_public_key_is_never_taken_for_a_secret(door: Authenticator, keys: KeyServer) -> None:
    """The oldest trick: what is published signs a token of HS256."""
    key = rsa_key()
    jwk = json.dumps(key.jwk()).encode()
    for secret in (key.pem, key.pem.strip(), key.der, jwk, keys.body, key.jwk()["n"].encode(), b""):
        await refused(door, hmac_with(secret, "ann", headers={"kid": key.kid}))
        await refused(door, hmac_with(secret, "ann", headers={"kid": key.kid, "alg": "RS256"}))
    await refused(door, unsigned("ann", audience=AUDIENCE, issuer=ISSUER))
    assert keys.requests <= 1


async def test_a_secret_in_a_key_set_opens_nothing(door: Authenticator, keys: KeyServer) -> None:
    secret = b"published, so everybody's: 32 bytes"
    oct_key = {"kty": "oct", "kid": "oct-1", "k": jwt.utils.base64url_encode(secret).decode()}
    keys.body = json.dumps({"keys": [oct_key, {**oct_key, "alg": "RS256"}, rsa_key().jwk()]}).encode()
    assert await user_of(door, rsa_key()) == "ann"
    for headers in ({"kid": "oct-1"}, {"kid": "oct-1", "alg": "RS256"}, {}):
        await refused(door, hmac_with(secret, "ann", headers=headers))


async def test_a_key_signs_for_its_own_algorithm_alone(door: Authenticator, keys: KeyServer) -> None:
    key = rsa_key()
    assert await user_of(door, key) == "ann"
    for algorithm in ("PS256", "RS384", "RS512"):
        await refused(door, SigningKey(key.kid, algorithm, key.private).token("ann"))


@pytest.mark.parametrize(
    "left_out",
    [
        {"use": "enc"},
        {"use": 7},
        {"key_ops": ["encrypt"]},
        {"key_ops": "verify"},
        {"key_ops": 7},
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "RSA-OAEP"},
        {"alg": ["RS256"]},
        {"kty": "EC"},
        {"kty": None},
        {"n": None},
        {"n": 7},
        {"n": "!"},
        {"e": "AA"},
    ],
    ids=str,
)
async def test_a_key_that_is_for_something_else_or_broken_is_left_out(
    door: Authenticator, keys: KeyServer, left_out: dict[str, Any]
) -> None:
    keys.body = json.dumps({"keys": [rsa_key().jwk(**left_out), None, 7, [], ec_key().jwk()]}).encode()
    await refused(door, rsa_key().token("ann"))
    assert await user_of(door, ec_key()) == "ann"


async def test_a_private_key_that_is_published_is_everybodys(door: Authenticator, keys: KeyServer) -> None:
    private = rsa_key().jwk(key_ops=None) | RSAAlgorithm.to_jwk(rsa_key().private, as_dict=True)
    keys.body = json.dumps({"keys": [{**private, "key_ops": ["sign", "verify"]}, ec_key().jwk()]}).encode()
    await refused(door, rsa_key().token("ann"))
    assert await user_of(door, ec_key()) == "ann"


async def test_tokens_that_no_key_could_have_signed_fetch_none(door: Authenticator, keys: KeyServer) -> None:
    for wrong in ("rubbish", unsigned("ann"), hmac_with(b"x" * 32, "ann"), "x" * 9000):
        await refused(door, wrong)
    assert keys.requests == 0


async def test_a_key_that_is_too_short_opens_nothing(door: Authenticator, keys: KeyServer) -> None:
    short = rsa_key("short", bits=1024)
    keys.publish(short, ec_key())
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        shown = short.token("ann")
    await refused(door, shown)


async def test_keys_that_name_no_algorithm_and_no_use_are_taken(door: Authenticator, keys: KeyServer) -> None:
    bare = [key.jwk(alg=None, use=None, key_ops=None) for key in (rsa_key(), ec_key(), ed_key())]
    keys.body = json.dumps({"keys": bare}).encode()
    for key in (rsa_key(), ec_key(), ed_key()):
        assert await user_of(door, key) == "ann"


async def test_a_token_that_names_no_key_is_checked_with_the_only_one(
    door: Authenticator, keys: KeyServer, clock: Clock
) -> None:
    def nameless(key: SigningKey) -> str:
        fields = jwt.decode(key.token("ann"), options={"verify_signature": False})
        return jwt.encode(fields, key.private, key.algorithm)

    assert (await door.identify(nameless(rsa_key()))).user == "ann"
    keys.publish(rsa_key(), rsa_key("rsa-0"))
    clock.now += LIFETIME_SECONDS
    await refused(door, nameless(rsa_key()))


async def test_keys_that_a_token_brings_along_are_not_looked_at(door: Authenticator, keys: KeyServer) -> None:
    async with KeyServer(rsa_key("mine")) as evil:
        mine = rsa_key("mine")
        for headers in ({"jwk": mine.jwk()}, {"jku": evil.url}, {"x5u": evil.url, "kid": rsa_key().kid}):
            await refused(door, mine.token("ann", headers=headers))
        assert evil.requests == 0


# How often they are fetched


async def test_keys_are_fetched_once_for_a_hundred_people_at_once(
    door: Authenticator, keys: KeyServer
) -> None:
    keys.open.clear()
    waiting = [asyncio.create_task(door.identify(rsa_key().token(f"user-{n}"))) for n in range(100)]
    while not keys.requests:
        await asyncio.sleep(0)
    keys.open.set()
    found = await asyncio.gather(*waiting)
    assert [identity.user for identity in found] == [f"user-{n}" for n in range(100)]
    assert keys.requests == 1


async def test_forged_key_ids_do_not_make_the_relay_fetch_in_a_loop(
    door: Authenticator, keys: KeyServer, clock: Clock
) -> None:
    await user_of(door, rsa_key())
    clock.now += PAUSE_SECONDS
    for number in range(30):
        await refused(door, rsa_key("rsa-1").token("ann", headers={"kid": f"forged-{number}"}))
        clock.now += 0.1
    assert keys.requests == 2
    assert await user_of(door, rsa_key()) == "ann"


async def test_a_key_that_is_new_lets_its_tokens_in_after_the_pause_at_the_latest(
    door: Authenticator, keys: KeyServer, clock: Clock
) -> None:
    assert await user_of(door, rsa_key()) == "ann"
    new = rsa_key("rsa-new")
    keys.publish(rsa_key(), new)
    clock.now += PAUSE_SECONDS
    assert await user_of(door, new) == "ann"
    assert keys.requests == 2


async def test_a_key_that_was_withdrawn_opens_nothing_after_its_lifetime(
    door: Authenticator, keys: KeyServer, clock: Clock
) -> None:
    assert await user_of(door, rsa_key()) == "ann"
    keys.publish(ec_key())
    clock.now += LIFETIME_SECONDS - 1
    assert await user_of(door, rsa_key()) == "ann"
    clock.now += 1
    await refused(door, rsa_key().token("ann"))
    assert keys.requests == 2


# The provider is away


async def test_while_the_keys_cannot_be_had_nobody_is_called_a_forger(
    door: Authenticator, keys: KeyServer, clock: Clock
) -> None:
    keys.status = 503
    await unavailable(door, rsa_key().token("ann"))
    for _ in range(10):
        await unavailable(door, rsa_key().token("ann"))
    assert keys.requests == 1
    keys.status = 200
    clock.now += RETRY_SECONDS
    assert await user_of(door, rsa_key()) == "ann"
    assert keys.requests == 2


async def test_known_keys_hold_while_the_provider_is_away_but_not_for_ever(
    door: Authenticator, keys: KeyServer, clock: Clock
) -> None:
    assert await user_of(door, rsa_key()) == "ann"
    keys.status = 500
    while clock.now < 1000 + STALE_SECONDS - LIFETIME_SECONDS:
        clock.now += LIFETIME_SECONDS
        assert await user_of(door, rsa_key()) == "ann"
    await unavailable(door, rsa_key("rsa-new").token("ann"))
    await refused(door, SigningKey("rsa-1", "RS256", rsa_key("rsa-new").private).token("ann"))
    clock.now = 1000 + STALE_SECONDS
    await unavailable(door, rsa_key().token("ann"))
    keys.status = 200
    clock.now += RETRY_SECONDS
    assert await user_of(door, rsa_key()) == "ann"


async def test_people_with_known_keys_do_not_wait_for_a_slow_provider(
    door: Authenticator, keys: KeyServer, clock: Clock
) -> None:
    await user_of(door, rsa_key())
    clock.now += LIFETIME_SECONDS
    keys.open.clear()
    first = asyncio.create_task(door.identify(rsa_key().token("ann")))
    while keys.requests < 2:
        await asyncio.sleep(0)
    async with asyncio.timeout(30):
        assert await user_of(door, rsa_key()) == "ann"
    assert not first.done()
    keys.open.set()
    assert (await first).user == "ann"


async def test_a_provider_that_does_not_answer_is_waited_for_so_long_and_no_longer(
    door: Authenticator, keys: KeyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jwks, "FETCH_SECONDS", 0.05)
    keys.open.clear()
    async with asyncio.timeout(30):
        await unavailable(door, rsa_key().token("ann"))


async def test_nobody_there_at_all_is_unavailable() -> None:
    async with KeyServer(rsa_key()) as gone:
        url = gone.url
    await unavailable(TokenCheck(PublishedKeys(url), AUDIENCE, ISSUER), rsa_key().token("ann"))


async def test_one_who_leaves_while_keys_are_fetched_takes_nobody_along(
    door: Authenticator, keys: KeyServer
) -> None:
    keys.open.clear()
    first, second = (asyncio.create_task(door.identify(rsa_key().token("ann"))) for _ in range(2))
    while not keys.requests:
        await asyncio.sleep(0)
    first.cancel()
    keys.open.set()
    assert (await second).user == "ann"
    assert first.cancelled()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b"null",
        b'{"keys": {}}',
        b'{"keys": []}',
        b'{"keys": [1]}',
        b"[" * 50_000,
        json.dumps({"keys": [rsa_key().jwk()], "x": "x" * jwks.MAX_BYTES}).encode(),
        json.dumps({"keys": [rsa_key().jwk(kid=f"{n}") for n in range(jwks.MAX_KEYS + 1)]}).encode(),
    ],
    ids=lambda body: str(body[:12]),
)
async def test_what_is_no_key_set_leaves_the_known_keys_as_they_are(
    door: Authenticator, keys: KeyServer, clock: Clock, body: bytes
) -> None:
    assert await user_of(door, rsa_key()) == "ann"
    good, keys.body = keys.body, body
    clock.now += LIFETIME_SECONDS
    assert await user_of(door, rsa_key()) == "ann"
    assert keys.requests == 2
    await unavailable(door, rsa_key("rsa-new").token("ann"))
    keys.body = good
    clock.now += RETRY_SECONDS
    await refused(door, rsa_key("rsa-new").token("ann"))


async def test_a_redirect_is_not_followed(door: Authenticator, keys: KeyServer) -> None:
    async with KeyServer(rsa_key("mine")) as evil:
        keys.status, keys.headers = 302, {"Location": evil.url}
        await unavailable(door, rsa_key("mine").token("ann"))
        assert evil.requests == 0
