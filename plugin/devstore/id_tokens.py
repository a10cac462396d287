"""ID tokens as App Bridge hands them out: HS256 under the client secret, alive for a minute."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import jwt

from plugin.devstore.deployment import Deployment

LIFETIME = timedelta(seconds=60)
STAFF_USER_ID = 7_304_000_000_901


def mint(deployment: Deployment, domain: str, now: datetime) -> str:
    """Make a token for the sample merchant, with every claim that Shopify's has."""
    issued = int(now.timestamp())
    claims = {
        "iss": f"https://{domain}/admin",
        "dest": f"https://{domain}",
        "aud": deployment.api_key,
        "sub": str(STAFF_USER_ID),
        "exp": issued + int(LIFETIME.total_seconds()),
        "nbf": issued,
        "iat": issued,
        "jti": str(uuid.uuid4()),
        "sid": str(uuid.uuid4()),
        "sig": uuid.uuid4().hex,
    }
    return jwt.encode(claims, deployment.secret, algorithm="HS256")


def is_fresh(token: str, deployment: Deployment, domain: str, now: datetime) -> bool:
    """Whether we issued this token for this shop, and it is still alive by the store's clock."""
    try:
        claims = jwt.decode(
            token,
            deployment.secret,
            algorithms=["HS256"],
            audience=deployment.api_key,
            options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
        )
    except jwt.InvalidTokenError:
        return False
    return bool(claims["dest"] == f"https://{domain}" and claims["nbf"] <= now.timestamp() < claims["exp"])
