from tests.emulators.model_fixtures import bare_aws, bare_keys, model, model_server, provider

__all__ = ["bare_aws", "bare_keys", "model", "model_server", "provider"]
