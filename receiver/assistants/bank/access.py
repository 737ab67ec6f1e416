"""The access token of who talks: what their client brought, or what the deployer keeps for them."""

from __future__ import annotations

from protocol.errors import BankUnavailable
from receiver.assistants.assistant import Context
from receiver.bank.secret import BankToken
from receiver.secrets.secret_store import SecretStore

SERVICE = "bank"

NO_BANK = "I am sorry, no bank is set up here."
NEEDS_ACCESS = (
    "I need a personal access token of your bank for that, and I have none. Please enter one in the app that you use "
    "to talk to me, or ask whoever runs this service to store one for you."
)


async def find_token(context: Context, secrets: SecretStore | None) -> BankToken | None:
    """Raises `BankUnauthorized` for what cannot be a token, and what the store raises."""
    brought = context.credentials.get(SERVICE)
    if brought is None and secrets is not None and context.user:
        brought = await secrets.find(SERVICE, context.user)
    if brought is None or not brought.get_secret_value().strip():
        return None
    return BankToken(brought.get_secret_value())


async def need_token(context: Context, secrets: SecretStore | None) -> BankToken:
    """For what is done later: who has hung up may come back, with their token. Raises `BankUnavailable` then."""
    token = await find_token(context, secrets)
    if token is None:
        raise BankUnavailable("Your bank needs your access token for that; please come back with it.")
    return token
