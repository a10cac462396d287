"""Configuration: read from the environment once, at the start, and refused there when unfit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from plugin.errors import Misconfigured

APP_BRIDGE_URL = "https://cdn.shopify.com/shopifycloud/app-bridge.js"
DEVELOPMENT_SECRET = "development-only-" + "0" * 32
LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1", None)
_WEAK = ("secret", "changeme", "password", "development", "example")
_SECRET_LENGTH_MIN = 32
_SECRET_LETTERS_MIN = 10


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment decides.

    `shopify_api_secrets` and `secret_keys` hold the current one first, then the previous one while rotating.
    """

    env: str
    database_url: str
    shopify_api_key: str
    shopify_api_secrets: tuple[str, ...]
    secret_keys: tuple[str, ...]
    public_url: str
    runs_worker: bool = True
    app_bridge_url: str = APP_BRIDGE_URL
    frame_origins: tuple[str, ...] = ()
    shop_origin: str = "shopify"

    @property
    def is_production(self) -> bool:
        """Whether real merchants may depend on this process."""
        return self.env == "production"


def from_env(environ: Mapping[str, str]) -> Settings:
    """Read and check the settings.

    Raises:
        Misconfigured: one sentence for each unfit or missing variable.
    """
    env = environ.get("LAUREL_ENV", "development")
    settings = Settings(
        env=env,
        database_url=environ.get("DATABASE_URL", "sqlite:///laurel.db"),
        shopify_api_key=environ.get("SHOPIFY_API_KEY", "" if env == "production" else "development-key"),
        shopify_api_secrets=_secrets(environ, "SHOPIFY_API_SECRET", "" if env == "production" else DEVELOPMENT_SECRET),
        secret_keys=_secrets(environ, "LAUREL_SECRET_KEY", "" if env == "production" else DEVELOPMENT_SECRET),
        public_url=environ.get("LAUREL_PUBLIC_URL", "" if env == "production" else "http://127.0.0.1:8000").rstrip("/"),
        runs_worker=environ.get("LAUREL_WORKER", "1") != "0",
    )
    if faults := _faults(settings):
        raise Misconfigured(faults)
    return settings


def _secrets(environ: Mapping[str, str], name: str, default: str) -> tuple[str, ...]:
    current = environ.get(name, default)
    previous = environ.get(f"{name}_PREVIOUS", "")
    return tuple(secret for secret in (current, previous) if secret)


def _faults(settings: Settings) -> dict[str, str]:
    faults: dict[str, str] = {}
    if settings.env not in {"development", "production"}:
        faults["LAUREL_ENV"] = "must be development or production"
    if not settings.is_production:
        return faults | _development_faults(settings)
    if not settings.shopify_api_key:
        faults["SHOPIFY_API_KEY"] = "is missing"
    if fault := _secret_fault(settings.shopify_api_secrets):
        faults["SHOPIFY_API_SECRET"] = fault
    if fault := _secret_fault(settings.secret_keys):
        faults["LAUREL_SECRET_KEY"] = fault
    if urlsplit(settings.public_url).scheme != "https" or not urlsplit(settings.public_url).hostname:
        faults["LAUREL_PUBLIC_URL"] = "must be the https address that Shopify reaches"
    return faults


def _development_faults(settings: Settings) -> dict[str, str]:
    """The secrets that stand in our source are for this machine alone: behind a public address anybody could forge with them."""
    if urlsplit(settings.public_url).hostname in LOCAL_HOSTS:
        return {}
    used = {"SHOPIFY_API_SECRET": settings.shopify_api_secrets, "LAUREL_SECRET_KEY": settings.secret_keys}
    fault = "is the development one, which everybody knows, while LAUREL_PUBLIC_URL is not this machine"
    return {name: fault for name, secrets in used.items() if DEVELOPMENT_SECRET in secrets}


def _secret_fault(secrets: tuple[str, ...]) -> str:
    if not secrets:
        return "is missing"
    if any(_is_weak(secret) for secret in secrets):
        return "is weak: use at least 32 random characters, such as `openssl rand -hex 32` prints"
    return ""


def _is_weak(secret: str) -> bool:
    return (
        len(secret) < _SECRET_LENGTH_MIN
        or len(set(secret)) < _SECRET_LETTERS_MIN
        or any(weak in secret.lower() for weak in _WEAK)
    )
