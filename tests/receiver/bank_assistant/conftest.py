from tests.emulators.up_bank_fixtures import bank_client, sam, up_bank

__all__ = ["bank_client", "sam", "up_bank"]
